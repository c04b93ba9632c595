"""What may be done with an article is what its page said last, whatever its text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.documents import Query
from archiver.export.files import write_file
from archiver.export.rows import row
from archiver.export.taking import Wanted
from tests.samples import AT, reading
from tests.store.conftest import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "index.db")


def visit(desk: Desk, day: int, *rights: str, text: str = "Text.") -> None:
    desk.add(reading(text=text, rights=rights), at=AT + timedelta(days=day))


def exported(desk: Desk, tmp_path: Path, versions: str = "latest") -> Sequence[dict[str, object]]:
    target = tmp_path / "out.jsonl"
    target.unlink(missing_ok=True)
    write_file(desk.index, Wanted(Query(), versions=versions), target, lambda done, total: None)
    return [json.loads(line) for line in target.read_text().splitlines()] if target.exists() else []


def test_a_reservation_that_comes_later_counts_though_the_text_stays(
    desk: Desk, tmp_path: Path
) -> None:
    visit(desk, 0)
    assert len(exported(desk, tmp_path)) == 1
    visit(desk, 1, "noai")
    assert desk.rows("SELECT count(*) FROM versions") == [(1,)]
    assert exported(desk, tmp_path) == []
    article = desk.index.article("1")
    assert article.document.rights == ()  # what this version's bytes say, and `prove` reads
    assert (article.rights, row(article)["noai"]) == (("noai",), True)


def test_it_counts_for_every_version_and_one_that_was_lifted_for_its_own_alone(
    desk: Desk, tmp_path: Path
) -> None:
    visit(desk, 0, "tdm-reserved")
    visit(desk, 1, text="Other text.")
    assert [one["version"] for one in exported(desk, tmp_path, "all")] == [2]
    visit(desk, 2, "noarchive", "noai", text="Other text.")
    assert exported(desk, tmp_path, "all") == []
    with desk.index.selection(Query(), "all") as selection:
        told = [article.rights for article in selection.articles()]
    assert told == [("noai", "noarchive", "tdm-reserved"), ("noai", "noarchive")]


def test_what_an_import_brings_from_before_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    visit(desk, 5)
    visit(desk, 1, "noai")
    assert len(exported(desk, tmp_path)) == 1


def test_a_page_that_shows_less_can_reserve_too(desk: Desk, tmp_path: Path) -> None:
    visit(desk, 0)
    page = reading(text="Te", rights=("noai",), flags=("paywall",))
    assert desk.add(page, at=AT + timedelta(days=1)).change == "lesser"
    assert exported(desk, tmp_path) == []
