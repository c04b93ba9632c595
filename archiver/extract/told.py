"""The dates that a page's markup, its title and its address tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from archiver import dates
from archiver.extract.page import Page, types
from archiver.extract.site import CUT
from archiver.types import Moment

AHEAD = timedelta(days=1)  # a page that tells of a later day tells of something else
LONGEST = 160  # characters of a line
_SCHEMA = "datepublished"
_PUBLISHED = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date",
              "pubdate", "publishdate", "publish-date", "date", "dc.date.issued", "dc.date", "dcterms.created",
              "sailthru.date", "cxenseparse:recs:publishtime")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified",
             "dcterms.modified")  # fmt: skip
# Systems name it as they like: "published-date", "w-published-date", "citation_publication_date".
_NAMED = re.compile(r"publi(?:sh|cation)|issued|posted")
_NOT_NAMED = re.compile(r"modif|updat|last|expir|unpubl|publisher|url|id$|config")
_PAGES = frozenset(["WebPage", "ClaimReview"])
_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)([/_-]?)(\d{1,2})\2(\d{1,2})(?!\d)")
_SPELT = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d{1,2})(?=/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
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


def publications(page: Page, read: Reader) -> Iterator[Moment]:
    """Yield what each kind of markup tells as the day of publication, the most trusted first."""
    named = read.first(_named(page), "meta")
    yield from filter(None, (*_told(page, read, "datePublished", _PUBLISHED), named))


def is_schema_only(page: Page, read: Reader) -> bool:
    """Tell whether no meta tag but those of schema.org tells a day of publication."""
    others = [page.meta.get(name) for name in _PUBLISHED if name != _SCHEMA]
    return read.first([*others, *_named(page)], "meta") is None


def change(page: Page, read: Reader) -> Moment | None:
    """Return what markup tells as the last change."""
    return next(filter(None, _told(page, read, "dateModified", _MODIFIED)), None)


def _told(page: Page, read: Reader, name: str, names: Iterable[str]) -> tuple[Moment | None, ...]:
    """Return what the article's JSON-LD, meta tags and the page's JSON-LD tell."""
    of_pages = (node.get(name) for node in page.linked_data if types(node) & _PAGES)
    return (
        read.first([page.article_data.get(name)], "json-ld"),
        read.first((page.meta.get(known) for known in names), "meta"),
        read.first(of_pages, "json-ld"),
    )


def _named(page: Page) -> list[str]:
    """Return the values of meta tags whose names only look like a date of publication."""
    known = (*_PUBLISHED, *_MODIFIED)
    named = ((n, v) for n, v in page.meta.items() if _NAMED.search(n) and not _NOT_NAMED.search(n))
    return [value for name, value in sorted(named) if name not in known]


def of_title(page: Page, read: Reader) -> Moment | None:
    """Return the date with which the page's own title ends."""
    told = next((e.text or "" for e in page.tree.iter("title")), "")
    parts = CUT.split(" ".join(told[:1000].split()))[1:]
    return read.first((part for part in reversed(parts) if len(part) < 30), "text")


def of_url(page: Page, read: Reader) -> Moment | None:
    """Return the day in the page's address: ``/2026/05/04/``, ``20260504``, ``/2026/may/04/``."""
    path = urlsplit(page.url).path
    for match in _URL.finditer(path):
        try:
            day = datetime(int(match[1]), int(match[3]), int(match[4]), tzinfo=UTC)
        except ValueError:
            continue
        if day <= read.now + AHEAD:
            return Moment(day, "day", None, "url")
    spelt = _SPELT.search(path)
    return read.first([f"{spelt[3]} {spelt[2]} {spelt[1]}"], "url") if spelt else None
