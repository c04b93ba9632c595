"""What a verification has seen of an archive, so that one thing can be held against another.

It is a SQLite file in a temporary folder, and so needs no more memory for a million records than for
ten. The index is only read: its rows are copied in one short transaction, and a crawl may go on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError, DamagedError
from archiver.store.schema import connect_readonly
from archiver.types import Damage, Entry, Fault, RecordLocation, Redacted, Seen

_ENTRY = "url, at, status, mime, digest, filename, offset, length, revisit, record_id"
_SEEN = """filename, offset, name, type, url, date, digest, alike, ours, refers_to, refers_url,
    refers_date, profile"""
_ROWS = {
    False: f"SELECT {_ENTRY}, 0, id, original_id, iif(page = 'sealed', iif(note = 'taken down', 1, 2), 0) FROM",
    True: "SELECT url, at, 0, '', '', filename, offset, length, 0, coalesce(record_id, ''), 1, id, NULL,"
    " reason = 'taken down' FROM",
}
_TABLES = f"""
    CREATE TABLE seen ({_SEEN});
    CREATE TABLE kept ({_ENTRY}, failure, PRIMARY KEY (filename, offset, record_id)) WITHOUT ROWID;
    CREATE TABLE pointers ({_ENTRY}, failure, id, original_id, sealed, late,
        PRIMARY KEY (filename, offset)) WITHOUT ROWID;
    CREATE TABLE damage (filename, offset, length);
    CREATE TABLE redacted (filename, offset, length, takedown, type, PRIMARY KEY (filename, offset)) WITHOUT ROWID;
    CREATE TABLE faults (kind, filename, offset, url, what, note);
    CREATE TABLE files (filename PRIMARY KEY) WITHOUT ROWID;
"""
_INDEXES = """
    CREATE INDEX IF NOT EXISTS seen_name ON seen (name);
    CREATE INDEX IF NOT EXISTS seen_url ON seen (url, date) WHERE type = 'response';
    CREATE INDEX IF NOT EXISTS pointers_url ON pointers (url, at);
    CREATE INDEX IF NOT EXISTS pointers_digest ON pointers (digest);
    CREATE INDEX IF NOT EXISTS pointers_id ON pointers (id);
    CREATE INDEX IF NOT EXISTS damage_place ON damage (filename, offset);
"""
_IN_DAMAGE = """EXISTS (SELECT 1 FROM damage d WHERE d.filename = {0}.filename
    AND {0}.offset >= d.offset AND {0}.offset < d.offset + d.length)"""
# The row p leads to the record k: told from each other by none of these columns.
_SAME = " AND ".join(
    f"p.{name} IS k.{name}"
    for name in [
        "record_id",
        "length",
        "url",
        "at",
        "digest",
        "status",
        "mime",
        "revisit",
        "failure",
    ]
)


class Ledger:
    """The seen records, rows and faults of one verification. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        """Begin an empty one in the new file `path`."""
        self._folder = str(path.parent)
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}", uri=True, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        # It is thrown away in the end: nothing of it must last.
        for pragma in ("synchronous = OFF", "temp_store = FILE"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_TABLES)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Raise ArchiveError where the ledger itself cannot be written or read: its disk is full."""
        try:
            yield
        except sqlite3.Error as error:
            raise ArchiveError(
                f"cannot keep what was seen: {error}",
                where=self._folder,
                remedy="make room there, or set TMPDIR to a folder with more",
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, found: Iterable[Fault | Damage | Seen | Redacted | tuple[Entry, bool]]) -> int:
        """Take in what was found in a WARC file; returns how many records it has."""
        run, records = self._connection.execute, 0
        run("BEGIN")
        for item in found:
            if isinstance(item, Seen):
                run(f"INSERT INTO seen VALUES ({_marks(13)})", _values(item, _SEEN))
                records += 1
            elif isinstance(item, Damage):
                place = (item.filename, item.offset, item.length)
                run("INSERT INTO damage VALUES (?, ?, ?)", place)
                self._fault("damaged", *place[:2], item.url, f"{item.length} bytes: {item.reason}")
            elif isinstance(item, Redacted):
                where = item.location
                place = (where.filename, where.offset, where.length)
                values = (*place, item.takedown, item.type)
                run(f"INSERT OR IGNORE INTO redacted VALUES ({_marks(5)})", values)
            elif isinstance(item, Fault):
                self._fault(item.kind, item.filename, item.offset, item.url, item.what, item.note)
            else:
                values = (*_values(item[0], _ENTRY), item[1])
                run(f"INSERT OR IGNORE INTO kept VALUES ({_marks(11)})", values)
        run("COMMIT")
        return records

    def _fault(self, *values: Any) -> None:
        values = (*values, False)[:6]
        self._connection.execute(f"INSERT INTO faults VALUES ({_marks(6)})", values)

    def merge(self, filename: str, part: Path) -> None:
        """Take in the ledger `part` of the WARC file `filename`, which another process has made."""
        run = self._connection.execute
        run("INSERT OR IGNORE INTO files VALUES (?)", (filename,))
        run("ATTACH ? AS part", (part.absolute().as_uri(),))
        run("BEGIN")
        for table in ("seen", "kept", "damage", "redacted", "faults"):
            run(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM part.{table}")
        run("COMMIT")
        run("DETACH part")

    def take_rows(self, index: Path, *, late: bool = False) -> None:
        """Copy where the index says that records lie; the `late` are those that came meanwhile.

        Raises ArchiveError where there is no index, or it is of another schema, DamagedError where
        it cannot be read.
        """
        connect_readonly(index).close()
        run = self._connection.execute
        run("ATTACH ? AS original", (f"{index.absolute().as_uri()}?mode=ro",))
        try:
            run("BEGIN")
            for failure, table in ((False, "exchanges"), (True, "failures")):
                run(
                    f"INSERT OR IGNORE INTO pointers SELECT *, ? FROM"
                    f" ({_ROWS[failure]} original.{table})",
                    (late,),
                )
            run("COMMIT")
        except sqlite3.Error as error:
            raise DamagedError(f"cannot be read: {error}", where=str(index)) from error
        finally:
            if self._connection.in_transaction:
                run("ROLLBACK")
            run("DETACH original")

    def ready(self) -> None:
        """Make the look-ups fast, once everything is in."""
        self._connection.executescript(_INDEXES)

    def mark(self, filename: str) -> int:
        """Return the offset of the last record of a file that has a row, -1 where none has."""
        sql = "SELECT coalesce(max(offset), -1) FROM pointers WHERE filename = ? AND NOT late"
        return int(self._connection.execute(sql, (filename,)).fetchone()[0])

    def last_good(self, filename: str) -> int:
        """Return the offset of the last record of a file that is whole and has a row, 0 for none."""
        sql = (
            "SELECT coalesce(max(p.offset), 0) FROM pointers p JOIN kept k USING (filename, offset)"
            f" WHERE p.filename = ? AND {_SAME}"
        )
        return int(self._connection.execute(sql, (filename,)).fetchone()[0])

    def rows(self) -> int:
        """Return how many rows lead to a record."""
        return int(self._connection.execute("SELECT count(*) FROM pointers").fetchone()[0])

    def url_at(self, filename: str, offset: int) -> str:
        """Return the URL of which the index says that it lies at a place, or ""."""
        sql = "SELECT url FROM pointers WHERE filename = ? AND offset = ?"
        row = self._connection.execute(sql, (filename, offset)).fetchone()
        return row["url"] if row else ""

    def faults(self, filename: str) -> Iterator[Fault]:
        """Yield what was found wrong in a WARC file, by offset."""
        sql = "SELECT * FROM faults WHERE filename = ? ORDER BY offset, rowid"
        for row in self._connection.execute(sql, (filename,)):
            yield Fault(**dict(row) | {"note": bool(row["note"])})

    def gone(self) -> Iterator[tuple[str, int]]:
        """Yield the files to which rows lead and that are not there, and how many rows do."""
        yield from map(tuple, self._connection.execute(
            "SELECT filename, count(*) FROM pointers WHERE NOT late AND filename NOT IN"
            " (SELECT filename FROM files) GROUP BY filename"
        ))  # fmt: skip

    def astray(self) -> Iterator[tuple[Entry, Entry | None, bool]]:
        """Yield the rows that do not lead to their record: the row, what is there, if it is damaged."""
        kept = ", ".join(f"k.{name.strip()} AS k_{name.strip()}" for name in _ENTRY.split(","))
        sql = (
            f"SELECT p.*, {_IN_DAMAGE.format('p')} AS damaged, {kept} FROM pointers p"
            " JOIN files USING (filename) LEFT JOIN kept k"
            " ON k.filename = p.filename AND k.offset = p.offset"
            " WHERE NOT late AND p.sealed <> 1"
            " AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.filename = p.filename"
            f" AND k.offset = p.offset AND {_SAME}) ORDER BY p.filename, p.offset"
        )
        for row in self._connection.execute(sql):
            there = None if row["k_url"] is None else _entry(row, "k_")
            yield _entry(row), there, bool(row["damaged"])

    def missing(self) -> Iterator[Entry]:
        """Yield what the WARC files keep and no row tells of; what is there twice has one row."""
        sql = (
            "SELECT k.* FROM kept k WHERE NOT EXISTS (SELECT 1 FROM pointers p WHERE"
            " p.filename = k.filename AND p.offset = k.offset) AND NOT EXISTS"
            " (SELECT 1 FROM pointers p WHERE p.url = k.url AND p.at = k.at AND p.digest = k.digest"
            " AND p.failure = k.failure AND (NOT k.failure OR p.record_id = k.record_id))"
            " ORDER BY k.filename, k.offset"
        )
        yield from map(_entry, self._connection.execute(sql))

    def entries(self, filename: str) -> Iterator[tuple[Entry, bool]]:
        """Yield the responses and revisits of a file, and whether each has its row."""
        sql = (
            "SELECT k.*, p.url IS NOT NULL AS indexed FROM kept k LEFT JOIN pointers p"
            " USING (filename, offset) WHERE k.filename = ? AND NOT k.failure"
            " AND coalesce(p.sealed, 0) = 0"
        )
        for row in self._connection.execute(sql, (filename,)):
            yield _entry(row), bool(row["indexed"])

    def is_damaged(self, filename: str, offset: int) -> bool:
        """Tell whether a place lies in damaged bytes."""
        sql = "SELECT 1 FROM damage WHERE filename = ? AND offset <= ? AND ? < offset + length"
        return self._connection.execute(sql, (filename, offset, offset)).fetchone() is not None

    def doubles(self) -> Iterator[tuple[Seen, Seen, bool]]:
        """Yield records that have the name of an earlier one: both, and whether they are the same."""
        sql = (
            "SELECT first, seen.rowid AS other FROM seen JOIN (SELECT name AS twice, min(rowid) AS first"
            " FROM seen WHERE name <> '' GROUP BY name HAVING count(*) > 1) ON name = twice"
            " WHERE seen.rowid <> first ORDER BY filename, offset"
        )
        for row in self._connection.execute(sql):
            one, other = self._seen(row["other"]), self._seen(row["first"])
            same = (one.type, one.url, one.date, one.alike) == (
                other.type, other.url, other.date, other.alike
            )  # fmt: skip
            yield one, other, same

    def revisits(self) -> Iterator[tuple[Seen, Seen | None]]:
        """Yield each revisit record, and the record that it refers to, by name or by URL and date."""
        sql = (
            "SELECT v.rowid AS revisit, coalesce((SELECT min(rowid) FROM seen t"
            " WHERE t.name = v.refers_to AND v.refers_to <> ''), (SELECT min(rowid) FROM seen t"
            " WHERE t.type = 'response' AND t.url = v.refers_url AND t.date = v.refers_date"
            " AND NOT v.ours)) AS original FROM seen v WHERE v.type = 'revisit'"
            " ORDER BY v.filename, v.offset"
        )
        for row in self._connection.execute(sql):
            found = self._seen(row["original"]) if row["original"] is not None else None
            yield self._seen(row["revisit"]), found

    def redacted(self) -> Iterator[tuple[str, int, int, str, str]]:
        """Yield the records that were taken out: file, offset, length, takedown, and the type of what lay there."""
        sql = "SELECT filename, offset, length, takedown, type FROM redacted ORDER BY filename, offset"
        yield from map(tuple, self._connection.execute(sql))

    def has_row(self, filename: str, offset: int) -> bool:
        """Tell whether the index has a row of a place."""
        sql = "SELECT 1 FROM pointers WHERE filename = ? AND offset = ?"
        return self._connection.execute(sql, (filename, offset)).fetchone() is not None

    def sealed(self) -> Iterator[tuple[Entry, bool]]:
        """Yield the sealed rows of records that were not taken out, and whether a whole one lies there."""
        sql = (
            "SELECT p.*, EXISTS (SELECT 1 FROM kept k WHERE k.filename = p.filename AND k.offset = p.offset)"
            " AS there FROM pointers p JOIN files USING (filename) WHERE p.sealed = 1 AND NOT p.late AND NOT"
            " EXISTS (SELECT 1 FROM redacted r WHERE r.filename = p.filename AND r.offset = p.offset)"
            " ORDER BY p.filename, p.offset"
        )
        for row in self._connection.execute(sql):
            yield _entry(row), bool(row["there"])

    def row_of(self, record_id: str, digest: str) -> Entry | None:
        """Return the row of the record `record_id`, which holds a body of `digest`."""
        sql = "SELECT * FROM pointers WHERE digest = ? AND record_id = ? LIMIT 1"
        row = self._connection.execute(sql, (digest, record_id)).fetchone()
        return _entry(row) if row else None

    def with_original(self) -> Iterator[RecordLocation]:
        """Yield where the revisits lie whose originals the index knows, with where those lie."""
        sql = (
            "SELECT p.filename, p.offset, p.length, p.record_id, o.filename AS o_filename, o.offset AS"
            " o_offset, o.length AS o_length, o.record_id AS o_record_id FROM pointers p JOIN pointers"
            " o ON o.id = p.original_id AND NOT o.failure JOIN files ON files.filename = p.filename"
            " WHERE p.revisit AND NOT p.late AND NOT p.failure AND p.sealed <> 1 AND o.sealed <> 1"
        )
        for row in self._connection.execute(sql):
            name, offset, length, record_id, *original = tuple(row)
            yield RecordLocation(name, offset, length, record_id, RecordLocation(*original))

    def lost(self, index: Path) -> Iterator[str]:
        """Yield, as JSON, the rows that a rebuild would not make again, with the text that hangs on them.

        These are the rows that do not lead to their record, and those whose body was in one.
        """
        lost = (
            f"SELECT id, failure FROM pointers p WHERE NOT late AND p.sealed <> 1 AND NOT EXISTS (SELECT 1 FROM kept k"
            f" WHERE k.filename = p.filename AND k.offset = p.offset AND {_SAME})"
        )
        run = self._connection.execute
        run("ATTACH ? AS original", (f"{index.absolute().as_uri()}?mode=ro",))
        try:
            run(f"CREATE TEMP TABLE lost AS {lost}")
            run("CREATE TEMP TABLE gone AS SELECT id FROM original.exchanges WHERE id IN"
                " (SELECT id FROM lost WHERE NOT failure) OR original_id IN"
                " (SELECT id FROM lost WHERE NOT failure)")  # fmt: skip
            for table, condition in (
                ("exchanges", "id IN (SELECT id FROM gone)"),
                ("failures", "id IN (SELECT id FROM lost WHERE failure)"),
                ("versions", "exchange_id IN (SELECT id FROM gone)"),
                ("articles", "id IN (SELECT article_id FROM original.versions v"
                 " WHERE v.exchange_id IN (SELECT id FROM gone))"),
            ):  # fmt: skip
                for row in run(f"SELECT * FROM original.{table} WHERE {condition} ORDER BY id"):
                    yield json.dumps({"table": table, **dict(row)}, ensure_ascii=False)
        except sqlite3.Error as error:
            raise DamagedError(f"cannot be read: {error}", where=str(index)) from error
        finally:
            run("DROP TABLE IF EXISTS temp.lost")
            run("DROP TABLE IF EXISTS temp.gone")
            run("DETACH original")

    def _seen(self, rowid: int) -> Seen:
        row = self._connection.execute(f"SELECT {_SEEN} FROM seen WHERE rowid = ?", (rowid,))
        return Seen(**dict(row.fetchone()))


def _entry(row: sqlite3.Row, prefix: str = "") -> Entry:
    names = [name.strip() for name in _ENTRY.split(",")]
    values = {name: row[prefix + name] for name in names}
    return Entry(**values | {"revisit": bool(values["revisit"])})


def _values(item: Entry | Seen, names: str) -> tuple[Any, ...]:
    return tuple(getattr(item, name.strip()) for name in names.split(","))


def _marks(count: int) -> str:
    return ", ".join("?" * count)
