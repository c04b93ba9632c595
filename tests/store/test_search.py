"""Questions to the index."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import UsageError
from archiver.store import search
from archiver.store.search import Index
from archiver.types import MARK_END, MARK_START, Query
from tests.samples import moment, reading
from tests.store.conftest import Desk

PAGES = {
    # url: (source, title, text, language, day of publication)
    "https://h/1": ("one", "Rain in the north", "The rain fell on the old town.", "en", 1),
    "https://h/2": ("one", "Town council", "The town was old and rain came late.", "en", 3),
    "https://h/3": ("two", "أمطار في الشمال", "هطلت الأمطار على المدينة القديمة.", "ar", 2),
    "https://h/4": ("two", "Nothing else", "A short note: rain, rain, rain.", "en", None),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: Any) -> Iterator[Index]:
    from tests.store.conftest import Desk

    desk = Desk(tmp_path_factory.mktemp("search") / "index.db")
    for url, (source, title, text, language, day) in PAGES.items():
        published = moment(day) if day else None
        page = reading(title, text, url, language=language, published=published)
        desk.add(page, url=url, source=source)
    yield desk.index
    desk.close()


def found(index: Index, *words: Any, **more: Any) -> list[int]:
    return [hit.article.id for hit in index.search(Query(*words, **more))]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (Query("rain"), [4, 2, 1]),
        (Query("RAIN town"), [2, 1]),
        (Query("rain", sort="oldest"), [1, 2, 4]),
        (Query("rain old", sort="relevance"), [1, 2]),
        (Query("rain", source="one"), [2, 1]),
        (Query("rain", limit=1), [4]),
        (Query("rain", since=datetime(2026, 2, 2, tzinfo=UTC)), [4, 2]),
        (Query("rain", until=datetime(2026, 2, 3, tzinfo=UTC)), [1]),
        (Query(language="ar"), [3]),
        (Query(), [4, 2, 3, 1]),
        (Query(sort="relevance"), [4, 2, 3, 1]),
        (Query(source="none"), []),
        (Query('"old town"'), [1]),
        (Query("“old town” rain"), [1]),
        (Query("«المدينة القديمة»"), [3]),
        (Query("الأمطار"), [3]),
        (Query("أمطار القديمة"), [3]),
        (Query('unbalanced "town'), []),
        (Query('old "town'), [2, 1]),
        (Query("rain AND NOT town"), []),
        (Query("rain*"), [4, 2, 1]),
        (Query("title:rain"), []),
    ],
)
def test_search(index: Index, query: Query, ids: Any) -> None:
    assert [hit.article.id for hit in index.search(query)] == ids


def test_what_was_found_is_marked(index: Index) -> None:
    first = index.search(Query("council rain"))[0]
    assert first.title == f"Town {MARK_START}council{MARK_END}"
    assert f"{MARK_START}rain{MARK_END} came" in first.snippet


def test_without_words_the_text_begins_the_snippet(index: Index) -> None:
    assert index.search(Query(language="ar"))[0].snippet == PAGES["https://h/3"][2]


@pytest.mark.parametrize(
    ("words", "compiled"),
    [
        ("", ""),
        ("  \n", ""),
        ("a b", '"a" AND "b"'),
        ('"a b" c', '"a b" AND "c"'),
        ('a"b', '"a b"'),
        ("a\0b", '"a" AND "b"'),
        ("a - b", '"a" AND "b"'),
        ("NEAR(a, b)", '"NEAR(a," AND "b)"'),
    ],
)
def test_words_are_compiled_to_quoted_terms(words: str, compiled: Any) -> None:
    assert search.compile_words(words) == compiled


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("?!", "nothing to search for"),
        ('""', "nothing to search for"),
        ("a " * 65, "more than 64 words"),
        ("a" * 1001, "longer than 1000"),
    ],
)
def test_what_cannot_be_searched_for(words: str, complaint: Any) -> None:
    with pytest.raises(UsageError, match=complaint):
        search.compile_words(words)


HOSTILE = st.text(
    st.characters() | st.sampled_from('"“”*^:(){}-+ \x00\ud800أ'), max_size=60
) | st.lists(
    st.sampled_from(["NOT", "AND", "OR", "NEAR(", ")", '"', "a*", "title", ":", "^b", "\x00", "-"])
).map(" ".join)


@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=HOSTILE, sort=st.sampled_from(sorted(search.SORTS)), other=st.text(max_size=5))
def test_no_query_brings_an_error_of_sqlite(
    index: Index, words: str, sort: Any, other: Any
) -> None:
    for ask in (index.search, lambda query: list(index.stream(query))):
        try:
            ask(Query(words, source=other, language=other, sort=sort))
            ask(Query(words, sort=sort))
        except UsageError:
            assert words.strip()


@settings(deadline=None, max_examples=100)
@given(wanted=st.text(st.characters()) | st.sampled_from(["9" * 5000, "-1", "1e3", "٣", "²", ""]))
def test_article_takes_any_text(index: Index, wanted: str) -> None:
    article = index.article(wanted)
    assert article is None or article.id == int(wanted)
    assert index.exchange(wanted) is None


def test_a_search_that_takes_too_long_is_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(reading(text="word"))
    desk.rows(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO article_text (rowid, title, text) SELECT i, 'a', 'word' FROM n"
    )
    monkeypatch.setattr(search, "MAX_SECONDS", -1)
    with pytest.raises(UsageError, match="too long"):
        desk.index.search(Query("word", sort="relevance"))
    monkeypatch.undo()
    assert found(desk.index, "word") == [1]


def test_an_article_by_id_by_its_url_and_by_what_was_fetched(desk: Desk) -> None:
    desk.add(reading(url="https://h/canonical"), url="https://h/a?ref=feed")
    desk.add(reading("Other", "Other.", "https://h/b"), url="https://h/b")
    for wanted in ("1", "https://h/canonical", "https://h/a?ref=feed"):
        assert desk.index.article(wanted).id == 1
    assert desk.index.article("https://h/b").id == 2
    assert desk.index.article("3") is None
    assert desk.index.article("1").fetched_url == "https://h/a?ref=feed"


def test_an_articles_own_url_wins_over_one_it_was_fetched_from(desk: Desk) -> None:
    desk.add(reading("A", "a", "https://h/a"), url="https://h/b")
    desk.add(reading("B", "b", "https://h/b"), url="https://h/b")
    assert desk.index.article("https://h/b").document.title == "B"


def test_exchange_is_the_last_with_that_url(desk: Desk) -> None:
    desk.add(reading())
    last = desk.add(status=404)
    assert desk.index.exchange(last.url).offset == 200
    assert desk.index.exchange("https://h/none") is None


def test_stream_is_everything_by_id_whatever_the_limit(index: Index) -> None:
    assert [a.id for a in index.stream(Query(limit=1))] == [1, 2, 3, 4]
    assert [a.id for a in index.stream(Query("rain", source="one", limit=1))] == [1, 2]


def test_sources_are_counted(index: Index) -> None:
    counts = [(s.name, s.articles) for s in index.sources()]
    assert counts == [("one", 2), ("two", 2)]
