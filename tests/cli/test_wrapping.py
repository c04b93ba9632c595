from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.cli import facets
from archiver.cli.terminal import plain, width
from archiver.cli.wrapping import direction, window, wrapped
from archiver.types import MARK_END, MARK_START

S, E = MARK_START, MARK_END


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("城市 新聞", 5, ["城市", "新聞"]),
        ("城市新聞", 5, ["城市", "新聞"]),
        ("كَتَبَ كَتَبَ", 3, ["كَتَبَ", "كَتَبَ"]),
        (f"a {S}bb cc{E} d", 4, [f"a {S}bb{E}", f"{S}cc{E} d"]),
        (f"{S}a{E} b", 1, [f"{S}a{E}", "b"]),
    ],
)
def test_lines_have_so_many_cells(text: str, cells: int, lines: list[str]) -> None:
    assert wrapped(text, cells) == lines


MARKED = st.lists(
    st.sampled_from(["a", "word", "كلمة", "城", "e\u0301", f"{S}x{E}", S, E, "می\u200cرود"]),
    max_size=40,
).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(MARKED, st.integers(4, 30))
def test_nothing_is_lost_and_every_mark_is_closed(text: str, cells: int) -> None:
    lines = wrapped(text, cells)
    assert "".join(map(plain, lines)).replace(" ", "") == plain(text).replace(" ", "")
    for line in lines:
        assert width(plain(line)) <= cells
        assert line.rfind(S) <= line.rfind(E)


def test_a_window_shows_the_first_found_word() -> None:
    text = f"one two three four five six {S}seven{E} eight nine ten"
    assert wrapped(text, 12) == [
        "one two",
        "three four",
        "five six",
        f"{S}seven{E} eight",
        "nine ten",
    ]
    assert window(text, 14, 2) == ["\u200e…five six", f"\u200e{S}seven{E} eight…"]
    assert window(f"{S}one{E} two three", 14, 1) == [f"\u200e{S}one{E} two three"]
    assert window("كلمة abc", 14, 2) == ["\u200fكلمة abc"]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("abc كلمة", "\u200e"),
        ("12 كلمة abc", "\u200f"),
        ("שלום", "\u200f"),
        ("12", ""),
        (f"{S}كلمة{E}", "\u200f"),
    ],
)
def test_a_text_runs_as_its_first_letter_does(text: str, mark: str) -> None:
    assert direction(text) == mark


@pytest.mark.parametrize(
    ("share", "cells", "wanted"),
    [
        (1, 4, "████"),
        (0.5, 4, "██"),
        (0.5, 1, "▌"),
        (0.0001, 4, "▏"),
        (0.99, 2, "██"),
        (0.95, 2, "█▉"),
    ],
)
def test_a_bar(share: float, cells: int, wanted: str) -> None:
    assert facets.bar(share, cells) == wanted


def test_a_sparkline() -> None:
    assert facets.sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert facets.sparkline([1, 0, 1000]) == "▁ █"


def test_many_steps_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tuple((f"{year}", 1) for year in range(1900, 2001))
    monkeypatch.setattr(facets.terminal, "size", lambda: (40, 24))
    line = facets.over_time(facets.Facet(steps, 101, False))
    assert line.startswith("1900 ")
    assert line.endswith(" 2000")
    assert width(line) <= 40
