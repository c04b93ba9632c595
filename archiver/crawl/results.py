"""What a crawl of one source has brought, read from what its crawler counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from scrapy.crawler import Crawler

from archiver.discover.plan import Poll
from archiver.middlewares.capture import ANSWERS, RECEIVED
from archiver.middlewares.conditional import COUNT as NOT_MODIFIED
from archiver.middlewares.conditional import STORIES as NOT_MODIFIED_STORIES
from archiver.middlewares.resume import ANSWERED, HAD
from archiver.pace import Pace
from archiver.spiders.news import NewsSpider
from archiver.stopping import Abandoned
from archiver.types import Source

_OUTCOME = "archiver/outcome/"
_FLAG = "archiver/flag/"
_REFUSED = "archiver/refused/"
GONE = (404, 410)


@dataclass(slots=True)
class Result:
    """What a crawl of one source brought.

    `outcomes` counts exchanges by what indexing them changed (see `Outcome`), `flags` articles by
    what is special about them, `refused` requests by reason; `problems` and `failures` map
    URLs to sentences; `stopped` says why nothing more could be archived (`no_room`: because the
    disk is full), `errors` counts faults of our own, `had` pages that a stopped crawl had fetched.

    `sent` are the requests, `requests` the answers to them, `unanswered` of the sent those without a good one
    (a page that is gone is good); `not_modified` were 304, `standing` of these stories. `polls` are the
    feeds, sitemaps and hubs by URL; `left` stories are for a backfill. `timed_out` says that the
    crawl took longer than it may.
    """

    source: Source
    outcomes: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    working: dict[str, list[str]] = field(default_factory=dict)
    polls: dict[str, Poll] = field(default_factory=dict)
    requests: int = 0
    sent: int = 0
    unanswered: int = 0
    received: int = 0
    not_modified: int = 0
    standing: int = 0
    left: int = 0
    timed_out: bool = False
    had: int = 0
    interrupted: bool = False
    stopped: str = ""
    no_room: bool = False
    errors: int = 0

    @property
    def ended(self) -> bool:
        """Whether the crawl came to its end; one that was stopped goes on the next time."""
        return not (self.interrupted or self.stopped or self.timed_out)

    @property
    def archived(self) -> int:
        """How many articles are new or changed."""
        return self.outcomes["new"] + self.outcomes["changed"]

    @property
    def articles(self) -> int:
        """How many articles were fetched and read."""
        return self.archived + self.outcomes["unchanged"]


def result_of(source: Source, crawler: Crawler, pace: Pace | None, *, timed_out: bool) -> Result:
    """Read what the crawler of `source` has counted so far."""
    result = Result(source, timed_out=timed_out)
    if pace is not None:
        result.left = pace.left
    try:
        stats: dict[str, Any] = crawler.stats.get_stats() if crawler.stats else {}
    except RuntimeError:
        return result
    for key, value in stats.items():
        if key.startswith(_OUTCOME):
            result.outcomes[key.removeprefix(_OUTCOME)] += value
        elif key.startswith(_FLAG):
            result.flags[key.removeprefix(_FLAG)] += value
        elif key.startswith(_REFUSED):
            result.refused[key.removeprefix(_REFUSED)] += value
    result.requests = stats.get(ANSWERS, 0)
    result.had = stats.get(HAD, 0)
    result.not_modified = stats.get(NOT_MODIFIED, 0)
    result.standing = stats.get(NOT_MODIFIED_STORIES, 0)
    result.sent = stats.get("downloader/request_count", 0) - stats.get(ANSWERED, 0)
    result.received = stats.get(RECEIVED, 0)
    result.unanswered = result.sent - result.requests + _bad(stats)
    abandoned = stats.get(f"spider_exceptions/{Abandoned.__name__}", 0)
    result.errors = stats.get("spider_exceptions/count", 0) - abandoned
    result.stopped = str(stats.get("archiver/stopped", ""))
    result.no_room = bool(stats.get("archiver/no room"))
    result.interrupted = stats.get("finish_reason") == "shutdown" and not timed_out
    spider = crawler.spider
    if isinstance(spider, NewsSpider):
        result.refused.update(spider.plan.refused)
        result.problems = dict(spider.plan.problems)
        result.polls = dict(spider.plan.polls)
        result.failures = dict(spider.failures)
        result.working = {kind.value: list(urls) for kind, urls in spider.plan.working.items()}
    return result


def _bad(stats: dict[str, Any]) -> int:
    """Return how many answers were errors, but for those that say that a page is not there."""
    prefix = "downloader/response_status_count/"
    return sum(
        count
        for key, count in stats.items()
        if key.startswith(prefix)
        and int(key.removeprefix(prefix)) >= 400
        and int(key.removeprefix(prefix)) not in GONE
    )
