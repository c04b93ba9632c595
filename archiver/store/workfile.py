"""The SQLite file of what is work and no part of the archive: its tables, and how it is opened and written.

The number of its schema stands in ``user_version``. There are no steps from one to the next: it may be moved
away at any time, which costs the history of runs, and all sources are due at once.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError, DamagedError, SpaceError

SCHEMA = 1
PATIENCE = 10.0  # seconds that another connection's writing is waited for
_TABLES = """
    CREATE TABLE due (
        source TEXT PRIMARY KEY, next_due_at TEXT NOT NULL, schedule TEXT NOT NULL, zone TEXT NOT NULL);
    CREATE TABLE endpoints (
        source TEXT, url TEXT, kind TEXT NOT NULL, interval_s REAL NOT NULL, next_due_at TEXT NOT NULL,
        polled_at TEXT, brought_at TEXT, changed_at TEXT, failing_since TEXT, longest_gap_s REAL NOT NULL,
        polls INTEGER NOT NULL, brought INTEGER NOT NULL, PRIMARY KEY (source, url)) WITHOUT ROWID;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, due_at TEXT NOT NULL, began_at TEXT NOT NULL,
        ended_at TEXT, state TEXT NOT NULL, reason TEXT NOT NULL, pid INTEGER NOT NULL, counts TEXT NOT NULL);
    CREATE INDEX runs_source ON runs (source, began_at);
    CREATE INDEX runs_began ON runs (began_at);
    CREATE UNIQUE INDEX runs_skipped ON runs (source, due_at) WHERE state = 'skipped_running';
    CREATE TABLE totals (
        source TEXT PRIMARY KEY, runs INTEGER NOT NULL, done INTEGER NOT NULL, new INTEGER NOT NULL,
        changed INTEGER NOT NULL, requests INTEGER NOT NULL, failed INTEGER NOT NULL);
    CREATE TABLE alarms (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, raised_at TEXT NOT NULL,
        cleared_at TEXT, what TEXT NOT NULL);
    CREATE UNIQUE INDEX alarms_open ON alarms (source) WHERE cleared_at IS NULL;
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL,
        source TEXT NOT NULL, data TEXT NOT NULL, told TEXT NOT NULL, told_at TEXT,
        tries INTEGER NOT NULL, try_at TEXT NOT NULL);
    CREATE TABLE watches (
        name TEXT PRIMARY KEY, query TEXT NOT NULL, after_id INTEGER NOT NULL, matched INTEGER NOT NULL,
        matched_at TEXT);
    CREATE INDEX events_untold ON events (id) WHERE told_at IS NULL;
"""
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_ELSEWHERE = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_PERM")


class WorkFile:
    """One connection to it. Not for two threads at once.

    Raises SpaceError where there is no room to write it, DamagedError where it is no such file, and ArchiveError
    where it has another schema or cannot be used; each says what to do.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        """Open the file at `path`, creating it where there is none; with `readonly`, none is an empty one."""
        self._path = path
        with self._guarded():
            self._connection = _readonly(path) if readonly else _writable(path)
        try:
            with self._guarded():
                if not self._is_made():
                    if readonly:  # another process is about to make it
                        self._connection.close()
                        self._connection = _connection(":memory:")
                    self._make()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return what a statement finds."""
        with self._guarded():
            return self._connection.execute(sql, _storable(values)).fetchall()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement that writes, inside a `transaction`; returns how many rows it changed."""
        with self._guarded():
            return self._connection.execute(sql, _storable(values)).rowcount

    def insert(self, table: str, row: dict[str, Any]) -> int:
        """Insert a row, inside a `transaction`; returns its id."""
        marks = ", ".join("?" * len(row))
        with self._guarded():
            done = self._connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", _storable(row.values())
            )
        return done.lastrowid or 0

    def purge(self) -> None:
        """Leave no byte of what was deleted; outside of any transaction."""
        with self._guarded():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is written inside one unit: all of it or nothing. One inside another is part of it."""
        if self._is_open():
            yield
            return
        try:
            with self._guarded():
                # IMMEDIATE: a deferred BEGIN fails at once when another connection is writing.
                self._connection.execute("BEGIN IMMEDIATE")
            yield
            with self._guarded():
                self._connection.execute("COMMIT")
        finally:
            # SQLite has rolled back by itself after some errors (a full disk is one).
            if self._is_open():
                self._connection.execute("ROLLBACK")

    def _is_open(self) -> bool:
        return self._connection.in_transaction

    def _is_made(self) -> bool:
        """Tell whether the tables are there. Raises ArchiveError where they are others."""
        # In one look: another process may make them between two.
        version, tables = self._connection.execute(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)"
        ).fetchone()
        if version == SCHEMA:
            # A file that is cut off or overwritten shows it here, and not in the middle of a run.
            self._connection.execute("SELECT count(*) FROM due").fetchone()
            return True
        if version or tables:
            what = f"has schema {version}, this archiver has {SCHEMA}"
            raise ArchiveError(what, where=str(self._path), remedy=_remedy(self._path))
        return False

    def _make(self) -> None:
        with self.transaction():
            if self._is_made():  # by another process, a moment ago
                return
            for statement in _TABLES.split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {SCHEMA}")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Say what SQLite's errors mean here."""
        try:
            yield
        except sqlite3.Error as error:
            where, what = str(self._path), f"cannot be used: {error}"
            name = getattr(error, "sqlite_errorname", "")
            if getattr(error, "sqlite_errorcode", 0) in _NO_ROOM:
                remedy = "make room on the disk, then run the same command again"
                raise SpaceError(what, where=where, remedy=remedy) from error
            if name.startswith(_ELSEWHERE):
                remedy = "look at who else uses it, who may write there, and the room on the disk"
                raise ArchiveError(what, where=where, remedy=remedy) from error
            raise DamagedError(what, where=where, remedy=_remedy(self._path)) from error


def _storable(values: Iterable[Any]) -> list[Any]:
    """Return `values` without lone surrogates, which a reason may hold and SQLite refuses."""
    return [
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for value in values
    ]


def _remedy(path: Path) -> str:
    return (
        f"move {path.name}* away: the history of runs and alarms goes with it, no article does,"
        " and each source is due at once"
    )


def _writable(path: Path) -> sqlite3.Connection:
    connection = _connection(str(path))
    try:
        _use_wal(connection)
        # NORMAL is enough: what a power cut takes is done once more.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite itself does not wait for another that does so just now."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _readonly(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        return _connection(":memory:")
    # as_uri() quotes what a path may hold (%, ?, #).
    name = f"{path.absolute().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        # SQLite wants to write beside a database in WAL mode; here nobody can, and nobody writes.
        name += "&immutable=1"
    return _connection(name, uri=True)


def _connection(name: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=uri
    )
    connection.row_factory = sqlite3.Row
    return connection
