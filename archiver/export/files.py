"""An export into one file, which appears when it is whole; or onto a stream."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from archiver.errors import LockedError
from archiver.export.behind import Behind
from archiver.export.formats import Writer, opened, to_stream, unwritable
from archiver.export.taking import Progress, Tally, Wanted, grouped, taken
from archiver.store.search import Index


def write_stream(index: Index, wanted: Wanted, stream: BinaryIO, progress: Progress) -> Tally:
    """Write what is wanted to a stream, such as standard output; returns the counts."""
    tally = _write(index, wanted, to_stream(wanted.format, stream, wanted.style), progress)
    stream.flush()
    return tally


def write_file(index: Index, wanted: Wanted, path: Path, progress: Progress) -> Tally:
    """Write what is wanted to the file `path`, which appears only when it is whole and has a row.

    Raises ArchiveError where it cannot be written, LockedError where another process writes it now.
    """
    if path.exists() and not path.is_file():  # a device or a pipe
        with path.open("wb") as stream:
            return write_stream(index, wanted, stream, progress)
    path = path.resolve()  # through a link to its target
    part = path.with_name(path.name + ".part")
    try:
        with held(part):
            tally = _write(index, wanted, opened(wanted.format, part, wanted.style), progress)
            if tally.rows:
                os.replace(part, path)
                settle(path.parent)
    except OSError as error:
        raise unwritable(error, path) from error
    return tally


def _write(index: Index, wanted: Wanted, writer: Writer, progress: Progress) -> Tally:
    tally = Tally()
    try:
        with (
            index.selection(
                wanted.query, wanted.versions, wanted.dedupe, wanted.without
            ) as selection,
            Behind() as behind,
        ):
            for group in grouped(taken(selection, wanted, tally, progress)):
                for row in group:
                    tally.add(row)
                behind.do(writer.write, group)
            behind.do(writer.close)
    finally:
        writer.abandon()
    tally.long = getattr(writer, "long", 0)
    return tally


@contextmanager
def held(part: Path) -> Iterator[None]:
    """Hold the file `part` while it is written, and take it away at the end where it is still there.

    A second process is told: two that write one file would make none.
    """
    fd = os.open(part, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        take(fd, part)
        try:
            yield
        finally:
            with suppress(OSError):  # also after Ctrl-C; renamed by now where all went well
                part.unlink(missing_ok=True)
    finally:
        os.close(fd)


def take(fd: int, part: Path) -> None:
    """Take the lock of an open file or folder, or raise LockedError."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise LockedError(
            "another export writes here", where=str(part), remedy="wait, or name another target"
        ) from error


def settle(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
