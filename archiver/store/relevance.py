"""How relevant hits are: a word in the title counts more than one in the text, a rare one more than a common one.

FTS5's own bm25() asks, for each form of each word, every article that has it: a quarter of a second
for common words in a million articles. Here a word in an article weighs one of a few fixed amounts,
each of which is a list that the index can be asked for (Anh and Moffat, "Simplified similarity
scoring using term ranks", 2005): in the title, often in the article, or there.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from archiver.store.matching import COLUMNS, FORMS, Match, Pattern, joined
from archiver.store.vocabulary import Vocabulary

IN_TITLE, OFTEN, THERE = 2.0, 1.0, 1.0  # times the weight of the word
TOGETHER = 2.0  # for two words that follow each other as they were asked
WEIGHED = 6  # words of a query, the rarest


def scores(
    connection: sqlite3.Connection, vocabulary: Vocabulary, match: Match, ids: Sequence[int]
) -> defaultdict[int, float]:
    """Return the relevance of `ids`, hits of `match`, newest first; what is not in it has 0."""
    window = match._replace(low=min(ids))
    found: defaultdict[int, float] = defaultdict(float)
    weights = {pattern: _weight(vocabulary, pattern) for pattern in match.patterns}
    among = _among(match, weights)
    for expression, weight in _amounts(match, weights):
        sql, values = window._replace(fts=f"{expression} AND {among}").select()
        for (number,) in connection.execute(sql, values):
            found[number] += weight
    return found


def _among(match: Match, weights: Mapping[Pattern, float]) -> str:
    """Return which articles are weighed: those with the rarest word where all of the query is words, else its hits.

    More than two lists take FTS5 longer than what they leave out would. But a filter may be rarer than any word.
    """
    every = {pattern: pattern.within(COLUMNS[""]) for pattern in match.patterns}
    if not every or match.fts != joined((every[one] for one in match.patterns), " AND "):
        return match.fts
    return every[max(weights, key=weights.__getitem__)]


def _amounts(match: Match, weights: Mapping[Pattern, float]) -> Iterator[tuple[str, float]]:
    """Yield what adds to the relevance of an article, and how much."""
    patterns = match.patterns
    weighed = sorted(weights.items(), key=lambda one: -one[1])
    for pattern, weight in weighed[:WEIGHED]:
        if pattern.prefix and not 0 < len(pattern.begun) <= FORMS:
            continue  # FTS5 would gather all that begins so once more
        yield pattern.within("title"), IN_TITLE * weight
        if len(pattern.forms) == 1 and not pattern.prefix:
            yield pattern.within("often"), OFTEN * weight
        if match.choices:
            yield pattern.within(COLUMNS[""]), THERE * weight
    chosen = dict(weighed[:WEIGHED])
    for one, other in pairwise(patterns):
        if one in chosen and other in chosen and not one.prefix:
            both = Pattern(one.forms + other.forms, other.prefix)
            yield both.within(COLUMNS[""]), TOGETHER * min(chosen[one], chosen[other])


def _weight(vocabulary: Vocabulary, pattern: Pattern) -> float:
    """Return how much a word tells: the fewer articles have it, the more."""
    known = vocabulary.documents([form for forms in pattern.forms for form in forms])
    found = [sum(known.get(form, 0) for form in forms) for forms in pattern.forms]
    if pattern.prefix:
        found[-1] = vocabulary.places(pattern.forms[-1][0])
    rarest = min(found)
    return 1 / math.log(2 + rarest)
