"""Refuses what must not be asked for: other schemes, private addresses, overlong URLs, what was taken down."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request

from archiver import seals, urls
from archiver.layout import Layout
from archiver.middlewares.capture import bare
from archiver.wire import PrivateAddress

MAX_URL = 4096


class GuardMiddleware:
    """Checks each request, redirects and robots.txt too; `archiver.wire` checks what a name leads to."""

    def __init__(self, crawler: Crawler) -> None:
        """Read the hosts that the operator named."""
        self._allowed = frozenset(crawler.settings.getlist("ARCHIVER_ALLOW_HOSTS"))
        self._seals = seals.read(Layout(Path(crawler.settings["ARCHIVER_ARCHIVE"])).takedowns)
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest, and count it, for what is refused."""
        if reason := self._reason(request.url):
            self._count(reason)
            raise IgnoreRequest(reason)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count what the resolver refused."""
        if isinstance(exception, PrivateAddress):
            self._count("private address")

    def _count(self, reason: str) -> None:
        if self._stats:
            self._stats.inc_value(f"archiver/refused/{reason}")

    def _reason(self, url: str) -> str:
        if not url.lower().startswith(("http://", "https://")):
            return "scheme"
        if len(url) > MAX_URL:
            return "URL too long"
        if self._seals.url(bare(url)):
            return "taken down"
        authority = urls.host_port(url)
        host = authority.rpartition(":")[0].strip("[]")
        if authority in self._allowed:
            return ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return "private address" if host.rstrip(".").endswith("localhost") else ""
        return "" if urls.is_global(host) else "private address"
