"""Clusters: the same whatever came first, the first publisher right, and made again after a rebuild."""

import random
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver import copies
from archiver.clusters import cluster, group
from archiver.demo.stories import load_stories
from archiver.errors import ArchiveError, LockedError
from archiver.layout import Layout
from archiver.locking import locked
from archiver.store.clusters import place
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.types import Moment, Query
from bench.copies import MONTH, judged, rows
from bench.copies_set import Copier, Spinner, items
from bench.search import insert
from tests.samples import reading, tables
from tests.store.conftest import Desk

DAY = datetime(2026, 2, 1, tzinfo=UTC)
STORIES = [story for story in load_stories() if story.language == "ar"]


def desk_of(folder):
    layout = Layout(folder / "archive")
    layout.create()
    return layout, Desk(layout.index)


def add(desk, name, text, at, *, source="", **more):
    """Index an article that says it was published at `at`; returns its id."""
    url = f"https://{name}.example/{more.pop('path', 1)}"
    published = Moment(at, more.pop("precision", "minute"), "+00:00", "meta") if at else None
    page = reading(more.pop("title", name), text, url, language="ar", published=published)
    return desk.add(page, url=url, source=source or name, **more).article_id


def clusters(desk):
    return dict(desk.rows("SELECT article_id, cluster_id FROM clusters ORDER BY article_id"))


def keys_hold(desk):
    """Each part that is looked for has its keys, and nothing else has."""
    desk.rows("INSERT INTO copy_keys (copy_keys) VALUES ('integrity-check')")
    held = tables(desk.path)["keys"]
    members = [
        desk.store.clusters.member(number)
        for (number,) in desk.rows("SELECT article_id FROM clusters")
    ]
    wanted = {(key, m.place) for m in members if m.part in ("f", "c") for key in m.keys(m.part)}
    return len(held) == len(wanted) and {row[:2] for row in held} == wanted


def test_copies_belong_to_the_first_publisher_not_to_the_first_that_was_fetched(tmp_path):
    layout, desk = desk_of(tmp_path)
    one, other = STORIES[0], STORIES[1]
    with closing(desk):
        late = add(desk, "late", one.text, DAY + timedelta(hours=5))
        cut = add(desk, "cut", "\n\n".join(one.paragraphs[:2]), DAY + timedelta(hours=3))
        first = add(desk, "first", one.text, DAY)
        alone = add(desk, "alone", other.text, DAY)
        group(desk.store)
        assert clusters(desk) == {late: first, cut: first, first: first, alone: alone}
        assert [(c.source, c.article_id) for c in desk.index.copies(first)] == [
            ("cut", cut),
            ("late", late),
        ]
        assert desk.index.cluster_of([late, alone, 999]) == {late: first, alone: alone}
        (largest,) = desk.index.largest_clusters(2, 10)
        assert (largest.first.article_id, largest.size) == (first, 3)
        assert largest.sources == {"cut": 1, "first": 1, "late": 1}
    assert layout.index.exists()


@pytest.mark.parametrize(
    ("precision", "at", "seen", "expected"),
    [
        ("minute", DAY, DAY + timedelta(days=3), DAY),
        ("day", DAY, DAY + timedelta(days=3), DAY + timedelta(days=1)),
        ("day", DAY, DAY + timedelta(hours=2), DAY + timedelta(hours=2)),
        ("month", DAY, DAY + timedelta(days=90), DAY + timedelta(days=30)),
        (
            "minute",
            DAY + timedelta(days=300),
            DAY,
            DAY,
        ),  # no page was there before it was published
        ("second", datetime(9999, 12, 31, tzinfo=UTC), DAY, DAY),
        ("year", datetime(1, 1, 1, tzinfo=UTC), DAY, datetime(2, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_article_stands_where_it_was_there_for_sure(precision, at, seen, expected):
    one = place(5, seen, Moment(at, precision, "+00:00", "meta"))
    assert one == place(5, expected, None)
    assert one < place(6, expected, None) < place(1, expected + timedelta(seconds=1), None)


def test_a_chain_of_likenesses_joins_nothing_that_is_unlike_the_first(tmp_path):
    _, desk = desk_of(tmp_path)
    paragraphs = [p for story in STORIES[:4] for p in story.paragraphs[:3]]
    texts = [
        "\n\n".join(paragraphs[n : n + 6]) for n in range(7)
    ]  # each differs from the next by one
    assert copies.alike(copies.read("", texts[0]), copies.read("", texts[1]))
    assert not copies.alike(copies.read("", texts[0]), copies.read("", texts[6]))
    with closing(desk):
        ids = [add(desk, f"s{n}", text, DAY + timedelta(hours=n)) for n, text in enumerate(texts)]
        group(desk.store)
        found = clusters(desk)
        assert found[ids[1]] == ids[0] != found[ids[6]]
        for number, first in found.items():
            one, other = (copies.read("", texts[ids.index(which)]) for which in (number, first))
            assert copies.alike(one, other)


def test_only_what_is_new_or_has_changed_is_compared_again(tmp_path):
    layout, desk = desk_of(tmp_path)
    with closing(desk):
        for n, story in enumerate(STORIES[:5]):
            add(desk, f"s{n}", story.text, DAY + timedelta(hours=n))
        assert cluster(layout).due == 5
        assert cluster(layout).due == 0
        assert desk.index.uncompared == 0
        add(desk, "copy", STORIES[3].text, DAY + timedelta(days=2))
        add(
            desk, "s1", STORIES[3].text, DAY + timedelta(days=1)
        )  # an edit: now it is another's text
        assert desk.index.uncompared == 2
        done = cluster(layout)
        assert (done.due, done.removed) == (2, 1)
        assert Counter(clusters(desk).values()) == {1: 1, 3: 1, 4: 3, 5: 1}
        assert keys_hold(desk)
        assert cluster(layout, anew=True).due == 6


def test_when_the_first_goes_the_others_keep_together(tmp_path):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        first = add(desk, "first", STORIES[0].text, DAY)
        twin = add(desk, "twin", STORIES[0].text, DAY + timedelta(hours=1))
        cut = add(desk, "cut", "\n\n".join(STORIES[0].paragraphs[:3]), DAY + timedelta(hours=2))
        group(desk.store)
        assert set(clusters(desk).values()) == {first}
        with desk.store.transaction():
            desk.store.forget("first")
        group(desk.store)
        assert clusters(desk) == {twin: twin, cut: twin}
        assert keys_hold(desk)


def test_an_article_that_has_gone_from_its_site_stays_in_its_cluster(tmp_path):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        first = add(desk, "first", STORIES[0].text, DAY)
        copy = add(desk, "copy", STORIES[0].text, DAY + timedelta(hours=1))
        gone = desk.add(None, url="https://first.example/1", source="first", status=404)
        assert gone.change == "gone"
        group(desk.store)
        assert clusters(desk) == {first: first, copy: first}


def test_signatures_of_another_method_are_made_anew(tmp_path, monkeypatch):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        add(desk, "first", STORIES[0].text, DAY)
        group(desk.store)
        monkeypatch.setattr(copies, "METHOD", "another")
        assert group(desk.store).due == 1
        assert group(desk.store).due == 0


def small_set(seed):
    """Rows of a made set in which stories of one outlet and copies of them are mixed, in a random order."""
    rng = random.Random(seed)
    spinner = Spinner("ar", rng)
    copier = Copier(spinner, "ar")
    made = []
    for _ in range(6):
        text = spinner.story()
        made += [text, *(copy(text) for copy in copier.kinds().values())]
    for number, text in enumerate(rng.sample(made, 40), 1):
        at = DAY + timedelta(minutes=rng.randrange(MONTH))
        yield {
            "id": number, "language": "ar", "title": "", "text": "\n\n".join(text), "at": iso(at),
            "source": f"s{number % 5}", "url": f"https://s.example/{number}", "authors": "[]",
        }  # fmt: skip


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1000), parts=st.integers(1, 20), batch=st.integers(1, 40))
def test_clusters_are_the_same_whatever_came_first_and_in_which_batches(
    tmp_path_factory, seed, parts, batch
):
    made = list(small_set(seed))
    told = []
    for order in (
        sorted(made, key=lambda row: row["at"]),
        random.Random(seed).sample(made, len(made)),
    ):
        with closing(Desk(tmp_path_factory.mktemp("set") / "index.db")) as desk:
            connection, size = desk.store._connection, len(order) // parts + 1
            for begin in range(0, len(order), size):
                with desk.store.transaction():
                    for row in order[begin : begin + size]:
                        insert(connection, row)
                group(desk.store, batch=batch if begin else 1000)
            forgotten = [(row["id"],) for row in made[::7]]
            with desk.store.transaction():
                connection.executemany(
                    "UPDATE clusters SET version_id = 0 WHERE article_id = ?", forgotten
                )
            group(desk.store, batch=batch)
            told.append(
                desk.rows("SELECT article_id, cluster_id, part, alike FROM clusters ORDER BY 1")
            )
            assert keys_hold(desk)
    assert told[0] == told[1]
    assert any(number != first for number, first, _, _ in told[0])


def test_known_copies_are_found_and_others_are_not_joined_to_them(tmp_path):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        kinds = {}
        with desk.store.transaction():
            for item, row in rows(items(5, spun=0), 5):
                kinds[row["id"]] = item
                insert(desk.store._connection, row)
        group(desk.store)
        found = judged(kinds, clusters(desk))
    assert found.copies.total() == 880
    assert found.recall >= 0.97
    assert found.right >= 0.98
    assert found.precision >= 0.98
    assert all(found.found[kind] >= 0.95 * count for kind, count in found.copies.items())


def test_an_export_takes_one_of_each_the_first_that_matches(tmp_path):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        first = add(desk, "first", STORIES[0].text, DAY)
        twin = add(desk, "twin", STORIES[0].text, DAY + timedelta(hours=1))
        cut = add(desk, "cut", "\n\n".join(STORIES[0].paragraphs[:3]), DAY + timedelta(hours=2))
        alone = add(desk, "alone", STORIES[1].text, DAY)
        group(desk.store)

        def told(how, **query):
            return [article.id for article in desk.index.stream(Query(**query), how)]

        assert told("") == [first, twin, cut, alone]
        assert told("exact") == [first, cut, alone]
        assert told("near") == [first, alone]
        assert told("near", source="twin") == [twin]
        assert told("near", since=DAY + timedelta(minutes=30)) == [twin]
        new = add(desk, "new", STORIES[0].text, DAY + timedelta(days=9))
        assert told("near") == [first, alone, new]  # not compared yet, so it stays


def test_before_a_copy_that_is_reserved_one_is_taken_that_is_not(tmp_path):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        ids = []
        for number, rights in enumerate(((), (), ("noai",))):
            page = reading(
                "News", STORIES[0].text, f"https://a.example/{number}", rights=rights,
                published=Moment(DAY - timedelta(hours=number), "minute", "+00:00", "meta"),
            )  # fmt: skip
            ids.append(desk.add(page, url=f"https://a.example/{number}").article_id)
        group(desk.store)

        def told(how, versions="latest", without=("tdm-reserved", "noai"), **query):
            with desk.index.selection(Query(**query), versions, how, without) as selection:
                return [number for number, _ in selection.records(("id", "version"))]

        for how in ("exact", "near"):
            assert told(how, without=()) == [ids[2]]
            for versions in ("latest", "first", "all"):
                assert told(how, versions) == [ids[1]]
            assert told(how, until=DAY - timedelta(minutes=90)) == [ids[2]]  # nobody else is there


def test_articles_without_a_word_are_no_copies(tmp_path):
    _, desk = desk_of(tmp_path)
    with closing(desk):
        ids = [add(desk, "photos", "", DAY + timedelta(days=n), path=n) for n in range(3)]
        group(desk.store)
        assert clusters(desk) == {number: number for number in ids}
        assert [article.id for article in desk.index.stream(Query(), "exact")] == ids


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("archiver.clusters._TOLD", 1)
    made, told = list(small_set(3)), []
    for stopped in (False, True):
        with closing(Desk(tmp_path / f"{stopped}.db")) as desk:
            with desk.store.transaction():
                for row in made:
                    insert(desk.store._connection, row)

            def stop(done):
                if done.compared == 25:
                    raise KeyboardInterrupt

            if stopped:
                with pytest.raises(KeyboardInterrupt):
                    group(desk.store, batch=10, progress=stop)
                assert len(clusters(desk)) == 20
            group(desk.store, batch=10)
            told.append(clusters(desk))
    assert told[0] == told[1]


def test_clustering_holds_the_lock_and_wants_an_index(tmp_path):
    layout, desk = desk_of(tmp_path)
    desk.close()
    with locked(layout), pytest.raises(LockedError):
        cluster(layout)
    layout.index.unlink()
    with pytest.raises(ArchiveError, match="no index"):
        cluster(layout)
    assert not layout.index.exists()


def test_nothing_is_told_of_copies_before_articles_were_compared(tmp_path):
    layout, desk = desk_of(tmp_path)
    with closing(desk):
        one = add(desk, "first", STORIES[0].text, DAY)
    with closing(Index(layout.index)) as index:
        assert (index.clustered, index.uncompared, index.cluster_counts()) == (False, 1, (0, 0))
        assert index.copies(one) == []
        assert index.cluster_of([one]) == {}
