"""Read WARC files back into the snapshots that were written.

warcio parses the record fields; the gzip members are taken apart here, because warcio passes over
a wrong checksum and a cut trailer without a word. Its HTTP parsing and decoding are never used.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.exceptions import ArchiveLoadFailed  # ships no types
from warcio.recordloader import ArcWarcRecordLoader

from archiver.dates import parse
from archiver.errors import DamagedError
from archiver.types import Capture, Failure, Kept, KeptFailure, RecordLocation, Snapshot
from archiver.warc import records
from archiver.warc.writer import OPEN, sync_folder

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record: its fields by lower-case name, its block, and where it lies."""

    fields: dict[str, str]
    block: bytes
    offset: int
    length: int

    def get(self, name: str) -> str:
        """Return the field `name`, or ""."""
        return self.fields.get(name, "")


def files(folder: Path) -> list[Path]:
    """Return the WARC files of an archive in the order in which they were written."""
    found = {p.name.removesuffix(OPEN): p for p in folder.glob("*.warc.gz*") if _is_warc(p)}
    return [found[name] for name in sorted(found)]


def _is_warc(path: Path) -> bool:
    return path.name.removesuffix(OPEN).endswith(".warc.gz")


def locate(folder: Path, filename: str) -> Path:
    """Return the path of the WARC `filename`, which may still be open.

    Raises DamagedError when there is no such file, or the name would leave `folder`.
    """
    if os.sep not in filename:
        for path in (folder / filename, folder / (filename + OPEN)):
            if path.is_file():
                return path
    raise DamagedError("no such WARC file", where=str(folder / filename))


def walk(stream: BinaryIO, start: int = 0) -> Iterator[Record]:
    """Yield the records of a WARC stream from byte `start` on, which must begin a record.

    Raises DamagedError with the offset where the bytes stop being records.
    """
    stream.seek(start)
    loader = ArcWarcRecordLoader()
    offset = start
    try:
        for data, length in _members(stream):
            record = loader.parse_record_stream(BytesIO(data), None, "warc", no_record_parse=True)
            fields = {name.lower(): value for name, value in record.rec_headers.headers}
            block = record.raw_stream.read()
            if len(block) != int(fields.get("content-length", "-1")):
                raise ValueError("it is cut short")
            yield Record(fields, block, offset, length)
            offset += length
    except (ArchiveLoadFailed, EOFError, OSError, ValueError, zlib.error) as error:
        raise DamagedError(f"not a WARC record: {error}", where=f"offset {offset}") from error


def _members(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield the content and the compressed length of each gzip member, checksums checked.

    Raises EOFError for a member that is cut short, zlib.error for one that is damaged.
    """
    ahead = b""
    while ahead or (ahead := stream.read(_CHUNK)):
        unpacker = zlib.decompressobj(31)
        pieces, length = [unpacker.decompress(ahead)], len(ahead)
        while not unpacker.eof:
            if not (chunk := stream.read(_CHUNK)):
                raise EOFError("it is cut short")
            pieces.append(unpacker.decompress(chunk))
            length += len(chunk)
        ahead = unpacker.unused_data
        yield b"".join(pieces), length - len(ahead)


def kept(path: Path, start: int = 0) -> Iterator[Kept]:
    """Yield what one of our WARC files keeps, in the order in which it was written.

    `start` is the offset of the first exchange to read. An exchange whose records are not all
    there (a torn tail) is not yielded.
    """
    name = path.name.removesuffix(OPEN)
    group: dict[str, Record] = {}
    with path.open("rb") as stream:
        for record in walk(stream, start):
            kind = record.get("warc-type")
            if kind == "response":
                group = {}
            group[kind] = record
            if kind == "metadata":
                yield _kept(name, group)
                group = {}


def _kept(name: str, group: dict[str, Record]) -> Kept:
    metadata, response = group["metadata"], group.get("response")
    url, at = metadata.get("warc-target-uri"), _date(metadata.get("warc-date"))
    link, context = records.read_context(metadata.block, url)
    if response is None:
        failure = Failure(link, url, at, context.get("archiver-failure", "unknown"))
        return KeptFailure(failure, _location(name, metadata))
    head, body = records.split_block(response.block)
    request = group.get("request")
    capture = Capture(
        link=link,
        url=url,
        at=at,
        ip=response.get("warc-ip-address"),
        request=request.block if request else b"",
        head=head,
        body=body,
        took_ms=records.number(context.get("fetchTimeMs", "")),
        truncated=response.get("warc-truncated"),
    )
    return Snapshot(capture, _location(name, response), response.get("warc-payload-digest"))


def _location(name: str, record: Record) -> RecordLocation:
    return RecordLocation(name, record.offset, record.length, record.get("warc-record-id"))


def _date(text: str) -> datetime:
    moment = parse(text)
    return moment.at if moment else datetime(1970, 1, 1, tzinfo=UTC)


def exchange_at(folder: Path, location: RecordLocation) -> Kept:
    """Return the exchange whose first record lies at `location`.

    Raises DamagedError when it is not there.
    """
    path = locate(folder, location.filename)
    found = next(kept(path, location.offset), None)
    if found is None or found.location.record_id != location.record_id:
        where = f"{path} offset {location.offset}"
        raise DamagedError("the record is not where the index says", where=where)
    return found


def response_at(folder: Path, location: RecordLocation) -> tuple[bytes, bytes]:
    """Return head and body of the response record at `location`, digests checked.

    Raises DamagedError when the record is not there or is not what the index says it is.
    """
    path = locate(folder, location.filename)
    where = f"{path} offset {location.offset}"
    with path.open("rb") as stream:
        stream.seek(location.offset)
        data = stream.read(location.length)
    try:
        record = next(walk(BytesIO(data)), None)
    except DamagedError as error:
        raise DamagedError(error.what, where=where) from error
    if record is None or record.get("warc-record-id") != location.record_id:
        raise DamagedError("the record is not where the index says", where=where)
    if record.get("warc-block-digest") != records.digest(record.block):
        raise DamagedError("the record's block does not match its digest", where=where)
    return records.split_block(record.block)


def recover(path: Path, quarantine: Path) -> int:
    """Close a WARC that a stopped process left open: cut a torn tail, give the final name.

    The tail is everything after the last whole exchange; it is moved to `quarantine`, never
    deleted. Returns how many bytes were cut.
    """
    end = _whole_end(path)
    size = path.stat().st_size
    if end < size:
        quarantine.mkdir(parents=True, exist_ok=True)
        with path.open("r+b") as stream:
            stream.seek(end)
            with (quarantine / f"{path.name}.{end}.tail").open("wb") as tail:
                tail.write(stream.read())
                tail.flush()
                os.fsync(tail.fileno())  # before the only other copy is cut off
            stream.truncate(end)
            os.fsync(stream.fileno())
    final = path.with_name(path.name.removesuffix(OPEN))
    if end == 0:
        path.unlink()
    else:
        path.rename(final)
    sync_folder(path.parent)
    return size - end


def _whole_end(path: Path) -> int:
    """Return the offset after the last whole exchange (or warcinfo) of `path`."""
    end = 0
    with path.open("rb") as stream:
        try:
            for record in walk(stream):
                if record.get("warc-type") in ("warcinfo", "metadata"):
                    end = record.offset + record.length
        except DamagedError:
            return end
    return end
