"""What is here already, as the rows of exchanges tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.pace import BACKLOG, Pace, ending
from archiver.store.freshness import PATIENCE, TRIES, TRUSTED_POLLS, TRUSTED_VISITS, Freshness
from archiver.types import Kind, Link, Moment, Reading, Source
from tests.samples import AT, capture, reading
from tests.store.conftest import Desk

URL = "https://news.example/a/1"
FEED = "https://news.example/feed"
HOUR = timedelta(hours=1)
PLAN = (HOUR, 6 * HOUR, 24 * HOUR)
SOURCE = Source("news", "https://news.example/")


def head(*fields: str, status: int = 200) -> bytes:
    return "\r\n".join(
        [f"HTTP/1.1 {status} X", "Content-Type: text/html", *fields, "", ""]
    ).encode()


TAGGED = head('ETag: "1"', "Last-Modified: Sun, 01 Mar 2026 12:00:00 GMT")


@pytest.fixture
def fresh(desk: Desk) -> Iterator[Freshness]:
    opened = Freshness(desk.path)
    yield opened
    opened.close()


def visit(desk: Desk, after: timedelta, text: Any = "Text.", url: str = URL, **more: Any) -> None:
    desk.add(reading("Title", text, url) if text else None, url=url, at=AT + after, **more)


def test_what_is_here_is_asked_for_by_its_validators(desk: Desk, fresh: Freshness) -> None:
    desk.add(reading(), head=TAGGED)
    found = fresh.standing(URL)
    assert found is not None
    assert (found.etag, found.last_modified) == ('"1"', "Sun, 01 Mar 2026 12:00:00 GMT")
    assert (found.original.url, found.original.record_id) == (URL, "<urn:uuid:1>")
    assert found.original.digest.startswith("sha1:")
    assert fresh.standing("https://news.example/other") is None


@pytest.mark.parametrize(
    ("last", "read"),
    [
        ({"head": head()}, reading()),  # no validator
        ({"head": TAGGED, "truncated": "length"}, reading()),
        ({"head": head('ETag: "1"', status=404)}, None),
        ({"head": TAGGED}, Reading("consent")),
        ({"head": TAGGED}, Reading("missing")),
        ({"head": TAGGED}, reading(flags=("paywall",))),  # less than is kept
    ],
    ids=["none", "cut", "gone", "consent", "missing", "lesser"],
)
def test_the_whole_is_asked_for_where_the_last_answer_was_not_good(
    desk: Desk, fresh: Freshness, last: dict[str, Any], read: Reading | None
) -> None:
    desk.add(reading(text="All of it."), head=TAGGED)
    assert fresh.standing(URL) is not None
    desk.add(read, **last)
    assert fresh.standing(URL) is None


@pytest.mark.parametrize(
    ("kind", "page", "trusted"),
    [(Kind.FEED, None, TRUSTED_POLLS), (Kind.ARTICLE, reading(), TRUSTED_VISITS)],
)
def test_now_and_then_the_whole_is_asked_for(
    desk: Desk, fresh: Freshness, kind: Kind, page: Reading | None, trusted: int
) -> None:
    desk.add(page, head=TAGGED, kind=kind)
    for _ in range(trusted):
        assert fresh.standing(URL) is not None
        desk.add(None, head=head(status=304), kind=kind)
    assert fresh.standing(URL) is None
    desk.add(page, head=TAGGED, kind=kind)
    assert fresh.standing(URL) is not None


def test_validators_that_stood_for_two_bodies_are_not_believed(
    desk: Desk, fresh: Freshness
) -> None:
    desk.add(None, url=FEED, kind=Kind.FEED, head=TAGGED, body=b"one")
    desk.add(None, url=FEED, kind=Kind.FEED, head=TAGGED, body=b"two")
    assert fresh.standing(FEED) is None
    desk.add(None, url=FEED, kind=Kind.FEED, head=head('ETag: "2"'), body=b"three")
    assert fresh.standing(FEED) is not None


def test_a_story_is_known_by_any_final_answer(desk: Desk, fresh: Freshness) -> None:
    assert not fresh.known(URL, AT)
    desk.add(None, status=503)
    desk.add(None, kind=Kind.FEED)
    assert not fresh.known(URL, AT)
    desk.add(None, status=301)
    assert fresh.known(URL, AT)


def test_what_only_leads_to_a_story_is_known_once_that_is_here(
    desk: Desk, fresh: Freshness
) -> None:
    # A crawl was killed, or the server fell, between one and the other.
    for url, target in (("/n/1", "/old/1"), ("/old/1", "/a/1")):
        at = "https://news.example" + url
        desk.add(None, url=at, head=f"HTTP/1.1 301 X\r\nLocation: {target}\r\n\r\n".encode())
    short = "https://news.example/n/1"
    assert not fresh.known(short, AT)
    desk.add(None, status=503)
    assert not fresh.known(short, AT)
    desk.add(reading())
    assert fresh.known(short, AT)


def test_what_leads_nowhere_is_not_asked_for_for_ever(desk: Desk, fresh: Freshness) -> None:
    head = b"HTTP/1.1 302 X\r\nLocation: https://elsewhere.example/\r\n\r\n"
    for _ in range(TRIES):
        assert not fresh.known(URL, AT)
        desk.add(None, head=head)
    assert fresh.known(URL, AT)
    for here, there in (("/x", "/y"), ("/y", "/x")):
        circle = f"HTTP/1.1 302 X\r\nLocation: {there}\r\n\r\n".encode()
        desk.add(None, url="https://news.example" + here, head=circle)
    assert fresh.known("https://news.example/x", AT)


@pytest.mark.parametrize(
    "answer", [{"reading": Reading("consent")}, {"status": 403}, {"status": 404}]
)
def test_what_may_pass_is_tried_again_a_few_times(
    desk: Desk, fresh: Freshness, answer: dict[str, Any]
) -> None:
    at = AT
    for _ in range(TRIES):
        at += 2 * PATIENCE
        assert not fresh.known(URL, at)
        desk.add(answer.get("reading"), at=at, status=answer.get("status", 200))
        assert fresh.known(URL, at + PATIENCE)
    assert fresh.known(URL, at + 2 * PATIENCE)


def test_an_article_is_due_at_its_ages_and_what_was_missed_is_one_visit(
    desk: Desk, fresh: Freshness
) -> None:
    visit(desk, timedelta(0))
    due = fresh.visits("news", PLAN, AT + timedelta(minutes=59))
    assert (due.links, due.next_at) == ((), AT + HOUR)
    (link,) = fresh.visits("news", PLAN, AT + HOUR).links
    assert (link.url, link.kind, link.source) == (URL, Kind.ARTICLE, "news")
    visit(desk, 8 * HOUR, "Text, edited.")  # late: it is the visit of one hour and of six
    due = fresh.visits("news", PLAN, AT + 23 * HOUR)
    assert (due.links, due.next_at) == ((), AT + 24 * HOUR)
    visit(desk, 25 * HOUR, "", status=404)  # gone is a visit, too
    due = fresh.visits("news", PLAN, AT + 40 * HOUR)
    assert (due.links, due.next_at) == ((), None)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_answer_that_does_not_count_leaves_it_due(
    desk: Desk, fresh: Freshness, status: int
) -> None:
    visit(desk, timedelta(0))
    visit(desk, 2 * HOUR, "", status=status)
    assert fresh.visits("news", PLAN, AT + 3 * HOUR).links


def test_old_stories_and_other_sources_are_left_alone(desk: Desk, fresh: Freshness) -> None:
    year = Moment(AT - timedelta(days=365), "day")
    desk.add(reading(url=URL, published=year), at=AT)
    desk.add(reading(url=URL + "2"), url=URL + "2", source="other", at=AT)
    assert fresh.visits("news", PLAN, AT + 2 * HOUR).links == ()
    assert fresh.visits("news", (), AT + 2 * HOUR).links == ()
    assert len(fresh.visits("other", PLAN, AT + 2 * HOUR).links) == 1
    assert fresh.visits("other", PLAN, AT + timedelta(days=60)).links == ()


def test_the_newest_are_looked_at_first(desk: Desk, fresh: Freshness) -> None:
    for number in range(3):
        visit(desk, number * timedelta(minutes=1), f"Text {number}.", f"{URL}{number}")
    due = fresh.visits("news", PLAN, AT + 2 * HOUR).links
    assert [link.url[-1] for link in due] == ["2", "1", "0"]


def test_the_last_answer_and_whether_it_was_another(desk: Desk, fresh: Freshness) -> None:
    assert fresh.fetched_at(FEED) is None
    assert not fresh.is_changed(FEED)
    for hour, body in enumerate((b"one", b"one", b"two"), 1):
        desk.add(None, url=FEED, kind=Kind.FEED, body=body, at=AT + hour * HOUR)
        assert fresh.is_changed(FEED) is (body == b"two")
    desk.add(None, url=FEED, kind=Kind.FEED, status=503, at=AT + 9 * HOUR)
    assert fresh.fetched_at(FEED) == AT + 3 * HOUR
    assert fresh.recent(FEED, AT + 8 * HOUR) is not None
    assert fresh.recent(FEED, AT + 9 * HOUR) is None


def sitemap(day: str, precision: str = "day") -> Link:
    moment = Moment(datetime.fromisoformat(day).replace(tzinfo=UTC), precision) if day else None
    url = "https://news.example/s.xml"
    return Link(
        url, Kind.SITEMAP, "news", via="https://news.example/i.xml", hops=2, modified=moment
    )


def test_a_sitemap_is_asked_when_it_moved(desk: Desk, fresh: Freshness) -> None:
    pace = Pace(fresh, SOURCE, AT)
    old = f"{AT - 2 * BACKLOG:%Y-%m-%d}"
    assert pace.wanted(sitemap("2026-03-01"))
    assert pace.wanted(sitemap(""))
    assert not pace.wanted(sitemap(old))
    assert Pace(fresh, SOURCE, AT, backfill=True).wanted(sitemap(old))
    desk.add(None, url="https://news.example/s.xml", kind=Kind.SITEMAP, at=AT)
    # It was fetched at noon, and the day is not over.
    assert pace.wanted(sitemap("2026-03-01"))
    assert not pace.wanted(sitemap("2026-02-28"))
    assert not pace.wanted(sitemap("2026-03-01T11:00", "minute"))
    assert pace.wanted(sitemap("2026-03-01T12:30", "minute"))
    assert not pace.wanted(sitemap(""))
    assert Pace(fresh, SOURCE, AT + timedelta(days=1)).wanted(sitemap(""))


def test_only_new_stories_are_wanted_and_old_ones_by_a_backfill(
    desk: Desk, fresh: Freshness
) -> None:
    pace = Pace(fresh, SOURCE, AT, resting={FEED})
    desk.add(reading(), at=AT)
    old = Moment(AT - 2 * BACKLOG, "day")
    assert not pace.wanted(Link(URL, Kind.ARTICLE, "news"))
    assert pace.wanted(Link(URL + "2", Kind.ARTICLE, "news"))
    assert not pace.wanted(Link(URL + "3", Kind.ARTICLE, "news", published=old))
    assert not pace.wanted(Link(FEED, Kind.FEED, "news"))
    assert pace.left == 1
    back = Pace(fresh, SOURCE, AT, backfill=True)
    assert back.wanted(Link(URL + "3", Kind.ARTICLE, "news", published=old))
    assert not back.wanted(Link(URL, Kind.ARTICLE, "news"))
    assert back.visits() == ()


def test_a_day_ends_at_the_next_midnight() -> None:
    assert ending(Moment(datetime(2026, 3, 1, tzinfo=UTC), "day")) == datetime(
        2026, 3, 2, tzinfo=UTC
    )
    assert ending(Moment(AT, "second")) == AT


@pytest.mark.parametrize(
    ("kept", "shown", "change"),
    [
        ({}, {"flags": ("paywall",)}, "lesser"),
        ({"flags": ("paywall",)}, {"flags": ("paywall",)}, "changed"),
        ({"flags": ("paywall",)}, {}, "changed"),
        ({}, {}, "changed"),
    ],
)
def test_a_paywall_that_closed_is_no_edit(
    desk: Desk, kept: dict[str, Any], shown: dict[str, Any], change: str
) -> None:
    desk.add(reading(text="All of it, to the end.", **kept))
    outcome = desk.add(reading(text="All of it, to", **shown))
    assert outcome.change == change
    versions = 1 if change == "lesser" else 2
    assert desk.rows("SELECT versions, gone_at FROM articles") == [(versions, None)]
    last = "SELECT page, article_id NOT NULL, version FROM exchanges ORDER BY id DESC LIMIT 1"
    assert desk.rows(last) == [("lesser", 1, None) if change == "lesser" else ("article", 1, 2)]


def test_what_was_gone_and_is_there_again_says_so(desk: Desk) -> None:
    desk.add(reading())
    assert desk.add(None, status=410).change == "gone"
    outcome = desk.add(reading())
    assert (outcome.change, outcome.flags) == ("unchanged", ("restored",))
    assert desk.add(reading()).flags == ()


def test_capture_is_what_a_row_of_it_says(desk: Desk) -> None:
    desk.add(reading(), head=TAGGED)
    assert capture(head=TAGGED).head == TAGGED
    assert desk.rows("SELECT etag, last_modified FROM exchanges") == [
        ('"1"', "Sun, 01 Mar 2026 12:00:00 GMT")
    ]
