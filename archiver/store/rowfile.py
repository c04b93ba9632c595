"""A SQLite file of rows for others, whose bytes depend on the rows alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TYPES = {"integer": "INTEGER", "boolean": "INTEGER"}


class RowFile:
    """Writes a new file: a table of rows, and one that describes its columns.

    Lists are JSON, times are text, booleans are 0 and 1.
    """

    def __init__(
        self, path: Path, table: str, columns: Sequence[tuple[str, str, str, bool]]
    ) -> None:
        """Fill an empty file, or a new one.

        A column is name, type (integer, boolean or text), description, and whether it may be null.
        Raises OSError where it cannot be written, as do `add` and `close`.
        """
        self._names = [name for name, _, _, _ in columns]
        # Another thread may close it, never two at once. Nobody needs a journal of a file that is not there yet.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        with _told():
            self._create(table, columns)
        marks = ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO {table} VALUES ({marks})"

    def _create(self, table: str, columns: Sequence[tuple[str, str, str, bool]]) -> None:
        for setting in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("BEGIN")
        self._connection.execute(
            f"CREATE TABLE {table} ({', '.join(map(_column, columns))}, PRIMARY KEY (id, version))"
        )
        self._connection.execute(
            "CREATE TABLE fields (name TEXT PRIMARY KEY, description TEXT NOT NULL)"
        )
        self._connection.executemany(
            "INSERT INTO fields VALUES (?, ?)", [(name, what) for name, _, what, _ in columns]
        )

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add some rows."""
        with _told():
            self._connection.executemany(
                self._insert, ([_value(row[name]) for name in self._names] for row in rows)
            )

    def close(self) -> None:
        """Write what is left, and close the file."""
        with _told():
            self._connection.execute("COMMIT")
        self._connection.close()

    def abandon(self) -> None:
        """Close the file as it is, which is none."""
        self._connection.close()


@contextmanager
def _told() -> Iterator[None]:
    """Turn errors of SQLite into those of a file."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(0, str(error)) from error


def _column(column: tuple[str, str, str, bool]) -> str:
    name, kind, _, nullable = column
    return f"{name} {_TYPES.get(kind, 'TEXT')}{'' if nullable else ' NOT NULL'}"


def _value(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
