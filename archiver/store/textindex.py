"""The text index: which words stand in which article, newest articles first.

FTS5 holds folded words (see `archiver.words`) and no text: a *contentless* table. Its rowid is the
minute of publication and, in its lowest bits, the article's id: so "newest first", a range of days and
the facets over time are the order in which the index is read. What a search filters by (source,
language, day, what an article has) are words of the column `tags`, made of characters that no folded
text has.

An article changes here when the transaction that changed it ends, and all of a transaction's
articles in the order of their rowids: FTS5 writes a segment of its own whenever one goes back.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from operator import itemgetter
from typing import Protocol, TypeVar

from archiver.store import entries, rowids
from archiver.store.entries import COLUMNS, Row
from archiver.store.schema import MERGES, create_stem_index, create_text_index, set_merges
from archiver.store.tally import Tally
from archiver.timestamps import from_iso

_MANY = 400_000  # words whose counts are held back at most
_REMEMBERED = 100_000  # words of a language whose ids are remembered, about
_INSERT = f"INSERT INTO article_text (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_DELETE = (
    f"INSERT INTO article_text (article_text, rowid, {', '.join(COLUMNS)})"
    " VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)"
)
# What the row of an article in search_doc is made from.
_STATE = """SELECT a.id AS article_id, a.version_id, a.source, a.sort_at, a.gone_at, a.versions,
    v.language, v.authors, v.published_at FROM articles a JOIN versions v ON v.id = a.version_id"""
_ROW = (
    "INSERT INTO search_doc (id, article_id, version_id, sort_at, source, language, authors, has)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_TOLD = ("article_id", "version_id", "sort_at", "source", "language", "authors")
_UNLESS_TAKEN = f"{_ROW} ON CONFLICT (id) DO NOTHING"
_ORIGIN = "SELECT id FROM search_origin WHERE source = ? AND language = ?"
_NEW_ORIGIN = "INSERT INTO search_origin (source, language) VALUES (?, ?) RETURNING id"
_FACET = "INSERT INTO search_facet (id, origin_id) VALUES (?, ?)"
# Words come as one JSON array: a statement for each would take three times as long.
_FIND_TERMS = """SELECT j.value, t.id FROM json_each(?) j LEFT JOIN search_term t
    ON t.term = j.value AND t.language = ?"""
_LAST_TERM = "SELECT coalesce(max(id), 0) FROM search_count"
_COUNT_TERM = "UPDATE search_count SET documents = documents + ? WHERE id = ?"
_IN_NONE = "SELECT 1 FROM search_count WHERE id = ? AND documents = 0"
_ADD_TERM = "INSERT INTO search_term (term, language, stem, id) VALUES (?, ?, ?, ?)"
_ADD_COUNT = "INSERT INTO search_count (id, documents) VALUES (?, ?)"
_FORGET = ("DELETE FROM search_doc WHERE id = ?", "DELETE FROM search_facet WHERE id = ?")
_FORGET_TERM = "DELETE FROM search_term WHERE term = ? AND language = ?"
_FORGET_COUNT = "DELETE FROM search_count WHERE id = ?"
_DOC = """SELECT d.id, a.url, d.source, d.language, d.has, v.title, v.text, d.authors
    FROM search_doc d JOIN articles a ON a.id = d.article_id JOIN versions v ON v.id = d.version_id"""


_T = TypeVar("_T")
_R = TypeVar("_R")


class Spread(Protocol):
    """What does a job for each of many things, and hands out the results in their order: as `map` does."""

    def __call__(self, job: Callable[[_T], _R], things: Iterable[_T], /) -> Iterator[_R]:
        """Do `job`, a function of a module, for all `things`, which can be pickled."""
        ...


class TextIndex:
    """Writes the text index, inside the store's transactions."""

    def __init__(self, connection: sqlite3.Connection, *, deferred: bool = False) -> None:
        """Use the store's connection. With `deferred` nothing is indexed until `make` makes all of it."""
        self._connection = connection
        self._touched: dict[int, None] = {}
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by language of stem
        # Ids of words that came not long ago, by language of stem: most words are much the same ones.
        self._ids: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._version = 0  # of the database, of which the ids are
        self._deferred = deferred

    def touch(self, article_id: int) -> None:
        """Say that an article was changed; the index follows in `flush`."""
        if not self._deferred:
            self._touched[article_id] = None

    def remove(self, article_ids: Collection[int]) -> None:
        """Take articles out, as long as their rows are there."""
        if not self._deferred:
            docs = [doc for number in article_ids if (doc := self._doc(number))]
            self._forget(docs)
            self._take_out(docs)
            self._count()

    def flush(self) -> None:
        """Bring the index up to the articles that were touched. Call before the transaction ends."""
        touched, self._touched = list(self._touched), {}
        old: list[Row] = []
        new: list[tuple[int, int]] = []  # rowids and articles
        for article_id in touched:
            state = self._one(f"{_STATE} WHERE a.id = ?", article_id)
            held = self._one("SELECT * FROM search_doc WHERE article_id = ?", article_id)
            if state is None or (held is not None and _is(held, state)):
                continue
            if held is not None and (doc := self._doc(article_id)):
                old.append(doc)
                self._forget([doc])
            new.append((self._place(state), article_id))
        self._take_out(old)
        self._put_in(doc for _, article_id in sorted(new) if (doc := self._doc(article_id)))
        self._count()

    def discard(self) -> None:
        """Forget what was touched: its transaction was rolled back."""
        self._touched.clear()
        self._counts.clear()
        self._ids.clear()

    def _place(self, state: sqlite3.Row) -> int:
        """Give an article its row in search_doc; returns the rowid."""
        rowid = _wanted(state)
        row = (*(state[name] for name in _TOLD), _has(state))
        if not self._connection.execute(_UNLESS_TAKEN, (rowid, *row)).rowcount:
            rowid = self._free(rowid)
            self._connection.execute(_ROW, (rowid, *row))
        self._connection.execute(_FACET, (rowid, self._origin(state["source"], state["language"])))
        return rowid

    def _origin(self, *names: str) -> int:
        """Return the id of a source and a language."""
        if not (found := self._connection.execute(_ORIGIN, names).fetchone()):
            found = self._connection.execute(_NEW_ORIGIN, names).fetchone()
        return int(found["id"])

    def _forget(self, docs: Iterable[Row]) -> None:
        ids = [doc[:1] for doc in docs]
        for statement in _FORGET:
            self._connection.executemany(statement, ids)

    def _take_out(self, docs: Iterable[Row]) -> None:
        for columns, counts in map(entries.fold, entries.chunks(sorted(docs))):
            self._connection.executemany(_DELETE, columns)
            for language, own in counts.items():
                self._counts[language].subtract(own)

    def _put_in(self, docs: Iterable[Row]) -> None:
        for columns, counts in map(entries.fold, entries.chunks(docs)):
            self._connection.executemany(_INSERT, columns)
            for language, own in counts.items():
                self._counts[language].update(own)
            if sum(map(len, self._counts.values())) > _MANY:
                self._count()

    def _count(self) -> None:
        """Bring what is known of each word up to date: its stem, and how many articles have it."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:  # another connection has written
            self._version = version
            self._ids.clear()
        totals, self._counts = self._counts, defaultdict(Counter)
        for language, counts in totals.items():
            self._add(language, {term: count for term, count in counts.items() if count})

    def _add(self, language: str, counts: Mapping[str, int]) -> None:
        """Add to the articles of words that are stemmed in one language."""
        ids = self._numbered(language, counts.keys())
        run = self._connection.executemany
        # In the order of the table, whose pages are so many that each should be visited once.
        run(_COUNT_TERM, sorted(((n, ids[term]) for term, n in counts.items()), key=itemgetter(1)))
        gone = [term for term, count in counts.items() if count < 0 and self._in_none(ids[term])]
        run(_FORGET_TERM, [(term, language) for term in gone])
        run(_FORGET_COUNT, [(ids.pop(term),) for term in gone])

    def _in_none(self, term_id: int) -> bool:
        return self._connection.execute(_IN_NONE, (term_id,)).fetchone() is not None

    def _numbered(self, language: str, terms: Set[str]) -> dict[str, int]:
        """Return the ids of words, at least of these; new ones come to the table, and are counted nowhere yet."""
        ids = self._ids[language]
        if len(ids) > _REMEMBERED:
            ids.clear()
        unknown = json.dumps(sorted(terms - ids.keys()), ensure_ascii=False)
        found = self._connection.execute(_FIND_TERMS, (unknown, language)).fetchall()
        ids.update((term, number) for term, number in found if number is not None)
        (last,) = self._connection.execute(_LAST_TERM).fetchone()
        new = [(term, language, 0) for term, number in found if number is None]
        numbered = [(*term, last + n) for n, term in enumerate(entries.stemmed(new), 1)]
        self._write(numbered)
        ids.update((term, number) for term, *_, number in numbered)
        return ids

    def _write(self, terms: Sequence[tuple[str, str, str, int, int]]) -> None:
        """Write new words: language, stem, number of articles, and id."""
        run = self._connection.executemany
        run(_ADD_TERM, [(*word, number) for *word, _, number in terms])
        run(_ADD_COUNT, [(number, count) for *_, count, number in terms])

    def make(self, spread: Spread = map) -> int:
        """Make all of the index anew from the articles; returns how many. Call in a transaction of its own.

        The rows of search_doc first, which gives each article its rowid; then the words in the
        order of the rowids. Words are folded, and cut to their stems, by what `spread` is; the index is
        the same whatever that is.
        """
        self.discard()
        create_text_index(self._connection)
        for state in self._connection.execute(f"{_STATE} ORDER BY a.id"):
            self._place(state)
        set_merges(self._connection, automerge=0, crisismerge=1000)  # all are merged in the end
        tally = Tally(self._connection)
        for columns, counts in spread(entries.fold, entries.chunks(self._all())):
            self._connection.executemany(_INSERT, columns)
            tally.add(counts)
        numbers = itertools.count(1)
        for terms in spread(entries.stemmed, tally.terms()):
            self._write([(*term, next(numbers)) for term in terms])
        create_stem_index(self._connection)
        self._connection.execute("INSERT INTO article_text (article_text) VALUES ('optimize')")
        set_merges(self._connection, **MERGES)
        (count,) = self._connection.execute("SELECT count(*) FROM search_doc").fetchone()
        return int(count)

    def _all(self) -> Iterator[Row]:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return iter(cursor.execute(f"{_DOC} ORDER BY d.id"))

    def _doc(self, article_id: int) -> Row | None:
        row = self._one(f"{_DOC} WHERE d.article_id = ?", article_id)
        return tuple(row) if row else None

    def _one(self, sql: str, article_id: int) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, (article_id,)).fetchone()
        return row

    def _free(self, wanted: int) -> int:
        """Return a free rowid, from `wanted` on, or before it where the day ends: some sites tell the day alone."""
        day = rowids.MINUTES_A_DAY << rowids.SLOTS
        end = wanted - wanted % day + day
        after = self._gap(wanted, 1)
        return after if after < end else self._gap(wanted, -1)

    def _gap(self, wanted: int, step: int) -> int:
        """Return the first free rowid from `wanted` on, upwards or downwards."""
        sign, order = (">=", "ASC") if step > 0 else ("<=", "DESC")
        taken = self._connection.execute(
            f"SELECT id FROM search_doc WHERE id {sign} ? ORDER BY id {order}", (wanted,)
        )
        for (number,) in taken:
            if number != wanted:
                break
            wanted += step
        return wanted


def _wanted(state: sqlite3.Row) -> int:
    """Return the rowid that an article should have: the order of ids within one minute, if it can be."""
    low: int = state["article_id"] & ((1 << rowids.SLOTS) - 1)
    return rowids.first_id(from_iso(state["sort_at"])) | low


def _has(state: sqlite3.Row) -> str:
    told = {
        "author": state["authors"] != "[]",
        "date": state["published_at"] is not None,
        "versions": state["versions"] > 1,
        "gone": state["gone_at"] is not None,
    }
    return " ".join(name for name, holds in told.items() if holds)


def _is(held: sqlite3.Row, state: sqlite3.Row) -> bool:
    """Tell whether an article is indexed as it should be."""
    same = all(held[name] == state[name] for name in ("version_id", "sort_at", "source"))
    return same and held["has"] == _has(state)
