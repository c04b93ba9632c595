"""From what a WARC keeps to its row: pages read by workers, rows committed in the order of the WARC.

However fast each page was read, ids and versions are the same after a rebuild. A crawl, an import, a
rebuild and the start after a crash all feed it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from archiver.content import read_head
from archiver.errors import DamagedError
from archiver.learning import Readers, reading
from archiver.store.originals import NOT_MODIFIED, Originals
from archiver.types import Damage, Kept, Outcome, Reading, Snapshot
from archiver.warc import reader

GROUP = 16  # exchanges that share one transaction at the most
AHEAD = 64  # exchanges read from WARC files and not yet committed
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
        turn = _Turn(kept, future, promise(), size)
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
        if snapshot.capture.body or read_head(snapshot.capture.head).status == NOT_MODIFIED:
            return snapshot  # where nothing has changed there is nothing to be read
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
                outcomes = [self._index(turn.kept, reading(turn.reading)) for turn in group]
        except Exception as error:
            self._failed = error
            for turn in group:
                turn.outcome.set_exception(error)
        else:
            for turn, outcome in zip(group, outcomes, strict=True):
                turn.outcome.set_result(outcome)
        self._room.give(sum(turn.size for turn in group))

    def _index(self, kept: Kept, read: Reading | None) -> Outcome:
        if isinstance(kept, Snapshot):
            self._readers.readings.keep(kept, read)
        return self._store.index(kept, read)


_WAIT = _Turn(None, None, Future())  # type: ignore[arg-type]


def promise() -> Future[Any]:
    """Return a future that a cancelled waiter cannot cancel under the thread that will set it."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


def _ready(turn: _Turn) -> bool:
    return turn.reading is None or turn.reading.done()


def _wait(turn: _Turn) -> None:
    if turn.reading is not None:
        turn.reading.exception()


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
