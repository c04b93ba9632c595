from __future__ import annotations

import pytest

from archiver.errors import UsageError
from archiver.export.splits import Key, Sorter, parse

TWO = parse("test:2026-06..,train:2026-01..2026-05")


def sorted_by(
    keys: list[Key], text: str = "test:2026-06..,train:2026-01..2026-05"
) -> list[str | None]:
    sorter = Sorter(parse(text), lambda: keys)
    return [
        sorter.split({"id": number, "published_at": at, "cluster_id": cluster})
        for number, at, cluster in keys
    ]


def test_splits_are_spans_of_whole_days() -> None:
    assert list(map(str, TWO)) == ["train:2026-01-01..2026-05-31", "test:2026-06-01.."]
    assert sorted_by(
        [
            (1, "2025-12-31T23:59:59.999999Z", None), (2, "2026-01-01T00:00:00.000000Z", None),
            (3, "2026-05-31T23:59:59.999999Z", None), (4, "2026-06-01T00:00:00.000000Z", None), (5, None, None),
        ]
    ) == [None, "train", "train", "test", None]  # fmt: skip


def test_what_has_no_date_may_have_a_split() -> None:
    assert sorted_by([(1, None, None), (2, JAN, None)], "rest:undated,a:2026") == [
        "rest",
        "a",
    ]
    assert [str(one) for one in parse("rest:undated,a:..2026")] == [
        "a:..2026-12-31",
        "rest:undated",
    ]


def test_without_splits_nothing_is_sorted_out() -> None:
    sorter = Sorter((), lambda: pytest.fail("was read"))
    assert sorter.split({"id": 1, "published_at": None, "cluster_id": None}) == ""


JAN, JULY, LAST = "2026-01-02", "2026-07-01", "2025-01-01"


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ([(1, JAN, 1), (2, JULY, 1), (3, JULY, 3)], ["train", "train", "test"]),
        ([(1, JULY, 2), (2, JAN, 2)], ["train", "train"]),  # the first comes behind its copy
        ([(1, JULY, 1), (2, JAN, 1)], ["train", "train"]),  # and need not be the earliest
        ([(1, JULY, 9), (2, JAN, 9)], ["train", "train"]),  # nor be in the export
        ([(1, LAST, 1), (2, JULY, 1)], [None, "test"]),  # outside stays outside, and draws nothing there
        ([(1, None, 1), (2, JAN, 1)], [None, "train"]),
        ([(1, JULY, None), (1, JAN, None), (2, JULY, None)], ["train", "train", "test"]),  # versions
        ([(1, JULY, 1), (1, JAN, 1), (2, JULY, 1)], ["train", "train", "train"]),
    ],
)  # fmt: skip
def test_copies_and_versions_stay_together(keys: list[Key], wanted: list[str | None]) -> None:
    assert sorted_by(keys) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no split"), ("train", "is no split"), ("train:", "is no split"), ("Train:2026", "is no split"),
        ("../x:2026", "is no split"), ("a:2026,,b:2027", "is no split"), ("a:then", "is no date"),
        ("a:2026,a:2027", "twice"), ("a:undated,b:undated", "twice"), ("a:2026..,b:2027", "overlap"),
        ("a:..2026,b:2026-12..", "overlap"), ("a:2026-05..2026-01", "ends before"), ("a:..", "no ends"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(text)
