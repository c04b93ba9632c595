"""When an article was published and changed, as its page tells and prints it.

What markup tells is the moment to the second, and at times the day on which an old article was moved
to a new system; what is printed beside the headline is what readers were told. Teasers, comments and
events have dates too, so only the lines around the headline count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from archiver import dates
from archiver.extract import boilerplate, language, lexicon, nearby
from archiver.extract.nearby import Line
from archiver.extract.page import Page, types
from archiver.extract.site import CUT
from archiver.extract.title import title as headline
from archiver.types import Link, Moment

AHEAD = timedelta(days=1)  # a page that tells of a later day tells of something else
MOVED = timedelta(days=2)  # by so much a printed date is older than a told one that is not true
LONGEST, PLAIN = 160, 60  # characters of a line, of one without a label
SAYS, NAMES = 1, 6  # words before a date: with more of them a line is a sentence, or prose
_PUBLISHED = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date",
              "pubdate", "publishdate", "publish-date", "date", "dc.date.issued", "dc.date", "dcterms.created",
              "sailthru.date", "cxenseparse:recs:publishtime")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified",
             "dcterms.modified")  # fmt: skip
# Systems name it as they like: "published-date", "w-published-date", "citation_publication_date".
_NAMED = re.compile(r"publi(?:sh|cation)|issued|posted")
_NOT_NAMED = re.compile(r"modif|updat|last|expir|unpubl|publisher|url|id$|config")
_PAGES = frozenset(["WebPage", "ClaimReview"])
_CHANGED = re.compile(r"updat|modif|changed", re.IGNORECASE)
_FIRST = re.compile(r"publi|entry-date|created|posted", re.IGNORECASE)
_PARTS = re.compile(r"\s[|·•–—-]+\s")
_DIGIT = re.compile(r"\d")
_STOPS = (*boilerplate.ENDS, ":", ";")
_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)([/_-]?)(\d{1,2})\2(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads dates of one page, and refuses what lies ahead of its capture."""

    language: str
    now: datetime

    def known(self, moment: Moment | None) -> Moment | None:
        """Return `moment` unless it lies ahead."""
        return moment if moment and moment.at <= self.now + AHEAD else None

    def line(self, text: str, origin: str) -> tuple[Moment | None, Moment | None]:
        """Return when a line says that something was published, and changed."""
        told = dates.line(text, origin, language=self.language, now=self.now)
        first, last = map(self.known, told)
        if first and first.precision == "year":  # "1998 - 2012" in the foot
            first = None
        return first, last

    def first(self, values: Iterable[Any], origin: str) -> Moment | None:
        """Return the first of some values that can be read."""
        for value in values:
            if isinstance(value, str) and value and len(value) <= LONGEST:
                first, last = self.line(value, origin)
                if first or last:
                    return first or last
        return None


def published(page: Page, link: Link, now: datetime, title: str = "") -> Moment | None:
    """Return when the article was published, or None: a missing date beats a wrong one.

    The first of JSON-LD, meta tags and what the feed or sitemap told, unless the page prints an
    older date; else the day in its title, by its headline, in its address, or behind a label.
    `now` is the time of the capture, `title` the headline where it is known.
    """
    read = _Reader(language.declared(page), now)
    told = (
        _told(page, read, "datePublished", _PUBLISHED)
        or read.first(_named(page), "meta")
        or read.known(link.published)
    )
    printed = next((first for first, _ in _printed(page, read, title) if first), None)
    if told and printed and printed.origin != "relative" and told.at - printed.at >= MOVED:
        return printed
    return (
        told
        or _of_title(page, read)
        or printed
        or _of_url(page, read)
        or _labelled_anywhere(page, read)
    )


def modified(page: Page, link: Link, now: datetime, title: str = "") -> Moment | None:
    """Return when the article says it was last changed, or None."""
    read = _Reader(language.declared(page), now)
    told = _told(page, read, "dateModified", _MODIFIED)
    printed = (last for _, last in _printed(page, read, title) if last)
    return told or next(printed, None) or read.known(link.modified)


def _told(page: Page, read: _Reader, name: str, names: Iterable[str]) -> Moment | None:
    """Return what markup tells: the article's JSON-LD, meta tags, the page's JSON-LD."""
    of_pages = (node.get(name) for node in page.linked_data if types(node) & _PAGES)
    return (
        read.first([page.article_data.get(name)], "json-ld")
        or read.first((page.meta.get(known) for known in names), "meta")
        or read.first(of_pages, "json-ld")
    )


def _named(page: Page) -> list[str]:
    """Return the values of meta tags whose names only look like a date of publication."""
    named = ((n, v) for n, v in page.meta.items() if _NAMED.search(n) and not _NOT_NAMED.search(n))
    return [value for name, value in sorted(named)]


def _printed(
    page: Page, read: _Reader, title: str
) -> Iterator[tuple[Moment | None, Moment | None]]:
    """Yield the dates of publication and of changes that stand by the headline, the nearest first."""
    before = ""
    for line in nearby.lines(page, title or headline(page)):
        yield _of_line(line, before, read)
        before = line.text


def _of_line(line: Line, before: str, read: _Reader) -> tuple[Moment | None, Moment | None]:
    """Return what a line says; the line before it may be its label."""
    text = line.text if line.times else _dated(line.text)
    if not (text or line.times) or (_is_prose(line.text) and not _labelled(text)):
        return None, None
    first, last = read.line(text, "text")
    if first and not last and len(before) < 30 and not any(map(str.isdigit, before)):
        labelled = read.line(f"{before} {text}", "text")
        first, last = labelled if any(labelled) else (first, last)
    return _exact(line, first, last, read) if line.times else (first, last)


def _exact(
    line: Line, first: Moment | None, last: Moment | None, read: _Reader
) -> tuple[Moment | None, Moment | None]:
    """Return the same to the second, as the line's ``time`` elements have it."""
    around = line.element.get("class") or ""
    changed = [time for time, called in line.times if _is_changed(f"{around} {called}")]
    told = [time for time, _ in line.times if time not in changed]
    if last and not first:
        return None, read.first([*changed, *told], "time") or last
    return read.first(told, "time") or (None if changed else first), (
        read.first(changed, "time") or last
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


def _labelled_anywhere(page: Page, read: _Reader) -> Moment | None:
    """Return the first date that a label tells as the publication's, wherever on the page it stands."""
    for told in page.tree.itertext():
        if len(told) < LONGEST and any(map(str.isdigit, told)):
            text = " ".join(told.split())
            if len(text) <= PLAIN and _labelled(text) and (first := read.line(text, "text")[0]):
                return first
    return None


def _of_title(page: Page, read: _Reader) -> Moment | None:
    """Return the date with which the page's own title ends."""
    told = next((e.text or "" for e in page.tree.iter("title")), "")
    parts = CUT.split(" ".join(told[:1000].split()))[1:]
    return read.first((part for part in reversed(parts) if len(part) < 30), "text")


def _of_url(page: Page, read: _Reader) -> Moment | None:
    """Return the day in the page's address."""
    for match in _URL.finditer(urlsplit(page.url).path):
        try:
            day = datetime(int(match[1]), int(match[3]), int(match[4]), tzinfo=UTC)
        except ValueError:
            continue
        if day <= read.now + AHEAD:
            return Moment(day, "day", None, "url")
    return None
