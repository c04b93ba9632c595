"""From runs and an index to alarms, their telling, and the metrics, as after each run."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import alarming, metrics
from archiver.config import Config
from archiver.errors import ArchiveError
from archiver.files import write_whole
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.store.writing import Store
from archiver.timestamps import iso
from archiver.types import Source
from archiver.work import Counts, Hooks, RunState, Watch
from tests.samples import reading
from tests.store.conftest import Desk

NOW = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = tuple(Source(name, f"https://{name}.example/") for name in ("post", "echo"))
SAMPLE = re.compile(r'archiver_[a-z_]+(\{([a-z]+="[^"\\\n]*",?)+\})? -?[0-9.e+]+')


def add_articles(index: Path, source: str, moments: Sequence[datetime]) -> None:
    """Put articles into an index as a crawl would, as far as is looked at here."""
    if not index.exists():
        Store(index).close()
    with closing(sqlite3.connect(index)) as connection, connection:
        connection.executemany(
            "INSERT INTO articles (url, source, versions, first_seen, last_seen, sort_at) VALUES (?, ?, 1, ?, ?, ?)",
            [(f"https://{source}.example/{iso(at)}", source, *[iso(at)] * 3) for at in moments],
        )


def add_runs(runs: Runs, source: str, begin: datetime, end: datetime, **counts: int) -> None:
    while begin < end:
        run_id = runs.claim([source], begin, 1)[source]
        runs.finish(
            run_id, RunState.DONE, Counts(**counts), "", begin + HOUR / 10, begin + 3 * HOUR
        )
        begin += 3 * HOUR


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "archive")
    layout.create()
    return layout


@pytest.fixture
def runs(layout: Layout) -> Iterator[Runs]:
    with Runs(layout.runs) as opened:
        opened.plan(SOURCES, NOW - 20 * DAY)
        yield opened


def hourly(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + n * HOUR for n in range(int((end - begin) / HOUR))]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_silence_is_told_and_so_is_its_end(runs: Runs, layout: Layout, tmp_path: Path) -> None:
    config = Config(
        tmp_path / "s", sources=SOURCES, hooks=Hooks(lines=tmp_path / "l", metrics=tmp_path / "m")
    )
    told: list[str] = []

    def conclude(now: datetime) -> Sequence[str]:
        return alarming.conclude(runs, config, layout, ["post", "echo"], now, told.append)

    begin = NOW - 15 * DAY
    add_articles(layout.index, "echo", hourly(begin, NOW + DAY))
    add_articles(layout.index, "post", hourly(begin, NOW - 2 * DAY))
    for name in ("post", "echo"):
        add_runs(runs, name, begin, NOW, requests=3)
    assert conclude(NOW) == ["post"]
    assert conclude(NOW) == []
    assert 'archiver_alarm{source="post",kind="silent"} 1' in (tmp_path / "m").read_text()
    add_articles(layout.index, "post", [NOW + HOUR])
    add_runs(runs, "post", NOW + HOUR, NOW + 2 * HOUR, requests=3)
    assert conclude(NOW + 2 * HOUR) == []
    assert 'archiver_alarm{source="post",kind="silent"} 0' in (tmp_path / "m").read_text()
    (alarm, cleared) = rows(tmp_path / "l")
    assert (alarm["kind"], alarm["source"], alarm["alarm"]) == ("alarm", "post", "silent")
    assert alarm["what"].startswith("no new article since 2026-03-24 03:00 UTC")
    assert (cleared["kind"], cleared["alarm"], cleared["since"]) == ("cleared", "silent", iso(NOW))
    assert told == []


def test_only_those_that_ran_are_judged(runs: Runs, layout: Layout, tmp_path: Path) -> None:
    config = Config(tmp_path / "s", sources=SOURCES)
    add_articles(layout.index, "post", hourly(NOW - 15 * DAY, NOW - 2 * DAY))
    add_runs(runs, "post", NOW - 15 * DAY, NOW, requests=3)
    assert alarming.conclude(runs, config, layout, ["echo"], NOW, print) == []
    assert alarming.conclude(runs, config, layout, ["post"], NOW, print) == ["post"]


def test_a_server_that_is_down_from_the_start_is_told_without_an_index(
    runs: Runs, layout: Layout
) -> None:
    add_runs(runs, "post", NOW - DAY, NOW, requests=2, failed=2)
    assert alarming.judge(runs, layout, SOURCES, NOW) == ["post"]
    assert runs.alarms.open()["post"].what == "every request has failed since 2026-03-25 04:00 UTC"


def test_a_run_that_fails_is_told_once_though_others_follow(runs: Runs, layout: Layout) -> None:
    def ran(state: RunState, **counts: int) -> list[str]:
        at = NOW + len(runs.list(limit=None)) * HOUR
        run_id = runs.claim(["post"], at, 1)["post"]
        runs.finish(run_id, state, Counts(**counts), "no room", at, at + HOUR)
        alarming.judge(runs, layout, SOURCES, at)
        return [event.data["state"] for event in runs.events.latest()]

    assert ran(RunState.DONE, requests=3) == []
    assert ran(RunState.FAILED, requests=3, failed=3) == []  # that may become an alarm
    assert ran(RunState.DONE, requests=3) == []
    assert ran(RunState.FAILED, requests=3, failed=1) == ["failed"]
    runs.skip("post", NOW, NOW + 4 * HOUR, "another")
    assert ran(RunState.FAILED, requests=3) == ["failed"]
    assert ran(RunState.DONE, requests=3) == ["failed"]
    assert ran(RunState.TIMED_OUT, requests=3) == ["timed_out", "failed"]


def test_what_goes_wrong_is_said_and_stops_nothing(
    runs: Runs, layout: Layout, tmp_path: Path
) -> None:
    layout.index.write_bytes(b"no database" * 1000)
    hooks = Hooks(lines=tmp_path, metrics=tmp_path / "none" / "m")
    runs.events.add("match", "post", {}, NOW)
    told: list[str] = []
    config = Config(tmp_path / "s", sources=SOURCES, hooks=hooks, watches=(Watch("x", "x"),))
    assert alarming.conclude(runs, config, layout, ["post"], NOW, told.append) == []
    assert [message.split(":")[0] for message in told] == [
        "alarms could not be looked for", "watched words could not be looked for", "hook lines",
        "metrics could not be written",
    ]  # fmt: skip


def test_what_matches_goes_out_with_the_run_that_brought_it(
    runs: Runs, layout: Layout, tmp_path: Path
) -> None:
    config = Config(
        tmp_path / "s", sources=SOURCES, hooks=Hooks(lines=tmp_path / "l"),
        watches=(Watch("floods", "فيضان"),),
    )  # fmt: skip
    with closing(Desk(layout.index)) as desk:
        alarming.conclude(runs, config, layout, ["post"], NOW, print)
        desk.add(reading("الفيضانات", "وصلت", language="ar"), source="echo")
        alarming.conclude(runs, config, layout, ["post"], NOW, print)
    (row,) = rows(tmp_path / "l")
    assert (row["kind"], row["source"], row["watch"]) == ("match", "echo", "floods")
    assert (row["title"], row["what"]) == ("الفيضانات", "new")


def test_metrics_are_written_as_prometheus_reads_them(runs: Runs, layout: Layout) -> None:
    run_id = runs.claim(["post"], NOW, 1)["post"]
    runs.finish(
        run_id, RunState.DONE, Counts(new=7, requests=9, failed=1), "", NOW + HOUR, NOW + DAY
    )
    run_id = runs.claim(["post"], NOW + 2 * HOUR, 1)["post"]
    runs.finish(run_id, RunState.FAILED, Counts(new=1), "x", NOW + 3 * HOUR, NOW + DAY)
    text = metrics.exposition(runs, SOURCES, NOW + 4 * HOUR)
    families: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            assert line.split()[2] not in families  # each once
            families[line.split()[2]] = ""
        elif line.startswith("# TYPE "):
            families[line.split()[2]] = line.split()[3]
        else:
            assert SAMPLE.fullmatch(line), line
            assert families[re.split("[{ ]", line)[0]] in ("gauge", "counter")
    assert (
        f'archiver_last_success_timestamp_seconds{{source="post"}} {(NOW + HOUR).timestamp():.0f}\n'
        in text
    )
    assert (
        f'archiver_due_timestamp_seconds{{source="post"}} {(NOW + DAY).timestamp():.0f}\n' in text
    )
    for sample in (
        'archiver_articles_new_total{source="post"} 8', 'archiver_runs_total{source="post"} 2',
        'archiver_runs_done_total{source="post"} 1', 'archiver_last_run_state{source="post",state="failed"} 1',
        'archiver_last_run_duration_seconds{source="post"} 3600', "archiver_events_waiting 0",
        'archiver_alarm{source="echo",kind="stale"} 0',
    ):  # fmt: skip
        assert f"\n{sample}\n" in text
    assert 'total{source="echo"}' not in text


def test_a_total_never_grows_smaller(runs: Runs) -> None:
    add_runs(runs, "post", NOW - 3 * DAY, NOW, new=5)
    before = runs.totals()["post"]
    add_runs(runs, "post", NOW + 500 * DAY, NOW + 500 * DAY + HOUR, new=1)
    assert len(runs.list("post", limit=None)) < before.runs
    assert (runs.totals()["post"].new, before.new) == (before.runs * 5 + 1, before.runs * 5)


def test_what_stands_in_a_label_cannot_end_it(runs: Runs) -> None:
    assert metrics._escaped('a"b\\c\nd') == 'a\\"b\\\\c\\nd'


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "m"
    write_whole(path, b"one")
    with path.open("rb") as reader:
        write_whole(path, b"two")
        assert reader.read() == b"one"  # who reads it goes on reading what was there
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o644
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArchiveError, match="cannot be written"):
        write_whole(tmp_path / "folder", b"x")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "m"]
