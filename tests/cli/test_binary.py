"""What is no text does not go to a terminal."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.layout import Layout
from tests.cli.test_commands import Done, environment
from tests.samples import HEAD, capture
from tests.test_verify import PAGE, SITE
from tests.visits import fill


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of one plain page, and one that was sent as gzip."""
    made = tmp_path_factory.mktemp("made")
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    packed = gzip.compress(PAGE.replace(b"Rain", b"Snow"), mtime=0)
    fill(
        Layout(made / "archive"),
        capture(f"{SITE}/a/1", body=PAGE),
        capture(f"{SITE}/a/2", head=head, body=packed),
    )
    return made


def on_terminal(folder: Path, *words: str) -> tuple[Done, bytes]:
    """Run a command whose standard output is a terminal; returns what stands there, too."""
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "archiver", *words],
            cwd=folder, env=environment(), stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
        os.write(theirs, b"!")
        shown = os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)
    return Done(subprocess.CompletedProcess(done.args, done.returncode, b"", done.stderr)), shown


@pytest.mark.parametrize("name", ["parquet", "jsonl.zst"])
def test_no_binary_export(folder: Path, name: str) -> None:
    done, shown = on_terminal(folder, "export", "--format", name, "-o", "-")
    done.says(2, f"{name} is nothing for a terminal", "name a file")
    assert shown == b"!"


def test_a_body_that_is_no_text(folder: Path) -> None:
    done, shown = on_terminal(folder, "show", f"{SITE}/a/2", "--raw")
    done.says(2, "is nothing for a terminal", "--html")
    assert shown == b"!"
    done, shown = on_terminal(folder, "show", f"{SITE}/a/2", "--html")
    assert (done.code, b"<p>" in shown) == (0, True)
