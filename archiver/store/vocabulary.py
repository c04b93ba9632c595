"""What the index knows of words: in how many articles each stands, and which share a stem."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from archiver.store import tags

LAST = "\U0010ffff"  # which no folded word has
_COUNTED = "search_term t JOIN search_count c ON c.id = t.id"
_CHUNK = 500  # values of one IN (...)
# A DISTINCT would read all words; this asks the index for the next language, and the next.
_LANGUAGES = """WITH RECURSIVE known(language) AS (SELECT min(language) FROM search_term UNION ALL
    SELECT (SELECT min(language) FROM search_term t WHERE t.language > known.language) FROM known
    WHERE known.language NOT NULL) SELECT language FROM known WHERE language NOT NULL"""


class Vocabulary:
    """The words of all titles and texts (see `archiver.words.Vocabulary`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use a connection to the index."""
        self._connection = connection

    def languages(self) -> Sequence[str]:
        """Return the languages by whose rules words of the archive are stemmed."""
        return [row[0] for row in self._connection.execute(_LANGUAGES)]

    def documents(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each of `terms` stands; those that stand in none are left out."""
        found: Counter[str] = Counter()
        for some in _chunks(terms):
            marks = ", ".join("?" * len(some))
            sql = f"SELECT term, documents FROM {_COUNTED} WHERE term IN ({marks})"
            for term, count in self._connection.execute(sql, some):
                found[term] += count
        return found

    def sharing(self, stems: Collection[tuple[str, str]]) -> Mapping[str, int]:
        """Return the words that have one of these pairs of language and stem, with their articles."""
        by_language: dict[str, list[str]] = defaultdict(list)
        for language, stem in stems:
            by_language[language].append(stem)
        terms: set[str] = set()
        for language, own in by_language.items():
            for some in _chunks(own):
                marks = ", ".join("?" * len(some))
                sql = f"SELECT term FROM search_term WHERE language = ? AND stem IN ({marks})"
                terms.update(row[0] for row in self._connection.execute(sql, (language, *some)))
        return self.documents(terms)

    def beginning(self, prefix: str, limit: int) -> list[str]:
        """Return words that begin with `prefix`, in their order."""
        found = self._connection.execute(
            "SELECT DISTINCT term FROM search_term WHERE term >= ? AND term < ? LIMIT ?",
            (prefix, prefix + LAST, limit),
        )
        return [row[0] for row in found]

    def places(self, prefix: str) -> int:
        """Return how many places the words that begin with `prefix` have: one for each article of each."""
        (count,) = self._connection.execute(
            f"SELECT coalesce(sum(documents), 0) FROM {_COUNTED} WHERE term >= ? AND term < ?",
            (prefix, prefix + LAST),
        ).fetchone()
        return int(count)

    def spelled(self, script: str) -> Mapping[str, int]:
        """Return the tags of articles with words in a script (see `tags.spelled`), with their articles."""
        first = tags.in_script(script)
        found = self._connection.execute(
            f"SELECT term, documents FROM {_COUNTED} WHERE term >= ? AND term < ?",
            (first, first + LAST),
        )
        return dict(map(tuple, found))


def _chunks(values: Collection[str]) -> list[list[str]]:
    every = list(values)
    return [every[n : n + _CHUNK] for n in range(0, len(every), _CHUNK)]
