"""Politeness that Scrapy leaves out: RFC 9309 to the letter, Crawl-delay, Retry-After, back-off."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response, TextResponse
from scrapy.utils.httpobj import urlparse_cached

from archiver.content import Head, decode_body
from archiver.middlewares.robots import asks_robots
from archiver.middlewares.rules import MAX_BYTES, rules
from archiver.urls import host_port

DISALLOW_ALL = b"User-agent: *\nDisallow: /\n"
MAX_WAIT = 120.0  # seconds a Retry-After or Crawl-delay may hold a host in one run
BUSY = (429, 503)


class PolitenessMiddleware:
    """Stands above Scrapy's retries, so it sees the last answer, and below its robots.txt parser."""

    def __init__(self, crawler: Crawler) -> None:
        """Listen for parsed robots.txt files."""
        self._crawler = crawler
        self._agent = str(crawler.settings["ROBOTSTXT_USER_AGENT"])
        self._unreachable: dict[str, str] = {}
        crawler.signals.connect(self._slow_down, signal=signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let a redirect to another host wait in that host's slot, which Scrapy does not."""
        passed = request.meta.get("redirect_urls")
        if passed and request.meta.get("download_slot") == urlsplit(passed[-1]).hostname:
            del request.meta["download_slot"]

    def process_response(self, request: Request, response: Response) -> Response:
        """Give the robots.txt parser what RFC 9309 makes of the answer."""
        if not asks_robots(request):
            return response
        if response.status >= 500 or response.status == 429:
            # section 2.3.1.4: unreachable, disallow all
            self._unreachable[host_port(request.url)] = f"robots.txt answers HTTP {response.status}"
            return _robots(request, DISALLOW_ALL)
        if response.status >= 300:
            return _robots(request, b"")  # section 2.3.1.3: unavailable, allow all
        found = rules(_body(response), self._agent)
        if found is None:
            # Not to obey some of them would be rude; the site can say it in fewer words.
            self._unreachable[host_port(request.url)] = "robots.txt has too many rules to follow"
        return _robots(request, DISALLOW_ALL if found is None else found)

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        """Treat a robots.txt that cannot be reached as one that disallows everything."""
        if not isinstance(exception, IgnoreRequest):
            if asks_robots(request):
                self._unreachable[host_port(request.url)] = f"robots.txt: {exception}"
                return _robots(request, DISALLOW_ALL)
        elif str(exception) == "Forbidden by robots.txt" and self._crawler.stats:
            reason = self._unreachable.get(host_port(request.url), "robots.txt")
            self._crawler.stats.inc_value(f"archiver/refused/{reason}")
        return None

    def _slow_down(self, robotparser: Any, request: Request) -> None:
        delay = robotparser.crawl_delay(self._agent)
        engine = self._crawler.engine
        if not delay or engine is None:
            return
        host = urlparse_cached(request).hostname or ""
        asked = min(float(delay), MAX_WAIT)
        slot = engine.downloader.slots.get(host)
        if slot is not None:
            slot.delay, slot.jitter, slot.concurrency = max(slot.delay, asked), 0.0, 1
        engine.downloader.per_slot_settings[host] = {
            "delay": max(asked, self._crawler.settings.getfloat("DOWNLOAD_DELAY")),
            "concurrency": 1,
            "jitter": 0.0,
        }


class BackOffMiddleware:
    """Holds a whole host when it says that it is busy."""

    def __init__(self, crawler: Crawler) -> None:
        """Listen for answers: by `process_response` the next request would already be out."""
        self._crawler = crawler
        crawler.signals.connect(self._answered, signal=signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    def _answered(self, response: Response, request: Request) -> None:
        """Hold the slot for Retry-After, and double its delay on each 429 or 503."""
        engine = self._crawler.engine
        key = str(request.meta.get("download_slot"))
        slot = engine.downloader.slots.get(key) if engine else None
        if slot is None or response.status not in BUSY:
            return
        wait = min(_retry_after(response), MAX_WAIT)
        slot.delay = min(max(slot.delay * 2, 1.0), MAX_WAIT)
        # The slot waits its delay, shorter by chance, from the last time it was seen: a time to
        # come holds it longer.
        shortest = slot.delay * (1 - slot.jitter)
        slot.lastseen = max(slot.lastseen, monotonic() + wait - shortest)


def _robots(request: Request, body: bytes) -> Response:
    return TextResponse(request.url, status=200, body=body, encoding="utf-8", request=request)


def _body(response: Response) -> bytes:
    """Return the body of a robots.txt decoded, as far as it counts."""
    fields = [(name.decode("latin-1"), value.decode("latin-1"))
              for name, values in response.headers.items() for value in values]  # fmt: skip
    return decode_body(Head(response.status, "", tuple(fields)), response.body, MAX_BYTES)[0]


def _retry_after(response: Response) -> float:
    """Read Retry-After (RFC 9110, section 10.2.3): seconds or a date; returns seconds."""
    value = (response.headers.get(b"Retry-After") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value[:6])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (ValueError, TypeError, OverflowError):
        return 0.0
