"""The one road from a capture to a row: WARC first, made to last, read, then indexed in order.

`Ingest` is what a live crawl writes through; `Indexer` is its second half, which a rebuild feeds
with what it reads from the WARC files. Rows are committed in the order of the WARC however fast
each page was read, so that ids and versions are the same after a rebuild.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue, SimpleQueue
from typing import Any

from archiver.errors import DamagedError, LockedError
from archiver.executors.local import WorkerPool
from archiver.layout import Layout
from archiver.learning import Readers, reading, settle
from archiver.store.writing import Store
from archiver.types import Capture, Failure, Kept, Outcome, Reading, Rules, Snapshot
from archiver.warc import reader
from archiver.warc.writer import WarcWriter

GROUP = 16  # exchanges that share one fdatasync and one transaction at the most


@dataclass(slots=True)
class _Turn:
    """One kept exchange waiting for its row."""

    kept: Kept
    reading: Future[Reading] | None
    outcome: Future[Outcome]


class Indexer:
    """Reads pages in worker processes and commits their rows in the order they were put."""

    def __init__(self, readers: Readers, *, ahead: int = 256) -> None:
        """Commit to the readers' store; `put` waits while more than `ahead` are under way."""
        self._store = readers.store
        self._readers = readers
        self._turns: Queue[_Turn | None] = Queue(ahead)
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        self._thread.start()

    def put(self, kept: Kept) -> Future[Outcome]:
        """Queue an exchange; the future is done when its row is committed."""
        future = self._readers.read(kept) if isinstance(kept, Snapshot) else None
        turn = _Turn(kept, future, _promise())
        self._turns.put(turn)
        return turn.outcome

    @property
    def failed(self) -> bool:
        """Whether a row could not be committed, and none behind it was."""
        return self._failed is not None

    def close(self) -> None:
        """Commit what was put and stop."""
        self._turns.put(None)
        self._thread.join()

    def _run(self) -> None:
        turn = self._turns.get()
        while turn is not None:
            group, after = self._group(turn)
            self._commit(group)
            del group, turn  # a frame that waits must not keep large bodies alive
            turn = after if after is not _WAIT else self._turns.get()

    def _group(self, first: _Turn) -> tuple[list[_Turn], _Turn | None]:
        """Wait for `first`, then take those behind it that are ready; never out of order."""
        group = [first]
        _wait(first)
        while len(group) < GROUP:
            try:
                turn = self._turns.get_nowait()
            except Empty:
                return group, _WAIT
            if turn is None or not _ready(turn):
                return group, turn
            group.append(turn)
        return group, _WAIT

    def _commit(self, group: list[_Turn]) -> None:
        """Commit the rows of a group; after one that failed, none that follows.

        A row behind a missing one would hide the gap: the next start goes on from the last row.
        """
        try:
            if self._failed is not None:
                raise self._failed
            with self._store.transaction():
                outcomes = [self._store.index(turn.kept, reading(turn.reading)) for turn in group]
        except Exception as error:
            self._failed = error
            for turn in group:
                turn.outcome.set_exception(error)
        else:
            for turn, outcome in zip(group, outcomes, strict=True):
                turn.outcome.set_result(outcome)


_WAIT = _Turn(None, None, Future())  # type: ignore[arg-type]


def _promise() -> Future[Any]:
    """Return a future that a cancelled waiter cannot cancel under the thread that will set it."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


def _ready(turn: _Turn) -> bool:
    return turn.reading is None or turn.reading.done()


def _wait(turn: _Turn) -> None:
    if turn.reading is not None:
        turn.reading.exception()


class Ingest:
    """The writing end of an archive: one WARC writer, one index, one pool; one process at a time."""

    def __init__(
        self,
        layout: Layout,
        info: Mapping[str, str],
        *,
        rules: Mapping[str, Rules] | None = None,
        workers: int | None = None,
        tell: Callable[[str], None] = lambda message: None,
    ) -> None:
        """Lock the archive, mend what a stopped process left, and be ready to write.

        `rules` are the user's for each source, None where nobody knows them. `tell` is told in a
        sentence what was mended, and what was learned in the end. Raises LockedError when another process writes.
        """
        layout.create()
        self.hurried = True  # what is to be learned is left to the next run
        self._todo: SimpleQueue[tuple[Capture | Failure, Future[Taken]] | None] = SimpleQueue()
        self._failed: Exception | None = None
        with ExitStack() as opened:
            opened.callback(os.close, lock(layout))
            for message in close_open_files(layout):
                tell(message)
            self._store = Store(layout.index)
            opened.callback(self._store.close)
            self._pool = WorkerPool(workers)
            opened.callback(self._pool.close)
            self._readers = Readers(self._store, self._pool, rules)
            opened.callback(self._settle, layout.warcs, tell)
            self._indexer = Indexer(self._readers)
            opened.callback(self._indexer.close)
            self._catch_up(layout, tell)
            self._writer = WarcWriter(layout.warcs, info)
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
    def pool(self) -> WorkerPool:
        """The worker processes, for discovery."""
        return self._pool

    def write(self, item: Capture | Failure) -> Future[Taken]:
        """Queue a capture for the WARC.

        The future is done when the record is there to stay; its result holds what was kept and the
        future of its row.
        """
        future: Future[Taken] = _promise()
        self._todo.put((item, future))
        return future

    def close(self) -> None:
        """Write, read and commit everything that was queued, then let go of the archive."""
        self._opened.close()

    def _finish(self) -> None:
        self._todo.put(None)
        self._thread.join()

    def _settle(self, warcs: Path, tell: Callable[[str], None]) -> None:
        """Learn from what was read, once all of it is committed."""
        if not self.hurried and self._failed is None and not self._indexer.failed:
            settle(self._readers, warcs, tell)

    def _catch_up(self, layout: Layout, tell: Callable[[str], None]) -> None:
        """Index what is in the WARCs and not in the index: a stopped process wrote it last."""
        last = self._store.last_location()
        rows = [self._indexer.put(kept) for kept in _after(layout.warcs, last, tell)]
        for row in rows:
            row.result()
        if rows:
            tell(f"indexed {len(rows)} exchanges that an earlier run had left")

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
        return self._writer.append(item)


@dataclass(frozen=True, slots=True)
class Taken:
    """A kept exchange and the future of its row."""

    kept: Kept
    outcome: Future[Outcome]


def lock(layout: Layout) -> int:
    """Take the archive's lock; returns the file descriptor that holds it.

    The lock is the kernel's (flock), so it ends with the process, however that ends.
    """
    fd = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise LockedError(
            "another archiver is writing to this archive",
            where=str(layout.root),
            remedy="wait until it is done, or name another --archive",
        ) from error
    return fd


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the archive's lock for a while."""
    fd = lock(layout)
    try:
        yield
    finally:
        os.close(fd)


def close_open_files(layout: Layout) -> list[str]:
    """Close the WARCs that a stopped process left open; returns what was cut, in sentences."""
    told = []
    for path in reader.files(layout.warcs):
        if path.suffix != ".open":
            continue
        if cut := reader.recover(path, layout.quarantine):
            told.append(f"{path.name}: {cut} torn bytes moved to {layout.quarantine}")
    return told


def _after(
    folder: Path, last: tuple[str, int] | None, tell: Callable[[str], None]
) -> Iterator[Kept]:
    """Yield what the WARC files keep after the exchange at `last`, in order.

    Damage is told and passed over, or an archive with a damaged last file could never grow again.
    """
    for path in reader.files(folder):
        if last is not None and path.name < last[0]:
            continue
        try:
            if last is not None and path.name == last[0]:
                exchanges = reader.kept(path, last[1])
                next(exchanges, None)  # the one at `last` itself
                yield from exchanges
            else:
                yield from reader.kept(path)
        except DamagedError as error:
            tell(f"{path.name}: {error}")
