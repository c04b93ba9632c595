"""Close a WARC that a stopped process left open."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path

from archiver.types import Damage
from archiver.warc.exchanges import tells_failure
from archiver.warc.walk import walk
from archiver.warc.writer import OPEN, is_ours, sync_folder

FIRST = ("warcinfo", "response", "revisit")  # with these records, each of our exchanges begins
LAST = ("warcinfo", "metadata")  # and with these it ends


def recover(path: Path, quarantine: Path, committed: int = 0, *, close_up: bool = False) -> int:
    """Cut what is torn off a file, if anything is, and give the file its final name.

    What follows the last whole exchange is moved to `quarantine`, never deleted; where that would be the
    record at byte `committed`, the last that has a row, nothing is, even if it is damaged. With
    `close_up`, when it is known that nothing behind `committed` has a row, damage there is moved too, and
    whole exchanges behind it close up: the file is whole again. Returns how many bytes were taken out.
    """
    size = path.stat().st_size
    end, behind = _whole(path, committed if close_up else size)
    if committed and end <= committed:
        end, behind = size, []
    if end < size:
        cut(path, end, quarantine, behind)
    if end == 0 and not behind:
        path.unlink()
    else:
        # What was killed may not have come to it, and rows are about to be committed for what is here.
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())
        path.rename(path.with_name(path.name.removesuffix(OPEN)))
    sync_folder(path.parent)
    return size - end - sum(last - first for first, last in behind)


def _whole(path: Path, fixed: int) -> tuple[int, list[tuple[int, int]]]:
    """Return the end of the last whole exchange before any damage that lies at or behind byte `fixed`.

    And where the whole exchanges behind such damage begin and end. Every whole record of a file that
    archiver has not written counts as an exchange.
    """
    end, begin, behind = 0, -1, list[tuple[int, int]]()
    ours, torn = is_ours(path.name), False
    with path.open("rb") as stream:
        for record in walk(stream, path.name):
            after = record.offset + record.length
            if isinstance(record, Damage):
                torn, begin = torn or record.offset >= fixed, -1
                continue
            kind = record.get("warc-type")
            if not ours or kind in FIRST or (kind == "metadata" and tells_failure(record)):
                begin = record.offset
            if not ours or kind in LAST:
                if not torn:
                    end = after
                elif begin >= 0:
                    behind.append((begin, after))
                begin = -1
    return end, behind


def cut(path: Path, end: int, quarantine: Path, behind: Iterable[tuple[int, int]] = ()) -> None:
    """Move what follows byte `end` of a file to `quarantine`; it lasts there before it goes here.

    The ranges `behind` close up instead. They are moved forward one by one and the file is made shorter
    last, so that whoever is killed meanwhile leaves each of them at one of its two places.
    """
    tail = free(quarantine, f"{path.name}.{end}.tail")
    with path.open("r+b") as stream, tail.open("x+b") as copy:
        stream.seek(end)
        while chunk := stream.read(1024 * 1024):
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
        sync_folder(quarantine)
        stream.seek(end)
        for first, last in behind:
            copy.seek(first - end)
            stream.write(copy.read(last - first))
        stream.flush()
        stream.truncate()
        os.fsync(stream.fileno())


def whole_end(path: Path) -> int:
    """Return the offset after the last whole exchange (or warcinfo) of `path`, whatever is before it."""
    return _whole(path, path.stat().st_size)[0]


def free(folder: Path, name: str) -> Path:
    """Return a path in `folder`, which is made, under which nothing is yet: `name`, or with a number."""
    folder.mkdir(parents=True, exist_ok=True)
    names = chain([name], (f"{name}.{number}" for number in count(2)))
    return next(folder / name for name in names if not (folder / name).exists())
