"""Makes a `Capture` of every exchange, next to the downloader, where nothing is lost yet.

A spider cannot forget to archive: articles, redirects, errors, retries, feeds and robots.txt all
pass here, and the response goes on only when its record is kept and its row is committed.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from dataclasses import replace
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.statscollectors import StatsCollector

from archiver import clock
from archiver.errors import ArchiverError, SpaceError
from archiver.middlewares.robots import ROBOTS, asks_robots
from archiver.pipelines.index import Filed
from archiver.stopping import Abandoned
from archiver.types import Capture, Failure, Kind, Link, Outcome
from archiver.wire import META, Slot, Wire

logger = logging.getLogger(__name__)

LINK = "archiver_link"
OUTCOME = "archiver_outcome"
CAPTURE = "archiver_capture"
STANDING = "archiver_standing"
ANSWERS = (
    "archiver/answers"  # those that came over the wire: Scrapy counts what middlewares make up, too
)
RECEIVED = "archiver/received"  # their bytes
NOT_MODIFIED = 304


class CaptureMiddleware:
    """Sends each exchange through the item pipelines before anybody else sees it."""

    def __init__(self, crawler: Crawler) -> None:
        """Keep the crawler, whose engine owns the pipelines."""
        self._crawler = crawler
        self._stopping: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Keep the exchange; an answer that did not come over the wire (a cache) is no capture."""
        try:
            return await self._process(request, response)
        finally:
            # What is still to be looked through for links stays in memory until that is done.
            Slot.give_back(request, response if CAPTURE in request.meta else None)

    async def _process(self, request: Request, response: Response) -> Response:
        wire = request.meta.pop(META, None)
        if isinstance(wire, Wire):
            capture = Capture(
                link=link_of(request, self._crawler.spider),
                url=bare(request.url),
                at=wire.at,
                ip=wire.ip,
                request=wire.request,
                head=wire.head,
                body=wire.body,
                took_ms=wire.took_ms,
                truncated=wire.truncated,
                standing=request.meta.get(STANDING) if response.status == NOT_MODIFIED else None,
            )
            if self._crawler.stats:
                self._crawler.stats.inc_value(ANSWERS)
                self._crawler.stats.inc_value(RECEIVED, len(wire.head) + len(wire.body))
            outcome = await self._keep(capture)
            if LINK in request.meta:  # only our own spiders look at them
                request.meta[OUTCOME] = outcome
                if capture.link.kind is not Kind.ARTICLE or (outcome and outcome.change == "hub"):
                    request.meta[CAPTURE] = capture
        elif "cached" not in response.flags:
            logger.warning(
                "%s was not fetched by archiver's handler, so not archived", response.url
            )
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Keep the failure, with its reason on one line."""
        if isinstance(exception, IgnoreRequest):
            return
        reason = " ".join(str(exception).split())[:200].strip() or type(exception).__name__
        await self._keep(
            Failure(
                link_of(request, self._crawler.spider),
                bare(request.url),
                clock.now(),
                reason,
            )
        )

    async def _keep(self, item: Capture | Failure) -> Outcome | None:
        """Send `item` through the pipelines; a crawl that cannot archive is stopped."""
        engine = self._crawler.engine
        assert engine is not None  # a request is under way, so there is an engine
        try:
            await engine.scraper.itemproc.process_item_async(item)
        except Filed as filed:
            # On its way through the pipelines it became part of a cycle, and its frames hold the
            # body, which may be large, until the collector comes by.
            traceback.clear_frames(filed.__traceback__)
            filed.__traceback__ = None
            return filed.outcome
        except Abandoned as error:
            # It is in the WARC; its row is made by the next start.
            raise IgnoreRequest("interrupted") from error
        except Exception as error:
            # Whatever it is, nothing that follows would be kept.
            if not isinstance(error, ArchiverError):
                logger.exception("cannot archive %s", item.url)
            if self._crawler.stats:
                stopped(self._crawler.stats, error)
            self._stopping = asyncio.ensure_future(
                engine.close_spider_async(reason="cannot archive")
            )
            raise IgnoreRequest("the archive cannot be written") from error
        return None


def link_of(request: Request, spider: Spider | None) -> Link:
    """Return the link that led to `request`, seen from the redirects in between."""
    link = request.meta.get(LINK)
    if not isinstance(link, Link):
        kind = Kind.ROBOTS if asks_robots(request) else Kind.ARTICLE
        source = getattr(spider, "source", None)
        name = source.name if source else spider.name if spider else ""
        link = Link(bare(request.url), kind, name)
    elif told := getattr(spider, "told", {}).get(link.url):
        link = replace(link, told=told)
    link = replace(link, robots=request.meta.get(ROBOTS))
    passed = request.meta.get("redirect_urls") or []
    if not passed:
        return link
    hops = link.hops + len(passed)
    return replace(link, url=bare(request.url), via=bare(passed[-1]), hops=hops)


def bare(url: str) -> str:
    """Return `url` without fragment and without user and password, which nobody must find here."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url.partition("#")[0]  # to the letter as it was asked for
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def stopped(stats: StatsCollector, error: Exception) -> None:
    """Write into `stats` that `error` stopped the crawl."""
    stats.set_value("archiver/stopped", str(error) or repr(error))
    stats.set_value("archiver/no room", isinstance(error, SpaceError))


def outcome_of(response: Response) -> Outcome | None:
    """Return what indexing `response` changed, where it was kept."""
    found = response.request.meta.get(OUTCOME) if response.request else None
    return found if isinstance(found, Outcome) else None


def capture_of(response: Response) -> Capture | None:
    """Return the capture that `response` was made into."""
    found = response.request.meta.get(CAPTURE) if response.request else None
    return found if isinstance(found, Capture) else None
