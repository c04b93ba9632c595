"""watch: what is watched is written, listed, tried and taken out."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from archiver import config, watching
from archiver.cli import cli
from archiver.errors import ConfigError, NothingFound, QueryError, UsageError
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.work import Watch
from tests.cli import shelf
from tests.cli.conftest import NOW, Said
from tests.cli.test_commands import environment
from tests.samples import reading
from tests.store.conftest import Desk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shelf.make(tmp_path)
    (tmp_path / "sources.toml").write_text(
        '# mine\n[sources.post]\nhome = "https://post.example/"\n\n[hooks]\nlines = "events.jsonl"\n'
    )
    return tmp_path


def test_a_watch_from_its_beginning_to_its_end(folder: Path, said: Said) -> None:
    before = (folder / "sources.toml").read_text()
    done = said("watch", "add", "فيضان*", "-كرة")
    assert done.exception is None
    assert done.stdout == "watch-1  فيضان* -كرة\n"
    assert done.stderr.startswith(f"written to {folder}/sources.toml. Next: archiver run --due")
    done = said("watch", "add", "--name", "rain", '"heavy rain"')
    assert done.stdout == 'rain  "heavy rain"\n'
    assert (folder / "sources.toml").read_text() == (
        f'{before}\n[watches]\nwatch-1 = "فيضان* -كرة"\nrain = "\\"heavy rain\\""\n'
    )
    known = config.load(folder / "sources.toml")
    layout = Layout(folder / "archive")
    desk = Desk(layout.index)  # after the pages that were there
    desk._shelf._number = 50
    url = "https://post.example/new"
    desk.add(reading("فيضانات جديدة", "وصل الماء", url), url, source="post")
    desk.close()
    with Runs(layout.runs) as runs:
        assert watching.look(runs, layout, known.watches, NOW - timedelta(hours=3), print) == 1
    head, first, second = said("watch").stdout.splitlines()
    assert head.split() == ["name", "matched", "last", "query"]
    assert first.split() == ["watch-1", "1", "3", "h", "ago", "فيضان*", "-كرة"]
    assert second.split() == ["rain", "0", "never", '"heavy', 'rain"']
    row = json.loads(said("watch", "--json").stdout.splitlines()[0])
    assert row == {
        "name": "watch-1", "query": "فيضان* -كرة", "begun": True, "matched": 1,
        "matched_at": "2026-03-26T01:00:00.000000Z",
    }  # fmt: skip
    for name in ("watch-1", "rain"):
        assert said("watch", "remove", name).exception is None
    assert (folder / "sources.toml").read_text() == f"{before}\n[watches]\n"
    with Runs(layout.runs) as runs:
        assert runs.watches.all() == {}


def test_a_watch_is_tried_as_a_search(folder: Path, said: Said) -> None:
    said("watch", "add", "--name", "floods", "flood", "-title:undated")
    done = said("watch", "test", "floods", "--limit", "1")
    assert done.stdout.splitlines()[0].split()[:2] == ["6", "2026-03-21"]
    assert done.stderr.startswith("1 shown. The same: archiver search 'flood -title:undated'")
    ids = [
        json.loads(line)["id"]
        for line in said("watch", "test", "floods", "--json").stdout.splitlines()
    ]
    line = said("watch", "test", "floods").stderr.partition("The same: archiver ")[2]
    again = subprocess.run(
        [sys.executable, "-m", "archiver", *shlex.split(line), "--ids"],
        cwd=folder, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert list(map(int, again.stdout.split())) == ids == [6, 1]
    said("watch", "add", "--name", "none", "wordless")
    done = said("watch", "test", "none")
    assert isinstance(done.exception, NothingFound)
    assert "the archive does not have 'wordless'" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "error", "what"),
    [
        (["add", "rain OR"], QueryError, "nothing stands behind 'OR'"),
        (["add", "☂"], QueryError, "there is no word to look for"),  # an index knows
        (["add"], UsageError, "nothing to watch for"),
        (["add", " "], UsageError, "nothing to watch for"),
        (["add", "rain", "--name", "A"], UsageError, "'A' is no name for a watch"),
        (["remove", "x"], ConfigError, "no watch called 'x'"),
        (["test", "x"], ConfigError, "no watch called 'x'"),
    ],
)
def test_what_cannot_be_meant_is_not_written(
    folder: Path, said: Said, words: list[str], error: type[Exception], what: str
) -> None:
    before = (folder / "sources.toml").read_text()
    done = said("watch", *words)
    assert isinstance(done.exception, error)
    assert what in str(done.exception)
    assert (folder / "sources.toml").read_text() == before


def test_without_hooks_it_is_said_that_nobody_is_told(folder: Path, said: Said) -> None:
    assert said("watch").stderr == "nothing is watched yet. Next: archiver watch add QUERY\n"
    (folder / "sources.toml").write_text("")
    assert "nobody is told of matches: write [hooks] into" in said("watch", "add", "rain").stderr
    assert said("watch").stderr.startswith("nobody is told of matches")


def test_a_query_of_a_stranger_is_harmless(folder: Path, said: Said) -> None:
    (folder / "sources.toml").write_text('[watches]\nx = "rain \\u001b[31m \\u202e"\n')
    assert not set(said("watch").stdout) & set("\x1b\u202e")
    assert json.loads(said("watch", "--json").stdout)["begun"] is False
    assert said("watch").stdout.splitlines()[1].startswith("x     not begun  never")


def test_before_there_is_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text("")
    places = ["--archive", str(tmp_path / "none"), "--config", str(path)]
    done = CliRunner().invoke(cli, ["watch", "add", "rain", *places], standalone_mode=False)
    assert done.exception is None
    assert config.load(path).watches == (Watch("rain", "rain"),)
    assert not (tmp_path / "none").exists()
    done = CliRunner().invoke(cli, ["watch", *places, "add", "wind"], standalone_mode=False)
    assert [each.name for each in config.load(path).watches] == ["rain", "wind"]


def test_where_it_cannot_begin_it_is_written_all_the_same(folder: Path, said: Said) -> None:
    (folder / "archive" / "runs.db").write_bytes(b"no database" * 1000)
    done = said("watch", "add", "rain")
    assert done.exception is None
    assert "it begins with the next run, and not now:" in done.stderr
