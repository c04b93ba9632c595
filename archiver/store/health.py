"""Look through an index: SQLite's own checks, the text index's, and whether each text is its hash's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archiver.store import schema
from archiver.store.rows import hashed
from archiver.store.schema import connect_readonly
from archiver.store.textindex import TextIndex
from archiver.types import Fault

INDEX, TEXT = "index", "text"
# What the text index says, without the numbers by which its tables name each other.
_SAID = {
    "places": "SELECT * FROM temp.vocabulary",
    "words": "SELECT term, language, stem, documents FROM search_term t LEFT JOIN search_count c ON c.id = t.id",
    "facets": "SELECT f.id, source, language FROM search_facet f LEFT JOIN search_origin o ON o.id = f.origin_id",
}
_VOCABULARY = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, article_text, col)"


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
        yield Fault(INDEX, name, None, "", f"the text index cannot be read: {error}")
    for row in copy.execute(
        "SELECT e.filename, e.offset, e.url, v.number, v.title, v.text, v.text_hash FROM versions v"
        " LEFT JOIN exchanges e ON e.id = v.exchange_id"
    ):
        if hashed(row["title"], row["text"]) != row["text_hash"]:
            told = f"the text of version {row['number']} is not what its hash says"
            yield Fault(TEXT, row["filename"] or name, row["offset"], row["url"] or "", told)
    for (url,) in copy.execute(
        "SELECT a.url FROM articles a LEFT JOIN search_doc d ON d.article_id = a.id"
        " LEFT JOIN article_text_docsize t ON t.id = d.id"
        " WHERE d.version_id IS NOT a.version_id OR d.sort_at IS NOT a.sort_at OR t.id IS NULL"
    ):
        yield Fault(
            TEXT, name, None, url, "the text index has another text than the latest version"
        )
    for table, column in (("search_doc", "article_id"), ("article_text_docsize", "id")):
        whole, inner = ("articles", "id") if table == "search_doc" else ("search_doc", "id")
        (count,) = copy.execute(
            f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT {inner} FROM {whole})"
        ).fetchone()
        if count:
            yield Fault(TEXT, name, None, "", f"{count} rows of {table} belong to no article")
    yield from _words(copy, name)


def _words(copy: sqlite3.Connection, name: str) -> Iterator[Fault]:
    """Make the text index of the copy anew, and see whether it comes out as it was."""
    if (made_by := schema.analyser(copy)) != schema.ANALYSER:
        told = f"the text index was made by analyser {made_by}; run 'archiver reindex'"
        yield Fault(TEXT, name, None, "", told, note=True)
        return
    copy.execute(_VOCABULARY)
    for what, said in _SAID.items():
        copy.execute(f"CREATE TEMP TABLE {what}_before AS {said}")
    copy.execute("DROP TABLE temp.vocabulary")
    TextIndex(copy).make()
    copy.execute(_VOCABULARY)
    differ = 0
    for what, said in _SAID.items():
        before = f"SELECT * FROM temp.{what}_before"
        (count,) = copy.execute(
            f"SELECT count(*) FROM (SELECT * FROM ({before} EXCEPT {said})"
            f" UNION SELECT * FROM ({said} EXCEPT {before}))"
        ).fetchone()
        differ += count
    if differ:
        yield Fault(
            TEXT, name, None, "", f"the text index counts {differ} words otherwise than its texts"
        )
