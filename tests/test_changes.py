"""What changed, told by kind, and the life of one article."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.changes import KINDS, changes, history
from archiver.store.histories import Span
from tests.samples import reading
from tests.store.conftest import Desk
from tests.store.test_histories import URL, at, visited


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "index.db")
    pages = [
        ("عنوان", "مقتل 12 في المرسى\n\nمنذ ساعة"),
        ("عنوان", "مقتل 12 في المرسى\n\nمنذ ساعتين"),  # ticks
        ("عنوان", "مقتل 15 في المرسى\n\nمنذ ساعتين"),
        ("عنوان آخر", "مقتل 15 في المرسى\n\nمنذ ساعتين"),
        ("عنوانٌ آخر", "مقتل 15 في المرسي"),  # a vowel sign, a dot, a line that ticked
    ]
    for hour, (title, text) in enumerate(pages):
        desk.add(reading(title, text, URL, flags=("live",)), URL, at=at(hour))
    visited(desk, 5, 404)
    desk.add(reading(*pages[-1], URL), URL, at=at(6))
    yield desk
    desk.close()


def kinds(desk: Desk, *only: str, minor: bool = False) -> list[tuple[str, ...]]:
    return [told.kinds for told in changes(desk.index, Span(), only, minor=minor)]


def test_trifles_are_told_where_they_are_asked_for(desk: Desk) -> None:
    real = [("restored",), ("removed",), ("headline",), ("text",)]
    assert kinds(desk) == real
    assert kinds(desk, minor=True) == [*real[:2], ("minor",), *real[2:], ("minor",)]
    assert set(KINDS) == {kind for kinds in real for kind in kinds}
    for kind in KINDS:
        assert kinds(desk, kind) == [(kind,)]
    assert kinds(desk, "text", "removed") == [("removed",), ("text",)]


def test_a_change_comes_with_its_words(desk: Desk) -> None:
    (told,) = changes(desk.index, Span(), ("text",))
    assert told.diff
    assert (told.diff.words("gone"), told.diff.words("new")) == (1, 1)
    assert told.change.after
    assert told.diff.new == (told.change.after.title, told.change.after.text)
    assert all(one.diff is None for one in changes(desk.index, Span(), ("removed", "restored")))


def test_a_history_folds_what_brought_nothing_new(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "other.db")
    a, b = reading("T", "a b c", URL), reading("T", "a b d", URL)
    for hour in range(3):
        desk.add(a, URL, at=at(hour))
    visited(desk, 3, 304)
    visited(desk, 4, 200)
    visited(desk, 5, 200)
    desk.add(b, URL, at=at(6))
    for hour in (7, 8, 9):
        visited(desk, hour, 410)
    desk.add(b, URL, at=at(10))
    desk.add(b, URL, at=at(11))
    visited(desk, 12, 404)
    visited(desk, 13, 304)
    steps = list(history(desk.index, 1))
    told = [(step.what, step.visits, (step.last - at(0)).total_seconds() / 3600) for step in steps]
    assert told == [
        ("version", 1, 0), ("unchanged", 3, 3), ("other", 2, 5), ("version", 1, 6),
        ("removed", 1, 7), ("gone", 2, 9), ("restored", 1, 10), ("unchanged", 1, 11), ("removed", 1, 12),
        ("restored", 1, 13),
    ]  # fmt: skip
    first, second = (step for step in steps if step.what == "version")
    assert (first.kinds, first.diff) == ((), None)
    assert second.kinds == ("text",)
    assert second.diff
    assert second.diff.words("new") == 1
    assert [
        step.version.number for step in steps if step.what in ("restored", "again") if step.version
    ] == [2, 2]
    assert list(history(desk.index, 99)) == []
    desk.close()
