"""Dates that machines write: ISO 8601, RFC 2822, and seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from archiver.dates.numeric import YEARS

_ISO = re.compile(
    r"(?P<day>\d{4}-?(?:\d\d-?\d\d|W\d\d-?\d))"
    r"(?:(?:T(?P<time>\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?)| (?P<spaced>\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?))"
    r" ?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?"
)
_ISO_PART = re.compile(r"(\d{4})(?:-(\d\d))?")
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?")
_EPOCH = re.compile(r"(\d{10})(\d{3})?")
# Only zones that RFC 2822 defines: the standard library takes all others for UTC, and drops "pm".
_RFC2822 = re.compile(
    r"(?:[a-z]{3,9},? )?\d{1,2} [a-z]{3,9} (?:\d{4}|\d{2}) \d{1,2}:\d{2}(?::\d{2})? "
    r"(?:[+-]\d{4}|UTC?|GMT|Z|[ECMP][SD]T)(?: \([^()]*\))?",
    re.IGNORECASE,
)
Told = tuple[datetime, str]  # a time, aware where its zone is told, and its precision


def read(text: str, now: datetime | None) -> Told | None:
    """Read a text that is a date of a standard and nothing else."""
    return _iso(text) or _rfc2822(text) or _digits(text) or _epoch(text, now)


def _iso(text: str) -> Told | None:
    if match := _ISO_PART.fullmatch(text):
        year, month = int(match[1]), int(match[2] or 1)
        if year in YEARS and 1 <= month <= 12:
            return datetime(year, month, 1), "month" if match[2] else "year"
        return None
    match = _ISO.fullmatch(text)
    if match is None or int(text[:4]) not in YEARS:  # the years of other calendars are not ours
        return None
    time = match["time"] or match["spaced"] or ""
    try:
        stamp = datetime.fromisoformat(f"{match['day']}T{time or '00'}{match['zone'] or ''}")
    except ValueError:
        return None
    length = len(re.sub(r"\D", "", re.split("[.,]", time)[0]))
    return stamp, {0: "day", 2: "hour", 4: "minute"}.get(length, "second")


def _rfc2822(text: str) -> Told | None:
    if not _RFC2822.fullmatch(text):
        return None
    try:
        stamp = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return stamp, "second" if text.count(":") >= 2 else "minute"


def _digits(text: str) -> Told | None:
    """Read the 12 or 14 digits of year, month, day, hour, minute and second."""
    match = _DIGITS.fullmatch(text)
    if match is None or int(match[1]) not in YEARS:
        return None
    try:
        stamp = datetime(*(int(part) for part in match.groups("0")))  # type: ignore[arg-type]
    except ValueError:
        return None
    return stamp, "second" if match[6] else "minute"


def _epoch(text: str, now: datetime | None) -> Told | None:
    """Read seconds or milliseconds since 1970, if they fall between 1995 and next year.

    Without `now` such a number could be any number.
    """
    match = _EPOCH.fullmatch(text)
    if match is None or now is None:
        return None
    stamp = datetime.fromtimestamp(int(match[1]), UTC)
    return (stamp, "second") if 1995 <= stamp.year <= now.year + 1 else None
