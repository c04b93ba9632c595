"""In how many articles each word of a whole archive stands, counted without holding all of them in memory.

What is in memory is put aside when it is much, in a temporary table, and put together in the end: SQLite sorts
in files of its own. So search_term is written in its order, once.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from archiver.store.entries import Counts, Term

MOST = 400_000  # words that are held at most
TOGETHER = 20_000  # words that are handed out together
_TABLE = "CREATE TEMP TABLE tally (term TEXT, language TEXT, documents INTEGER)"
_ALL = "SELECT term, language, sum(documents) FROM temp.tally GROUP BY 1, 2 ORDER BY 1, 2"


class Tally:
    """Counts for one making of the text index, inside its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Begin with no words."""
        self._connection = connection
        self._counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        connection.execute(_TABLE)

    def add(self, counts: Counts) -> None:
        """Add the words of some articles."""
        for language, own in counts.items():
            held = self._counts[language]
            for term, count in own.items():
                held[term] = held.get(term, 0) + count
        if sum(map(len, self._counts.values())) > MOST:
            self._put_aside()

    def _put_aside(self) -> None:
        for language, own in self._counts.items():
            rows = ((term, language, count) for term, count in own.items())
            self._connection.executemany("INSERT INTO temp.tally VALUES (?, ?, ?)", rows)
        self._counts.clear()

    def terms(self) -> Iterator[list[Term]]:
        """Yield all words in the order of search_term, some at a time, and forget them."""
        self._put_aside()
        cursor = self._connection.cursor()
        cursor.row_factory = None
        found = cursor.execute(_ALL)
        while some := list(islice(found, TOGETHER)):
            yield some
        self._connection.execute("DROP TABLE temp.tally")
