"""The found words in a text, marked by reading it once."""

import pytest

from archiver.store import snippets
from archiver.types import MARK_END, MARK_START


def marked(text: str) -> str:
    return text.replace("[", MARK_START).replace("]", MARK_END)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("harbour", "The Harbour opens", "The [Harbour] opens"),
        ("cafe", "a Café, two cafés", "a [Café], two cafés"),
        ("مخيم", "في مُخَيَّم قرب المخيم", "في [مُخَيَّم] قرب المخيم"),
        ("خواهد", "کتاب می‌خواهد", "کتاب [می‌خواهد]"),
        ('"two words"', "two good words", "[two] good [words]"),
        ("", "nothing", "nothing"),
    ],
)
def test_whole_words_are_marked(query: str, text: str, expected: str) -> None:
    assert snippets.marked(text, snippets.words(query)) == marked(expected)


def test_a_snippet_is_the_piece_around_the_first_found_word() -> None:
    text = "before " * 100 + "harbour " + "after " * 100
    piece = snippets.snippet(text, snippets.words("harbour"))
    assert marked("[harbour]") in piece
    assert piece.startswith("…before")
    assert piece.endswith("after…")
    assert len(piece) < 300


def test_without_a_found_word_it_is_the_beginning() -> None:
    assert snippets.snippet("short", snippets.words("else")) == "short"
    assert snippets.snippet("word " * 100, frozenset()).startswith("word word")


def test_a_text_is_read_to_a_limit() -> None:
    far = "x " * snippets.MAX_READ + "harbour"
    assert MARK_START not in snippets.snippet(far, snippets.words("harbour"))
