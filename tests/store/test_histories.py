"""What became of articles: versions and visits in the order of captures, edits, removals and returns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.store.histories import Span
from archiver.types import Change
from tests.samples import AT, reading
from tests.store.conftest import Desk

URL = "https://news.example/a/1"
HOME = "https://news.example/"


def at(hours: float) -> Any:
    return AT + timedelta(hours=hours)


def put(desk: Desk, hours: float, text: str = "", url: str = URL, **more: Any) -> None:
    """Let the article have this text at an hour; "" is an answer without one."""
    page = reading("Title", text, url) if text else None
    desk.add(page, url, at=at(hours), **more)


def visited(desk: Desk, hours: float, status: int, location: str = "/") -> None:
    """Let the article's page give an answer without an article; a redirect leads to `location`."""
    head = f"HTTP/1.1 {status} X\r\nLocation: {location}\r\n\r\n".encode()
    desk.add(None, URL, at=at(hours), head=head)


def told(desk: Desk, **span: Any) -> list[tuple[float, str, int | None, int | None]]:
    return [short(change) for change in desk.index.changed(Span(**span))]


def short(change: Change) -> tuple[float, str, int | None, int | None]:
    hours = (change.at - AT) / timedelta(hours=1)
    before, after = (v.number if v else None for v in (change.before, change.after))
    return hours, change.what, before, after


def test_versions_are_in_the_order_of_their_captures(desk: Desk) -> None:
    put(desk, 5, "five")
    put(desk, 9, "nine")
    put(desk, 1, "one")  # an import brings it later
    put(desk, 6, "five")
    index = desk.index
    versions = list(index.versions(1))
    assert [(v.number, v.text) for v in versions] == [(3, "one"), (1, "five"), (2, "nine")]
    assert [v.number for v in index.versions(1, newest_first=True)] == [2, 1, 3]
    assert [(v.first_seen, v.last_seen) for v in versions] == [
        (at(1), at(1)), (at(5), at(6)), (at(9), at(9)),
    ]  # fmt: skip
    assert versions[0].location.offset == 300
    assert index.version(1, 2) == versions[2]
    assert index.version(1, 4) is index.version(2, 1) is index.version(1, 1 << 70) is None
    assert told(desk) == [(9, "edited", 1, 2), (5, "edited", 3, 1)]


def test_a_text_that_comes_back_is_an_edit(desk: Desk) -> None:
    for hour, text in enumerate(("a", "b", "a")):
        put(desk, hour, text)
    assert told(desk) == [(2, "edited", 2, 3), (1, "edited", 1, 2)]


@pytest.mark.parametrize("status", [404, 410, 301, 302, 303, 307, 308])
def test_removals_and_returns(desk: Desk, status: int) -> None:
    put(desk, 0, "text")
    for hour in (1, 2):
        visited(desk, hour, status)
    put(desk, 4, "text")
    put(desk, 5, "text")
    visited(desk, 6, status)
    put(desk, 7, "other")
    assert told(desk) == [
        (7, "edited", 1, 2), (7, "restored", None, 2), (6, "removed", 1, None),
        (4, "restored", None, 1), (1, "removed", 1, None),
    ]  # fmt: skip
    index = desk.index
    assert [c.what for c in index.changed(Span(), turns=False)] == ["edited"]
    assert "edited" not in [c.what for c in index.changed(Span(), edits=False)]
    (change,) = index.changed(Span(at(1), at(2)))
    assert (change.status, change.source, change.url) == (status, "news", URL)
    assert change.before
    assert change.before.text == "text"


def test_removals_that_the_store_itself_sees(desk: Desk) -> None:
    put(desk, 0, "text")
    put(desk, 1, status=404)
    put(desk, 2, status=410)
    assert told(desk) == [(1, "removed", 1, None)]
    assert [(v.removed, v.version) for v in desk.index.visits(1)] == [
        (False, 1), (True, None), (True, None),
    ]  # fmt: skip


@pytest.mark.parametrize("status", [200, 304, 403, 500, 503])
def test_other_answers_remove_nothing(desk: Desk, status: int) -> None:
    put(desk, 0, "text")
    visited(desk, 1, status)
    put(desk, 2, "text")
    assert told(desk) == []


def test_a_page_that_was_not_modified_is_there_again(desk: Desk) -> None:
    put(desk, 0, "text")
    visited(desk, 1, 404)
    visited(desk, 2, 200)  # a consent page says nothing
    visited(desk, 3, 304)
    assert told(desk) == [(3, "restored", None, 1), (1, "removed", 1, None)]


def test_a_redirect_to_another_page_removes_nothing(desk: Desk) -> None:
    put(desk, 0, "text")
    visited(desk, 1, 301, "/a/2")
    assert told(desk) == []


def test_what_was_never_there_was_not_removed(desk: Desk) -> None:
    put(desk, 5, "text")
    visited(desk, 1, 404)
    assert told(desk) == [(5, "restored", None, 1)]


def test_spans_and_sources(desk: Desk) -> None:
    for number in range(4):
        put(desk, number, f"t{number}")
    other = "https://b.example/1"
    put(desk, 0, "x", other, source="b")
    put(desk, 2.5, "y", other, source="b")
    hours = [hour for hour, *_ in told(desk)]
    assert hours == [3, 2.5, 2, 1]
    assert [hour for hour, *_ in told(desk, since=at(2), until=at(3))] == [2.5, 2]
    assert [hour for hour, *_ in told(desk, source="b")] == [2.5]
    assert told(desk, source="c") == told(desk, since=at(4)) == []


def test_visits_are_in_order_with_what_they_showed(desk: Desk) -> None:
    put(desk, 3, "b")
    put(desk, 1, "a")
    visited(desk, 2, 304)
    found = [(v.at, v.status, v.version, v.shown, v.removed) for v in desk.index.visits(1)]
    assert found == [
        (at(1), 200, 2, True, False), (at(2), 304, 2, True, False), (at(3), 200, 1, True, False),
    ]  # fmt: skip
    assert list(desk.index.visits(7)) == list(desk.index.versions(7)) == []


def test_an_article_as_an_older_version_has_it(desk: Desk) -> None:
    put(desk, 0, "a")
    put(desk, 1, "b")
    index = desk.index
    latest, older = index.article("1"), index.article(URL, 1)
    assert latest
    assert older
    assert (latest.version, latest.versions, latest.document.text) == (2, 2, "b")
    assert (older.version, older.versions, older.document.text) == (1, 2, "a")
    assert older.location.offset == 100
    assert index.article("1", 3) is index.article("1", 1 << 70) is None


def test_changes_are_streamed(desk: Desk) -> None:
    """The first of many is told before the last was read."""
    for number in range(200):
        put(desk, number, f"text {number}")
    statements: list[str] = []
    desk.index._connection.set_trace_callback(statements.append)
    assert short(next(desk.index.changed(Span()))) == (199, "edited", 199, 200)
    assert len([one for one in statements if "WHERE v.article_id" in one]) < 10


def test_an_article_that_is_fetched_over_and_over_costs_no_more_than_its_visits(desk: Desk) -> None:
    put(desk, 0, "text")
    for number in range(1, 400):
        visited(desk, number, 404 if number % 2 else 304)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    desk.index._connection.set_progress_handler(step, 1_000)
    assert len(told(desk)) == 399
    assert steps < 400 * 10
