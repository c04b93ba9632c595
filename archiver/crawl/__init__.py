"""Run a crawl: one process, one archive, one Scrapy crawler for each source."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from scrapy.settings import Settings

from archiver import clock
from archiver.config import Config
from archiver.crawl.process import Process
from archiver.crawl.results import Result
from archiver.crawl.watch import Room, Task, UnderWay, Watch
from archiver.layout import Layout
from archiver.pace import Pace
from archiver.pipelines.archive import SharedArchive, shared
from archiver.spiders.news import NewsSpider
from archiver.spiders.urls import UrlsSpider
from archiver.stopping import Abandoned, Stopping
from archiver.store.rounds import FRESH

__all__ = ["Result", "Room", "Task", "crawl", "crawl_settings"]

# A tick that goes on where one was killed asks feeds again that are older: the next was due by then.
SOON = timedelta(minutes=15)


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
    process = Process(settings)
    crawls = []
    for task, pace in paced:
        crawler = process.create_crawler(UrlsSpider if task.single else NewsSpider)
        crawls.append(UnderWay(task, crawler, pace))
        process.crawl(crawler, source=task.source, since=since, limit=limit, pace=pace)
    watch = Watch(crawls, room, progress, process)
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
