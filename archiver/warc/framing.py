"""Where one record ends and the next begins: gzip and zstd members, and how to go on after damage.

A WARC is a row of members, each a whole compressed stream of its own (WARC/1.1, annex D; for zstd
the IIPC's "Zstandard compression of WARC files 1.0"). Readers that inflate the file as one stream lose
all that follows one wrong byte. Here a member that is damaged is passed over, and the next one is
looked for at the next magic number that inflates to the head of a record. Checksums are checked, and
no more of a member than `room` bytes is ever held.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import zstandard
from zlib_ng import zlib_ng  # zlib's own interface and checks, at twice its speed

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # behind one byte, 50 to 5f
_DICTIONARY = b"\x5d"
_MAX_DICTIONARY = 16 * 1024 * 1024
_FIRST, _CHUNK = 16 * 1024, 32 * 1024  # bytes; each may inflate to a thousand times as many
_PROBE = 512  # compressed bytes that must inflate to the head of a record
_NEAR, _SCAN = 4096, 1024 * 1024  # bytes searched first, and at a time from then on
_BROKEN: tuple[type[Exception], ...] = (zlib_ng.error, zstandard.ZstdError, MemoryError)  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Member:
    """One whole member: where it lies, and what it holds, up to `room` bytes of `size`."""

    offset: int
    length: int
    data: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that are no whole member; `start` is what of them could be inflated."""

    offset: int
    length: int
    reason: str
    start: bytes = b""


class Unpacker(Protocol):
    """What zlib's and zstandard's decompression objects have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached."""

    @property
    def unused_data(self) -> bytes:
        """What was fed and lies behind the end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Inflate the next bytes of the member."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How members of one file begin, how they are inflated, and how many bytes at a time."""

    magic: bytes
    unpacker: Callable[[], Unpacker]
    first: int = _FIRST
    chunk: int = _CHUNK
    start: int = 0  # of the first member


def gzip_coding() -> Coding:
    """Return the coding of ``.warc.gz``."""
    return Coding(GZIP, lambda: zlib_ng.decompressobj(31))


def zstd_coding(stream: BinaryIO) -> Coding:
    """Return the coding of a ``.warc.zst``, with the dictionary that may stand in its first frame."""
    dictionary, start = _dictionary(stream)
    try:
        frames = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=1 << 27)
    except _BROKEN:  # a dictionary that is none: what needs it cannot be inflated, and is told
        frames = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    # Four bytes can stand for a block of 128 KiB, so little is fed at a time.
    return Coding(ZSTD, frames.decompressobj, 256, 256, start)


def _dictionary(stream: BinaryIO) -> tuple[zstandard.ZstdCompressionDict | None, int]:
    stream.seek(0)
    head = stream.read(8)
    if head[1:4] != _SKIPPABLE or not 0x50 <= head[0] <= 0x5F:
        return None, 0
    length = int.from_bytes(head[4:8], "little")
    if head[:1] != _DICTIONARY or length > _MAX_DICTIONARY:
        return None, 8 + length
    data = stream.read(length)
    try:
        if data.startswith(ZSTD):
            # Not decompress(), which takes as much memory as the frame says that it needs.
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 25).stream_reader(data)
            data = reader.read(_MAX_DICTIONARY)
        return zstandard.ZstdCompressionDict(data), 8 + length
    except _BROKEN:
        return None, 8 + length


def members(
    stream: BinaryIO, coding: Coding, start: int, room: int, is_record: Callable[[bytes], bool]
) -> Iterator[Member | Gap]:
    """Yield the members of `stream` from byte `start` on, and the gaps between them.

    `is_record` tells whether bytes begin a record: what a member that follows a gap must do.
    """
    offset = max(start, coding.start)
    while (found := member_at(stream, coding, offset, room, is_record)) is not None:
        yield found
        offset += found.length


def member_at(
    stream: BinaryIO, coding: Coding, offset: int, room: int, is_record: Callable[[bytes], bool]
) -> Member | Gap | None:
    """Return the member of `stream` at `offset`, or the gap up to the next; None at the end of the file."""
    stream.seek(offset)
    found = _member(stream, coding, offset, room)
    if isinstance(found, Gap):
        end = _next(stream, coding, offset + 1, is_record)
        return Gap(offset, end - offset, found.reason, beginning(stream, coding, offset))
    return found


def _member(stream: BinaryIO, coding: Coding, offset: int, room: int) -> Member | Gap | None:
    """Inflate the member at the position of `stream`; None at the end of the file."""
    unpacker = coding.unpacker()
    chunk = stream.read(coding.first)
    if not chunk:
        return None
    pieces, length, size = [], 0, 0
    try:
        while True:
            piece = unpacker.decompress(chunk)
            length += len(chunk)
            if size < room:
                pieces.append(piece if size + len(piece) <= room else piece[: room - size])
            size += len(piece)
            if unpacker.eof:
                break
            if not (chunk := stream.read(coding.chunk)):
                return Gap(offset, length, "it is cut short")
    except _BROKEN as error:
        return Gap(offset, length, f"it cannot be inflated: {_reason(error)}")
    length -= len(unpacker.unused_data)
    return Member(offset, length, pieces[0] if len(pieces) == 1 else b"".join(pieces), size)


def _reason(error: Exception) -> str:
    told = str(error) or type(error).__name__
    return told.rpartition("decompressing data: ")[2]


def _next(stream: BinaryIO, coding: Coding, start: int, is_record: Callable[[bytes], bool]) -> int:
    """Return where from `start` on a member begins that holds a record, or the end of the file."""
    overlap, size = len(coding.magic) - 1, _NEAR
    while True:
        stream.seek(start)
        window = stream.read(size)
        size = min(4 * size, _SCAN)
        if len(window) <= overlap:
            return start + len(window)
        at = window.find(coding.magic)
        while at >= 0:
            if is_record(beginning(stream, coding, start + at)):
                return start + at
            at = window.find(coding.magic, at + 1)
        start += len(window) - overlap


def beginning(stream: BinaryIO, coding: Coding, offset: int) -> bytes:
    """Inflate the first bytes of the member at `offset`, as far as they can be."""
    stream.seek(offset)
    unpacker, out = coding.unpacker(), b""
    data = stream.read(_PROBE)
    try:
        for n in range(0, len(data), 32):
            out += unpacker.decompress(data[n : n + 32])
            if unpacker.eof:
                break
    except _BROKEN:
        pass
    return out


class Inflating(io.RawIOBase):
    """What one member holds, as a stream: for members that hold many records."""

    def __init__(self, stream: BinaryIO, coding: Coding, offset: int) -> None:
        """Inflate the member of `stream` at `offset`."""
        self._stream, self._coding = stream, coding
        self._unpacker = coding.unpacker()
        self._at = offset
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; what cannot be inflated ends the stream."""
        while not self._ready and not self._unpacker.eof:
            self._stream.seek(self._at)
            chunk = self._stream.read(self._coding.chunk)
            self._at += len(chunk)
            try:
                self._ready = memoryview(self._unpacker.decompress(chunk) if chunk else b"")
            except _BROKEN:
                return 0
            if not chunk:
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
