"""Two versions compared: pieces that join again, whole words, paragraphs, and texts that are made to be hard."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.diff import Diff, compare, kind
from archiver.diff.alignment import Budget, align

LETTERS = "ab \n،.,'-1٣٫ةهأا\u0651\u0640\u200f\u200c\u2067\u00a0東กำ\ud800\x1b\u0301"
words = st.sampled_from(
    [
        "قال",
        "الوزير",
        "إن",
        "12",
        "ضحية",
        "the",
        "the",
        "port",
        ",",
        "don't",
        "١٢٫٥",
        "\n\n",
        "\n\n",
        "  ",
        "\u200b",
    ]
)
texts = st.one_of(
    st.text(LETTERS), st.text(), st.lists(words).map(" ".join), st.lists(words).map("".join)
)


def shown(old: str, new: str, title: bool = False) -> str:
    """Write what changed as wdiff does."""
    found = compare((old, ""), (new, "")).title if title else None
    pieces = found or [p for part in compare(("", old), ("", new)).paragraphs for p in part.pieces]
    forms = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(forms[piece.kind].format(piece.text) for piece in pieces)


@given(texts, texts, texts, texts)
def test_pieces_join_to_what_was_compared(title: str, text: str, other: str, new: str) -> None:
    found = compare((title, text), (other, new))
    assert found.old == (title, text)
    assert found.new == (other, new)
    assert all(piece.text for part in found.paragraphs for piece in part.pieces)


@given(st.lists(words), st.lists(words))
def test_no_piece_ends_inside_a_word(old: list[str], new: list[str]) -> None:
    found = compare((" ".join(old), ""), (" ".join(new), ""))
    for before, kept in (("new", old), ("gone", new)):
        pieces = [p.text for p in found.title if p.kind != before]
        for piece in pieces:
            assert set(piece.split()) <= {w for word in kept for w in word.split()}


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_alignment_is_the_longest_and_coarser_only_without_budget(
    a: list[int], b: list[int]
) -> None:
    found = align(a, b, Budget())
    assert all(a[x] == b[y] for x, y in found)
    assert found == sorted(found)
    assert len({x for x, _ in found}) == len({y for _, y in found}) == len(found)
    table = [[0] * (len(b) + 1)]
    for one in a:
        row = [0]
        for n, other in enumerate(b):
            row.append(table[-1][n] + 1 if one == other else max(table[-1][n + 1], row[-1]))
        table.append(row)
    assert len(found) == table[-1][-1]
    coarse = align(a, b, Budget(0))
    assert all(a[x] == b[y] for x, y in coarse)
    assert coarse == sorted(coarse)


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("مقتل 12 في المرسى", "مقتل 15 في المرسى", "مقتل[- 12-]{+ 15+} في المرسى"),
        ("وبالمدينة القديمة", "والمدينة القديمة", "[-وبالمدينة-]{+والمدينة+} القديمة"),
        ("The dead, they say", "The dead they say", "The dead[-,-] they say"),
        ("قال إن", "قال، إن", "قال{+،+} إن"),
        ("it cost 1,250.50 once", "it cost 1,350.50 once", "it cost[- 1,250.50-]{+ 1,350.50+} once"),
        ("they don't know", "they do know", "they[- don't-]{+ do+} know"),
        ("the big red car", "the car", "the[- big red-] car"),
        ("car", "red car", "{+red +}car"),
        ("the end", "the end.", "the end{+.+}"),
        ("a  b", "a b", "a[-  -]{+ +}b"),
        ("東京都知事", "東京市知事", "東京[-都-]{+市+}知事"),
        ("الحُكم", "الحكم", "[-الحُكم-]{+الحكم+}"),
    ],
)  # fmt: skip
def test_whole_words_and_signs_are_the_pieces(old: str, new: str, pieces: str) -> None:
    assert shown(old, new, title=True) == pieces


def test_what_two_sentences_happen_to_share_does_not_tear_them() -> None:
    old = "The council sold the old customs house, to a firm in town that nobody knew."
    new = "Rain fell on the harbour all night, while in Tarrow that was still dry land."
    (gone, new_) = compare(("", old), ("", new)).paragraphs
    assert (gone.kind, new_.kind) == ("gone", "new")
    found = compare((old, ""), (new, "")).title
    assert "," not in [piece.text for piece in found]
    assert len(found) <= 9


def kinds(old: str, new: str) -> list[str]:
    parts = compare(("", old), ("", new)).paragraphs
    return [part.kind + "!" * part.moved for part in parts]


A, B, C, D = (
    f"{name} came to the harbour on a {day} in spring and left again"
    for name, day in (("Ada", "Monday"), ("Bob", "Tuesday"), ("Cem", "Friday"), ("Dua", "Sunday"))
)
X = "Nothing of this has been said before by anybody at all"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([A, B], [A, B], ["same", "same"]),
        ([A], [A, X], ["same", "new"]),
        ([A, X], [A], ["same", "gone"]),
        ([A, B, X], [A, B.replace("left", "went"), X], ["same", "changed", "same"]),
        ([A], [X], ["gone", "new"]),
        ([A, X, C], [X, A, C], ["new!", "same", "gone!", "same"]),
        ([A, A, X], [X, A, A], ["new!", "same", "same", "gone!"]),
        ([A, X], [X, A.replace("left", "went")], ["gone", "same", "new"]),
        ([A, B, C], [X, A + ".", C + "."], ["new", "changed", "gone", "changed"]),
        ([], [A], ["new"]),
        ([A], [], ["gone"]),
        ([], [], []),
    ],
)
def test_paragraphs_find_each_other(old: list[str], new: list[str], expected: list[str]) -> None:
    assert kinds("\n\n".join(old), "\n\n".join(new)) == expected


def test_words_that_moved_neither_came_nor_went() -> None:
    found = compare(("", f"{A}\n\n{X}\n\n{B}"), ("", f"{X}\n\n{A}\n\n{B}, they say"))
    assert (found.words("gone"), found.words("new")) == (0, 2)


MANY = 30_000
HARD = {
    "nothing common": (
        " ".join(f"a{n}" for n in range(MANY)),
        " ".join(f"b{n}" for n in range(MANY)),
    ),
    "one word": ("x " * MANY, "x " * (MANY // 2) + "y " + "x " * (MANY // 2)),
    "shifted": ("x y " * (MANY // 2), "y x x " * (MANY // 3)),
    "upside down": (
        " ".join(f"a{n}" for n in range(MANY)),
        " ".join(f"a{n}" for n in range(MANY, 0, -1)),
    ),
    "paragraphs": (
        "\n\n".join(f"a{n}" for n in range(MANY)),
        "\n\n".join(f"b{n}" for n in range(MANY)),
    ),
    "empty paragraphs": ("\n\n" * MANY, "x" + "\n\n" * (MANY - 5)),
    "lines that tick": (
        "\n".join(f"{n} min ago" for n in range(MANY)),
        "\n".join(f"{n} mins ago" for n in range(MANY)),
    ),
    "marks": ("a" + "\u0301\u0316" * MANY, "b" + "\u0316\u0301" * MANY),
}


@pytest.mark.parametrize("name", HARD)
def test_texts_that_are_made_to_be_hard_end(name: str) -> None:
    old, new = HARD[name]
    found: Diff = compare(("", old), ("", new))
    assert (found.old[1], found.new[1]) == (old, new)
    assert kind(("", old), ("", new)) == ("text",)


def test_edits_of_a_very_long_text_are_found_by_its_rare_words() -> None:
    words_ = [f"w{n}" if n % 3 else "the" for n in range(60_000)]
    edited = [*words_]
    edited[10], edited[59_000] = "ten", "late"
    found = compare(("", " ".join(words_)), ("", " ".join(edited)))
    assert (found.words("gone"), found.words("new")) == (2, 2)


@settings(max_examples=30)
@given(texts)
def test_a_text_and_itself_are_the_same(text: str) -> None:
    found = compare((text, text), (text, text))
    assert {p.kind for part in found.paragraphs for p in part.pieces} <= {"same"}
    assert kind((text, text), (text, text)) == ()
