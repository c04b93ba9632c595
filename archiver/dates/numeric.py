"""Dates of three numbers: which of them is the day is a matter of the page's language.

Where that does not tell, a number too large for a month may, or a weekday that stands beside. What
is still open then is None.
"""

from __future__ import annotations

from datetime import date

from archiver.dates import calendars
from archiver.dates.shape import Context

YEARS = range(1900, 2101)
_THIS_CENTURY, _LAST_CENTURY = range(50), range(70, 100)  # two digits between them are neither
_SOLAR_YEARS = range(calendars.SOLAR_YEARS[0], 1427)  # later numbers are likelier lunar years
_SOLAR_LANGUAGES = frozenset(("fa", "ps"))
BUDDHIST_YEARS = range(YEARS[0] + 543, YEARS[-1] + 544)
_YEAR_FIRST = frozenset(("zh", "ja", "ko", "hu", "lt", "mn", "eu"))
_UNDECIDED = frozenset(("", "en", "und", "mul", "zxx", "fil", "tl"))
_BOTH = frozenset((("en", "CA"), ("en", "PH"), ("fr", "CA"), ("es", "US"), ("es", "PR")))
_SHORT_YEAR_LAST = frozenset(
    ("fr", "de", "es", "pt", "it", "ru", "uk", "pl", "el", "nl", "no", "da", "fi", "cs", "sk",
     "ro", "bg", "ca", "tr", "az", "id", "vi")
)  # fmt: skip
_SHORT_YEAR_FIRST = frozenset(("ja", "ko"))

Numbers = tuple[str, str, str]


def read(numbers: Numbers, *, dots: bool, weekdays: set[int], page: Context) -> date | None:
    """Return the day that three numbers mean, None if there is none or more than one.

    `dots` tells whether stops are between them; `weekdays` (0 is Monday) are those in the line.
    """
    if len(numbers[0]) == 4:
        return _day(numbers, "YMD", page)
    if len(numbers[2]) == 2:
        return _short(numbers, dots, page)
    day_first, month_first = _day(numbers, "DMY", page), _day(numbers, "MDY", page)
    if day_first is None or month_first is None or day_first == month_first:
        return day_first or month_first
    order = _order(dots, page)
    told = {"DMY": day_first, "MDY": month_first}.get(order)
    fitting = [day for day in (day_first, month_first) if day.weekday() in weekdays]
    if len(fitting) == 1:
        return fitting[0] if told in (None, fitting[0]) else None
    return told


def is_solar(year: int, page: Context) -> bool:
    """Tell whether a year among numbers is of the Solar Hijri calendar, not of the lunar one."""
    persian = page.language in _SOLAR_LANGUAGES or (page.persian and page.language != "ur")
    return persian and year in _SOLAR_YEARS


def _order(dots: bool, page: Context) -> str:
    """Return the order of a date that ends in its year, "" where the page could mean either."""
    if (page.language, page.region) == ("en", "US"):
        return "" if dots else "MDY"  # stops are a German habit, and of a few American magazines
    if (page.language, page.region) in _BOTH or page.language in _YEAR_FIRST:
        return ""
    return "" if page.language in _UNDECIDED and not page.region else "DMY"


def _short(numbers: Numbers, dots: bool, page: Context) -> date | None:
    """Read a date whose year has two digits."""
    if page.language in _SOLAR_LANGUAGES and int(numbers[0]) > 31:
        return calendars.solar(1300 + int(numbers[0]), int(numbers[1]), int(numbers[2]))
    if page.language in _SHORT_YEAR_FIRST:
        orders: tuple[str, ...] = ("YMD",)
    elif page.language in _SHORT_YEAR_LAST or page.language == "en":
        orders = (_order(dots, page),)
    else:
        orders = ("",)
    if orders == ("",):
        orders = ("DMY", "MDY", "YMD")
    found = {day for order in orders if (day := _day(numbers, order, page))}
    return found.pop() if len(found) == 1 else None


def _day(numbers: Numbers, order: str, page: Context) -> date | None:
    year, month, day = (numbers[order.index(part)] for part in "YMD")
    if len(year) == 2:
        return calendars.gregorian(century(int(year), page), int(month), int(day))
    if len(year) != 4:
        return None
    if is_solar(int(year), page) and order != "MDY":
        return calendars.solar(int(year), int(month), int(day))
    if (page.thai or page.language == "th") and int(year) in BUDDHIST_YEARS:
        return calendars.gregorian(calendars.buddhist(int(year)), int(month), int(day))
    return calendars.gregorian(int(year), int(month), int(day)) if int(year) in YEARS else None


def century(year: int, page: Context) -> int:
    """Return the year that two digits mean, 0 if none of the recent ones."""
    if year in _THIS_CENTURY:
        late = page.now is not None and 2000 + year > page.now.year + 1
        return 0 if late else 2000 + year
    return 1900 + year if year in _LAST_CENTURY else 0
