"""Times of day: "14:30", "4:15 p.m. ET", "14h30", "14.30 Uhr", "下午2时30分", "الساعة 9 مساءً"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from archiver.dates import words as w
from archiver.dates import zones
from archiver.dates.shape import Context

_HALVES = f"{w.AM}{w.PM}{w.NOON}{w.NIGHT}"
_HOURS = f"{w.HOUR_SIGN}{w.HOUR}"
_LENGTH = f"{w.AGO}{w.SINCE}{w.EITHER}{w.AUGUST_OR_AGO}"  # "2 h ago" is no time of day
# 14:30, 14:30:05.000, 14h30, 14时30分; but 01:40 min is how long a film is
_FULL = rf"""
    (?P<hour>\d\d?) \s? (?: :\s? | {w.HOUR_SIGN}\s? ) (?P<minute>\d\d | \d(?=\s?{w.MINUTE_SIGN}))
    (?! (?<=:\d\d) \s? [{w.MINUTE}{w.SECOND}] )
    (?:
        (?: : | \s?[{w.MINUTE_SIGN}{w.MINUTE}]\s? )
        (?P<second>\d\d) (?: [.,]\d{{1,9}} )? \s?{w.SECOND_SIGN}?
    |   \s?[{w.MINUTE_SIGN}{w.MINUTE}']
    )? (?![\d:])
"""
# 4 p.m., 14 Uhr, दोपहर 2 बजे; but "3 am 5. März" is the German "am"
_SOLE = rf"""
    (?P<sole>\d\d?) (?=
        \s?[{_HALVES}{w.MEEM}] (?<! {w.AM} (?=\s\d) )
    |   (?: (?<=[{_HALVES}]\d) | (?<=[{_HALVES}]\s\d) ) \s?{w.AT}
    |   \s?{w.HOUR_SIGN} (?!\s?[{_LENGTH}])
    )
"""
# GMT, (GMT+3), +0300 (EET), "by the time of Jerusalem"; and MVT, which is the time of some place
_ZONE = rf"""
    [\s,]*[\[(]? {w.INTRO}? \s? (?P<zone>[{w.ZONES}])
    (?: \s? (?P<beyond>[+-](?:1[0-4]|0?\d)(?::?(?:00|15|30|45))?) (?![\d:/]) )?
|   \s?[\[(]? (?P<offset>[+-](?:1[0-4]|0\d):?(?:00|15|30|45)) (?!\d) (?: \s?\(?[{w.ZONES}] )?
|   (?P<short>[+-](?:1[0-4]|0\d)) (?![\d:/.-])
|   [\s,]*[\[(]? (?P<odd>[A-Z]{{2,4}}T) (?!\w)
|   \s?[\[(]? {w.INTRO} (?: \s[^\W\d_]+ ){{1,2}}
"""
_CLOCK = re.compile(
    rf"""
    (?<![\d:.]) (?<!\d[/-]) (?: (?P<before>[{_HALVES}{w.MEEM}]) \s? )? (?<!\d)
    (?: {_FULL} | {_SOLE} )
    (?: \s?[{_HOURS}{w.AT}]\.? (?!\s?\d) )?
    (?: \s? (?P<after>[{_HALVES}{w.MEEM}]) \.? )?
    (?: \s?[{_HOURS}] (?!\s?\d) )?
    (?: {_ZONE} )?
    """,
    re.VERBOSE,
)
_DOTTED = re.compile(r"(?<!\d)(?<!\d[.,/:-])(\d\d?)\.(\d\d)(?![\d/]|[.,:]\d)")
_DOT_BEFORE = re.compile(rf"[{w.AT}{_HOURS}][\s.:]*$")
_DOT_AFTER = re.compile(rf"\s?[{_HOURS}{_HALVES}{w.MEEM}{w.ZONES}]")
_DOT_LANGUAGES = frozenset(("da", "fi", "id", "it", "no"))
_MILITARY = re.compile(rf"(?<![\d:.,/-])([01]\d|2[0-3])([0-5]\d)(?=\s?[{w.ZONES}{w.HOUR_SIGN}])")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was printed.

    `minute` and `second` are None where they were not; `zone` is the name or offset, "" without;
    `valid` is False for what is written like a time and is none (25:10).
    """

    hour: int
    minute: int | None
    second: int | None
    zone: str = ""
    valid: bool = True

    def on(self, day: datetime, page: Context) -> tuple[datetime, str] | None:
        """Return this time on a day with its precision, None if the words leave it open."""
        if self.hour > 23:
            return None
        at = day.replace(hour=self.hour, minute=self.minute or 0, second=self.second or 0)
        if self.zone:
            where = zones.zone(self.zone, at, page.language)
            if where is None:
                return None
            at = at.replace(tzinfo=where)
        return at, self.precision

    @property
    def precision(self) -> str:
        """Return the finest part that was printed."""
        if self.minute is None:
            return "hour"
        return "minute" if self.second is None else "second"


def collect(line: str, page: Context, found: list[Clock]) -> str:
    """Take the clocks out of a line; each leaves a mark with its place in the list."""
    names = w.words(page.language).zones

    def take(match: re.Match[str]) -> str:
        clock = _read(match, names)
        if clock is None or len(found) > ord(w.CLOCKS[-1]) - ord(w.CLOCKS[0]):
            return match[0]
        found.append(clock)
        return f" {chr(ord(w.CLOCKS[0]) + len(found) - 1)} "

    line = _DOTTED.sub(lambda match: _undotted(match, page), line)
    return _CLOCK.sub(take, line)


def military(line: str, page: Context, found: list[Clock]) -> str:
    """Take "1430 GMT" out of a line whose years are out already."""
    spread = _MILITARY.sub(r"\1:\2", line)
    return line if spread == line else collect(spread, page, found)


def _undotted(match: re.Match[str], page: Context) -> str:
    """Put a colon for the stop where what stands around "14.30" says that it is a time."""
    told = _DOT_BEFORE.search(match.string, 0, match.start()) or _DOT_AFTER.match(
        match.string, match.end()
    )
    if not told and (page.language not in _DOT_LANGUAGES or len(match[1]) < 2):
        return match[0]
    return f"{match[1]}:{match[2]}"


def _read(match: re.Match[str], names: tuple[str, ...]) -> Clock | None:
    """Return what a match tells; None for a number with "h" or "p.m." that is no hour."""
    hour = int(match["hour"] or match["sole"])
    minute = int(match["minute"]) if match["minute"] else None
    second = int(match["second"]) if match["second"] else None
    half = match["after"] or (match["before"] or "").replace(w.MEEM, "?")
    if match["sole"] and hour > (12 if half else 23):
        return None
    turned = _turned(hour, half)
    valid = (hour < 24 and (minute or 0) < 60 and (second or 0) < 60) or (hour, minute) == (24, 0)
    zone = match["offset"] or match["short"] or match["beyond"] or match["odd"] or ""
    if match["zone"] and not match["beyond"]:
        zone = names[ord(match["zone"]) - ord(w.ZONES[0])]
    return Clock(24 if turned is None else turned, minute, second, zone, valid)


def _turned(hour: int, half: str) -> int | None:
    """Return an hour of 24 for one of 12 and its half; None where the day itself is in doubt."""
    if half == w.AM:
        return 0 if hour == 12 else hour
    if half in (w.PM, w.MEEM):
        return hour + 12 if hour < 12 else hour
    if half == "?":  # of "2019 م 2:30" the letter may belong to the year
        return hour if hour > 12 else None
    if half == w.NOON:
        return hour + 12 if 1 <= hour <= 4 else hour if hour in (10, 11, 12) else None
    if half == w.NIGHT:
        return hour + 12 if 6 <= hour <= 11 else hour if 1 <= hour <= 4 or hour > 12 else None
    return hour
