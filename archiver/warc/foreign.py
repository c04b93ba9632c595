"""Files of other crawlers: what is in them, and how they come to lie in an archive.

A file is copied as it is, under a name that holds its SHA-256, so that it is known again. Where one gzip
member holds many records (`gzip` run over a whole file), no record can be found by its offset: such
a file is written anew, a member for each record, and not one byte of a record changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from archiver.types import Damage
from archiver.warc import framing, heads
from archiver.warc.exchanges import passed_over
from archiver.warc.framing import Coding, Gap, Inflating
from archiver.warc.walk import coding_of, next_head, walk
from archiver.warc.writer import OPEN, PREFIX, stamp, sync_folder

PART = ".part"  # a copy that is not whole yet
_MANY = 1000  # damaged places that are told of one file
_STEP = 1024 * 1024
_IMPORTED = re.compile(rf"{PREFIX}-\d{{17}}-\d{{5}}-import-([0-9a-f]{{16}})-")
_UNWANTED = re.compile(r"[^A-Za-z0-9._-]+")
_ENDING = re.compile(r"\.(?:warc|arc)?(?:\.(?:gz|zst))?$")


@dataclass(slots=True)
class Damages:
    """The damaged places of a file: how many, and the first of them."""

    count: int = 0
    first: list[Damage] = field(default_factory=list)

    def add(self, damage: Damage) -> None:
        """Take note of one."""
        self.count += 1
        if len(self.first) < _MANY:
            self.first.append(damage)


@dataclass(slots=True)
class Survey:
    """What a file holds: how many records, and which of them become no rows, by reason.

    `crowded` says that a member holds many records; `ending` is the one its name should have.
    """

    ending: str
    records: int = 0
    crowded: bool = False
    passed_over: Counter[str] = field(default_factory=Counter)
    damages: Damages = field(default_factory=Damages)


def survey(path: Path, name: str) -> Survey:
    """Walk a file once, its digests unchecked. Raises OSError where it cannot be read."""
    with path.open("rb", buffering=_STEP) as stream:
        coding = coding_of(stream, name)
        found = Survey(_ending(stream, coding))
        for record in walk(stream, name, check=False):
            if isinstance(record, Damage):
                found.damages.add(record)
                if coding and not found.crowded and _breaks_off_late(stream, coding, record.offset):
                    found.crowded = True
                    found.records += 1
                continue
            found.records += 1
            found.crowded |= not record.alone
            if why := passed_over(record):
                found.passed_over[why] += 1
    return found


def _ending(stream: BinaryIO, coding: Coding | None) -> str:
    if coding is None:
        stream.seek(0)
        start = stream.read(8)
    else:
        start = framing.beginning(stream, coding, coding.start)
    kind = "arc" if heads.begins(start) and not start.startswith(b"WARC/") else "warc"
    if coding is None:
        return f".{kind}"
    return ".warc.zst" if coding.magic == framing.ZSTD else f".{kind}.gz"


def _breaks_off_late(stream: BinaryIO, coding: Coding, offset: int) -> bool:
    """Tell whether a damaged member has more than one record before the place where it breaks off."""
    inside = io.BufferedReader(Inflating(stream, coding, offset))
    with contextlib.suppress(ValueError):
        for count, _ in enumerate(_each(inside, lambda data: None)):
            if count:
                return True
    return False


def _each(inside: BinaryIO, write: Callable[[bytes], object]) -> Iterator[bytes]:
    """Hand the records of a stream to `write`, piece by piece; yield after each what must stand behind it.

    Raises ValueError where one is not whole.
    """
    data = b""
    while True:
        data, head = next_head(inside, data)
        if head is None:
            if data.strip(b"\r\n"):
                raise ValueError("it does not begin like a record")
            return
        end = b"\r\n\r\n" if data.startswith(b"WARC/") else b"\n"
        whole = head.length + head.block
        write(data[:whole])
        missing, data = max(whole - len(data), 0), data[whole:]
        while missing:
            piece = inside.read(min(_STEP, missing))
            if not piece:
                raise ValueError("it is cut short")
            write(piece)
            missing -= len(piece)
        yield end


class _Members:
    """Writes records as gzip members of their own."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._start = 0
        self._packer: Any = None

    def write(self, data: bytes) -> None:
        if self._packer is None:
            self._start = self._out.tell()
            self._packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        self._out.write(self._packer.compress(data))

    def end(self, line_ends: bytes) -> None:
        self.write(line_ends)
        self._out.write(self._packer.flush())
        self._packer = None

    def drop(self) -> None:
        """Take the record back that was begun."""
        if self._packer is not None:
            self.back_to(self._start)

    def back_to(self, start: int) -> None:
        self._out.seek(start)
        self._out.truncate()
        self._packer = None


def spread(stream: BinaryIO, name: str, out: BinaryIO) -> Iterator[Damage]:
    """Write each record of a compressed file as a gzip member of its own; yield what is damaged.

    Of a member that breaks off, the records before that place are written, if they are many.
    """
    coding = coding_of(stream, name)
    assert coding is not None  # members hold many records only where there are members
    for found in framing.members(stream, coding, 0, 0, heads.begins):
        start = out.tell()
        reason, count = _spread(stream, coding, found.offset, _Members(out))
        if not isinstance(found, Gap):
            if reason:
                yield Damage(name, found.offset, found.length, f"after {count} records: {reason}")
            continue
        if count < 2:
            _Members(out).back_to(start)  # nothing says that this one is right
            count = 0
        yield Damage(name, found.offset, found.length, f"after {count} records: {found.reason}")


def _spread(stream: BinaryIO, coding: Coding, offset: int, members: _Members) -> tuple[str, int]:
    """Write the records of one member; returns what is wrong with it, and how many they were."""
    count = 0
    inside = io.BufferedReader(Inflating(stream, coding, offset))
    try:
        for line_ends in _each(inside, members.write):
            members.end(line_ends)
            count += 1
    except ValueError as error:
        members.drop()
        return str(error), count
    return "", count


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex. Raises OSError where it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Shelf:
    """The folder of an archive's WARC files, to which those of others are added.

    Call with the archive locked: what is left of a copy that was stopped is removed.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        """Look what is there."""
        self._folder = folder
        self._now = now
        self._serial = 0
        for left in folder.glob(f"*{PART}"):
            left.unlink()
        found = map(_IMPORTED.match, (path.name for path in folder.iterdir()))
        self._known = {match[1] for match in found if match}

    def knows(self, sha256: str) -> bool:
        """Tell whether a file of this digest was imported before."""
        return sha256[:16] in self._known

    @property
    def _part(self) -> Path:
        return self._folder / f"{PREFIX}-import{PART}"

    def part(self) -> Path:
        """Return where the next file is to be written first; nothing is there."""
        self._part.unlink(missing_ok=True)
        return self._part

    def link(self, path: Path, sha256: str, original: str, ending: str) -> Path:
        """Put a link to a file on the shelf; returns the link."""
        self.part().symlink_to(path.resolve())
        return self.keep(sha256, original, ending)

    def keep(self, sha256: str, original: str, ending: str) -> Path:
        """Give the file at `part()` its name, which sorts behind all that are there; returns it."""
        self._serial += 1
        plain = _UNWANTED.sub("_", _ENDING.sub("", original.removesuffix(OPEN)))[-80:].strip("._-")
        now = stamp(self._folder, self._now())
        name = f"{PREFIX}-{now}-{self._serial:05d}-import-{sha256[:16]}-{plain or 'file'}{ending}"
        path = self._folder / name
        self._part.rename(path)
        sync_folder(self._folder)
        self._known.add(sha256[:16])
        return path


def copy(stream: BinaryIO, path: Path) -> str:
    """Write what is left of `stream` to a new file that lasts; returns its SHA-256 in hex."""
    sha256 = hashlib.sha256()
    with path.open("xb") as out:
        while chunk := stream.read(_STEP):
            sha256.update(chunk)
            out.write(chunk)
        last(out)
    return sha256.hexdigest()


def last(out: BinaryIO) -> None:
    """Make what was written survive a power cut."""
    out.flush()
    os.fsync(out.fileno())
