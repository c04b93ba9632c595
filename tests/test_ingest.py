"""From captures to rows, and what a stopped process leaves to the next."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Never

import pytest

from archiver import learning, locking
from archiver.errors import ArchiveError, LockedError
from archiver.executors.local import TaskFailed
from archiver.indexing import GROUP, Indexer, promise
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.locking import locked
from archiver.rebuild import rebuild
from archiver.store.originals import Originals
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Capture, KeptFailure, Kind, Query, Reading
from archiver.warc import reader
from archiver.warc.writer import WarcWriter
from tests.samples import Shelf, capture, failure, reading, tables

pytestmark = pytest.mark.usefixtures("lent_worker")

WAIT = 60  # seconds until a future that nobody sets fails the test instead of hanging it


class Readers:
    """A pool whose pages are read when, and in the order in which, the test says."""

    def __init__(self) -> None:
        self.tasks = []

    def submit(self, job: Any, *arguments: Any) -> Future[Any]:
        self.tasks.append(Future())
        return self.tasks[-1]

    def close(self) -> None:
        pass


def robots(number: int) -> Capture:
    """An exchange that is indexed without a worker."""
    return capture(f"https://news.example/robots.txt?{number}", kind=Kind.ROBOTS)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "archive")


@contextmanager
def ingesting(layout: Layout, told: Any = None) -> Iterator[Ingest]:
    ingest = Ingest(layout, {}, workers=1, tell=(told if told is not None else []).append)
    try:
        yield ingest
    finally:
        ingest.close()


@contextmanager
def indexing(path: Path) -> Iterator[tuple[Indexer, Readers, Store]]:
    """An indexer on a store of its own, and its readers."""
    store, readers = Store(path), Readers()
    originals = Originals(path)
    indexer = Indexer(learning.Readers(store, readers, ()), originals, path.parent)
    try:
        yield indexer, readers, store
    finally:
        for task in readers.tasks:
            if not task.done():
                task.set_exception(TaskFailed("the test is over"))
        indexer.close()
        originals.close()
        store.close()


def exchanges(layout: Layout) -> list[Any]:
    """(url, filename, offset) of the rows, by id."""
    with closing(Store(layout.index)) as store:
        rows = store._connection.execute("SELECT url, filename, offset FROM exchanges ORDER BY id")
        return [tuple(row) for row in rows]


def places(layout: Layout) -> list[Any]:
    """(url, filename, offset) of what the WARC files keep."""
    kept = [k for path in reader.files(layout.warcs) for k in reader.kept(path)]
    return [(k.capture.url, k.location.filename, k.location.offset) for k in kept]


def leave(layout: Layout, numbers: Any, torn: Any = 0) -> None:
    """Write as a process that was killed before it indexed anything; cut `torn` bytes off."""
    writer = WarcWriter(layout.warcs, {})
    for number in numbers:
        name = writer.append(robots(number)).location.filename
    writer.close()
    path = layout.warcs / name
    if torn:
        os.truncate(path, path.stat().st_size - torn)
    path.rename(f"{path}.open")


def test_only_one_at_a_time(layout: Layout) -> None:
    with (
        ingesting(layout),
        pytest.raises(LockedError, match="another archiver"),
        ingesting(layout),
    ):
        pass
    with ingesting(layout):
        pass


def test_one_who_only_looks_at_the_lock_is_waited_for(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout.create()
    looker = os.open(layout.lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(looker, fcntl.LOCK_SH)
    monkeypatch.setattr(locking, "sleep", lambda _: fcntl.flock(looker, fcntl.LOCK_UN))
    with locked(layout):
        assert locking.is_locked(layout)
    assert not locking.is_locked(layout)
    os.close(looker)


def test_a_start_that_fails_lets_go_of_the_archive(layout: Layout) -> None:
    layout.create()
    layout.index.write_bytes(b"no database " * 99)
    for _ in range(2):
        with pytest.raises(ArchiveError, match="rebuild"):
            Ingest(layout, {})


def test_a_catch_up_that_fails_lets_go_of_the_archive(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(layout, [1])
    with monkeypatch.context() as patch:
        patch.setattr(Store, "index", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError), ingesting(layout):
            pass
    with ingesting(layout):
        pass
    assert exchanges(layout) == places(layout)


def test_the_record_is_there_before_the_row(layout: Layout) -> None:
    with ingesting(layout) as ingest:
        taken = ingest.write(robots(1)).result(WAIT)
        path = reader.locate(layout.warcs, taken.kept.location.filename)
        assert taken.kept in list(reader.kept(path))
        assert taken.outcome.result(WAIT).change == "kept"
        assert isinstance(ingest.write(failure()).result(WAIT).kept, KeptFailure)


def test_everything_is_written_in_its_order(layout: Layout) -> None:
    with ingesting(layout) as ingest:
        taken = [ingest.write(robots(n)) for n in range(3 * GROUP)]
        outcomes = [t.result(WAIT).outcome for t in taken]
    assert [o.result(WAIT).url for o in outcomes] == [robots(n).url for n in range(3 * GROUP)]
    assert exchanges(layout) == places(layout)
    assert len(exchanges(layout)) == 3 * GROUP


def test_close_finishes_what_was_queued(layout: Layout) -> None:
    with ingesting(layout) as ingest:
        taken = [ingest.write(robots(n)) for n in range(40)]
    assert all(t.result(0).outcome.result(0).change == "kept" for t in taken)
    assert [p.suffix for p in layout.warcs.iterdir()] == [".gz"]


def test_what_cannot_be_written_is_said_and_hides_nothing(layout: Layout) -> None:
    unwritable = capture("https://h/\ud800", kind=Kind.ROBOTS)  # no UTF-8 for a lone surrogate
    with ingesting(layout) as ingest:
        taken = [ingest.write(item) for item in (robots(1), unwritable, robots(2))]
        with pytest.raises(UnicodeEncodeError):
            taken[1].result(WAIT)
        assert [taken[n].result(WAIT).outcome.result(WAIT).change for n in (0, 2)] == ["kept"] * 2
    assert exchanges(layout) == places(layout)


def test_a_sync_that_fails_refuses_what_follows_until_the_next_start(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: Any) -> Never:
        raise OSError(28, "No space left on device")

    with ingesting(layout) as ingest:
        ingest.write(robots(1)).result(WAIT).outcome.result(WAIT)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", full)
            with pytest.raises(ArchiveError, match="No space"):
                ingest.write(robots(2)).result(WAIT)
        with pytest.raises(ArchiveError, match="No space"):
            ingest.write(robots(3)).result(WAIT)
    assert [row[0] for row in exchanges(layout)] == [robots(1).url]
    with ingesting(layout):
        pass
    assert exchanges(layout) == places(layout)


def test_a_waiter_that_is_cancelled_stops_nothing(layout: Layout) -> None:
    async def give_up(ingest: Any) -> None:
        waiter = asyncio.wrap_future(ingest.write(robots(1)))
        waiter.cancel()
        await asyncio.wait([waiter])

    with ingesting(layout) as ingest:
        asyncio.run(give_up(ingest))
        assert ingest.write(robots(2)).result(WAIT).outcome.result(WAIT).change == "kept"
    assert len(exchanges(layout)) == 2


def test_rows_are_committed_in_order_though_pages_are_read_out_of_order(tmp_path: Path) -> None:
    shelf = Shelf()
    with indexing(tmp_path / "index.db") as (indexer, readers, store):
        outcomes = [indexer.put(shelf.snapshot(f"https://h/{n}")) for n in range(4)]
        for number in (3, 1, 2):
            readers.tasks[number].set_result(reading(url=f"https://h/{number}"))
        assert not any(outcome.done() for outcome in outcomes)
        readers.tasks[0].set_result(reading(url="https://h/0"))
        assert [outcome.result(WAIT).article_id for outcome in outcomes] == [1, 2, 3, 4]
        rows = store._connection.execute("SELECT url FROM articles ORDER BY id").fetchall()
        assert [row[0] for row in rows] == [f"https://h/{n}" for n in range(4)]


def test_rows_are_the_same_in_one_transaction_or_in_many(tmp_path: Path) -> None:
    for name, together in (("one.db", True), ("many.db", False)):
        shelf = Shelf()
        with indexing(tmp_path / name) as (indexer, readers, _):
            outcomes = []
            for number in range(GROUP - 1):
                outcomes.append(indexer.put(shelf.snapshot(f"https://h/{number % 9}")))
                if not together:
                    readers.tasks[-1].set_result(page(number))
                    outcomes[-1].result(WAIT)
            for number in reversed(range(GROUP - 1 if together else 0)):
                readers.tasks[number].set_result(page(number))
            assert outcomes[-1].result(WAIT).article_id
    assert tables(tmp_path / "one.db") == tables(tmp_path / "many.db")


def page(number: int) -> Reading:
    return reading(f"Title {number}", f"Some text {number}.", f"https://h/{number % 9}")


def test_a_page_that_no_worker_could_read_is_kept_raw(tmp_path: Path) -> None:
    with indexing(tmp_path / "index.db") as (indexer, readers, store):
        outcome = indexer.put(Shelf().snapshot())
        readers.tasks[0].set_exception(TaskFailed("took longer than 10 s"))
        assert outcome.result(WAIT).note == "took longer than 10 s"
        row = store._connection.execute("SELECT completeness, note FROM exchanges").fetchone()
        assert tuple(row) == ("raw_only", "took longer than 10 s")


def test_after_a_row_that_failed_no_later_row_hides_the_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    with indexing(tmp_path / "index.db") as (indexer, _, store):
        done = indexer.put(shelf.snapshot(kind=Kind.ROBOTS)).result(WAIT)
        with monkeypatch.context() as patch:
            patch.setattr(store, "index", lambda *_: 1 / 0)
            broken = indexer.put(shelf.snapshot(kind=Kind.ROBOTS))
            assert isinstance(broken.exception(WAIT), ZeroDivisionError)
        later = indexer.put(shelf.snapshot(kind=Kind.ROBOTS))
        assert isinstance(later.exception(WAIT), ZeroDivisionError)
        assert (done.change, store.last_location()) == ("kept", ("a.warc.gz", 100))


@pytest.mark.parametrize("lost", range(5))
def test_catch_up_indexes_exactly_what_is_missing(layout: Layout, lost: Any) -> None:
    with ingesting(layout) as ingest:
        for number in range(4):
            ingest.write(robots(number)).result(WAIT).outcome.result(WAIT)
    with closing(Store(layout.index)) as store:
        store._connection.execute("DELETE FROM exchanges WHERE id > ?", (4 - lost,))
    told = []
    with ingesting(layout, told):
        pass
    assert exchanges(layout) == places(layout)
    assert told == ([f"indexed {lost} exchanges that an earlier run had left"] if lost else [])


def test_catch_up_goes_on_in_the_files_that_follow(layout: Layout) -> None:
    with ingesting(layout) as ingest:
        ingest.write(robots(0))
    leave(layout, [1, 2])
    told = []
    with ingesting(layout, told) as ingest:
        ingest.write(robots(3))
    assert told == ["indexed 2 exchanges that an earlier run had left"]
    assert [row[0] for row in exchanges(layout)] == [robots(n).url for n in range(4)]
    assert exchanges(layout) == places(layout)


def test_a_torn_tail_is_told_and_kept_aside(layout: Layout) -> None:
    leave(layout, [1, 2], torn=5)
    told = []
    with ingesting(layout, told):
        pass
    assert "torn bytes moved to" in told[0]
    assert told[1:] == ["indexed 1 exchanges that an earlier run had left"]
    assert len(list(layout.quarantine.iterdir())) == 1
    assert exchanges(layout) == places(layout)
    assert [p.suffix for p in layout.warcs.iterdir()] == [".gz"]


def test_a_damaged_file_is_told_and_does_not_stop_the_archive(layout: Layout) -> None:
    with ingesting(layout) as ingest:
        for number in range(2):
            ingest.write(robots(number)).result(WAIT).outcome.result(WAIT)
    (path,) = layout.warcs.iterdir()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    told = []
    with ingesting(layout, told) as ingest:
        ingest.write(robots(2))
    assert [told[0].startswith(path.name), "offset" in told[0], len(told)] == [True, True, 1]
    assert [row[0] for row in exchanges(layout)] == [robots(n).url for n in range(3)]


def test_an_article_is_read_and_found(layout: Layout) -> None:
    body = (
        b"<html><head><title>Rain in the north</title><meta property='og:type' content='article'>"
        b"</head><body><article><h1>Rain in the north</h1>"
        + b"<p>The rain fell on the old town through all of the long night, and then it stopped.</p>"
        b"<p>By the morning the streets were dry, and the market opened at its usual hour.</p>"
        * 2
        + b"</article></body></html>"
    )
    with ingesting(layout) as ingest:
        taken = ingest.write(capture(body=body)).result(WAIT)
        assert taken.outcome.result(WAIT).change == "new"
    with closing(Index(layout.index)) as index:
        assert [hit.article.document.title for hit in index.search(Query("rain"))] == [
            "Rain in the north"
        ]


def test_a_failure_is_the_same_after_a_rebuild(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "archive")
    ingest = Ingest(layout, {}, workers=1)
    for reason in ("no route to host", " a\tb\r\nc\x00 ", ""):
        ingest.write(failure(reason=reason)).result(WAIT).outcome.result(WAIT)
    ingest.close()
    before = tables(layout.index)
    rebuild(layout, [])
    assert tables(layout.index) == before


def test_a_body_that_comes_twice_in_one_group_is_kept_once(layout: Layout) -> None:
    body = b"<p>" + b"x" * 2000
    with ingesting(layout) as ingest:
        group = [
            (capture(f"https://news.example/{n}", body=body, kind=Kind.SECTION), promise())
            for n in (1, 2)
        ]
        ingest._take(group)
        kept = [future.result(WAIT).kept for _, future in group]
    assert [snapshot.original is not None for snapshot in kept] == [False, True]
    assert len(list(reader.kept(next(layout.warcs.iterdir())))) == 2
