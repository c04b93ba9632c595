from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import lines

LINE = "The harbour office opened its doors again this morning after a winter of repairs."


def many(count: int) -> list[str]:
    return [f"{LINE} It was visit number {n}." for n in range(count)]


@pytest.mark.parametrize(
    "same",
    [
        LINE.upper(),
        LINE.replace(" ", "  \n"),
        LINE.replace("office", "of\u00adfice").replace(".", " …»"),
        LINE.replace("ff", "\ufb00"),
        LINE.replace("doors", "doors" + "\u0301\u0316" * 200_000),  # minutes, if they were sorted
    ],
)
def test_a_line_is_known_whatever_its_form(same: str) -> None:
    assert lines.key(same) == lines.key(LINE) != ""


def test_other_words_and_numbers_make_another_line() -> None:
    assert len(set(map(lines.key, [LINE, LINE[:-2], *many(50)]))) == 52


def test_arabic_is_known_without_its_vowel_signs() -> None:
    line = "أعلنت البلدية صباح اليوم أن الجسر القديم سيغلق ثلاثة أسابيع لإصلاح السقف"
    assert lines.key(line.replace("ل", "ل\u064e")) == lines.key(line)
    assert lines.key(unicodedata.normalize("NFD", line)) == lines.key(line) != ""


def test_short_lines_are_not_looked_for() -> None:
    assert lines.key("x" * (lines.LEAST - 1)) == ""
    assert lines.key("x" * lines.LEAST) != ""
    assert lines.key(". " * 400) == ""


def test_what_is_written_is_read_in_its_order() -> None:
    wanted = many(5)
    told = lines.read(lines.write([*wanted, "short", wanted[0]]))
    assert told == lines.Told(tuple(map(lines.key, wanted)))
    assert lines.read(lines.write(wanted, goes_on=True)).goes_on


def test_a_teaser_is_no_text() -> None:
    assert lines.write(many(lines.FEWEST - 1)) == ""
    assert lines.write([LINE] * 9) == ""
    assert lines.read("") == lines.Told()


def test_a_long_text_is_cut_and_says_so() -> None:
    text = lines.write(many(lines.MOST + 1))
    assert len(text) == 705
    told = lines.read(text)
    assert (len(told.keys), told.goes_on) == (lines.MOST, True)
    assert not lines.read(lines.write(many(lines.MOST))).goes_on


@given(st.text())
def test_whatever_an_archive_holds_is_read(text: str) -> None:
    told = lines.read(text)
    assert all(len(key) == 10 for key in told.keys)


def test_a_field_of_any_length_is_read_as_far_as_it_can_be_one() -> None:
    assert len(lines.read(" ".join(f"{n:010x}" for n in range(100_000))).keys) == lines.MOST


@given(st.text(st.characters(exclude_categories=())))
def test_lone_surrogates_and_the_like_are_no_trouble(text: str) -> None:
    assert lines.write([text + LINE, *many(3)]).isascii()
