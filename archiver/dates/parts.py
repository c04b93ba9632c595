"""A line taken apart: its days, its clocks, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archiver.dates import clocks, days, relative
from archiver.dates import words as w
from archiver.dates.clocks import Clock
from archiver.dates.days import Day
from archiver.dates.relative import Ago
from archiver.dates.shape import Context

LABELS = f"{w.PUBLISHED}{w.UPDATED}"
_BETWEEN = (  # what may stand between a day and its time: no word that we do not know, no label
    rf"(?:[^\w\ue000-\uf8ff]|_|[{w.FILL}{w.AT}{w.HOUR}{w.HOUR_SIGN}{w.DAY}{w.DAY_SIGN}{w.YEAR}"
    rf"{w.MEEM}{w.HEGIRA}{w.INTRO}{w.WEEKDAYS}{w.ZONES}{w.TODAY}{w.YESTERDAY}{w.BEFORE_YESTERDAY}])*"
)
_CLOCK_AFTER = re.compile(rf"{_BETWEEN}([{w.CLOCKS}])(?:{_BETWEEN}([{w.CLOCKS}]))?")
_CLOCK_BEFORE = re.compile(rf"(?:([{w.CLOCKS}{w.DATES}]){_BETWEEN})?([{w.CLOCKS}]){_BETWEEN}$")
_JOINED = re.compile(rf"(?:{_BETWEEN}[{w.CLOCKS}])*{_BETWEEN}")
# Born in London on 5 May; from 5 May; since 5 May.
_OTHER = re.compile(
    rf"(?:{w.OTHER}[\s:]*(?:(?:[^\W\d_]+\s+){{1,2}}(?=[{w.FILL}{w.AT}]))?"
    rf"|[{w.RANGE}{w.SINCE}{w.EITHER}])[\s:,.'(){w.FILL}{w.AT}{w.WEEKDAYS}-]*$"
)
# 3 - 5 March 2019; issue 5 March 2019; 5 March 2019 to 7 March; 28 March - 2 April 2019
_WEEKDAY = re.compile(rf"[{w.WEEKDAYS}](?!\s\d\s?,)")  # "Thứ 3, ..." is Vietnamese, and no Thursday
_RANGE_BEFORE = re.compile(rf"(?<!\d)\d\d?\s*[-&/~{w.RANGE}{w.AND}]\s*$|{w.ISSUE}[\s.:#'°]*$")
_RANGE_AFTER = re.compile(
    rf"\s*[-~{w.RANGE}]\s*\d\d?\s?[{w.DAY_SIGN}{w.MONTHS}{w.MONTH_SIGN}]|\s*{w.RANGE}\s*[{w.DATES}]"
)
_PARTIAL = re.compile(
    rf"(?<!\d)\d\d?[\s.]{{0,2}}{w.FILL}?\s?(?:[{w.MONTHS}]|{w.MONTH_SIGN}\s?\d)"
    rf"|[{w.MONTHS}]\.?\s?\d\d?(?!\d)"
)


class RefusedError(Exception):
    """The line contradicts itself, or does not say which of its dates is meant."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A line with a mark in the place of each day and clock, and the lists the marks point into.

    `weekdays` (0 is Monday) are those in the line.
    """

    line: str
    days: list[Day | Ago]
    clocks: list[Clock]
    weekdays: set[int]
    page: Context

    def places(self) -> Iterator[tuple[int, Day | Ago]]:
        """Yield each day with its place in the line."""
        for match in re.finditer(f"[{w.DATES}]", self.line):
            yield match.start(), self.days[ord(match[0]) - ord(w.DATES[0])]

    def without(self, places: list[int]) -> Parts:
        """Return the parts with nothing of note at some places, so that neighbours meet there."""
        marks = [w.FILL if place in places else mark for place, mark in enumerate(self.line)]
        return replace(self, line="".join(marks)) if places else self


def take_apart(line: str, page: Context) -> Parts:
    """Take lengths, clocks and days out of a line whose words are marks, in an order that matters.

    "2 h ago" is no time of day; "14:30" must not lend its digits to a day; "1430 GMT" could be a
    year until the years are out.
    """
    weekdays = {ord(mark) - ord(w.WEEKDAYS[0]) for mark in _WEEKDAY.findall(line)}
    lengths: list[Ago] = []
    line = relative.lengths(line, page, lengths)
    found: list[Day | Ago] = [*lengths]
    times: list[Clock] = []
    line = clocks.collect(line, page, times)
    line = days.collect(line, weekdays, page, found)
    if not found:
        line = days.yearless(line, weekdays, page, found)
    line = clocks.military(line, page, times)
    return Parts(line, found, times, weekdays, page)


def clock(parts: Parts, place: int) -> Clock | None:
    """Return the clock beside a day; None if there is none, or several that differ.

    A clock between two days is the first one's. Raises RefusedError for one that shows no time.
    """
    after = _CLOCK_AFTER.match(parts.line, place + 1)
    before = _CLOCK_BEFORE.search(parts.line, 0, place)
    marks = [mark for mark in after.groups() if mark] if after else []
    if before and (before[1] or "") <= w.CLOCKS[-1]:
        marks += [mark for mark in before.groups() if mark]
    found = {parts.clocks[ord(mark) - ord(w.CLOCKS[0])] for mark in marks}
    if any(not time.valid for time in found):
        raise RefusedError
    return found.pop() if len(found) == 1 else None


def is_other(parts: Parts, place: int) -> bool:
    """Tell whether the words before a day say that it is another's: born, until, since."""
    return _OTHER.search(parts.line, 0, place) is not None


def is_joined(parts: Parts, first: int, second: int) -> bool:
    """Tell whether nothing but a time stands between two days."""
    return _JOINED.fullmatch(parts.line, first + 1, second) is not None


def is_whole(parts: Parts, place: int, day: Day) -> bool:
    """Tell whether a day is neither the end of a range nor the number of an issue."""
    before = day.leads and _RANGE_BEFORE.search(parts.line, 0, place)
    return not before and not _RANGE_AFTER.match(parts.line, place + 1)


def has_partial(parts: Parts) -> bool:
    """Tell whether a day without its year is left in the line, most often the end of a range."""
    return _PARTIAL.search(parts.line) is not None


def label(parts: Parts, start: int, end: int, *, last: bool) -> str:
    """Return the mark of the first or the last label of a stretch, "" if it has none."""
    found = re.findall(f"[{LABELS}]", parts.line[start:end])
    return str(found[-1 if last else 0]) if found else ""
