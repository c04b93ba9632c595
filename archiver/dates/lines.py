"""A date line as a whole: which day is meant, which time belongs to it, what its labels say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archiver.dates import calendars, days, relative
from archiver.dates import parts as beside
from archiver.dates import words as w
from archiver.dates.days import Day
from archiver.dates.parts import Parts, RefusedError, take_apart
from archiver.dates.relative import Ago
from archiver.dates.shape import Context, shape

_WORTH = re.compile(
    rf"[\d{w.TODAY}{w.YESTERDAY}{w.BEFORE_YESTERDAY}{w.AGO}{w.SINCE}{w.EITHER}{w.AUGUST_OR_AGO}]"
)
_FIRST = re.compile(f"[{beside.LABELS}{w.DATES}]")
_LABEL_LAST = frozenset(("ja", "ko"))


@dataclass(frozen=True, slots=True)
class Stamp:
    """A point in time as a line tells it: aware where it tells the zone, else local time."""

    at: datetime
    precision: str
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What a line tells; `refused` where it has dates, and which is meant cannot be told."""

    published: Stamp | None = None
    updated: Stamp | None = None
    refused: bool = False


def read(folded: str, page: Context) -> Line:
    """Read a line of folded text, of a few hundred characters at most."""
    line = shape(folded, page)
    if not _WORTH.search(line):
        return Line()
    if first := days.month(line):
        return Line(Stamp(datetime(first.year, first.month, 1), "month"))
    parts = take_apart(line, page)
    try:
        return _read_days(parts) or _read_lengths(parts) or Line()
    except RefusedError:
        return Line(refused=True)


def _read_days(parts: Parts) -> Line | None:
    """Read the days of the calendar that a line has, None if it has none."""
    found = [(place, day) for place, day in parts.places() if isinstance(day, Day)]
    if not found:
        return None
    solid = [(place, day) for place, day in found if day.calendar != "lunar"]
    lunar = [(place, day.day) for place, day in found if day.calendar == "lunar"]
    parts = parts.without([place for place, _ in lunar])
    _check(parts, solid, [day for _, day in lunar if day])
    own = [(place, day) for place, day in solid if not beside.is_other(parts, place)]
    stamps = [(place, day.day, _stamp(parts, place, day)) for place, day in own if day.day]
    return _sorted_out(parts, stamps)


def _check(parts: Parts, solid: list[tuple[int, Day]], lunar: list[date]) -> None:
    """Raise RefusedError where something in the line contradicts its days."""
    told = [day.day for _, day in solid if day.day]
    if len(told) < len(solid) or not told or beside.has_partial(parts):
        raise RefusedError
    for day in lunar:
        if not any(abs(day - other) <= calendars.LUNAR_DOUBT for other in told):
            raise RefusedError
    for place, found in solid:
        if not beside.is_whole(parts, place, found) or not _fits_weekday(parts, found):
            raise RefusedError


def _fits_weekday(parts: Parts, found: Day) -> bool:
    """Hold a solar day against the weekday. Of our own calendar sites get the weekday wrong."""
    if found.calendar != "solar" or not parts.weekdays or found.day is None:
        return True
    return found.day.weekday() in parts.weekdays


def _stamp(parts: Parts, place: int, found: Day) -> Stamp:
    """Return a day with the time that belongs to it."""
    assert found.day is not None
    day = datetime(found.day.year, found.day.month, found.day.day)
    clock = parts.clocks[found.clock] if found.clock >= 0 else beside.clock(parts, place)
    told = clock.on(day, parts.page) if clock else None
    return Stamp(*(told or (day, "day")), relative=found.calendar == "yearless")


def _read_lengths(parts: Parts) -> Line | None:
    """Read what leans on the time of the capture, None if nothing does, or that is not known."""
    now = parts.page.now
    if now is None:
        return None
    stamps: list[tuple[int, date, Stamp]] = []
    for place, ago in parts.places():
        if isinstance(ago, Ago):
            if ago.at is None:
                raise RefusedError
            stamps.append((place, ago.at, Stamp(ago.at, ago.precision, relative=True)))
    if not stamps and (found := relative.near(parts.line)):
        stamp = _near(parts, *found, now)
        stamps.append((found[0], stamp.at, stamp))
    return _sorted_out(parts, stamps) if stamps else None


def _near(parts: Parts, place: int, near: relative.Near, now: datetime) -> Stamp:
    clock = beside.clock(parts, place)
    today = datetime(now.year, now.month, now.day)
    told = clock.on(today, parts.page) if clock else None
    day = near.day(parts.weekdays, told[0] if told else None, now)
    if day is None:
        raise RefusedError
    start = datetime(day.year, day.month, day.day)
    told = clock.on(start, parts.page) if clock else None
    return Stamp(*(told or (start, "day")), relative=True)


def _sorted_out(parts: Parts, stamps: Sequence[tuple[int, date, Stamp]]) -> Line:
    """Hold the labels of a line against its stamps, each with its place and its day."""
    groups: dict[str, dict[date, list[Stamp]]] = {}
    edges = [-1, *(place for place, _, _ in stamps), len(parts.line)]
    mark, last_day = "", None
    for number, (place, day, stamp) in enumerate(stamps):
        if number == 0 or not beside.is_joined(parts, edges[number], place):
            mark = _label(parts, edges[number], place, edges[number + 2])
        elif day != last_day:
            raise RefusedError
        groups.setdefault(mark, {}).setdefault(day, []).append(stamp)
        last_day = day
    published = groups.get(w.PUBLISHED) or groups.get("", {})
    if len(published) > 1 or not groups:
        raise RefusedError
    return Line(_only(published), _only(groups.get(w.UPDATED, {})))


def _label(parts: Parts, before: int, place: int, after: int) -> str:
    """Return the label of the day at a place between two others: before it, or after in some tongues."""
    first = _FIRST.search(parts.line)
    if parts.page.language in _LABEL_LAST and first and first[0] >= w.DATES[0]:
        return beside.label(parts, place, after, last=False)
    return beside.label(parts, before + 1, place, last=True)


def _only(found: dict[date, list[Stamp]]) -> Stamp | None:
    """Return the one day of a group with its time; without one where two are told."""
    if len(found) != 1:
        return None
    (stamps,) = found.values()
    times = {stamp for stamp in stamps if stamp.precision != "day"} or set(stamps)
    if len(times) == 1:
        return times.pop()
    first = stamps[0]
    return Stamp(first.at.replace(hour=0, minute=0, second=0, tzinfo=None), "day", first.relative)
