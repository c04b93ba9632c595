"""What extracted text is worth against gold text: the definitions of the corpus's score.py.

Words are runs of letters and digits, and single characters in Chinese, Japanese and Korean. ROUGE-L
is F of the longest common sequence of words, case ignored. Shingles are four words in a row, here
with case and without parting those scripts; their precision and recall are means over pages, their
F1 is that of the two means: the measure of the Scrapinghub article-extraction-benchmark.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from bench.extraction_set import Found, Page

try:
    from rapidfuzz.distance import LCSseq
except ImportError:  # only the lab has it; see `common` below
    LCSseq = None  # type: ignore[assignment]

ROUNDS = 1000
SHINGLE = 4
_RUN = re.compile(r"\w+")
_SPACELESS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W{_SPACELESS}]+|(?!\W)[{_SPACELESS}]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Score:
    """One page's score. None and "" where there is nothing to say.

    `title`, `date`, `authors` and `language` are right, wrong or none (not found).
    """

    rouge: float
    precision: float | None
    recall: float | None
    exact: bool
    title: str
    date: str
    authors: str
    language: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of a set; `low` and `high` are the 95 % interval of `rouge`."""

    f1: float
    precision: float
    recall: float
    rouge: float
    low: float
    high: float
    exact: float
    under: int


def words(text: str) -> list[str]:
    """Return the words of `text`."""
    return _WORD.findall(text)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Count the runs of four words in `text`; a shorter text is one run."""
    run = _RUN.findall(text)
    starts = range(max(1, len(run) - SHINGLE + 1)) if run else ()
    return Counter(tuple(run[n : n + SHINGLE]) for n in starts)


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common sequence; slow without RapidFuzz."""
    if LCSseq is not None:
        return int(LCSseq.similarity(one, other))
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for n, against in enumerate(other):
            row.append(above[n] + 1 if word == against else max(row[n], above[n + 1]))
        above = row
    return above[-1]


def rouge_l(gold: str, text: str) -> float:
    """Return the ROUGE-L of `text`, 0 to 1."""
    one, other = ([word.lower() for word in words(each)] for each in (gold, text))
    if not one or not other:
        return float(not one and not other)
    return 2 * common(one, other) / (len(one) + len(other))


def judge(page: Page, found: Found) -> Score:
    """Score what was found on one page."""
    wanted, got = shingles(page.body), shingles(found.text)
    hits = (wanted & got).total()
    return Score(
        rouge=rouge_l(page.body, found.text),
        precision=hits / got.total() if got else None,
        recall=hits / wanted.total() if wanted else None,
        exact=words(page.body) == words(found.text),
        title=_verdict(_spaced(page.title), [_spaced(page.title)], _spaced(found.title)),
        date=_verdict(page.dates, page.dates, found.date[:10]),
        authors=_verdict(page.authors, [_folded(page.authors)], _folded(found.authors)),
        language=_verdict(page.language, [page.language], found.language),
    )


def _verdict(gold: object, wanted: Sequence[T], said: T) -> str:
    """Tell whether what was `said` is one of those `wanted`, where there is `gold`."""
    if not gold:
        return ""
    if not said:
        return "none"
    return "right" if said in wanted else "wrong"


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _folded(names: Iterable[str]) -> frozenset[str]:
    """Return `names` without order, case, punctuation and compatibility forms."""
    plain = (unicodedata.normalize("NFKC", name).casefold() for name in names)
    return frozenset(filter(None, (" ".join(_RUN.findall(name)) for name in plain)))


def shingle_f1(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Return F1, precision and recall over pages."""
    precision = fmean([s.precision for s in scores if s.precision is not None] or [0])
    recall = fmean([s.recall for s in scores if s.recall is not None] or [0])
    both = precision + recall
    return (2 * precision * recall / both if both else 0.0), precision, recall


def spread(values: Sequence[T], statistic: Callable[[list[T]], float]) -> tuple[float, float]:
    """Return the bootstrap 95 % interval of a statistic."""
    rng = random.Random(0)
    drawn = (rng.choices(values, k=len(values)) for _ in range(ROUNDS))
    ranked = sorted(statistic(each) for each in drawn)
    return ranked[int(ROUNDS * 0.025)], ranked[int(ROUNDS * 0.975)]


def summarise(scores: Sequence[Score]) -> Summary:
    """Return what the scores of a set come to."""
    rouge = [score.rouge for score in scores]
    return Summary(
        *shingle_f1(scores),
        fmean(rouge),
        *spread(rouge, fmean),
        exact=fmean(score.exact for score in scores),
        under=sum(value < 0.9 for value in rouge),
    )


def tally(scores: Iterable[Score], field: str) -> tuple[int, int, int]:
    """Count on how many pages a field is right, wrong and not found."""
    counted = Counter(getattr(score, field) for score in scores)
    return counted["right"], counted["wrong"], counted["none"]


@dataclass(frozen=True, slots=True)
class Gap:
    """By how much one reading of a set is better than another, with its 95 % interval."""

    mean: float
    low: float
    high: float


def gap(
    ours: Sequence[Score],
    theirs: Sequence[Score],
    statistic: Callable[[Sequence[Score]], float],
) -> Gap:
    """Return the difference of a statistic, page against page."""

    def difference(pairs: Sequence[tuple[Score, Score]]) -> float:
        one, other = zip(*pairs, strict=True)
        return statistic(one) - statistic(other)

    pairs = list(zip(ours, theirs, strict=True))
    return Gap(difference(pairs), *spread(pairs, difference))


def mean_rouge(scores: Sequence[Score]) -> float:
    """Return the mean ROUGE-L."""
    return fmean([score.rouge for score in scores])


def mean_exact(scores: Sequence[Score]) -> float:
    """Return the share of pages that equal the gold word for word."""
    return fmean([score.exact for score in scores])


def only_f1(scores: Sequence[Score]) -> float:
    """Return the shingle F1."""
    return shingle_f1(scores)[0]
