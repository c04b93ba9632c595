"""Rowids of the text index: the minute of publication and, in the lowest bits, the article's id. Pure."""

from __future__ import annotations

from datetime import datetime

SLOTS = 10  # bits of a rowid below the minute
MINUTES_A_DAY = 24 * 60


def minute_of(at: datetime) -> int:
    """Return the minutes from the beginning of the year 1 to `at`, in UTC."""
    return (at.toordinal() - 1) * MINUTES_A_DAY + at.hour * 60 + at.minute


def first_id(at: datetime) -> int:
    """Return the lowest rowid of what was published at `at` or later, to the minute."""
    return minute_of(at) << SLOTS


def day_of(rowid: int) -> int:
    """Return the proleptic ordinal of the day that a rowid stands for (see `date.fromordinal`)."""
    return (rowid >> SLOTS) // MINUTES_A_DAY + 1
