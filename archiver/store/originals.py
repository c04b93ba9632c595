"""Find the records that hold a body, by the body's digest: what revisit records are made from.

The digest is the key across crawls and sources, and the index is where it is looked up: no service
has to run beside the archive.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from archiver.content import read_head
from archiver.errors import DamagedError
from archiver.store.rows import HELD
from archiver.store.schema import connect_readonly
from archiver.timestamps import from_iso, iso
from archiver.types import Original, RecordLocation, Snapshot

NOT_MODIFIED = 304
RECENT = 8192  # more than can be under way between the WARC and its row
_COLUMNS = "url, at, filename, offset, length, record_id"


class Originals:
    """Looks up bodies in the index at `path`, and among those that have no row yet.

    For one thread at a time, which need not be the one that writes.
    """

    def __init__(self, path: Path) -> None:
        """Open the index for reading; it must exist."""
        self._connection = connect_readonly(path, any_thread=True)
        self._recent: OrderedDict[str | tuple[str, str], Original] = OrderedDict()

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def add(self, snapshot: Snapshot) -> None:
        """Take note of a record whose row is on its way."""
        capture = snapshot.capture
        if snapshot.original or capture.truncated:
            return
        where = snapshot.location
        found = Original(capture.url, capture.at, where.record_id, where)
        for key in (snapshot.digest, (capture.url, iso(capture.at))):
            self._recent.setdefault(key, found)  # the first is what the index will find
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def of_digest(self, digest: str) -> Original | None:
        """Return a record that holds the body with this digest whole, the first that did."""
        return self._first("digest = ? AND truncated = ''", digest) or self._recent.get(digest)

    def of(self, snapshot: Snapshot) -> Original | None:
        """Return the record that a revisit refers to, by its digest, else by target and date.

        What a server has said still stands is what stood at that address at that time, and no other
        that had the same body.
        """
        told = snapshot.original
        stands = read_head(snapshot.capture.head).status == NOT_MODIFIED
        if snapshot.digest and not stands and (found := self.of_digest(snapshot.digest)):
            return found
        if told is None or told.at is None:
            return None
        key = (told.url, iso(told.at))
        return self._first("url = ? AND at = ?", *key) or self._recent.get(key)

    def holds(self, snapshot: Snapshot) -> bool:
        """Tell whether this very exchange has a row already; one on its way to a row is not seen."""
        capture = snapshot.capture
        values = (capture.url, iso(capture.at), snapshot.digest, capture.link.source)
        return self._row(HELD, values) is not None

    def _first(self, where: str, *values: str) -> Original | None:
        sql = (
            f"SELECT {_COLUMNS} FROM exchanges WHERE {where} AND NOT revisit AND page <> 'sealed'"
            " ORDER BY id LIMIT 1"
        )
        row = self._row(sql, values)
        return _original(row) if row else None

    def _row(self, sql: str, values: Sequence[str]) -> sqlite3.Row | None:
        try:
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise DamagedError(f"the index cannot be read: {error}") from error
        return row


def _original(row: sqlite3.Row) -> Original:
    where = RecordLocation(row["filename"], row["offset"], row["length"], row["record_id"])
    return Original(row["url"], from_iso(row["at"]), row["record_id"], where)
