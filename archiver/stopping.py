"""Told to stop: the first SIGINT or SIGTERM ends what is under way soon, the second at once.

Nothing that was archived depends on an orderly end: the WARC is only ever appended to, rows are
committed whole, and what is in the WARC and not in the index is indexed by the next start. So the
end may be as sudden as it must be.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol, Self
from weakref import WeakSet

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE = 8.0  # seconds that downloads and pages being read have, once told to stop
PATIENCE = 8.0  # seconds more for everything else (a disk that hangs, a name server)
INTERRUPTED = 130  # exit code
_ENDED = b"\0"


class Abandoned(Exception):
    """A piece of work was given up because the process was told to stop; it is done next time."""


class Abandonable(Protocol):
    """What has work under way that can be given up."""

    def abandon(self) -> None:
        """Give it up. Called from another thread, perhaps more than once."""


_under_way: WeakSet[Abandonable] = WeakSet()


def abandon_when_told(work: Abandonable) -> None:
    """Have `work` given up, GRACE after the process was told to stop, as long as it lives."""
    _under_way.add(work)


class Stopping:
    """Takes the signals while its block runs; does nothing outside the main thread.

    With `raising`, the first signal raises KeyboardInterrupt in the main thread; without, it calls
    what was given to `call`, and the block is expected to end soon by itself.
    """

    def __init__(self, *, raising: bool = False) -> None:
        """Take no signal yet."""
        self.told = False
        self.raising = raising
        self._taken = False
        self._call: Callable[[], None] = _nothing
        self._before: dict[int, Any] = {}
        self._thread = threading.Thread(target=self._watch, name="stopping", daemon=True)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._reading, self._writing = os.pipe()
            os.set_blocking(self._writing, False)
            # A thread of its own hears of the signal at once, whatever the main thread waits for.
            self._wakeup = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
            self._thread.start()
            self._before = {number: signal.signal(number, self._take) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        if not self._before:
            return
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.write(self._writing, _ENDED)
        self._thread.join()
        os.close(self._reading)
        os.close(self._writing)

    def call(self, call: Callable[[], None]) -> None:
        """Have `call` called, in another thread, on the first signal; at once if it has come."""
        self._call = call
        if self.told:
            call()

    def _take(self, number: int, frame: FrameType | None) -> None:
        first, self._taken = not self._taken, True
        if first and self.raising:
            raise KeyboardInterrupt

    def _watch(self) -> None:
        if self._next(None) == _ENDED:
            return
        self.told = True
        self._call()
        heard = self._next(GRACE)
        if not heard:
            abandon()
            heard = self._next(PATIENCE)
        if heard != _ENDED:
            _end()

    def _next(self, seconds: float | None) -> bytes:
        """Wait for a signal or the end of the block; returns its number, b"" when time is up."""
        ready, _, _ = select.select([self._reading], [], [], seconds)
        return os.read(self._reading, 1) if ready else b""


def abandon() -> None:
    """Give up all that is under way."""
    for work in tuple(_under_way):
        work.abandon()


def _end() -> None:
    """End the process now. Not by an exception: nobody knows what the main thread hangs in."""
    abandon()
    os.write(2, b"archiver: interrupted, at once; what was fetched is kept\n")
    os._exit(INTERRUPTED)


def _nothing() -> None:
    pass
