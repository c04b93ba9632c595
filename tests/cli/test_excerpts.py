"""archiver export --format warc and wacz, as a person meets them."""

from __future__ import annotations

import gzip
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.layout import Layout
from tests.cli.test_commands import command
from tests.samples import AT, capture
from tests.test_verify import PAGE, SITE
from tests.visits import article, damage, fill


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


def test_a_device_or_a_pipe_is_not_replaced(layout: Layout, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("wacz", "warc", "sqlite"):
        command(tmp_path, "export", "--format", name, "-o", "pipe").says(2, "is no file")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("name", ["warc", "wacz"])
def test_visits_of_a_version_that_was_reserved_stay_out(tmp_path: Path, name: str) -> None:
    reserved = PAGE.replace(b"<head>", b"<head><meta name='robots' content='noai'>")
    assert reserved != PAGE
    bodies = [reserved.replace(b"usual hour", b"walnut hour"), PAGE]
    fill(
        Layout(tmp_path / "archive"),
        *(capture(f"{SITE}/a/1", body=body, at=AT + timedelta(days=n)) for n, body in enumerate(bodies)),
    )  # fmt: skip
    words = ("export", "--format", name, "-o", "out", "--versions", "all")
    done = command(tmp_path, *words)
    assert (done.code, done.err.splitlines()[0]) == (
        0, "left out 1 visits of versions that were reserved from text and data mining",
    )  # fmt: skip
    assert not holds(tmp_path, name, b"walnut")
    command(tmp_path, *words, "--include-reserved")
    assert holds(tmp_path, name, b"walnut")


def holds(folder: Path, name: str, word: bytes) -> bool:
    """Tell whether a word stands in the records that were exported."""
    if name == "wacz":
        with zipfile.ZipFile(folder / "out") as archive:
            (warc,) = (path for path in archive.namelist() if path.startswith("archive/"))
            return word in gzip.decompress(archive.read(warc))
    return word in gzip.decompress((folder / "out-00001.warc.gz").read_bytes())


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
