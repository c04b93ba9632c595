"""The one road from a capture to a row: WARC first, made to last, read, then indexed in order.

`Ingest` is what a live crawl writes through; `Indexer` is its second half, which a rebuild feeds
with what it reads from the WARC files. Rows are committed in the order of the WARC however fast
each page was read, so that ids and versions are the same after a rebuild.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue, SimpleQueue
from time import sleep
from typing import Any

from archiver import cdxj
from archiver.errors import DamagedError, LockedError
from archiver.executors.local import WorkerPool
from archiver.layout import Layout
from archiver.learning import Readers, reading, settle
from archiver.store.originals import Originals
from archiver.store.rounds import Rounds
from archiver.store.writing import Store
from archiver.types import Capture, Damage, Failure, Kept, Outcome, Reading, Snapshot, Source
from archiver.warc import reader, recovery
from archiver.warc.writer import OPEN, WarcWriter

GROUP = 16  # exchanges that share one fdatasync and one transaction at the most
AHEAD = 64  # exchanges read from WARC files and not yet committed
LOOKS = 5  # times that the lock is tried for, 10 ms apart
ROOM = 32 * 1024 * 1024  # bytes of bodies that may wait to be read


@dataclass(slots=True)
class _Turn:
    """One kept exchange waiting for its row."""

    kept: Kept
    reading: Future[Reading] | None
    outcome: Future[Outcome]
    size: int = 0


class _Room:
    """So many bytes, of which those who wait take theirs when they are free."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._changed = threading.Condition()

    def take(self, size: int) -> None:
        """Take `size` bytes; what is larger than the room waits until it has all of it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken or self._taken + size <= self._size)
            self._taken += size

    def give(self, size: int) -> None:
        """Give `size` bytes back."""
        with self._changed:
            self._taken -= size
            self._changed.notify_all()


class Indexer:
    """Reads pages in worker processes and commits their rows in the order they were put."""

    def __init__(
        self, readers: Readers, originals: Originals, warcs: Path, *, ahead: int = 256
    ) -> None:
        """Commit to the readers' store; `put` waits while more than `ahead` are under way.

        `originals` and `warcs` bring the bodies that revisit records leave out.
        """
        self._store = readers.store
        self._readers = readers
        self._originals = originals
        self._warcs = warcs
        self._turns: Queue[_Turn | None] = Queue(ahead)
        self._room = _Room(ROOM)
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        self._thread.start()

    def put(self, kept: Kept) -> Future[Outcome]:
        """Queue an exchange; the future is done when its row is committed."""
        size, future = 0, None
        if isinstance(kept, Snapshot):
            kept = self._readers.adopt(kept)
            if not self._originals.holds(kept):
                kept = self._whole(kept)
                size, future = self._read(kept)
            kept = kept.without_body()
        turn = _Turn(kept, future, _promise(), size)
        self._turns.put(turn)
        return turn.outcome

    def _read(self, snapshot: Snapshot) -> tuple[int, Future[Reading] | None]:
        """Hand a page to the workers; returns the room that it takes until it is read, too."""
        capture = snapshot.capture
        size = len(capture.head) + len(capture.body) + len(capture.request)
        self._room.take(size)
        future = self._readers.read(snapshot)
        if future is None or future.done():
            self._room.give(size)
            size = 0
        return size, future

    def _whole(self, snapshot: Snapshot) -> Snapshot:
        """Return a revisit with its body, where that is in this archive and undamaged."""
        if snapshot.original is None:
            self._originals.add(snapshot)
            return snapshot
        found = self._originals.of(snapshot)
        if found is None or found.location is None:
            return replace(snapshot, original=replace(snapshot.original, location=None))
        snapshot = replace(snapshot, original=found)
        if snapshot.capture.body:
            return snapshot
        with suppress(DamagedError):
            return reader.with_body(self._warcs, snapshot, found.location)
        return snapshot

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
        self._room.give(sum(turn.size for turn in group))


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
            originals = Originals(layout.index)
            opened.callback(originals.close)
            self._index = layout.index
            self._rounds: Rounds | None = None
            opened.callback(self._close_rounds)
            self._pool = WorkerPool(workers)
            opened.callback(self._pool.close)
            self._readers = Readers(self._store, self._pool, sources)
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
    def pool(self) -> WorkerPool:
        """The worker processes, for discovery."""
        return self._pool

    @property
    def rounds(self) -> Rounds | None:
        """What the rounds that go on have brought before; None where none was begun."""
        return self._rounds

    def begin_rounds(self, names: Sequence[str], at: datetime) -> None:
        """Begin a round of each source, or go on with the one that was stopped."""
        # Exchanges come back from the WARC files, but not that they were this round's.
        with self._store.transaction(lasting=True):
            for name in names:
                self._store.begin_round(name, at)
        self._rounds = Rounds(self._index, names)

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
        future: Future[Taken] = _promise()
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
        _take_lock(fd)
    except OSError as error:
        os.close(fd)
        raise LockedError(
            "another archiver is writing to this archive",
            where=str(layout.root),
            remedy="wait until it is done, or name another --archive",
        ) from error
    return fd


def _take_lock(fd: int) -> None:
    """Take the lock, or raise OSError; one who only looks (see `is_locked`) has it for a moment."""
    for _ in range(LOOKS):
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        sleep(0.01)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(layout: Layout) -> bool:
    """Tell whether a process writes to the archive now; nothing is held afterwards."""
    try:
        fd = os.open(layout.lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the archive's lock for a while."""
    fd = lock(layout)
    try:
        yield
    finally:
        os.close(fd)


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


def feed(
    indexer: Indexer,
    found: Iterable[Kept | Damage],
    tell: Callable[[Outcome | Damage], None],
) -> None:
    """Index what was read from WARC files, in its order; `tell` is told what came of each."""
    waiting: deque[Future[Outcome]] = deque()
    for item in found:
        if isinstance(item, Damage):
            tell(item)
            continue
        waiting.append(indexer.put(item))
        if len(waiting) >= AHEAD:
            tell(waiting.popleft().result())
    while waiting:
        tell(waiting.popleft().result())


def _after(folder: Path, last: tuple[str, int] | None) -> Iterator[Kept | Damage]:
    """Yield what the WARC files keep after the exchange at `last`, in order."""
    for path in reader.files(folder):
        if last is None or path.name > last[0]:
            yield from reader.kept(path)
        elif path.name == last[0]:
            exchanges = reader.kept(path, last[1])
            next(exchanges, None)  # the one at `last` itself
            yield from exchanges
