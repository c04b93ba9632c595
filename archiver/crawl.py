"""Run a crawl: one process, one archive, one Scrapy crawler for each source."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from scrapy import signals
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.settings import Settings

from archiver import clock
from archiver.config import Config
from archiver.discover.plan import Poll
from archiver.errors import SpaceError
from archiver.layout import Layout
from archiver.middlewares.capture import ANSWERS, RECEIVED, stopped
from archiver.middlewares.conditional import COUNT as NOT_MODIFIED
from archiver.middlewares.conditional import STORIES as NOT_MODIFIED_STORIES
from archiver.middlewares.resume import ANSWERED, HAD
from archiver.pace import Pace
from archiver.pipelines.archive import SharedArchive, shared
from archiver.spiders.news import NewsSpider
from archiver.spiders.urls import UrlsSpider
from archiver.stopping import Abandoned, Stopping
from archiver.store.rounds import FRESH
from archiver.types import Source
from archiver.wire import HURRY

# A tick that goes on where one was killed asks feeds again that are older: the next was due by then.
SOON = timedelta(minutes=15)
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
    feeds, sitemaps and hubs by URL; `left` stories are for a backfill, and `next_visit` is when the next story is
    to be looked at. `timed_out` says that the crawl took longer than it may.
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
    next_visit: datetime | None = None
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


@dataclass(frozen=True, slots=True)
class Room:
    """The room that is to stay free on the archive's disk: `floor` is in megabytes."""

    layout: Layout
    floor: int

    def check(self) -> None:
        """Raise SpaceError when there is less."""
        self.layout.check_room(self.floor)


@dataclass(frozen=True, slots=True)
class Task:
    """One source to crawl; `single` takes its home as one page (see `UrlsSpider`).

    With `fresh` it is asked for what is new and what is to be looked at again (see `archiver.pace`), but not
    for the feeds and sitemaps that are `resting`; with `backfill`, for all that is not here. It takes
    `longest` at the most.
    """

    source: Source
    single: bool = False
    fresh: bool = False
    resting: frozenset[str] = frozenset()
    backfill: bool = False
    longest: timedelta | None = None


def crawl(
    tasks: Sequence[Task],
    config: Config,
    archive: Path,
    *,
    since: datetime | None = None,
    limit: int | None = None,
    verbose: bool = False,
    tell: Callable[[str], None] = lambda message: None,
    progress: Callable[[Sequence[Result]], None] = lambda results: None,
) -> list[Result]:
    """Crawl `tasks` into `archive`; returns a result for each, in their order.

    `tell` is told what was mended first, `progress` now and then what has come so far. SIGINT and
    SIGTERM end the crawl soon, a second one ends the process at once (see `archiver.stopping`).
    Raises SpaceError when there is too little room on the disk, LockedError when another process writes to
    the archive, ArchiveError when it cannot be used, KeyboardInterrupt when it was told to stop before it began.
    """
    settings = crawl_settings(config, archive, verbose=verbose)
    owner = shared(settings)
    room = Room(Layout(archive), config.min_free)
    room.check()
    with Stopping(raising=True) as stopping:
        owner.join(settings, config.sources, tell)
        stopping.raising = False
        results: list[Result] = []
        try:
            _set_sources(owner, config)
            # A single page that somebody names is asked for, whatever a stopped crawl has; and a
            # backfill goes on by what is here.
            whole = [task.source.name for task in tasks if not (task.single or task.backfill)]
            soon = any(task.fresh for task in tasks)
            owner.ingest.begin_rounds(whole, clock.now(), SOON if soon else FRESH)
            # Who pressed Ctrl-C does not wait for pages to be read anew; the next run does it.
            owner.ingest.hurried = True
            paced = [(task, _pace(owner, task)) for task in tasks]
            results = _run(paced, settings, stopping, room, since, limit, progress)
            owner.ingest.hurried = stopping.told or any(result.no_room for result in results)
            ended = {result.source.name for result in results if result.ended}
            if not stopping.told:
                owner.ingest.end_rounds(name for name in whole if name in ended)
        finally:
            with suppress(Abandoned):  # pages that were being read anew: the next run does it
                owner.leave()
    for result in results:
        result.interrupted |= stopping.told
    return results


def _pace(owner: SharedArchive, task: Task) -> Pace | None:
    if not (task.fresh or task.backfill):
        return None
    freshness = owner.ingest.freshness
    return Pace(freshness, task.source, clock.now(), task.resting, task.backfill)


def crawl_settings(config: Config, archive: Path, *, verbose: bool = False) -> Settings:
    """Return the settings of a crawl into `archive` as ``sources.toml`` wants it."""
    settings = Settings()
    settings.setmodule("archiver.settings", "project")
    headers = dict(settings.getdict("DEFAULT_REQUEST_HEADERS"))
    if "@" in config.contact:
        headers["From"] = config.contact
    settings.setdict(
        {
            "ARCHIVER_ARCHIVE": str(archive),
            "ARCHIVER_ALLOW_HOSTS": sorted(config.allow_hosts),
            "ARCHIVER_CONTACT": config.contact,
            "ARCHIVER_OPERATOR": config.operator,
            "USER_AGENT": config.user_agent,
            "DEFAULT_REQUEST_HEADERS": headers,
            # Without any delay Scrapy 2.19 starts all that is queued before it counts the first, and
            # the concurrency is not kept to.
            "DOWNLOAD_DELAY": max(config.delay, 0.001),
            "CONCURRENT_REQUESTS_PER_DOMAIN": config.concurrency,
            "LOG_LEVEL": "INFO" if verbose else "CRITICAL",
        },
        "cmdline",
    )
    return settings


def _set_sources(owner: SharedArchive, config: Config) -> None:
    store = owner.ingest.store
    with store.transaction():
        store.set_sources(config.sources)


def _run(
    paced: Sequence[tuple[Task, Pace | None]],
    settings: Settings,
    stopping: Stopping,
    room: Room,
    since: datetime | None,
    limit: int | None,
    progress: Callable[[Sequence[Result]], None],
) -> list[Result]:
    if settings["LOG_LEVEL"] != "INFO":
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    process = _Process(settings)
    crawls = []
    for task, pace in paced:
        crawler = process.create_crawler(UrlsSpider if task.single else NewsSpider)
        crawls.append(_Crawl(task, crawler, pace))
        process.crawl(crawler, source=task.source, since=since, limit=limit, pace=pace)
    watch = _Watch(crawls, room, progress, process)
    watch.start()
    loop = asyncio.get_event_loop()

    def stop() -> None:
        with suppress(RuntimeError):  # the loop is closed: the crawl is over
            loop.call_soon_threadsafe(process.stop_soon)

    stopping.call(stop)
    gc.freeze()  # what is loaded by now stays: a collection in the crawl need not look at it
    try:
        process.start(install_signal_handlers=False)
    finally:
        gc.unfreeze()
    return watch.results()


@dataclass(slots=True)
class _Crawl:
    """One source's crawl while it is under way."""

    task: Task
    crawler: Crawler
    pace: Pace | None
    timed_out: bool = False


class _Process(AsyncCrawlerProcess):
    """A process that ends soon after Ctrl-C; Scrapy's own waits for each time-out and delay."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._stopping = False
        self._late_stops: list[asyncio.Future[None]] = []

    def create_crawler(self, crawler_or_spidercls: Any) -> Crawler:
        """Create a crawler that stops at once where Ctrl-C came before it had begun."""
        crawler = super().create_crawler(crawler_or_spidercls)

        def begun() -> None:
            if self._stopping and crawler.engine is not None:
                self._late_stops.append(asyncio.ensure_future(_stop_once_running(crawler.engine)))

        crawler.signals.connect(begun, signal=signals.engine_started, weak=False)
        return crawler

    def stop_soon(self) -> None:
        """Begin to stop. Call in the event loop."""
        self._late_stops.append(asyncio.ensure_future(self.stop()))

    async def stop(self) -> None:
        """Let go of what waits for its turn, hurry what is under way, then stop."""
        self._stopping = True  # Scrapy's own forgets a crawler whose engine does not run yet
        for crawler in self.crawlers:
            _hurry(crawler)
        await super().stop()

    def stop_one(self, crawler: Crawler) -> None:
        """Begin to stop one of the crawlers. Call in the event loop."""
        _hurry(crawler)
        self._late_stops.append(asyncio.ensure_future(crawler.stop_async()))


def _hurry(crawler: Crawler) -> None:
    """Let go of what waits for its turn, and hurry what is under way."""
    if crawler.engine is not None:
        _drop_queued(crawler.engine)
    crawler.signals.send_catch_log(signal=HURRY)


async def _stop_once_running(engine: ExecutionEngine) -> None:
    """Stop an engine that is about to run; before it does, its spider would not be closed."""
    while not engine.running:  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.01)
    await engine.stop_async()


def _drop_queued(engine: ExecutionEngine) -> None:
    for slot in engine.downloader.slots.values():
        while slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(IgnoreRequest("interrupted"))


class _Watch:
    """Twice a second while the event loop runs: tells the progress, and stops what must be stopped."""

    def __init__(
        self,
        crawls: Sequence[_Crawl],
        room: Room,
        progress: Callable[[Sequence[Result]], None],
        process: _Process,
    ) -> None:
        self._crawls = crawls
        self._room = room
        self._progress = progress
        self._process = process
        self._began = monotonic()

    def start(self) -> None:
        loop = asyncio.get_event_loop()

        def tick() -> None:
            self._progress(self.results())
            self._stop_late()
            if self._full():
                self._process.stop_soon()
            else:
                loop.call_later(0.5, tick)

        loop.call_soon(tick)

    def _stop_late(self) -> None:
        """Stop each crawl that takes longer than it may; the next one of its source goes on."""
        took = monotonic() - self._began
        for crawl in self._crawls:
            longest = crawl.task.longest
            running = crawl.crawler.engine is not None and crawl.crawler.engine.running
            if longest and running and not crawl.timed_out and took > longest.total_seconds():
                crawl.timed_out = True
                self._process.stop_one(crawl.crawler)

    def _full(self) -> bool:
        """Tell whether there is too little room to go on; all that is under way is still kept."""
        try:
            self._room.check()
        except SpaceError as error:
            for crawl in self._crawls:
                if crawl.crawler.stats:
                    stopped(crawl.crawler.stats, error)
            return True
        return False

    def results(self) -> list[Result]:
        return [_result(crawl) for crawl in self._crawls]


def _result(crawl: _Crawl) -> Result:
    """Read what a crawler has counted so far."""
    crawler, pace = crawl.crawler, crawl.pace
    result = Result(crawl.task.source, timed_out=crawl.timed_out)
    if pace is not None:
        result.left, result.next_visit = pace.left, pace.next_visit
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
    result.interrupted = stats.get("finish_reason") == "shutdown" and not crawl.timed_out
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
