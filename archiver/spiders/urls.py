"""The spider of one page that is in no ``sources.toml``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from scrapy.http import Request, Response

from archiver.middlewares.capture import capture_of, outcome_of
from archiver.spiders.news import NewsSpider
from archiver.types import Kind, Link


class UrlsSpider(NewsSpider):
    """Fetches the source's home as an article; where it is a hub, the stories it links to."""

    name = "urls"

    async def start(self) -> AsyncIterator[Request]:
        """Yield the one request."""
        for request in self.requests(self.plan.start_page()):
            yield request

    async def parse(self, response: Response, link: Link) -> AsyncIterator[Request]:
        """Follow the page where it is no article."""
        capture, outcome = capture_of(response), outcome_of(response)
        if link.url == self.source.home and capture and outcome and outcome.change == "hub":
            hub = replace(capture, link=replace(link, kind=Kind.SECTION))
            links = self.plan.follow_hub(hub.link, await self.discover(hub))
            for request in self.requests(links):
                yield request
            return
        async for request in super().parse(response, link):
            yield request
