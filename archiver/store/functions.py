"""SQL functions for the index, so that other programs search it as archiver does.

    archiver_match(query)          what FTS5 is to MATCH for a query in the language of searches
    archiver_snippet(text, query)  the piece of a text that shows most of what was searched for
    archiver_mark(text, query)     all of a text, with what was found between ⟦ and ⟧
    archiver_fold(text)            the words of a text in the spelling that they are indexed in

Marks are plain text, so nothing from the web is ever shown as HTML for their sake. NULL makes NULL, and so
do a BLOB and, but in `archiver_match`, a query with a mistake.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from archiver import clock, words
from archiver.documents import MARK_END, MARK_START, Query
from archiver.errors import QueryError
from archiver.store import snippets, tags
from archiver.store.finding import Finder
from archiver.store.matching import END, Match, Pattern, any_of
from archiver.store.rowids import day_of
from archiver.store.schema import SCHEMA

_REMEMBERED = 32  # queries whose compilation is kept, for each connection
_MARKS = str.maketrans({MARK_START: "⟦", MARK_END: "⟧"})


def is_index(connection: sqlite3.Connection) -> bool:
    """Tell whether a connection's main database is an index of this archiver's schema."""
    try:
        (version,) = connection.execute("PRAGMA main.user_version").fetchone()
        found = connection.execute(
            "SELECT count(*) FROM main.sqlite_schema WHERE name IN ('article_text', 'search_state')"
        ).fetchone()
    except sqlite3.DatabaseError:  # no database, or one that cannot be read: not ours, in any case
        return False
    return bool(version == SCHEMA and found[0] == 2)


def register(connection: sqlite3.Connection) -> None:
    """Add the functions to a connection to the index (see `is_index`).

    They hold the connection, which is therefore only freed once it is closed.

    A mistake in a query fails the statement: SQLite lets no function of Python's say why, but what
    `archiver_match` returns for a mistake makes FTS5 say it: ``fts5: syntax error near ""nothing
    stands behind 'OR' (...)""``.
    """
    queries = _Queries(connection)
    # Only this one is the same for ever. What the others say of a query hangs on the day and on the archive.
    connection.create_function("archiver_fold", 1, _of_texts(words.fold), deterministic=True)
    connection.create_function("archiver_match", 1, _of_texts(queries.expression))
    connection.create_function("archiver_snippet", 2, _of_texts(queries.snippet))
    connection.create_function("archiver_mark", 2, _of_texts(queries.mark))


def _of_texts(function: Callable[..., str | None]) -> Callable[..., str | None]:
    """Return a function as SQL calls it: numbers are texts; where NULL or a BLOB is given, it is NULL."""

    def called(*values: object) -> str | None:
        if any(value is None or isinstance(value, bytes) for value in values):
            return None
        return function(*map(str, values))

    return called


class _Queries:
    """Compiles queries for one connection, each of them once while the index stays as it is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._compiled = lru_cache(_REMEMBERED)(self._compile)

    def expression(self, text: str) -> str:
        try:
            return self._now(text)[0]
        except QueryError as error:
            # FTS5 takes no string behind a bracket, and names the one that it refuses.
            return '(x) "' + str(error).replace('"', '""') + '"'

    def snippet(self, text: str, query: str) -> str | None:
        return self._shown(snippets.snippet, text, query)

    def mark(self, text: str, query: str) -> str | None:
        return self._shown(snippets.marked, text, query)

    def _shown(
        self, show: Callable[[str, Sequence[Pattern]], str], text: str, query: str
    ) -> str | None:
        try:
            return show(text, self._now(query)[1]).translate(_MARKS)
        except QueryError:
            return None  # an error here would be nameless; archiver_match names it

    def _now(self, text: str) -> tuple[str, tuple[Pattern, ...]]:
        # data_version tells what others have committed; the index is only written by others.
        (version,) = self._connection.execute("PRAGMA main.data_version").fetchone()
        return self._compiled(text, version, clock.now().date())

    def _compile(self, text: str, _version: int, _today: date) -> tuple[str, tuple[Pattern, ...]]:
        finder = Finder(self._connection)
        match = finder.match(Query(text))
        return _expression(match, *finder.days()), match.patterns


def _expression(match: Match, first: date, last: date) -> str:
    """Return all of `match` as one expression: its rowids too, which are whole days, as tags.

    `first` and `last` are the days that the index knows.
    """
    parts = [match.fts] if match.fts else []
    if match.low > 0 or match.high < END:
        since = max(first.toordinal(), day_of(match.low))
        until = min(last.toordinal() + 1, day_of(match.high), date.max.toordinal())
        days = tags.days(date.fromordinal(since), date.fromordinal(until))
        parts.append(any_of(list(days) or [tags.NONE], "tags"))
    return " AND ".join(parts or [any_of([tags.ALL], "tags")])
