"""What the text index holds of articles as they come, change and go."""

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import words
from archiver.errors import ArchiveError
from archiver.executors.local import WorkerPool
from archiver.executors.ordered import in_order
from archiver.store import entries, rowids, schema, tags, tally
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Moment, Query
from tests.samples import Shelf, moment, reading, tables
from tests.store.conftest import Desk

COUNTED = "search_term NATURAL JOIN search_count"
FTS = ("article_text", "search_doc", "search_term")


def text_index(path: Path) -> dict[str, Any]:
    held = tables(path)
    return {name: held[name] for name in (*FTS[1:], "words", "article_text_docsize")}


def found(desk: Desk, query: str) -> list[int]:
    return [hit.article.id for hit in desk.index.search(Query(query))]


def add(desk: Desk, number: int, text: str, day: int | None = None, **more: Any) -> None:
    url = f"https://h/{number}"
    published = moment(day) if day else None
    desk.add(reading("Title", text, url, published=published), url=url, **more)


@given(at=st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))
def test_a_rowid_tells_its_day(at: datetime) -> None:
    rowid = rowids.first_id(at.replace(tzinfo=UTC))
    assert rowids.day_of(rowid) == at.toordinal()
    assert rowids.day_of(rowid + 1023) == at.toordinal()
    assert rowid < 1 << 62


@given(
    since=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    until=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    day=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)
def test_days_are_tags_of_which_each_day_between_has_one(
    since: date, until: date, day: date
) -> None:
    every = set(tags.days(since, until))
    own = set(tags.of("s", "ar", "", day.toordinal()).split())
    assert bool(every & own) == (since <= day < until)
    assert len(every) <= 2 * 31 + 2 * 11 + 200


@given(name=st.text())
def test_a_tag_is_one_token_for_the_tokenizer(name: str) -> None:
    tag = tags.source(name.encode("utf-8", "replace").decode())
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = 'ascii')")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        connection.execute("INSERT INTO t VALUES (?)", (tag,))
        assert [row[0] for row in connection.execute("SELECT term FROM v")] == [tag]
    assert words.tokens(tag[0]) == []


def test_what_changes_is_indexed_anew(desk: Desk) -> None:
    add(desk, 1, "First wording.")
    add(desk, 1, "Second wording.")
    assert found(desk, "second") == [1]
    assert found(desk, "first") == []
    assert found(desk, "has:versions") == [1]
    assert desk.rows("SELECT count(*) FROM search_term WHERE term = 'first'") == [(0,)]


def test_what_is_gone_and_comes_back_is_told(desk: Desk) -> None:
    add(desk, 1, "Here.")
    desk.add(url="https://h/1", status=404)
    assert found(desk, "has:gone here") == [1]
    add(desk, 1, "Here.")
    assert found(desk, "has:gone") == []
    assert found(desk, "here") == [1]


def test_a_date_that_changes_moves_an_article(desk: Desk) -> None:
    add(desk, 1, "One.", 5)
    add(desk, 2, "Two.", 6)
    assert found(desk, "") == [2, 1]
    add(desk, 1, "One more.", 7)
    assert found(desk, "") == [1, 2]
    assert found(desk, "date:2026-02-05") == []


def test_articles_of_one_minute_are_in_the_order_of_their_ids(desk: Desk) -> None:
    for number in range(1, 6):
        add(desk, number, "Same.", 5)
    assert found(desk, "same") == [5, 4, 3, 2, 1]


def test_a_minute_that_is_full_goes_on_in_the_next(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(rowids, "SLOTS", 1)
    for number in range(1, 7):
        add(desk, number, "Same.", 5)
    assert sorted(found(desk, "same date:2026-02-05")) == [1, 2, 3, 4, 5, 6]


def test_a_day_that_is_full_to_its_end_keeps_its_articles(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(rowids, "SLOTS", 1)
    late = Moment(datetime(2026, 2, 5, 23, 59, tzinfo=UTC), "minute")
    for number in range(1, 6):
        url = f"https://h/{number}"
        desk.add(reading("T", f"Same {number}.", url, published=late), url=url)
    assert sorted(found(desk, "same date:2026-02-05")) == [1, 2, 3, 4, 5]
    assert found(desk, "date:2026-02-06") == []


def test_dates_far_away_are_indexed_and_asked_for(desk: Desk) -> None:
    for number, year in ((1, 800), (2, 9999)):
        at = Moment(datetime(year, 12, 31, tzinfo=UTC), "day")
        url = f"https://h/{number}"
        desk.add(reading("T", f"Far {number}.", url, published=at), url=url)
    assert found(desk, "far") == [2, 1]
    assert found(desk, "nothing OR before:1000") == [1]
    assert found(desk, "-date:2026") == [2, 1]
    assert len(desk.index.over_time(Query("far")).values) == 9200


def test_a_word_that_comes_again_keeps_its_stem(desk: Desk) -> None:
    terms = f"SELECT term, language, stem, documents FROM {COUNTED} WHERE term IN ('waters', 'كتب')"
    for number, text in ((1, "Waters."), (2, "Waters and كتب."), (3, "Waters, 2026.")):
        url = f"https://h/{number}"
        desk.add(reading("T", text, url, language="en"), url=url)
    arabic = ("كتب", "ar", words.stem("كتب", "ar"), 1)
    assert desk.rows(terms) == [("waters", "en", "water", 3), arabic]
    desk.add(reading("T", "Nothing.", "https://h/2", language="en"), url="https://h/2")
    assert desk.rows(terms) == [("waters", "en", "water", 2)]


def test_a_reader_knows_the_forms_that_come_later(desk: Desk) -> None:
    add(desk, 1, "A town.")
    assert found(desk, "خلافة") == []
    desk.add(reading("T", "الخلافة", "https://h/2", language="ar"), url="https://h/2")
    assert found(desk, "خلافة") == [2]


def test_a_phrase_does_not_go_from_one_author_to_the_next(desk: Desk) -> None:
    desk.add(
        reading("T", "Text.", "https://h/1", authors=("Omar Karim", "Ali Hassan")),
        url="https://h/1",
    )
    assert found(desk, 'author:"Ali Hassan"') == [1]
    assert found(desk, 'author:"Karim Ali"') == []


def test_prefixes_of_authors_addresses_and_long_words_are_found(desk: Desk) -> None:
    page = reading("T", f"Hassle. {'b' * 70} bbb", "https://h/sport/9", authors=("Ali Hassan",))
    desk.add(page, url="https://h/sport/9")
    for query in ("author:hass*", "url:spor*", "bbbb*", f"{'b' * 70}", "hassl*"):
        assert found(desk, query) == [1]


def test_what_was_rolled_back_is_not_indexed(desk: Desk) -> None:
    with desk.store.transaction():
        desk.store.index(desk._shelf.snapshot("https://h/1"), reading("T", "Lost.", "https://h/1"))
        desk.rows("ROLLBACK")
        desk.rows("BEGIN")
    add(desk, 2, "Kept.")
    assert found(desk, "lost") == []
    assert desk.rows("SELECT count(*) FROM search_doc") == [(1,)]


def test_made_at_once_it_is_what_it_was_made_one_by_one(desk: Desk) -> None:
    for number, text in enumerate(
        ("One fine day.", "خلافة وقلق", "東京の天気", "One, one and one.") * 2
    ):
        add(desk, number % 6 + 1, text, number % 3 + 1)
    desk.add(url="https://h/2", status=410)
    before = text_index(desk.path)
    assert desk.store.make_text_index() == 6
    assert text_index(desk.path) == before
    assert before["search_term"]


def _fill(desk: Desk) -> None:
    for number in range(1, 41):
        page = reading(
            f"Title {number}", f"خلافة وقلق {number} waters, 東京の天気 {'word' * (number % 7)}",
            f"https://h/{number}", language=("ar", "en", "")[number % 3], authors=("Ali", "Omar")[: number % 3],
        )  # fmt: skip
        desk.add(page, url=f"https://h/{number}")


def test_made_in_many_pieces_it_is_the_same(desk: Desk, monkeypatch: Any) -> None:
    _fill(desk)
    before = text_index(desk.path)
    monkeypatch.setattr(entries, "LETTERS", 100)
    monkeypatch.setattr(tally, "MOST", 10)
    monkeypatch.setattr(tally, "TOGETHER", 3)
    assert desk.store.make_text_index() == 40
    assert text_index(desk.path) == before


@pytest.mark.parametrize("workers", [1, 3])
def test_made_by_workers_it_is_the_same_to_the_byte(
    desk: Desk, workers: int, tmp_path: Path, monkeypatch: Any
) -> None:
    _fill(desk)
    desk.close()
    monkeypatch.setattr(entries, "LETTERS", 200)
    monkeypatch.setattr(tally, "TOGETHER", 20)
    other = tmp_path / "other.db"
    shutil.copy(desk.path, other)
    with closing(Store(desk.path, deferred=True)) as store:
        store.make_text_index()
    with closing(Store(other, deferred=True)) as store, closing(WorkerPool(workers)) as pool:
        store.make_text_index(partial(in_order, pool, workers + 1))
    assert other.read_bytes() == desk.path.read_bytes()


def test_a_making_that_is_stopped_leaves_what_was_there(desk: Desk, monkeypatch: Any) -> None:
    _fill(desk)
    before = text_index(desk.path)
    monkeypatch.setattr(entries, "LETTERS", 200)

    def stopped(job: Any, things: Any) -> Any:
        yield job(next(iter(things)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.store.make_text_index(stopped)
    assert text_index(desk.path) == before
    assert desk.store.make_text_index() == 40


def test_words_know_their_stems_and_articles(desk: Desk) -> None:
    add(desk, 1, "Towns and towns.")
    add(desk, 2, "A town.")
    rows = desk.rows(f"SELECT term, documents FROM {COUNTED} WHERE term LIKE 'town%' ORDER BY term")
    assert rows == [("town", 1), ("towns", 1)]


def test_a_page_of_endless_words_is_indexed_and_not_all_of_them_counted(
    desk: Desk, monkeypatch: Any
) -> None:
    monkeypatch.setattr(entries, "MOST_WORDS", 5)
    add(desk, 1, "one two three four five six seven")
    assert found(desk, "seven") == [1]
    add(desk, 1, "eight")
    assert found(desk, "seven") == []
    counted = desk.rows("SELECT term FROM search_term WHERE term < char(0xe000) ORDER BY term")
    assert counted == [("eight",), ("title",)]


def test_a_word_that_goes_and_comes_has_its_stem(desk: Desk) -> None:
    for language, text in (
        ("en", "خلافات"),
        ("fr", "خلافات here"),
        ("en", "Other."),
        ("ar", "خلافات"),
    ):
        page = reading("Title", text, "https://h/1", language=language)
        desk.add(page, url="https://h/1")
    before = text_index(desk.path)
    desk.store.make_text_index()
    assert text_index(desk.path) == before
    assert ("خلافات", "ar", "خلاف", 1) in before["search_term"]


def test_an_index_of_another_analyser_is_read_and_not_written(desk: Desk) -> None:
    add(desk, 1, "Here.")
    desk.rows("UPDATE search_state SET analyser = 'other'")
    with pytest.raises(ArchiveError, match="archiver reindex"):
        Store(desk.path)
    with closing(Index(desk.path)) as index:
        assert len(index.search(Query("here"))) == 1
    with closing(Store(desk.path, deferred=True)) as store:
        store.make_text_index()
    Store(desk.path).close()


def test_no_text_of_an_article_is_in_the_text_index_twice(desk: Desk) -> None:
    add(desk, 1, "Here.")
    with closing(schema.connect_readonly(desk.path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    assert "article_text_content" not in names


def test_words_that_another_writer_took_out_come_back(desk: Desk) -> None:
    add(desk, 1, "Harbour.")
    with closing(Store(desk.path)) as other, other.transaction():
        other.forget("news")
    assert desk.rows("SELECT count(*) FROM search_term") == [(0,)]
    add(desk, 2, "Harbour.")
    assert found(desk, "harbour") == [2]
    assert desk.rows(f"SELECT documents FROM {COUNTED} WHERE term = 'harbour'") == [(1,)]


def test_words_of_a_transaction_that_fails_are_not_remembered(desk: Desk) -> None:
    with suppress(KeyError), desk.store.transaction():
        kept = Shelf().snapshot("https://h/1")
        desk.store.index(kept, reading("Title", "Harbour.", "https://h/1"))
        desk.store._text_index.flush()
        raise KeyError
    assert desk.rows("SELECT count(*) FROM search_term") == [(0,)]
    add(desk, 2, "Harbour.")
    assert desk.rows(f"SELECT documents FROM {COUNTED} WHERE term = 'harbour'") == [(1,)]
