"""The spider of one source, whose every decision is `archiver.discover.plan`'s."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any

from scrapy import Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from twisted.python.failure import Failure as TwistedFailure

from archiver.discover import discover
from archiver.discover.plan import Plan
from archiver.executors.local import TaskFailed
from archiver.middlewares.capture import LINK, capture_of
from archiver.pace import Pace
from archiver.pipelines.archive import shared
from archiver.types import Capture, Found, Kind, Link, Source

PRIORITY = {Kind.ROBOTS: 40, Kind.FEED: 30, Kind.SITEMAP: 20, Kind.SECTION: 10, Kind.ARTICLE: 25}
ENDLESS = "max redirections reached"  # the words of Scrapy's RedirectMiddleware


class NewsSpider(Spider):
    """Crawls one source: its sitemaps and feeds, and hub pages only where those bring nothing."""

    name = "news"

    def __init__(
        self,
        source: Source,
        since: datetime | None = None,
        limit: int | None = None,
        pace: Pace | None = None,
        **kwargs: Any,
    ) -> None:
        """Crawl `source`: stories not older than `since`, at most `limit` of them, and what `pace` wants."""
        super().__init__(**kwargs)
        self.source = source
        self.pace = pace
        self.plan = Plan(source, since=since, limit=limit)
        if pace is not None:
            self.plan = Plan(
                source, since=since, limit=limit, wanted=pace.wanted, visits=pace.visits
            )
        self.failures: dict[str, str] = {}

    @property
    def told(self) -> Mapping[str, str]:
        """What feeds have told so far of the stories' texts (see `Link.told`)."""
        return self.plan.told

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first requests."""
        for request in self.requests(self.plan.start()):
            yield request

    def requests(self, links: Iterable[Link]) -> Iterable[Request]:
        """Return the requests for `links`, each carrying its link."""
        for link in links:
            yield Request(
                link.url,
                callback=self.parse,
                errback=self.failed,
                meta={LINK: link},
                cb_kwargs={"link": link},
                priority=PRIORITY[link.kind],
                # The plan has seen to it that each is asked for once; a feed that redirects to a
                # known address must still be answered for.
                dont_filter=link.kind is not Kind.ARTICLE,
            )

    async def parse(self, response: Response, link: Link) -> AsyncIterator[Request]:
        """Follow what a feed, sitemap or hub leads to; an article leads nowhere."""
        if link.kind is Kind.ARTICLE:
            if response.status >= 400:
                self.failures[link.url] = f"HTTP {response.status}"
            return
        capture = capture_of(response)
        found = await self.discover(capture) if capture else Found(problem="was not archived")
        for request in self.requests(self.plan.found(link, found)):
            yield request

    async def discover(self, capture: Capture) -> Found:
        """Read the links of `capture` in a worker process."""
        pool = shared(self.crawler.settings).ingest.pool
        try:
            return await asyncio.wrap_future(pool.submit(discover, capture, self.source))
        except TaskFailed as error:
            return Found(problem=str(error))

    async def failed(self, failure: TwistedFailure) -> AsyncIterator[Request]:
        """Take note of what brought no answer, and go on with what comes next."""
        request: Request = failure.request  # type: ignore[attr-defined]
        link: Link = request.cb_kwargs["link"]
        reason = str(failure.value) or type(failure.value).__name__
        # What was refused is counted by who refused it; a redirect without end by nobody.
        if not isinstance(failure.value, IgnoreRequest) or reason == ENDLESS:
            self.failures[link.url] = reason
        for following in self.requests(self.plan.failed(link, reason)):
            yield following
