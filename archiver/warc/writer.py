"""Write captures into WARC files, one file at a time, whole exchanges only.

A file is called ``NAME.warc.gz.open`` while it grows and loses ``.open`` when it is closed; offsets
and the name in the index are the same before and after. The records of one exchange are handed to
the operating system in one write; `WarcWriter.sync` makes them last.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from archiver import clock
from archiver.errors import ArchiveError, SpaceError
from archiver.files import sync_folder as sync_folder
from archiver.timestamps import iso
from archiver.types import Capture, Failure, KeptFailure, Original, RecordLocation, Snapshot
from archiver.warc import records

OPEN = ".open"
PREFIX = "ARCHIVER"
MAX_BYTES = 1_000_000_000
_OURS = re.compile(rf"{PREFIX}-\d{{17}}-\d{{5}}-(?!import-[0-9a-f]{{16}}-)")
WORTH = 512  # bytes of a body from which on a revisit record is smaller than the body again


def _record_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


class WarcWriter:
    """Appends exchanges to the WARC files of one folder. Not for two threads at once."""

    def __init__(
        self,
        folder: Path,
        info: Mapping[str, str],
        *,
        max_bytes: int = MAX_BYTES,
        now: Callable[[], datetime] = clock.now,
        new_id: Callable[[], str] = _record_id,
        original: Callable[[str], Original | None] = lambda digest: None,
    ) -> None:
        """Write into `folder`; `info` is what the warcinfo says (operator, user agent ...).

        `original` finds a record that holds a body of the digest it is given, if there is one: such a
        body is not written again.
        """
        self._folder = folder
        self._info = dict(info)
        self._max_bytes = max_bytes
        self._now = now
        self._new_id = new_id
        self._original = original
        self._serial = 0
        self._fd = -1
        self._name = ""
        self._info_id = ""
        self._size = 0
        self._torn = False  # bytes of a write that failed are behind `_size`

    def append(self, capture: Capture) -> Snapshot:
        """Write response (or revisit), request and metadata of `capture`; returns where they lie.

        A 304 answer that says what still stands becomes a revisit record of that.
        Raises ArchiveError when the bytes cannot be written; the file is then as it was before.
        """
        self._make_room()
        capture = replace(capture, head=records.stored_head(capture))
        ids = [self._new_id() for _ in range(3)]
        original = capture.standing
        digest = original.digest if original else records.digest(capture.body)
        original = original or self._known(capture, digest)
        response = self._response(capture, digest, original, ids[0])
        request = records.member(
            records.request_fields(capture, ids[1], ids[0], self._info_id), capture.request
        )
        about = records.context(capture.link, capture.took_ms)
        metadata = records.member(
            records.metadata_fields(capture.url, capture.at, ids[2], self._info_id, about, ids[0]),
            about,
        )
        offset = self._write(response + request + metadata)
        where = RecordLocation(self._name, offset, len(response), ids[0])
        return Snapshot(capture, where, digest, original)

    def _known(self, capture: Capture, digest: str) -> Original | None:
        """Return the record that holds the body already, where it need not be written again."""
        if capture.truncated or len(capture.body) < WORTH:
            return None
        return self._original(digest)

    def _response(
        self, capture: Capture, digest: str, original: Original | None, record_id: str
    ) -> bytes:
        if original is None:
            block = capture.head + capture.body
            fields = records.response_fields(capture, record_id, self._info_id, block, digest)
        else:
            block = capture.head
            fields = records.revisit_fields(capture, record_id, self._info_id, digest, original)
        return records.member(fields, block)

    def append_failure(self, failure: Failure) -> KeptFailure:
        """Write a metadata record that tells of a fetch without a response."""
        self._make_room()
        # As a rebuild will read it: the row must not say more than the record.
        failure = replace(failure, reason=records.one_line(failure.reason) or "unknown")
        block = records.context(failure.link, failure=failure.reason)
        record_id = self._new_id()
        fields = records.metadata_fields(failure.url, failure.at, record_id, self._info_id, block)
        data = records.member(fields, block)
        offset = self._write(data)
        return KeptFailure(failure, RecordLocation(self._name, offset, len(data), record_id))

    def sync(self) -> None:
        """Make all that was appended survive a power cut."""
        if self._fd >= 0:
            try:
                os.fdatasync(self._fd)
            except OSError as error:
                raise self._error("cannot make the file last", error) from error

    def close(self) -> None:
        """Sync the current file and give it its final name.

        One whose torn end cannot be cut off stays open: the next start mends it.
        """
        if self._fd < 0:
            return
        if self._torn:
            with contextlib.suppress(OSError):
                self._take_back(self._size)
        fd, torn = self._fd, self._torn
        self._fd, self._torn = -1, False
        path = self._folder / self._name
        try:
            with os.fdopen(fd, "wb", 0):
                os.fsync(fd)
            if not torn:
                path.with_name(path.name + OPEN).rename(path)
            sync_folder(self._folder)
        except OSError as error:
            raise self._error("cannot close the file", error) from error

    def _make_room(self) -> None:
        """Open the first file, or the next one where the present one is full."""
        if self._fd >= 0 and self._size < self._max_bytes:
            return
        self.close()
        try:
            self._open()
        except OSError as error:
            raise self._error("cannot start a WARC file", error) from error

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._serial += 1
        host = socket.gethostname().split(".")[0] or "localhost"
        now = stamp(self._folder, self._now())
        self._name = f"{PREFIX}-{now}-{self._serial:05d}-{host}.warc.gz"
        path = self._folder / (self._name + OPEN)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        sync_folder(self._folder)
        self._size = 0
        self._info_id = self._new_id()
        try:
            self._write(self._warcinfo())
        except ArchiveError:
            self._discard(path)
            raise

    def _discard(self, path: Path) -> None:
        """Take a file back that could not even take its warcinfo."""
        os.close(self._fd)
        self._fd = -1
        path.unlink()

    def _warcinfo(self) -> bytes:
        about = {
            "software": "archiver",
            "format": "WARC File Format 1.1",
            "conformsTo": records.CONFORMS_TO,
            "hostname": socket.gethostname(),
            **self._info,
        }
        block = records.fields_text((name, value) for name, value in about.items() if value)
        fields = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", self._info_id),
            ("WARC-Date", iso(self._now())),
            ("WARC-Filename", self._name),
            ("Content-Type", "application/warc-fields"),
            ("WARC-Block-Digest", records.digest(block)),
        ]
        return records.member(fields, block)

    def _write(self, data: bytes) -> int:
        """Append `data` whole or not at all; returns the offset where it starts."""
        offset = self._size
        try:
            if os.fstat(self._fd).st_size != offset:
                self._take_back(offset)
            written = os.write(self._fd, data)
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError as error:
            self._torn = True
            with contextlib.suppress(OSError):
                self._take_back(offset)
            raise self._error("cannot write", error) from error
        self._size += len(data)
        return offset

    def _take_back(self, offset: int) -> None:
        """Cut off what a write that failed has left; bytes of somebody else's are not ours to cut."""
        if not self._torn:
            raise ArchiveError(
                "has been changed by another program while it was written",
                where=str(self._folder / self._name),
                remedy="let only archiver write here, then run 'archiver verify'",
            )
        os.ftruncate(self._fd, offset)
        self._torn = False

    def _error(self, what: str, error: OSError) -> ArchiveError:
        return unwritable(what, self._folder / self._name, error)


def unwritable(what: str, path: Path, error: OSError) -> ArchiveError:
    """Return the error for a file that cannot be written: SpaceError where the disk is full."""
    kind = SpaceError if error.errno in (errno.ENOSPC, errno.EDQUOT) else ArchiveError
    return kind(
        f"{what}: {error.strerror}",
        where=str(path),
        remedy="make room on the disk, then run the same command again",
    )


def stamp(folder: Path, now: datetime) -> str:
    """Return the time for the name of a new file in `folder`, later than that of every file there.

    The order of the names is the order in which a rebuild reads, so a clock that was set back
    must not put a new file before an old one.
    """
    for digits in sorted(_stamps(folder), reverse=True):
        with contextlib.suppress(ValueError):
            last = datetime.strptime(digits + "000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
            now = max(now, last + timedelta(milliseconds=1))
            break
    return now.strftime("%Y%m%d%H%M%S%f")[:17]


def _stamps(folder: Path) -> Iterator[str]:
    for path in folder.glob(f"{PREFIX}-*"):
        digits = path.name[len(PREFIX) + 1 :][:17]
        if len(digits) == 17 and digits.isascii() and digits.isdecimal():
            yield digits


def is_ours(filename: str) -> bool:
    """Tell by its name whether archiver wrote a file, and not only took it in (``-import-``)."""
    return _OURS.match(filename) is not None
