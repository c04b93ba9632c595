"""Close a WARC that a stopped process left open."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path

from archiver.types import Damage
from archiver.warc.walk import walk
from archiver.warc.writer import OPEN, is_ours, sync_folder

LAST = ("warcinfo", "metadata")  # with these records, each of our exchanges ends


def recover(path: Path, quarantine: Path, committed: int = 0) -> int:
    """Cut the torn tail of a file, if it has one, and give the file its final name.

    The tail is everything after the last whole exchange, or, in a file that archiver has not
    written, after the last whole record; it is moved to `quarantine`, never deleted. Where it holds the
    record at byte `committed`, the last that has a row, nothing is cut, even if it is damaged. Returns
    how many bytes were cut.
    """
    size = path.stat().st_size
    end = whole_end(path, committed)
    if committed and end <= committed:
        end = size
    if end < size:
        cut(path, end, quarantine)
    if end == 0:
        path.unlink()
    else:
        path.rename(path.with_name(path.name.removesuffix(OPEN)))
    sync_folder(path.parent)
    return size - end


def cut(path: Path, end: int, quarantine: Path) -> None:
    """Move what follows byte `end` of a file to `quarantine`; it lasts there before it goes here."""
    tail = free(quarantine, f"{path.name}.{end}.tail")
    with path.open("r+b") as stream:
        stream.seek(end)
        with tail.open("xb") as copy:
            while chunk := stream.read(1024 * 1024):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        sync_folder(quarantine)
        stream.truncate(end)
        os.fsync(stream.fileno())


def whole_end(path: Path, committed: int = 0) -> int:
    """Return the offset after the last whole exchange (or warcinfo) of `path`.

    Damage before that stays: whole exchanges behind it are no tail.
    """
    end, ours = 0, is_ours(path.name)
    with path.open("rb") as stream:
        for record in walk(stream, path.name):
            if isinstance(record, Damage):
                last = record.offset < committed
            else:
                last = not ours or record.get("warc-type") in LAST
            if last:
                end = record.offset + record.length
    return end


def free(folder: Path, name: str) -> Path:
    """Return a path in `folder`, which is made, under which nothing is yet: `name`, or with a number."""
    folder.mkdir(parents=True, exist_ok=True)
    names = chain([name], (f"{name}.{number}" for number in count(2)))
    return next(folder / name for name in names if not (folder / name).exists())
