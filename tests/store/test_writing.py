"""One exchange after the other becomes rows."""

import itertools
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Never

import pytest

from archiver.errors import ArchiveError
from archiver.store.rounds import Rounds
from archiver.store.writing import Store
from archiver.timestamps import iso
from archiver.types import (
    Completeness,
    KeptFailure,
    Kind,
    Query,
    Reading,
    RecordLocation,
    Source,
)
from tests.samples import AT, URL, failure, moment, reading
from tests.store.conftest import Desk

CANONICAL = "https://news.example/canonical"


def versions(desk: Desk) -> list[Any]:
    return desk.rows("SELECT article_id, number, title, text FROM versions ORDER BY id")


def test_a_new_article(desk: Desk) -> None:
    outcome = desk.add(reading("Floods", "Rain.", published=moment()))
    assert (outcome.change, outcome.url, outcome.article_id) == ("new", URL, 1)
    article = desk.index.article("1")
    assert (article.document.title, article.version, article.gone_at) == ("Floods", 1, None)
    assert article.document.published == moment()
    assert article.first_seen == article.last_seen == article.captured_at
    assert desk.rows("SELECT article_id, version FROM exchanges") == [(1, 1)]


def test_the_whole_document_comes_back(desk: Desk) -> None:
    given = reading(
        "عنوان", "نص.", authors=("أ", 'B "C"'), published=moment(), modified=moment(2, "second"),
        language="ar", section="s", tags=("t", "u"), rights=("noai",), extractor="x",
        extractor_version="1",
    )  # fmt: skip
    desk.add(given)
    assert desk.index.article(URL).document == given.document


@pytest.mark.parametrize(
    ("pages", "changes", "numbers"),
    [
        ("AA", ["new", "unchanged"], [1]),
        ("AB", ["new", "changed"], [1, 2]),
        ("ABA", ["new", "changed", "changed"], [1, 2, 3]),
        ("ABB", ["new", "changed", "unchanged"], [1, 2]),
    ],
)
def test_versions(desk: Desk, pages: Any, changes: Any, numbers: Any) -> None:
    assert [desk.add(reading(text=page)).change for page in pages] == changes
    assert [row[1] for row in versions(desk)] == numbers
    article = desk.index.article("1")
    assert article.version == numbers[-1]
    assert article.last_seen > article.first_seen


@pytest.mark.parametrize(
    ("pages", "changes", "latest"),
    [
        ([("A", 5), ("B", 1)], ["new", "changed"], "A"),
        ([("A", 5), ("A", 1)], ["new", "unchanged"], "A"),
        ([("A", 5), ("B", 9), ("A", 1)], ["new", "changed", "unchanged"], "B"),
        ([("A", 5), ("B", 1), ("B", 2)], ["new", "changed", "unchanged"], "A"),
        ([("A", 5), ("B", 1), ("C", 6)], ["new", "changed", "changed"], "C"),
    ],
)
def test_older_captures_are_versions_and_never_the_latest(
    desk: Desk, pages: Any, changes: Any, latest: Any
) -> None:
    days = [AT + timedelta(days=day) for _, day in pages]
    done = [desk.add(reading(text=text), at=at) for (text, _), at in zip(pages, days, strict=True)]
    assert [outcome.change for outcome in done] == changes
    article = desk.index.article("1")
    assert article.document.text == latest
    assert (article.first_seen, article.last_seen) == (min(days), max(days))
    assert [hit.article.document.text for hit in desk.index.search(Query(words=latest))] == [latest]
    of_exchanges = desk.rows(
        "SELECT v.text FROM exchanges e JOIN versions v ON v.article_id = e.article_id"
        " AND v.number = e.version ORDER BY e.id"
    )
    assert [text for (text,) in of_exchanges] == [text for text, _ in pages]


def test_what_was_gone_for_a_while(desk: Desk) -> None:
    desk.add(reading(), at=AT)
    assert desk.add(status=404, at=AT - timedelta(days=1)).change == "gone"
    assert desk.index.article("1").gone_at is None
    desk.add(status=404, at=AT + timedelta(days=9))
    desk.add(reading(), at=AT + timedelta(days=5))
    assert desk.index.article("1").gone_at == AT + timedelta(days=9)
    desk.add(reading(), at=AT + timedelta(days=10))
    assert desk.index.article("1").gone_at is None


def test_only_title_and_text_make_a_version(desk: Desk) -> None:
    desk.add(reading(tags=("a",)))
    assert desk.add(reading(tags=("b",), modified=moment())).change == "unchanged"


def test_gone_and_back_again(desk: Desk) -> None:
    desk.add(reading())
    gone = desk.add(status=404)
    assert (gone.change, gone.article_id) == ("gone", 1)
    first = desk.index.article("1").gone_at
    assert first is not None
    assert desk.add(status=410).change == "gone"
    assert desk.index.article("1").gone_at == first
    assert desk.add(reading()).change == "unchanged"
    assert desk.index.article("1").gone_at is None
    desk.add(status=404)
    assert desk.add(reading(text="New.")).change == "changed"
    assert desk.index.article("1").gone_at is None
    assert len(versions(desk)) == 2


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ({"status": 404}, "kept"),
        ({"status": 404, "kind": Kind.FEED}, "kept"),
        ({"status": 503}, "kept"),
        ({"kind": Kind.ROBOTS}, "kept"),
    ],
)
def test_what_is_no_page_is_kept(desk: Desk, more: Any, change: Any) -> None:
    outcome = desk.add(url="https://news.example/other", **more)
    assert (outcome.change, outcome.article_id) == (change, None)


def test_a_feed_at_an_articles_url_cannot_make_it_gone(desk: Desk) -> None:
    desk.add(reading())
    assert desk.add(status=404, kind=Kind.FEED).change == "kept"


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (Reading("hub", note="no text found"), "hub"),
        (Reading(note="took longer than 10 s", completeness=Completeness.RAW_ONLY), "unread"),
    ],
)
def test_pages_without_an_article(desk: Desk, given: Any, change: Any) -> None:
    outcome = desk.add(given)
    assert (outcome.change, outcome.note) == (change, given.note)
    assert desk.rows("SELECT note, completeness FROM exchanges") == [
        (given.note, given.completeness.value)
    ]


def test_a_failure_is_a_row_with_its_reason(desk: Desk) -> None:
    where = RecordLocation("a.warc.gz", 900, 10, "<urn:uuid:f>")
    outcome = desk.keep(KeptFailure(failure(reason="no such host"), where))
    assert (outcome.change, outcome.note) == ("failed", "no such host")
    assert desk.rows("SELECT url, at, reason, filename, offset FROM failures") == [
        (URL, iso(AT), "no such host", "a.warc.gz", 900)
    ]
    assert desk.store.last_location() == ("a.warc.gz", 900)


CLAIMS = [
    # (fetched from, title, text) of pages that all call themselves CANONICAL -> the articles' URLs
    ([("/1", "A", "a"), ("/2", "B", "b")], [CANONICAL, "/2"]),
    ([("/1", "A", "a"), ("/2", "A", "longer")], [CANONICAL]),
    ([("/1", "A", "a"), ("/2", "A, updated", "a")], [CANONICAL]),
    ([("/1", "A", "a"), ("/1", "A, updated", "more")], [CANONICAL]),
    ([("/1", "A", "a"), ("/2", "B", "b"), ("/2", "B2", "b2")], [CANONICAL, "/2"]),
    ([("/1", "A", "a"), ("/2", "B", "b"), ("/1", "A2", "a2")], [CANONICAL, "/2"]),
    ([("/1", "A", "a"), (CANONICAL, "B", "b")], [CANONICAL]),
]


@pytest.mark.parametrize(("pages", "articles"), CLAIMS)
def test_who_may_have_the_canonical_url(desk: Desk, pages: Any, articles: Any) -> None:
    for url, title, text in pages:
        desk.add(reading(title, text, CANONICAL), url=url)
    assert [row[0] for row in desk.rows("SELECT url FROM articles ORDER BY id")] == articles


def test_search_follows_the_latest_version(desk: Desk) -> None:
    desk.add(reading("Old words", "rain"))
    desk.add(reading("New words", "snow"))
    found = {word: len(desk.index.search(Query(word))) for word in ("rain", "old", "snow", "new")}
    assert found == {"rain": 0, "old": 0, "snow": 1, "new": 1}


def test_a_failed_transaction_leaves_nothing(desk: Desk) -> None:
    desk.add(reading(text="before"))
    before = desk.rows("SELECT count(*) FROM exchanges")

    def fail() -> Never:
        with desk.store.transaction():
            desk.store.index(desk._shelf.snapshot(), reading(text="within"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert desk.rows("SELECT count(*) FROM exchanges") == before
    assert [row[3] for row in versions(desk)] == ["before"]
    assert not desk.index.search(Query("within"))
    assert desk.add(reading(text="after")).change == "changed"


def test_a_full_index_is_an_archive_error_and_can_go_on(desk: Desk) -> None:
    pages = desk.rows("PRAGMA page_count")[0][0]
    desk.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ArchiveError, match=r"cannot be written: .*full"):
        desk.add(reading(text="word " * 9000))
    desk.rows(f"PRAGMA max_page_count = {pages + 1000}")
    assert desk.add(reading(text="word " * 9000)).change == "new"
    assert len(desk.rows("SELECT * FROM exchanges")) == 1


def test_two_writers_are_refused_not_mixed(desk: Desk) -> None:
    other = Store(desk.path)
    other._connection.execute("PRAGMA busy_timeout = 0")
    with desk.store.transaction(), pytest.raises(ArchiveError, match="locked"), other.transaction():
        pass
    other.close()


def test_sources_are_those_of_the_file_and_those_with_exchanges(desk: Desk) -> None:
    first, second = Source("one", "https://one/"), Source("two", "https://two/")
    with desk.store.transaction():
        desk.store.set_sources([first, second])
    desk.add(source="one")
    desk.add(source="three")
    with desk.store.transaction():
        desk.store.set_sources([Source("four", "https://four/")])
    assert sorted(desk.rows("SELECT name, home FROM sources")) == [
        ("four", "https://four/"), ("one", ""), ("three", ""),
    ]  # fmt: skip


def test_last_location_is_the_last_in_the_warcs(desk: Desk) -> None:
    assert desk.store.last_location() is None
    desk.add()
    desk.keep(KeptFailure(failure(), RecordLocation("b.warc.gz", 7, 1, "x")))
    desk.add()
    assert desk.store.last_location() == ("b.warc.gz", 7)


def test_foreign_keys_hold(desk: Desk) -> None:
    desk.add()
    with pytest.raises(sqlite3.IntegrityError):
        desk.rows("UPDATE exchanges SET article_id = 9")


def test_a_body_that_many_share_costs_no_more_than_one_that_none_does(tmp_path: Path) -> None:
    # As every redirect with nothing in it does: a million of them must not be walked for the next.
    def steps(shared: int) -> int:
        folder = tmp_path / str(shared)
        folder.mkdir()
        with closing(Desk(folder / "index.db")) as desk:
            with desk.store.transaction():
                for number in range(shared):
                    kept = desk._shelf.snapshot(f"{CANONICAL}/{number}", status=301, body=b"")
                    desk.store.index(kept, None)
            taken = itertools.count()
            desk.store._connection.set_progress_handler(lambda: next(taken) < 0, 1)
            desk.add(url=f"{CANONICAL}/new", status=301, body=b"")
            desk.store._connection.set_progress_handler(None, 1)
            rounds = Rounds(desk.path, [])
            rounds._open = {"news": 0}
            rounds._connection.set_progress_handler(lambda: next(taken) < 0, 1)
            assert rounds.answer("news", f"{CANONICAL}/none", AT) is None
            rounds.close()
            return next(taken)

    assert steps(400) < 2 * steps(4)
