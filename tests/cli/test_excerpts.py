"""archiver export --format warc and wacz, as a person meets them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from archiver.layout import Layout
from tests.cli.test_commands import command
from tests.test_excerpts import archive, article, damage
from tests.test_verify import SITE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return archive(tmp_path_factory.mktemp("made") / "archive")


@pytest.fixture
def layout(made: Layout, tmp_path: Path) -> Layout:
    shutil.copytree(made.root, tmp_path / "archive")
    return Layout(tmp_path / "archive")


def test_what_was_written_where(layout: Layout, tmp_path: Path) -> None:
    done = command(tmp_path, "export", "--format", "wacz", "-o", "out/x.wacz", "--text")
    assert (done.code, done.err) == (0, "wrote 5 exchanges of 4 articles to out/x.wacz\n")
    assert zipfile.is_zipfile(tmp_path / "out" / "x.wacz")
    done = command(tmp_path, "export", "--format", "warc", "-o", "x.warc.gz", "--versions", "all")
    assert (done.code, done.err) == (0, "wrote 6 exchanges of 4 articles to x-00001.warc.gz\n")
    assert (tmp_path / "x-00001.warc.gz").is_file()


def test_only_what_was_searched_for(layout: Layout, tmp_path: Path) -> None:
    done = command(tmp_path, "export", "--format", "warc", "-o", "x", "snow")
    assert (done.code, done.err) == (0, "wrote 1 exchanges of 1 articles to x-00001.warc.gz\n")
    command(tmp_path, "export", "--format", "wacz", "-o", "y.wacz", "none").says(3, "no article")
    assert not (tmp_path / "y.wacz").exists()


def test_what_cannot_be_meant(layout: Layout, tmp_path: Path) -> None:
    command(tmp_path, "export", "--format", "warc", "-o", "-").says(
        2, "warc cannot go to standard output"
    )
    command(tmp_path, "export", "--format", "wacz", "-o", "archive/warcs/x.wacz").says(
        2, "no place"
    )


def test_what_was_left_out(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    damage(layout, wanted)
    done = command(tmp_path, "export", "--format", "warc", "-o", "x")
    place = f"{wanted.location.filename}: offset {wanted.location.offset}"
    assert done.code == 6
    first, second, last = done.err.splitlines()
    assert first.startswith(f"left out: {place}, {wanted.location.length} bytes")
    assert second == "wrote 4 exchanges of 4 articles to x-00001.warc.gz"
    assert last == "what could not be read is told above; all else was copied"
    assert (tmp_path / "x-00001.warc.gz").is_file()
