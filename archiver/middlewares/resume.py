"""Answers from the archive what a stopped crawl has fetched already.

The spider walks its whole way again, from the same feeds to the same stories, and only what is not
here yet is asked for: a site is never asked twice for one crawl, however often that is killed.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from archiver import clock
from archiver.content import read_head
from archiver.errors import DamagedError
from archiver.middlewares.capture import CAPTURE, NOT_MODIFIED, bare, link_of
from archiver.middlewares.robots import asks_robots
from archiver.pipelines.archive import shared
from archiver.store.rounds import NOT_FINAL
from archiver.types import Capture, Kind, RecordLocation, Snapshot
from archiver.warc.reader import exchange_at

RULES_HOLD = timedelta(hours=24)  # RFC 9309, section 2.4
HAD = "archiver/had"  # stories
ANSWERED = "archiver/answered"  # those, and all else that was not asked for


class ResumeMiddleware:
    """Stands next to the downloader; what it answers takes no turn and no delay."""

    def __init__(self, crawler: Crawler) -> None:
        """Use the archive of the crawl."""
        self._crawler = crawler
        self._archive = shared(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Return the answer that the round of this source has, or None."""
        if asks_robots(request) and self._paced():
            return await self._rules(request)
        rounds = self._archive.ingest.rounds
        if rounds is None or request.method != "GET":
            return None
        url = bare(request.url)
        source = link_of(request, self._crawler.spider).source
        answer = rounds.answer(source, url, clock.now())
        if answer is None:
            return None
        capture = None
        if answer.kind is not Kind.ARTICLE or answer.page == "hub" or answer.status >= 300:
            where = answer.location
            if (
                answer.status == NOT_MODIFIED
            ):  # what is looked through for links is what still stands
                where = where.original or where
            capture = await asyncio.to_thread(archived, self._archive.warcs, where)
            if capture is None:
                return None
            request.meta[CAPTURE] = capture
        if self._crawler.stats:
            self._crawler.stats.inc_value(ANSWERED)
            self._crawler.stats.inc_value(HAD, answer.kind is Kind.ARTICLE)
        return _response(request, answer.status, capture)

    def _paced(self) -> bool:
        return getattr(self._crawler.spider, "pace", None) is not None

    async def _rules(self, request: Request) -> Response | None:
        """Return the robots.txt of the last day, which holds for a crawl that comes again and again."""
        freshness = self._archive.ingest.freshness
        found = freshness.recent(bare(request.url), clock.now() - RULES_HOLD)
        if found is None or not (found[0] == 200 or 400 <= found[0] < 500) or found[0] in NOT_FINAL:
            return None
        capture = await asyncio.to_thread(archived, self._archive.warcs, found[1])
        if capture is not None and self._crawler.stats:
            self._crawler.stats.inc_value(ANSWERED)
        return _response(request, found[0], capture) if capture else None


def archived(warcs: Path, where: RecordLocation) -> Capture | None:
    """Return what lies at `where` in a WARC; None where that is damaged, and must be asked for again."""
    try:
        found = exchange_at(warcs, where)
    except DamagedError:
        return None
    return found.capture if isinstance(found, Snapshot) else None


def _response(request: Request, status: int, capture: Capture | None) -> Response:
    """Return an archived answer; of an article, which leads nowhere, only its status."""
    headers = Headers()
    for name, value in read_head(capture.head).fields if capture else ():
        headers.appendlist(name, value)
    body = capture.body if capture else b""
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body[:4096])
    return kind(request.url, status=status, headers=headers, body=body, flags=["cached"])
