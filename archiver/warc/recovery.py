"""Close a WARC that a stopped process left open."""

from __future__ import annotations

import os
from pathlib import Path

from archiver.types import Damage
from archiver.warc.walk import walk
from archiver.warc.writer import OPEN, sync_folder

LAST = ("warcinfo", "metadata")  # with these records, each of our exchanges ends


def recover(path: Path, quarantine: Path, committed: int | None = 0) -> int:
    """Cut a torn tail and give the file its final name.

    The tail is everything from the first damage on, or after the last whole exchange; it is moved to
    `quarantine`, never deleted. What stands before byte `committed` has its rows and is not touched,
    even where it is damaged. Where nobody knows what has rows (None), all whole exchanges stay, and the
    damage between them. Returns how many bytes were cut.
    """
    end = _whole_end(path, committed)
    size = path.stat().st_size
    if end < size:
        cut(path, end, quarantine)
    if end == 0:
        path.unlink()
    else:
        # What was killed may not have come to it, and rows are about to be committed for what is here.
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())
        path.rename(path.with_name(path.name.removesuffix(OPEN)))
    sync_folder(path.parent)
    return size - end


def cut(path: Path, end: int, quarantine: Path) -> None:
    """Move what follows byte `end` of a file to `quarantine`; it lasts there before it goes here."""
    quarantine.mkdir(parents=True, exist_ok=True)
    tail = quarantine / f"{path.name}.{end}.tail"
    with path.open("r+b") as stream:
        stream.seek(end)
        with tail.open("wb") as copy:
            while chunk := stream.read(1024 * 1024):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        sync_folder(quarantine)
        stream.truncate(end)
        os.fsync(stream.fileno())


def _whole_end(path: Path, committed: int | None) -> int:
    """Return the offset after the last whole exchange (or warcinfo) of `path`."""
    end = 0
    with path.open("rb") as stream:
        for record in walk(stream, path.name):
            if isinstance(record, Damage):
                if committed is None:
                    continue
                if record.offset >= committed:
                    return end
                end = record.offset + record.length
            elif record.get("warc-type") in LAST:
                end = record.offset + record.length
    return end
