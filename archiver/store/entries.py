"""What the text index holds of an article: its folded words, by column, and which of them are counted. Pure.

It takes many articles at once, so that another process may do it (see `textindex.TextIndex.make`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from archiver import words
from archiver.store import rowids, tags

MOST_WORDS = 20_000  # different words of an article that are counted; all of them are indexed
OFTEN = 3  # times that an article has a word which it is about
COLUMNS = ("title", "text", "often", "author", "url", "tags")
LETTERS = 2_000_000  # of text that are folded at once, about
MOST_ROWS = 4_000
_ASCII = frozenset([words.script("a")])

Row = tuple[int, str, str, str, str, str, str, str]
"""Rowid, URL, source, language, what it has, title, text, and authors as JSON."""
Columns = tuple[int, str, str, str, str, str, str]
Counts = Mapping[str, Mapping[str, int]]
"""In how many articles each word stands, and each of `tags.spelled`, by the language that it is stemmed in."""
Term = tuple[str, str, int]
"""A word, the language that it is stemmed in, and in how many articles it stands."""


def fold(rows: Sequence[Row]) -> tuple[list[Columns], Counts]:
    """Return the rowids with the folded text of each column, and the words of titles and texts counted.

    The columns are the same ones for 'delete' as once for INSERT.
    """
    spoken: defaultdict[str, Counter[str]] = defaultdict(Counter)
    columns = [_columns(row, spoken[row[3]]) for row in rows]
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for language, own in spoken.items():
        by_letter = _ByLetter(language, counts)
        for term, count in own.items():
            there = by_letter[term[0]]
            there[term] = there.get(term, 0) + count
    return columns, dict(counts)


class _ByLetter(dict[str, dict[str, int]]):
    """Where words of a language are counted, by their first letter, which tells who stems them."""

    def __init__(self, language: str, counts: defaultdict[str, dict[str, int]]) -> None:
        self._language = language
        self._counts = counts

    def __missing__(self, letter: str) -> dict[str, int]:
        found = self[letter] = self._counts[words.stem_language(letter, self._language)]
        return found


def _columns(row: Row, counts: Counter[str]) -> Columns:
    number, url, source, language, has, title, text, authors = row
    headed, told = words.tokens(title), words.tokens(text)
    own = Counter(headed + told)
    spelled = tags.spelled(language, _scripts(title, text, own))
    counts.update(spelled)
    counts.update(own.keys() if len(own) <= MOST_WORDS else islice(own, MOST_WORDS))
    # How often a word is there FTS5 tells only by its bm25(), which is too slow (see `relevance`).
    often = " ".join([term for term, count in own.items() if count >= OFTEN])
    filters = f"{tags.of(source, language, has, rowids.day_of(number))} {' '.join(spelled)}"
    address = words.fold_url(url)
    return number, " ".join(headed), " ".join(told), often, _authors(authors), address, filters


def _scripts(title: str, text: str, own: Iterable[str]) -> frozenset[str]:
    """Return the scripts of an article's words; what is ASCII is taken to have letters."""
    if title.isascii() and text.isascii():
        return _ASCII
    return frozenset(map(words.script, {term[0] for term in own}))


@lru_cache(4096)
def _authors(told: str) -> str:
    return f" {tags.BREAK} ".join(map(words.fold, json.loads(told)))


def stemmed(terms: Sequence[Term]) -> list[tuple[str, str, str, int]]:
    """Return words with their language, stem, and number of articles."""
    return [(term, language, words.stem(term, language), count) for term, language, count in terms]


def chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows, in their order, as many together as `fold` is to take at once."""
    some: list[Row] = []
    letters = 0
    for row in rows:
        some.append(row)
        letters += len(row[6])
        if letters >= LETTERS or len(some) >= MOST_ROWS:
            yield some
            some, letters = [], 0
    if some:
        yield some
