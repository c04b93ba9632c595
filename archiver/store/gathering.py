"""What one export of WARC records has gathered: the records it wants, in the archive's order, and its pages.

It is a SQLite file that is thrown away in the end, and so needs no more memory for a million articles than for ten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from archiver.errors import ArchiveError
from archiver.types import RecordLocation

_TABLES = """
    CREATE TABLE wanted (filename, offset, record_id, bodied, PRIMARY KEY (filename, offset)) WITHOUT ROWID;
    CREATE TABLE missed (filename, offset, PRIMARY KEY (filename, offset)) WITHOUT ROWID;
    CREATE TABLE pages (number INTEGER PRIMARY KEY, filename, offset, first_filename, first_offset, line BLOB);
    CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_LOST = "SELECT 1 FROM missed m WHERE m.filename = {0}filename AND m.offset = {0}offset"


class Gathering:
    """The records and pages of one export. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        """Begin an empty one in the new file `path`."""
        self._path = path
        with self._told():
            self._connection = sqlite3.connect(path, isolation_level=None)
            # It is thrown away in the end: nothing of it must last.
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(_TABLES)
            self._connection.execute("BEGIN")  # and no end: it is read in here alone

    def close(self) -> None:
        """Throw it away."""
        self._connection.close()
        self._path.unlink(missing_ok=True)

    def want(self, where: RecordLocation) -> None:
        """Take note of an exchange, and of the one that holds its body."""
        self._run(
            "INSERT OR IGNORE INTO wanted VALUES (?, ?, ?, ?)",
            [
                (one.filename, one.offset, one.record_id, one.original is not None)
                for one in (where, where.original)
                if one is not None
            ],
        )

    def add_page(self, where: RecordLocation, line: bytes) -> None:
        """Take note of a page that is read from the record at `where`."""
        first = where.original or where
        values = (where.filename, where.offset, first.filename, first.offset, line)
        self._run("INSERT INTO pages VALUES (NULL, ?, ?, ?, ?, ?)", [values])

    def miss(self, filename: str, offset: int) -> None:
        """Say that a record is not to be had."""
        self._run("INSERT OR IGNORE INTO missed VALUES (?, ?)", [(filename, offset)])

    def add_line(self, line: bytes) -> None:
        """Take note of a line that is to be sorted among its kind."""
        self._run("INSERT OR IGNORE INTO lines VALUES (?)", [(line,)])

    def bodied(self, filename: str, offset: int) -> bool:
        """Tell whether it is known where the body of a revisit lies."""
        sql = "SELECT 1 FROM wanted WHERE filename = ? AND offset = ? AND bodied"
        return any(self._rows(sql, filename, offset))

    def count(self) -> int:
        """Return how many exchanges are wanted."""
        return next(self._rows("SELECT count(*) FROM wanted"))[0]  # type: ignore[no-any-return]

    def files(self) -> list[str]:
        """Return the files in which they lie, in the archive's order."""
        return [name for (name,) in self._rows("SELECT DISTINCT filename FROM wanted ORDER BY 1")]

    def of(self, filename: str) -> Iterator[tuple[int, str]]:
        """Yield offset and record id of what is wanted of a file, in its order."""
        sql = "SELECT offset, record_id FROM wanted WHERE filename = ? ORDER BY offset"
        return self._rows(sql, filename)

    def pages(self) -> Iterator[bytes]:
        """Yield the lines of the pages that can be shown, in the order in which they were added."""
        lost = f"EXISTS ({_LOST.format('p.')}) OR EXISTS ({_LOST.format('p.first_')})"
        sql = f"SELECT line FROM pages p WHERE NOT ({lost}) ORDER BY number"
        return (line for (line,) in self._rows(sql))

    def size_of(self, table: Literal["pages", "lines"]) -> int:
        """Return how many bytes all lines of pages, or of the index, have."""
        return next(self._rows(f"SELECT coalesce(sum(length(line)), 0) FROM {table}"))[0]  # type: ignore[no-any-return]

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, sorted by bytes."""
        return (line for (line,) in self._rows("SELECT line FROM lines ORDER BY line"))

    def _run(self, sql: str, values: Iterable[tuple[object, ...]]) -> None:
        with self._told():
            self._connection.executemany(sql, values)

    def _rows(self, sql: str, *values: object) -> Iterator[tuple]:  # type: ignore[type-arg]
        with self._told():
            yield from self._connection.execute(sql, values)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ArchiveError(
                f"cannot keep what was gathered: {error}",
                where=str(self._path),
                remedy="make room on the disk",
            ) from error
