"""Make the index anew from the WARC files and ``sources.toml``, and swap it in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archiver import cdxj, clusters, sealing
from archiver.errors import ArchiveError, ArchiverError
from archiver.executors.local import WorkerPool, worker_count
from archiver.executors.ordered import in_order
from archiver.indexing import Indexer, feed
from archiver.ingest import close_open_files
from archiver.layout import Layout
from archiver.learning import Readers, settle
from archiver.locking import locked
from archiver.store.lessons import Known
from archiver.store.originals import Originals
from archiver.store.rounds import Rounds
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Damage, Kept, Outcome, Source
from archiver.warc import reader
from archiver.warc.writer import sync_folder


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did; `damaged` has all that could not be read."""

    files: int = 0
    exchanges: int = 0
    articles: int = 0
    damaged: tuple[Damage, ...] = ()


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
    with locked(layout):
        return remake(layout, sources, workers=workers, tell=tell, progress=progress)


def remake(
    layout: Layout,
    sources: Sequence[Source],
    *,
    workers: int | None = None,
    tell: Callable[[str], None] = lambda message: None,
    progress: Callable[[Rebuilt], None] = lambda rebuilt: None,
) -> Rebuilt:
    """Do what `rebuild` does, for one who holds the archive's lock."""
    fresh = layout.index.with_name("index.new.db")
    done = Rebuilt()
    _close_open_files(layout, tell)
    sealed = sealing.redact_all(layout)
    _remove(fresh)
    clustered = _clustered(layout)
    try:
        with ExitStack() as opened:
            store = Store(fresh, deferred=True)
            opened.callback(store.close)
            pool = WorkerPool(workers)
            opened.callback(pool.close)
            with store.transaction():
                store.set_sources(sources)
            readers = _readers(store, pool, layout, sources)
            opened.callback(readers.readings.close)
            originals = Originals(fresh)
            opened.callback(originals.close)
            indexer = Indexer(readers, originals, layout.warcs)
            try:
                feed(indexer, _all(layout, done), lambda came: _count(came, done, progress))
            finally:
                indexer.close()
            settle(readers, layout.warcs, tell)
            _make_text_index(store, pool, workers)
            if clustered:
                tell("comparing articles for copies, as the old index had them compared")
                clusters.group(store)
        _swap_in(fresh, layout)
        sealing.conclude(layout, sealed)
        cdxj.write_missing(layout, tell)
    finally:
        _remove(fresh)
    return done


def reindex(layout: Layout, *, workers: int | None = None) -> int:
    """Make the text index anew from the articles of the index; returns how many there are.

    Searches find what was there until it is done. Raises LockedError while another process writes to
    the archive, ArchiveError where there is no index.
    """
    layout.check()
    with locked(layout):
        if not layout.index.exists():
            raise ArchiveError(
                "no index yet", where=str(layout.index), remedy="run 'archiver rebuild'"
            )
        with closing(Store(layout.index, deferred=True)) as store:
            if store.seals.pending:
                raise ArchiveError(
                    "a takedown was stopped, and must be finished first",
                    where=str(layout.takedowns),
                    remedy="run 'archiver takedown --continue'",
                )
            with closing(WorkerPool(max(1, _spare(workers)))) as pool:
                return _make_text_index(store, pool, workers)


def _make_text_index(store: Store, pool: WorkerPool, workers: int | None) -> int:
    """Make the text index with workers for all cores but the one on which this process writes it.

    On one core it is made here alone. It is the same index in any case.
    """
    spare = _spare(workers)
    return store.make_text_index(partial(in_order, pool, spare + 1) if spare else map)


def _spare(workers: int | None) -> int:
    """Return how many workers there are beside one that writes."""
    return (workers or worker_count()) - 1


def _close_open_files(layout: Layout, tell: Callable[[str], None]) -> None:
    """Mend what a stopped process left, by what the old index knows, if it can be read."""
    known, last = False, None
    with suppress(ArchiverError), Index(layout.index) as old:
        known, last = True, old.last_location()
    for message in close_open_files(layout, last, known=known):
        tell(message)


def _clustered(layout: Layout) -> bool:
    """Tell whether the articles of the old index were compared for copies."""
    with suppress(ArchiverError), Index(layout.index) as old:
        return old.clustered
    return False


def _readers(store: Store, pool: WorkerPool, layout: Layout, sources: Sequence[Source]) -> Readers:
    """Return readers that begin with what the old index knew: most often that is what comes out.

    It changes no row: where it is not what the pages teach, they are read again.
    """
    readers = Readers(store, pool, sources)
    known: dict[str, str] = {}
    rounds: list[tuple[str, str, int]] = []
    with suppress(ArchiverError), Index(layout.index) as old:
        known = old.profiles()
    with suppress(ArchiverError), closing(Rounds(layout.index)) as open_rounds:
        rounds = open_rounds.held()
    with store.transaction():
        store.carry_over(rounds)
        for name, profile in known.items():
            readers.know(name, profile)
            store.lessons.learned(name, Known(profile, readers.key(name)), stale=True)
    return readers


def _all(layout: Layout, done: Rebuilt) -> Iterator[Kept | Damage]:
    for path in reader.files(layout.warcs):
        done.files += 1
        yield from reader.kept(path)


def _count(came: Outcome | Damage, done: Rebuilt, progress: Callable[[Rebuilt], None]) -> None:
    if isinstance(came, Damage):
        done.damaged += (came,)
        return
    done.exchanges += came.change != "duplicate"
    done.articles += came.change == "new"
    progress(done)


def _remove(path: os.PathLike[str]) -> None:
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(name := os.fspath(path) + suffix):
            os.remove(name)


def _swap_in(fresh: Path, layout: Layout) -> None:
    """Put the new index in the place of the old one: at each moment one of them is there, and whole."""
    if layout.index.exists():
        # Once its log is gone the old index must stand by itself, and a crash may have left it half folded.
        with suppress(ArchiverError), closing(Store(layout.index, deferred=True)) as old:
            old.fold()
    for suffix in ("-wal", "-shm"):
        if os.path.exists(name := f"{layout.index}{suffix}"):
            os.remove(name)
    sync_folder(layout.root)  # the old log must not be played into the new index
    os.replace(fresh, layout.index)
    sync_folder(layout.root)
