"""What one export of WARC records has gathered: the records it wants, in the archive's order, and its pages.

It is a SQLite file that is thrown away in the end, and so needs no more memory for a million articles than for ten.
What it has is made to last with each part that is whole, so that an export that was killed goes on behind that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archiver.errors import ArchiveError, LockedError
from archiver.types import RecordLocation

_TABLES = (
    "CREATE TABLE made_by (told)",
    "CREATE TABLE parts (number INTEGER PRIMARY KEY, filename, offset, told)",
    "CREATE TABLE sources (filename PRIMARY KEY, size, changed) WITHOUT ROWID",
    "CREATE TABLE missed (filename, offset, PRIMARY KEY (filename, offset)) WITHOUT ROWID",
    "CREATE TABLE lines (line BLOB PRIMARY KEY, part) WITHOUT ROWID",
)
_WANTED = (
    "CREATE TABLE wanted (filename, offset, record_id, bodied, PRIMARY KEY (filename, offset)) WITHOUT ROWID",
    "CREATE TABLE pages (number INTEGER PRIMARY KEY, filename, offset, first_filename, first_offset, line BLOB)",
)
_LOST = "SELECT 1 FROM missed m WHERE m.filename = {0}filename AND m.offset = {0}offset"
# The first place at which one of two tables has what the other has not.
_APART = """
    SELECT filename, offset FROM {} AS one LEFT JOIN {} AS other USING (filename, offset)
    WHERE one.record_id IS NOT other.record_id OR one.bodied IS NOT other.bodied ORDER BY 1, 2 LIMIT 1
"""

Place = tuple[str, int]  # file and offset of an exchange
Stamp = tuple[int, int] | None  # size, time of the last change in nanoseconds; None for no file


@dataclass(frozen=True, slots=True)
class Ended:
    """A part that is whole: where the exchange lies that comes behind it, and what its writer told of it."""

    following: Place
    told: str


class _Unfit(Exception):
    """What the file has is not what can be gone on with; says why, or nothing where there was no part."""


# SQLite's words for a file that is none of ours, or not whole; what its module raises itself has no number.
_UNREADABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, None)


def _unfit(error: _Unfit | sqlite3.DatabaseError) -> str:
    """Return why a file cannot be gone on with; raises the error where it is another trouble, such as a full disk."""
    if isinstance(error, _Unfit):
        return str(error)
    if getattr(error, "sqlite_errorcode", None) not in _UNREADABLE:
        raise error
    return "its journal cannot be read"


class Gathering:
    """The records and pages of one export. Not for two threads at once.

    `ended` are the parts that are whole, at first those of an export that was killed; `why_anew` says why there are
    none of it where it had some. What is asked of `files` and `of` begins behind them.
    """

    def __init__(self, path: Path, made_by: str = "") -> None:
        """Begin one in the file `path`, or go on with what it has; `made_by` says what else its parts hang on.

        Raises LockedError while another process has it.
        """
        self._path = path
        self.made_by = made_by
        self.ended: list[Ended] = []
        self.why_anew = ""
        self._begin: Place = ("", -1)
        with self._told():
            try:
                self._take_up()
            except (_Unfit, sqlite3.DatabaseError) as error:
                self.why_anew = _unfit(error)
                self._throw_away()
                self._take_up()

    def _take_up(self) -> None:
        """Make the tables, or the old ones ready for what is gathered now."""
        self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        run = self._connection.execute
        try:
            for pragma in ("locking_mode = EXCLUSIVE", "synchronous = NORMAL", "temp_store = FILE"):
                run(f"PRAGMA {pragma}")
            run("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._refuse(error)
        if not run("SELECT 1 FROM sqlite_schema").fetchone():
            for table in (*_TABLES, *_WANTED):
                run(table)
            run("CREATE TABLE before AS SELECT * FROM wanted")
            run("INSERT INTO made_by VALUES (?)", [self.made_by])
            return
        rows = run("SELECT filename, offset, told FROM parts ORDER BY number").fetchall()
        if run("SELECT told FROM made_by").fetchone() != (self.made_by,):
            why = "something was taken down since, or it was another archiver"
            raise _Unfit(why if rows else "")
        self.ended = [Ended((filename, offset), told) for filename, offset, told in rows]
        run("DROP TABLE before")
        run("DROP TABLE pages")
        run("ALTER TABLE wanted RENAME TO before")
        for table in _WANTED:
            run(table)

    def _refuse(self, error: sqlite3.OperationalError) -> None:
        """Raise LockedError where another process has the file, else what it was."""
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise error
        self._connection.close()
        told, remedy = "another export writes here", "wait, or name another target"
        raise LockedError(told, where=str(self._path), remedy=remedy) from error

    def _throw_away(self) -> None:
        """Take the files away, and then let others have the name."""
        for beside in ("", "-journal"):
            self._path.with_name(self._path.name + beside).unlink(missing_ok=True)
        self._connection.close()

    def close(self, *, stay: bool = False) -> None:
        """Throw it away; or let what it had at the end of the last part `stay`."""
        if stay:
            self._connection.close()
        else:
            self._throw_away()

    def apart(self) -> Place | None:
        """Return the first place at which other exchanges are wanted than when the parts were made."""
        sides = [("wanted", "before"), ("before", "wanted")]
        return min(
            (place for side in sides for place in self._rows(_APART.format(*side))), default=None
        )

    def sources(self) -> Iterator[tuple[str, Stamp]]:
        """Yield the files that parts were copied from, in their order, as they were when they were first opened."""
        for filename, size, changed in self._rows("SELECT * FROM sources ORDER BY filename"):
            yield filename, None if size is None else (size, changed)

    def saw(self, filename: str, stamp: Stamp) -> None:
        """Take note of how a file is, before it is read."""
        self._run(
            "INSERT OR IGNORE INTO sources VALUES (?, ?, ?)", [(filename, *(stamp or (None, None)))]
        )

    def keep(self, count: int) -> None:
        """Keep so many of the parts, and go on behind them."""
        self.ended = self.ended[:count]
        self._begin = self.ended[-1].following if self.ended else ("", -1)
        for sql, *values in (
            ("DELETE FROM parts WHERE number > ?", count),
            ("DELETE FROM lines WHERE part > ?", count),
            ("DELETE FROM missed WHERE (filename, offset) >= (?, ?)", *self._begin),
            ("DELETE FROM sources WHERE filename > ?", self._begin[0]),
        ):
            self._run(sql, [tuple(values)])
        self._last()

    def end_part(self, following: Place, told: str) -> None:
        """Say that a part is whole and on the disk, and where the first exchange behind it lies; this lasts."""
        self.ended.append(Ended(following, told))
        self._run("INSERT INTO parts VALUES (?, ?, ?, ?)", [(len(self.ended), *following, told)])
        self._last()

    def _last(self) -> None:
        with self._told():
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN EXCLUSIVE")

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
        self._run("INSERT OR IGNORE INTO lines VALUES (?, ?)", [(line, len(self.ended) + 1)])

    def bodied(self, filename: str, offset: int) -> bool:
        """Tell whether it is known where the body of a revisit lies."""
        sql = "SELECT 1 FROM wanted WHERE filename = ? AND offset = ? AND bodied"
        return any(self._rows(sql, filename, offset))

    def count(self) -> int:
        """Return how many exchanges are wanted."""
        return next(self._rows("SELECT count(*) FROM wanted"))[0]  # type: ignore[no-any-return]

    def files(self) -> list[str]:
        """Return the files in which they lie, in the archive's order."""
        sql = "SELECT DISTINCT filename FROM wanted WHERE (filename, offset) >= (?, ?) ORDER BY 1"
        return [name for (name,) in self._rows(sql, *self._begin)]

    def of(self, filename: str) -> Iterator[tuple[int, str]]:
        """Yield offset and record id of what is wanted of a file, in its order."""
        sql = (
            "SELECT offset, record_id FROM wanted"
            " WHERE filename = ? AND (filename, offset) >= (?, ?) ORDER BY offset"
        )
        return self._rows(sql, filename, *self._begin)

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
