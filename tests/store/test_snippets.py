"""The found words in a text, marked by reading it once."""

from datetime import date
from typing import Any

import pytest

from archiver import words
from archiver.query import parse, positive
from archiver.store import snippets
from archiver.store.matching import Pattern
from archiver.types import MARK_END, MARK_START


def patterns(query: str) -> Any:
    """The patterns of a query in an archive that knows no other forms of its words."""
    node = parse(query, date(2026, 1, 1))
    found = []
    for part in positive(node):
        terms = tuple((term,) for term in words.tokens(part.text))
        found.append(Pattern(terms, part.prefix))
    return found


def marked(text: str) -> str:
    return text.replace("[", MARK_START).replace("]", MARK_END)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("harbour", "The Harbour opens", "The [Harbour] opens"),
        ("cafe", "a Café, two cafés", "a [Café], two cafés"),
        ("مخيم", "في مُخَيَّم قرب المخيم", "في [مُخَيَّم] قرب المخيم"),
        ("میخواهد", "کتاب می‌خواهد", "کتاب [می‌خواهد]"),
        ('"two words"', "two good two words", "two good [two words]"),
        ("two words", "two good words", "[two] good [words]"),
        ("harb*", "harbour and Harbours", "[harbour] and [Harbours]"),
        ("news-details", "a news-details page, details", "a [news-details] page, details"),
        ("東京", "東京は東と京", "[東京]は東と京"),
        ("กรุงเทพ", "ในกรุงเทพวันนี้", "ใน[กรุงเทพ]วันนี้"),
        ("٢٠١٤", "in 2014 and ٢٠١٤", "in [2014] and [٢٠١٤]"),
        ("ا ب", "ا ب", "[ا] [ب]"),
        ("东 京", "东京", "[东京]"),
        ("", "nothing", "nothing"),
    ],
)
def test_whole_words_are_marked(query: str, text: str, expected: str) -> None:
    assert snippets.marked(text, patterns(query)) == marked(expected)


def test_a_snippet_is_the_piece_around_the_first_found_word() -> None:
    text = "before " * 100 + "harbour " + "after " * 100
    piece = snippets.snippet(text, patterns("harbour"))
    assert marked("[harbour]") in piece
    assert piece.startswith("…before")
    assert piece.endswith("after…")
    assert len(piece) < 300


def test_without_a_found_word_it_is_the_beginning() -> None:
    assert snippets.snippet("short", patterns("else")) == "short"
    assert snippets.snippet("word " * 100, ()).startswith("word word")


def test_a_text_is_read_to_a_limit() -> None:
    far = "x " * snippets.MAX_READ + "harbour"
    assert MARK_START not in snippets.snippet(far, patterns("harbour"))


def test_a_snippet_is_short_whatever_was_found() -> None:
    assert len(snippets.snippet("a" * 100_000, patterns("aaa*"))) < 600
    far = "x " * snippets.MAX_READ + "harbour"
    assert marked("[harbour]") in snippets.marked(far, patterns("harbour"))


def test_a_snippet_shows_most_of_the_words() -> None:
    text = "harbour " + "sea " * 100 + "a harbour with a crane " + "sea " * 100
    piece = snippets.snippet(text, patterns("harbour crane"))
    assert marked("[harbour] with a [crane]") in piece
