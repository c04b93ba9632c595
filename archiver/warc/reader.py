"""Find the WARC files of an archive, and read back from them what was written.

Every way to the bytes goes through `walk`: crawls that go on where one stopped, `rebuild`, `import`,
`show`, `verify`. Damage comes out beside what is kept, and never stops the reading of what follows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from archiver.errors import DamagedError
from archiver.types import Damage, Kept, RecordLocation, Snapshot
from archiver.warc import records
from archiver.warc.exchanges import exchanges, without_chunks_of
from archiver.warc.walk import Record, matches, walk
from archiver.warc.writer import OPEN

KINDS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")


def files(folder: Path) -> list[Path]:
    """Return the WARC files of an archive in the order in which they were written."""
    found = {p.name.removesuffix(OPEN): p for p in folder.glob("*arc*") if is_warc(p.name)}
    return [found[name] for name in sorted(found)]


def is_warc(name: str) -> bool:
    """Tell whether `name` is that of a WARC or ARC file, open or not."""
    return name.removesuffix(OPEN).endswith(KINDS)


def locate(folder: Path, filename: str) -> Path:
    """Return the path of the WARC `filename`, which may still be open.

    Raises DamagedError when there is no such file, or the name would leave `folder`.
    """
    if os.sep not in filename:
        for path in (folder / filename, folder / (filename + OPEN)):
            if path.is_file():
                return path
            if path.is_symlink():
                raise DamagedError(f"the file is gone{_leads(path)}", where=str(path))
    raise DamagedError("no such WARC file", where=str(folder / filename))


def kept(path: Path, start: int = 0) -> Iterator[Kept | Damage]:
    """Yield what a WARC file keeps, in the order in which it was written, and what is damaged.

    `start` is the offset of the first record to read. A file that cannot be read (a link to one that
    is gone) is damage too.
    """
    name = path.name.removesuffix(OPEN)
    try:
        stream = path.open("rb", buffering=256 * 1024)
    except OSError as error:
        yield Damage(name, 0, 0, f"the file cannot be read: {error.strerror}{_leads(path)}")
        return
    with stream:
        yield from exchanges(walk(stream, name, start), name)


def _leads(path: Path) -> str:
    """Return where a link leads, in brackets; nothing for what is no link."""
    return f" (it is a link to {path.readlink()})" if path.is_symlink() else ""


def exchange_at(folder: Path, where: RecordLocation) -> Kept:
    """Return the exchange whose response or revisit record lies at `where`, with its body.

    Raises DamagedError when it is not there.
    """
    path = locate(folder, where.filename)
    for found in kept(path, where.offset):
        if isinstance(found, Damage):
            raise DamagedError(found.reason, where=f"{path} offset {found.offset}")
        if found.location.record_id != where.record_id or found.location.offset != where.offset:
            break
        if where.original and isinstance(found, Snapshot):
            return with_body(folder, found, where.original)
        return found
    raise _astray(path, where)


def record_at(folder: Path, where: RecordLocation) -> Record:
    """Return the record that lies at `where`, its checksum and block digest checked.

    Raises DamagedError when it is not there or not whole.
    """
    path = locate(folder, where.filename)
    with path.open("rb") as stream:
        found = next(walk(stream, where.filename, where.offset), None)
    if isinstance(found, Damage):
        raise DamagedError(found.reason, where=f"{path} offset {found.offset}")
    if (
        found is None
        or (found.offset, found.length) != (where.offset, where.length)
        or found.get("warc-record-id") != where.record_id
    ):
        raise _astray(path, where)
    return found


def response_at(folder: Path, where: RecordLocation) -> tuple[bytes, bytes]:
    """Return head and body of the exchange whose response or revisit record lies at `where`.

    Raises DamagedError when a record is not there, or is not what the index says it is.
    """
    head, body = _http(record_at(folder, where))
    if where.original is None:
        return head, body
    original_head, body = _http(record_at(folder, where.original))
    return head or original_head, body


def with_body(folder: Path, snapshot: Snapshot, original: RecordLocation) -> Snapshot:
    """Return a revisit with the body of its original, and its head where it has none of its own.

    Raises DamagedError when that is not there, or holds another body.
    """
    record = record_at(folder, original)
    head, body = _http(record)
    # Some take the digest of a body as it is stored, with its chunks.
    if not (
        matches(snapshot.digest, body)
        or matches(snapshot.digest, records.split_block(record.block)[1])
    ):
        place = f"{original.filename} offset {original.offset}"
        raise DamagedError("the original of a revisit holds another body", where=place)
    capture = snapshot.capture
    return replace(snapshot, capture=replace(capture, head=capture.head or head, body=body))


def _http(record: Record) -> tuple[bytes, bytes]:
    head, body = records.split_block(record.block)
    return head, without_chunks_of(head, body)


def _astray(path: Path, where: RecordLocation) -> DamagedError:
    place = f"{path} offset {where.offset}"
    return DamagedError("the record is not where the index says", where=place)
