from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import zstandard

from archiver.documents import Query
from archiver.errors import ArchiveError, LockedError
from archiver.export import NAMES, files
from archiver.export.cells import LONGEST
from archiver.export.files import held, write_stream
from archiver.export.formats import SUFFIXES, Style
from archiver.export.rows import rows
from archiver.export.schemas import arrow_schema
from archiver.export.taking import Wanted, grouped
from archiver.store.search import Index
from archiver.types import Query as Search
from tests.export.shelf import HOSTILE, exported, make, silent

FILES = ("jsonl", "jsonl.zst", "csv", "parquet", "sqlite")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def wanted_rows(archive: Path) -> list[dict[str, Any]]:
    """All rows but the two that are reserved."""
    with closing(Index(archive / "index.db")) as index, index.selection(Query()) as selection:
        found = list(rows(selection.records(NAMES)))
    return [row for row in found if not row["noai"] and not row["tdm_reserved"]]


def read(name: str, path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file as a reader of its format has them, but of CSV."""
    if name == "jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if name == "jsonl.zst":
        with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as stream:
            return [json.loads(line) for line in stream]
    if name == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            return [
                dict(row) for row in connection.execute("SELECT * FROM articles ORDER BY rowid")
            ]
    return [_as_json(row) for row in pq.read_table(path).to_pylist()]


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value:%Y-%m-%dT%H:%M:%S.%f}Z" if hasattr(value, "strftime") else value
        for name, value in row.items()
    }


@pytest.mark.parametrize("name", ["jsonl", "jsonl.zst", "parquet"])
def test_a_file_comes_back_as_its_rows(
    archive: Path, wanted_rows: list[Any], tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out"
    assert exported(archive, target, format=name).rows == len(wanted_rows) == 58
    assert read(name, target) == wanted_rows
    assert {row["title"] for row in wanted_rows} >= set(HOSTILE)
    assert list(tmp_path.iterdir()) == [target]


def test_a_sqlite_file_comes_back_as_its_rows(
    archive: Path, wanted_rows: list[Any], tmp_path: Path
) -> None:
    exported(archive, tmp_path / "out", format="sqlite")
    found = read("sqlite", tmp_path / "out")
    assert len(found) == len(wanted_rows)
    for row, wanted in zip(found, wanted_rows, strict=True):
        assert {
            n: json.loads(v) if isinstance(wanted[n], list) else v for n, v in row.items()
        } == wanted
    with closing(sqlite3.connect(tmp_path / "out")) as connection:
        described = connection.execute("SELECT name FROM fields ORDER BY rowid").fetchall()
    assert tuple(name for (name,) in described) == NAMES


def test_csv_comes_back_whole(archive: Path, wanted_rows: list[Any], tmp_path: Path) -> None:
    exported(archive, tmp_path / "out", format="csv", style=Style(raw=True))
    with (tmp_path / "out").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert tuple(found[0]) == NAMES
    for row, wanted in zip(found, wanted_rows, strict=True):
        assert (row["title"], row["text"]) == (wanted["title"], wanted["text"])
        assert json.loads(row["paragraphs"]) == wanted["paragraphs"]
        assert row["authors"] in ("Ann; Lee; ليلى", "")
        assert (row["noai"], row["cluster_id"], row["published_zone"]) == (
            "false", "", wanted["published_zone"] or "",
        )  # fmt: skip


def test_no_text_is_a_formula_in_csv(archive: Path, wanted_rows: list[Any], tmp_path: Path) -> None:
    exported(archive, tmp_path / "out", format="csv")
    with (tmp_path / "out").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    titles = {wanted["title"]: row["title"] for row, wanted in zip(found, wanted_rows, strict=True)}
    for start in HOSTILE[:6]:
        assert titles[start] == f"'{start}"
    assert titles[HOSTILE[6]] == "nul \ufffd byte"
    assert all(titles[title] == title for title in HOSTILE[7:])
    assert not any(cell.startswith(("=", "@", "\t", "-")) for row in found for cell in row.values())
    # Which we have made ourselves, and a program reads.
    assert {row["published_zone"] for row in found} == {"+03:00", ""}


def test_excel_gets_its_mark_and_long_cells_are_told(tmp_path: Path) -> None:
    long = make(tmp_path, 1, "س" * LONGEST)  # and a digit behind it
    tally = exported(long, tmp_path / "out", format="csv", style=Style(excel=True))
    written = (tmp_path / "out").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfid,url,")
    assert written.count(b"\r\n") > tally.rows
    # Text and paragraphs of the first version would be; there is a later one.
    assert tally.long == 0
    tally = exported(long, tmp_path / "out", format="csv", versions="all", style=Style(excel=True))
    assert tally.long == 2
    assert exported(long, tmp_path / "out", format="csv", versions="all").long == 0
    assert (tmp_path / "out").read_bytes().startswith(b"id,url,")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("versions", ["latest", "all"])
def test_exporting_twice_makes_the_same_bytes(
    archive: Path, tmp_path: Path, name: str, versions: str
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for target in (one, two):
        exported(archive, target, format=name, versions=versions)
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(("name", "reader"), [
    ("jsonl", "read_json"), ("jsonl.zst", "read_json"), ("csv", "read_csv"), ("parquet", "read_parquet"),
])  # fmt: skip
def test_duckdb_reads_it(
    archive: Path, wanted_rows: list[Any], tmp_path: Path, name: str, reader: str
) -> None:
    target = tmp_path / f"out{SUFFIXES[name]}"
    exported(archive, target, format=name)
    options = ", header = true, strict_mode = true" if name == "csv" else ""
    sql = f"SELECT id, text, published_at, warc_offset, noarchive FROM {reader}('{target}'{options}) ORDER BY id"
    found = duckdb.sql(sql).fetchall()
    text = "'=1+1 of a text\n\n\tand more" if name == "csv" else "=1+1 of a text\n\n\tand more"
    assert [row[0] for row in found] == [row["id"] for row in wanted_rows]
    assert sum(row[1] == text for row in found) == len(HOSTILE)
    assert [row[4] for row in found].count(True) == 1
    assert str(found[1][2]).startswith("2026-01-02 0")


def test_parquet_has_the_schema_and_bounded_groups(archive: Path, tmp_path: Path) -> None:
    exported(archive, tmp_path / "out", format="parquet")
    assert pq.read_schema(tmp_path / "out").equals(arrow_schema(), check_metadata=True)
    found = pq.ParquetFile(tmp_path / "out").metadata
    assert found.row_group(0).column(0).compression == "ZSTD"


def test_groups_are_bounded_by_rows_and_letters() -> None:
    short, long = {"text": "a"}, {"text": "a" * 3_000_000}
    assert [len(group) for group in grouped([short] * 4100)] == [2000, 2000, 100]
    assert [len(group) for group in grouped([long] * 7)] == [3, 3, 1]


def test_what_is_reserved_is_left_out_and_counted(archive: Path, tmp_path: Path) -> None:
    tally = exported(archive, tmp_path / "out")
    assert (tally.left_out, dict(tally.reserved)) == (2, {"noai": 1, "tdm-reserved": 1})
    assert (tally.rights["noarchive"], tally.rights["noai"]) == (1, 0)
    tally = exported(archive, tmp_path / "out", reserved=True)
    assert (tally.rows, tally.left_out, tally.rights["noai"], tally.rights["paywalled"]) == (
        60,
        0,
        1,
        1,
    )


def test_nothing_found_writes_nothing(archive: Path, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / "out").write_text("before")
        assert exported(archive, tmp_path / "out", format=name, query=Search("snow")).rows == 0
        assert (tmp_path / "out").read_text() == "before"
        assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", FILES)
def test_a_stopped_export_leaves_no_rest(
    archive: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Any:
        yield {"text": ""}
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "taken", failing)
    (tmp_path / "out").write_text("before")
    with pytest.raises(ArchiveError, match="cannot be written: No space left") as caught:
        exported(archive, tmp_path / "out", format=name)
    assert caught.value.where == str(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["jsonl", "sqlite"])
def test_a_folder_that_is_not_there_is_said(archive: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        exported(archive, tmp_path / "none" / "out", format=name)


def test_two_do_not_write_one_file(archive: Path, tmp_path: Path) -> None:
    with held(tmp_path / "out.part"), pytest.raises(LockedError, match="another export"):
        exported(archive, tmp_path / "out")
    assert exported(archive, tmp_path / "out").rows


@pytest.mark.parametrize("name", ["jsonl", "jsonl.zst", "csv", "parquet"])
def test_a_stream_gets_what_a_file_gets(archive: Path, tmp_path: Path, name: str) -> None:
    exported(archive, tmp_path / "out", format=name)
    with (tmp_path / "stream").open("wb") as stream, closing(Index(archive / "index.db")) as index:
        write_stream(index, Wanted(Query(), name), stream, silent)
    assert (tmp_path / "stream").read_bytes() == (tmp_path / "out").read_bytes()
