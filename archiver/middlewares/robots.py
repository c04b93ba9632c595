"""Scrapy's robots.txt middleware, with the rules told to everybody who waits for them."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser

from archiver.urls import host_port


def asks_robots(request: Request) -> bool:
    """Tell whether `request` is the middleware's own for a robots.txt, perhaps redirected since.

    Other people's spiders set ``dont_obey_robotstxt`` too, so that alone does not tell.
    """
    first = (request.meta.get("redirect_urls") or [request.url])[0]
    return request.callback is NO_CALLBACK and urlsplit(first).path == "/robots.txt"


class RobotsMiddleware(RobotsTxtMiddleware):
    """Lets one request of a host ask for robots.txt while the others wait.

    In Scrapy 2.19 they wait on one Deferred, which gives the rules to the first and None, which
    allows everything, to the rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Start without locks; each host gets one when it is first asked."""
        super().__init__(crawler)
        self._locks: dict[str, asyncio.Lock] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the host of `request`, None where there are none."""
        async with self._locks.setdefault(host_port(request.url), asyncio.Lock()):
            return await super().robot_parser(request)
