"""The dates of a query: 2019, 2019-03, 2019-03-05, ranges of them, and days counted back from today.

A point is a span of whole days of UTC. ``before:`` ends where it begins, ``after:`` begins where it
begins (so after:X and before:X part all time in two, as in Gmail), and ``date:`` is all of it.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from archiver.query.pointing import quoted

FORMS = "write 2019, 2019-03, 2019-03-05, 7d, 2w, 3m, 1y, 24h, today or yesterday"
_POINT = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_BACK = re.compile(r"(\d{1,4})([hdwmy])")
_NAMED = {"today": 0, "yesterday": 1, "اليوم": 0, "أمس": 1, "امس": 1, "البارحة": 1}
_DASHES = re.compile("[/\u2010-\u2015\u2212]")
_HOURS = 24


class Unreadable(ValueError):
    """A text is no date; `what` says why, `remedy` what would be one."""

    def __init__(self, what: str, remedy: str = FORMS) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class _Span:
    """From `first` on, and before `end`; `back` where it was counted back from today."""

    first: date
    end: date
    back: bool = False


def bounds(field: str, text: str, today: date) -> tuple[datetime | None, datetime | None]:
    """Return since (inclusive) and until (exclusive) of ``field:text``; `field` is before, after or date.

    Any decimal digits and dashes are read, and slashes for dashes. ``date:7d`` alone has no end.
    Raises `Unreadable`.
    """
    text = _plain(text)
    if ".." in text:
        return _range(field, text, today)
    span = _span(text, today)
    match field:
        case "before":
            return None, _midnight(span.first)
        case "after":
            return _midnight(span.first), None
    return _midnight(span.first), None if span.back else _midnight(span.end)


def _range(field: str, text: str, today: date) -> tuple[datetime | None, datetime | None]:
    if field != "date":
        raise Unreadable(
            f"'{field}:' takes one date, and {quoted(text)} is a range", "use date:FROM..TO"
        )
    first, _, last = (part.strip() for part in text.partition(".."))
    if not first and not last:
        raise Unreadable(
            f"the range {quoted(text)} has no ends",
            "write 2019-03..2019-04, 2019-03.. or ..2019-04",
        )
    since = _span(first, today).first if first else None
    end = _span(last, today).end if last else None
    if since and end and since >= end:
        raise Unreadable(
            f"the range {quoted(text)} ends before it begins", f"write {quoted(f'{last}..{first}')}"
        )
    return _midnight(since) if since else None, _midnight(end) if end else None


def _plain(text: str) -> str:
    """Return `text` with ASCII digits and dashes, in lower case, without vowel marks."""
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return _DASHES.sub("-", "".join(c for c in digits if unicodedata.category(c) != "Mn"))


def _span(text: str, today: date) -> _Span:
    if (ago := _NAMED.get(text)) is not None:
        return _one(today - timedelta(ago))
    if match := _BACK.fullmatch(text):
        first = _counted(today, int(match[1]), match[2])
        if first is None:
            raise Unreadable(f"{quoted(text)} goes back too far", "an open end is ..2019")
        return _Span(first, first + timedelta(1), back=True)
    if match := _POINT.fullmatch(text):
        year, month, day = (None if part is None else int(part) for part in match.groups())
        return _calendar(text, year or 0, month, day)
    raise Unreadable(f"{quoted(text)} is no date")


def _counted(today: date, count: int, unit: str) -> date | None:
    """Count back from `today`: hours as whole days, rounded up; months to the same day or their last."""
    if unit in "hdw":
        ago = {"h": -(-count // _HOURS), "d": count, "w": count * 7}[unit]
        return today - timedelta(ago) if ago < today.toordinal() else None
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1])) if year > 0 else None


def _calendar(text: str, year: int, month: int | None, day: int | None) -> _Span:
    if not 0 < year < date.max.year:  # the day after must be a day too
        raise Unreadable(f"{quoted(text)} is no date: years go from 0001 to 9998")
    if month is None:
        return _Span(date(year, 1, 1), date(year + 1, 1, 1))
    if not 1 <= month <= 12:
        raise Unreadable(f"{quoted(text)} is no date: there is no month {month}")
    last = monthrange(year, month)[1]
    if day is None:
        return _Span(date(year, month, 1), date(year, month, last) + timedelta(1))
    if not 1 <= day <= last:
        raise Unreadable(f"{quoted(text)} is no date: {year:04}-{month:02} has {last} days")
    return _one(date(year, month, day))


def _one(day: date) -> _Span:
    return _Span(day, day + timedelta(1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
