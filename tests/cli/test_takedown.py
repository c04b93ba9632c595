"""archiver takedown, as a person meets it."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archiver import seals
from archiver.imports import import_files
from archiver.layout import Layout
from tests.cli.test_commands import command
from tests.test_takedown import SITE, exported, holding, made

__all__ = ["made"]

URL = f"{SITE}/a/1"
REASON = ("--reason", "a court's order \x1b[31m")


@pytest.fixture
def archive(made: Layout, tmp_path: Path) -> Layout:
    shutil.copytree(made.root, tmp_path / "archive")
    return Layout(tmp_path / "archive")


def test_it_says_what_it_does_and_then_that_it_was_done(archive: Layout, tmp_path: Path) -> None:
    (row,) = [r for r in command(tmp_path, "export", "-o", "-").rows if r["url"] == URL]
    done = command(tmp_path, "takedown", URL, *REASON, "--operator", "Ops", "--yes")
    assert (done.code, "taken down: 9 records in 2 files" in done.out) == (0, True)
    again = command(tmp_path, "takedown", URL, *REASON, "--yes")
    assert (again.code, "and nothing was done now: 9 records" in again.out) == (0, True)
    assert "Quillfeather returns" in done.err
    assert "1 answers at its addresses stay" in done.err
    assert "marrowbrook" not in done.out + done.err
    for wanted in (URL, str(row["id"])):
        for name in ("show", "history", "diff", "similar", "prove"):
            told = command(tmp_path, name, wanted)
            assert told.code == 3
            assert f"{wanted} was taken down on " in told.err
            assert "reason: a court's order ␛[31m" in told.err
    assert command(tmp_path, "search", "marrowbrook").code == 3
    assert [r["url"] for r in command(tmp_path, "export", "-o", "-").rows] == [
        f"{SITE}/a/{number}" for number in (2, 3, 4)
    ]
    assert command(tmp_path, "changes").out.count("Quillfeather") == 0
    verified = command(tmp_path, "verify", "--deep")
    assert verified.code == 0
    assert "9 records were taken out by 1 takedowns" in verified.err


def test_the_list_of_them(archive: Layout, tmp_path: Path) -> None:
    assert command(tmp_path, "takedown", "--list").code == 3
    assert command(tmp_path, "takedown", URL, *REASON, "--operator", "Ops", "--yes").code == 0
    assert command(tmp_path, "takedown", f"{SITE}/a/2", *REASON, "--with-url", "--yes").code == 0
    first, second = command(tmp_path, "takedown", "--list").out.splitlines()
    assert f"by Ops: {URL}, " in first
    assert first.endswith(": a court's order ␛[31m")
    assert "an address that is not named" in second
    rows = command(tmp_path, "takedown", "--list", "--json").rows
    assert [row["operator"] for row in rows] == ["Ops", ""]
    assert len(rows[0]["records"]) == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((URL, "--reason", "why"), "--yes"),
        ((URL, "--yes"), "wants a reason"),
        ((URL, "--undo"), "cannot be brought back"),
        ((), "nothing to take down"),
        ((URL, "--list"), "nothing to take down"),
    ],
)
def test_what_cannot_be_meant(
    archive: Layout, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = command(tmp_path, "takedown", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not archive.takedowns.exists()


@pytest.mark.parametrize("answer", [b"y\n", b"n\n"])
def test_on_a_terminal_it_asks(archive: Layout, tmp_path: Path, answer: bytes) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        run = subprocess.run(
            [sys.executable, "-m", "archiver", "takedown", URL, "--reason", "why"],
            cwd=tmp_path, stdin=theirs, capture_output=True, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert run.returncode == 0, run.stderr
    assert b"Take this down?" in run.stderr
    assert bool(seals.read(archive.takedowns)) == (answer == b"y\n")


def test_what_is_not_the_archives_to_change_is_named(archive: Layout, tmp_path: Path) -> None:
    path = exported(tmp_path)
    import_files([path], archive, [], in_place=True, workers=1)
    done = command(tmp_path, "takedown", URL, "--reason", "why", "--yes")
    assert done.code == 6
    assert done.err.count(f"only a link to the file ({path})") == 3
    assert holding(archive.root, "marrowbrook") == set()


def test_as_json(archive: Layout, tmp_path: Path) -> None:
    done = command(tmp_path, "takedown", URL, "--reason", "why", "--yes", "--json")
    (row,) = map(json.loads, done.out.splitlines())
    assert (row["reason"], len(row["records"])) == ("why", 9)
    assert row["done"]
