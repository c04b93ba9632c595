"""What a word is reduced to before it is compared: one spelling of the many it is written in.

A text is folded letter by letter (`Letters`), and put into composed form (NFC) before and after.
So the place of each word in the original text stays known (`archiver.words.spans`), and no text
takes more than linear time: NFKC over a whole text would sort heaped marks in the square of their
number, and make 18 letters of one.
"""

from __future__ import annotations

import re
import unicodedata
from codecs import charmap_build, charmap_decode, charmap_encode
from functools import cache
from typing import Any
from unicodedata import category, combining, normalize
from urllib.parse import unquote

from archiver.words.scripts import COMMON, DROPPED, SINGLE, SPELLINGS, THEMSELVES

# Newer Unicode data knows more letters: an index that another Python has made may hold other words.
ANALYSER = f"1 unicode-{unicodedata.unidata_version}"

_HEAP = re.compile(r"[\W_]{32,}")
# One range, which is compiled ten times as fast as the scripts themselves.
_MAY_BE_SINGLE = re.compile("[^\\x00-\u0dff]")
_MAKING_LETTERS = sorted({normalize("NFD", letter)[1] for letter in THEMSELVES})
# Of ø, ł, đ and their kind, which are one sign, so they have no marks to take off.
_WITH = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")
_NOWHERE = frozenset(["Cn", "Co", "Cs"])  # unassigned, private, half a character


class Letters(dict[int, str]):
    """What each letter becomes; filled as letters are met, so an import costs nothing."""

    def __missing__(self, code: int) -> str:
        """Return what a letter becomes: "", a space, or one letter or more (NFC)."""
        char = chr(code)
        if category(char) in _NOWHERE:
            return " "  # and is not remembered: a million of them would fill the memory
        folded = self[code] = _fold_letter(char)
        return folded


LETTERS = Letters()


def fold(text: str) -> str:
    """Return the words of a text in their one spelling, with one space between them.

    What is left are ASCII letters and digits and, above U+007F, letters, numbers and marks; never
    private use. Folding again changes nothing. Any `str` will do, with lone surrogates too.
    """
    return " ".join(tokens(text))


def fold_url(url: str) -> str:
    """Return the words of a URL, those of its scheme left out and %-escapes read."""
    return fold(unquote(url.partition("://")[2] or url))


def tokens(text: str) -> list[str]:
    """Return the words of a text in their one spelling, in order."""
    folded = _short_way(text)
    if folded is None:
        folded = flat_of_any(text)
        if may_be_single(folded):
            return word_pattern().findall(folded)
    return folded.split()


def flat(text: str) -> str:
    """Fold letters, with a space where something separates; letters that are words are not yet apart."""
    folded = _short_way(text)
    return flat_of_any(text) if folded is None else folded


def _short_way(text: str) -> str | None:
    """Return what `flat` does of a text that has only the commonest letters, none of which is a word by itself."""
    encoding, dropped, decoding = _one_byte()
    try:
        coded, _ = charmap_encode(text, "strict", encoding)
    except UnicodeEncodeError:
        return None
    return charmap_decode(coded.translate(None, dropped), "strict", decoding)[0]


def flat_of_any(text: str) -> str:
    """Do what `flat` does, without its short way for the commonest letters."""
    if any(mark in text for mark in _MAKING_LETTERS):
        text = composed(text)
    return composed(text.translate(LETTERS))


@cache
def _one_byte() -> tuple[Any, bytes, str]:
    """Return a code of one byte for common letters that become one letter or none.

    What encodes it, the bytes that become nothing, and what the others become. An Arabic text is
    folded four times as fast by it as letter by letter.
    """
    letters = [char for char in COMMON if len(LETTERS[ord(char)]) < 2]
    alphabet = "".join(letters).ljust(256, "\ufffe")  # which stands for no letter
    dropped = bytes(code for code, char in enumerate(letters) if not LETTERS[ord(char)])
    becomes = "".join(LETTERS[ord(char)] or " " for char in letters).ljust(256, "\ufffe")
    return charmap_build(alphabet), dropped, becomes


def may_be_single(folded: str) -> bool:
    """Tell whether there may be letters that are words by themselves in what `flat` returned."""
    return _MAY_BE_SINGLE.search(folded) is not None


@cache
def word_pattern() -> re.Pattern[str]:
    """Return what a word is in what `flat` returned; compiled for the first text that needs it."""
    # Of what is left only marks are no \w, and only spaces separate.
    return re.compile(rf"[{SINGLE}][^\w ]*|[^{SINGLE} ]+")


def composed(text: str) -> str:
    """Return NFC, in linear time."""
    if unicodedata.is_normalized("NFC", text):
        return text
    return normalize("NFC", _HEAP.sub(_sorted_marks, text))


def _sorted_marks(heap: re.Match[str]) -> str:
    """Put marks into canonical order: `normalize` would, in the square of their number."""
    runs: list[list[str]] = [[]]
    for mark in _taken_apart(heap.group()):
        if not combining(mark):
            runs.append([])
        runs[-1].append(mark)
    return "".join(mark for run in runs for mark in sorted(run, key=combining))


def _taken_apart(text: str) -> str:
    """Return what each character is made of, in the order they stand."""
    return "".join(normalize("NFD", char) for char in text)


def _fold_letter(char: str) -> str:
    if char.casefold() in THEMSELVES:
        return char.casefold()
    if (whole := SPELLINGS.get(char)) is not None:
        return whole
    # Marks go first: a casefold would make a letter of the Greek iota below.
    bare = "".join(filter(_is_kept, normalize("NFKD", char)))
    pieces = normalize("NFKD", bare.casefold())
    folded = normalize("NFC", "".join(map(_plain, pieces)))
    return f" {folded} " if unicodedata.decomposition(char).startswith("<fraction>") else folded


def _is_kept(char: str) -> bool:
    return char not in DROPPED


def _plain(char: str) -> str:
    """Return what one decomposed, lower-case character becomes."""
    if (spelling := SPELLINGS.get(char)) is not None:
        return spelling
    if char in DROPPED:
        return ""
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if found := _WITH.match(unicodedata.name(char, "")):
        return found[1].lower()
    return char if category(char)[0] in "LMN" else " "
