"""doctor: what it finds, and that it changes nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from archiver.cli import cli, doctor
from archiver.cli.doctor import BAD, LOOK, OK
from archiver.config import Config
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.locking import locked
from archiver.store.runs import Runs
from archiver.types import Capture, Kind, Link
from archiver.warc.writer import WarcWriter

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def capture(url: str) -> Capture:
    head = b"HTTP/1.1 404 Not Found\r\n\r\n"
    return Capture(Link(url, Kind.ARTICLE, "s"), url, NOW, "127.0.0.1", b"GET", head, b"", 1)


def examine(folder: Path) -> tuple[int, dict[str, dict[str, str]]]:
    names = ["doctor", "--json", "--archive", str(folder / "archive")]
    done = CliRunner().invoke(
        cli, [*names, "--config", str(folder / "sources.toml")], standalone_mode=False
    )
    assert done.exception is None
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return done.return_value, {row["name"]: row for row in rows}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(
        'contact = "me@a.example"\n[sources.s]\nhome = "https://a.example/"\n', "utf-8"
    )
    archive = Ingest(Layout(tmp_path / "archive"), {}, workers=1)
    archive.write(capture("https://a.example/1")).result()
    archive.close()
    return tmp_path


def test_all_is_well(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "archive" / "warcs").iterdir()}
    code, found = examine(folder)
    assert {name for name, row in found.items() if row["state"] != OK} <= {"room"}
    assert code == 0 or found["room"]["state"] != OK
    assert found["index"]["what"] == "can be read, and in step with the WARCs"
    assert found["lock"]["what"] == "free"
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_for_a_person_each_thing_is_a_line(folder: Path) -> None:
    done = CliRunner().invoke(
        cli, ["doctor", "--archive", str(folder / "archive"), "--config", str(folder / "none.toml")]
    )
    assert "look  sources" in done.stdout
    assert "-> archiver init" in done.stdout
    assert "something wants a look" in done.stderr


def test_what_a_stopped_process_left(folder: Path) -> None:
    layout = Layout(folder / "archive")
    writer = WarcWriter(layout.warcs, {})
    writer.append(capture("https://a.example/2"))
    writer.append(capture("https://a.example/3"))
    layout.quarantine.mkdir()
    (layout.quarantine / "x.tail").write_bytes(b"1234")
    code, found = examine(folder)
    assert code == 6
    assert found["warcs"]["state"] == LOOK
    assert "stopped" in found["warcs"]["what"]
    assert found["index"]["what"].startswith("2 exchanges at the end")
    assert found["quarantine"]["what"].startswith("1 files, 4 bytes")
    with locked(layout):
        code, found = examine(folder)
    assert found["lock"]["what"].startswith("held")
    assert found["warcs"]["state"] == found["index"]["state"] == OK
    writer.close()


def test_an_index_that_is_none(folder: Path) -> None:
    index = folder / "archive" / "index.db"
    index.write_bytes(b"no database at all" * 100)
    code, found = examine(folder)
    assert code == 5
    assert found["index"]["state"] == BAD
    assert "rebuild" in found["index"]["remedy"]
    index.unlink()
    code, found = examine(folder)
    assert (found["index"]["state"], found["index"]["remedy"]) == (LOOK, "archiver rebuild")


def test_a_history_of_runs_that_cannot_be_read_may_be_moved_away(folder: Path) -> None:
    path = folder / "archive" / "runs.db"
    Runs(path).close()
    assert examine(folder)[1]["runs"]["state"] == OK
    path.write_bytes(b"no database" * 1000)
    code, found = examine(folder)
    assert code != 0
    assert found["runs"]["state"] == LOOK
    assert "move runs.db* away" in found["runs"]["remedy"]
    assert path.read_bytes() == b"no database" * 1000


def test_warcs_that_are_gone(folder: Path) -> None:
    for path in (folder / "archive" / "warcs").iterdir():
        path.unlink()
    _, found = examine(folder)
    assert found["index"]["state"] == BAD
    assert "no such WARC file" in found["index"]["what"]


def test_an_empty_folder(tmp_path: Path) -> None:
    code, found = examine(tmp_path)
    assert found["archive"]["remedy"] == "archiver init"
    assert found["sources"]["state"] == LOOK
    assert code in (5, 6)
    assert list(tmp_path.iterdir()) == []


def test_sources_that_cannot_be_read(folder: Path) -> None:
    (folder / "sources.toml").write_text("contact = 1", "utf-8")
    code, found = examine(folder)
    assert code == 5
    assert found["sources"]["state"] == BAD
    assert "'contact'" in found["sources"]["what"]


@pytest.mark.parametrize(
    ("now", "newest", "state"),
    [
        (NOW, None, OK),
        (NOW, NOW, OK),
        (NOW, NOW.replace(hour=13), LOOK),
        (datetime(1970, 1, 2, tzinfo=UTC), None, BAD),
    ],
)
def test_the_clock(now: datetime, newest: datetime | None, state: str) -> None:
    assert doctor.clock(now, newest).state == state


@pytest.mark.parametrize(("floor", "state"), [(0, OK), (10**12, BAD)])
def test_the_room(tmp_path: Path, floor: int, state: str) -> None:
    assert doctor.room(Layout(tmp_path), floor).state == state


def test_libraries() -> None:
    assert doctor.library("lxml", (6, 1)).state == OK
    assert doctor.library("lxml", (999,)).state == BAD
    assert doctor.library("no-such-library-here", None).state == BAD


def test_a_configuration_is_always_returned(tmp_path: Path) -> None:
    from archiver.cli.options import Place

    config, _ = doctor.sources(Place(None, tmp_path / "none.toml"))
    assert config == Config(tmp_path / "none.toml")


def test_a_text_index_of_another_analyser_wants_a_look(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "archive" / "index.db")) as connection:
        connection.execute("UPDATE search_state SET analyser = '0 old'")
        connection.commit()
    code, found = examine(folder)
    assert (code, found["index"]["state"]) == (6, LOOK)
    assert "made by analyser 0 old" in found["index"]["what"]
    assert found["index"]["remedy"] == "archiver reindex"
