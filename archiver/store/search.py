"""The reading side of the index: search, single articles, streams for export.

The query is compiled here and nowhere else: words become quoted terms, so the user never meets the
query language of FTS5 nor its errors.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from archiver.dates import iso
from archiver.errors import DamagedError, UsageError
from archiver.store import rows, snippets
from archiver.store.schema import connect_readonly
from archiver.types import Article, Entry, Hit, Query, RecordLocation

MAX_TERMS = 64
MAX_LENGTH = 1000  # characters of a query
MAX_SECONDS = 1.5
SORTS = {
    "date": "a.sort_at DESC, a.id DESC",
    "oldest": "a.sort_at, a.id",
    "relevance": "bm25(article_text, 4.0, 1.0), a.sort_at DESC, a.id DESC",
}
_QUOTES = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]|(\S+)')


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What the index holds of one source."""

    name: str
    articles: int
    last_seen: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What one WARC file brought: its rows, those of pictures and the like, revisits without a body."""

    exchanges: int
    resources: int
    unresolved: int


class Index:
    """A read-only view of the index at `path`."""

    def __init__(self, path: Path) -> None:
        """Open the index; raises ArchiveError when there is none."""
        self._connection = connect_readonly(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def brought(self, filename: str) -> Brought:
        """Return what the index holds of one WARC file."""
        try:
            row = self._connection.execute(
                "SELECT count(*), coalesce(sum(kind = 'resource'), 0),"
                " coalesce(sum(revisit AND original_id IS NULL), 0)"
                " FROM exchanges WHERE filename = ?",
                (filename,),
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise _damaged(error) from error
        return Brought(*row)

    def search(self, query: Query) -> list[Hit]:
        """Return the hits of `query`, at most `query.limit`, in its order.

        Raises UsageError when the words hold nothing to search for.
        """
        match = compile_words(query.words)
        where, values = _filters(query)
        tables = rows.TABLES
        if match:
            tables += " JOIN article_text ON article_text.rowid = a.id"
            where, values = ["article_text MATCH ?", *where], [match, *values]
        order = SORTS[query.sort if match or query.sort != "relevance" else "date"]
        sql = (
            f"SELECT {rows.COLUMNS} FROM {tables}"
            f" WHERE {' AND '.join(where) or '1'} ORDER BY {order} LIMIT ?"
        )
        wanted = snippets.words(query.words)
        found = map(rows.article, self._rows(sql, [*values, query.limit]))
        return [
            Hit(
                article,
                snippets.marked(article.document.title, wanted),
                snippets.snippet(article.document.text, wanted),
            )
            for article in found
        ]

    def stream(self, query: Query) -> Iterator[Article]:
        """Yield every article of `query` by id, one at a time, whatever its limit."""
        match = compile_words(query.words)
        where, values = _filters(query)
        if match:
            where.append("a.id IN (SELECT rowid FROM article_text WHERE article_text MATCH ?)")
            values.append(match)
        sql = (
            f"SELECT {rows.COLUMNS} FROM {rows.TABLES}"
            f" WHERE {' AND '.join(where) or '1'} ORDER BY a.id"
        )
        try:
            for row in self._connection.execute(sql, list(map(_storable, values))):
                yield rows.article(row)
        except sqlite3.DatabaseError as error:
            raise _damaged(error) from error

    def article(self, wanted: str) -> Article | None:
        """Return the article with the id or URL `wanted`; any URL it was fetched from will do."""
        if wanted.isdecimal() and len(wanted) < 19:  # what fits SQLite's 64 bits
            where, values = "a.id = ?", [int(wanted)]
        else:
            where = (
                "a.id = coalesce((SELECT id FROM articles WHERE url = ?), (SELECT article_id"
                " FROM exchanges WHERE url = ? AND article_id IS NOT NULL ORDER BY id DESC LIMIT 1))"
            )
            values = [wanted, wanted]  # type: ignore[list-item]
        found = self._rows(f"SELECT {rows.COLUMNS} FROM {rows.TABLES} WHERE {where}", values)
        return rows.article(found[0]) if found else None

    def exchange(self, url: str) -> RecordLocation | None:
        """Return where the last exchange with `url` lies, article or not."""
        found = self._rows(
            f"SELECT {rows.WHERE} FROM {rows.EXCHANGES} WHERE e.url = ? ORDER BY e.id DESC LIMIT 1",
            [url],
        )
        return rows.location(found[0]) if found else None

    def entries(self, filename: str) -> Iterator[Entry]:
        """Yield the exchanges that lie in the WARC file `filename`, in their order."""
        sql = f"SELECT {rows.ENTRY} FROM exchanges WHERE filename = ? ORDER BY offset"
        try:
            yield from map(rows.entry, self._connection.execute(sql, (filename,)))
        except sqlite3.DatabaseError as error:
            raise _damaged(error) from error

    def last_location(self) -> tuple[str, int] | None:
        """Return file name and offset of the last exchange that the index holds."""
        found = self._rows(rows.LAST, [])
        return (found[0]["filename"], found[0]["offset"]) if found else None

    def sources(self) -> list[SourceCounts]:
        """Return what the index holds of each source, by name."""
        sql = (
            "SELECT s.name, count(a.id) AS articles, coalesce(max(a.last_seen), '') AS seen"
            " FROM sources s LEFT JOIN articles a ON a.source = s.name GROUP BY s.name ORDER BY s.name"
        )
        try:
            found = self._connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise _damaged(error) from error
        return [SourceCounts(row["name"], row["articles"], row["seen"]) for row in found]

    def profiles(self) -> dict[str, str]:
        """Return the learned profile of each source, as text."""
        found = self._rows("SELECT source, profile FROM profiles ORDER BY source", [])
        return {row["source"]: row["profile"] for row in found}

    def _rows(self, sql: str, values: list[Any]) -> list[sqlite3.Row]:
        """Run a statement under the time limit."""
        end = time.monotonic() + MAX_SECONDS
        self._connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        try:
            return self._connection.execute(sql, list(map(_storable, values))).fetchall()
        except sqlite3.DatabaseError as error:
            if "interrupted" in str(error):
                raise UsageError("the search took too long", remedy="use rarer words") from error
            raise _damaged(error) from error
        finally:
            self._connection.set_progress_handler(None, 0)


def _damaged(error: sqlite3.Error) -> DamagedError:
    return DamagedError(f"the index cannot be read: {error}", remedy="run 'archiver rebuild'")


def _storable(value: Any) -> Any:
    """Return `value` without lone surrogates, which argv may hold and SQLite refuses."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def compile_words(words: str) -> str:
    """Compile a user's words to an FTS5 query: all words must be there; quoted ones as a phrase.

    Returns "" for no words at all. Raises UsageError when there are too many, or none that has a
    letter or a digit.
    """
    if not words.strip():
        return ""
    if len(words) > MAX_LENGTH:
        raise UsageError(f"the query is longer than {MAX_LENGTH} characters")
    clean = _storable(words).replace("\x00", " ")
    terms = [phrase or word for phrase, word in _QUOTES.findall(clean)]
    terms = [term.replace('"', " ") for term in terms if any(c.isalnum() for c in term)]
    if not terms:
        raise UsageError("nothing to search for", where=words[:60], remedy="give at least one word")
    if len(terms) > MAX_TERMS:
        raise UsageError(f"more than {MAX_TERMS} words in the query")
    return " AND ".join(f'"{term}"' for term in terms)


def _filters(query: Query) -> tuple[list[str], list[Any]]:
    """Return the SQL conditions of the filters and their values."""
    wanted = [
        ("a.source = ?", query.source),
        ("v.language = ?", query.language),
        ("a.sort_at >= ?", iso(query.since) if query.since else ""),
        ("a.sort_at < ?", iso(query.until) if query.until else ""),
    ]
    return [sql for sql, value in wanted if value], [value for _, value in wanted if value]
