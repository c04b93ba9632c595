"""Records that are taken out of a WARC file: in the place of each lies one that says so, of exactly its length.

No byte of another record moves, so every offset that was written down anywhere stays right. What lies there is an
ordinary ``metadata`` record (WARC/1.1, section 6.6) in an ordinary member, whose block is filled up with blanks: in
gzip's stored blocks (RFC 1951, section 3.2.4) and zstd's raw blocks (RFC 8878, section 3.1.1.2), which take as many
bytes as they hold, it can have any length. A member that is too short for all that is told says less.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archiver.errors import ArchiveError, DamagedError
from archiver.files import sync_folder
from archiver.seals import redaction_id
from archiver.warc import framing, records
from archiver.warc.exchanges import REDACTION
from archiver.warc.foreign import PART
from archiver.warc.walk import Record, coding_of

_STORED, _RAW = 0xFFFF, 0x1FFFF  # bytes that one block of gzip and of zstd may hold
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_COMMENTED = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"
_EXPLAINED = "a record lay here that was taken down; takedowns.jsonl tells when and why"
_COPY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Removal:
    """One record to be taken out: where it lies, what it was, and the SHA-256 (hex) of its bytes there.

    `url` is "" where the redaction is not to name it. `at` is the WARC-Date of the redaction.
    """

    takedown: str
    offset: int
    length: int
    type: str
    record_id: str
    sha256: str
    at: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Saying:
    """What a redaction says: the fields of its record, and those of its block; `checked` with its digest."""

    fields: records.Fields
    lines: records.Fields
    checked: bool = True

    def written(self, filler: int = 0) -> bytes:
        """Return the record, its block filled up with so many blanks."""
        block = records.fields_text(self.lines)
        if filler:
            block += b" " * (filler - 2) + b"\r\n" if filler > 1 else b"\n"
        digest = [("WARC-Block-Digest", records.digest(block))] if self.checked else []
        fields = [*self.fields, *digest, ("Content-Length", str(len(block)))]
        return b"WARC/1.1\r\n" + records.fields_text(fields) + b"\r\n" + block + b"\r\n\r\n"

    def fitted(self, size: int) -> bytes | None:
        """Return the record with the filler that gives it `size` bytes; None where it is longer without any."""
        filler = size - len(self.written())
        for less in range(10):  # its Content-Length may take digits more
            if filler >= less and len(made := self.written(filler - less)) == size:
                return made
        return None


def _sayings(removal: Removal, filename: str) -> list[_Saying]:
    """Return what the redaction may say, the fullest first."""
    name = redaction_id(removal.takedown, filename, removal.offset)
    url = [("WARC-Target-URI", removal.url)] if removal.url else []
    basic = [("WARC-Type", "metadata"), ("WARC-Record-ID", name)]
    dated = [*basic, ("WARC-Date", removal.at)]
    short = [*basic, ("WARC-Date", f"{removal.at[:19]}Z")]
    refers = [("WARC-Refers-To", removal.record_id)] if removal.record_id else []
    kind = ("Content-Type", "application/warc-fields")
    says = (REDACTION, f"{removal.takedown} {removal.type}")
    digest = ("archiver-removed-sha256", removal.sha256)
    return [
        _Saying([*dated, *url, *refers, kind], [says, digest, ("archiver-note", _EXPLAINED)]),
        _Saying([*dated, *url, kind], [says, digest]),
        _Saying([*dated, kind], [says], checked=False),
        # Of which takedown, the log tells by the place.
        _Saying([*short, kind], [(REDACTION, removal.type)], checked=False),
        _Saying(short, [(REDACTION, removal.type)], checked=False),
    ]


def replacement(removal: Removal, filename: str, magic: bytes) -> bytes:
    """Return the bytes that go to the place of a record: as many as lay there, always the same ones.

    `magic` is that of the file's coding, b"" for a file that is not compressed. Raises ArchiveError
    where so few bytes can say nothing.
    """
    sayings = _sayings(removal, filename)
    for saying in sayings:
        if (made := _member(saying, removal.length, magic)) is not None:
            return made
    for saying in sayings if magic == framing.GZIP else ():
        if (made := _packed(saying.written(), removal.length)) is not None:
            return made
    raise ArchiveError(
        f"the record at offset {removal.offset} has {removal.length} bytes: too few to say that it was taken out",
        where=filename,
    )


def _member(saying: _Saying, length: int, magic: bytes) -> bytes | None:
    if not magic:
        return saying.fitted(length)
    # An empty block more moves the size by its header: so each length can be had.
    for empty in range(3):
        if magic == framing.GZIP:
            overhead, most, block = len(_HEADER) + 8, _STORED, 5
        else:
            overhead, most, block = 6, _RAW, 3
        blocks = max(-(-(length - overhead) // (most + block)), 1) + empty
        text = saying.fitted(length - overhead - block * blocks)
        if text is not None and len(text) <= most * blocks:
            parts = [text[n * most : (n + 1) * most] for n in range(blocks)]
            return _gzip(text, parts) if magic == framing.GZIP else _zstd(parts)
    return None


def _gzip(text: bytes, parts: Sequence[bytes]) -> bytes:
    """Return a gzip member of stored blocks."""
    out = [_HEADER]
    for number, part in enumerate(parts, 1):
        size = len(part)
        out.append(struct.pack("<BHH", number == len(parts), size, size ^ 0xFFFF) + part)
    return b"".join([*out, struct.pack("<II", zlib.crc32(text), len(text) & 0xFFFFFFFF)])


def _zstd(parts: Sequence[bytes]) -> bytes:
    """Return a zstd frame of raw blocks: a window of 128 KiB, no checksum, no dictionary."""
    out = [framing.ZSTD + b"\x00\x38"]
    for number, part in enumerate(parts, 1):
        out.append(((number == len(parts)) | len(part) << 3).to_bytes(3, "little") + part)
    return b"".join(out)


def _packed(text: bytes, length: int) -> bytes | None:
    """Return a gzip member that is deflated, with blanks as the comment in its header (RFC 1952, section 2.3.1)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(text) + packer.flush()
    body += struct.pack("<II", zlib.crc32(text), len(text))
    missing = length - len(_HEADER) - len(body)
    if missing < 0:
        return None
    return _COMMENTED + b" " * (missing - 1) + b"\0" + body if missing else _HEADER + body


def redact(path: Path, removals: Sequence[Removal]) -> int:
    """Take records out of a WARC file; returns how many still lay there.

    A copy is written beside it, made to last, and moved into its place: whoever is killed meanwhile leaves the
    file as it was or as it is to be. What was taken out before is passed over. Raises DamagedError
    where the bytes are not those that are meant; nothing is changed then.
    """
    with path.open("rb") as stream:
        coding = coding_of(stream, path.name)
        magic = coding.magic if coding else b""
        todo = []
        for removal in sorted(removals, key=lambda removal: removal.offset):
            new = replacement(removal, path.name, magic)
            stream.seek(removal.offset)
            old = stream.read(removal.length)
            if old == new or _is_redacted(old, removal, path.name):
                continue
            if hashlib.sha256(old).hexdigest() != removal.sha256:
                raise DamagedError(
                    "the bytes there are not those that were to be taken out",
                    where=f"{path} offset {removal.offset}",
                )
            todo.append((removal.offset, new))
        if todo:
            _rewrite(path, stream, todo)
    return len(todo)


def _is_redacted(data: bytes, removal: Removal, filename: str) -> bool:
    """Tell whether a redaction lies there already: another zlib may have packed it otherwise."""
    with suppress(zlib.error):
        data = zlib.decompress(data, 31)
    return redaction_id(removal.takedown, filename, removal.offset).encode() in data[:4096]


def _rewrite(path: Path, stream: BinaryIO, changes: Sequence[tuple[int, bytes]]) -> None:
    part = path.with_name(f"{path.name}{PART}")
    try:
        with part.open("wb") as out:
            stream.seek(0)
            for offset, new in changes:
                _copy(stream, out, offset - stream.tell())
                out.write(new)
                stream.seek(len(new), os.SEEK_CUR)
            shutil.copyfileobj(stream, out, _COPY)
            out.flush()
            os.fchmod(out.fileno(), path.stat().st_mode & 0o777)
            os.fsync(out.fileno())
        if part.stat().st_size != path.stat().st_size:
            raise DamagedError("the copy has not the length of the file", where=str(part))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _copy(stream: BinaryIO, out: BinaryIO, count: int) -> None:
    while count:
        piece = stream.read(min(count, _COPY))
        if not piece:
            raise DamagedError("the file is shorter than it was")
        out.write(piece)
        count -= len(piece)


def magic_of(path: Path) -> bytes:
    """Return the magic number of a file's coding, b"" where it is not compressed."""
    with path.open("rb") as stream:
        coding = coding_of(stream, path.name)
    return coding.magic if coding else b""


def sha256_at(path: Path, offset: int, length: int) -> str:
    """Return the SHA-256, in hex, of bytes of a file."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return hashlib.sha256(stream.read(length)).hexdigest()


def why_not(path: Path, record: Record) -> str:
    """Return why a record cannot be taken out of its file, "" where it can."""
    if path.is_symlink():
        return f"the archive has only a link to the file ({path.readlink()}), which is not its own to change"
    if ".arc" in path.name[-8:]:
        return "an ARC file cannot hold what a WARC record says in its place"
    if not record.alone:
        return "its member holds other records, too"
    return ""
