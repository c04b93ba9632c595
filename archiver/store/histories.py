"""What became of articles over time: their versions and visits, what was edited, removed and restored.

Time here is the time of capture, never the order of indexing: an import may bring older captures later. Answers
are streamed; where SQLite must sort, it sorts rows of a few numbers, on disk where they are many.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.store import rows
from archiver.timestamps import from_iso, iso
from archiver.types import Change, Version, Visit

_BEFORE = "0001", "9999-12-31T23:59:59.999999Z"  # all time
_LEFT = "e.page = 'gone'"
_SHOWN = "e.version IS NOT NULL"
_VISIT = "e.id, e.article_id, e.at, e.url, e.status, e.page, e.version, e.note"


@dataclass(frozen=True, slots=True)
class Span:
    """From `since`, and before `until`; None is open. `source` is a name, or "" for all."""

    since: datetime | None = None
    until: datetime | None = None
    source: str = ""

    def bounds(self) -> tuple[str, str]:
        """Return both ends as rows write them."""
        return (
            iso(self.since) if self.since else _BEFORE[0],
            iso(self.until) if self.until else _BEFORE[1],
        )


class Histories:
    """Reads an open index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use the index's connection."""
        self._connection = connection

    def version(self, article_id: int, number: int) -> Version | None:
        """Return one version of an article."""
        return next(self._versions("v.article_id = ? AND v.number = ?", article_id, number), None)

    def versions(self, article_id: int, *, newest_first: bool = False) -> Iterator[Version]:
        """Yield the versions of an article in the order of their first capture."""
        order = "DESC" if newest_first else "ASC"
        return self._versions(
            f"v.article_id = ? ORDER BY v.first_seen {order}, v.number {order}", article_id
        )

    def _versions(self, where: str, *values: object) -> Iterator[Version]:
        sql = f"SELECT {rows.VERSION} FROM {rows.VERSIONS} WHERE {where}"
        return map(rows.version, self._connection.execute(sql, values))

    def visits(self, article_id: int) -> Iterator[Visit]:
        """Yield the exchanges of an article in the order of their captures."""
        sql = f"SELECT {_VISIT} FROM exchanges e WHERE e.article_id = ? ORDER BY e.at, e.id"
        for row in self._connection.execute(sql, (article_id,)):
            told = _told(row)
            yield Visit(
                from_iso(row["at"]), row["url"], row["status"], row["page"] or "",
                row["version"] if told else None, row["note"] or "", told is True, told is False,
            )  # fmt: skip

    def changed(self, span: Span, *, edits: bool = True, turns: bool = True) -> Iterator[Change]:
        """Yield edits, and turns (removals and returns), in a span of time, the newest first."""
        streams = [self._edited(span)] * edits + [self._turned(span)] * turns
        return heapq.merge(*streams, key=lambda change: change.at, reverse=True)

    def _edited(self, span: Span) -> Iterator[Change]:
        """Yield versions that came after an earlier one of the same article."""
        sql = (
            "SELECT v.article_id, v.number, v.first_seen, a.source, a.url,"
            " (SELECT w.number FROM versions w WHERE w.article_id = v.article_id"
            " AND (w.first_seen, w.number) < (v.first_seen, v.number)"
            " ORDER BY w.first_seen DESC, w.number DESC LIMIT 1) AS before"
            " FROM versions v JOIN articles a ON a.id = v.article_id"
            " WHERE v.first_seen >= ? AND v.first_seen < ? AND ? IN ('', a.source)"
            " AND before IS NOT NULL ORDER BY v.first_seen DESC, v.id DESC"
        )
        for row in self._connection.execute(sql, (*span.bounds(), span.source)):
            article_id = row["article_id"]
            before, after = (self.version(article_id, row[name]) for name in ("before", "number"))
            at = from_iso(row["first_seen"])
            yield Change(at, "edited", article_id, row["source"], row["url"], before, after)

    def _turned(self, span: Span) -> Iterator[Change]:
        """Yield removals, and the first version that was seen behind each."""
        sql = (
            f"SELECT {_VISIT}, a.source, a.url AS article_url FROM exchanges e JOIN articles a ON a.id = e.article_id"
            " WHERE e.article_id IN (SELECT e.article_id FROM exchanges e WHERE e.article_id IS NOT NULL"
            f" AND {_LEFT}) AND e.at >= ? AND e.at < ? AND ? IN ('', a.source) AND ({_LEFT} OR {_SHOWN})"
            " ORDER BY e.at DESC, e.id DESC"
        )
        for row in self._connection.execute(sql, (*span.bounds(), span.source)):
            told = _told(row)
            if told is None or (before := self._before(row)) is None:
                continue
            was_shown, number = before
            if told == was_shown:
                continue
            shown = self._shown(row["article_id"], row["version"] if told else number, row["at"])
            yield Change(
                from_iso(row["at"]), "restored" if told else "removed",
                row["article_id"], row["source"], row["article_url"],
                None if told else shown, shown if told else None, row["status"],
            )  # fmt: skip

    def _before(self, row: sqlite3.Row) -> tuple[bool, int | None] | None:
        """Return what was told of an article last before an exchange, and which version; None for nothing."""
        sql = (
            f"SELECT {_VISIT} FROM exchanges e WHERE e.article_id = ? AND (e.at, e.id) < (?, ?)"
            f" AND ({_LEFT} OR {_SHOWN}) ORDER BY e.at DESC, e.id DESC"
        )
        found = self._connection.execute(sql, (row["article_id"], row["at"], row["id"]))
        return next(
            ((told, one["version"]) for one in found if (told := _told(one)) is not None), None
        )

    def _shown(self, article_id: int, number: int | None, at: str) -> Version | None:
        """Return a version; without its number, the last one that was captured by then."""
        if number is not None:
            return self.version(article_id, number)
        where = "v.article_id = ? AND v.first_seen <= ? ORDER BY v.first_seen DESC, v.number DESC"
        return next(self._versions(where, article_id, at), None)


def _told(row: sqlite3.Row) -> bool | None:
    """Tell whether an exchange showed the article (True), or that it was removed (False); None for neither."""
    if row["page"] == "gone":
        return False
    return True if row["version"] is not None else None
