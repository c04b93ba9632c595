"""The one road from a capture to a row: WARC first, made to last, read, then indexed in order.

`Ingest` is what a live crawl writes through, and an import indexes through; `indexing.Indexer` is its
second half.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

from archiver import cdxj, sealing
from archiver.errors import ArchiverError
from archiver.executors.local import WorkerPool
from archiver.indexing import GROUP, Indexer, feed, promise
from archiver.layout import Layout
from archiver.learning import Readers, settle
from archiver.locking import lock
from archiver.store.freshness import Freshness
from archiver.store.originals import Originals
from archiver.store.rounds import FRESH, Rounds
from archiver.store.writing import Store
from archiver.types import Capture, Damage, Failure, Kept, Outcome, Source
from archiver.warc import reader, recovery
from archiver.warc.writer import OPEN, WarcWriter


class Ingest:
    """The writing end of an archive: one WARC writer, one index, one pool; one process at a time."""

    def __init__(
        self,
        layout: Layout,
        info: Mapping[str, str],
        *,
        sources: Sequence[Source] | None = None,
        workers: int | None = None,
        tell: Callable[[str], None] = lambda message: None,
    ) -> None:
        """Lock the archive, mend what a stopped process left, and be ready to write.

        `sources` are those of ``sources.toml``, None where nobody knows them. `tell` is told in a
        sentence what was mended, and what was learned in the end. Raises LockedError when another process writes.
        """
        layout.create()
        self.hurried = True  # what is to be learned is left to the next run
        self._todo: SimpleQueue[tuple[Capture | Failure, Future[Taken]] | None] = SimpleQueue()
        self._failed: Exception | None = None
        with ExitStack() as opened:
            opened.callback(os.close, lock(layout))
            known = layout.index.exists()
            self._store = Store(layout.index)
            opened.callback(self._store.close)
            for message in close_open_files(layout, self._store.last_location(), known=known):
                tell(message)
            self._originals = originals = Originals(layout.index)
            opened.callback(originals.close)
            self._freshness = Freshness(layout.index)
            opened.callback(self._freshness.close)
            self._index = layout.index
            self._rounds: Rounds | None = None
            opened.callback(self._close_rounds)
            self._pool = WorkerPool(workers)
            opened.callback(self._pool.close)
            self._readers = Readers(self._store, self._pool, sources)
            opened.callback(self._readers.readings.close)
            sealing.finish(layout, self._readers, tell)
            opened.callback(self._settle, layout, tell)
            self._indexer = Indexer(self._readers, originals, layout.warcs)
            opened.callback(self._indexer.close)
            self._catch_up(layout, tell)
            self._writer = WarcWriter(layout.warcs, info, original=originals.of_digest)
            opened.callback(self._writer.close)
            self._thread = threading.Thread(target=self._run, name="warc", daemon=True)
            self._thread.start()
            opened.callback(self._finish)
            self._opened = opened.pop_all()
        self.hurried = False

    @property
    def store(self) -> Store:
        """The index, for what is written before the first capture is."""
        return self._store

    @property
    def readers(self) -> Readers:
        """What reads pages."""
        return self._readers

    @property
    def pool(self) -> WorkerPool:
        """The worker processes, for discovery."""
        return self._pool

    @property
    def freshness(self) -> Freshness:
        """What is here already. For one thread at a time, which need not be the one that opened it."""
        return self._freshness

    @property
    def rounds(self) -> Rounds | None:
        """What the rounds that go on have brought before; None where none was begun."""
        return self._rounds

    def begin_rounds(self, names: Sequence[str], at: datetime, fresh: timedelta = FRESH) -> None:
        """Begin a round of each source, or go on with the one that was stopped.

        Feeds and the like that it has are asked for again when they are older than `fresh`.
        """
        # Exchanges come back from the WARC files, but not that they were this round's.
        with self._store.transaction(lasting=True):
            for name in names:
                self._store.begin_round(name, at)
        self._rounds = Rounds(self._index, names, fresh)

    def end_rounds(self, names: Iterable[str]) -> None:
        """Say that the rounds of these sources have come to their end."""
        with self._store.transaction(lasting=True):
            for name in names:
                self._store.end_round(name)

    def _close_rounds(self) -> None:
        if self._rounds is not None:
            self._rounds.close()

    def index(
        self, found: Iterable[Kept | Damage], tell: Callable[[Outcome | Damage], None]
    ) -> None:
        """Index what was read from WARC files of the archive, in its order; `tell` is told of each."""
        feed(self._indexer, found, tell)

    def write(self, item: Capture | Failure) -> Future[Taken]:
        """Queue a capture for the WARC.

        The future is done when the record is there to stay; its result holds what was kept and the
        future of its row.
        """
        future: Future[Taken] = promise()
        self._todo.put((item, future))
        return future

    def close(self) -> None:
        """Write, read and commit everything that was queued, then let go of the archive."""
        self._opened.close()

    def _finish(self) -> None:
        self._todo.put(None)
        self._thread.join()

    def _settle(self, layout: Layout, tell: Callable[[str], None]) -> None:
        """Learn from what was read, once all of it is committed, and write the CDXJ of what is closed."""
        if not self.hurried and self._failed is None and not self._indexer.failed:
            try:
                sealing.sweep(layout, self._readers, tell)
            except ArchiverError as error:
                tell(f"{error}; the next run takes it out")  # what was fetched is kept all the same
            settle(self._readers, layout.warcs, tell)
            cdxj.write_missing(layout, tell)

    def _catch_up(self, layout: Layout, tell: Callable[[str], None]) -> None:
        """Index what is in the WARCs and not in the index: a stopped process wrote it last."""
        caught = 0

        def count(came: Outcome | Damage) -> None:
            nonlocal caught
            if isinstance(came, Damage):
                tell(str(came))
            else:
                caught += came.change != "duplicate"

        feed(self._indexer, _after(layout.warcs, self._store.last_location()), count)
        if caught:
            tell(f"indexed {caught} exchanges that an earlier run had left")

    def _run(self) -> None:
        while (first := self._todo.get()) is not None:
            group = [first]
            ended = False
            while len(group) < GROUP and not self._todo.empty():
                following = self._todo.get()
                if following is None:
                    ended = True
                    break
                group.append(following)
                del following
            self._take(group)
            del first, group  # a frame that waits must not keep large bodies alive
            if ended:
                return

    def _take(self, group: list[tuple[Capture | Failure, Future[Taken]]]) -> None:
        """Keep a group; once it is unknown what the disk holds, refuse all that follows.

        An exchange indexed behind one that is not would hide it from the next start.
        """
        try:
            if self._failed is not None:
                raise self._failed
            self._keep(group)
        except Exception as error:
            self._failed = error
            for _, future in group:
                if not future.done():
                    future.set_exception(error)

    def _keep(self, group: list[tuple[Capture | Failure, Future[Taken]]]) -> None:
        """Append a group, make it last with one fdatasync, then hand it to the indexer in order."""
        written: list[tuple[Kept, Future[Taken]]] = []
        for item, future in group:
            try:
                written.append((self._append(item), future))
            except Exception as error:
                future.set_exception(error)
        self._writer.sync()
        for kept, future in written:
            future.set_result(Taken(kept, self._indexer.put(kept)))

    def _append(self, item: Capture | Failure) -> Kept:
        if isinstance(item, Failure):
            return self._writer.append_failure(item)
        kept = self._writer.append(item)
        self._originals.add(kept)  # the next of the same group may have the same body
        return kept


@dataclass(frozen=True, slots=True)
class Taken:
    """A kept exchange and the future of its row."""

    kept: Kept
    outcome: Future[Outcome]


def close_open_files(
    layout: Layout, last: tuple[str, int] | None, *, known: bool = True
) -> list[str]:
    """Close the WARCs that a stopped process left open; returns what was cut, in sentences.

    `last` is where the last exchange that has a row lies: nothing before it is cut. Where that is not
    `known`, no whole exchange is.
    """
    told = []
    for path in reader.files(layout.warcs):
        if path.suffix != OPEN:
            continue
        committed = last[1] if last and last[0] == path.name.removesuffix(OPEN) else 0
        if cut := recovery.recover(path, layout.quarantine, committed, close_up=known):
            told.append(f"{path.name}: {cut} torn bytes moved to {layout.quarantine}")
    return told


def _after(folder: Path, last: tuple[str, int] | None) -> Iterator[Kept | Damage]:
    """Yield what the WARC files keep after the exchange at `last`, in order."""
    for path in reader.files(folder):
        if last is None or path.name > last[0]:
            yield from reader.kept(path)
        elif path.name == last[0]:
            exchanges = reader.kept(path, last[1])
            next(exchanges, None)  # the one at `last` itself
            yield from exchanges
