from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.dates import calendars
from archiver.demo.datelines import solar_hijri

REFORM = date(1925, 3, 21)  # 1 Farvardin 1304: months have had their lengths since


@pytest.mark.parametrize(
    ("year", "month", "day", "wanted"),
    [
        (1357, 11, 22, "1979-02-11"),  # the revolution
        (1368, 3, 14, "1989-06-04"),
        (1304, 1, 11, "1925-03-31"),  # the law of the reform
        (1375, 12, 30, "1997-03-20"),  # a leap year
        (1399, 12, 30, "2021-03-20"),  # another
        (1403, 12, 30, "2025-03-20"),
        (1400, 1, 1, "2021-03-21"),
        (1404, 7, 1, "2025-09-23"),
        (1404, 12, 14, "2026-03-05"),
        (1408, 1, 1, "2029-03-20"),
    ],
)
def test_known_days_of_the_solar_calendar(year: int, month: int, day: int, wanted: str) -> None:
    assert calendars.solar(year, month, day) == date.fromisoformat(wanted)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1400, 12, 30), (1398, 7, 31), (1398, 13, 1), (1398, 0, 1), (1398, 1, 0), (1303, 1, 1), (1499, 1, 1)],
)  # fmt: skip
def test_days_that_the_solar_calendar_has_not(year: int, month: int, day: int) -> None:
    assert calendars.solar(year, month, day) is None


@given(st.dates(REFORM, date(2120, 3, 20)))
def test_the_solar_calendar_agrees_with_the_newspaper_s(day: date) -> None:
    assert calendars.solar(*solar_hijri(day)) == day


@given(st.dates(REFORM, date(2120, 3, 19)))
def test_the_solar_calendar_has_no_gap(day: date) -> None:
    year, month, number = solar_hijri(day)
    following = [
        calendars.solar(year, month, number + 1),
        calendars.solar(year, month + 1, 1),
        calendars.solar(year + 1, 1, 1),
    ]
    assert next(filter(None, following)) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("year", "month", "day", "announced"),
    [
        (1440, 7, 23, "2019-03-30"),
        (1441, 9, 1, "2020-04-24"),
        (1444, 10, 1, "2023-04-21"),
        (1447, 9, 16, "2026-03-05"),
        (1400, 1, 1, "1979-11-20"),
    ],
)
def test_the_lunar_calendar_is_near_what_was_announced(
    year: int, month: int, day: int, announced: str
) -> None:
    found = calendars.lunar(year, month, day)
    assert found is not None
    assert abs(found - date.fromisoformat(announced)) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("era", "year", "wanted"),
    [("reiwa", 1, 2019), ("heisei", 31, 2019), ("heisei", 32, None), ("showa", 64, 1989), ("showa", 65, None)],
)  # fmt: skip
def test_a_japanese_era_ends(era: str, year: int, wanted: int | None) -> None:
    assert calendars.japanese(era, year) == wanted


def test_years_of_thailand_and_taiwan() -> None:
    assert (calendars.buddhist(2562), calendars.minguo(108)) == (2019, 2019)
