"""What can be mended is mended, what cannot is told, and nothing that was there is gone."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archiver import repair as module
from archiver.errors import ArchiveError, LockedError
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.locking import locked
from archiver.repair import repair
from archiver.types import Fault, Snapshot
from archiver.warc import reader
from archiver.warc.writer import OPEN
from tests.samples import failure, tables
from tests.test_ingest import leave, robots
from tests.test_verify import (
    ROWS,
    SITE,
    damage,
    faults,
    files,
    flip,
    full,
    lines,
    made,
    records_of,
    run,
    spill,
    tear,
)

pytestmark = pytest.mark.usefixtures("lent_worker")

__all__ = ["full", "made"]


def mend(layout: Layout, told: list[str] | None = None) -> list[Fault]:
    """Repair; returns the faults that are left."""
    tell = (told if told is not None else []).append
    return [f for f in repair(layout, [], workers=1, tell=tell) if not f.note]


def quarantined(layout: Layout, pattern: str = "*") -> list[Path]:
    return sorted(layout.quarantine.glob(pattern))


def saved(layout: Layout) -> list[dict[str, object]]:
    paths = quarantined(layout, "index-rows-*.jsonl")
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def test_what_is_right_stays_as_it_is(layout: Layout) -> None:
    before = {p: p.read_bytes() for p in (*files(layout), layout.index, *layout.cdxj.iterdir())}
    told: list[str] = []
    assert mend(layout, told) == []
    assert told == []
    assert {p: p.read_bytes() for p in before} == before
    assert quarantined(layout) == []


def test_only_one_at_a_time(layout: Layout) -> None:
    with locked(layout), pytest.raises(LockedError):
        mend(layout)
    with pytest.raises(ArchiveError, match="no archive"):
        mend(Layout(layout.root / "none"))


# The index.


@pytest.mark.parametrize("fault", ["none", "older", "garbage", "text", "words"])
def test_an_index_that_is_no_use_is_set_aside_and_made_anew(layout: Layout, fault: str) -> None:
    before = tables(layout.index)
    if fault == "none":
        layout.index.unlink()
    elif fault == "older":
        run(layout, "PRAGMA user_version = 1")
    elif fault == "garbage":
        layout.index.write_bytes(b"no database " * 1000)
    elif fault == "text":
        run(layout, "UPDATE versions SET text = 'other' WHERE id = 1")
    else:
        run(layout, "UPDATE search_count SET documents = 9")
    data = layout.index.read_bytes() if fault != "none" else b""
    assert mend(layout) == []
    assert tables(layout.index) == before
    assert [p.read_bytes() for p in quarantined(layout, "*.db")] == ([data] if data else [])


def test_an_index_of_a_newer_archiver_is_left_alone(layout: Layout) -> None:
    run(layout, "PRAGMA user_version = 99")
    data = layout.index.read_bytes()
    with pytest.raises(ArchiveError, match="use a newer archiver"):
        mend(layout)
    assert layout.index.read_bytes() == data


@pytest.mark.parametrize("column", ROWS)
def test_a_row_that_leads_astray_is_kept_aside_and_made_anew(layout: Layout, column: str) -> None:
    before = tables(layout.index)
    run(layout, f"UPDATE exchanges SET {ROWS[column]} WHERE id = 2")
    assert mend(layout) == []
    assert tables(layout.index) == before
    assert {row["table"] for row in saved(layout)} == {"exchanges", "versions", "articles"}
    assert saved(layout)[0]["id"] == 2


def test_rows_that_are_missing_are_added(layout: Layout) -> None:
    before = tables(layout.index)
    for table in ("versions", "exchanges", "failures"):
        run(layout, f"DELETE FROM {table} WHERE id = 2")
    assert mend(layout) == []
    assert tables(layout.index) == before


def test_the_text_of_a_file_that_is_gone_is_kept(layout: Layout) -> None:
    files(layout)[0].unlink()
    assert mend(layout) == []
    rows = saved(layout)
    assert [row["table"] for row in rows].count("exchanges") == 3
    (text,) = [str(row["text"]) for row in rows if row["table"] == "versions" and row["id"] == 1]
    assert "The rain fell" in text
    assert {row["url"] for row in rows if row["table"] == "articles"} == {
        f"{SITE}/a/1",
        f"{SITE}/a/2",
    }
    with closing(sqlite3.connect(layout.index)) as connection:
        urls = {row[0] for row in connection.execute("SELECT url FROM exchanges")}
    assert urls == {f"{SITE}/a/3", f"{SITE}/robots.txt"}
    assert len(quarantined(layout, "*.cdxj")) == 1


def test_without_any_warc_file_nothing_is_done(layout: Layout) -> None:
    shutil.move(layout.warcs, layout.root / "elsewhere")
    layout.warcs.mkdir()
    data = layout.index.read_bytes()
    with pytest.raises(ArchiveError, match="7 rows of the index"):
        mend(layout)
    assert layout.index.read_bytes() == data
    assert quarantined(layout) == []


def test_a_file_that_cannot_be_read_is_no_file_that_is_lost(layout: Layout) -> None:
    path = files(layout)[1]
    path.rename(layout.root / "away")
    path.mkdir()
    data = layout.index.read_bytes()
    with pytest.raises(ArchiveError, match="nothing was changed"):
        mend(layout)
    assert layout.index.read_bytes() == data


def test_cdxj_files_are_made_anew(layout: Layout) -> None:
    path, found = lines(layout)
    path.write_bytes(b"".join(found[::-1]))
    assert mend(layout) == []
    assert path.read_bytes() == b"".join(found)
    path.unlink()
    assert mend(layout) == []
    assert path.read_bytes() == b"".join(found)
    assert quarantined(layout) == []


# WARC files.


def test_what_a_stopped_process_left_is_closed_and_indexed(layout: Layout) -> None:
    leave(layout, [1, 2], torn=5)
    told: list[str] = []
    assert mend(layout, told) == []
    assert any("torn bytes" in text for text in told)
    assert not list(layout.warcs.glob(f"*{OPEN}"))
    with closing(sqlite3.connect(layout.index)) as connection:
        urls = [row[0] for row in connection.execute("SELECT url FROM exchanges ORDER BY id")]
    assert urls[-1] == robots(1).url
    assert len(quarantined(layout, "*.tail")) == 1


def test_damage_inside_a_file_stays_and_is_told_each_time(layout: Layout) -> None:
    path = files(layout)[0]
    record = records_of(path, "response")[1]
    damage(path, record.offset + record.length - 20)
    data = path.read_bytes()
    first = mend(layout)
    assert [(f.kind, f.offset, f.url) for f in first] == [("damaged", record.offset, f"{SITE}/a/2")]
    assert path.read_bytes() == data
    assert [row["table"] for row in saved(layout)] == ["exchanges", "versions", "articles"]
    told: list[str] = []
    again = mend(layout, told)
    assert [(f.kind, f.offset) for f in again] == [("damaged", record.offset)]
    assert told == []


def test_the_text_of_a_revisit_whose_body_is_lost_is_kept(layout: Layout) -> None:
    path = files(layout)[0]
    record = records_of(path, "response")[0]
    damage(path, record.offset + record.length - 20)
    assert {f.kind for f in mend(layout)} == {"damaged", "revisit"}
    assert [row["id"] for row in saved(layout) if row["table"] == "exchanges"] == [1, 3]
    assert [row["id"] for row in saved(layout) if row["table"] == "versions"] == [1]


@pytest.mark.parametrize("harm", [tear, flip, spill])
@pytest.mark.parametrize("number", [0, 77, 199])
def test_of_200_all_but_the_damaged_one_are_read_and_indexed(
    full: Layout, tmp_path: Path, number: int,
    harm: Callable[[bytearray, int, int, random.Random], None],
) -> None:  # fmt: skip
    copy = Layout(tmp_path / "copy")
    shutil.copytree(full.root, copy.root)
    (path,) = files(copy)
    where = [k for k in reader.kept(path) if isinstance(k, Snapshot)][number].location
    data = bytearray(path.read_bytes())
    harm(data, where.offset, where.offset + where.length, random.Random(number))
    path.write_bytes(data)
    left = mend(copy)
    url = f"{SITE}/r/{number}"
    assert [(f.kind, f.offset, f.url) for f in left] in (
        [("damaged", where.offset, url)], [("damaged", where.offset, "")]
    )  # fmt: skip
    with closing(sqlite3.connect(copy.index)) as connection:
        urls = [row[0] for row in connection.execute("SELECT url FROM exchanges ORDER BY id")]
    assert urls == [f"{SITE}/r/{n}" for n in range(200) if n != number]
    assert url in {row["url"] for row in saved(copy)}


def test_a_file_that_is_cut_anywhere_is_whole_again(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "archive")
    ingest = Ingest(layout, {}, workers=1)
    for item in (robots(1), failure(), robots(2)):
        ingest.write(item).result().outcome.result()
    ingest.close()
    (path,) = files(layout)
    data = path.read_bytes()
    for end in range(1, len(data), len(data) // 12):
        copy = Layout(tmp_path / f"copy-{end}")
        shutil.copytree(layout.root, copy.root)
        (copy.warcs / path.name).write_bytes(data[:end])
        left = mend(copy)
        # A response that is whole keeps its row, and then what is torn behind it stays.
        assert {f.kind for f in left} <= {"damaged", "exchange"}
        kept = b"".join(p.read_bytes() for p in files(copy))
        tails = b"".join(p.read_bytes() for p in quarantined(copy, "*.tail"))
        assert kept + tails == data[:end]
        assert faults(copy) == left


def test_the_index_goes_only_when_what_would_be_lost_is_safe(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(layout)[0].unlink()
    data = layout.index.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        mend(layout)
    assert layout.index.read_bytes() == data


def test_a_file_of_which_nothing_can_be_read_stays(layout: Layout) -> None:
    path = layout.warcs / "their.warc.gz"
    path.write_bytes(bytes(range(256)) * 9)
    assert [(f.kind, f.filename) for f in mend(layout)] == [("damaged", path.name)]
    assert path.stat().st_size == 256 * 9
    assert quarantined(layout) == []


def test_a_link_is_not_cut(layout: Layout, tmp_path: Path) -> None:
    theirs = tmp_path / "their.warc.gz"
    theirs.write_bytes(files(layout)[0].read_bytes()[:-9])
    (layout.warcs / "their.warc.gz").symlink_to(theirs)
    size = theirs.stat().st_size
    assert {f.filename for f in mend(layout)} == {"their.warc.gz"}
    assert theirs.stat().st_size == size


def test_a_damaged_request_changes_no_row(layout: Layout) -> None:
    before = tables(layout.index)
    path = files(layout)[0]
    record = records_of(path, "request")[1]
    damage(path, record.offset + record.length - 9)
    layout.index.unlink()
    assert [f.offset for f in mend(layout)] == [record.offset]
    assert tables(layout.index) == before
