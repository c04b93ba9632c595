"""What the pages of each source teach, and the profile that was learned from it.

Of each layout of a source only some lessons are kept: those of the addresses with the smallest hashes.
That is an even sample, it is the same whatever came first, and once it is full it seldom changes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from hashlib import blake2b

from archiver.store import rows
from archiver.timestamps import iso
from archiver.types import Lesson, RecordLocation, Snapshot

KEEP = 40  # lessons of one layout
MOST = 2000  # of one source: some sites give each page class names of its own


@dataclass(frozen=True, slots=True)
class Known:
    """The profile of a source as text, and the key of what its pages were read with."""

    profile: str = ""
    read_with: str = ""


class Lessons:
    """The tables of lessons and profiles; write inside the store's transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use the store's connection."""
        self._connection = connection

    def add(self, snapshot: Snapshot, lesson: Lesson) -> None:
        """Take in what a page teaches, if it is of the sample; its source is then stale."""
        source, at = snapshot.capture.link.source, iso(snapshot.capture.at)
        rank = rank_of(snapshot.capture.url)
        self._connection.execute(
            "INSERT INTO lessons (source, layout, rank, at, data) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET at = excluded.at, data = excluded.data"
            " WHERE excluded.at >= at",
            (source, lesson.layout, rank, at, lesson.data),
        )
        self._connection.execute(
            "DELETE FROM lessons WHERE source = ?1 AND layout = ?2 AND rank > (SELECT rank FROM"
            " lessons WHERE source = ?1 AND layout = ?2 ORDER BY rank LIMIT 1 OFFSET ?3)",
            (source, lesson.layout, KEEP - 1),
        )
        self._connection.execute(
            "DELETE FROM lessons WHERE source = ?1 AND rank > (SELECT rank FROM lessons"
            " WHERE source = ?1 ORDER BY rank LIMIT 1 OFFSET ?2)",
            (source, MOST - 1),
        )
        self.doubt(source)

    def doubt(self, source: str) -> None:
        """Say that the profile of `source` may no longer be what its lessons teach."""
        self._connection.execute(
            "INSERT INTO profiles (source, profile, read_with, stale) VALUES (?, '', '', 1)"
            " ON CONFLICT DO UPDATE SET stale = 1",
            (source,),
        )

    def mix(self, source: str) -> None:
        """Say that some pages of `source` can be read now that could not be before."""
        self.doubt(source)
        self._connection.execute(
            "UPDATE profiles SET read_with = 'mixed' WHERE source = ?", (source,)
        )

    def stale(self) -> list[str]:
        """Return the sources whose profile may be out of date."""
        rows = self._connection.execute("SELECT source FROM profiles WHERE stale ORDER BY source")
        return [row["source"] for row in rows]

    def of(self, source: str) -> list[bytes]:
        """Return the lessons of `source`."""
        rows = self._connection.execute(
            "SELECT data FROM lessons WHERE source = ? ORDER BY layout, rank", (source,)
        )
        return [row["data"] for row in rows]

    def known(self) -> dict[str, Known]:
        """Return what is known of each source."""
        rows = self._connection.execute("SELECT source, profile, read_with FROM profiles")
        return {row["source"]: Known(row["profile"], row["read_with"]) for row in rows}

    def wanting(self, source: str, layout: str) -> list[tuple[str, RecordLocation]]:
        """Return the pages that may come next into the sample of a layout, by rank: each URL, and where it lies."""
        (last,) = self._connection.execute(
            "SELECT coalesce(max(rank), '') FROM lessons WHERE source = ? AND layout = ?",
            (source, layout),
        ).fetchone()
        found = self._connection.execute(
            f"SELECT e.url, {rows.WHERE} FROM {rows.EXCHANGES} WHERE e.source = ? AND e.kind = 'article'"
            " AND e.status = 200 ORDER BY e.id",
            (source,),
        )
        ranked = sorted((rank_of(row["url"]), n, row) for n, row in enumerate(found))
        return [(row["url"], rows.location(row)) for rank, _, row in ranked if rank > last]

    def learned(self, source: str, known: Known, *, stale: bool = False) -> None:
        """Set the profile of `source`; what its pages were read with must be true."""
        self._connection.execute(
            "INSERT INTO profiles (source, profile, read_with, stale) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET profile = excluded.profile,"
            " read_with = excluded.read_with, stale = excluded.stale",
            (source, known.profile, known.read_with, stale),
        )


def rank_of(url: str) -> str:
    """Return the rank of a page in the sample of its layout: the lowest are kept."""
    return blake2b(url.encode(), digest_size=8).hexdigest()
