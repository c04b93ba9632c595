"""Ticks: what is due is asked once, whatever happens, and no story before its time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from archiver import clock
from archiver.config import Config
from archiver.layout import Layout
from archiver.locking import locked
from archiver.run import AT_ONCE, Tick, Ticked, with_endpoints
from archiver.store.runs import Runs
from archiver.types import Kind, Source, Timing
from archiver.work import Endpoint, RunState
from tests.crawl import warcs
from tests.crawl.conftest import config
from tests.crawl.site import Site, Talk, reply, story

pytestmark = pytest.mark.usefixtures("lent_worker")
START = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROGRAM = """
import sys
from pathlib import Path
from archiver.cli import main
main()
"""


class Turned:
    """A clock that is turned by hand, and goes on from there: no two records have one time."""

    def __init__(self) -> None:
        self.set(START)

    def set(self, at: datetime) -> None:
        self._at, self._began = at, monotonic()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=monotonic() - self._began)


@pytest.fixture
def turned() -> Iterator[Turned]:
    time = Turned()
    with clock.turned(time):
        yield time


def source(site: Site, schedule: str = "every 30m", name: str = "site", **more: object) -> Source:
    timing = Timing(schedule=schedule, **more)  # type: ignore[arg-type]
    return Source(name, site.url("/"), sitemaps=(site.url("/sitemap.xml"),), timing=timing)


def configured(site: Site, *sources: Source) -> Config:
    return config(site.origin, sources=sources or (source(site),))


def tick(known: Config, archive: Path) -> Ticked:
    return Tick(known, Layout(archive)).due()


def states(archive: Path) -> list[str]:
    with Runs(Layout(archive).runs, readonly=True) as runs:
        return [run.state.value for run in reversed(runs.list(limit=None))]


def next_due(archive: Path, name: str = "site") -> datetime:
    with Runs(Layout(archive).runs, readonly=True) as runs:
        return next(due.at for due in runs.all() if due.source == name)


def asked(site: Site, target: str) -> int:
    return Counter(site.targets)[target]


def test_a_tick_asks_what_is_due_and_only_then(site: Site, archive: Path, turned: Turned) -> None:
    site.stories("/a", "/b")
    known = configured(site)
    (ran,) = tick(known, archive).ran
    assert (ran[0].outcomes["new"], ran[1]) == (2, RunState.DONE)
    due = next_due(archive)
    assert timedelta(0) < due - START <= HOUR / 2
    assert tick(known, archive).ran == []
    turned.set(due)
    (ran,) = tick(known, archive).ran
    assert ran[0].sent == 1  # the sitemap: robots.txt holds for a day
    assert next_due(archive) == due + HOUR / 2


def test_a_story_is_asked_for_again_at_its_ages_and_at_no_other_time(
    site: Site, archive: Path, turned: Turned
) -> None:
    site.stories("/a")
    known = configured(site, source(site, "every 1h", revisits=(2 * HOUR, 3 * HOUR)))
    for hour in range(5):
        turned.set(START + hour * HOUR + timedelta(minutes=5 * bool(hour)))
        tick(known, archive)
    assert asked(site, "/a") == 3
    at = warcs.rows(archive, "SELECT at FROM exchanges WHERE url LIKE '%/a' ORDER BY id")
    assert [str(each[0])[11:13] for each in at] == ["10", "12", "13"]


def test_three_days_off_are_made_up_for_by_one_run(
    site: Site, archive: Path, turned: Turned
) -> None:
    site.stories("/a")
    known = configured(site)
    tick(known, archive)
    turned.set(START + timedelta(days=3))
    assert len(tick(known, archive).ran) == 1
    assert tick(known, archive).ran == []
    assert asked(site, "/a") == 2  # one visit for those of 1 h, 6 h and 24 h
    assert next_due(archive) > clock.now()


def test_a_site_that_is_down_is_asked_once_a_run_and_its_stories_not_at_all(
    site: Site, archive: Path, turned: Turned, quick: Callable[..., None]
) -> None:
    quick(RETRY_TIMES=0)
    site.stories("/a")
    known = configured(site, source(site, "every 1h"))
    tick(known, archive)
    site.close()
    turned.set(START + 2 * HOUR)
    (ran,) = tick(known, archive).ran
    assert ran[1] is RunState.FAILED
    assert ran[0].sent == ran[0].unanswered <= 2
    with Runs(Layout(archive).runs, readonly=True) as runs:
        (last, *_) = runs.list()
    assert last.reason.startswith("nothing was answered: ")
    assert not last.counts.reached


def test_a_run_that_takes_too_long_is_ended_and_goes_on_the_next_time(
    site: Site, archive: Path, turned: Turned
) -> None:
    site.stories("/a", "/b")
    site.answers["/b"] = [Talk.hold, reply(story("/b"))]  # type: ignore[list-item]
    known = configured(site, source(site, longest=timedelta(seconds=2)))
    (ran,) = tick(known, archive).ran
    assert ran[1] is RunState.TIMED_OUT
    assert asked(site, "/a") == 1
    site.release.set()
    turned.set(next_due(archive))
    (ran,) = tick(configured(site), archive).ran
    assert (ran[1], ran[0].outcomes["new"]) == (RunState.DONE, 1)
    assert asked(site, "/a") == 1


def test_auto_asks_each_endpoint_at_its_own_pace(site: Site, archive: Path, turned: Turned) -> None:
    site.stories("/a")
    feed = '<rss version="2.0"><channel><title>x</title>{}</channel></rss>'
    elsewhere = "<item><title>c</title><link>https://elsewhere.example/c</link></item>"
    item = f"<item><title>b</title><link>{site.url('/b')}</link></item>"
    site.answers["/feed"] = [
        reply(feed.format(elsewhere), "Content-Type: application/rss+xml"),
        reply(feed.format(item), "Content-Type: application/rss+xml"),
    ]
    site.answers["/b"] = reply(story("/b"))
    both = Source(
        "site", site.url("/"), sitemaps=(site.url("/sitemap.xml"),), feeds=(site.url("/feed"),),
        timing=Timing(revisits=()),
    )  # fmt: skip
    known = configured(site, both)
    tick(known, archive)

    def intervals() -> dict[str, float]:
        with Runs(Layout(archive).runs, readonly=True) as runs:
            return {e.url.rpartition("/")[2]: e.interval / HOUR for e in runs.endpoints("site")}

    assert intervals() == {"sitemap.xml": 0.8, "feed": 1.5}
    turned.set(next_due(archive))
    tick(known, archive)
    assert (asked(site, "/sitemap.xml"), asked(site, "/feed")) == (2, 1)
    assert intervals() == {"sitemap.xml": pytest.approx(1.2), "feed": 1.5}
    turned.set(START + 2 * HOUR)
    tick(known, archive)
    assert intervals()["feed"] == pytest.approx(1.2)
    assert asked(site, "/b") == 1


def test_what_a_probe_has_found_is_not_looked_for_again(
    site: Site, archive: Path, turned: Turned
) -> None:
    site.stories("/a")
    known = configured(site, Source("site", site.url("/"), timing=Timing("every 30m", revisits=())))
    tick(known, archive)
    before = len(site.asked)
    assert before > 5
    turned.set(next_due(archive))
    tick(known, archive)
    assert site.targets[before:] == ["/sitemap.xml"]


def test_old_stories_are_for_a_backfill(site: Site, archive: Path, turned: Turned) -> None:
    site.stories("/a", "/old")
    body = site.answers["/sitemap.xml"]
    assert isinstance(body, bytes)
    xml = body.partition(b"\r\n\r\n")[2].decode()
    xml = xml.replace("/old</loc>", "/old</loc><lastmod>2025-01-01</lastmod>")
    site.answers["/sitemap.xml"] = reply(xml, "Content-Type: application/xml")
    known = configured(site)
    (ran,) = tick(known, archive).ran
    assert (ran[0].outcomes["new"], ran[0].left, asked(site, "/old")) == (1, 1, 0)
    due = next_due(archive)
    (ran,) = Tick(known, Layout(archive), backfill=True).named(["site"]).ran
    assert (ran[0].outcomes["new"], asked(site, "/old"), asked(site, "/a")) == (1, 1, 1)
    assert next_due(archive) == due


def test_who_comes_second_takes_note_and_leaves(site: Site, archive: Path, turned: Turned) -> None:
    from archiver.locking import alone

    site.stories("/a")
    known = configured(site)
    tick(known, archive)
    turned.set(next_due(archive))
    with alone(Layout(archive)) as first:
        assert first
        assert tick(known, archive).skipped == ["site"]
        assert tick(known, archive).skipped == []  # said once for each time that it is due
    assert asked(site, "/a") == 1
    assert states(archive) == ["done", "skipped_running"]
    with locked(Layout(archive)):  # an import, say
        assert tick(known, archive).ran == []
    assert len(tick(known, archive).ran) == 1
    assert states(archive) == ["done", "skipped_running", "done"]


def _start(site: Site, archive: Path, tmp_path: Path) -> subprocess.Popen[bytes]:
    """Start `archiver run --due` in a process of its own."""
    file = tmp_path / "sources.toml"
    file.write_text(
        f'allow_hosts = ["{site.address}"]\ndelay = 0\n[sources.site]\nhome = "{site.url("/")}"\n'
        f'sitemaps = ["{site.url("/sitemap.xml")}"]\nschedule = "every 30m"\n'
    )
    command = [sys.executable, "-c", PROGRAM, "run", "--due", "--archive", str(archive)]
    return subprocess.Popen(
        [*command, "--config", str(file)], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_two_that_are_started_at_once_are_one(site: Site, archive: Path, tmp_path: Path) -> None:
    site.stories("/a", "/b")
    site.answers["/a"] = [hold_then(story("/a"))]
    first = _start(site, archive, tmp_path)
    assert site.holding.wait(30)
    second = _start(site, archive, tmp_path)
    _, said = second.communicate(timeout=30)
    assert second.returncode == 0
    assert b"another run is under way; left to the next: site" in said
    site.release.set()
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert max(Counter(site.targets).values()) == 1
    assert sorted(states(archive)) == ["done", "skipped_running"]


def hold_then(page: str) -> Callable[[Talk], None]:
    def answer(talk: Talk) -> None:
        talk.hold()
        talk.send(reply(page))

    return answer


def test_one_that_was_killed_is_made_up_for_by_the_next(
    site: Site, archive: Path, tmp_path: Path
) -> None:
    site.stories(*(f"/{number}" for number in range(8)))
    site.answers["/5"] = [Talk.hold, reply(story("/5"))]  # type: ignore[list-item]
    first = _start(site, archive, tmp_path)
    assert site.holding.wait(30)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    site.release.set()
    had = {str(url) for (url,) in warcs.rows(archive, "SELECT url FROM exchanges")}
    second = _start(site, archive, tmp_path)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert b"an earlier run was killed" in said
    times = Counter(site.url(target) for target in site.targets)
    assert [url for url in had if times[url] > 1] == []
    assert len(warcs.rows(archive, "SELECT id FROM articles")) == 8
    assert states(archive) == ["killed", "done"]


def test_a_named_run_says_who_is_in_its_way(
    site: Site, archive: Path, tmp_path: Path, turned: Turned
) -> None:
    from archiver.errors import LockedError
    from archiver.locking import alone

    known = configured(site)
    with alone(Layout(archive)), pytest.raises(LockedError):
        Tick(known, Layout(archive)).named([])


def endpoint(kind: Kind, name: str, failing: bool = False) -> Endpoint:
    since = START if failing else None
    return Endpoint(f"https://post.example/{name}", kind, HOUR, START, failing_since=since)


def test_a_source_that_names_nothing_is_given_what_was_found() -> None:
    bare = Source("post", "https://post.example/")
    feed, hub = endpoint(Kind.FEED, "feed"), endpoint(Kind.SECTION, "")
    assert with_endpoints(bare, []) == bare
    assert with_endpoints(bare, [feed]).feeds == (feed.url,)
    assert with_endpoints(bare, [hub]).sections == (bare.home,)
    assert with_endpoints(bare, [endpoint(Kind.FEED, "feed", failing=True)]) == bare
    named = Source("post", bare.home, sections=("https://post.example/news/",))
    assert with_endpoints(named, [feed]) == named


def test_so_many_stories_at_once_and_the_rest_the_next_time(
    site: Site, archive: Path, turned: Turned
) -> None:
    assert AT_ONCE > 100
    site.stories(*(f"/{number}" for number in range(6)))
    known = configured(site)
    (ran,) = Tick(known, Layout(archive), limit=4).named([]).ran
    assert ran[0].outcomes["new"] == 4
    (ran,) = Tick(known, Layout(archive), limit=4).named([]).ran
    assert ran[0].outcomes["new"] == 2
    assert max(asked(site, f"/{number}") for number in range(6)) == 1


def test_a_backfill_makes_room_for_what_is_due(site: Site, archive: Path, turned: Turned) -> None:
    site.stories("/a")
    known = configured(site)
    tick(known, archive)
    site.stories("/a", "/old")
    site.answers["/old"] = Talk.hold
    due = next_due(archive)
    turned.set(due - timedelta(seconds=2))
    (ran,) = Tick(known, Layout(archive), backfill=True).named([]).ran
    assert ran[0].timed_out
    with Runs(Layout(archive).runs, readonly=True) as runs:
        (last, *_) = runs.list()
    assert (last.state, last.reason) == (RunState.DONE, "made room for what is due")
    assert next_due(archive) == due
    assert warcs.rows(archive, "SELECT source FROM rounds") == []


def test_a_tick_that_goes_on_asks_a_feed_again_that_is_older_than_a_quarter_of_an_hour(
    site: Site, archive: Path, turned: Turned
) -> None:
    site.stories("/a", "/b")
    site.answers["/b"] = [Talk.hold, reply(story("/b"))]  # type: ignore[list-item]
    known = configured(site, source(site, longest=timedelta(seconds=2)))
    assert tick(known, archive).ran[0][1] is RunState.TIMED_OUT
    site.release.set()
    turned.set(START + timedelta(minutes=40))
    tick(configured(site), archive)
    assert asked(site, "/sitemap.xml") == 2
