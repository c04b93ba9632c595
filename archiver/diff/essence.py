"""A text without what readers do not take for a change of it.

Left out: white space, punctuation, invisible and bidi characters, harakat and tatweel, and case. Read as one:
presentation forms and other compatibility forms of a letter, the digits of all scripts, the letters that keyboards
mix up (ی ي ى, ک ك), and the three spellings that Arabic editors correct day after day without saying anything
else: alif with or without its hamza (أ إ آ ا), ة and ه, the seat of a hamza inside a word (مسؤول, مسئول). Two
Arabic words are the same with and without the space between them (عبد الله, می شود).

Kept apart, where `words.folding`, which is made for finding, does not: a hamza that is a letter (ماء is water, ما
says no), إلا and ألا (the second says no), accents (año, ano), every number as it is written, and the signs that say
something: %, currencies, signs of arithmetic, a minus before a number, and a question mark.
"""

from __future__ import annotations

from itertools import pairwise
from unicodedata import category, normalize

from archiver.diff.cutting import Token, cut
from archiver.words.folding import composed
from archiver.words.scripts import DROPPED

_ACCENTS = range(0x0300, 0x0370)
_HAMZA = "\u0621"
_LETTERS = {
    **dict.fromkeys("أإآٱٲٳ", "ا"), **dict.fromkeys("ىیېےۍ", "ي"), **dict.fromkeys("ةہھەۃۀۂ", "ه"),
    **dict.fromkeys("کڪ", "ك"), **dict.fromkeys("ؤئٴ", _HAMZA), "٫": ".", "٬": ",", "’": "'",
}  # fmt: skip
_APART = frozenset(["الا", "والا", "فالا"])  # what becomes of إلا and ألا
_TELLING = frozenset("%‰٪؟?+±<>=×÷")
_MINUS = "-\u2010\u2011\u2012\u2013\u2212"
_DASH = "-"
_ARABIC = ("\u0600", "\u06ff")


class _Becomes(dict[int, str]):
    """What each character of a word becomes; found out when it is first met."""

    def __missing__(self, code: int) -> str:
        found = self[code] = "".join(map(_letter, normalize("NFKC", chr(code)).casefold()))
        return found


_BECOMES = _Becomes()


def essence(text: str) -> str:
    """Return what a text says: two texts with one essence differ in nothing but trifles. Linear time."""
    parts: list[str] = []
    for token, behind in pairwise(cut(composed(text))):
        if part := _said(token, behind):
            parts += [part] if parts and _one_script(parts[-1], part) else [" ", part]
    return "".join(parts)


def _said(token: Token, behind: Token) -> str:
    if token.is_word:
        said = token.text.translate(_BECOMES)
        return _seen(token.text) if said in _APART else said
    if token.text in _TELLING or category(token.text) == "Sc":
        return normalize("NFKC", token.text.replace("؟", "?").replace("٪", "%"))
    # 5-3 is a score; -5 and (-5) are cold.
    if token.text in _MINUS and behind.text[:1].isdigit() and not behind.gap:
        return _DASH if token.gap else ""
    return ""


def _seen(word: str) -> str:
    return "".join(char for char in word if char not in _UNSEEN)


def _letter(char: str) -> str:
    if char in _UNSEEN:
        return ""
    if category(char) == "Nd":
        return normalize("NFKC", char) if char.isascii() else str(int(char))
    return _LETTERS.get(char, char)


def _one_script(word: str, other: str) -> bool:
    """Tell whether both are Arabic, where a space more or less makes no other words."""
    return all(_ARABIC[0] <= char <= _ARABIC[1] for char in (word[-1], other[0]))


# Of what searching drops: not the hamza, and not the marks that are put on letters of any script.
_UNSEEN = frozenset(c for c in DROPPED if ord(c) not in _ACCENTS and c not in f"{_HAMZA}\u0674")
