"""Every word of words.toml, in the formats of dates that its language has."""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import dates
from archiver.dates import words
from archiver.demo.datelines import date_line

WORDS = tomllib.loads(resources.files("archiver.dates").joinpath("words.toml").read_text("utf-8"))
WORDS.pop("zones")
FORMATS = (
    "{weekday} {day} {month} {year} {clock}",
    "{weekday}, {day}. {month} {year} - {clock}",
    "{day}/{month}/{year} | {clock}",
    "{clock}, {month} {day}, {year}",
    "{year}. {month} {day}. {clock}",
    "{clock} {day}-{month}-{year}",
)
RUN_ON = (
    "{year}年{number}月{day}日 {weekday} {clock}",
    "{year}년 {number}월 {day}일 {weekday} {clock}",
)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2090, 1, 1))
NAMED = sorted(language for language in WORDS if "months" in WORDS[language])


def fill(form: str, at: datetime, language: str, pick: int) -> str:
    """Return a time in a format, with one of the spellings of its month and weekday."""
    table = WORDS[language]
    months = table["months"][at.month - 1].split("|") if "months" in table else [""]
    days = table["days"][at.weekday()].split("|")
    return form.format(
        weekday=days[pick % len(days)],
        month=months[pick % len(months)],
        number=at.month,
        day=at.day,
        year=at.year,
        clock=f"{at:%H:%M}",
    )


@pytest.mark.parametrize("language", NAMED)
@settings(deadline=None, max_examples=60)
@given(at=TIMES, form=st.sampled_from(FORMATS), pick=st.integers(0, 5), told=st.booleans())
def test_a_date_in_words_comes_back(
    language: str, at: datetime, form: str, pick: int, told: bool
) -> None:
    moment = dates.parse(fill(form, at, language, pick), language=language if told else "")
    if moment is not None:
        assert (moment.at.date(), moment.zone) == (at.date(), None)
    if told:  # else a weekday may be another language's "after" ("po"), and the date nothing
        assert moment is not None
        assert (moment.precision, f"{moment.at:%H:%M}") == ("minute", f"{at:%H:%M}")


@pytest.mark.parametrize("language", ["zh", "ja", "ko"])
@settings(deadline=None, max_examples=60)
@given(at=TIMES, form=st.sampled_from(RUN_ON), pick=st.integers(0, 5))
def test_a_date_in_signs_comes_back(language: str, at: datetime, form: str, pick: int) -> None:
    moment = dates.parse(fill(form, at, language, pick))
    assert moment is not None
    assert moment.at.strftime("%Y-%m-%d %H:%M") == f"{at:%Y-%m-%d %H:%M}"


@settings(deadline=None, max_examples=60)
@given(at=TIMES)
def test_a_vietnamese_date_comes_back(at: datetime) -> None:
    text = f"ngày {at.day} tháng {at.month} năm {at.year}, {at.hour}h{at:%M}"
    moment = dates.parse(text, language="vi")
    assert moment is not None
    assert moment.at.strftime("%Y-%m-%d %H:%M") == f"{at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("language", ["ar", "en", "fa"])
@settings(deadline=None, max_examples=60)
@given(at=TIMES, variant=st.integers(0, 2))
def test_the_date_lines_of_the_newspaper_come_back(
    language: str, at: datetime, variant: int
) -> None:
    moment = dates.parse(date_line(at, language, variant), language=language)
    assert moment is not None
    assert moment.at.date() == at.date()


@pytest.mark.parametrize("language", sorted(WORDS))
@settings(deadline=None, max_examples=60)
@given(at=TIMES)
def test_numbers_come_back_or_are_none(language: str, at: datetime) -> None:
    moment = dates.parse(f"{at:%d/%m/%Y}", language=language)
    assert moment is None or moment.at.date() == at.date()


@pytest.mark.parametrize("language", sorted(WORDS))
def test_months_and_weekdays_are_whole(language: str) -> None:
    table = WORDS[language]
    assert len(table["days"]) == 7
    for key in ("months", "solar", "lunar"):
        assert len(table.get(key, range(12))) == 12
    known = {*words._KEYS, *words._LISTS, "prefix", "run_on"}
    assert set(table) <= known


@pytest.mark.parametrize("language", sorted({*NAMED, ""} - {"th"}))
def test_no_month_is_taken_for_another(language: str) -> None:
    """Of a name that is a month in two languages, both must mean the same one."""
    marks = words.words(language).marks
    for table in (WORDS[other]["months"] for other in NAMED if other != "th"):
        for number, spellings in enumerate(table, start=1):
            found = {marks[words._key(name)] for name in spellings.split("|")}
            months = {mark for mark in found if mark <= words.MONTHS[-1]}
            assert months <= {chr(ord(words.MONTHS[0]) + number - 1), words.AUGUST_OR_AGO}
