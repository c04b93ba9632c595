"""Archiver's road over a set: read every page, learn a profile for each site, read again with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import process_time
from typing import Any
from urllib.parse import quote

from archiver import extract, urls
from archiver.types import Capture, Kind, Link, Moment, Reading
from bench.extraction_others import NOWHERE, guarded
from bench.extraction_set import Found, Page, Trouble, watched

NAME = "archiver"
ARTICLE = "article"  # what a page can be taken for
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
Without = frozenset[str]
Each = Callable[[Callable[..., Any], Sequence[Any]], Iterator[Any]]


def check_steps(names: Sequence[str]) -> Without:
    """Return steps to leave out; raises `Trouble` when there is none of a name."""
    for name in names:
        if name not in extract.STEPS:
            raise Trouble(f"there is no step {name!r}; there are: {', '.join(extract.STEPS)}")
    return frozenset(names)


def capture_of(page: Page, html: bytes) -> Capture:
    """Return the exchange that brought a page."""
    url = page.url or NOWHERE + quote(page.id, safe="")
    return Capture(Link(url, Kind.ARTICLE, "bench"), url, NOW, "", b"", HEAD, html, 0)


def site_of(page: Page) -> str:
    """Return whose page it is, "" when nobody knows."""
    return page.site or (urls.site(page.url) if page.url else "")


@dataclass(frozen=True, slots=True)
class First:
    """The first reading of a page, what the page teaches of its site, and the CPU seconds."""

    found: Found
    lesson: bytes | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Road:
    """How pages are read: with the profiles of their sites, and without some steps."""

    without: Without = frozenset()
    profiles: Mapping[str, str] = field(default_factory=dict)

    def profile(self, page: Page) -> str:
        """Return the profile of a page's site, "" where there is none."""
        return self.profiles.get(site_of(page), "")

    def read(self, page: Page, html: bytes) -> Found:
        """Read a page as a crawl does: nothing from a hub."""
        capture, known = capture_of(page, html), self.profile(page)
        return _found(extract.read(capture, known, without=self.without))

    def complete(self, page: Page, html: bytes, found: Found) -> Found:
        """Read what a crawl leaves: its text counts whatever the page was taken for."""
        if found.page == ARTICLE or found.error:
            return found
        capture, known = capture_of(page, html), self.profile(page)
        anyway = extract.extract(capture, known, without=self.without)
        return _found(Reading(found.page, anyway.document if anyway else None))


def _found(reading: Reading) -> Found:
    document = reading.document
    if document is None:
        return Found(page=reading.page)
    return Found(
        document.text,
        document.title,
        _day(document.published),
        document.authors,
        document.language,
        reading.page,
    )


def _day(moment: Moment | None) -> str:
    """Return the day that the page tells: in its own zone where it has one."""
    if moment is None:
        return ""
    zone = datetime.strptime(moment.zone, "%z").tzinfo if moment.zone else UTC
    return moment.at.astimezone(zone).date().isoformat()


def _first(page: Page, without: Without) -> First:
    html, road = page.html(), Road(without)
    start = process_time()
    try:
        reading = extract.read(capture_of(page, html), without=without)
    except Exception as error:
        return First(Found(error=repr(error)), None, process_time() - start)
    seconds = process_time() - start
    found = guarded(lambda: road.complete(page, html, _found(reading)))
    return First(found, reading.lesson.data if reading.lesson else None, seconds)


def _again(job: tuple[Page, str], without: Without) -> Found:
    page, profile = job
    html, road = page.html(), Road(without, {site_of(page): profile})
    return guarded(lambda: road.complete(page, html, road.read(page, html)))


def read_first(pages: Sequence[Page], without: Without, each: Each) -> list[First]:
    """Read every page without a profile."""
    firsts = each(partial(_first, without=without), pages)
    return list(watched(firsts, len(pages), "first reading"))


def learn(pages: Sequence[Page], firsts: Sequence[First]) -> dict[str, str]:
    """Return the profile of each site whose pages teach one."""
    groups = defaultdict(list)
    for page, first in zip(pages, firsts, strict=True):
        if (site := site_of(page)) and first.lesson is not None:
            groups[site].append(first.lesson)
    learned = {site: extract.learn(lessons) for site, lessons in groups.items()}
    return {site: profile for site, profile in learned.items() if profile}


def read_set(
    pages: Sequence[Page], without: Without = frozenset(), alone: bool = False, each: Each = map
) -> list[Found]:
    """Read a set: every page without a profile, then again those whose site has taught one."""
    firsts = read_first(pages, without, each)
    road = Road(without, {} if alone else learn(pages, firsts))
    jobs = [(page, profile) for page in pages if (profile := road.profile(page))]
    read = watched(each(partial(_again, without=without), jobs), len(jobs), "second reading")
    again = {page.id: found for (page, _), found in zip(jobs, read, strict=True)}
    return [again.get(page.id, first.found) for page, first in zip(pages, firsts, strict=True)]
