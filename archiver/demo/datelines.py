"""Dates as a newspaper prints them: in words, in the calendar and digits of its readers."""

from __future__ import annotations

from datetime import date, datetime

_LEVANT = (
    "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
    "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
)  # fmt: skip
_EGYPT = (
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
    "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
_MAGHREB = (
    "جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان",
    "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
_ARABIC_DAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")

_HIJRI_MONTHS = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
_PERSIAN_DAYS = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
_LEAP_REMAINDERS = (1, 5, 9, 13, 17, 22, 26, 30)  # of a year divided by 33
_YEAR_1 = date(622, 3, 21).toordinal()  # its first day, counted back by that cycle

_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def date_line(at: datetime, language: str, variant: int) -> str:
    """Return a date in words, in its own offset.

    Arabic has three habits, chosen by `variant` modulo 3: Levant, Egypt, Maghreb.
    """
    if language == "fa":
        return _persian(at)
    if language == "en":
        return f"{at.day} {_ENGLISH_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"
    return (_levant, _egypt, _maghreb)[variant % 3](at)


def _levant(at: datetime) -> str:
    day, month = _ARABIC_DAYS[at.weekday()], _LEVANT[at.month - 1]
    return f"{day} {at.day} {month} {at.year} - {at:%H:%M}"


def _egypt(at: datetime) -> str:
    return f"{at.day} {_EGYPT[at.month - 1]} {at.year}".translate(_ARABIC_DIGITS)


def _maghreb(at: datetime) -> str:
    return f"{at.day} {_MAGHREB[at.month - 1]} {at.year}، {at:%H:%M}"


def _persian(at: datetime) -> str:
    year, month, day = solar_hijri(at.date())
    weekday, name = _PERSIAN_DAYS[at.weekday()], _HIJRI_MONTHS[month - 1]
    return f"{weekday} {day} {name} {year} - {at:%H:%M}".translate(_PERSIAN_DIGITS)


def solar_hijri(day: date) -> tuple[int, int, int]:
    """Return year, month and day in the Iranian calendar, by its 33-year cycle of leap years."""
    year = day.year - 621
    if day.toordinal() < _new_year(year):
        year -= 1
    ordinal = day.toordinal() - _new_year(year)
    if ordinal < 186:  # six months of 31 days, then months of 30
        return year, ordinal // 31 + 1, ordinal % 31 + 1
    return year, (ordinal - 186) // 30 + 7, (ordinal - 186) % 30 + 1


def _new_year(year: int) -> int:
    cycles, rest = divmod(year - 1, 33)
    leaps = cycles * len(_LEAP_REMAINDERS) + sum(r <= rest for r in _LEAP_REMAINDERS)
    return _YEAR_1 + 365 * (year - 1) + leaps
