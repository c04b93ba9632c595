"""Words that lean on the time of the capture: "2 hours ago", "منذ 3 أيام", "yesterday, 14:30".

Sites round such lengths down or to the nearest, and a page may have lain in a cache. So hours give
the hour, days the day; of weeks and more the month or year is given where both ends of what the
words can mean lie in one, and nothing where they do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archiver.dates import words as w
from archiver.dates.shape import Context

_UNITS = {
    w.SECOND: "second", w.SECOND_SIGN: "second", w.MINUTE: "minute", w.MINUTE_SIGN: "minute",
    w.HOUR: "hour", w.HOUR_SIGN: "hour", w.DAY: "day", w.DAY_SIGN: "day", w.WEEK: "week",
    w.MONTH: "month", w.YEAR: "year", w.YEAR_SIGN: "year",
}  # fmt: skip
_LENGTHS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30.5),
    "year": timedelta(days=365.25),
}
_PAIR = rf"(?:\d{{1,3}}|[{w.NUMBERS}])\s?[{''.join(_UNITS)}]\.?"
_AFTER = f"{w.AGO}{w.EITHER}{w.AUGUST_OR_AGO}"
_LENGTH = re.compile(
    rf"(?:(?P<since>[{w.SINCE}{w.EITHER}])\s?)?(?<![\d.,])(?P<pairs>{_PAIR}(?:[\s,]*{w.AND}?\s?{_PAIR}){{0,2}})"
    rf"(?:\s?(?P<ago>[{_AFTER}]))?"
)
_ONE_PAIR = re.compile(rf"(\d{{1,3}}|[{w.NUMBERS}])\s?([{''.join(_UNITS)}])")
_NEAR = re.compile(f"[{w.TODAY}{w.YESTERDAY}{w.BEFORE_YESTERDAY}]")
_BACK = {w.TODAY: 0, w.YESTERDAY: 1, w.BEFORE_YESTERDAY: 2}
# What may not stand beside: a word that we do not know may change the meaning.
_BESIDE_LENGTH = re.compile(rf"[\w{w.NUMBERS}{w.RANGE}{w.MONTH_SIGN}{w.MONTHS}]")
_BESIDE_NEAR = re.compile(rf"[\w'{w.NUMBERS}{w.RANGE}]")
FARTHEST = timedelta(hours=14)  # from UTC


@dataclass(frozen=True, slots=True)
class Ago:
    """A length of time before the capture; `at`, in UTC, is None where it tells too little."""

    at: datetime | None
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Today, or `back` days before it."""

    back: int

    def day(self, weekdays: set[int], clock: datetime | None, now: datetime) -> date | None:
        """Return the day where the page was printed, of which only `now` in UTC is known.

        `weekdays` are those in the line, `clock` the time beside on any day, aware if its zone is
        known. None where they contradict each other.
        """
        back = timedelta(days=self.back)
        if clock is not None and clock.tzinfo is not None:
            return now.astimezone(clock.tzinfo).date() - back
        today = now.date()
        ahead = (now + FARTHEST).date()
        if weekdays:
            days = (today - back, ahead - back, today - back - timedelta(days=1))
            return next((day for day in days if day.weekday() in weekdays), None)
        if clock is not None and self.back == 0:
            latest = (now + FARTHEST).replace(tzinfo=None)
            if datetime.combine(today, clock.time()) > latest:
                today -= timedelta(days=1)
        return today - back


def lengths(line: str, page: Context, found: list[Ago]) -> str:
    """Take the lengths of time out of a line; each leaves a mark with its place in the list."""

    def take(match: re.Match[str]) -> str:
        if not (match["since"] or match["ago"]) or not _stands_alone(match, _BESIDE_LENGTH):
            return match[0]
        found.append(_ago(match["pairs"], page.now))
        return f" {chr(ord(w.DATES[0]) + len(found) - 1)} "

    return _LENGTH.sub(take, line)


def near(line: str) -> tuple[int, Near] | None:
    """Return place and day of the word for a near day; None if a line has none, or several.

    Without a clock or a weekday beside it, "today" must be all there is: it is a newspaper's name.
    """
    found = list(_NEAR.finditer(line))
    if len(found) != 1 or not _stands_alone(found[0], _BESIDE_NEAR):
        return None
    firm = re.search(f"[{w.CLOCKS}{w.WEEKDAYS}]", line)
    if not firm and re.search(r"\w", line):
        return None
    return found[0].start(), Near(_BACK[found[0][0]])


def _stands_alone(match: re.Match[str], beside: re.Pattern[str]) -> bool:
    before = match.string[: match.start()].rstrip()[-1:]
    after = match.string[match.end() :].lstrip()[:1]
    return not (beside.match(before) or beside.match(after))


def _ago(pairs: str, now: datetime | None) -> Ago:
    if now is None:
        return Ago(None)
    total, finest = timedelta(), "year"
    for count, mark in _ONE_PAIR.findall(pairs):
        unit = _UNITS[mark]
        number = int(count) if count.isdigit() else ord(count) - ord(w.NUMBERS[0]) + 1
        total += number * _LENGTHS[unit]
        finest = min(finest, unit, key=_LENGTHS.__getitem__)
    try:
        return _rounded(now.replace(tzinfo=None) - total, finest)
    except OverflowError:
        return Ago(None)


def _rounded(at: datetime, unit: str) -> Ago:
    at = at.replace(second=0, microsecond=0)
    if unit in ("second", "minute"):
        return Ago(at, "minute")
    if unit == "hour":
        return Ago(at.replace(minute=0), "hour")
    if unit == "day":
        return Ago(at.replace(minute=0, hour=0), "day")
    first, last = at - _LENGTHS[unit], at + _LENGTHS[unit] / 2
    if first.year != last.year:
        return Ago(None)
    start = at.replace(day=1, hour=0, minute=0)
    if first.month == last.month:
        return Ago(start.replace(month=first.month), "month")
    return Ago(start.replace(month=1, year=first.year), "year")
