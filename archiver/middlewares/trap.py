"""Stays out of link traps: what hub pages lead to is asked for while it brings articles."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from archiver.discover.patterns import Budget
from archiver.middlewares.capture import LINK, OUTCOME
from archiver.types import Kind, Link, Outcome

TRAP = "looks like a link trap"
ARTICLE = ("new", "changed", "unchanged")
BARREN = ("hub", "missing")


class TrapMiddleware:
    """Gives each URL pattern that hub pages link to a budget of pages that are no articles.

    What a feed or a sitemap names is not counted: there the site says itself that it is a story.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Begin with a fresh budget: one crawler is one source."""
        self._stats = crawler.stats
        self._budget = Budget()
        self._hubs: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for `crawler`."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest, and count it, for a story of a pattern whose budget is spent."""
        link = self._counted(request)
        if link and self._budget.spent(link.url):
            if self._stats:
                self._stats.inc_value(f"archiver/refused/{TRAP}")
            raise IgnoreRequest(TRAP)

    def process_response(self, request: Request, response: Response) -> Response:
        """Take note of what a page turned out to be."""
        asked = request.meta.get(LINK)
        outcome = request.meta.get(OUTCOME)  # the response has no request yet
        change = outcome.change if isinstance(outcome, Outcome) else ""
        if isinstance(asked, Link) and (asked.kind is Kind.SECTION or change == "hub"):
            self._hubs.add(request.url)
        link = self._counted(request)
        if link and (change in (*ARTICLE, *BARREN) or response.status >= 400):
            self._budget.count(link.url, article=change in ARTICLE)
        return response

    def _counted(self, request: Request) -> Link | None:
        """Return the link of `request` where a hub page led to it as to a story."""
        link = request.meta.get(LINK)
        of_hub = isinstance(link, Link) and link.kind is Kind.ARTICLE and link.via in self._hubs
        return link if of_hub else None
