"""WACZ (Webrecorder, 1.1.1): a ZIP whose ``archive/`` folder holds WARC files; the rest is made from them.

What its list of contents says is not trusted: no name of it becomes a path, and no more is unpacked than
a file of its size can honestly hold.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from archiver.errors import DamagedError
from archiver.warc.reader import is_warc

ENDING = ".wacz"
_MAX_LISTING = 4 * 1024 * 1024  # bytes of the list of contents; Python keeps ten times as many
_RATIO, _SPARE = 100, 64 * 1024 * 1024  # how much larger than the ZIP its WARC files may be
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END64, _WHERE64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_BROKEN = (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error)


def is_wacz(path: Path) -> bool:
    """Tell whether a file is a ZIP, by its first bytes. Raises OSError where it cannot be read."""
    with path.open("rb") as stream:
        return stream.read(4) in _ZIP


@contextmanager
def opened(path: Path) -> Iterator[ZipFile]:
    """Open a WACZ. Raises DamagedError where it is none, or not what it says."""
    try:
        with path.open("rb") as stream:
            if _listing(stream) > _MAX_LISTING:
                raise DamagedError("its list of contents is too large", where=str(path))
        archive = ZipFile(path)
    except _BROKEN as error:
        raise DamagedError(f"cannot be read as a ZIP: {_told(error)}", where=str(path)) from error
    with archive:
        yield archive


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _listing(stream: BinaryIO) -> int:
    """Return how many bytes a ZIP's list of contents has (APPNOTE 4.3.14 and 4.3.16)."""
    size = stream.seek(0, 2)
    stream.seek(max(size - 70_000, 0))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0:
        return 0
    listing = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at >= 20 and tail[at - 20 : at - 16] == _WHERE64:
        stream.seek(min(int.from_bytes(tail[at - 12 : at - 4], "little"), size))
        end64 = stream.read(56)
        if end64.startswith(_END64):
            return int.from_bytes(end64[40:48], "little")
    return listing


def entries(archive: ZipFile, path: Path) -> list[ZipInfo]:
    """Return the WARC files of a WACZ, sorted by name.

    Raises DamagedError where they would be larger than a ZIP of this size can hold.
    """
    found = [
        info
        for info in archive.infolist()
        if info.filename.startswith("archive/") and is_warc(info.filename) and not info.is_dir()
    ]
    if sum(info.file_size for info in found) > _RATIO * path.stat().st_size + _SPARE:
        raise DamagedError("its files would be far larger than it is", where=str(path))
    return sorted(found, key=lambda info: (info.filename, info.header_offset))


@contextmanager
def unpacking(archive: ZipFile, info: ZipInfo, path: Path) -> Iterator[BinaryIO]:
    """Open one file of a WACZ. Raises DamagedError where it is damaged or encrypted."""
    try:
        with archive.open(info) as stream:
            yield stream  # type: ignore[misc]
    except _BROKEN as error:
        raise DamagedError(
            f"{info.filename} cannot be unpacked: {_told(error)}", where=str(path)
        ) from error
