"""What is newer than a version and matches: what a search finds of it, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from archiver.errors import QueryError, UsageError
from archiver.store import newer, search
from archiver.store.newer import Newer
from archiver.types import Moment, Query
from tests.samples import AT, reading
from tests.store.conftest import Desk

ALL = 1000
WORDS = ["فيضان", "ميناء", "river", "bridge", "مدينة", "rain"]
QUERIES = [
    "فيضان", "فيضان -river", "river OR مدينة", '"bridge rain"', "source:a", "-rain", "date:2019..2024", "rive*",
    "title:فيضان (river OR ميناء)", "الفيضان lang:ar", "",
]  # fmt: skip


def put(desk: Desk, number: int, text: str, title: str = "T", **more: object) -> int:
    """Put a page in and return the id of its exchange."""
    url = f"https://a.example/{number}"
    given = {name: more.pop(name) for name in ("source", "at") if name in more}
    desk.add(reading(title, text, url, **more), url, **given)
    return int(desk.rows("SELECT max(id) FROM exchanges")[0][0])


def ids(found: Sequence[Newer]) -> list[int]:
    return [each.article_id for each in found]


def fill(desk: Desk) -> None:
    """Articles of ten years, with edits, in an order of their own."""
    for number in range(60):
        day = Moment(
            datetime(2016 + number * 7 % 10, 1 + number % 12, 3, tzinfo=UTC), "day", None, "meta"
        )
        text = " ".join(word for n, word in enumerate(WORDS) if number >> n & 1) or "x"
        put(
            desk, number, text, WORDS[number % 6], published=day, source="ab"[number % 2],
            language="ar" if number % 2 else "en",
        )  # fmt: skip
        if number % 5 == 4:
            put(desk, number - 3, text, "edited", published=day, language="ar")


@pytest.mark.parametrize("words", QUERIES)
def test_it_is_what_a_search_finds_of_what_is_newer(desk: Desk, words: str) -> None:
    fill(desk)
    query = Query(words, limit=ALL)
    found = {hit.article.id for hit in desk.index.search(query)}
    for known in (0, 20, 55, 71):
        latest = dict(desk.rows("SELECT id, version_id FROM articles"))
        wanted = sorted(n for n in found if latest[n] > known)
        told, last = desk.index.newer(query, known, known, ALL)
        assert sorted(ids(told)) == wanted
        assert [each.version_id for each in told] == sorted(latest[n] for n in wanted)
        assert last == max(latest.values())
        hits = desk.index.hits(query, told)
        assert [hit.article.id for hit in hits] == ids(told)
    assert desk.index.newer(query, last, last, ALL) == ([], last)


def test_steps_are_as_good_as_one(desk: Desk) -> None:
    fill(desk)
    query, step, last, found = Query("river"), -1, 0, []
    while step != last:
        step = last
        more, last = desk.index.newer(query, 0, step, 7)
        found += more
    assert found == desk.index.newer(query, 0, 0, ALL)[0]
    assert len(found) > 10


def test_before_is_what_was_the_latest_then(desk: Desk) -> None:
    put(desk, 1, "river one")
    known = put(desk, 1, "river two", at=AT + timedelta(days=5))
    put(desk, 1, "river of old", at=AT + timedelta(days=2))  # an import brings it
    assert ids(desk.index.newer(Query("river"), known, known, ALL)[0]) == []
    put(desk, 1, "river three", at=AT + timedelta(days=6))
    new = put(desk, 2, "river")
    put(desk, 2, "river again")
    told, last = desk.index.newer(Query("river"), known, known, ALL)
    assert [(each.number, each.before) for each in told] == [(4, 2), (2, None)]
    # What is known is no other thing for being looked at in steps.
    assert desk.index.newer(Query("river"), known, new, ALL) == ([told[1]], last)


def test_one_old_article_does_not_make_all_be_read(desk: Desk) -> None:
    day = newer._DAY
    assert newer._stretches([]) == []
    assert newer._stretches([5]) == [[5]]
    assert newer._stretches([1, 2, 2 * day, 2 * day + 9]) == [[1, 2], [2 * day, 2 * day + 9]]
    spread = [n * n * day for n in range(100)]
    parts = newer._stretches(spread)
    assert len(parts) == newer.RANGES
    assert [n for part in parts for n in part] == spread
    assert len(parts[0]) == 100 - newer.RANGES + 1  # the widest gaps are cut


def test_an_index_that_stands_still(desk: Desk) -> None:
    put(desk, 1, "river")
    with desk.index.standing_still():
        before = desk.index.newest_version()
        put(desk, 2, "river")
        assert desk.index.newest_version() == before
        assert len(desk.index.newer(Query("river"), 0, 0, ALL)[0]) == 1
    assert desk.index.newest_version() > before
    with pytest.raises(QueryError), desk.index.standing_still():
        desk.index.newer(Query("("), 0, 0, ALL)
    assert len(desk.index.newer(Query("river"), 0, 0, ALL)[0]) == 2


def test_what_cannot_be_meant_or_takes_too_long(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(QueryError):
        desk.index.newer(Query("river OR"), 0, 0, ALL)
    put(desk, 1, "river")
    put(desk, 2, "river")  # an hour later, and 20,000 between them
    desk.rows(
        "WITH RECURSIVE n(i) AS (SELECT min(id) + 1 FROM search_doc UNION ALL SELECT i + 1 FROM n LIMIT 20000)"
        " INSERT INTO article_text (rowid, text) SELECT i, 'river' FROM n"
    )
    assert ids(desk.index.newer(Query("river"), 0, 0, ALL)[0]) == [1, 2]
    monkeypatch.setattr(search, "MAX_SECONDS", -1)
    with pytest.raises(UsageError, match="too long"):
        desk.index.newer(Query("river"), 0, 0, ALL)
