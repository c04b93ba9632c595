"""The index in a real Datasette, asked in its own process: nothing listens, and nothing is sent."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette
from datasette.plugins import pm

import archiver.datasette
from tests.store.newsroom import HOSTILE, fill


@pytest.fixture(scope="module", autouse=True)
def plugin() -> Iterator[None]:
    """Register the plugin, where this archiver is not the installed one."""
    ours = not pm.is_registered(archiver.datasette)
    if ours:
        pm.register(archiver.datasette, "archiver of the tests")
    yield
    if ours:
        pm.unregister(archiver.datasette)


@pytest.fixture(scope="module")
def path(tmp_path_factory: Any) -> Path:
    return fill(tmp_path_factory.mktemp("datasette") / "index.db")


class Served:
    def __init__(self, *files: Path, **options: Any) -> None:
        self._datasette = Datasette([str(file) for file in files], **options)

    def get(self, where: str, **values: str) -> Any:
        return asyncio.run(self._datasette.client.get(f"{where}?{urlencode(values)}"))

    def rows(self, where: str, **values: str) -> Any:
        answer = self.get(f"/index/{where}.json", **values, _shape="array")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def served(path: Path) -> Served:
    return Served(path)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        return [
            given["href"] or "" for tag, given in self.elements if tag == "a" and "href" in given
        ]


def test_search_finds_the_words_in_all_their_forms(served):
    found = served.rows("search", q="الخلافة")
    assert [row["title"] for row in found] == ["حديث عن ⟦خلافة⟧ قديمة", "⟦الخلافة⟧ في كتب التاريخ"]
    assert "عن ⟦الخلافة⟧ وعن" in found[1]["snippet"]
    assert [row["url"] for row in served.rows("search", q="bridge source:mirror")] == [
        "https://mirror.example/2"
    ]
    assert len(served.rows("search")) == 4


def test_search_goes_on_behind_an_article(served):
    every = served.rows("search", q="")
    behind = served.rows("search", q="", before=str(every[1]["id"]))
    assert behind == every[2:]


def test_the_other_queries(served):
    every = served.rows("search", q="")
    for wanted in (str(every[3]["id"]), every[3]["url"]):
        (version,) = served.rows("versions_of_an_article", article=wanted)
        assert (version["number"], version["title"]) == (1, "الخلافة في كتب التاريخ")
    assert served.rows("versions_of_an_article", article="nothing") == []
    assert served.rows("sources_by_month") == [
        {"month": "2026-02", "source": "herald", "articles": 2},
        {"month": "2026-02", "source": "mirror", "articles": 2},
    ]


def test_every_page_opens(served, path):
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
    assert {"article_text_data", "search_doc", "search_term", "versions"} <= set(tables)
    queries = ["search", "versions_of_an_article", "sources_by_month"]
    for where in ["/", "/index", *(f"/index/{name}" for name in [*tables, *queries])]:
        answer = served.get(where)
        assert (where, answer.status_code) == (where, 200)
    assert "syntax error" not in served.get("/index/article_text", _search="flood OR (").text


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("flood OR", "nothing stands behind 'OR'"),
        ("()", "there is nothing between '(' and ')'"),
        ("(خلافة", "'(' before '\u2068خلافة\u2069' is never closed"),
        ("...", "there is no word to look for"),
    ],
)
def test_a_mistake_is_told_in_our_words(served, query, line):
    for suffix in ("", ".json"):
        answer = served.get(f"/index/search{suffix}", q=query)
        told = answer.json()["error"] if suffix else Page(answer.text).text
        assert answer.status_code == 400
        assert f'syntax error near ""{line}' in told


@pytest.mark.parametrize(
    "query",
    [
        '" OR tags : "',
        "tags:x*",
        "NEAR(a b)",
        "^a + b",
        "{title}: a",
        "a' OR 1=1 --",
        '"',
        "\ue000",
    ],
)
def test_a_hostile_query_is_no_query_of_fts5(served, query):
    answer = served.get("/index/search.json", q=query)
    if answer.status_code == 400:  # our own line, which ends with a remedy
        assert re.fullmatch(r'fts5: syntax error near "".* \(.*\)""', answer.json()["error"])
    else:
        assert answer.status_code == 200


def test_text_from_the_web_stays_text(served):
    wanted = {"q": "flood source:herald"}
    for where, values in [
        ("search", wanted),
        ("versions", {}),
        ("articles", {}),
        ("exchanges", {}),
    ]:
        page = Page(served.get(f"/index/{where}", **values).text)
        assert not [given for tag, given in page.elements if tag == "img" or "onerror" in given]
        assert not [link for link in page.links() if link.lower().startswith("javascript:")]
        assert "alert(1)" in page.text  # it is on the page, though
    shown = Page(served.get("/index/search", **wanted).text)
    assert HOSTILE.replace("flood", "⟦flood⟧") in shown.text
    assert "<script>alert(2)</script>" in shown.text


def test_web_addresses_are_links(served):
    assert "https://mirror.example/2" in Page(served.get("/index/search", q="bridge").text).links()


def test_an_immutable_index_is_searched(path):
    served = Served(immutables=[str(path)])
    assert len(served.rows("search", q="الخلافة")) == 2


def test_an_index_of_any_name_is_described_and_nothing_else_is(path, tmp_path):
    (tmp_path / "news of 2026.db").write_bytes(path.read_bytes())
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY)")
    served = Served(tmp_path / "news of 2026.db", tmp_path / "other.db")
    name = re.search(r'href="(/news[^"/?]*)"', served.get("/").text)
    assert name
    ours, other = served.get(name[1]), served.get("/other")
    assert "An archive of news" in ours.text
    assert "An archive of news" not in other.text
    assert "cells.css" in ours.text
    assert "cells.css" not in other.text
    assert served.get("/other/search").status_code == 404
    error = served.get("/other.json", sql="SELECT archiver_fold('a')").json()["error"]
    assert "no such function" in error


def test_the_users_own_metadata_goes_first(path):
    own = {
        "databases": {"index": {"description": "Ours.", "queries": {"search": "SELECT 1 AS one"}}}
    }
    served = Served(path, metadata=own)
    assert "Ours." in served.get("/index").text
    assert served.rows("search") == [{"one": 1}]
    assert len(served.rows("sources_by_month")) == 2
    assert "An archive of news" in Served(path).get("/index").text


def test_the_style_is_shipped(served):
    (where,) = re.findall(r'href="([^"]*cells\.css[^"]*)"', served.get("/index/search").text)
    assert "plaintext" in served.get(where).text


def test_what_is_described_is_there(path):
    described = archiver.datasette._described()
    with closing(sqlite3.connect(path)) as connection:
        for table, told in described["tables"].items():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            assert columns, table
            assert set(told.get("columns", {})) <= columns
        names = {
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
    segments = ("article_text_", "copy_keys_")
    assert {name for name in names if not name.startswith(segments)} == set(described["tables"])
    assert json.dumps(described)
