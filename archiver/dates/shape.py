"""A line of text in which each known word is its mark: the shape that dates are read from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from archiver.dates.words import WORD, Words, words

_RUN_ON = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PERSIAN = re.compile("[\u06f0-\u06f9]")
_THAI = re.compile("[\u0e00-\u0e7f]")
_FOREIGN = re.compile("[\u0370-\u1dff\u3040-\ud7ff]")
# Elements that stood side by side, joined without a space: "By Jane DoeMarch 5".
_SEAM = re.compile("(?<=[a-zα-ωа-џ])(?=[A-ZΑ-ΩА-Я][a-zα-ωа-џ])")
_LONGEST = 4  # words in a phrase


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the words.

    `language` is the page's main language (ISO 639, "" if unknown), `region` its country or "";
    `now` the time of the capture, aware; `persian` tells whether digits are Persian, `thai` whether letters are Thai.
    """

    language: str = ""
    region: str = ""
    now: datetime | None = None
    persian: bool = False
    thai: bool = False


def context(text: str, language: str, now: datetime | None) -> Context:
    """Return the context of `text` on a page that declares `language` ("en-US", "en_US", "ar")."""
    parts = re.split("[-_]", re.split("[,; ]", language.strip())[0])
    region = next((part.upper() for part in parts[1:] if len(part) == 2), "")
    primary = {"iw": "he", "in": "id", "nb": "no", "nn": "no", "ms": "id", "prs": "fa"}
    code = parts[0].lower()
    if code == "en" and _FOREIGN.search(text):  # what templates declare, unasked
        code, region = "", ""
    return Context(
        primary.get(code, code), region, now, bool(_PERSIAN.search(text)), bool(_THAI.search(text))
    )


def shape(folded: str, page: Context) -> str:
    """Return folded text with a mark in the place of each word that `page` knows."""
    known = words(page.language)
    text = _SEAM.sub(" ", folded)
    if _RUN_ON.search(text):
        text = known.run_on.sub(lambda match: known.marks[match[0].casefold()], text)
    pieces = WORD.split(text)
    place = 1
    while place < len(pieces):
        place += _mark(pieces, place, known)
    return "".join(pieces)


def _mark(pieces: list[str], place: int, known: Words) -> int:
    """Put a mark in the place of the word or phrase at `place`; return how far to go on."""
    word = pieces[place]
    if word.casefold() in known.starts:
        for length in range(_LONGEST, 1, -1):
            end = place + 2 * length - 1
            phrase = _phrase(pieces[place:end]) if end <= len(pieces) else ""
            if mark := known.marks.get(phrase):
                pieces[place:end] = [mark] + [""] * (end - place - 1)
                return end - place + 1
    pieces[place] = known.marks.get(word) or known.marks.get(word.casefold()) or word
    return 2


def _phrase(pieces: list[str]) -> str:
    """Return words as a phrase, or "" where more than a space, stop, dash or quote is between."""
    if any(len(gap) > 2 or gap.strip(" .'-") for gap in pieces[1::2]):
        return ""
    return " ".join(pieces[::2]).casefold()
