"""A process of Scrapy's that ends soon when it is told to."""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy import signals
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.settings import Settings

from archiver.wire import HURRY


class Process(AsyncCrawlerProcess):
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
