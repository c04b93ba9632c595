"""archiver verify, as a person meets it."""

import json
from pathlib import Path

import pytest

from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.warc import reader
from tests.cli.test_commands import command
from tests.samples import capture


@pytest.fixture
def archive(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "archive")
    ingest = Ingest(layout, {}, workers=1)
    for name in ("one", "\u202etwo"):  # what could turn a line of the terminal around
        ingest.write(capture(f"https://news.example/{name}", body=b"plain")).result()
    ingest.close()
    return layout


def damage(layout: Layout, end: int) -> None:
    (path,) = reader.files(layout.warcs)
    data = bytearray(path.read_bytes())
    data[end] ^= 255
    path.write_bytes(data)


def test_all_is_right(archive: Layout, tmp_path: Path) -> None:
    done = command(tmp_path, "verify", "--deep")
    assert (done.code, done.out) == (0, "7 records in 1 WARC files: all is right\n")
    done = command(tmp_path, "verify", "--json")
    assert done.rows == [{"files": 1, "records": 7, "faults": {}}]


def test_each_fault_is_one_line(archive: Layout, tmp_path: Path) -> None:
    damage(archive, -5)
    done = command(tmp_path, "verify")
    done.says(5, "1 fault: 1 damaged records", "archiver repair")
    first, last = done.out.splitlines()
    (path,) = reader.files(archive.warcs)
    assert first.startswith(f"{path.name}: offset ")
    assert "of https://news.example/\ufffdtwo: " in first
    assert last == "looked at 6 records in 1 WARC files"


def test_json(archive: Layout, tmp_path: Path) -> None:
    damage(archive, -5)
    done = command(tmp_path, "verify", "--json", "archive/warcs/none.warc.gz")
    done.says(1, "no such WARC file")
    done = command(tmp_path, "verify", "--json")
    fault, closing = done.rows
    assert done.code == 5
    assert (fault["kind"], fault["url"], fault["note"]) == (
        "damaged", "https://news.example/\u202etwo", False
    )  # fmt: skip
    assert closing["faults"] == {"damaged": 1}
    assert json.loads(done.out.splitlines()[0])["file"].startswith("ARCHIVER-")


def test_without_an_archive(tmp_path: Path) -> None:
    command(tmp_path, "verify").says(1, "no archive here")
