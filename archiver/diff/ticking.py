"""Lines that change by themselves: how long ago, when updated, how often seen, how long to read.

Only whole lines of that kind tick, or whole parts of a line between bars and dots ("By A. Lee | 3 hours ago"): in a
sentence each number counts.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from archiver.dates import words as w
from archiver.dates.folding import fold as fold_date
from archiver.dates.relative import Ago, lengths
from archiver.dates.shape import context, shape
from archiver.words.folding import fold

LONGEST = 120  # characters of a line that ticks
_PARTS = re.compile(r"\s*[|·•]\s*")
# 1,234 and 1.2K and ٣ آلاف; each becomes a 0.
_NUMBER = re.compile(
    r"\d+(?:[.,٫٬\u00a0\u202f ]\d+)*(?:\s?(?:k|m|mln|mio|tsd|mil|bin|tys|тыс|млн|हज़ार|हजार|لاکھ|ہزار|ألف|الف|آلاف|مليون"
    r"|هزار|میلیون|万|萬|千|천|만)(?!\w))?",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:last(?= (?:updated|modified|edited)\b)|about|around|almost|over|حوالي|نحو|أكثر من)\b\s?",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d]")
_COUNTED = re.compile(rf"[\d{w.NUMBERS}]")


def without(line: str) -> str:
    """Return a line without its parts that change by themselves."""
    if len(line) > LONGEST or not line.strip():
        return line
    parts = _PARTS.split(line)
    kept = [part for part in parts if not ticks(part)]
    return line if len(kept) == len(parts) else " ".join(kept)


def ticks(line: str) -> bool:
    """Tell whether a whole line changes by itself, in any of the languages that archiver reads."""
    return _counts(line) or _tells_time(line)


def _counts(line: str) -> bool:
    """Tell a counter ("1,234 views"), a time to read, or words for just now."""
    return fold(_NUMBER.sub(" 0 ", line)) in _phrases()


def _tells_time(line: str) -> bool:
    """Tell a length of time before now, or a label of an update with its time, and no other word."""
    page, found = context(line, "", None), list[Ago]()
    rest = lengths(shape(fold_date(_LOOSE.sub("", line)), page), page, found)
    if w.OTHER in rest or _LETTER.search(rest):
        return False
    if w.UPDATED in rest:
        return bool(found or _COUNTED.search(rest))
    return bool(found) and not _COUNTED.search(rest)


@cache
def _phrases() -> frozenset[str]:
    """Return the phrases of all languages, folded, with a 0 for each number."""
    tables = tomllib.loads(Path(__file__).with_name("ticking.toml").read_text("utf-8"))
    return frozenset(
        fold(each.replace("#", " 0 "))
        for table in tables.values()
        for phrases in table.values()
        for phrase in phrases
        for each in _spelled(phrase)
    )


def _spelled(phrase: str) -> list[str]:
    """Return the spellings of a phrase: ``{a|b}`` stands for a or b."""
    before, brace, rest = phrase.partition("{")
    if not brace:
        return [phrase]
    choices, _, behind = rest.partition("}")
    return [each for choice in choices.split("|") for each in _spelled(before + choice + behind)]
