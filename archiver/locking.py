"""The lock of an archive: one process writes at a time, and whoever comes second is told at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

from archiver.errors import LockedError
from archiver.layout import Layout

LOOKS = 5  # times that the lock is tried for, 10 ms apart


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


@contextmanager
def alone(layout: Layout) -> Iterator[bool]:
    """Yield whether this is the one process that does what is due, and stay it for a while."""
    layout.create()
    fd = os.open(layout.run_lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _take_lock(fd)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(fd)


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
    return _is_held(layout.lock)


def is_running(layout: Layout) -> bool:
    """Tell whether a process does what is due now; nothing is held afterwards."""
    return _is_held(layout.run_lock)


def _is_held(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY)
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
