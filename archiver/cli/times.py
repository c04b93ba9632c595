"""Times as a person reads them: in the source's own zone, and how far away they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


def local(at: datetime, zone: str) -> str:
    """Return a time to the minute as clocks in `zone` show it, with the offset from UTC."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %z}"


def span(length: timedelta) -> str:
    """Return about how long `length` is, in one unit: "12 min", "3 h", "2 d"."""
    for unit, size in _UNITS:
        # 90 minutes say more than 1 hour does.
        if length >= size * (2 if unit != "min" else 1):
            return f"{length // size} {unit}"
    return f"{max(int(length.total_seconds()), 0)} s"


def away(at: datetime, now: datetime) -> str:
    """Return how far `at` is from now: "in 12 min", "now", "3 h ago"."""
    if abs(at - now) < timedelta(seconds=1):
        return "now"
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"
