from __future__ import annotations

import pytest

from archiver.query.pointing import pointed, quoted


@pytest.mark.parametrize(
    ("query", "at", "line", "cells"),
    [
        ("a OR", 2, "a OR", 2),
        ("", 0, "", 0),
        ("ab", 9, "ab", 2),
        ("東京 OR", 3, "東京 OR", 5),
        ("ｶﾅ OR", 3, "ｶﾅ OR", 3),
        ("ＯＲ a", 3, "ＯＲ a", 5),
        ("e\u0301e\u0301 OR", 5, "e\u0301e\u0301 OR", 3),
        ("ae\u0301", 2, "ae\u0301", 1),
        ("كَتَبَ OR", 7, "كَتَبَ OR", 4),
        ("می\u200cرود OR", 7, "می\u200cرود OR", 6),
        ("\u1112\u1161\u11ab OR", 4, "\u1112\u1161\u11ab OR", 3),
        ("\u200fa \u202eOR", 4, "a OR", 2),
        ("a\x1b[31m\tb\n\udcff\x7f", 8, "a␛[31m b \ufffd\ufffd", 8),
    ],
)
def test_the_caret_counts_cells(query: str, at: int, line: str, cells: int) -> None:
    assert pointed(query, at) == (line, " " * cells + "^")


@pytest.mark.parametrize("at", [0, 10, 300, 595, 599])
def test_a_long_query_is_cut_around_the_place(at: int) -> None:
    query = "".join(f"{n:03}" for n in range(200))
    line, caret = pointed(query, at)
    assert len(line) <= 72
    assert line.startswith("…") == (at > 48)
    assert line.endswith("…") == (at < 560)
    assert line[len(caret) - 1] == query[at]
    assert line.strip("…") in query


def test_a_long_query_of_wide_characters_and_marks_is_cut_too() -> None:
    line, caret = pointed("新\u0301" * 200, 200)
    assert line.count("新") == 35
    assert line.startswith("…新")
    assert len(caret) == 1 + 48 + 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "'a'"),
        ("فيضان", "'\u2068فيضان\u2069'"),
        ('צה"ל', "'\u2068צה\"ל\u2069'"),
        ("\u202ea\x1b\ud800", "'a␛\ufffd'"),
        ("a" * 40, f"'{'a' * 40}'"),
        ("a" * 41, f"'{'a' * 39}…'"),
    ],
)
def test_a_word_in_a_message(text: str, shown: str) -> None:
    assert quoted(text) == shown
