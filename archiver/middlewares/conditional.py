"""Asks only for what has changed: If-None-Match and If-Modified-Since (RFC 9110, section 13).

An answer of 304 becomes a revisit record of what still stands; the spider is handed that, from the WARC,
where it is looked through for links: a story that was missed the last time is found in it now.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from archiver.middlewares.capture import CAPTURE, LINK, NOT_MODIFIED, STANDING, bare
from archiver.middlewares.resume import archived
from archiver.pipelines.archive import shared
from archiver.types import Kind, Link, Original

COUNT = "archiver/not modified"
STORIES = "archiver/not modified stories"


class ConditionalMiddleware:
    """Stands next to the capture: behind redirects and retries, each of which is asked for by itself."""

    def __init__(self, crawler: Crawler) -> None:
        """Use the archive of the crawl."""
        self._stats = crawler.stats
        self._archive = shared(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say what is here of the URL. Other people's spiders would not know what to do with a 304."""
        link = request.meta.get(LINK)
        if not isinstance(link, Link) or request.method != "GET":
            return
        # A redirect takes headers and meta of another URL with it.
        request.meta.pop(STANDING, None)
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        standing = self._archive.ingest.freshness.standing(bare(request.url))
        if standing is None:
            return
        request.meta[STANDING] = standing.original
        if standing.etag:
            request.headers["If-None-Match"] = standing.etag
        if standing.last_modified:
            request.headers["If-Modified-Since"] = standing.last_modified

    async def process_response(self, request: Request, response: Response) -> Response:
        """Where nothing has changed, let what stands be looked through."""
        standing = request.meta.get(STANDING)
        link = request.meta.get(LINK)
        if response.status != NOT_MODIFIED or not isinstance(standing, Original):
            return response
        if self._stats and "cached" not in response.flags:
            self._stats.inc_value(COUNT)
            self._stats.inc_value(STORIES, isinstance(link, Link) and link.kind is Kind.ARTICLE)
        if isinstance(link, Link) and link.kind is not Kind.ARTICLE and standing.location:
            capture = await asyncio.to_thread(archived, self._archive.warcs, standing.location)
            if capture is not None:
                request.meta[CAPTURE] = replace(capture, link=link, url=bare(request.url))
        return response
