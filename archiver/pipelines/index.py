"""Taken in, and filed: the row of the exchange is committed."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archiver.ingest import Taken
from archiver.pipelines.archive import result_of
from archiver.types import Outcome


class Filed(DropItem):
    """Says that an exchange is archived, so that no pipeline behind ours is handed one."""

    def __init__(self, outcome: Outcome) -> None:
        """Carry the outcome to whoever sent the exchange in."""
        super().__init__(outcome.change)
        self.outcome = outcome


class IndexPipeline:
    """Waits for the row of what was written, and counts what it changed."""

    def __init__(self, crawler: Crawler) -> None:
        """Count in the crawler's stats, under ``archiver/outcome/``."""
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline for `crawler`."""
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Raise Filed for what the WARC pipeline took; let any other item pass."""
        if not isinstance(item, Taken):
            return item
        outcome = await result_of(item.outcome)
        stats = self._crawler.stats
        if stats:
            stats.inc_value(f"archiver/outcome/{outcome.change}")
            for flag in outcome.flags:
                stats.inc_value(f"archiver/flag/{flag}")
        raise Filed(outcome)
