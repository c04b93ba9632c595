"""Dates as the web writes them, read so that a missing date beats a wrong one.

ISO 8601 first, then RFC 2822, then Arabic month names, and at last dateutil with two defaults, so
that a field it only filled in is seen and left out. The only module that uses dateutil.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import InvalidOperation
from email.utils import parsedate_to_datetime

from dateutil import parser as dateutil_parser

from archiver.types import Moment

MAX_LENGTH = 64  # characters handed to dateutil: it is slow and inventive on long ones
YEARS = range(1900, 2101)

# Month names of the Arabic press: Levant and Iraq, Egypt and the Gulf, Tunisia and Algeria, Morocco.
# Keys are folded: no hamza on alif, no vowel signs.
_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "كانون الثاني|يناير|جانفي",
        "شباط|فبراير|فيفري",
        "آذار|اذار|مارس",
        "نيسان|أبريل|إبريل|أفريل",
        "أيار|مايو|ماي",
        "حزيران|يونيو|يونيه|جوان",
        "تموز|يوليو|يوليه|جويلية|يوليوز",
        "آب|أغسطس|أوت|غشت",
        "أيلول|سبتمبر|شتنبر",
        "تشرين الأول|أكتوبر",
        "تشرين الثاني|نوفمبر|نونبر",
        "كانون الأول|ديسمبر|دجنبر",
    ),
    start=1,
):
    for _name in _names.split("|"):
        _MONTHS[re.sub("[أإآ]", "ا", _name).replace("ة", "ه")] = _number

_MONTH = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_ARABIC_DATE = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})\s*(?P<month>{_MONTH})(?:\s*/\s*(?:{_MONTH}))?\s*[،,]?\s*"
    rf"(?P<year>\d{{4}})(?!\d)"
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)(?P<half>\s*(?:ص|م|صباحا|مساء)(?!\w))?"
)
_ISO_PART = re.compile(r"(\d{4})(?:-(\d{2}))?")
_ISO_DAY = re.compile(r"\d{4}-?(?:\d{2}-?\d{2}|W\d{2}-?\d)")
_ISO_WEEK = re.compile(r"\d{4}-?W\d{2}")
_ISO_SECONDS = re.compile(r"[T ]\d{2}:?\d{2}:?\d{2}")
# Only zones that RFC 2822 defines: the standard library takes all others for UTC, and drops "pm".
_RFC2822 = re.compile(
    r"(?:[a-z]{3,9},? )?\d{1,2} [a-z]{3,9} (?:\d{4}|\d{2}) \d{1,2}:\d{2}(?::\d{2})? "
    r"(?:[+-]\d{4}|UTC?|GMT|Z|[ECMP][SD]T)(?: \([^()]*\))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:\d{4}|\d{8}|\d{12}|\d{14})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)\d{4}[\s/.,\-]+(\d{1,2})[\s/.,\-]+\d{1,2}(?!\d)")
_AMBIGUOUS = re.compile(r"(?<!\d)(\d{1,2})[\s/.,\-]+(\d{1,2})[\s/.,\-]+\d{2,4}(?!\d)")


def parse(text: str, origin: str = "") -> Moment | None:
    """Read one date, with or without a time, or return None.

    `origin` is kept in the result. Raises nothing: what cannot be read, or only by guessing (no
    year, day and month that could change places), is None.
    """
    text = _plain(text)
    if not text:
        return None
    for read in (_iso, _rfc2822, _arabic, _anything):
        found = read(text)
        if found is not None:
            stamp, precision = found
            return _moment(stamp, precision, origin)
    return None


def to_utc(stamp: datetime) -> datetime:
    """Return `stamp` in UTC; a naive one is taken as UTC."""
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def iso(stamp: datetime) -> str:
    """Return `stamp` as fixed-width UTC text with microseconds, which sorts as time does."""
    return to_utc(stamp).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_iso(text: str) -> datetime:
    """Read what `iso` wrote."""
    return datetime.fromisoformat(text)


def day(text: str, today: date) -> datetime | None:
    """Read the day of a command line option: ISO, ``today``, ``yesterday`` or ``7d``."""
    text = text.strip().lower()
    if match := re.fullmatch(r"(\d{1,4})d", text):
        found: date = today - timedelta(days=int(match[1]))
    elif text in ("today", "yesterday"):
        found = today - timedelta(days=text == "yesterday")
    else:
        try:
            found = date.fromisoformat(text)
        except ValueError:
            return None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def _plain(text: str) -> str:
    """Fold digits, presentation forms and white space, and drop marks of direction."""
    text = unicodedata.normalize("NFKC", text[:256])
    text = "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c
        for c in text
        if unicodedata.category(c) not in ("Cf", "Mn")
    )
    return " ".join(text.split())


def _moment(stamp: datetime, precision: str, origin: str) -> Moment | None:
    zone = None
    offset = stamp.utcoffset()
    if offset is not None:
        zone = stamp.strftime("%z")
        zone = f"{zone[:3]}:{zone[3:5]}"
    try:
        at = to_utc(stamp)
    except OverflowError:
        return None
    return Moment(at, precision, zone, origin) if at.year in YEARS else None


def _iso(text: str) -> tuple[datetime, str] | None:
    if match := _ISO_PART.fullmatch(text):
        year, month = int(match[1]), int(match[2] or 1)
        if year in YEARS and 1 <= month <= 12:
            return datetime(year, month, 1), "month" if match[2] else "year"
        return None
    if _ISO_WEEK.fullmatch(text):
        return None  # seven days: no precision of ours
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    if _ISO_DAY.fullmatch(text):
        return stamp, "day"
    return stamp, "second" if _ISO_SECONDS.search(text) else "minute"


def _rfc2822(text: str) -> tuple[datetime, str] | None:
    if not _RFC2822.fullmatch(text):
        return None
    try:
        stamp = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return stamp, "second" if text.count(":") >= 2 else "minute"


def _arabic(text: str) -> tuple[datetime, str] | None:
    folded = re.sub("[أإآ]", "ا", text).replace("ة", "ه")
    match = _ARABIC_DATE.search(folded)
    if match is None:
        return None
    try:
        stamp = datetime(int(match["year"]), _MONTHS[match["month"]], int(match["day"]))
    except ValueError:
        return None
    clock = _CLOCK.search(folded)
    if clock is None:
        return stamp, "day"
    hour, minute = int(clock["hour"]), int(clock["minute"])
    half = (clock["half"] or "").strip()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.startswith("م") else 0)
    if hour > 23 or minute > 59:
        return stamp, "day"
    return stamp.replace(hour=hour, minute=minute), "minute"


def _anything(text: str) -> tuple[datetime, str] | None:
    """Ask dateutil twice, with defaults that differ in every field; trust what both answers share."""
    if len(text) > MAX_LENGTH or not _YEAR.search(text) or _could_swap(text):
        return None
    # "GMT+2" is two hours ahead of Greenwich; dateutil reads it as POSIX does, the other way round.
    text = re.sub(r"\b(?:GMT|UTC)\s?(?=[+-]\d)", "", text)
    try:
        one = dateutil_parser.parse(text, default=datetime(1904, 1, 2, 3, 4, 5), tzinfos=_zone)
        # The days are more than a week apart: of a weekday alone dateutil makes the next such day.
        two = dateutil_parser.parse(text, default=datetime(1908, 3, 20, 6, 7, 8), tzinfos=_zone)
    except (ValueError, OverflowError, InvalidOperation, TypeError, AttributeError):
        return None
    given = [
        name
        for name in ("year", "month", "day", "hour", "minute", "second")
        if getattr(one, name) == getattr(two, name)
    ]
    if given[:3] != ["year", "month", "day"]:
        return None
    if "minute" not in given:
        return one.replace(hour=0, minute=0, second=0, microsecond=0), "day"
    if "second" in given:
        return one, "second"
    return one.replace(second=0, microsecond=0), "minute"


def _zone(name: str | None, offset: int | None) -> timezone | None:
    """Return the zone of an offset in seconds.

    Raises ValueError for a name alone (JST, IST): it must not pass for UTC, and what dateutil makes
    of it depends on where the machine stands. No date is better.
    """
    if name and offset is None:
        raise ValueError(name)
    return None if offset is None else timezone(timedelta(seconds=offset))


def _could_swap(text: str) -> bool:
    """Tell whether day and month of a numeric date could change places (03/04/2026)."""
    if first := _YEAR_FIRST.search(text):
        return int(first[1]) > 12  # dateutil would read year, day, month
    match = _AMBIGUOUS.search(text)
    return (
        match is not None and int(match[1]) <= 12 and int(match[2]) <= 12 and match[1] != match[2]
    )
