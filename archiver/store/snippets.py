"""The found words of a query in an article's own text. Pure.

FTS5's snippet() and highlight() cannot be stopped: on one long page that holds a word 20,000 times
they took half a minute. Here a text is read up to a limit, and once.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from archiver.types import MARK_END, MARK_START

MAX_READ = 200_000  # characters of a text that are searched for the words
BEFORE, AFTER = 90, 160  # characters around the first found word
# A word with the marks that stand on its letters, tatweel and joiners.
_WORD = re.compile(
    r"\w(?:\w|[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d])*"
)


def words(query: str) -> frozenset[str]:
    """Return the folded words of a query."""
    return frozenset(part for word in _WORD.findall(query) for part in _parts(word))


@lru_cache(maxsize=8192)
def _parts(word: str) -> tuple[str, ...]:
    """Return what the tokenizer makes of `word`: without case and marks, split at joiners."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return tuple(filter(None, re.split("[\u200c\u200d]", plain)))


def marked(text: str, wanted: frozenset[str]) -> str:
    """Return `text` with the found words between the two marks."""
    return _WORD.sub(lambda match: _mark(match[0], wanted), text)


def _mark(word: str, wanted: frozenset[str]) -> str:
    return f"{MARK_START}{word}{MARK_END}" if _found(word, wanted) else word


def _found(word: str, wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(_parts(word))


def snippet(text: str, wanted: frozenset[str]) -> str:
    """Return the piece of `text` around the first found word, with the found words marked."""
    matches = _WORD.finditer(text, 0, MAX_READ) if wanted else iter(())
    first = next((match for match in matches if _found(match[0], wanted)), None)
    start = _word_start(text, first.start() - BEFORE) if first else 0
    end = _word_end(text, (first.end() if first else BEFORE) + AFTER)
    piece = marked(text[start:end].strip(), wanted)
    return ("…" if start else "") + piece + ("…" if end < len(text) else "")


def _word_start(text: str, position: int) -> int:
    """Return the beginning of the word after `position`."""
    if position <= 0:
        return 0
    space = text.find(" ", position, position + 40)
    return space + 1 if space >= 0 else position


def _word_end(text: str, position: int) -> int:
    """Return the end of the word before `position`."""
    if position >= len(text):
        return len(text)
    space = text.rfind(" ", position - 40, position)
    return space if space >= 0 else position
