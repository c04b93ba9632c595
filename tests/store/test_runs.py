"""What is due, what ran, and what is to be told: in one file that may be lost and never lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.errors import ArchiveError, DamagedError
from archiver.store.runs import Runs
from archiver.types import Kind, Source, Timing
from archiver.work import AlarmKind, Counts, Due, Endpoint, RunState

NOW = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POST, ECHO = (Source(name, f"https://{name}.example/") for name in ("post", "echo"))


def timed(source: Source, schedule: str, zone: str = "UTC") -> Source:
    return replace(source, timing=Timing(schedule=schedule, zone=zone))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def runs(path: Path) -> Iterator[Runs]:
    with Runs(path) as opened:
        yield opened


def run_once(runs: Runs, name: str, state: RunState, now: datetime, **counts: int) -> int:
    run_id = runs.claim([name], now, 7)[name]
    runs.finish(run_id, state, Counts(**counts), "", now + MINUTE, now + HOUR)
    return run_id


def test_a_new_source_is_due_at_once_and_one_that_is_gone_is_forgotten(runs: Runs) -> None:
    runs.plan([POST, timed(ECHO, "0 6 * * *")], NOW)
    assert runs.due(NOW) == [Due("echo", NOW), Due("post", NOW)]
    assert runs.due(NOW - MINUTE) == []
    runs.set_endpoints("post", [Endpoint("https://post.example/rss", Kind.FEED, HOUR, NOW)])
    runs.alarms.settle("post", (AlarmKind.SILENT, "x"), NOW)
    runs.plan([ECHO], NOW + MINUTE)
    assert [due.source for due in runs.all()] == ["echo"]
    assert runs.endpoints("post") == []
    assert runs.alarms.open() == {}
    assert [event.kind for event in runs.events.latest()] == [
        "alarm"
    ]  # nobody is told that it is well


def test_planning_again_changes_nothing_but_where_a_schedule_has_changed(runs: Runs) -> None:
    daily = timed(POST, "0 6 * * *", "Africa/Cairo")
    runs.plan([daily, ECHO], NOW)
    for name in ("post", "echo"):
        runs.set_due(name, NOW + 7 * DAY)
    runs.plan([daily, ECHO], NOW + MINUTE)
    assert {due.at for due in runs.all()} == {NOW + 7 * DAY}
    runs.plan([timed(POST, "0 6 * * *", "Asia/Tokyo"), ECHO], NOW)
    at = {due.source: due.at for due in runs.all()}
    assert at["echo"] == NOW + 7 * DAY
    assert f"{at['post']:%d %H:%M}" == "26 21:00"  # 06:00 in Tokyo
    runs.plan([POST, ECHO], NOW)
    assert runs.due(NOW) == [Due("post", NOW)]  # auto: it looks for itself


def test_what_is_due_already_stays_due_under_another_schedule(runs: Runs) -> None:
    runs.plan([timed(POST, "every 30m")], NOW)
    runs.plan([timed(POST, "0 6 * * *")], NOW + 3 * DAY)
    assert runs.due(NOW + 3 * DAY) == [Due("post", NOW)]


def test_endpoints_come_back_as_they_were_set(runs: Runs) -> None:
    feed = Endpoint("https://post.example/rss", Kind.FEED, 1.5 * HOUR, NOW + HOUR)
    seen = (
        feed.visited(NOW, brought=True)
        .visited(NOW + DAY, brought=True)
        .visited(NOW + 2 * DAY, failed=True)
    )
    other = Endpoint("https://post.example/sitemap.xml", Kind.SITEMAP, DAY, NOW)
    runs.set_endpoints("post", [other, seen])
    assert runs.endpoints("post") == [seen, other]
    assert runs.endpoints("echo") == []
    assert (seen.polls, seen.brought, seen.longest_gap, seen.failing_since) == (
        3,
        2,
        DAY,
        NOW + 2 * DAY,
    )
    runs.set_endpoints("post", [other])
    assert runs.endpoints("post") == [other]


def test_an_endpoint_remembers_when_its_trouble_began_and_forgets_it_when_it_is_over() -> None:
    feed = Endpoint("https://post.example/rss", Kind.FEED, HOUR, NOW)
    down = feed.visited(NOW, failed=True).visited(NOW + HOUR, failed=True)
    assert (down.failing_since, down.polled_at) == (NOW, NOW + HOUR)
    again = down.visited(NOW + DAY, changed=True)
    assert (again.failing_since, again.changed_at, again.brought_at) == (None, NOW + DAY, None)


def test_a_run_from_its_claim_to_its_end(runs: Runs) -> None:
    runs.plan([POST, ECHO], NOW - DAY)
    claimed = runs.claim(["post", "echo"], NOW, 42)
    assert sorted(claimed) == ["echo", "post"]
    (running,) = runs.list("post")
    assert (running.state, running.due_at, running.began_at, running.pid) == (
        RunState.RUNNING, NOW - DAY, NOW, 42,
    )  # fmt: skip
    assert running.ended_at is None
    assert (
        runs.due(NOW)[0].source == "echo"
    )  # a claim moves nothing: a run that is killed is made up for
    counts = Counts(new=3, requests=9, pages=4, read=3, bytes=10**12)
    runs.finish(claimed["post"], RunState.DONE, counts, "", NOW + MINUTE, NOW + HOUR)
    (done,) = runs.list("post")
    assert (done.state, done.counts, done.ended_at) == (RunState.DONE, counts, NOW + MINUTE)
    assert [due.source for due in runs.due(NOW + MINUTE)] == ["echo"]
    runs.finish(claimed["echo"], RunState.FAILED, Counts(), "no room", NOW + MINUTE, None)
    assert runs.due(NOW) == [Due("echo", NOW - DAY)]
    assert runs.list("echo")[0].reason == "no room"


def test_a_source_that_is_running_is_not_claimed_again(runs: Runs) -> None:
    runs.plan([POST, ECHO], NOW)
    assert list(runs.claim(["post"], NOW, 1)) == ["post"]
    assert list(runs.claim(["post", "echo"], NOW, 2)) == ["echo"]


def test_a_source_that_is_planned_nowhere_may_run(runs: Runs) -> None:
    run_once(runs, "post", RunState.DONE, NOW)
    assert runs.list()[0].due_at == NOW


def test_a_reason_may_hold_what_is_no_text(runs: Runs) -> None:
    run_id = runs.claim(["post"], NOW, 1)["post"]
    runs.finish(run_id, RunState.FAILED, Counts(), "it said \udce9 and \x00", NOW, None)
    assert runs.list()[0].reason == "it said ? and \x00"


def test_runs_of_some_states_are_counted(runs: Runs) -> None:
    run_once(runs, "post", RunState.FAILED, NOW)
    run_once(runs, "post", RunState.TIMED_OUT, NOW + HOUR)
    run_once(runs, "post", RunState.DONE, NOW + 2 * HOUR)
    run_once(runs, "echo", RunState.FAILED, NOW + HOUR)
    bad = (RunState.FAILED, RunState.TIMED_OUT)
    assert runs.count("post", bad, NOW) == 2
    assert runs.count("post", bad, NOW + MINUTE) == 1


def test_a_run_that_is_not_there_cannot_end(runs: Runs) -> None:
    with pytest.raises(ArchiveError, match="no run 5"):
        runs.finish(5, RunState.DONE, Counts(), "", NOW, None)


def test_a_killed_run_is_told_and_its_source_is_still_due(path: Path) -> None:
    with Runs(path) as killed:
        killed.plan([POST], NOW)
        killed.claim(["post"], NOW, 1)
    with Runs(path) as runs:
        assert runs.kill_left(NOW + HOUR) == ["post"]
        assert runs.kill_left(NOW + HOUR) == []
        assert runs.list()[0].state is RunState.KILLED
        assert runs.due(NOW + HOUR) == [Due("post", NOW)]
        assert list(runs.claim(["post"], NOW + HOUR, 2)) == ["post"]


def test_a_tick_a_minute_says_once_that_it_was_skipped(runs: Runs) -> None:
    said = [runs.skip("post", NOW, NOW + minute * MINUTE, "another run") for minute in range(60)]
    assert said == [True] + [False] * 59
    assert runs.skip("post", NOW + HOUR, NOW + HOUR, "another run")
    assert runs.skip("echo", NOW, NOW, "another run")
    assert [run.source for run in runs.list()] == ["post", "echo", "post"]
    assert {run.state for run in runs.list()} == {RunState.SKIPPED_RUNNING}


def test_runs_are_listed_by_source_and_time_the_newest_first(runs: Runs) -> None:
    for hour in range(5):
        for name in ("post", "echo"):
            run_once(runs, name, RunState.DONE, NOW + hour * HOUR)
    assert [run.began_at for run in runs.list("post", limit=2)] == [NOW + 4 * HOUR, NOW + 3 * HOUR]
    assert len(runs.list(limit=None)) == 10
    assert len(runs.list(since=NOW + 3 * HOUR)) == 4


def test_the_last_success_is_no_failure(runs: Runs) -> None:
    assert runs.last_success("post") is None
    good = run_once(runs, "post", RunState.DONE, NOW)
    run_once(runs, "post", RunState.TIMED_OUT, NOW + HOUR)
    found = runs.last_success("post")
    assert found is not None
    assert found.id == good


def test_old_runs_go_but_for_the_last_success(runs: Runs) -> None:
    run_once(runs, "post", RunState.DONE, NOW)
    run_once(runs, "echo", RunState.DONE, NOW)
    run_once(runs, "echo", RunState.FAILED, NOW)
    late = NOW + 401 * DAY
    run_once(runs, "echo", RunState.DONE, late - DAY)
    run_once(runs, "echo", RunState.DONE, late)
    kept = [(run.source, run.began_at) for run in runs.list()]
    assert kept == [("echo", late), ("echo", late - DAY), ("post", NOW)]


def test_what_fails_in_a_transaction_leaves_nothing(runs: Runs) -> None:
    def fail() -> None:
        with runs.transaction():
            runs.plan([POST], NOW)
            runs.claim(["post"], NOW, 1)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert (runs.all(), runs.list()) == ([], [])
    runs.plan([POST], NOW)
    assert len(runs.all()) == 1


def test_an_alarm_is_raised_once_and_cleared_once(runs: Runs) -> None:
    silent = (AlarmKind.SILENT, "no new article for 3 days")
    assert runs.alarms.settle("post", silent, NOW) == "alarm"
    assert runs.alarms.settle("post", silent, NOW + HOUR) == ""
    assert runs.alarms.settle("post", (AlarmKind.UNREACHABLE, "no answer"), NOW + 2 * HOUR) == ""
    opened = runs.alarms.open()["post"]
    assert (opened.kind, opened.what, opened.raised_at) == (AlarmKind.UNREACHABLE, "no answer", NOW)
    assert runs.alarms.settle("echo", None, NOW) == ""
    assert runs.alarms.settle("post", None, NOW + DAY) == "cleared"
    assert runs.alarms.settle("post", None, NOW + DAY) == ""
    assert runs.alarms.settle("post", silent, NOW + 2 * DAY) == "alarm"
    assert [alarm.cleared_at for alarm in runs.alarms.of("post")] == [None, NOW + DAY]
    told = runs.events.untold(NOW + 2 * DAY)
    assert [event.kind for event in told] == ["alarm", "cleared", "alarm"]
    assert told[1].data["alarm"] == "unreachable"
    assert len({event.uid for event in told}) == 3


def test_an_event_waits_longer_after_each_attempt_and_keeps_its_name(runs: Runs) -> None:
    uid = runs.events.add("match", "post", {"title": "عنوان"}, NOW)
    (event,) = runs.events.untold(NOW)
    assert (event.uid, event.data, event.at) == (uid, {"title": "عنوان"}, NOW)
    waits = []
    now = NOW
    for tries in range(1, 12):
        runs.events.settle(replace(event, tries=tries, told=frozenset(["atom"])), now, done=False)
        before = now
        while not runs.events.untold(now):
            now += MINUTE
        waits.append((now - before) // MINUTE)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    (event,) = runs.events.untold(now)
    assert (event.uid, event.told, event.tries) == (uid, {"atom"}, 11)
    runs.events.settle(event, now, done=True)
    assert (runs.events.untold(now + DAY), runs.events.waiting()) == ([], 0)
    assert [event.uid for event in runs.events.latest()] == [uid]


def test_no_file_reads_as_an_empty_one_and_is_not_made(path: Path) -> None:
    with Runs(path, readonly=True) as runs:
        assert (runs.all(), runs.list(), runs.alarms.open()) == ([], [], {})
    assert not path.exists()


def test_who_reads_sees_what_is_written_and_cannot_write(path: Path, runs: Runs) -> None:
    with Runs(path, readonly=True) as reader:
        runs.plan([POST], NOW)
        assert len(reader.all()) == 1
        with pytest.raises(ArchiveError, match="cannot be used"):
            reader.set_due("post", NOW)


def test_many_may_open_it_at_once_from_nothing(tmp_path: Path) -> None:
    def skip(path: Path, number: int) -> bool:
        with Runs(path) as runs:
            return runs.skip("post", NOW, NOW + number * MINUTE, "another run")

    for time in range(10):
        fresh = tmp_path / f"{time}.db"
        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(skip, [fresh] * 8, range(8)))
        assert sum(said) == 1


def test_another_schema_is_refused_with_what_to_do(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
        other.execute("CREATE TABLE x (y)")
    for readonly in (False, True):
        with pytest.raises(ArchiveError, match=r"has schema 99.*move runs.db\* away"):
            Runs(path, readonly=readonly)


def test_a_database_of_somebody_else_is_not_written_to(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(ArchiveError, match="has schema 0"):
        Runs(path)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_damaged_file_is_refused_with_what_to_do(path: Path, readonly: bool) -> None:
    path.write_bytes(b"this is no database at all" * 300)
    with pytest.raises(DamagedError, match=r"move runs.db\* away"):
        Runs(path, readonly=readonly)


def test_a_file_whose_tables_are_gone_is_refused(path: Path) -> None:
    Runs(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(DamagedError, match="cannot be used"):
        Runs(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="who may write there"):
        Runs(tmp_path / "none" / "runs.db")
