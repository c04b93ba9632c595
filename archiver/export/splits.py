"""Parts of a dataset by time of publication, such as train and test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from archiver import clock
from archiver.errors import UsageError
from archiver.export.rows import Row
from archiver.query import days
from archiver.timestamps import from_iso, iso

Key = tuple[int, str | None, int | None]  # id, time of publication and cluster of a row
UNDATED = "undated"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FIRST, _LAST = "", "\uffff"  # before and after every time as rows write it
_FORM = "write train:2026-01..2026-05,test:2026-06.."


@dataclass(frozen=True, slots=True)
class Split:
    """A part: from `since` and before `until`, as rows write times; or what has no date."""

    name: str
    since: str = _FIRST
    until: str = _LAST
    undated: bool = False

    def __str__(self) -> str:
        """Return it as `parse` reads it, with whole days."""
        if self.undated:
            return f"{self.name}:{UNDATED}"
        last = iso(from_iso(self.until) - timedelta(days=1))[:10] if self.until != _LAST else ""
        return f"{self.name}:{self.since[:10]}..{last}"

    def has(self, published: str | None) -> bool:
        """Tell whether what was published then is in it."""
        if published is None or self.undated:
            return self.undated and published is None
        return self.since <= published < self.until


def parse(text: str) -> tuple[Split, ...]:
    """Read ``NAME:FROM..TO,NAME:FROM..TO``; NAME:undated takes what has no date. The earliest comes first.

    FROM and TO are dates as searches know them, whole days, months and years of UTC, both counted in.
    Raises UsageError.
    """
    found = sorted(map(_split, text.split(",")), key=lambda one: (one.undated, one.since))
    names = [one.name for one in found]
    if len(set(names)) < len(names) or sum(one.undated for one in found) > 1:
        raise UsageError(f"'{text}' names one split twice", remedy=_FORM)
    dated = [one for one in found if not one.undated]
    for before, after in pairwise(dated):
        if after.since < before.until:
            raise UsageError(f"the splits {before.name} and {after.name} overlap", remedy=_FORM)
    return tuple(found)


def _split(text: str) -> Split:
    name, _, span = (part.strip() for part in text.partition(":"))
    if not _NAME.fullmatch(name) or not span:
        raise UsageError(
            f"'{text.strip()}' is no split", remedy=f"{_FORM}; names are a-z, 0-9 and _"
        )
    if span == UNDATED:
        return Split(name, undated=True)
    try:
        since, until = days.bounds("date", span, clock.now().date())
    except days.Unreadable as error:
        raise UsageError(f"split {name}: {error.what}", remedy=error.remedy) from error
    return Split(name, iso(since) if since else _FIRST, iso(until) if until else _LAST)


class Sorter:
    """Says in which split a row is.

    All copies of one text, and all versions of one article, are in the earliest split that one of them is in;
    what is itself in no split stays outside.
    """

    def __init__(self, splits: Sequence[Split], keys: Callable[[], Iterable[Key]]) -> None:
        """Look through all rows, for texts that there are more than once; only these are kept in memory."""
        self._splits = splits
        self._earliest: dict[int, int] = {}
        if splits:
            self._look(keys(), first=True)
        if self._earliest:
            self._look(keys(), first=False)  # what comes before its copies

    def _look(self, keys: Iterable[Key], *, first: bool) -> None:
        last = None
        for article_id, published, cluster in keys:
            of = article_id if cluster is None else cluster
            copy = of != article_id or article_id == last
            last = article_id
            place = self._place(published)
            if place is not None and (copy if first else of in self._earliest):
                self._earliest[of] = min(place, self._earliest.get(of, place))

    def _place(self, published: str | None) -> int | None:
        return next((n for n, one in enumerate(self._splits) if one.has(published)), None)

    def split(self, row: Row) -> str | None:
        """Return the name of a row's split, None for none; "" where there are no splits."""
        if not self._splits:
            return ""
        place = self._place(row["published_at"])
        if place is None:
            return None
        of = row["id"] if row["cluster_id"] is None else row["cluster_id"]
        return self._splits[min(place, self._earliest.get(of, place))].name
