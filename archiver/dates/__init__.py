"""Dates as the web writes them, in many languages, read so that a missing date beats a wrong one.

A text is tried as a date of a standard (`standard`: ISO 8601, RFC 2822), then as a line of words in
any of the languages of ``words.toml`` (`lines`), and at last by dateutil (`lenient`).

    text > folding (one form of each letter) > shape (a mark for each known word)
         > relative, clocks, days (a mark for each length, time and day) > lines (which is meant)
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from archiver.dates import lenient, lines, standard
from archiver.dates.folding import fold
from archiver.dates.numeric import YEARS
from archiver.dates.shape import context
from archiver.timestamps import to_utc
from archiver.types import Moment

MAX_LENGTH = 256  # characters of a date line, less the white space
_LONGEST = 4096  # characters with it
_AHEAD = timedelta(days=2)
_DIGIT = re.compile(r"\d")

__all__ = ["MAX_LENGTH", "YEARS", "line", "parse"]


def parse(
    text: str, origin: str = "", *, language: str = "", now: datetime | None = None
) -> Moment | None:
    """Read one date, with or without a time, or return None.

    Labels, names and a weekday may stand around it; of two dates the one that is labelled as
    published is meant, then the one without a label, then the one labelled as updated. `language`
    is the page's ("ar", "en-US", or "" if unknown) and decides the order of 03/04/2026; `now` is the
    aware time of the capture: relative words are read against it, and a date more than two days
    after it is None. `origin` is kept in the result; for relative words it is "relative".

    Raises nothing: what cannot be read, or only by guessing, is None.
    """
    published, updated = line(text, origin, language=language, now=now)
    return published or updated


def line(
    text: str, origin: str = "", *, language: str = "", now: datetime | None = None
) -> tuple[Moment | None, Moment | None]:
    """Read when a date line says that something was published and updated, as `parse` reads it."""
    if len(text) > _LONGEST:
        return None, None
    text = " ".join(text.split()).replace('"', "'")
    now = None if now is None else to_utc(now)
    if not text or len(text) > MAX_LENGTH:
        return None, None
    if now is None and not _DIGIT.search(text):
        return None, None
    found = [_moment(stamp, origin, now) for stamp in _read(text, language, now)]
    return found[0], found[1]


def _read(
    text: str, language: str, now: datetime | None
) -> tuple[lines.Stamp | None, lines.Stamp | None]:
    folded = text if text.isascii() else fold(text)
    if told := standard.read(folded, now):
        return lines.Stamp(*told), None
    if len(folded) > 2 * MAX_LENGTH:  # letters that stand for whole phrases
        return None, None
    found = lines.read(folded, context(text, language, now))
    if not (found.refused or found.published or found.updated):
        told = lenient.read(folded)
        return (lines.Stamp(*told) if told else None), None
    return found.published, found.updated


def _moment(stamp: lines.Stamp | None, origin: str, now: datetime | None) -> Moment | None:
    if stamp is None:
        return None
    zone = None
    if stamp.at.utcoffset() is not None:
        zone = stamp.at.strftime("%z")
        zone = f"{zone[:3]}:{zone[3:5]}"
    try:
        at = to_utc(stamp.at)
    except OverflowError:
        return None
    if at.year not in YEARS or (now is not None and at > now + _AHEAD):
        return None
    return Moment(at, stamp.precision, zone, "relative" if stamp.relative else origin)
