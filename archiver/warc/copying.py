"""Write records of an archive's WARC files into others: each gzip member as it is, byte for byte.

What is no gzip member is packed into one: a record of a plain or zstd file keeps every byte, one of an ARC gets
the head that WARC wants (no WARC file can hold ARC records), and keeps its block. Nothing depends on the
clock or on chance, so that the same records make the same bytes.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

from archiver.content import read_head
from archiver.timestamps import iso
from archiver.types import Entry, Snapshot
from archiver.warc import framing, heads, records
from archiver.warc.exchanges import Group, date, whole
from archiver.warc.framing import GZIP, Coding, Inflating
from archiver.warc.walk import Record, coding_of, next_head
from archiver.warc.writer import MAX_BYTES

_STEP = 1024 * 1024
_HEAD = 128 * 1024  # bytes that a record's head may take at most, packed


class Sink(Protocol):
    """What a part is written to."""

    def write(self, data: bytes, /) -> int:
        """Append bytes."""

    def close(self) -> None:
        """Say that this was the last of it."""


class Origin:
    """An open WARC or ARC file from which records are copied; `name` is its own."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        """Look what kind of file it is."""
        self.name = name
        self.stream = stream
        self._coding = coding_of(stream, name)
        start = _start(stream, self._coding)
        self._arc = heads.begins(start) and not start.startswith(b"WARC/")
        self._as_it_is = not self._arc and self._coding is not None and self._coding.magic == GZIP

    def room(self, record: Record) -> int:
        """Return how many bytes a record takes as a gzip member, at most."""
        return record.length if self._as_it_is else record.size + record.size // 1000 + _HEAD

    def member(self, record: Record) -> Iterator[bytes]:
        """Yield a record as a gzip member, piece by piece. Raises ValueError where it is not whole."""
        return self._copied(record) if self._as_it_is else self._packed(record)

    def _copied(self, record: Record) -> Iterator[bytes]:
        at, end = record.offset, record.offset + record.length
        while at < end:
            self.stream.seek(at)
            piece = self.stream.read(min(_STEP, end - at))
            if not piece:
                raise ValueError("it is cut short")
            at += len(piece)
            yield piece

    def _packed(self, record: Record) -> Iterator[bytes]:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        for piece in self._plain(record):
            yield packer.compress(piece)
        yield packer.compress(b"\r\n\r\n") + packer.flush()

    def _plain(self, record: Record) -> Iterator[bytes]:
        """Yield head and block of a record."""
        self.stream.seek(record.offset)
        inside: BinaryIO = self.stream
        if self._coding is not None:
            inside = io.BufferedReader(Inflating(self.stream, self._coding, record.offset))
        data, head = next_head(inside, b"")
        if head is None:
            raise ValueError("it does not begin like a record")
        yield _warc_head(record) if self._arc else data[: head.length]
        data, left = data[head.length :][: head.block], head.block
        while left:
            piece = data or inside.read(min(_STEP, left))
            if not piece:
                raise ValueError("it is cut short")
            left, data = left - len(piece), b""
            yield piece


def _start(stream: BinaryIO, coding: Coding | None) -> bytes:
    if coding is not None:
        return framing.beginning(stream, coding, coding.start)
    stream.seek(0)
    return stream.read(512).lstrip(b"\r\n")


def _warc_head(record: Record) -> bytes:
    """Return the head of an ARC record as WARC has it; the first of a file is its warcinfo (section 6.2)."""
    get = record.get
    about = get("warc-type") == "warcinfo"
    uri = get("warc-target-uri")
    fields = [
        ("WARC-Type", get("warc-type")),
        ("WARC-Record-ID", get("warc-record-id")),
        ("WARC-Date", date(get("warc-date")).strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("WARC-Filename", uri.partition("://")[2]) if about else ("WARC-Target-URI", uri),
        ("WARC-IP-Address", get("warc-ip-address")),
        ("Content-Type", get("content-type")),
        ("WARC-Block-Digest", records.digest(record.block) if record.whole else ""),
        ("Content-Length", str(record.size)),
    ]
    text = records.fields_text((name, value) for name, value in fields if value)
    return b"WARC/1.1\r\n" + text + b"\r\n"


class Parts:
    """A row of WARC files ``NAME-00001.warc.gz`` ..., none larger than `max_bytes`, whole exchanges in each.

    Before the records of each file that they come from stands its warcinfo, in each part anew, so that a
    part can be read by itself. Records that have none begin a part: they must not come under another's.
    """

    def __init__(
        self,
        name: str,
        begin: Callable[[str, int], Sink],
        *,
        max_bytes: int = MAX_BYTES,
        names: Iterable[str] = (),
    ) -> None:
        """Open each part with `begin`, which is told its file name and how many bytes it may come to.

        `names` are parts that are there already.
        """
        self._base = name
        self._begin = begin
        self._max_bytes = max_bytes
        self._sink: Sink | None = None
        self._size = 0
        self._info: tuple[str, int] | None = None
        self.names = list(names)

    def put(self, origin: Origin, info: Record | None, group: Group) -> tuple[str, int, int]:
        """Copy an exchange; returns the part, and offset and length of its response or revisit there.

        Raises OSError where it cannot be written, ValueError where it cannot be read (any more).
        """
        under = (origin.name, info.offset) if info else None
        room = sum(map(origin.room, group.records))
        self._make_room(room + (origin.room(info) if info else 0), under)
        if info is not None and under != self._info:
            self._write(origin.member(info))
        self._info = under
        place = ("", 0, 0)
        for record in group.records:
            offset = self._size
            self._write(origin.member(record))
            if record is group.main:
                place = (self.names[-1], offset, self._size - offset)
        return place

    def close(self) -> None:
        """End the last part."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def _make_room(self, room: int, under: tuple[str, int] | None) -> None:
        nameless = under is None and self._info is not None
        if self._sink is not None and not nameless and self._size + room <= self._max_bytes:
            return
        self.close()
        self.names.append(f"{self._base}-{len(self.names) + 1:05d}.warc.gz")
        self._sink = self._begin(self.names[-1], max(room, self._max_bytes))
        self._size, self._info = 0, None

    def _write(self, pieces: Iterable[bytes]) -> None:
        assert self._sink is not None
        for piece in pieces:
            self._sink.write(piece)
            self._size += len(piece)


def entry(group: Group, place: tuple[str, int, int]) -> Entry | None:
    """Return what an index says of an exchange at a place; None where it has no HTTP response."""
    for kept in whole(group, place[0]):
        if isinstance(kept, Snapshot):
            capture, head = kept.capture, read_head(kept.capture.head)
            return Entry(
                capture.url, iso(capture.at), head.status, head.mime, kept.digest, *place,
                kept.original is not None, kept.location.record_id,
            )  # fmt: skip
    return None
