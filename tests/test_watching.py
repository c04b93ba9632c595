"""Watching words: what is new and matches is told once, and what only looks new is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import clock, watching
from archiver.documents import MARK_START
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.store.watches import Watches
from archiver.types import Moment
from archiver.work import Event, Watch, Watched
from tests.samples import AT, reading
from tests.store.conftest import Desk

NOW = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FLOOD = Watch("floods", "فيضان")
URL = "https://post.example/1"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "archive")
    layout.create()
    return layout


@pytest.fixture
def runs(layout: Layout) -> Iterator[Runs]:
    with Runs(layout.runs) as opened:
        yield opened


@pytest.fixture
def desk(layout: Layout) -> Iterator[Desk]:
    desk = Desk(layout.index)
    yield desk
    desk.close()


@pytest.fixture
def told() -> list[str]:
    return []


Look = Callable[..., int]


@pytest.fixture
def look(runs: Runs, layout: Layout, told: list[str]) -> Look:
    return lambda *watches: watching.look(runs, layout, watches, NOW, told.append)


def put(desk: Desk, text: str, title: str = "عنوان", url: str = URL, **more: Any) -> None:
    at = more.pop("at", None)
    desk.add(reading(title, text, url, **more), url, source="post", **({"at": at} if at else {}))


def events(runs: Runs) -> list[Event]:
    return list(reversed(runs.events.latest(1000)))


def whats(runs: Runs) -> list[tuple[str, str]]:
    return [(event.data["watch"], event.data["what"]) for event in events(runs)]


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_an_article_is_told_with_what_a_reader_wants(runs: Runs, desk: Desk, look: Look) -> None:
    put(desk, "كان فيضان من قبل.", url="https://post.example/old")
    assert look(FLOOD) == 0  # it is told what is new from now on
    published = Moment(datetime(2026, 3, 25, tzinfo=UTC), "day", None, "meta")
    put(
        desk,
        "وصل الماء، وبالفيضانات امتلأ الوادي.",
        "نهر \u202e يفيض",
        language="ar",
        published=published,
    )
    assert look(FLOOD) == 1
    assert look(FLOOD) == 0
    (event,) = events(runs)
    assert (event.kind, event.source, event.at) == ("match", "post", NOW)
    assert event.data == {
        "watch": "floods", "query": "فيضان", "what": "new", "article": 2, "version": 1, "url": URL,
        "title": "نهر \u202e يفيض", "published_at": "2026-03-25T00:00:00.000000Z", "language": "ar",
        "snippet": "وصل الماء، وبالفيضانات امتلأ الوادي.",
    }  # fmt: skip
    assert runs.watches.all() == {"floods": Watched(FLOOD, 2, 1, NOW)}


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("ميناء", "012"),  # with و, ال, ب before it
        ('"الميناء القديم"', "1"),
        ('"الميناء القديم" OR title:مطر', "12"),
        ("ميناء -مطر lang:ar", "01"),
        ("ميناء lang:en", ""),
        ("ميناء source:post date:2026", "012"),
        ("ميناء source:echo", ""),
        ("after:7d -ميناء", "3"),
    ],
)  # fmt: skip
def test_the_whole_language_is_understood(
    desk: Desk, look: Look, runs: Runs, query: str, matches: str
) -> None:
    watch = Watch("w", query)
    look(watch)
    yesterday = Moment(NOW - DAY, "day", None, "meta")
    texts = ["اتجهت والميناء مغلق", "في الميناء القديم", "وبالميناء ماء", "لا شيء هنا"]
    for number, text in enumerate(texts):
        title = "مطر" if number == 2 else "خبر"
        published = yesterday if number == 3 else None
        put(desk, text, title, f"https://post.example/{number}", language="ar", published=published)
    with clock.turned(lambda: NOW):
        look(watch)
    assert "".join(event.data["url"][-1] for event in events(runs)) == matches


def test_a_changed_article_is_told_where_it_changed_by_more_than_trifles(
    runs: Runs, desk: Desk, look: Look
) -> None:
    put(desk, "هطل المطر على المدينة\n\nمنذ ساعة")
    look(FLOOD)
    for text, count in (
        ("هطل المطر، وجاء فيضان بعده\n\nمنذ ساعة", 1),  # now it matches
        ("هطل المطر، وجاء فيضان بعده\n\nمنذ ساعتين", 0),  # a clock
        ("هطل المطر، وجاء فيضانٌ بعدة.\n\nمنذ ساعتين", 0),  # a vowel sign, a spelling, a full stop
        ("هطل المطر، وجاء فيضان بعده، مات 3\n\nمنذ ساعتين", 1),  # it still matches, and has changed
        ("هطل المطر على المدينة", 0),  # and now it does not
        ("هطل المطر على القرية", 0),
    ):
        put(desk, text)
        assert look(FLOOD) == count, text
    assert whats(runs) == [("floods", "changed")] * 2
    assert [event.data["version"] for event in events(runs)] == [2, 5]


def test_what_changed_twice_between_two_looks_is_told_once(
    runs: Runs, desk: Desk, look: Look
) -> None:
    put(desk, "فيضان 1")
    look(FLOOD)
    put(desk, "فيضان 2", url="https://post.example/2")
    put(desk, "فيضان 3")
    put(desk, "فيضان 2.", url="https://post.example/2")  # a trifle, of one that was never told
    put(desk, "فيضان 1")  # and back to what was known
    assert look(FLOOD) == 1
    assert [(event.data["url"][-1], event.data["what"]) for event in events(runs)] == [("2", "new")]


def test_an_older_capture_that_is_imported_is_no_news(runs: Runs, desk: Desk, look: Look) -> None:
    put(desk, "فيضان اليوم", at=AT + DAY)
    look(FLOOD)
    put(desk, "فيضان أمس", at=AT)
    assert look(FLOOD) == 0


def test_each_watch_has_its_own_place(runs: Runs, desk: Desk, look: Look) -> None:
    rain = Watch("rain", "مطر")
    look(FLOOD)
    put(desk, "مطر ثم فيضان")
    assert look(FLOOD, rain) == 1  # one begins just now
    put(desk, "مطر ثم مطر ثم فيضان")
    assert look(FLOOD, rain) == 2
    changed = Watch("rain", "فيضان")
    put(desk, "فيضان وحده")
    assert look(changed) == 0  # another query begins anew
    assert runs.watches.all()["rain"] == Watched(changed, 3)
    assert look(FLOOD) == 1
    assert whats(runs) == [
        ("floods", "new"), ("floods", "changed"), ("rain", "changed"), ("floods", "changed"),
    ]  # fmt: skip


def test_what_cannot_be_looked_for_stops_no_other(
    runs: Runs, desk: Desk, look: Look, told: list[str]
) -> None:
    bad = Watch("bad", "☂")  # no sign is looked for, which only an index knows
    look(bad, FLOOD)
    put(desk, "فيضان")
    assert look(bad, FLOOD) == 1
    assert len(told) == 2
    assert told[1].startswith("watch bad: there is no word to look for")
    assert runs.watches.all()["bad"].after_id == 0
    assert look(Watch("bad", "فيضان"), FLOOD) == 0


def test_of_hundreds_some_are_told_and_the_rest_is_counted(
    runs: Runs, desk: Desk, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "STEP", 30)
    look(FLOOD)
    with desk.store.transaction():
        for number in range(231):
            url = f"https://post.example/{number}"
            text = "فيضان" if number % 11 else "مطر"
            desk.store.index(desk._shelf.snapshot(url, source="post"), reading("ع", text, url))
    assert look(FLOOD) == 210
    *matches, more = events(runs)
    assert [event.data["url"].rpartition("/")[2] for event in matches] == [
        str(number) for number in range(231) if number % 11
    ][: watching.MOST]
    assert len(matches) == watching.MOST
    assert more.data == {"watch": "floods", "query": "فيضان", "what": "more", "more": 10}
    assert (more.kind, more.source) == ("match", "")
    assert look(FLOOD) == 0
    assert runs.watches.all()["floods"] == Watched(FLOOD, 231, 210, NOW)


def test_what_is_killed_half_way_is_told_by_the_next_and_not_twice(
    runs: Runs, desk: Desk, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(FLOOD)
    for number in range(3):
        put(desk, "فيضان", url=f"https://post.example/{number}")
    with monkeypatch.context() as patched:
        patched.setattr(Watches, "keep", _killed)
        with pytest.raises(KeyboardInterrupt):
            look(FLOOD)
    assert events(runs) == []
    assert look(FLOOD) == 3
    before = events(runs)
    # As after a backup of half of it: the same matches are the same events.
    runs.watches.keep(Watched(FLOOD, 0))
    assert look(FLOOD) == 3
    assert events(runs) == before


def test_ids_that_were_given_anew_make_no_watch_deaf(runs: Runs, desk: Desk, look: Look) -> None:
    put(desk, "مطر")
    runs.watches.keep(Watched(FLOOD, 5000))
    assert look(FLOOD) == 0
    put(desk, "فيضان", url="https://post.example/2")
    assert look(FLOOD) == 1


def test_a_watch_begins_where_it_is_added(
    runs: Runs, layout: Layout, told: list[str], look: Look
) -> None:
    def begin(*watches: Watch) -> None:
        watching.begin(runs, layout, watches, told.append)

    begin(FLOOD)  # there is no index yet: all that will come is new
    desk = Desk(layout.index)
    put(desk, "فيضان ومطر")
    begin(FLOOD, rain := Watch("rain", "مطر"))
    assert look(FLOOD, rain) == 1
    put(desk, "مطر", url="https://post.example/2")
    begin(FLOOD)
    assert list(runs.watches.all()) == ["floods"]
    begin(FLOOD, rain)  # away and back again
    assert look(FLOOD, rain) == 0
    desk.close()
    layout.index.write_bytes(b"no database" * 1000)
    begin(Watch("x", "x"))
    assert len(told) == 1
    assert told[0].startswith("watches could not begin:")


def test_without_an_index_or_watches_nothing_is_done(
    layout: Layout, runs: Runs, look: Look
) -> None:
    assert look(FLOOD) == 0
    assert look() == 0
    assert runs.watches.all() == {}


def test_no_mark_of_found_words_is_told(runs: Runs, desk: Desk, look: Look) -> None:
    look(FLOOD)
    put(desk, "فيضان", "فيضان")
    look(FLOOD)
    assert all(MARK_START not in str(value) for value in events(runs)[0].data.values())
