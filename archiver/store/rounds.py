"""Crawls that are under way, or were stopped: what they have already is not asked for again.

A round is one crawl of a source from its feeds to its last story. What it has brought is in the
exchanges, from the first id behind `after_id` on: a row that is committed with its record needs no
second list of what is done, which could be wrong. What is not there was not fetched, or was in
flight, and that is the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archiver.errors import DamagedError
from archiver.store import rows
from archiver.store.schema import connect_readonly
from archiver.timestamps import from_iso, iso
from archiver.types import Kind, RecordLocation

FRESH = timedelta(hours=6)  # feeds and the like that are older are asked for again
NOT_FINAL = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a stopped round has brought from a URL."""

    status: int
    kind: Kind
    page: str
    location: RecordLocation


def begin(connection: sqlite3.Connection, source: str, at: datetime) -> None:
    """Begin a round of `source`, unless one was stopped and goes on."""
    connection.execute(
        "INSERT OR IGNORE INTO rounds (source, began_at, after_id)"
        " SELECT ?, ?, coalesce(max(id), 0) FROM exchanges",
        (source, iso(at)),
    )


def end(connection: sqlite3.Connection, source: str) -> None:
    """Say that the round of `source` has come to its end."""
    connection.execute("DELETE FROM rounds WHERE source = ?", (source,))


def carry_over(connection: sqlite3.Connection, held: Sequence[tuple[str, str, int]]) -> None:
    """Put the rounds of an old index into a new one, whose ids are the same."""
    connection.executemany("INSERT OR REPLACE INTO rounds VALUES (?, ?, ?)", held)


class Rounds:
    """Looks up what the open rounds have brought. For one thread at a time."""

    def __init__(self, path: Path, names: Sequence[str] = (), fresh: timedelta = FRESH) -> None:
        """Open the index for reading, which must exist, and answer for the sources `names`.

        Feeds and the like that are older than `fresh` are no answer.
        """
        self._fresh = fresh
        self._connection = connect_readonly(path, any_thread=True)
        self._open = {name: after for name, _, after in self.held() if name in names}

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def held(self) -> list[tuple[str, str, int]]:
        """Return the open rounds: source, when it began, the exchange that it began behind."""
        found = self._connection.execute("SELECT source, began_at, after_id FROM rounds")
        return [tuple(row) for row in found]

    def answer(self, source: str, url: str, now: datetime) -> Answer | None:
        """Return what the stopped round of `source` has from `url`, if it need not be asked again."""
        after = self._open.get(source)
        if after is None:
            return None
        try:
            row = self._connection.execute(
                f"SELECT e.status, e.kind, e.page, e.at, {rows.WHERE} FROM {rows.EXCHANGES}"
                " WHERE e.url = ? AND +e.source = ? AND e.id > ? ORDER BY e.id DESC LIMIT 1",  # by the URL
                (url, source, after),
            ).fetchone()
        except sqlite3.Error as error:
            raise DamagedError(f"the index cannot be read: {error}") from error
        if row is None or row["status"] >= 500 or row["status"] in NOT_FINAL:
            return None
        kind = Kind(row["kind"])
        if kind is not Kind.ARTICLE and from_iso(row["at"]) < now - self._fresh:
            return None
        return Answer(row["status"], kind, row["page"], rows.location(row))
