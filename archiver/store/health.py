"""Look through an index: SQLite's own checks, the text index's, and whether each text is its hash's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archiver.store.rows import hashed
from archiver.store.schema import connect_readonly
from archiver.types import Fault

INDEX, TEXT = "index", "text"


def check_index(path: Path, scratch: Path) -> Iterator[Fault]:
    """Yield what is wrong inside an index.

    A copy of it, at `scratch`, is looked through: the check of the text index needs to write, and a
    crawl must not wait. Raises ArchiveError where the index cannot be opened.
    """
    with closing(connect_readonly(path)) as original, closing(sqlite3.connect(scratch)) as copy:
        copy.row_factory = sqlite3.Row
        try:
            original.backup(copy)
            yield from _broken(copy)
        except sqlite3.Error as error:
            yield Fault(INDEX, path.name, None, "", f"cannot be read through: {error}")
            return


def _broken(copy: sqlite3.Connection) -> Iterator[Fault]:
    name = "index.db"
    for (told,) in copy.execute("PRAGMA integrity_check(20)"):
        if told != "ok":
            yield Fault(INDEX, name, None, "", told)
    for row in copy.execute("PRAGMA foreign_key_check"):
        yield Fault(INDEX, name, None, "", f"row {row[1]} of {row[0]} refers to no row of {row[2]}")
    try:
        copy.execute("INSERT INTO article_text (article_text) VALUES ('integrity-check')")
    except sqlite3.Error as error:
        yield Fault(INDEX, name, None, "", f"the text index is not what its articles say: {error}")
    for row in copy.execute(
        "SELECT e.filename, e.offset, e.url, v.number, v.title, v.text, v.text_hash FROM versions v"
        " LEFT JOIN exchanges e ON e.id = v.exchange_id"
    ):
        if hashed(row["title"], row["text"]) != row["text_hash"]:
            told = f"the text of version {row['number']} is not what its hash says"
            yield Fault(TEXT, row["filename"] or name, row["offset"], row["url"] or "", told)
    for row in copy.execute(
        "SELECT a.url FROM articles a LEFT JOIN versions v ON v.id = a.version_id LEFT JOIN"
        " article_text t ON t.rowid = a.id WHERE t.title IS NOT v.title OR t.text IS NOT v.text"
    ):
        yield Fault(
            TEXT, name, None, row["url"], "the text index has another text than the latest version"
        )
