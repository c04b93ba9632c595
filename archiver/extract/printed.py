"""The dates that a page prints for its readers.

Teasers, comments and events have dates too, so only the lines around the headline count, and what a
label tells as the day of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.extract import boilerplate, lexicon, nearby
from archiver.extract.nearby import Line
from archiver.extract.page import Page
from archiver.extract.title import title as headline
from archiver.extract.told import LONGEST, Reader
from archiver.types import Moment

PLAIN = 60  # characters of a line without a label
SAYS, NAMES = 1, 6  # words before a date: with more of them a line is a sentence, or prose
_CHANGED = re.compile(r"updat|modif|changed", re.IGNORECASE)
_FIRST = re.compile(r"publi|entry-date|created|posted", re.IGNORECASE)
_PARTS = re.compile(r"\s[|·•–—-]+\s")
_DIGIT = re.compile(r"\d")
_STOPS = (*boilerplate.ENDS, ":", ";")


@dataclass(frozen=True, slots=True)
class Said:
    """When a line says that the article was published, and changed.

    `shown` is the day that it shows without a label that calls it the change's, whatever markup,
    which no reader sees, calls it.
    """

    first: Moment | None = None
    last: Moment | None = None
    shown: Moment | None = None


def by_headline(page: Page, read: Reader, title: str) -> Iterator[Said]:
    """Yield what the lines by the headline say, the nearest first; lines without a date are left out."""
    before = ""
    for line in nearby.lines(page, title or headline(page)):
        said = _of_line(line, before, read)
        if said.first or said.last:
            yield said
        before = line.text


def _of_line(line: Line, before: str, read: Reader) -> Said:
    """Return what a line says; the line before it may be its label."""
    text = line.text if line.times else _dated(line.text)
    if not (text or line.times) or (_is_prose(line.text) and not _labelled(text)):
        return Said()
    first, last = read.line(text, "text")
    if first and not last and len(before) < 30 and not any(map(str.isdigit, before)):
        labelled = read.line(f"{before} {text}", "text")
        first, last = labelled if any(labelled) else (first, last)
    return _exact(line, first, last, read) if line.times else Said(first, last, first)


def _exact(line: Line, first: Moment | None, last: Moment | None, read: Reader) -> Said:
    """Return the same to the second, as the line's ``time`` elements have it."""
    around = line.element.get("class") or ""
    changed = [time for time, called in line.times if _is_changed(f"{around} {called}")]
    told = [time for time, _ in line.times if time not in changed]
    if last and not first:
        return Said(None, read.first([*changed, *told], "time") or last)
    published = read.first(told, "time")
    modified = read.first(changed, "time")
    return Said(
        published or (None if changed else first), modified or last, published or modified or first
    )


def _is_changed(names: str) -> bool:
    return bool(_CHANGED.search(names)) and not _FIRST.search(names)


def _is_prose(text: str) -> bool:
    """Tell a sentence or a heading that has a date in it from a line that is there for its date."""
    words = len(_DIGIT.split(text, maxsplit=1)[0].split())
    return words > (SAYS if text.endswith(_STOPS) else NAMES)


def _dated(text: str) -> str:
    """Return the part of a line that can be its date: all of a short one, else what has a label."""
    if not any(map(str.isdigit, text)):
        return ""
    if len(text) <= PLAIN or _labelled(text):
        return text
    return next((part for part in _PARTS.split(text) if len(part) <= PLAIN and _labelled(part)), "")


def _labelled(text: str) -> bool:
    words = text.split(maxsplit=4)[:4]
    begun = (" ".join(words[:n]) for n in range(1, len(words) + 1))
    return any(lexicon.matches(b, "published") or lexicon.matches(b, "modified") for b in begun)


def labelled(page: Page, read: Reader) -> Moment | None:
    """Return the first date that a label tells as the publication's, wherever on the page it stands.

    The label may be the text in front of it, of an element of its own.
    """
    before = ""
    for told in map(str.strip, page.tree.itertext()):
        if len(told) < LONGEST and not any(map(str.isalnum, told)):
            continue  # white space, or the colon behind a label
        text = " ".join(told.split()) if len(told) < LONGEST else ""
        if any(map(str.isdigit, text)) and len(text) <= PLAIN:
            if not _labelled(text) and lexicon.matches(before, "published"):
                text = f"{before} {text}"
            if _labelled(text) and (first := read.line(text, "text")[0]):
                return first
        before = text
    return None
