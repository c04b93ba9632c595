from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.errors import QueryError
from archiver.export import NAMES, row
from archiver.export.rows import rows
from archiver.store.selecting import COLUMNS
from archiver.types import Query
from tests.samples import AT, moment, reading
from tests.store.conftest import Desk

KEYS = ("id", "version")
OTHER = "https://news.example/a/2"


@pytest.fixture
def two(desk: Desk) -> Desk:
    """An article of three versions, of which an import brought the earliest last, and one of one."""
    tags = {"tags": ("sea", "عاصفة"), "rights": ("noai", "noarchive"), "flags": ("paywall",)}
    desk.add(
        reading(
            "One", "Rain came.\n\nIt fell.", authors=("Ann", "ليلى"), published=moment(), **tags
        )
    )
    desk.add(reading("Two", "Wind came.", OTHER, language="en"), url=OTHER)
    desk.add(reading("One", "Rain came, much.", section="news"), at=AT + timedelta(hours=5))
    desk.add(reading("One", "No rain."), at=AT - timedelta(hours=1))
    return desk


def selected(desk: Desk, versions: str, words: str = "") -> list[tuple[object, ...]]:
    with desk.index.selection(Query(words, limit=1), versions) as selection:
        found = list(selection.records(KEYS))
        assert selection.count() == len(found)
        assert [(a.id, a.version) for a in selection.articles()] == found
    return found


@pytest.mark.parametrize(
    ("versions", "wanted"),
    [
        ("latest", [(1, 2), (2, 1)]),
        ("first", [(1, 3), (2, 1)]),  # by time of capture
        ("all", [(1, 1), (1, 2), (1, 3), (2, 1)]),
    ],
)
def test_versions_come_in_their_order(two: Desk, versions: str, wanted: list[object]) -> None:
    assert selected(two, versions) == wanted
    assert selected(two, versions, "rain") == [key for key in wanted if key[0] == 1]
    assert selected(two, versions, "snow") == []


def test_each_version_has_its_own_bytes_and_text(two: Desk) -> None:
    with two.index.selection(Query(), "all") as selection:
        found = [(a.version, a.document.text, a.location) for a in selection.articles()][:3]
    for number, text, location in found:
        version = two.index.version(1, number)
        assert (text, location) == (version.text, version.location)


@pytest.mark.parametrize("versions", ["latest", "first", "all"])
def test_rows_of_records_are_rows_of_articles(two: Desk, versions: str) -> None:
    with two.index.selection(Query(), versions) as selection:
        assert list(rows(selection.records(NAMES))) == [row(a) for a in selection.articles()]


def test_whole_texts_are_not_sorted(two: Desk) -> None:
    for versions in ("latest", "first", "all"):
        for words in ("", "rain"):
            with two.index.selection(Query(words), versions) as selection:
                sql = (
                    f"EXPLAIN QUERY PLAN SELECT * FROM {selection._tables} ORDER BY a.id, v.number"
                )
                plan = selection._connection.execute(sql, selection._values).fetchall()
                # That of `first` sorts the versions of one article, each by a few numbers.
                whole = [step["detail"] for step in plan if step["parent"] == 0]
                assert not any("TEMP B-TREE FOR" in detail for detail in whole), whole


def test_what_is_written_meanwhile_is_not_seen(two: Desk) -> None:
    with two.index.selection(Query(), "all") as selection:
        records = selection.records(KEYS)
        first = next(records)
        two.add(
            reading("Three", "Snow.", "https://news.example/a/3"), url="https://news.example/a/3"
        )
        two.add(reading("One", "Hail."), at=AT + timedelta(hours=9))
        assert [first, *records] == [(1, 1), (1, 2), (1, 3), (2, 1)]
        assert selection.count() == 4
    assert len(selected(two, "all")) == 6


def test_a_column_that_is_not_known_is_empty(two: Desk) -> None:
    with two.index.selection(Query(), "all") as selection:
        found = list(selection.records((*KEYS, "rights", "nonsense")))
    assert found[0] == (1, 1, '["noai", "noarchive"]', None)
    assert set(COLUMNS) <= set(NAMES)


def test_a_query_that_cannot_be_meant_is_told(two: Desk) -> None:
    with pytest.raises(QueryError), two.index.selection(Query("(rain")):
        pass
    assert two.index.cluster_of([1]) == {}
    assert selected(two, "latest")  # and the index can be asked again
