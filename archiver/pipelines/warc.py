"""Capture in, Taken out: the exchange is in the WARC, to stay, when it goes on."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from scrapy.crawler import Crawler

from archiver.pipelines.archive import result_of, shared
from archiver.types import Capture, Failure


class WarcPipeline:
    """Writes what passes into the archive of the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        """Write to the archive that the settings name; other crawlers may share it."""
        self._settings = crawler.settings
        self._archive = shared(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline for `crawler`."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the archive, or join those who have."""
        self._archive.join(self._settings)

    async def close_spider(self) -> None:
        """Leave the archive; the last to leave closes it."""
        await asyncio.to_thread(self._archive.leave)

    async def process_item(self, item: Any) -> Any:
        """Keep captures and failures; let any other item pass."""
        if not isinstance(item, Capture | Failure):
            return item
        return await result_of(self._archive.ingest.write(item))
