"""When an article was published and changed, as its page tells and prints it.

What markup tells is the moment to the second, and at times the day on which an old article was moved
to a new system; what is printed beside the headline is what readers were told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from archiver.extract import language, printed, told
from archiver.extract.page import Page
from archiver.extract.printed import Said
from archiver.extract.told import Reader
from archiver.types import Link, Moment

MOVED = timedelta(days=2)  # two dates that are so far apart are not one date in two zones
_ZERO = "+00:00"


def published(page: Page, link: Link, now: datetime, title: str = "") -> Moment | None:
    """Return when the article was published, or None: a missing date beats a wrong one.

    The first of JSON-LD, meta tags and what the feed or sitemap told, unless what the page prints
    is to be believed instead; else the day in its title, by its headline, in its address, or behind
    a label. `now` is the time of the capture, `title` the headline where it is known.
    """
    read = Reader(language.declared(page), now)
    markup = list(told.publications(page, read))
    best = next(iter(markup), None) or read.known(link.published)
    said = list(printed.by_headline(page, read, title))
    first = next((line.first for line in said if line.first), None)
    if best is None:
        return (
            told.of_title(page, read)
            or first
            or told.of_url(page, read)
            or printed.labelled(page, read)
        )
    return (
        _older(best, first)
        or _newer(page, read, markup, said)
        or _local(best, first, told.of_url(page, read))
        or (printed.labelled(page, read) if _is_torn(markup) else None)
        or best
    )


def _older(best: Moment, printed: Moment | None) -> Moment | None:
    """Return the printed date where it is older: the told one is that of a move or of a change."""
    if printed is None or printed.origin == "relative" or best.at - printed.at < MOVED:
        return None
    return printed


def _newer(
    page: Page, read: Reader, markup: Sequence[Moment], said: Sequence[Said]
) -> Moment | None:
    """Return the date that the page shows as the article's where it is newer and to be believed.

    It is where other markup tells the same day. Else it must be more than one writer of markup that
    is against it: the day of the change is what readers were told, if the older day stands only in
    schema.org's data, which is written for machines; a day that is neither was set by hand.
    """
    shown = said[0].shown if said else None
    if not markup or shown is None or shown.origin == "relative":
        return None
    if shown.at - markup[0].at < MOVED:
        return None
    if any(_is_one(shown, other) for other in markup[1:]):
        return shown
    change, once = told.change(page, read), told.is_schema_only(page, read)
    if change and _is_one(shown, change):
        return shown if once else None
    is_between = change is not None and shown.at < change.at
    return shown if is_between and (once or len(markup) == 1) else None


def _local(best: Moment, printed: Moment | None, address: Moment | None) -> Moment | None:
    """Return the printed date where the address has its day too, and markup the next one in UTC."""
    if printed is None or address is None or best.zone != _ZERO:
        return None
    is_told = _day(printed) == _day(address) != _day(best)
    return printed if is_told and _is_one(printed, best) else None


def _is_torn(markup: Sequence[Moment]) -> bool:
    """Tell whether kinds of markup contradict each other."""
    return any(not _is_one(markup[0], other) for other in markup[1:])


def _is_one(one: Moment, other: Moment) -> bool:
    return abs(one.at - other.at) < MOVED


def _day(moment: Moment) -> date:
    """Return the day in the zone that was told with it."""
    zone = datetime.strptime(moment.zone, "%z").tzinfo if moment.zone else UTC
    return moment.at.astimezone(zone).date()


def modified(page: Page, link: Link, now: datetime, title: str = "") -> Moment | None:
    """Return when the article says it was last changed, or None."""
    read = Reader(language.declared(page), now)
    best = told.change(page, read)
    shown = (line.last for line in printed.by_headline(page, read, title) if line.last)
    return best or next(shown, None) or read.known(link.modified)
