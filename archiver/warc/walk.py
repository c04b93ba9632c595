"""Walk the records of any WARC or ARC file, gzip, zstd or plain, past whatever is damaged.

warcio and FastWARC stop at damage, or pass over it without a word; a wrong checksum and a cut
trailer they do not notice at all. This walk yields every whole record and names every gap: a record
counts only if its member's checksum, its Content-Length and its block digest (WARC/1.1, section 5.8) are
right. It needs the memory of one record, whatever a file holds.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archiver.types import Damage
from archiver.warc import framing, heads
from archiver.warc.framing import Coding, Gap, Inflating, Member

MAX_BLOCK = 33 * 1024 * 1024  # bytes of a block that are kept: our own bodies, and their heads
_ROOM = MAX_BLOCK + heads.MAX_HEAD
_STEP = 8 * 1024
_NEAR, _SCAN = 16 * 1024, 1024 * 1024  # bytes searched first, and at a time from then on
_OVERLAP = 4096  # bytes; `_SYNC` matches fewer
_SYNC = re.compile(
    rb"(?<=\n)(?:WARC/\d\.\d{1,2}\r?\n|https?://[^\s\x00]{1,2000} \S{7,45} \d{14} \S{1,100} \d{1,15}\n)"
)
_BASE32 = re.compile("[A-Z2-7]+")
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv")
_END = (b"\r\n\r\n", b"\n\n", b"\r\n", b"\n", b"")
_ALGORITHMS = {
    "md5": hashlib.md5,
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields by lower-case name, its block, and where it lies.

    `size` is the block's size, of which `block` holds at most `MAX_BLOCK` bytes. `alone` says that
    `offset` and `length` are this record's only; where a member holds many, they are the member's.
    """

    fields: dict[str, str]
    block: bytes
    size: int
    offset: int
    length: int
    alone: bool = True

    def get(self, name: str) -> str:
        """Return the field `name`, or ""."""
        return self.fields.get(name, "")

    @property
    def whole(self) -> bool:
        """Whether `block` is all of the block."""
        return len(self.block) == self.size


def walk(
    stream: BinaryIO, name: str, start: int = 0, *, check: bool = True
) -> Iterator[Record | Damage]:
    """Yield the records of a file from byte `start` on, and what of it is damaged.

    `name` is told with each damage. Without `check` no digest is computed.
    """
    coding = coding_of(stream, name)
    found = _compressed(stream, coding, start) if coding else _plain(stream, start)
    for item in found:
        if isinstance(item, Gap):
            yield Damage(name, item.offset, item.length, item.reason, _url(item.start))
        elif check and not digest_holds(item.get("warc-block-digest"), item):
            reason = "its block does not match its digest"
            yield Damage(name, item.offset, item.length, reason, item.get("warc-target-uri"))
        else:
            yield item


def coding_of(stream: BinaryIO, name: str) -> Coding | None:
    """Return how a file is compressed: by its first bytes, and its name where they say nothing."""
    stream.seek(0)
    start = stream.read(4)
    skippable = start[1:4] == b"\x2a\x4d\x18" and 0x50 <= start[0] <= 0x5F
    if start[:3] == framing.GZIP:
        return framing.gzip_coding()
    if start == framing.ZSTD or skippable:
        return framing.zstd_coding(stream)
    if start in (b"WARC", b"file", b"http"):
        return None
    name = name.removesuffix(".open")
    if name.endswith(".zst"):
        return framing.zstd_coding(stream)
    return framing.gzip_coding() if name.endswith(".gz") else None


def _compressed(stream: BinaryIO, coding: Coding, start: int) -> Iterator[Record | Gap]:
    offset = max(start, coding.start)
    while True:
        member = framing.member_at(stream, coding, offset, _ROOM, heads.begins)
        if member is None:
            return
        begin, length = offset, member.length
        offset += length
        if isinstance(member, Gap):
            yield member
        elif member.size:  # an empty member is padding
            found = _only(member)
            # What is yielded may be large, and the member it was read from need not wait beside it.
            del member
            if found is None:
                yield from _many(stream, coding, begin, length)
            else:
                yield found
                del found


def _only(member: Member) -> Record | Gap | None:
    """Return the one record of a member; None where it holds many."""
    try:
        head = heads.read(member.data)
        if head is None:
            raise ValueError("it does not begin like a record")
        rest = member.size - head.length - head.block
        if rest < 0:
            raise ValueError("it is cut short")
    except ValueError as error:
        return Gap(member.offset, member.length, str(error), member.data[: heads.MAX_HEAD])
    end = head.length + head.block
    if rest > 4 or (end < _ROOM and member.data[end:] not in _END):
        return None
    block = member.data[head.length : min(end, head.length + MAX_BLOCK)]
    return Record(head.fields, block, head.block, member.offset, member.length)


def _many(stream: BinaryIO, coding: Coding, offset: int, length: int) -> Iterator[Record | Gap]:
    """Yield the records of the member at `offset`, up to the first that is damaged."""
    inside = io.BufferedReader(Inflating(stream, coding, offset))
    for found in _sequence(inside):
        if isinstance(found, Gap):
            yield Gap(offset, length, found.reason, found.start)
            return
        yield Record(found.fields, found.block, found.size, offset, length, False)


def _sequence(readable: BinaryIO) -> Iterator[Record | Gap]:
    """Yield records that follow each other in an inflated stream, up to the first that is damaged."""
    data = b""
    while True:
        try:
            data, head = next_head(readable, data)
            if head is None:
                if data.strip(b"\r\n"):
                    raise ValueError("it does not begin like a record")
                return
            block, data = _take(readable, data[head.length :], head.block)
        except ValueError as error:
            yield Gap(0, 0, str(error), data)
            return
        yield Record(head.fields, block, head.block, 0, 0)


def next_head(readable: BinaryIO, data: bytes) -> tuple[bytes, heads.RecordHead | None]:
    """Read on until `data` begins with a whole head; line ends before it go."""
    while True:
        data = data.lstrip(b"\r\n")
        head = heads.read(data) if data else None
        if head is not None:
            return data, head
        more = readable.read(_STEP) if len(data) <= heads.MAX_HEAD else b""
        if not more:
            return data, None
        data += more


def _take(readable: BinaryIO, data: bytes, size: int) -> tuple[bytes, bytes]:
    """Read a block of `size` bytes that begins with `data`; returns it, cut, and what follows."""
    if len(data) >= size:
        return data[:size], data[size:]
    pieces, got, kept = [data], len(data), len(data)
    while got < size:
        piece = readable.read(min(_SCAN, size - got))
        if not piece:
            raise ValueError("it is cut short")
        got += len(piece)
        if kept < MAX_BLOCK:
            pieces.append(piece[: MAX_BLOCK - kept])
            kept += len(pieces[-1])
    return b"".join(pieces), b""


def _plain(stream: BinaryIO, start: int) -> Iterator[Record | Gap]:
    """Yield the records of a file that is not compressed."""
    offset = start
    while True:
        stream.seek(offset)
        found = _plain_record(stream, offset)
        if found is None:
            return
        if isinstance(found, Gap):
            end = _sync(stream, offset + 1)
            found = Gap(offset, end - offset, found.reason, found.start)
        yield found
        offset += found.length


def _plain_record(stream: BinaryIO, offset: int) -> Record | Gap | None:
    """Read the record at the position of `stream`, with the line ends around it."""
    data = stream.read(_STEP)
    try:
        while (head := heads.read(data.lstrip(b"\r\n"))) is None:
            if len(data) > heads.MAX_HEAD or not (more := stream.read(_STEP)):
                if data.strip(b"\r\n"):
                    raise ValueError("it does not begin like a record")
                return None
            data += more
        begin = len(data) - len(data.lstrip(b"\r\n")) + head.length
        stream.seek(offset + begin)
        block, _ = _take(stream, b"", head.block)
        end, leads = _ends(stream, offset + begin + head.block)
        found = Record(head.fields, block, head.block, offset, end - offset)
        if not leads and not _proven(found):
            raise ValueError("its Content-Length does not lead to the next record")
    except ValueError as error:
        return Gap(offset, len(data), str(error), data.lstrip(b"\r\n"))
    return found


def _ends(stream: BinaryIO, end: int) -> tuple[int, bool]:
    """Return where the line ends behind a block end, and whether a record or nothing follows."""
    stream.seek(end)
    rest = stream.read(_STEP)
    blank = len(rest) - len(rest.lstrip(b"\r\n"))
    after = rest[blank : blank + _STEP]
    return end + blank, not after or heads.begins(after) or after.startswith(b"WARC/")


def _proven(record: Record) -> bool:
    """Tell whether a digest says that a record is right; then the damage is behind it."""
    told = record.get("warc-block-digest")
    known = told.partition(":")[0].lower().replace("-", "") in _ALGORITHMS
    return known and record.whole and matches(told, record.block)


def _sync(stream: BinaryIO, start: int) -> int:
    """Return where from `start` on a line begins a record, or the end of the file."""
    size = _NEAR
    while True:
        stream.seek(start - 1)
        window = stream.read(size)
        if match := _SYNC.search(window, 1):
            return start - 1 + match.start()
        if len(window) < size:
            return start - 1 + len(window)
        start += len(window) - _OVERLAP
        size = min(4 * size, _SCAN)


def _url(start: bytes) -> str:
    """Return the URL of a damaged record as far as its head could be read."""
    match = re.search(rb"WARC-Target-URI:[ \t]*<?([^\r\n>]{1,2000})", start, re.IGNORECASE)
    if match is None and heads.begins(start):
        match = re.match(rb"(\S{1,2000})", start)
    told = match[1].decode("utf-8", "replace") if match else ""
    return "" if told.startswith("WARC/") else told


def digest_holds(told: str, record: Record) -> bool:
    """Tell whether a block is what its digest says; True where that cannot be known."""
    return matches(told, record.block) if told and record.whole else True


def matches(told: str, data: bytes) -> bool:
    """Tell whether `data` has the digest `told` (``sha1:`` and its kin, base32 or hex).

    True for an algorithm or a spelling that is not known.
    """
    name, _, value = told.partition(":")
    algorithm = _ALGORITHMS.get(name.lower().replace("-", ""))
    wanted = _bytes(value.strip())
    if algorithm is None or wanted is None:
        return True
    found = algorithm(data, usedforsecurity=False).digest()
    return found == wanted or len(found) != len(wanted)


def _bytes(value: str) -> bytes | None:
    """Return a digest that is written in base32 or hex."""
    try:
        if len(value) == 32 and _BASE32.fullmatch(value):  # SHA-1, as nearly all write it
            return int(value.translate(_DIGITS), 32).to_bytes(20, "big")
        if re.fullmatch(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128}", value):
            return bytes.fromhex(value)
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except ValueError:
        return None
