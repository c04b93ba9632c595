"""Make the index anew from the WARC files and ``sources.toml``, and swap it in."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from archiver.errors import ArchiverError, DamagedError
from archiver.executors.local import WorkerPool
from archiver.ingest import Indexer, close_open_files, locked
from archiver.layout import Layout
from archiver.learning import Readers, settle
from archiver.store.lessons import Known
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Outcome, Source
from archiver.warc import reader

AHEAD = 64  # exchanges read from the WARCs and not yet committed: bounds the memory


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did; `damaged` has a sentence for each file that could not be read whole."""

    files: int = 0
    exchanges: int = 0
    articles: int = 0
    damaged: tuple[str, ...] = ()


def rebuild(
    layout: Layout,
    sources: Sequence[Source],
    *,
    workers: int | None = None,
    tell: Callable[[str], None] = lambda message: None,
    progress: Callable[[Rebuilt], None] = lambda rebuilt: None,
) -> Rebuilt:
    """Rebuild the index of `layout`. The old index serves until the new one is whole.

    `tell` is told in a sentence what a stopped process had left and was mended.
    Raises LockedError while another process writes to the archive.
    """
    layout.check()
    fresh = layout.index.with_name("index.new.db")
    done = Rebuilt()
    with locked(layout):
        for message in close_open_files(layout):
            tell(message)
        _remove(fresh)
        try:
            with ExitStack() as opened:
                store = Store(fresh)
                opened.callback(store.close)
                pool = WorkerPool(workers)
                opened.callback(pool.close)
                with store.transaction():
                    store.set_sources(sources)
                readers = _readers(store, pool, layout, sources)
                indexer = Indexer(readers)
                try:
                    _feed(layout, indexer, done, progress)
                finally:
                    indexer.close()
                settle(readers, layout.warcs, tell)
            _remove_log(layout)
            os.replace(fresh, layout.index)
        finally:
            _remove(fresh)
    return done


def _readers(store: Store, pool: WorkerPool, layout: Layout, sources: Sequence[Source]) -> Readers:
    """Return readers that begin with what the old index knew: most often that is what comes out.

    It changes no row: where it is not what the pages teach, they are read again.
    """
    readers = Readers(store, pool, {source.name: source.rules for source in sources})
    known: dict[str, str] = {}
    with suppress(ArchiverError), Index(layout.index) as old:
        known = old.profiles()
    with store.transaction():
        for name, profile in known.items():
            readers.know(name, profile)
            store.lessons.learned(name, Known(profile, readers.key(name)), stale=True)
    return readers


def _feed(
    layout: Layout, indexer: Indexer, done: Rebuilt, progress: Callable[[Rebuilt], None]
) -> None:
    waiting: deque[Future[Outcome]] = deque()
    for path in reader.files(layout.warcs):
        done.files += 1
        try:
            for kept in reader.kept(path):
                waiting.append(indexer.put(kept))
                if len(waiting) >= AHEAD:
                    _count(waiting.popleft(), done, progress)
        except DamagedError as error:
            done.damaged += (f"{path.name}: {error}",)
    while waiting:
        _count(waiting.popleft(), done, progress)


def _count(outcome: Future[Outcome], done: Rebuilt, progress: Callable[[Rebuilt], None]) -> None:
    done.exchanges += 1
    done.articles += outcome.result().change == "new"
    progress(done)


def _remove(path: os.PathLike[str]) -> None:
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(name := os.fspath(path) + suffix):
            os.remove(name)


def _remove_log(layout: Layout) -> None:
    """Remove the old index's log, which must not be played into the new file."""
    for suffix in ("-wal", "-shm"):
        if os.path.exists(name := f"{layout.index}{suffix}"):
            os.remove(name)
