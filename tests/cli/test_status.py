"""status: how each source does, what is wrong, and whether anybody calls for what is due."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archiver.errors import AlarmOpen, ConfigError
from archiver.layout import Layout
from archiver.locking import is_running
from archiver.store.runs import Runs
from archiver.types import Source
from archiver.work import AlarmKind, Counts, RunState
from tests.cli.conftest import NOW, Said
from tests.test_alarming import add_articles

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(
        '[sources.post]\nhome = "https://post.example/"\ntimezone = "Africa/Cairo"\n'
        '[sources.echo]\nhome = "https://echo.example/"\n'
    )
    (tmp_path / "archive").mkdir()
    return tmp_path


def fill(folder: Path, *, due: datetime = NOW + 12 * MINUTE) -> Runs:
    runs = Runs(folder / "archive" / "runs.db")
    runs.plan([Source("post", "x"), Source("echo", "x")], NOW - 10 * DAY)
    for name in ("post", "echo"):
        for hours, state in ((5, RunState.DONE), (3, RunState.FAILED)):
            run_id = runs.claim([name], NOW - hours * HOUR, 1)[name]
            runs.finish(run_id, state, Counts(), "it \x1b[1mfell", NOW - hours * HOUR + MINUTE, due)
    return runs


def test_all_is_well(folder: Path, said: Said) -> None:
    fill(folder).close()
    moments = [NOW - day * DAY - n * HOUR for day in range(1, 9) for n in range(1 + 3 * (day < 4))]
    add_articles(folder / "archive" / "index.db", "post", moments)
    done = said("status")
    assert done.exception is None
    head, post, why, echo, _ = done.stdout.splitlines()
    assert head.startswith("source  last 28 days")
    assert post.startswith(f"post    {' ' * 19}▂▂▂▂▂███ ")
    assert post.split()[2:4] == ["0", "1"]  # none in the last day, and one is usual
    assert post.endswith("5 h ago       1  in 12 min")
    assert why == "  its last run failed: it ␛[1mfell"
    assert echo.startswith("echo")
    assert done.stderr == ""


def test_an_open_alarm_is_shown_and_is_the_exit_code(folder: Path, said: Said) -> None:
    with fill(folder) as runs:
        runs.alarms.settle("post", (AlarmKind.SILENT, "no new \x1barticle"), NOW - HOUR)
    done = said("status")
    assert "  silent since 2026-03-26 05:00 +0200: no new ␛article" in done.stdout
    assert isinstance(done.exception, AlarmOpen)
    assert done.exception.exit_code == 8
    assert str(done.exception).startswith("an alarm is open: post")
    assert said("status", "echo").exception is None
    (row,) = map(json.loads, said("status", "post", "--json").stdout.splitlines())
    assert row["alarm"]["kind"] == "silent"


def test_the_same_for_programs(folder: Path, said: Said) -> None:
    fill(folder).close()
    add_articles(folder / "archive" / "index.db", "echo", [NOW - HOUR])
    rows = {
        row["source"]: row for row in map(json.loads, said("status", "--json").stdout.splitlines())
    }
    assert rows["echo"]["articles_by_day"] == [0] * 27 + [1]
    assert rows["post"]["last_success_at"] == "2026-03-25T23:00:00.000000Z"
    assert (rows["post"]["last_state"], rows["post"]["failures_7d"], rows["post"]["alarm"]) == (
        "failed",
        1,
        None,
    )


def test_nobody_calls(folder: Path, said: Said) -> None:
    assert "nothing was ever run" in said("status").stderr
    with fill(folder, due=NOW - 2 * HOUR) as runs:
        assert "for 2 h: is the timer installed?" in said("status").stderr
        runs.skip("post", NOW, NOW - MINUTE, "another run")  # a tick was here a minute ago
        assert said("status").stderr == ""


def test_who_is_at_work_is_not_called_missing(folder: Path, said: Said) -> None:
    from archiver.locking import _take_lock

    layout = Layout(folder / "archive")
    fill(folder, due=NOW - 2 * HOUR).close()
    assert not is_running(layout)
    with layout.run_lock.open("w") as held:
        _take_lock(held.fileno())
        assert is_running(layout)
        assert said("status").stderr == ""
    assert "is the timer installed?" in said("status").stderr


def test_a_source_that_there_is_not(said: Said) -> None:
    assert isinstance(said("status", "pots").exception, ConfigError)
