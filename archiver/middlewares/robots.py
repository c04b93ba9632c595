"""Scrapy's robots.txt middleware, with the rules told to everybody who waits for them."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from archiver.urls import host_port

ROBOTS = "archiver_robots"  # in a request's meta: what robots.txt said of its URL; not there where nobody asked


def asks_robots(request: Request) -> bool:
    """Tell whether `request` is the middleware's own for a robots.txt, perhaps redirected since.

    Other people's spiders set ``dont_obey_robotstxt`` too, so that alone does not tell.
    """
    first = (request.meta.get("redirect_urls") or [request.url])[0]
    return request.callback is NO_CALLBACK and urlsplit(first).path == "/robots.txt"


class RobotsMiddleware(RobotsTxtMiddleware):
    """Lets one request of a host ask for robots.txt while the others wait, and notes what it said.

    In Scrapy 2.19 they wait on one Deferred, which gives the rules to the first and None, which
    allows everything, to the rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Start without locks; each host gets one when it is first asked."""
        super().__init__(crawler)
        self._locks: dict[str, asyncio.Lock] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Ask, unless the project goes past robots.txt: then its rules are noted where they are here anyway."""
        # A redirect takes the meta of another URL with it.
        request.meta.pop(ROBOTS, None)
        await super().process_request(request)
        if request.meta.get("dont_obey_robotstxt"):
            rules = self._parsers.get(urlparse_cached(request).netloc)
            if rules is not None and not isinstance(rules, Deferred):
                agent = self._robotstxt_useragent or request.headers.get(
                    b"User-Agent", self._default_useragent
                )
                request.meta[ROBOTS] = rules.allowed(request.url, agent or b"")

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise IgnoreRequest for what the rules forbid."""
        super().process_request_2(rp, request)
        if rp is not None:
            request.meta[ROBOTS] = True

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the host of `request`, None where there are none."""
        async with self._locks.setdefault(host_port(request.url), asyncio.Lock()):
            return await super().robot_parser(request)
