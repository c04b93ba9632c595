"""`archiver export` as it is typed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_commands import Done, command, environment
from tests.export.shelf import make

Export = Callable[..., Done]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("exported"), articles=400)


@pytest.fixture
def export(archive: Path, tmp_path: Path) -> Export:
    return lambda *words: command(tmp_path, "export", "--archive", archive, *words)


@pytest.mark.parametrize("name", ["jsonl", "jsonl.zst", "csv", "parquet"])
def test_standard_output_gets_all_of_a_file(
    export: Export, archive: Path, tmp_path: Path, name: str
) -> None:
    assert export("--format", name, "-o", "out").code == 0
    words = ["export", "--archive", str(archive), "--format", name, "-o", "-"]
    for unbuffered in ("", "1"):
        done = subprocess.run(
            [sys.executable, "-m", "archiver", *words],
            env=environment() | {"PYTHONUNBUFFERED": unbuffered}, capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        assert done.stdout == (tmp_path / "out").read_bytes()
    assert len(done.stdout) > 65536 or name != "jsonl"  # more than a pipe holds at once


def test_what_is_reserved_is_told(export: Export) -> None:
    done = export("-o", "out")
    assert (
        "left out 2 that are reserved from text and data mining: noai 1, tdm-reserved 1" in done.err
    )
    assert "wrote 418 articles to out" in done.err
    done = export("-o", "out", "--include-reserved", "--versions", "all")
    assert "warning: 1 rows say noai and 1 reserve text and data mining" in done.err
    assert "wrote 421 versions to out" in done.err


def test_only_reserved_articles_are_no_rows(export: Export, tmp_path: Path) -> None:
    done = export("-o", "out", '"Story 900"')
    done.says(3, "nothing was written")
    assert "left out 1" in done.err
    assert not (tmp_path / "out").exists()


def test_versions(export: Export) -> None:
    texts = {
        versions: [
            row["text"] for row in export("-o", "-", "--versions", versions, 'title:"Story 0"').rows
        ]
        for versions in ("latest", "first", "all")
    }
    assert texts == {
        "latest": ["Hail."], "first": ["Rain, 0.\n\nMore of it."], "all": ["Rain, 0.\n\nMore of it.", "Hail."],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "sqlite", "-o", "-"), "cannot go to standard output"),
        (("--raw", "-o", "out"), "are for CSV"),
        (("--dataset", "-o", "-"), "a folder cannot go to standard output"),
        (("--format", "sqlite", "-o", "out/"), "sqlite is one file"),
        (("--split", "train:2026", "-o", "out"), "is for a dataset"),
        (("--split", "train", "-o", "out/"), "is no split"),
        (("-o", "."), "end it with / for a dataset"),
        (("--excel", "--format", "parquet", "-o", "out"), "are for CSV"),
        (("--text", "-o", "out"), "is for WACZ"),
    ],
)
def test_what_cannot_be_meant_is_told(export: Export, words: tuple[str, ...], said: str) -> None:
    export(*words).says(2, said)


@pytest.mark.parametrize("target", ["archive/", "archive/warcs/new/", "archive/index.db/", "./"])
def test_no_dataset_is_written_over_an_archive(archive: Path, target: str) -> None:
    words = ("export", "--archive", "archive", "-o", target)
    command(archive.parent, *words).says(2, "is no place for an export")
    assert not any((archive / "warcs").iterdir())


@pytest.mark.parametrize("name", ["index.db-wal", "index.db-shm", "runs.db-journal", ".run.lock"])
def test_no_export_is_written_over_what_stands_beside_the_index(archive: Path, name: str) -> None:
    words = ("export", "--archive", "archive", "-o", f"archive/{name}")
    command(archive.parent, *words).says(2, "is no place for an export")


def test_a_dataset_with_splits(export: Export, tmp_path: Path) -> None:
    done = export("--split", "train:2026-01,test:2026-02", "-o", "out/")
    assert "left out 360 that are in no split, of which 2 have no date" in done.err
    assert "wrote 58 articles to out/" in done.err
    assert "warning: 420 articles were not compared with the others" in done.err
    assert {path.name for path in (tmp_path / "out" / "data").iterdir()} == {
        "train-00000.jsonl", "test-00000.jsonl",
    }  # fmt: skip
    export("--dataset", "-o", "out").says(2, "is there already")
    assert export("--dataset", "--format", "txt", "-o", "texts").code == 0
    assert (tmp_path / "texts" / "README.md").is_file()


def test_the_command_on_the_card_makes_the_same_again(export: Export, tmp_path: Path) -> None:
    words = (
        "rain OR \"two words\" -'x'",
        "--from",
        "2026-02-01",
        "--to",
        "2026-05-05",
        "--lang",
        "ar",
    )
    more = ("--format", "parquet", "--versions", "all", "--include-reserved", "--shard-size", "7")
    assert export(*words, *more, "--split", "a:2026-03,b:2026-04..", "-o", "one/").code == 0
    card = (tmp_path / "one" / "README.md").read_text("utf-8")
    line = next(line for line in card.splitlines() if line.startswith("    archiver export "))
    assert export(*shlex.split(line)[2:-1], "two/").code == 0
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            assert (
                tmp_path / "two" / path.relative_to(tmp_path / "one")
            ).read_bytes() == path.read_bytes()


def test_nothing_is_left_beside_a_target_that_cannot_be(export: Export, tmp_path: Path) -> None:
    export("--format", "sqlite", "-o", "none/out").says(1, "cannot be written", "none")
    assert list(tmp_path.iterdir()) == []
