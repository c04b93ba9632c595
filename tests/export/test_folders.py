from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from archiver.documents import Query
from archiver.errors import ArchiveError, LockedError, UsageError
from archiver.export import NAMES, schemas, taking
from archiver.export.folders import write_folder
from archiver.export.formats import FOLDERS, SUFFIXES
from archiver.export.picture import drawn
from archiver.export.shards import Journal
from archiver.export.splits import parse
from archiver.export.taking import Tally, Wanted
from archiver.export.texts import name
from archiver.store.search import Index
from tests.cli.test_commands import environment
from tests.export.shelf import HOSTILE, SOURCES, add, make, silent
from tests.store.conftest import Desk

SPLITS = parse("train:2026-01,test:2026-02..,rest:undated")
SMALL = {"shard_size": 1}  # bytes: each group is a shard
KILLED = """
import os, signal, sys
from pathlib import Path
from archiver.documents import Query
from archiver.export import shards, taking
from archiver.export.folders import write_folder
from archiver.export.shards import Journal
from archiver.export.splits import parse
from archiver.export.taking import Wanted
from archiver.store.search import Index
taking.GROUP = shards.FILES_A_FOLDER = 7
add = Journal.add
def dying(self, shard):
    if len(self.shards) == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
    add(self, shard)
Journal.add = dying
splits = parse(sys.argv[5]) if sys.argv[5] else ()
wanted = Wanted(Query(), sys.argv[3], splits=splits, shard_size=1)
write_folder(Index(Path(sys.argv[1], "index.db")), wanted, Path(sys.argv[2]), lambda *_: None, print)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make(tmp_path, articles=60)


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "GROUP", 7)
    monkeypatch.setattr("archiver.export.shards.FILES_A_FOLDER", 7)


def exported(archive: Path, target: Path, **wanted: Any) -> tuple[Tally, list[str]]:
    said: list[str] = []
    with closing(Index(archive / "index.db")) as index:
        made = Wanted(**{"query": Query(), **SMALL, **wanted})
        return write_folder(index, made, target, silent, said.append), said


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def rows(folder: Path, split: str = "*") -> list[dict[str, Any]]:
    files = sorted((folder / "data").glob(f"{split}-*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("format_name", FOLDERS)
def test_the_same_archive_makes_the_same_folder(
    archive: Path, tmp_path: Path, format_name: str
) -> None:
    for target in ("one", "two"):
        exported(archive, tmp_path / target, format=format_name, splits=SPLITS)
    one = contents(tmp_path / "one")
    assert one == contents(tmp_path / "two")
    assert sum(path.startswith("data/train-") for path in one) > 3
    assert {p.name for p in tmp_path.iterdir()} == {"archive", "one", "two"}


def test_a_folder_has_all_rows_in_files_of_bounded_size(archive: Path, tmp_path: Path) -> None:
    tally, said = exported(archive, tmp_path / "out")
    assert (tally.rows, said) == (78, [])
    found = rows(tmp_path / "out")
    assert len(found) == 78
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    sizes = [
        len(p.read_text("utf-8").splitlines()) for p in sorted((tmp_path / "out/data").iterdir())
    ]
    assert sizes == [7] * 11 + [1]
    exported(archive, tmp_path / "whole", shard_size=taking.SHARD)
    assert [p.name for p in (tmp_path / "whole" / "data").iterdir()] == ["train-00000.jsonl"]
    assert rows(tmp_path / "whole") == found


@pytest.mark.parametrize("format_name", FOLDERS)
@pytest.mark.parametrize("splits", ["", "train:2026-01,test:2026-02..,rest:undated"])
def test_what_was_killed_goes_on_right_and_complete(
    archive: Path, tmp_path: Path, format_name: str, splits: str
) -> None:
    target = tmp_path / "out"
    for shards in (3, 5):  # the second goes on, and is killed too
        done = subprocess.run(
            [sys.executable, "-c", KILLED, archive, target, format_name, str(shards), splits],
            env=environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert not target.exists()
    assert "going on with an earlier export: 21 rows in 3 files are whole" in done.stdout
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "out.part" / "data").iterdir()}
    wanted = {"format": format_name, "splits": parse(splits) if splits else ()}
    _, said = exported(archive, target, **wanted)
    assert said == ["going on with an earlier export: 35 rows in 5 files are whole"]
    assert sum((target / "data" / p.name).stat().st_mtime_ns == at for p, at in kept.items()) >= 5
    exported(archive, tmp_path / "again", **wanted)
    assert contents(target) == contents(tmp_path / "again")
    assert not (tmp_path / "out.part").exists()


def stopped(archive: Path, target: Path, monkeypatch: pytest.MonkeyPatch, **wanted: Any) -> None:
    """Leave three whole files of an export that was stopped."""
    real = Journal.add

    def failing(journal: Journal, shard: Any) -> None:
        if len(journal.shards) == 3:
            raise OSError(28, "No space left on device")
        real(journal, shard)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", failing)
        with pytest.raises(ArchiveError, match="No space left"):
            exported(archive, target, **wanted)
    assert not target.exists()


def test_new_articles_do_not_make_an_export_begin_anew(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(archive, tmp_path / "out", monkeypatch)
    with closing(Desk(archive / "index.db")) as desk, desk.store.transaction():
        desk._shelf._number = 1000
        add(desk, 2000)
    _, said = exported(archive, tmp_path / "out")
    assert said == ["going on with an earlier export: 21 rows in 3 files are whole"]
    exported(archive, tmp_path / "again")
    assert contents(tmp_path / "out") == contents(tmp_path / "again")
    assert len(rows(tmp_path / "out")) == 79


def test_what_has_changed_is_exported_anew(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(archive, tmp_path / "out", monkeypatch)
    with closing(Desk(archive / "index.db")) as desk, desk.store.transaction():
        desk._shelf._number = 3000
        add(desk, 10, text="Edited.")
    _, said = exported(archive, tmp_path / "out")
    assert said[1:] == [
        "an earlier export is begun anew: what it had written has changed in the archive"
    ]
    exported(archive, tmp_path / "again")
    assert contents(tmp_path / "out") == contents(tmp_path / "again")
    assert [row["text"] for row in rows(tmp_path / "out") if row["version"] == 2].count(
        "Edited."
    ) == 1


def test_fewer_rows_than_before_are_seen(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(archive, tmp_path / "out", monkeypatch, query=Query("rain"))
    with closing(Desk(archive / "index.db")) as desk, desk.store.transaction():
        desk._shelf._number = 3000
        for number in range(60):
            add(desk, number, text="Dry.")
    tally, said = exported(archive, tmp_path / "out", query=Query("rain"))
    assert said[1:] == [
        "an earlier export is begun anew: what it had written has changed in the archive"
    ]
    assert tally.rows == len(rows(tmp_path / "out")) < 21


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda part: (part / "progress.json").write_text("{"), "its journal cannot be read"),
        (lambda part: (part / "data" / "train-00001.jsonl").write_text("{}"), "its files are not what they were"),
        (lambda part: (part / "data" / "train-00002.jsonl").unlink(), "its files are not what they were"),
    ],
)  # fmt: skip
def test_a_part_that_cannot_be_used_is_begun_anew(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Any, why: str
) -> None:
    stopped(archive, tmp_path / "out", monkeypatch)
    spoil(tmp_path / "out.part")
    (tmp_path / "out.part" / "stray").mkdir()
    (tmp_path / "out.part" / "data" / "train-00099.jsonl").touch()
    _, said = exported(archive, tmp_path / "out")
    assert said == [f"an earlier export is begun anew: {why}"]
    exported(archive, tmp_path / "again")
    assert contents(tmp_path / "out") == contents(tmp_path / "again")


def test_another_command_begins_anew(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(archive, tmp_path / "out", monkeypatch)
    _, said = exported(archive, tmp_path / "out", versions="all")
    assert said == ["an earlier export is begun anew: it was another command, or another archiver"]
    assert len(rows(tmp_path / "out")) == 79


def test_nothing_found_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    assert exported(archive, tmp_path / "out", query=Query("snow"))[0].rows == 0
    assert exported(archive, tmp_path / "out", splits=parse("old:1999"))[0].outside == 78
    assert [p.name for p in tmp_path.iterdir()] == ["archive"]


def test_what_is_there_is_left_alone(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    exported(archive, tmp_path / "out")  # an empty folder is none
    before = contents(tmp_path / "out")
    with pytest.raises(UsageError, match="is there already"):
        exported(archive, tmp_path / "out")
    assert contents(tmp_path / "out") == before
    with pytest.raises(ArchiveError, match="cannot be written"):
        exported(archive, tmp_path / "none" / "out")


def test_two_do_not_write_one_folder(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def second(*_: object) -> None:
        with pytest.raises(LockedError, match="another export"):
            exported(archive, tmp_path / "out")
        raise KeyboardInterrupt

    monkeypatch.setattr("archiver.export.folders._fill", second)
    with pytest.raises(KeyboardInterrupt):
        exported(archive, tmp_path / "out")


@pytest.mark.parametrize("format_name", [one for one in FOLDERS if one != "txt"])
def test_the_card_says_where_the_files_are(archive: Path, tmp_path: Path, format_name: str) -> None:
    exported(archive, tmp_path / "out", format=format_name, splits=SPLITS)
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    front = yaml.safe_load(card.split("---\n")[1])
    told = front["configs"][0]["data_files"]
    assert [one["split"] for one in told] == ["train", "test", "rest"]
    for one in told:
        assert list((tmp_path / "out").glob(one["path"]))
        assert one["path"].endswith(f"-*{SUFFIXES[format_name]}")
    assert tuple(one["name"] for one in front["dataset_info"]["features"]) == NAMES
    assert front["language"] == ["ar", "en"]
    assert (
        f"    archiver export --format {format_name} --split train:2026-01-01..2026-01-31," in card
    )
    assert "read by trafilatura 2.3: 77 rows" in card
    assert "reservation of text and data mining: 2." in card
    assert "| noarchive | 1 |" in card
    assert not re.search(r"<script|\x00|\u202e|/tmp", card)


def test_a_hostile_query_stays_one_line_of_the_card(archive: Path, tmp_path: Path) -> None:
    words = 'rain OR "```\n# Owned\n---\n<b>"'
    exported(archive, tmp_path / "out", query=Query(words))
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert yaml.safe_load(card.split("\n---\n")[0].removeprefix("---\n"))["pretty_name"].startswith(
        "News"
    )
    assert not re.search("^(# Owned|---$)", card.split("\n---\n", 1)[1], re.MULTILINE)
    assert "<b>" not in re.sub("    archiver export.*|- query: .*", "", card.split("\n---\n", 1)[1])


def test_the_manifest_has_every_file(archive: Path, tmp_path: Path) -> None:
    for format_name in ("csv", "txt"):
        target = tmp_path / format_name
        exported(archive, target, format=format_name)
        found = dict(
            line.split("  ", 1)[::-1]
            for line in (target / "MANIFEST.sha256").read_text("utf-8").splitlines()
        )
        wanted = {p: hashlib.sha256(b).hexdigest() for p, b in contents(target).items()}
        wanted.pop("MANIFEST.sha256")
        assert found == wanted


def test_the_package_describes_every_file(archive: Path, tmp_path: Path) -> None:
    exported(archive, tmp_path / "out", format="csv", splits=SPLITS)
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    files = contents(tmp_path / "out")
    assert {one["path"] for one in package["resources"]} == {
        p for p in files if p.startswith("data/")
    }
    assert len({one["name"] for one in package["resources"]}) == len(package["resources"])
    for one in package["resources"]:
        assert one["bytes"] == len(files[one["path"]])
        assert one["hash"] == "sha256:" + hashlib.sha256(files[one["path"]]).hexdigest()
        assert tuple(field["name"] for field in one["schema"]["fields"]) == NAMES
    assert sum(one["rows"] for one in package["resources"]) == 78


def test_the_schemas_lie_beside_the_files(archive: Path, tmp_path: Path) -> None:
    exported(archive, tmp_path / "out", format="parquet")
    found = pa.ipc.read_schema(pa.BufferReader((tmp_path / "out" / "schema.arrow").read_bytes()))
    assert found.equals(schemas.arrow_schema(), check_metadata=True)
    assert (tmp_path / "out" / "schema.json").read_bytes() == schemas.FILE.read_bytes()
    sql = f"SELECT count(*), count(DISTINCT id) FROM '{tmp_path}/out/data/*.parquet'"
    assert duckdb.sql(sql).fetchall() == [(78, 78)]


def test_the_picture_shows_the_counts() -> None:
    tally = Tally()
    tally.months.update({"2026-01": 30, "2026-02": 3, "": 1})
    tally.sources.update({SOURCES[0]: 20, SOURCES[2]: 5, '<script a="&">\x1b\u202e': 1})
    tally.languages.update({"ar": 5, "": 2})
    root = ET.fromstring(drawn(tally))
    texts = [
        (element.text, element.attrib) for element in root.iter() if element.tag.endswith("text")
    ]
    shown = [text for text, _ in texts]
    assert shown[:3] == ["Month of publication", "2026-01", "30"]
    assert shown[5:7] == ["no date", "1"]
    label = next(attributes for text, attributes in texts if text == SOURCES[2])
    assert (label["direction"], label["text-anchor"]) == ("rtl", "start")
    assert '<script a="&">' in shown
    assert not any("\x1b" in text or "\u202e" in text for text in shown)
    assert "prefers-color-scheme" in drawn(tally)
    assert "http" not in drawn(tally).replace("http://www.w3.org/2000/svg", "")


def test_many_months_are_drawn_as_years() -> None:
    tally = Tally()
    tally.months.update({f"{year}-{month:02}": 1 for year in range(1900, 2026) for month in (1, 2)})
    drawing = drawn(tally)
    assert "Year of publication" in drawing
    assert "before" in drawing
    assert drawing.count("<rect") == 37


def test_texts_are_what_their_hash_is_of(archive: Path, tmp_path: Path) -> None:
    exported(archive, tmp_path / "out", format="txt")
    found = contents(tmp_path / "out")
    texts = {path: data for path, data in found.items() if path.endswith(".txt")}
    described = [
        (path.rpartition("/")[0], json.loads(line))
        for path, data in sorted(found.items()) if path.endswith("rows.jsonl")
        for line in data.decode().splitlines()
    ]  # fmt: skip
    assert {f"{folder}/{row['file']}" for folder, row in described} == set(texts)
    for folder, row in described:
        assert hashlib.sha256(texts[f"{folder}/{row['file']}"]).hexdigest() == row["text_hash"]
        assert set(row) == {"file", *NAMES} - {"text", "paragraphs"}


@pytest.mark.parametrize(
    "title", [*HOSTILE, "a" * 500, "ل" * 500, "\U00010000" * 100, ". .", "-", "\ud800"]
)
def test_names_of_texts_are_safe(title: str) -> None:
    found = name({"id": 12, "version": 3, "title": title})
    assert re.fullmatch(r"12-v3(-[\w-]+)?\.txt", found)
    assert len(os.fsencode(found)) < 100
    assert all(character.isalnum() or character in "-." for character in found)
