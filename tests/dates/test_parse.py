from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import dates, timestamps

MARCH_5 = "2026-03-05T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "at", "precision", "zone"),
    [
        ("2026", "2026-01-01T00:00:00+00:00", "year", None),
        ("2026-03", "2026-03-01T00:00:00+00:00", "month", None),
        ("2026-03-05", MARCH_5, "day", None),
        ("20260305", MARCH_5, "day", None),
        ("2026-W10-4", MARCH_5, "day", None),
        ("2026-03-05T10:07", "2026-03-05T10:07:00+00:00", "minute", None),
        ("2026-03-05T10:07+02:00", "2026-03-05T08:07:00+00:00", "minute", "+02:00"),
        ("2026-03-05 10:07:08Z", "2026-03-05T10:07:08+00:00", "second", "+00:00"),
        ("20260305T100708+0530", "2026-03-05T04:37:08+00:00", "second", "+05:30"),
        ("2026-03-05 10:07:08 -0500", "2026-03-05T15:07:08+00:00", "second", "-05:00"),
        ("Thu, 05 Mar 2026 10:07:08 GMT", "2026-03-05T10:07:08+00:00", "second", "+00:00"),
        ("Thu, 05 Mar 2026 10:07:08 EST", "2026-03-05T15:07:08+00:00", "second", "-05:00"),
        ("5 Mar 2026 10:07 +0200", "2026-03-05T08:07:00+00:00", "minute", "+02:00"),
        (
            "Thu Mar 05 2026 10:07:08 GMT+0200 (EET)",
            "2026-03-05T08:07:08+00:00",
            "second",
            "+02:00",
        ),
        ("5 March 2026 10:07 GMT+2", "2026-03-05T08:07:00+00:00", "minute", "+02:00"),
        ("5 March 2026 10:07 +03:00", "2026-03-05T07:07:00+00:00", "minute", "+03:00"),
        ("March 5, 2026 10:07 PM", "2026-03-05T22:07:00+00:00", "minute", None),
        ("5 March 2026 10:07 am", "2026-03-05T10:07:00+00:00", "minute", None),
        ("12:30 5 March 2026", "2026-03-05T12:30:00+00:00", "minute", None),
        ("Thursday, March 5th, 2026", MARCH_5, "day", None),
        ("2026/03/05", MARCH_5, "day", None),
        ("2026.3.5", MARCH_5, "day", None),
        ("2026 5 Mar", MARCH_5, "day", None),  # only dateutil reads this order
        ("2026-03-05T10", "2026-03-05T10:00:00+00:00", "hour", None),
        ("20260305100708", "2026-03-05T10:07:08+00:00", "second", None),
        ("Thu, 05 Mar 2026 10:00:00 JST", "2026-03-05T01:00:00+00:00", "second", "+09:00"),
        ("5 March 2026 10:00 MSK", "2026-03-05T07:00:00+00:00", "minute", "+03:00"),
        ("2026-03-05 10:00 CET", "2026-03-05T09:00:00+00:00", "minute", "+01:00"),
        ("5 March 2026 10:00 IST", MARCH_5, "day", None),
        ("5 March 2026 10:00 XYZT", MARCH_5, "day", None),
        ("25/03/2026", "2026-03-25T00:00:00+00:00", "day", None),
        ("03/25/2026", "2026-03-25T00:00:00+00:00", "day", None),
        ("05/05/2026", "2026-05-05T00:00:00+00:00", "day", None),
    ],
)
def test_a_date_is_read_as_it_was_meant(
    text: str, at: str, precision: str, zone: str | None
) -> None:
    moment = dates.parse(text, "meta")
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision, moment.zone) == (at, precision, zone)
    assert moment.origin == "meta"


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("٥ آذار ٢٠٢٦", MARCH_5, "day"),
        ("5 اذار 2026", MARCH_5, "day"),
        ("الخميس، 5 آذار/مارس 2026", MARCH_5, "day"),
        ("15 كانون الثاني 2026", "2026-01-15T00:00:00+00:00", "day"),
        ("15 كانون الأول 2026", "2026-12-15T00:00:00+00:00", "day"),
        ("15 جويلية 2026", "2026-07-15T00:00:00+00:00", "day"),
        ("15 غشت 2026", "2026-08-15T00:00:00+00:00", "day"),
        ("نُشر في: 5 مارس 2026 13:30", "2026-03-05T13:30:00+00:00", "minute"),
        ("5 مارس 2026 - 10:30 م", "2026-03-05T22:30:00+00:00", "minute"),
        ("5 مارس 2026 12:30 صباحاً", "2026-03-05T00:30:00+00:00", "minute"),
        ("16 رمضان 1447 هـ الموافق 5 مارس 2026", MARCH_5, "day"),
        ("٢٠٢٦/٠٣/٠٥", MARCH_5, "day"),
        ("۱۴ اسفند ۱۴۰۴", MARCH_5, "day"),
        ("\u200f5 مارس\u200e 2026", MARCH_5, "day"),
    ],
)
def test_arabic_dates_are_read(text: str, at: str, precision: str) -> None:
    moment = dates.parse(text)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision, moment.zone) == (at, precision, None)


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "10:30", "5 March", "March 2026 edition", "Friday 2026", "Friday 5 2026",
        "2026-02-30", "2026-13", "2026-13-05", "2026/13/05", "31 شباط 2026", "32 May 2026",
        "5 May 2026 25:00", "03/04/2026", "3.4.2026", "03 04 2026", "3 / 4 / 2026", "3 ,4, 2026",
        "20:15 3.4.2026", "03/04/26", "26-03-05", "260305", "2603051000", "1772704800", "2026-W10",
        "1404/12/14", "١٤٤٧-٠٩-١٦", "1 May 1890", "2019.13.45", "2026-03-05T25:00",
        "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "5 May 2026 - 6 April 2026",
        "12 May 99999999999999999999", "1e999999999 2026", "May " + "2" * 300,
    ],
)  # fmt: skip
def test_no_date_is_better_than_a_wrong_one(text: str) -> None:
    assert dates.parse(text) is None


PIECES = (
    "0123456789/.-: ", "5 ", "2019", "14:30", "March", "مايو", "منذ", "ساعتين", "خرداد", "۱۳۹۸", "年", "月",
    "日", "today", "ago", "hours", "GMT", "+3", "م", "هـ", "1440", "(", "updated", "published", "to", ",",
)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(
    st.one_of(
        st.text(),
        st.text("0123456789/.-: TZ+٥مايوMarch,ap", max_size=40),
        st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
        st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    ),
    st.sampled_from(("", "ar", "fa", "en-US", "ja", "th", "zz", "x" * 40, "-_;,")),
    st.none() | st.datetimes(datetime(1996, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
)
def test_parsing_never_raises(text: str, language: str, now: datetime | None) -> None:
    moment = dates.parse(text, language=language, now=now)
    assert moment is None or (moment.at.tzinfo is UTC and moment.at.year in dates.YEARS)
    if moment is not None and now is not None:
        assert moment.at <= now + timedelta(days=2)


def test_a_published_and_an_updated_date_are_told_apart() -> None:
    published, updated = dates.line("نشر في 23 مارس 2019 - آخر تحديث: 24 مارس 2019 10:15")
    assert published is not None
    assert updated is not None
    assert (published.at.day, updated.at.isoformat()) == (23, "2019-03-24T10:15:00+00:00")
    assert dates.line("Updated 24 March 2019") == (None, dates.parse("24 March 2019"))
    assert dates.line("24 March 2019") == (dates.parse("24 March 2019"), None)


def test_white_space_does_not_count_and_a_long_line_is_not_cut() -> None:
    assert dates.parse("23 March" + " " * 3000 + "2019") is not None
    assert dates.parse("23 March" + " " * 5000 + "2019") is None
    assert dates.parse("x" * 240 + " 23/03/2019") is not None
    assert dates.parse("x" * 250 + " 23/03/2019") is None


@settings(deadline=None, max_examples=200)
@given(st.datetimes(datetime(1901, 1, 1), datetime(2099, 1, 1), timezones=st.timezones()))
def test_what_iso_wrote_comes_back(stamp: datetime) -> None:
    assert timestamps.from_iso(timestamps.iso(stamp)) == stamp.astimezone(UTC)
    read = dates.parse(timestamps.iso(stamp))
    assert read is not None
    assert read.at == stamp.astimezone(UTC)


@given(st.lists(st.datetimes(datetime(1901, 1, 1)), min_size=2, max_size=5))
def test_iso_text_sorts_as_time_does(stamps: list[datetime]) -> None:
    assert sorted(map(timestamps.iso, stamps)) == list(map(timestamps.iso, sorted(stamps)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-05", "2026-03-05"),
        (" Today ", "2026-03-10"),
        ("yesterday", "2026-03-09"),
        ("7d", "2026-03-03"),
    ],
)
def test_a_day_of_the_command_line(text: str, wanted: str) -> None:
    found = timestamps.day(text, date(2026, 3, 10))
    assert found == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "03/04/2026", "2026-02-30", "-1d", "99999d"])
def test_a_day_that_cannot_be_meant_is_none(text: str) -> None:
    assert timestamps.day(text, date(2026, 3, 10)) is None
