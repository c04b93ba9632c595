"""Other calendars, turned into days of ours; and one that only checks.

The Solar Hijri calendar of Iran and Afghanistan begins its year by the equinox as observed. A cycle
of 33 years with leap years in fixed places gives the same days in 1206 to 1498, the years of the
leap year table of the Calendar Center at the University of Tehran's Institute of Geophysics. Months
had other lengths before the reform of 1304 (1925), so nothing before it is read.

The lunar Hijri calendar goes by announcements; the tabular one (type II, civil epoch: E. M. Reingold
and N. Dershowitz, "Calendrical Calculations", chapter 7) is within two days of them. So it may
contradict a date beside it, and never makes one.
"""

from __future__ import annotations

from datetime import date, timedelta

SOLAR_YEARS = range(1304, 1499)
LUNAR_YEARS = range(1300, 1501)
LUNAR_DOUBT = timedelta(days=3)
_SOLAR_LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)  # remainders of the year by 33
_NOWRUZ_1398 = date(2019, 3, 21).toordinal()
_HEGIRA = date(622, 7, 19).toordinal()  # 16 July 622 in the Julian calendar
_BUDDHIST, _MINGUO = 543, 1911  # years ahead of ours, and behind
_ERAS = {"reiwa": (2019, 2100), "heisei": (1989, 2019), "showa": (1926, 1989)}


def solar(year: int, month: int, day: int) -> date | None:
    """Return a day of the Solar Hijri calendar; None if there is none, or the year is not read."""
    if year not in SOLAR_YEARS or not 1 <= month <= 12:
        return None
    length = 31 if month <= 6 else 30 if month < 12 or _is_leap(year) else 29
    if not 1 <= day <= length:
        return None
    before = 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    return date.fromordinal(_nowruz(year) + before + day - 1)


def _is_leap(year: int) -> bool:
    return year % 33 in _SOLAR_LEAPS


def _nowruz(year: int) -> int:
    """Return the ordinal of a year's first day, counted from a known one."""
    first, last = min(year, 1398), max(year, 1398)
    days = 365 * (last - first) + sum(map(_is_leap, range(first, last)))
    return _NOWRUZ_1398 + (days if year >= 1398 else -days)


def lunar(year: int, month: int, day: int) -> date | None:
    """Return about which day a lunar one is (give or take `LUNAR_DOUBT`); None if there is none."""
    if year not in LUNAR_YEARS or not (1 <= month <= 12 and 1 <= day <= 30):
        return None
    before = 354 * (year - 1) + (3 + 11 * year) // 30 + (59 * (month - 1) + 1) // 2
    return date.fromordinal(_HEGIRA + before + day - 1)


def gregorian(year: int, month: int, day: int) -> date | None:
    """Return a day of our own calendar; None if there is none (30 February)."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def buddhist(year: int) -> int:
    """Return the year that Thailand calls `year`."""
    return year - _BUDDHIST


def minguo(year: int) -> int:
    """Return the year that Taiwan calls `year`."""
    return year + _MINGUO


def japanese(era: str, year: int) -> int | None:
    """Return the year that Japan calls the `year` of an era; None if the era had ended."""
    first, last = _ERAS[era]
    return first + year - 1 if 1 <= year <= last - first + 1 else None
