"""Which articles match: their rowids, newest first, by the page, counted, in facets and by relevance.

Everything here is bounded: what is counted, weighed or told apart is the newest `WINDOW` hits, and the
result says when there are more.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from archiver import clock
from archiver.documents import Query
from archiver.query import Tag
from archiver.store import relevance
from archiver.store.matching import END, Match, any_of, compile_query
from archiver.store.rowids import day_of, first_id
from archiver.store.vocabulary import Vocabulary

WINDOW = 10_000  # newest hits that are counted, weighed and told apart
FACETS = ("source", "day", "month", "lang", "author")
_BY_ORIGIN = """SELECT o.{}, hit.articles, hit.oldest FROM (SELECT f.origin_id, count(*) AS articles,
    min(f.id) AS oldest FROM {{}} hit CROSS JOIN search_facet f ON f.id = hit.rowid GROUP BY 1) hit
    JOIN search_origin o ON o.id = hit.origin_id"""
_BY_AUTHORS = """SELECT d.authors, count(*), min(d.id) FROM {} hit
    CROSS JOIN search_doc d ON d.id = hit.rowid GROUP BY 1"""
_BY = {
    "source": _BY_ORIGIN.format("source"),
    "lang": _BY_ORIGIN.format("language"),
    "author": _BY_AUTHORS,
}
_SPANS = {"day": 60, "month": 2_000}  # days that a line over time shows in such steps, at most


class Facet(NamedTuple):
    """How many of `articles` have which value, the most frequent first; days and months in their order.

    `more` says that only the newest were looked at. An article with two authors counts for both.
    """

    values: tuple[tuple[str, int], ...]
    articles: int
    more: bool


class Finder:
    """Finds rowids in the text index of a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use a connection to the index."""
        self._connection = connection
        self.vocabulary = Vocabulary(connection)

    def match(self, query: Query) -> Match:
        """Compile a query's words and filters. Raises QueryError."""
        given = (("source", query.source), ("lang", query.language))
        filters = [Tag(field, value) for field, value in given if value]
        found = compile_query(query.words, self.vocabulary, self.days(), filters)
        return found._replace(
            low=max(found.low, first_id(query.since) if query.since else 0),
            high=min(found.high, first_id(query.until) if query.until else END),
        )

    def days(self) -> tuple[date, date]:
        """Return the first and the last day that the index knows; of an empty one, today."""
        row = self._connection.execute(
            "SELECT (SELECT min(id) FROM search_doc), (SELECT max(id) FROM search_doc)"
        ).fetchone()
        if row[0] is None:
            today = clock.now().date()
            return today, today
        return date.fromordinal(day_of(row[0])), date.fromordinal(day_of(row[1]))

    def newest(self, match: Match, limit: int) -> list[int]:
        """Return the rowids of the newest hits, newest first."""
        return self._ids(match, "DESC", limit)

    def oldest(self, match: Match, limit: int) -> list[int]:
        """Return the rowids of the oldest hits, oldest first."""
        return self._ids(match, "ASC", limit)

    def _ids(self, match: Match, order: str, limit: int) -> list[int]:
        sql, values = match.select()
        found = self._connection.execute(f"{sql} ORDER BY rowid {order} LIMIT ?", (*values, limit))
        return [row[0] for row in found]

    def relevant(self, match: Match, limit: int) -> list[int]:
        """Return the most relevant of the newest `WINDOW` hits, the most relevant first (see `relevance`)."""
        ids = self.newest(match, WINDOW)
        if not ids:
            return []
        scores = relevance.scores(self._connection, self.vocabulary, match, ids)
        return sorted(ids, key=lambda number: (-scores[number], -number))[:limit]

    def count(self, match: Match) -> int:
        """Return how many articles match; `WINDOW` + 1 says that there are more than `WINDOW`."""
        sql, values = match.select()
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM ({sql} LIMIT ?)", (*values, WINDOW + 1)
        ).fetchone()
        return int(count)

    def articles(self) -> int:
        """Return how many articles there are."""
        (count,) = self._connection.execute("SELECT count(*) FROM search_doc").fetchone()
        return int(count)

    def holding(self, forms: Iterable[str], low: int, high: int) -> list[int]:
        """Return the rowids between two, of the articles that have one of some folded words."""
        return self.newest(Match(any_of(forms), low, high), WINDOW)

    def facet(self, match: Match, by: str) -> Facet:
        """Tell the newest `WINDOW` hits apart by one of `FACETS`."""
        if by not in _BY:
            ids, more = self._window(match)
            return Facet(tuple(sorted(_days(ids, by).items())), len(ids), more)
        sql, values = match.select()
        hits = f"({sql} ORDER BY rowid DESC LIMIT ?)"
        found = self._connection.execute(_BY[by].format(hits), (*values, WINDOW)).fetchall()
        counted: Counter[str] = Counter()
        for value, count, _ in found:
            for name in dict.fromkeys(json.loads(value)) if by == "author" else [value]:
                counted[name] += count
        articles = sum(count for _, count, _ in found)
        ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        older = match.below(min((last for *_, last in found), default=None))
        return Facet(tuple(ordered), articles, articles == WINDOW and bool(self.newest(older, 1)))

    def _window(self, match: Match) -> tuple[list[int], bool]:
        """Return the newest `WINDOW` hits, and whether there are more."""
        ids = self.newest(match, WINDOW + 1)
        return ids[:WINDOW], len(ids) > WINDOW

    def over_time(self, match: Match) -> Facet:
        """Count the newest `WINDOW` hits by day, month or year, whichever makes a line that can be read.

        Every step from the first hit to the last is there, those without a hit too.
        """
        ids, more = self._window(match)
        if not ids:
            return Facet((), 0, False)
        span = day_of(ids[0]) - day_of(ids[-1])
        step = next((name for name, most in _SPANS.items() if span <= most), "year")
        counted = _days(ids, step)
        steps = _steps(day_of(ids[-1]), day_of(ids[0]), step)
        return Facet(tuple((name, counted[name]) for name in steps), len(ids), more)


def _named(day: int, step: str) -> str:
    """Return the name of the day, month or year that a day is in."""
    return date.fromordinal(day).isoformat()[: {"year": 4, "month": 7, "day": 10}[step]]


def _days(ids: list[int], step: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for day, count in Counter(map(day_of, ids)).items():
        counted[_named(day, step)] += count
    return counted


def _steps(first: int, last: int, step: str) -> list[str]:
    if step == "year":
        years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
        return [f"{year:04}" for year in years]
    return list(dict.fromkeys(_named(day, step) for day in range(first, last + 1)))
