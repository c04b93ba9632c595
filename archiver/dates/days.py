"""Days as they are printed, in words or in numbers, in any of the calendars of `calendars`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from archiver.dates import calendars, numeric, relative
from archiver.dates import words as w
from archiver.dates.relative import Ago
from archiver.dates.shape import Context

_GAP = rf"(?:[\s.,/'()-]|[{w.FILL}{w.AT}{w.MONTH}{w.YEAR}]){{0,6}}"  # "the month of", "the year"
_NAME = f"[{w.MONTHS}{w.SOLAR}{w.LUNAR}]"
_CLOCK = rf"(?:[\s,-]*(?P<clock>[{w.CLOCKS}]))?"
# 23 March 2019; 23 مارس/آذار 2019; 23 มีนาคม พ.ศ. 2562
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?<!\d\.)(?P<day>\d\d?)(?P<gap>{_GAP}|\s?{w.RANGE}\s?)(?P<month>{_NAME})"
    rf"(?:{_GAP}(?P<other>[{w.MONTHS}]))?{_CLOCK}(?P<next>{_GAP}){w.BUDDHIST}?\.?\s?(?P<year>\d{{4}})(?!\d)"
)
_AFTER_WEEKDAY = re.compile(f"[{w.WEEKDAYS}][\\s,]*$")
# March 23, 2019; Sat Mar 23 14:30:00 2019
_MONTH_FIRST = re.compile(
    rf"(?P<month>{_NAME}){_GAP}(?<!\d)(?P<day>\d\d?)(?!\d){_CLOCK}{_GAP}(?P<year>\d{{4}})(?!\d)"
)
# 2019. március 23.
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}}){_GAP}(?P<month>{_NAME}){_GAP}(?P<day>\d\d?)(?!\d)"
)
# 23-Mar-19; 23 March '19; and 11 Khordad 98, as Iran shortens 1398
_SHORT_YEAR = re.compile(
    rf"(?<!\d)(?P<day>\d\d?)(?:(?P<gap>[-/.])(?P<month>[{w.MONTHS}])(?P=gap)"
    rf"|\s(?P<plain>[{w.MONTHS}]),?\s'|\s(?P<solar>[{w.SOLAR}])\s(?=[5-9]))(?P<year>\d\d)(?!\d)"
)
# 2019年3月23日; 令和元年5月1日; 2019년 3월 23일; 民國108年3月23日
_SIGNED = re.compile(
    rf"(?:(?P<era>[{w.REIWA}{w.HEISEI}{w.SHOWA}{w.MINGUO}])\s?(?P<count>\d{{1,3}}|{w.FIRST})|(?<!\d)(?P<year>\d{{4}}))"
    rf"\s?{w.YEAR_SIGN}\s?(?P<month>\d\d?)\s?{w.MONTH_SIGN}\s?(?P<day>\d\d?)(?!\d)\s?{w.DAY_SIGN}?"
)
# ngày 23 tháng 3 năm 2019
_COUNTED = re.compile(
    rf"(?<!\d)(?P<day>\d\d?)\s?,?\s?{w.MONTH}\s?(?P<month>\d\d?)[\s,/]*{w.YEAR}?\s?(?P<year>\d{{4}})(?!\d)"
)
# Saturday 23 March; 3月23日 星期六
_YEARLESS = re.compile(
    rf"(?<!\d)(?P<day>\d\d?)(?:[\s.]{{0,2}}|\s?{w.FILL}\s?)(?P<month>[{w.MONTHS}])"
    rf"|(?P<after>[{w.MONTHS}])\.?\s?(?P<follows>\d\d?)(?!\d)"
    rf"|(?<!\d)(?P<number>\d\d?)\s?{w.MONTH_SIGN}\s?(?P<signed>\d\d?)\s?{w.DAY_SIGN}"
)
_NUMBERS = re.compile(
    r"(?<!\d)(?P<one>\d{4}|\d\d?)\s?(?P<gap>[/.•·-])\s?(?P<two>\d\d?)\s?(?P=gap)\s?(?P<three>\d{4}|\d\d?)(?!\d)"
)
_ONLY_MONTH = re.compile(
    rf"[{w.PUBLISHED}\s:]*(?:(?P<month>[{w.MONTHS}])[\s,/-]*{w.FILL}?\s?(?P<year>\d{{4}})"
    rf"|(?P<before>\d{{4}})\s?{w.YEAR_SIGN}\s?(?P<number>\d\d?)\s?{w.MONTH_SIGN})"
)
_ERAS = {w.REIWA: "reiwa", w.HEISEI: "heisei", w.SHOWA: "showa"}


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was printed; `day` is None where it is written like one and cannot be told.

    `calendar` is "", solar, lunar or yearless; `clock` the place of the clock inside it, -1
    without. `leads` tells whether the day of the month stands first, where a number before it may
    belong to it.
    """

    day: date | None
    calendar: str = ""
    clock: int = -1
    leads: bool = True


def collect(line: str, weekdays: set[int], page: Context, found: list[Day | Ago]) -> str:
    """Take the days out of a line; each leaves a mark with its place in the list."""

    def taker(read: Callable[[re.Match[str]], Day | None]) -> Callable[[re.Match[str]], str]:
        def take(match: re.Match[str]) -> str:
            day = read(match)
            if day is None:
                return match[0]
            found.append(day)
            return f" {chr(ord(w.DATES[0]) + len(found) - 1)} "

        return take

    for pattern in (_SIGNED, _COUNTED):
        line = pattern.sub(taker(_signed), line)
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST):
        line = pattern.sub(taker(lambda match: _named(match, page)), line)
    line = _NUMBERS.sub(taker(lambda match: _numbers(match, weekdays, page)), line)
    return _SHORT_YEAR.sub(taker(lambda match: _short(match, page)), line)


def yearless(line: str, weekdays: set[int], page: Context, found: list[Day | Ago]) -> str:
    """Take the one day without a year out of a line, if the weekday says which year is meant.

    It must be the last such day up to the capture: where a year is left out, this one is meant.
    """
    matches = list(_YEARLESS.finditer(line))
    if page.now is None or len(matches) != 1 or len(weekdays) != 1:
        return line
    (match,) = matches
    number = int(match["day"] or match["follows"] or match["signed"])
    name = match["month"] or match["after"]
    month = _month(name) if name else int(match["number"])
    latest = (page.now + relative.FARTHEST).date()
    days = (calendars.gregorian(latest.year - back, month, number) for back in (0, 1))
    day = next((day for day in days if day and day <= latest), None)
    if day is None or day.weekday() not in weekdays:
        return line
    found.append(Day(day, "yearless"))
    mark = chr(ord(w.DATES[0]) + len(found) - 1)
    return f"{line[: match.start()]} {mark} {line[match.end() :]}"


def month(line: str) -> date | None:
    """Return the first day of the month that is all a line tells."""
    match = _ONLY_MONTH.fullmatch(line.strip())
    if match is None:
        return None
    year = int(match["year"] or match["before"])
    month = _month(match["month"]) if match["month"] else int(match["number"])
    return calendars.gregorian(year, month, 1) if year in numeric.YEARS else None


def _place(mark: str, marks: str) -> int:
    return ord(mark) - ord(marks[0])


def _month(mark: str) -> int:
    return 8 if mark == w.AUGUST_OR_AGO else _place(mark, w.MONTHS) + 1


def _named(match: re.Match[str], page: Context) -> Day | None:
    name, year, number = match["month"], int(match["year"]), int(match["day"])
    groups = match.groupdict()
    clock = _place(groups["clock"], w.CLOCKS) if groups.get("clock") else -1
    leads = match.start("day") < match.start("month") < match.start("year")
    if leads and _is_issue(match):
        return Day(None)
    if name >= w.LUNAR[0]:
        return _lunar(year, _place(name, w.LUNAR) + 1, number)
    if name >= w.SOLAR[0]:
        day = calendars.solar(year, _place(name, w.SOLAR) + 1, number)
        return Day(day, "solar", clock, leads) if year in calendars.SOLAR_YEARS else None
    if groups.get("other") and _month(groups["other"]) != _month(name):
        return Day(None)
    if page.thai and year in numeric.BUDDHIST_YEARS:
        year = calendars.buddhist(year)
    day = calendars.gregorian(year, _month(name), number) if year in numeric.YEARS else None
    return Day(day, clock=clock, leads=leads)


def _lunar(year: int, month: int, day: int) -> Day | None:
    in_range = year in calendars.LUNAR_YEARS
    return Day(calendars.lunar(year, month, day), "lunar") if in_range else None


def _is_issue(match: re.Match[str]) -> bool:
    """Tell a magazine's number from a day: "12, March 2019", "12 - March 2019"."""
    gap = match["gap"]
    if "," in gap:
        return not _AFTER_WEEKDAY.search(match.string, 0, match.start())
    return any(sign in gap and sign not in match["next"] for sign in "-/")


def _short(match: re.Match[str], page: Context) -> Day | None:
    year, number = int(match["year"]), int(match["day"])
    if match["solar"]:
        month = _place(match["solar"], w.SOLAR) + 1
        return Day(calendars.solar(1300 + year, month, number), "solar")
    year = numeric.century(year, page)
    month = _month(match["month"] or match["plain"])
    return Day(calendars.gregorian(year, month, number))


def _signed(match: re.Match[str]) -> Day | None:
    groups = match.groupdict()
    year: int | None = int(groups["year"] or 0)
    if era := groups.get("era"):
        count = 1 if groups["count"] == w.FIRST else int(groups["count"])
        year = calendars.minguo(count) if era == w.MINGUO else calendars.japanese(_ERAS[era], count)
    if year is None or year not in numeric.YEARS:
        return Day(None)
    day = calendars.gregorian(year, int(match["month"]), int(match["day"]))
    return Day(day, leads=match.start("day") == match.start())


def _numbers(match: re.Match[str], weekdays: set[int], page: Context) -> Day | None:
    """Read three numbers; None for what is none of a date: a version, an address, a score."""
    numbers = (match["one"], match["two"], match["three"])
    lengths = (len(numbers[0]), len(numbers[2]))
    if lengths in ((4, 4), (1, 1), (2, 1)) or _is_part(match):
        return None
    year = int(numbers[0] if lengths[0] == 4 else numbers[2])
    if year in calendars.LUNAR_YEARS and not numeric.is_solar(year, page):
        return _lunar(year, int(numbers[1]), int(numbers[2] if lengths[0] == 4 else numbers[0]))
    dots = match["gap"] not in "/-"
    if dots and len("".join(numbers)) < 6 and _has_words(match):
        return None  # with words around, 1.2.10 is as likely a version
    day = numeric.read(numbers, dots=dots, weekdays=weekdays, page=page)
    if day is None and 4 not in lengths:
        return None
    calendar = "solar" if numeric.is_solar(year, page) else ""
    return Day(day, calendar, leads=lengths[0] < 4)


def _has_words(match: re.Match[str]) -> bool:
    return re.search(r"[^\W\d_]", match.string) is not None


def _is_part(match: re.Match[str]) -> bool:
    """Tell whether the row of numbers goes on, before or after: 192.168.1.20, 1/2/3/2019."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    gap = match["gap"]
    return (before[-1:] == gap and before[-2:-1].isdigit()) or (
        after[:1] == gap and after[1:2].isdigit()
    )
