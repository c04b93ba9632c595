"""What of an article is compared: its words in their one spelling. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from archiver import words

SHORT = 20  # words; shorter texts ("Watch the video") are copies only where every word is the same
MOST = 20_000  # words that are compared: live tickers may be longer than books


@dataclass(frozen=True, slots=True)
class Text:
    """The folded words of a text, and a number (64 bits, signed) that all texts of these words have."""

    words: tuple[str, ...]
    same: int

    @property
    def short(self) -> bool:
        """Whether it has too few words to be compared but as a whole."""
        return len(self.words) < SHORT


def read(title: str, text: str) -> Text:
    """Return what is compared of an article.

    The title is left out, for outlets give a story headlines of their own; but of a short text it is the most.
    Stop words stay: they are what makes a run of words one that no other text has.
    """
    told = words.tokens(text)[:MOST]
    whole = told if len(told) >= SHORT else ["", *words.tokens(title)[:MOST], "", *told]
    digest = blake2b(" ".join(whole).encode(), digest_size=8).digest()
    return Text(tuple(told), int.from_bytes(digest, signed=True))


def runs(told: tuple[str, ...], size: int) -> list[str]:
    """Return each run of so many words (a *shingle*; Broder 1997), in order; of fewer words the one that there is."""
    if len(told) <= size:
        return [" ".join(told)]
    return list(map(" ".join, zip(*(told[n:] for n in range(size)), strict=False)))
