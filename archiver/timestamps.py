"""Points in time as rows and options write them. Dates as the web writes them are `archiver.dates`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta


def to_utc(stamp: datetime) -> datetime:
    """Return `stamp` in UTC; a naive one is taken as UTC."""
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def iso(stamp: datetime) -> str:
    """Return `stamp` as fixed-width UTC text with microseconds, which sorts as time does."""
    stamp = to_utc(stamp)
    return f"{stamp.year:04}{stamp:-%m-%dT%H:%M:%S.%fZ}"  # %Y has no zeros before the year 1000


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
