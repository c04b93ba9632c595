"""Articles that tell the same story: those that share the words that are rare in the archive.

From the text index alone. The words of an article are weighed by how often it has them and how few
articles do (tf-idf, Sparck Jones 1972); what other articles of the same weeks share of that weight is
how similar they are.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from archiver import words
from archiver.documents import Article
from archiver.store.finding import Finder
from archiver.store.rowids import MINUTES_A_DAY, SLOTS

TERMS = 40  # words of an article that are looked for elsewhere
FORMS = 8  # forms that each is looked for in
TITLE = 3  # times that a word of the title counts
LEAST = 0.25  # share of the weight from which two articles tell the same story
COMMON = 0.1  # share of the articles; a word that more of them have tells nothing
FEW = 10  # articles of which that is not said


@dataclass(frozen=True, slots=True)
class Likeness:
    """A rowid of the text index, and how like the article it is: from 0 to 1, the article itself."""

    id: int
    score: float


def similar(finder: Finder, rowid: int, article: Article, days: int, limit: int) -> list[Likeness]:
    """Return the most similar articles of `days` before and after, the most similar first."""
    weights = _weights(finder, article)
    whole = sum(weights.values())
    near = (days * MINUTES_A_DAY) << SLOTS
    scores: defaultdict[int, float] = defaultdict(float)
    for forms, weight in weights.items():
        for number in finder.holding(forms, rowid - near, rowid + near):
            scores[number] += weight
    scores.pop(rowid, None)
    found = [Likeness(number, score / whole) for number, score in scores.items()]
    found = [one for one in found if one.score >= LEAST]
    return sorted(found, key=lambda one: (-one.score, -one.id))[:limit]


def _weights(finder: Finder, article: Article) -> dict[tuple[str, ...], float]:
    """Return the words by which an article is known, each in its forms, with its weight."""
    document = article.document
    counts = Counter(words.tokens(document.text))
    for term in words.tokens(document.title):
        counts[term] += TITLE
    known = finder.vocabulary.documents(list(counts))
    articles = finder.articles()
    rare = sorted(counts, key=lambda term: (known.get(term, 0), term))[: 2 * TERMS]
    weights: dict[tuple[str, ...], float] = {}
    for term in rare:
        forms = tuple(sorted(words.expand(term, finder.vocabulary, FORMS)))
        held = sum(finder.vocabulary.documents(forms).values())
        if 1 < held <= max(COMMON * articles, FEW):
            # The rarity counts twice: once for each of the two articles.
            weights[forms] = (1 + math.log(counts[term])) * math.log(1 + articles / held) ** 2
    heaviest = sorted(weights, key=lambda forms: (-weights[forms], forms))[:TERMS]
    return {forms: weights[forms] for forms in heaviest}
