"""The plugin for sqlite-utils: ``sqlite-utils query archive/index.db`` knows our SQL functions."""

from __future__ import annotations

import sqlite3

from sqlite_utils import hookimpl

from archiver.store import functions


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Add the functions where the database is an index."""
    if functions.is_index(conn):
        functions.register(conn)
