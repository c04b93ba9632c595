"""Questions to the index."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import NothingFound, QueryError, UsageError
from archiver.store import finding, matching, search
from archiver.store.matching import Match
from archiver.store.search import Facet, Index, Unknown
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
        (Query("rain NOT town"), [4]),
        (Query("rain -town"), [4]),
        (Query("-rain"), [3]),
        (Query("-rain -أمطار"), []),
        (Query("council OR القديمة"), [2, 3]),
        (Query("(council OR note) rain"), [4, 2]),
        (Query("rai*"), [4, 2, 1]),
        (Query('"old tow*"'), []),
        (Query("title:rain"), [1]),
        (Query("title:(rain OR council)"), [2, 1]),
        (Query("text:council"), []),
        (Query("lang:ar"), [3]),
        (Query("source:TWO rain"), [4]),
        (Query("source:two -lang:ar"), [4]),
        (Query("has:date"), [2, 3, 1]),
        (Query("-has:date"), [4]),
        (Query("has:gone OR has:versions"), []),
        (Query("url:h/3"), [3]),
        (Query("https://h/3"), [3]),
        (Query("date:2026-02-03"), [2]),
        (Query("date:2026-02-01..2026-02-02"), [3, 1]),
        (Query("before:2026-02-03 rain"), [1]),
        (Query("council OR date:2026-02-01"), [2, 1]),
        (Query("-date:2026-02"), [4]),
        (Query("rains"), [4, 2, 1]),
        (Query('"rains"'), []),
        (Query("أمطار"), [3]),
        (Query("امطار"), [3]),
        (Query("والأمطار"), [3]),
        (Query("المدينه القديمه"), [3]),
        (Query("rain ☎"), [4, 2, 1]),
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
    ("words", "complaint"),
    [
        ("?!", "no word to look for"),
        ('"☎"', "no word to look for"),
        ("a OR", "OR"),
        ("a " * 65, "64"),
        ("a" * 1001, "1000"),
    ],
)
def test_what_cannot_be_searched_for(index: Index, words: str, complaint: Any) -> None:
    with pytest.raises(QueryError, match=complaint) as told:
        index.search(Query(words))
    assert told.value.query == words
    assert 0 <= told.value.at <= len(words)


def test_a_prefix_of_too_many_words_is_refused(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "BEGUN", 0)
    monkeypatch.setattr(matching, "BEGUN_ALONE", 0)
    assert found(index, "old r*") == [2, 1]
    monkeypatch.setattr(matching, "PREFIX", 2)
    with pytest.raises(QueryError, match=r"r\* would be half the archive"):
        index.search(Query("old r*"))
    assert found(index, "tow*") == [2, 1]


def test_beginnings_share_what_is_looked_for_one_by_one(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PREFIX", 0)
    assert found(index, "t* r*") == [2, 1]
    monkeypatch.setattr(matching, "BEGUN", len(index._finder.vocabulary.beginning("t", 99)))
    with pytest.raises(QueryError, match=r"r\* would be half the archive"):
        index.search(Query("t* r*"))


def test_pages_follow_each_other_in_every_order(index: Index) -> None:
    for sort in search.SORTS:
        whole = found(index, "rain", sort=sort)
        paged, after = [], 0
        while page := found(index, "rain", sort=sort, limit=1, after=after):
            paged += page
            after = page[-1]
        assert paged == whole == sorted(whole, key=whole.index)
    with pytest.raises(NothingFound, match="no article 99"):
        index.search(Query("rain", after=99))
    with pytest.raises(NothingFound, match="no article"):
        index.search(Query("rain", after=10**30))


def test_relevance_is_titles_then_words_that_are_there_often(desk: Desk) -> None:
    desk.add(reading("Other", "A flood. " + "More of it. " * 9, "https://h/1"), url="https://h/1")
    desk.add(reading("Other", "A flood, a flood, a flood.", "https://h/2"), url="https://h/2")
    desk.add(reading("The flood", "It came.", "https://h/3"), url="https://h/3")
    desk.add(reading("Other", "One flood late.", "https://h/4"), url="https://h/4")
    assert found(desk.index, "flood", sort="relevance") == [3, 2, 4, 1]


def test_relevance_is_rare_words_and_words_that_stand_together(desk: Desk) -> None:
    texts = ["old town wall", "town of old", "old", "the old man", "a town"]
    for number, text in enumerate(texts, 1):
        url = f"https://h/{number}"
        desk.add(reading("Title", f"{text} {number}.", url), url=url)
    assert found(desk.index, "old town", sort="relevance") == [1, 2]
    assert found(desk.index, "old OR town OR wall", sort="relevance")[:2] == [1, 2]


def test_a_beginning_weighs_as_all_words_that_begin_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = ["Rains and winds", "The town", "Rain", "Rainy", "Rainbow"]
    for number, title in enumerate(titles, 1):
        text = "Rain over the town."
        desk.add(reading(title, text, f"https://h/{number}"), url=f"https://h/{number}")
    # "town" is a title's word once, and so is each that begins with "rain": together they are common.
    assert found(desk.index, "rain* town", sort="relevance") == [2, 5, 4, 3, 1]
    monkeypatch.setattr(matching, "BEGUN", 0)
    monkeypatch.setattr(matching, "BEGUN_ALONE", 0)
    assert found(desk.index, "rain* town", sort="relevance") == [2, 5, 4, 3, 1]


def test_hits_are_counted_up_to_a_limit(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    assert index.count(Query("rain")) == 3
    assert index.count(Query("nowhere")) == 0
    assert index.count(Query()) == 4
    monkeypatch.setattr(finding, "WINDOW", 1)
    assert index.count(Query("rain")) == 2


@pytest.mark.parametrize(
    ("by", "values"),
    [
        ("source", (("one", 2), ("two", 2))),
        ("lang", (("en", 3), ("ar", 1))),
        ("month", (("2026-02", 4),)),
        ("author", (("Ada", 4),)),
    ],
)
def test_hits_are_told_apart(index: Index, by: str, values: Any) -> None:
    facet = index.facet(Query(), by)
    if by in ("source", "lang"):
        assert facet == Facet(values, 4, False)
    assert sum(count for _, count in index.facet(Query("rain"), by).values) in (0, 3)


def test_days_are_told_apart_in_their_order(index: Index) -> None:
    days = dict(index.facet(Query("date:2026"), "day").values)
    assert {day: days[day] for day in ("2026-02-01", "2026-02-02", "2026-02-03")} == {
        "2026-02-01": 1, "2026-02-02": 1, "2026-02-03": 1,
    }  # fmt: skip
    assert list(days) == sorted(days)


def test_facets_look_at_the_newest(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "WINDOW", 2)
    assert index.facet(Query("rain"), "source") == Facet((("one", 1), ("two", 1)), 2, True)
    assert index.over_time(Query("rain")).more


def test_every_step_of_a_line_over_time_is_there(index: Index) -> None:
    line = index.over_time(Query("before:2026-02-04"))
    assert line.values == (("2026-02-01", 1), ("2026-02-02", 1), ("2026-02-03", 1))
    assert index.over_time(Query("rain before:2026-02-04")).values[1] == ("2026-02-02", 0)
    assert index.over_time(Query("nowhere")) == Facet((), 0, False)


def test_words_that_no_article_has_are_told_with_the_nearest(index: Index) -> None:
    assert index.unknown(Query("rian council")) == [Unknown("rian", ("rain",))]
    assert index.unknown(Query("القدينة")) == [Unknown("القدينة", ("القديمة", "المدينة"))]
    assert index.unknown(Query("rain القديمة")) == []
    assert index.unknown(Query("-nowhere rain")) == []


def test_an_article_is_marked(index: Index) -> None:
    article = index.article("2")
    assert article is not None
    title, text = index.marked(article, 'council "town was"')
    assert title == f"Town {MARK_START}council{MARK_END}"
    assert text.startswith(f"The {MARK_START}town was{MARK_END} old")


def test_similar_articles_share_rare_words(desk: Desk) -> None:
    story = "The dam of Alwadi broke at night and the valley was flooded by morning"
    texts = [
        (story, 1), (f"{story}, officials said", 2), ("Cup final ends in a draw after extra time", 2),
        (story + " again", 28), ("Officials said the cup was won", 3),
    ]  # fmt: skip
    for number, (text, day) in enumerate(texts, 1):
        url = f"https://h/{number}"
        desk.add(reading(f"T{number}", f"{text}.", url, published=moment(day)), url=url)
    article = desk.index.article("1")
    assert article is not None
    assert [one.article.id for one in desk.index.similar(article)] == [2]
    both = desk.index.similar(article, days=40)
    assert {one.article.id for one in both} == {2, 4}
    assert all(0.25 <= one.score <= 1 for one in both)


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
    def stream(query: Query) -> None:
        list(index.stream(query))

    for ask in (index.search, stream, index.count, index.unknown, index.over_time):
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
    assert len(desk.index._finder.newest(Match('"word"'), 30_000)) == 20_000
    monkeypatch.setattr(search, "MAX_SECONDS", -1)
    with pytest.raises(UsageError, match="too long"):
        desk.index.count(Query("word"))
    monkeypatch.undo()
    assert desk.index.count(Query("word")) == 10_001


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
