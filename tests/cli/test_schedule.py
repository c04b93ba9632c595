"""schedule and runs: what is due when, what was run, and lines that call it as they were meant."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from archiver.cli import cli, times, units
from archiver.errors import ArchiverError, UsageError
from archiver.store.runs import Runs
from archiver.types import Source
from archiver.work import Counts, RunState
from tests.cli.conftest import NOW, Said

HOUR = timedelta(hours=1)
NASTY = ["/o p/it's", '/a"b', "/50%/x", "/$HOME/$$", "/a;b&c", "/%%h", "/عربي"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(
        'contact = "x"\n[sources.post]\nhome = "https://post.example/"\nschedule = "0 6 * * *"\n'
        'timezone = "Africa/Cairo"\n[sources.echo]\nhome = "https://echo.example/"\n'
    )
    (tmp_path / "archive").mkdir()
    return tmp_path


def fill(folder: Path) -> None:
    with Runs(folder / "archive" / "runs.db") as runs:
        runs.plan([Source("post", "x"), Source("echo", "x")], NOW - 5 * HOUR)
        for hours, state in ((3, RunState.DONE), (2, RunState.FAILED)):
            began = NOW - hours * HOUR
            run_id = runs.claim(["post"], began, 1)["post"]
            counts = Counts(new=hours, requests=40)
            runs.finish(
                run_id, state, counts, "it\x1b[31m fell", began + HOUR / 2, NOW + 12 * HOUR / 60
            )


def test_what_is_due_is_told_in_the_sources_own_time(folder: Path, said: Said) -> None:
    fill(folder)
    done = said("schedule")
    head, echo, post = done.stdout.splitlines()
    assert head.split()[0] == "source"
    assert "as often as it brings something" in echo
    assert "5 h ago" in echo
    assert "never" in echo
    assert "at 06:00 every day" in post
    assert "2026-03-26 06:12 +0200" in post
    assert "in 12 min" in post
    assert post.endswith("failed")
    assert "1 due now" in done.stderr


def test_the_same_for_programs(folder: Path, said: Said) -> None:
    fill(folder)
    rows = {
        row["source"]: row
        for row in map(json.loads, said("schedule", "--json").stdout.splitlines())
    }
    assert rows["post"] == {
        "source": "post", "schedule": "0 6 * * *", "timezone": "Africa/Cairo",
        "next_due_at": "2026-03-26T04:12:00.000000Z", "last_began_at": "2026-03-26T02:00:00.000000Z",
        "last_state": "failed",
    }  # fmt: skip
    assert rows["echo"]["last_state"] is None


def test_without_a_history_all_is_due_now_and_nothing_is_written(folder: Path, said: Said) -> None:
    done = said("schedule")
    assert done.stdout.count(" now ") == 2
    assert said("runs").stdout == ""
    assert list((folder / "archive").iterdir()) == []


def test_no_sources_are_a_mistake(folder: Path, said: Said) -> None:
    (folder / "sources.toml").write_text("")
    for words in (("schedule",), ("schedule", "install")):
        error = said(*words).exception
        assert isinstance(error, ArchiverError)
        assert error.exit_code == 4


def test_runs_are_listed_the_newest_first(folder: Path, said: Said) -> None:
    fill(folder)
    _, failed, done = said("runs").stdout.splitlines()
    assert "\x1b" not in failed
    assert failed.split()[:7] == ["post", "2026-03-26", "02:00", "30", "min", "failed", "2"]
    assert "done" in done
    (row,) = map(json.loads, said("runs", "--limit", "1", "--json").stdout.splitlines())
    assert (row["state"], row["new"], row["requests"], row["ended_at"][:16]) == (
        "failed", 2, 40, "2026-03-26T02:30",
    )  # fmt: skip
    assert said("runs", "--source", "post", "--since", "today").stdout.count("post") == 2


def test_no_such_run(folder: Path, said: Said) -> None:
    fill(folder)
    for words in (("--source", "star"), ("--source", "post", "--since", "2026-03-27")):
        error = said("runs", *words).exception
        assert isinstance(error, ArchiverError)
        assert error.exit_code == 3


def test_a_timer_is_printed_with_whole_paths(folder: Path, said: Said) -> None:
    both = said("schedule", "install", "--systemd").stdout
    service = said("schedule", "install", "--unit", "service").stdout
    timer = said("schedule", "install", "--unit", "timer").stdout
    assert service.strip() in both
    assert timer.strip() in both
    assert "Persistent=true" in timer
    (line,) = [line for line in service.splitlines() if line.startswith("ExecStart=")]
    words = line.removeprefix("ExecStart=").split()
    assert Path(words[0]).is_file()
    assert words[-6:] == [
        "run", "--due", "--archive", str(folder / "archive"), "--config", str(folder / "sources.toml"),
    ]  # fmt: skip


def test_places_named_before_install_count_too(folder: Path) -> None:
    words = [
        "schedule",
        "--archive",
        "/x",
        "--config",
        str(folder / "sources.toml"),
        "install",
        "--cron",
    ]
    assert "--archive /x " in CliRunner().invoke(cli, words, standalone_mode=False).stdout


def as_cron_does(line: str) -> str:
    """Return the command of a line of a crontab: five fields off, and what ends at a bare % (crontab(5))."""
    command = line.split(maxsplit=5)[5]
    assert "%" not in command.replace("\\%", "")
    return command.replace("\\%", "%")


def test_a_line_for_a_crontab_calls_what_was_meant() -> None:
    count = "import sys; sys.exit(len(sys.argv))"
    line = units.cron_line([sys.executable, "-c", count, *NASTY])
    assert line.count("\n") == 1
    command = as_cron_does(line)
    assert command.endswith(" >/dev/null 2>&1\n")
    done = subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (len(NASTY) + 1, b"", b"")
    assert shlex.split(command)[3 : 3 + len(NASTY)] == NASTY


@pytest.mark.parametrize("path", ["/a\\b", "/a\nb"])
def test_what_no_crontab_can_hold_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="cannot be written in a crontab"):
        units.cron_line(["/bin/archiver", path])


def as_systemd_does(line: str) -> list[str]:
    """Take words, escapes, specifiers and variables of an ExecStart line for what systemd takes them."""
    words = []
    for number, word in enumerate(shlex.split(line.removeprefix("ExecStart="))):
        assert "%" not in word.replace("%%", "")
        word = word.replace("%%", "%")
        if number:
            assert "$" not in word.replace("$$", "")
            word = word.replace("$$", "$")
        words.append(word)
    return words


def test_a_unit_calls_what_was_meant() -> None:
    command = ["/opt/a b/archiver", *NASTY, "/back\\slash"]
    (line,) = [text for text in units.service(command).splitlines() if "ExecStart" in text]
    assert as_systemd_does(line) == command


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "now"), (30, "in 30 s"), (720, "in 12 min"), (5400, "in 90 min"), (-7200, "2 h ago"),
        (-172800, "2 d ago"), (100000, "in 27 h"),
    ],
)  # fmt: skip
def test_how_far_away_a_time_is(seconds: int, shown: str) -> None:
    assert times.away(NOW + timedelta(seconds=seconds), NOW) == shown
