"""Write the CDXJ of each WARC file that is closed, by which replay tools find what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from archiver.errors import ArchiverError
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.warc import cdxj, reader
from archiver.warc.writer import OPEN, sync_folder


def path_of(layout: Layout, filename: str) -> Path:
    """Return where the CDXJ of the WARC file `filename` is."""
    return layout.cdxj / (filename + cdxj.ENDING)


def write_missing(layout: Layout, tell: Callable[[str], None] = lambda message: None) -> int:
    """Write a CDXJ for each closed WARC file that has none; returns how many were written.

    They are made from the index's rows, with the memory of one file's lines. What cannot be written
    is told and stops nothing: the next run tries again.
    """
    names = [path.name for path in reader.files(layout.warcs) if path.suffix != OPEN]
    names = [name for name in names if not path_of(layout, name).exists()]
    written = 0
    if not names:
        return written
    try:
        with Index(layout.index) as index:
            layout.cdxj.mkdir(exist_ok=True)
            for name in names:
                write(path_of(layout, name), cdxj.lines(index.entries(name)))
                written += 1
    except (ArchiverError, OSError) as error:
        tell(f"the CDXJ of {names[written]} could not be written: {error}")
    return written


def renew(layout: Layout) -> int:
    """Write the CDXJ of each closed WARC file anew where it is not what the index says; returns how many."""
    written = 0
    layout.cdxj.mkdir(exist_ok=True)
    with Index(layout.index) as index:
        for warc in reader.files(layout.warcs):
            path = path_of(layout, warc.name)
            lines = cdxj.lines(index.entries(warc.name))
            if warc.suffix != OPEN and not (
                path.is_file() and path.read_bytes() == b"".join(lines)
            ):
                write(path, lines)
                written += 1
    return written


def rewrite(layout: Layout, names: Sequence[str]) -> None:
    """Write the CDXJ of these closed WARC files anew, whatever they say."""
    layout.cdxj.mkdir(exist_ok=True)
    with Index(layout.index) as index:
        for name in names:
            write(path_of(layout, name), cdxj.lines(index.entries(name)))


def write(path: Path, lines: Sequence[bytes]) -> None:
    """Write `lines` to a temporary name, make them last, and move them into place."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, path)
    sync_folder(path.parent)
