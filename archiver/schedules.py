"""When something is due: durations, schedules, and intervals that adapt to what they bring.

A schedule is ``auto`` (each endpoint at its own pace), ``every 30m``, or a cron text of five fields with the
meaning that Debian's cron(8) gives it, daylight saving included: a time that is skipped is made up for at
once, one that comes twice counts once. All times go in and come out as aware UTC.

Nothing here is left to chance: what is spread, is spread by a hash of the source's name.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

AUTO = "auto"
FASTER, SLOWER = (
    0.8,
    1.5,
)  # what an interval is multiplied by where it brought something, and where not
SPREAD = 0.1  # the longest part of an interval that is added to it
LONGEST = timedelta(days=3660)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")
_EVERY = re.compile(r"every\s+(\S+)", re.IGNORECASE)
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)  # where the look begins for whether a time ever comes


def parse_duration(text: str) -> timedelta:
    """Read "90s", "30m", "6h", "7d" or "2w". Raises ValueError with a sentence for the user."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"'{text[:40]}' is no duration")
    seconds = int(match[1]) * _SECONDS[match[2]]
    if not 0 < seconds <= LONGEST.total_seconds():
        raise ValueError(f"'{text[:40]}' is no duration between 1s and {LONGEST.days}d")
    return timedelta(seconds=seconds)


def duration_text(duration: timedelta) -> str:
    """Write `duration`, to the second, as `parse_duration` reads it, in the largest unit that fits."""
    seconds = round(duration.total_seconds())
    for unit, size in (("w", 7 * 86400), ("d", 86400), ("h", 3600), ("m", 60)):
        # A week is written 7d: a number of one says less than it seems to.
        if seconds and seconds % size == 0 and (unit != "w" or seconds > size):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def problem(schedule: str) -> str:
    """Return what is wrong with a schedule, as a sentence, or ""."""
    text = schedule.strip()
    if text.lower() == AUTO:
        return ""
    if match := _EVERY.fullmatch(text):
        return _every_problem(match[1])
    if text.startswith("@") and text.lower() not in _NAMED:
        return f"'{text[:40]}' is no name of a schedule; there are {', '.join(_NAMED)}"
    return _cron_problem(text)


def zone_problem(zone: str) -> str:
    """Return what is wrong with the name of a time zone, as a sentence, or ""."""
    try:
        ZoneInfo(zone)
    except (ValueError, LookupError, OSError):
        return f"'{zone[:40]}' is no time zone"
    return ""


def in_words(schedule: str) -> str:
    """Return what a schedule without a `problem` means, in English."""
    text = schedule.strip()
    if text.lower() == AUTO:
        return "as often as it brings something"
    if match := _EVERY.fullmatch(text):
        return f"every {duration_text(parse_duration(match[1]))}"
    words: str = CronSim(_cron(text), _SOME_DAY).explain()
    return words[:1].lower() + words[1:]


def next_after(schedule: str, zone: str, name: str, after: datetime) -> datetime:
    """Return the first time after `after` at which the source `name` is due by a cron text or ``every``.

    A cron text is of the time zone `zone`, and the source comes some seconds into the minute; ``every`` is a
    grid that begins at a point of its own for each source, so what was missed is made up for by one run.
    Raises ValueError for "auto", which knows no times, and for a schedule with a `problem`.
    """
    if wrong := problem(schedule):
        raise ValueError(wrong)
    if schedule.strip().lower() == AUTO:
        raise ValueError("'auto' knows no times")
    if match := _EVERY.fullmatch(schedule.strip()):
        return _on_grid(parse_duration(match[1]), name, after)
    late = timedelta(seconds=_hash(name) % 60)
    return _cron_after(_cron(schedule), ZoneInfo(zone), after - late) + late


def adapted(
    interval: timedelta, brought: bool, fastest: timedelta, slowest: timedelta
) -> timedelta:
    """Return the interval after one that `brought` something new, or did not; within the bounds."""
    return min(max(interval * (FASTER if brought else SLOWER), fastest), slowest)


def jittered(name: str, interval: timedelta) -> timedelta:
    """Return `interval` made longer by up to a tenth, always the same for one name.

    Longer, never shorter: nothing is asked for more often than it was planned.
    """
    return interval * (1 + SPREAD * (_hash(name) % 1000) / 1000)


def _hash(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8])


def _every_problem(text: str) -> str:
    try:
        interval = parse_duration(text)
    except ValueError as error:
        return str(error)
    return "" if interval >= timedelta(minutes=1) else "more often than every 1m is refused"


def _cron_problem(text: str) -> str:
    fields = len(text.split())
    if text.lower() not in _NAMED and fields != 5:
        return f"'{text[:40]}' is no schedule: a cron text has five fields, this has {fields}"
    try:
        next(CronSim(_cron(text), _SOME_DAY))
    except CronSimError as error:
        # "Bad minute", "Bad day-of-month"
        what = str(error).removeprefix("Bad ").replace("-", " ")
        return f"'{text[:40]}' is no schedule: its {what} cannot be"
    except StopIteration:
        return f"'{text[:40]}' is no schedule: such a day never comes"
    return ""


def _cron(text: str) -> str:
    return _NAMED.get(text.strip().lower(), text.strip())


def _on_grid(interval: timedelta, name: str, after: datetime) -> datetime:
    phase = timedelta(seconds=_hash(name) % int(interval.total_seconds()))
    past = (after - _EPOCH - phase) // interval
    return _EPOCH + phase + (past + 1) * interval


def _cron_after(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    # In the hour that comes twice cronsim gives the first of the two, which may be over; and a skipped
    # time and the one it is moved to are two steps with one answer.
    for moment in CronSim(cron, after.astimezone(zone)):
        if (found := moment.astimezone(UTC)) > after:
            return found
    raise ValueError(f"'{cron}' never comes")
