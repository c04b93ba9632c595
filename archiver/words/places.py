"""Where the words of a text stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from unicodedata import category

from archiver.words.folding import LETTERS, flat, may_be_single, word_pattern

# What surely separates, and never changes with what stands beside it.
_STRETCH = re.compile(
    "[^\\x00-/:-@\\[-`{-\\x7f\u00a0\u00ab\u00bb\u060c\u061b\u061f\u06d4\u0964\u2010-\u201f\u2026"
    "\u3000-\u3002\u3008-\u3011\uff01-\uff0f\uff1a-\uff20]+"
)
_AT_ONCE = 64  # stretches; folding is quick, and calling it is not
# Letters that make one letter with the one before them: vowels and finals of Hangul and Kirat Rai.
_FINAL = re.compile("[\u1161-\u1175\u11a8-\u11c2\U00016d63-\U00016d6a]")


class Token(NamedTuple):
    """A folded word, and where it stands: `text[start:end]` of the original text."""

    term: str
    start: int
    end: int


def spans(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Yield the words of `text[start:end]` in order, with their places in `text`.

    They are the words of `tokens`. Places overlap only where one character stands for more than
    one word. Marks and joiners around a word belong to its place.
    """
    stretches = _STRETCH.finditer(text, start, len(text) if end is None else end)
    while some := list(islice(stretches, _AT_ONCE)):
        yield from _in_stretches(some)


def _in_stretches(stretches: list[re.Match[str]]) -> Iterator[Token]:
    """Fold many stretches as one text; where one of them is several words, each by itself."""
    folded = flat(" ".join([stretch[0] for stretch in stretches]))
    terms = folded.split(" ")
    if len(terms) > len(stretches) or may_be_single(folded):
        for stretch in stretches:
            yield from _in_stretch(stretch[0], stretch.start())
        return
    for term, stretch in zip(terms, stretches, strict=True):
        if term:
            yield Token(term, *stretch.span())


def _in_stretch(stretch: str, offset: int) -> Iterator[Token]:
    folded = flat(stretch)
    if folded and " " not in folded and not may_be_single(folded):
        return iter([Token(folded, offset, offset + len(stretch))])
    if folded == stretch:
        return (
            Token(word.group(), offset + word.start(), offset + word.end())
            for word in word_pattern().finditer(folded)
        )
    return _by_clusters(stretch, offset)


def _by_clusters(stretch: str, offset: int) -> Iterator[Token]:
    """Fold piece by piece, and remember of each folded letter which piece it came from."""
    folded, owners = "", []
    for start, end in _clusters(stretch):
        piece = flat(stretch[start:end])
        folded += piece
        owners += [(offset + start, offset + end)] * len(piece)
    for word in word_pattern().finditer(folded):
        yield Token(word.group(), owners[word.start()][0], owners[word.end() - 1][1])


def _clusters(stretch: str) -> Iterator[tuple[int, int]]:
    """Yield where the pieces are that can be folded alone: a letter and all that may join it.

    What becomes nothing belongs to the letter before it, else to the one that follows.
    """
    start, parted, empty = 0, False, True
    for place, char in enumerate(stretch):
        becomes = LETTERS[ord(char)]
        if parted or not (empty or _joins(becomes)):
            if place:
                yield start, place
            start, empty = place, True
        parted, empty = becomes.endswith(" "), empty and not becomes
    yield start, len(stretch)


def _joins(becomes: str) -> bool:
    return not becomes or category(becomes[0])[0] == "M" or bool(_FINAL.match(becomes))
