"""An eye on crawls that are under way: how they go on, and whether one must be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from scrapy.crawler import Crawler

from archiver.crawl.process import Process
from archiver.crawl.results import Result, result_of
from archiver.errors import SpaceError
from archiver.layout import Layout
from archiver.middlewares.capture import stopped
from archiver.pace import Pace
from archiver.types import Source


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


@dataclass(slots=True)
class UnderWay:
    """One source's crawl while it is under way."""

    task: Task
    crawler: Crawler
    pace: Pace | None
    timed_out: bool = False


class Watch:
    """Twice a second while the event loop runs: tells the progress, and stops what must be stopped."""

    def __init__(
        self,
        crawls: Sequence[UnderWay],
        room: Room,
        progress: Callable[[Sequence[Result]], None],
        process: Process,
    ) -> None:
        self._crawls = crawls
        self._room = room
        self._progress = progress
        self._process = process
        self._began = monotonic()

    def start(self) -> None:
        """Begin to look; the loop need not run yet."""
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
        """Return what each crawl has brought so far, in their order."""
        return [
            result_of(c.task.source, c.crawler, c.pace, timed_out=c.timed_out) for c in self._crawls
        ]
