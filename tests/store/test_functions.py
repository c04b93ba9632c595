"""The SQL functions, on a connection of another program's."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import QueryError
from archiver.store import functions
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Query
from tests.samples import moment, reading
from tests.store.conftest import Desk
from tests.store.newsroom import fill

DOCS = Path(__file__).parents[2] / "docs" / "datasette.md"
SEARCH = """SELECT d.article_id FROM article_text t JOIN search_doc d ON d.id = t.rowid
    WHERE article_text MATCH archiver_match(?) ORDER BY t.rowid DESC"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: Any) -> Path:
    return fill(tmp_path_factory.mktemp("functions") / "index.db")


@pytest.fixture(scope="module")
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(opened(path)) as connection:
        yield connection


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    assert functions.is_index(connection)
    functions.register(connection)
    return connection


def value(connection: sqlite3.Connection, call: str, *values: Any) -> Any:
    return connection.execute(f"SELECT {call}", values).fetchone()[0]


QUERIES = [
    "", "flood", "خلافة", "الخلافة", "قديمة", '"خلافة قديمة"', "flood -bridge", "NOT flood", "source:mirror",
    "source:mirror flood", "lang:ar after:2026-02-02", "date:2026-02-02..2026-02-03", "date:2026-02-02",
    "before:2026-02-01", "after:2027", "before:0001", "after:0001", "before:9998", "date:2026",
    "flood OR date:2026-02-01", "flo*", "title:flood", "url:mirror.example", "nothing-like-it", "2026",
    "before:2026-02-03 after:2026-02-02 NOT date:2026-02-02",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_one_expression_finds_what_archiver_search_finds(connection, path, query):
    index = Index(path)
    expected = [hit.article.id for hit in index.search(Query(query))]
    index.close()
    assert [row[0] for row in connection.execute(SEARCH, (query,))] == expected


def test_some_of_them_find_some_articles_and_some_find_none(connection):
    counts = {len(connection.execute(SEARCH, (query,)).fetchall()) for query in QUERIES}
    assert counts == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    "query", ["flood OR", "()", "...", "a*", 'ra"x', 'has:"x y"', "date:2026-13"]
)
def test_a_mistake_fails_the_statement_with_our_line(connection, path, query):
    index = Index(path)
    try:
        index.search(Query(query))
    except QueryError as error:
        line = str(error).replace('"', '""')
        with pytest.raises(sqlite3.OperationalError) as told:
            connection.execute(SEARCH, (query,)).fetchall()
        assert str(told.value) == f'fts5: syntax error near ""{line}""'
    else:
        connection.execute(SEARCH, (query,)).fetchall()
    finally:
        index.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(), st.text('"()*:-+^{}ANDORT. \x00\ud800eخtitle', max_size=20)))
def test_no_query_gets_an_error_that_is_not_ours(connection, query):
    query = query.encode("utf-8", "replace").decode()  # sqlite3 itself refuses lone surrogates
    told = 'fts5: syntax error near "".+ \\(.+\\)""'  # all of our mistakes tell a remedy
    error = None
    try:
        connection.execute(SEARCH, (query,)).fetchall()
    except sqlite3.OperationalError as raised:
        error = str(raised)
    assert error is None or re.fullmatch(told, error, re.DOTALL)


def test_texts(connection):
    assert value(connection, "archiver_fold('الخِلافة، Café!')") == "الخلافه cafe"
    title = "كتاب الخلافة و<b>flood</b>"
    assert (
        value(connection, "archiver_mark(?, 'خلافة OR flood')", title)
        == "كتاب ⟦الخلافة⟧ و<b>⟦flood⟧</b>"
    )
    text = "x " * 500 + "the flooded bridge" + " y" * 500
    snippet = value(connection, "archiver_snippet(?, 'flood')", text)
    assert "the ⟦flooded⟧ bridge" in snippet
    assert len(snippet) < 300
    assert value(connection, "archiver_mark('a text', '')") == "a text"


@pytest.mark.parametrize(
    "call",
    [
        "fold(NULL)",
        "match(NULL)",
        "mark(NULL, 'a')",
        "mark('a', NULL)",
        "snippet('a', NULL)",
        "fold(x'00')",
        "match(x'00')",
        "mark('a', 'a OR')",
        "snippet('a', '()')",
    ],
)
def test_null_is_made_of_what_is_no_text_or_no_query(connection, call):
    assert value(connection, f"archiver_{call}") is None


def test_numbers_are_texts(connection):
    assert value(connection, "archiver_mark(2026, 2026)") == "⟦2026⟧"


def test_a_query_is_compiled_once_for_all_rows(path):
    with closing(opened(path)) as connection:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        rows = connection.execute("SELECT archiver_mark(text, 'flood') FROM versions").fetchall()
        connection.set_trace_callback(None)
    assert len(rows) == 4
    assert sum("WHERE term IN" in sql for sql in statements) == 1


def test_words_that_came_since_are_known(tmp_path):
    desk = Desk(tmp_path / "index.db")
    desk.add(reading("عنوان", "في المدينة جسر.", language="ar", published=moment(1)))
    with closing(opened(tmp_path / "index.db")) as connection:
        assert len(connection.execute(SEARCH, ("جسر",)).fetchall()) == 1
        assert connection.execute(SEARCH, ("bridge",)).fetchall() == []
        second = "https://news.example/2"
        desk.add(reading("Two", "Bridges.", second, language="en", published=moment(9)), url=second)
        assert len(connection.execute(SEARCH, ("bridge",)).fetchall()) == 1
        assert len(connection.execute(SEARCH, ("date:2026-02-09",)).fetchall()) == 1
    desk.close()


def test_only_fold_may_stand_in_an_index(path, tmp_path):
    with closing(sqlite3.connect(tmp_path / "own.db")) as connection:
        functions.register(connection)
        connection.execute("CREATE TABLE t (a)")
        connection.execute("CREATE INDEX folded ON t (archiver_fold(a))")
        with pytest.raises(sqlite3.OperationalError, match="non-deterministic"):
            connection.execute("CREATE INDEX matched ON t (archiver_match(a))")


def test_what_is_no_index(tmp_path):
    Store(tmp_path / "index.db").close()
    (tmp_path / "text.db").write_bytes(b"This is no database. " * 100)
    with closing(sqlite3.connect(tmp_path / "index.db")) as connection:
        assert functions.is_index(connection)
        connection.execute("PRAGMA user_version = 3")
        assert not functions.is_index(connection)
    for other in (":memory:", str(tmp_path / "text.db")):
        with closing(sqlite3.connect(other)) as connection:
            assert not functions.is_index(connection)


def test_an_empty_index_finds_nothing(tmp_path):
    Store(tmp_path / "index.db").close()
    with closing(opened(tmp_path / "index.db")) as connection:
        for query in QUERIES:
            assert connection.execute(SEARCH, (query,)).fetchall() == []


def test_every_function_is_described(connection):
    here = {row[0] for row in connection.execute("SELECT name FROM pragma_function_list")}
    described = re.findall(r"^\| `(archiver_\w+)\(", DOCS.read_text("utf-8"), re.MULTILINE)
    assert set(described) == {name for name in here if name.startswith("archiver_")}


def test_the_sentence_that_is_documented_searches(connection):
    (sentence,) = re.findall(
        r"^    (SELECT a\.url(?:.|\n)+? LIMIT 20)$", DOCS.read_text("utf-8"), re.MULTILINE
    )
    found = connection.execute(sentence, {"q": "الخلافة"}).fetchall()
    assert [row[0] for row in found] == ["https://herald.example/4", "https://mirror.example/1"]
