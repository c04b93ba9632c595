"""The time of day, asked for in one place, so that a trial can turn the clock.

Everything that is written down with its time (captures, runs, what is due) asks here. Nothing outside the
process can turn it: an archive that is to prove when a page said what must not be forged by a variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _real() -> datetime:
    return datetime.now(UTC)


_asked: Callable[[], datetime] = _real


def now() -> datetime:
    """Return the time: aware, in UTC."""
    return _asked()


@contextmanager
def turned(clock: Callable[[], datetime]) -> Iterator[None]:
    """Let `clock` tell the time within the block, in all threads of the process."""
    global _asked
    before, _asked = _asked, clock
    try:
        yield
    finally:
        _asked = before
