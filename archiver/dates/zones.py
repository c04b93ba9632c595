"""What a zone's name tells: an offset, a rule, or nothing that could be relied on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")
_LONGEST = timedelta(hours=14)
_AMERICAN = {"eastern": -5, "central": -6, "mountain": -7, "pacific": -8}
# The day from which each has stood as it stands now; before it there were others.
_FIXED = {"moscow": (3, datetime(2014, 10, 27)), "turkey": (3, datetime(2016, 9, 8))}


def offset(text: str) -> timezone | None:
    """Read "+3", "+0300" or "-05:30"; None beyond 14 hours or off the quarters of an hour."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    minutes = int(match[3] or 0)
    length = timedelta(hours=int(match[2]), minutes=minutes)
    if length > _LONGEST or minutes % 15:
        return None
    return timezone(-length if match[1] == "-" else length)


def zone(name: str, local: datetime, language: str) -> timezone | None:
    """Return the offset that a zone of ``words.toml`` has at a `local` time, None if in doubt."""
    if name in _AMERICAN:
        summer = _american_summer(local)
        return None if summer is None else timezone(timedelta(hours=_AMERICAN[name] + summer))
    if name in _FIXED:
        hours, since = _FIXED[name]
        return timezone(timedelta(hours=hours)) if local >= since else None
    if name == "american_central":  # in Chinese it is China's, eight hours the other way
        return timezone(timedelta(hours=-6)) if language in ("en", "es", "fr") else None
    return offset(name)


def _american_summer(local: datetime) -> bool | None:
    """Tell whether daylight saving time holds, by the Energy Policy Act of 2005; None before it."""
    if local.year < 2007:
        return None
    start, end = _sunday(local.year, 3, 8), _sunday(local.year, 11, 1)
    return start <= local < end


def _sunday(year: int, month: int, day: int) -> datetime:
    """Return two o'clock of the first Sunday on or after a day."""
    first = datetime(year, month, day, 2)
    return first + timedelta(days=(6 - first.weekday()) % 7)
