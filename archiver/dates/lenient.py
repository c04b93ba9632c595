"""The last resort: dateutil, held to what it was told. The only module that uses it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from decimal import InvalidOperation

from archiver.dates.standard import Told

MAX_LENGTH = 64  # characters: it is slow and inventive on long ones
_YEAR = re.compile(r"(?<!\d)(?:\d{4}|\d{8})(?!\d)")
_WORD = re.compile(r"[A-Za-z]{3}")
_NUMBERS = re.compile(r"(?<!\d)\d{1,4}[\s/.,\-]+\d{1,2}[\s/.,\-]+\d{1,4}(?!\d)")


def read(text: str) -> Told | None:
    """Ask dateutil twice, with defaults that differ in every field; trust what both answers share.

    It is not asked about three numbers: their order is a matter of language, which it knows not.
    """
    if len(text) > MAX_LENGTH or not _YEAR.search(text) or not _WORD.search(text):
        return None
    if _NUMBERS.search(text):
        return None
    from dateutil import parser  # half the time that importing archiver.dates would take

    # "GMT+2" is two hours ahead of Greenwich; dateutil reads it as POSIX does, the other way round.
    text = re.sub(r"\b(?:GMT|UTC)\s?(?=[+-]\d)", "", text)
    try:
        one = parser.parse(text, default=datetime(1904, 1, 2, 3, 4, 5), tzinfos=_zone)
        # The days are more than a week apart: of a weekday alone dateutil makes the next such day.
        two = parser.parse(text, default=datetime(1908, 3, 20, 6, 7, 8), tzinfos=_zone)
    except (ValueError, OverflowError, InvalidOperation, TypeError, AttributeError):
        return None
    return _shared(one, two)


def _shared(one: datetime, two: datetime) -> Told | None:
    fields = ("year", "month", "day", "hour", "minute", "second")
    given = [name for name in fields if getattr(one, name) == getattr(two, name)]
    if given[:3] != ["year", "month", "day"]:
        return None
    if "minute" not in given:
        return one.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None), "day"
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
