from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import dates

SATURDAY = datetime(2019, 3, 23, 12, 40, tzinfo=UTC)
NOW = st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))
HOURS_AGO = {
    "ar": "منذ {} ساعة", "fa": "{} ساعت پیش", "en": "{} hours ago", "fr": "il y a {} heures",
    "de": "vor {} Stunden", "es": "hace {} horas", "pt": "há {} horas", "it": "{} ore fa",
    "ru": "{} часов назад", "uk": "{} годин тому", "pl": "{} godzin temu", "el": "πριν από {} ώρες",
    "tr": "{} saat önce", "he": "לפני {} שעות", "ur": "{} گھنٹے پہلے", "hi": "{} घंटे पहले",
    "zh": "{}小时前", "ja": "{}時間前", "ko": "{}시간 전", "id": "{} jam yang lalu",
    "nl": "{} uur geleden", "sv": "för {} timmar sedan", "no": "for {} timer siden",
    "da": "for {} timer siden", "cs": "před {} hodinami", "hu": "{} órája", "ro": "acum {} ore",
    "bg": "преди {} часа", "vi": "{} giờ trước", "th": "{} ชั่วโมงที่แล้ว", "fi": "{} tuntia sitten",
    "ca": "fa {} hores", "bn": "{} ঘণ্টা আগে", "az": "{} saat əvvəl", "sk": "pred {} hodinami",
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(HOURS_AGO))
@settings(deadline=None, max_examples=20)
@given(now=NOW, hours=st.integers(2, 30))
def test_hours_ago_give_the_hour(language: str, now: datetime, hours: int) -> None:
    text = HOURS_AGO[language].format(hours)
    moment = dates.parse(text, "text", language=language, now=now)
    assert moment is not None
    wanted = (now - timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    assert (moment.at, moment.precision, moment.origin) == (wanted, "hour", "relative")
    assert dates.parse(text, language=language) is None


@settings(deadline=None)
@given(now=NOW, count=st.integers(1, 400), unit=st.sampled_from(("week", "month", "year")))
def test_longer_times_are_given_only_as_exact_as_they_are(
    now: datetime, count: int, unit: str
) -> None:
    moment = dates.parse(f"{count} {unit}s ago", now=now)
    if moment is not None:
        days = {"week": 7, "month": 30.5, "year": 365.25}[unit]
        span = {"month": 31, "year": 366}[moment.precision]
        late = now - timedelta(days=days * count)
        assert moment.at <= late < moment.at + timedelta(days=span)


@pytest.mark.parametrize(
    ("text", "now", "wanted"),
    [
        ("Saturday, today", SATURDAY, "2019-03-23"),
        ("today, Friday", SATURDAY, "2019-03-22"),
        ("today, Thursday", SATURDAY, None),
        ("today, Sunday", SATURDAY.replace(hour=9), None),
        ("today, Sunday", SATURDAY.replace(hour=11), "2019-03-24"),
        ("yesterday, Friday", SATURDAY, "2019-03-22"),
        ("yesterday, Saturday", SATURDAY.replace(hour=23), "2019-03-23"),
        ("Saturday 23 March", SATURDAY, "2019-03-23"),
        ("Sunday 24 March", SATURDAY, "2019-03-24"),
        ("Saturday 30 March", SATURDAY, None),
        ("Monday 31 December", SATURDAY, "2018-12-31"),
        ("Sunday 31 December", SATURDAY, None),
        ("23 March", SATURDAY, None),
        ("yesterday, today", SATURDAY, None),
        ("Today | Politics", SATURDAY, None),
        ("a day ago, 2 hours ago", SATURDAY, None),
    ],
)
def test_days_near_the_capture(text: str, now: datetime, wanted: str | None) -> None:
    moment = dates.parse(text, now=now)
    assert (moment.at.date().isoformat() if moment else None) == wanted


def test_a_zone_tells_which_day_is_today() -> None:
    late = SATURDAY.replace(hour=22)
    moment = dates.parse("today, 01:15 GMT+3", now=late)
    assert moment is not None
    assert (moment.at.isoformat(), moment.zone) == ("2019-03-23T22:15:00+00:00", "+03:00")


@pytest.mark.parametrize("stamp", ["2019-03-26", "Tue, 26 Mar 2019 10:00:00 GMT", "26 March 2019"])
def test_a_date_well_after_the_capture_is_none(stamp: str) -> None:
    assert dates.parse(stamp) is not None
    assert dates.parse(stamp, now=SATURDAY) is None
    assert dates.parse(stamp, now=SATURDAY + timedelta(days=3)) is not None
