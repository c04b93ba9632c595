"""A text cut into what is compared: words and signs, each with the gap before it.

A word is what stands between gaps and signs: an Arabic word with all that is written on it and to it
(harakat, tatweel, joiners, the article, a preposition of one letter, a pronoun). A number is one word with its
separators (1,234.5), an apostrophe inside a word is part of it. In scripts without spaces (see `words.scripts`)
each letter is a word. Any other sign is a piece by itself, so that an added comma is shown as a comma.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple
from unicodedata import category

from archiver.words.scripts import SINGLE

# One letter for what a character is: Space, Mark, Digit, siNgle, Letter, or a sign: . (may stand in a
# number), ' (may stand in a word), or ! for all others.
_TOKEN = re.compile(
    r"[DLM]+(?:(?:(?<=[DM])\.(?=D)|(?<=[LM])'(?=L))[DLM]+)*|NM*|[.'!]"
)  # fmt: skip
_WORD = re.compile(_TOKEN.pattern.removesuffix("|[.'!]"))
_IN_NUMBERS = ".,:/\u066b\u066c"  # and the two of Arabic
_IN_WORDS = "'\u2019"
_ZERO_WIDTH_SPACE = "\u200b"


class _Kinds(dict[int, str]):
    """What each character is; found out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if category(char) in ("Cn", "Co", "Cs"):
            return "!"  # and is not remembered: a million of them would fill the memory
        found = self[code] = _kind(char)
        return found


_KINDS = _Kinds()


class Token(NamedTuple):
    """A word or sign, and the white space before it."""

    gap: str
    text: str
    is_word: bool


def cut(text: str) -> list[Token]:
    """Return the words and signs of a text in order; the last is an empty one, with the gap at the end.

    Gaps and tokens joined are the text. Any `str` will do; linear time.
    """
    kinds = text.translate(_KINDS)
    found, end = [], 0
    for match in _TOKEN.finditer(kinds):
        start, after = match.span()
        found.append(Token(text[end:start], text[start:after], kinds[start] not in ".'!"))
        end = after
    found.append(Token(text[end:], "", False))
    return found


def count(text: str) -> int:
    """Return how many words a text has."""
    return sum(1 for _ in _WORD.finditer(text.translate(_KINDS)))


def _kind(char: str) -> str:
    general = category(char)
    if char.isspace() or char == _ZERO_WIDTH_SPACE:
        return "S"
    if general in ("Mn", "Mc", "Me", "Cf"):
        return "M"
    if general == "Nd":
        return "D"
    if general[0] in "LN":
        return "N" if _single().match(char) else "L"
    return "." if char in _IN_NUMBERS else "'" if char in _IN_WORDS else "!"


@cache
def _single() -> re.Pattern[str]:
    return re.compile(f"[{SINGLE}]")
