from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archiver.documents import Article
from archiver.errors import ArchiveError
from archiver.export import NAMES, files, row
from tests.export.samples import ARTICLE, AT


def written(format_name: str, *articles: Article) -> str:
    stream = io.StringIO(newline="")
    assert files.write(articles, format_name, stream) == len(articles)
    return stream.getvalue()


def table(*articles: Article) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written("csv", *articles), newline="")))


def titled(title: str) -> Article:
    return replace(ARTICLE, document=replace(ARTICLE.document, title=title))


def test_json_lines_are_rows_again() -> None:
    lines = written("jsonl", ARTICLE, ARTICLE).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == [row(ARTICLE)] * 2
    assert "خبر می\u200cرسد" in lines[0]


def test_csv_comes_back_whole() -> None:
    (row,) = table(replace(ARTICLE, gone_at=AT))
    assert list(row) == list(NAMES)
    assert row["text"] == ARTICLE.document.text
    assert (row["authors"], row["tags"]) == ("Ann Lee; Bo Ek", "bay; storm")
    assert (row["modified_at"], row["removed_at"]) == ("", "2026-03-05T10:00:00.000007Z")


def test_csv_without_articles_is_a_header() -> None:
    assert written("csv").strip() == ",".join(list(NAMES))
    assert written("jsonl") == ""


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula_in_csv(start: str) -> None:
    assert table(titled(start))[0]["title"] == "'" + start
    assert json.loads(written("jsonl", titled(start)))["title"] == start


@pytest.mark.parametrize("title", ["1=1", "a-b", "'x", "", "خبر"])
def test_harmless_text_is_left_alone(title: str) -> None:
    assert table(titled(title))[0]["title"] == title


@pytest.mark.parametrize("format_name", files.FORMATS)
def test_a_file_holds_what_the_stream_holds(tmp_path: Path, format_name: str) -> None:
    path = tmp_path / "out"
    assert files.write_file([ARTICLE], format_name, path) == 1
    assert path.read_bytes().decode() == written(format_name, ARTICLE)
    assert list(tmp_path.iterdir()) == [path]


def failing(error: BaseException) -> Iterator[Any]:
    yield ARTICLE
    raise error


def test_a_file_that_cannot_be_finished_does_not_appear(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before")
    with pytest.raises(ArchiveError, match="cannot be written: No space left") as caught:
        files.write_file(failing(OSError(28, "No space left on device")), "csv", path)
    assert caught.value.where == str(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("index")])
def test_a_stopped_export_leaves_no_rest(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        files.write_file(failing(error), "csv", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        files.write_file([ARTICLE], "csv", tmp_path / "none" / "out")
