from __future__ import annotations

from datetime import date, datetime

import pytest

from archiver.demo.datelines import date_line, solar_hijri


@pytest.mark.parametrize(
    ("language", "variant", "line"),
    [
        ("ar", 0, "السبت 14 آذار 2026 - 09:30"),
        ("ar", 1, "١٤ مارس ٢٠٢٦"),
        ("ar", 2, "14 مارس 2026، 09:30"),
        ("en", 0, "14 March 2026, 09:30"),
        ("fa", 0, "شنبه ۲۳ اسفند ۱۴۰۴ - ۰۹:۳۰"),
    ],
)
def test_date_line(language: str, variant: int, line: str) -> None:
    assert date_line(datetime(2026, 3, 14, 9, 30), language, variant) == line


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1979, 2, 11), (1357, 11, 22)),
        (date(2020, 3, 20), (1399, 1, 1)),
        (date(2021, 3, 20), (1399, 12, 30)),  # a leap year's last day
        (date(2025, 9, 22), (1404, 6, 31)),
        (date(2025, 9, 23), (1404, 7, 1)),
        (date(2026, 3, 20), (1404, 12, 29)),
        (date(2026, 3, 21), (1405, 1, 1)),
    ],
)
def test_solar_hijri(day: date, expected: tuple[int, int, int]) -> None:
    assert solar_hijri(day) == expected
