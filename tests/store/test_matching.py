"""What FTS5 is asked: the same hits in whichever way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.store import tags
from archiver.store.matching import any_of
from archiver.types import Query
from tests.samples import reading
from tests.store.conftest import Desk

FORMS = [f"form{number}" for number in range(60)]


@pytest.fixture(scope="module")
def texts() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(title, text, tags)")
        rows = [
            (n, FORMS[n * 7 % 60], f"{FORMS[n * n % 60]} {FORMS[n // 5 % 60]}", tags.ALL)
            for n in range(1, 300)
        ]
        connection.executemany("INSERT INTO t (rowid, title, text, tags) VALUES (?, ?, ?, ?)", rows)
        yield connection


def ids(texts: sqlite3.Connection, expression: str) -> list[int]:
    found = texts.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid DESC", (expression,))
    return [row[0] for row in found]


@given(forms=st.lists(st.sampled_from(FORMS), min_size=1, max_size=60, unique=True))
def test_forms_in_groups_find_what_one_by_one_finds(
    texts: sqlite3.Connection, forms: list[str]
) -> None:
    for column in ("title", "{title text}"):
        plain = f"{column} : ({' OR '.join(forms)})"
        assert ids(texts, any_of(forms, column)) == ids(texts, plain)
        both = f"{any_of(forms, column)} AND {any_of([tags.ALL], 'tags')} NOT text : form1"
        assert ids(texts, both) == ids(texts, f"({plain}) NOT text : form1")


def test_many_forms_are_asked_for_in_groups() -> None:
    assert any_of(FORMS[:3]) == '{title text} : ("form0" OR "form1" OR "form2")'
    assert any_of(FORMS[:16]).count("NOT") == 4


# Languages.

WORDS = {"ar": "ميناء", "fa": "بندر", "en": "harbour", "fr": "port"}
# The language of each article, and of which languages its words are.
PAGES = [
    ("ar", "ar"), ("ar", "ar"), ("ar", "ar en"), ("ar", "ar"), ("ar", "fa"), ("fa", "fa"), ("fa", "ar fa"),
    ("en", "en"), ("en", "en ar"), ("fr", "fr"), ("fr", "fr en"), ("fr", "ar"), ("", "en"),
]  # fmt: skip


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("press") / "index.db")
    for number, (language, spoken) in enumerate(PAGES, 1):
        text = " ".join(WORDS[each] for each in spoken.split())
        url = f"https://h/{number}"
        desk.add(reading("2026", text, url, language=language), url=url)
    yield desk
    desk.close()


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("language", ["ar", "fa", "en", "fr", "de"])
def test_words_in_a_language_are_found_whichever_way_is_shorter(
    press: Desk, word: str, language: str
) -> None:
    right = [
        number
        for number, (own, spoken) in enumerate(PAGES, 1)
        if own == language and word in spoken.split()
    ]
    index, term = press.index, WORDS[word]
    for query in (
        Query(term, language=language),
        Query(term, language=language.upper()),
        Query(f"lang:{language} {term}"),
        Query(f"{term} (lang:{language} OR lang:xx)"),
        Query(f"{term[:3]}* lang:{language}"),
        Query(f'lang:{language} "{term}" 2026'),
        Query(f"{term} -(2026 -lang:{language})"),
    ):
        assert [hit.article.id for hit in index.search(query)] == right[::-1], query
        assert index.count(query) == len(right)
    left = [n for n, (own, spoken) in enumerate(PAGES, 1) if word in spoken.split()]
    without = [hit.article.id for hit in index.search(Query(f"{term} -lang:{language}"))]
    assert without == [number for number in reversed(left) if number not in right]


@pytest.mark.parametrize(
    ("text", "language", "asked"),
    [
        ("ميناء", "ar", "NOT tags"),  # most of those with Arabic letters
        ("ميناء", "en", "AND tags"),
        ("harbour", "en", "AND tags"),
        ("بندر ميناء", "ar", "NOT tags"),
        ("2026", "ar", "AND tags"),
        ("title:ميناء", "ar", "NOT tags"),
        ("url:ميناء", "ar", "AND tags"),
        ("-ميناء", "ar", "tags"),
    ],
)
def test_a_language_is_asked_for_by_the_fewer_articles(
    press: Desk, text: str, language: str, asked: str
) -> None:
    match = press.index._finder.match(Query(text, language=language))
    assert asked in match.fts
    assert ("NOT tags" in match.fts) == (asked == "NOT tags")


def test_a_language_that_all_have_is_not_asked_for(desk: Desk) -> None:
    for number in range(1, 4):
        url = f"https://h/{number}"
        desk.add(reading("ميناء", "قديم", url, language="ar"), url=url)
    assert "tags" not in desk.index._finder.match(Query("ميناء", language="ar")).fts
    desk.add(reading("Port", "The ميناء.", "https://h/4", language="en"), url="https://h/4")
    assert "NOT tags" in desk.index._finder.match(Query("ميناء", language="ar")).fts
    desk.add(reading("Port", "The harbour.", "https://h/4", language="en"), url="https://h/4")
    assert "tags" not in desk.index._finder.match(Query("ميناء", language="ar")).fts
