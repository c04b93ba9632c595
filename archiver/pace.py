"""What a crawl asks for that comes again and again: what is new, and what is to be looked at again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archiver.store.freshness import Freshness
from archiver.types import Kind, Link, Moment, Source

# Stories that were older when they were first heard of are left to a backfill.
BACKLOG = timedelta(days=30)
_SPANS = {
    "year": timedelta(days=366), "month": timedelta(days=31), "day": timedelta(days=1),
    "hour": timedelta(hours=1), "minute": timedelta(minutes=1),
}  # fmt: skip


@dataclass(slots=True)
class Pace:
    """Decides for one crawl of `source`, by what is here at `now`.

    `resting` are the feeds and sitemaps that are not to be asked yet. A `backfill` asks for what is not
    here, however old it is, and looks at nothing again. `left` counts the stories that are left to one.
    """

    freshness: Freshness
    source: Source
    now: datetime
    resting: Collection[str] = ()
    backfill: bool = False
    left: int = field(default=0, init=False)

    def wanted(self, link: Link) -> bool:
        """Tell whether `link` is to be asked for."""
        if link.kind is Kind.ARTICLE:
            return self._new(link)
        if self.backfill:
            return True
        if link.kind is Kind.SITEMAP and link.hops > 0 and link.via:
            return self._moved(link)
        return link.url not in self.resting

    def visits(self) -> Sequence[Link]:
        """Return the stories to look at again, newest first."""
        if self.backfill:
            return ()
        revisits = self.source.timing.revisits
        return self.freshness.visits(self.source.name, revisits, self.now).links

    def _new(self, link: Link) -> bool:
        if self.freshness.known(link.url, self.now):
            return False
        told = link.published or link.modified
        old = told is not None and ending(told) < self.now - BACKLOG
        self.left += old and not self.backfill
        return self.backfill or not old

    def _moved(self, link: Link) -> bool:
        """Tell whether a sitemap of an index was changed since it was fetched, as far as that tells.

        One that was not changed for long, and never fetched, has old stories.
        """
        fetched = self.freshness.fetched_at(link.url)
        if link.modified:
            return ending(link.modified) > (fetched or self.now - BACKLOG)
        return fetched is None or fetched <= self.now - self.source.timing.slowest


def ending(moment: Moment) -> datetime:
    """Return the end of the span that a time names: of a day, the next midnight."""
    return moment.at + _SPANS.get(moment.precision, timedelta())
