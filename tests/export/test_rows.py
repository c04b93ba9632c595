from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from archiver.errors import DamagedError
from archiver.export import FIELDS, NAMES, row, schemas
from archiver.export.parquet import table
from archiver.export.rows import rows
from archiver.types import Query, Reading
from tests.export.samples import ARTICLE, AT
from tests.samples import link, reading
from tests.store.conftest import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "index.db")
    yield made
    made.close()


DOCS = Path(__file__).parent.parent.parent / "docs" / "export.md"


def test_a_row_has_every_field_in_its_order() -> None:
    found = row(ARTICLE)
    assert tuple(found) == NAMES
    assert (found["url"], found["canonical_url"]) == (ARTICLE.fetched_url, ARTICLE.url)
    assert found["published_at"] == "2026-03-05T10:00:00.000007Z"
    assert (found["published_zone"], found["published_precision"]) == ("+02:00", "second")
    assert (found["modified_at"], found["modified_zone"], found["removed_at"]) == (None, None, None)
    assert (found["completeness"], found["version"], found["versions"]) == ("truncated", 2, 3)
    assert (found["warc_filename"], found["warc_offset"], found["warc_length"]) == (
        "a.warc.gz", 100, 50,
    )  # fmt: skip
    assert row(replace(ARTICLE, gone_at=AT))["removed_at"] == "2026-03-05T10:00:00.000007Z"


def test_paragraphs_are_the_text() -> None:
    assert row(ARTICLE)["paragraphs"] == ['One, "two".', "Three."]
    empty = replace(ARTICLE, document=replace(ARTICLE.document, text=""))
    assert row(empty)["paragraphs"] == []


@pytest.mark.parametrize(
    ("rights", "flags", "said"),
    [
        ((), (), []),
        (("noai",), (), ["noai"]),
        (("noarchive", "tdm-reserved"), ("paywall",), ["noarchive", "tdm_reserved", "paywalled"]),
        (("noimageai", "noindex"), ("live",), []),
    ],
)
def test_rights_are_said_one_by_one(
    rights: tuple[str, ...], flags: tuple[str, ...], said: list[str]
) -> None:
    document = replace(ARTICLE.document, flags=flags)
    found = row(replace(ARTICLE, document=document, rights=rights))
    names = ("noarchive", "noai", "tdm_reserved", "paywalled")
    assert [name for name in names if found[name]] == said
    assert found["rights"] == list(rights)


@pytest.mark.parametrize("told", [True, False, None])
def test_what_robots_say_is_said_in_every_format(desk: Desk, told: bool | None) -> None:
    url = "https://a.example/1"
    desk.add(reading(), url, link=link(url, robots=told))
    with desk.index.selection(Query(), versions="all") as selection:
        (article,) = selection.articles()
        (found,) = rows(selection.records(NAMES))
    assert found == row(article)
    assert found["robots_allowed"] is told
    assert table([found]).to_pylist()[0]["robots_allowed"] is told


def test_a_visit_that_showed_nothing_new_says_nothing_of_the_version(desk: Desk) -> None:
    """Neither a 304 nor the same text again: the row is of the fetch that the version was read from."""
    desk.add(reading(), link=link(robots=False))
    desk.add(Reading(), status=304, link=link(robots=True))
    desk.add(reading(), link=link(robots=True))
    assert desk.rows("SELECT robots_allowed FROM exchanges ORDER BY id") == [(0,), (1,), (1,)]
    (article,) = desk.index.stream(Query())
    assert (article.versions, article.robots_allowed) == (1, False)


def test_a_cluster_is_told_where_there_is_one() -> None:
    assert row(ARTICLE)["cluster_id"] is None
    assert row(ARTICLE, 3)["cluster_id"] == 3


def test_the_json_schema_in_the_package_is_that_of_the_fields() -> None:
    assert schemas.FILE.read_text("utf-8") == schemas.json_schema_text()
    found = json.loads(schemas.json_schema_text())
    assert list(found["properties"]) == found["required"] == list(NAMES)
    assert found["properties"]["mime"]["type"] == ["string", "null"]
    assert found["properties"]["tags"]["items"] == {"type": "string"}


def test_the_row_is_what_the_json_schema_says() -> None:
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "null": type(None)}
    full = replace(ARTICLE, gone_at=AT, document=replace(ARTICLE.document, tags=("a",)))
    for found in (row(full, 7), row(ARTICLE)):
        for name, wanted in schemas.json_schema()["properties"].items():
            told = wanted["type"] if isinstance(wanted["type"], list) else [wanted["type"]]
            assert type(found[name]) in [kinds[kind] for kind in told], name


def test_the_arrow_schema_is_that_of_the_fields() -> None:
    schema = schemas.arrow_schema()
    assert tuple(schema.names) == NAMES
    for field, wanted in zip(schema, FIELDS, strict=True):
        assert field.nullable == wanted.nullable
        assert field.metadata == {b"description": wanted.description.encode()}
        assert {
            "string": pa.types.is_string, "integer": pa.types.is_int64, "boolean": pa.types.is_boolean,
            "time": pa.types.is_timestamp, "list": pa.types.is_list,
        }[wanted.type](field.type)  # fmt: skip


def test_the_documentation_has_the_table_of_the_fields() -> None:
    assert "\n".join(schemas.table()) in DOCS.read_text("utf-8"), "run 'make docs'"


def test_a_row_that_nobody_writes_is_told() -> None:
    with pytest.raises(DamagedError, match="is no list"):
        next(rows([tuple("[" for _ in NAMES)]))
    with pytest.raises(DamagedError, match="published_at"):
        table([row(ARTICLE) | {"published_at": "soon"}])
