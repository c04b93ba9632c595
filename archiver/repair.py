"""Repair an archive: mend what can be mended, delete nothing, and say what is left.

What `verify` finds decides. Torn tails go to quarantine. Where the index is not exactly what the WARC
files say, the rows that would be lost are written to quarantine first, with the text that hangs on
them, which may be the last copy; then the ordinary rebuild makes it anew. Damage inside a file stays:
what stands behind it must keep its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archiver import cdxj, clock, sealing
from archiver.errors import ArchiveError, ArchiverError
from archiver.layout import Layout
from archiver.locking import locked
from archiver.rebuild import remake
from archiver.store import schema
from archiver.store.health import INDEX, TEXT
from archiver.types import Fault, Source
from archiver.verify import GONE, ROW, UNINDEXED, Verification
from archiver.warc import reader, recovery
from archiver.warc.check import DAMAGED, EXCHANGE, UNREADABLE
from archiver.warc.writer import OPEN, sync_folder

STALE = {ROW, UNINDEXED, GONE, INDEX, TEXT}  # with these faults the index is not what the files say
Say = Callable[[str], None]


@dataclass(slots=True)
class _Needs:
    """What is to be done, decided before anything is."""

    index: str = ""  # why it is set aside
    stale: bool = False
    torn: set[str] = field(default_factory=set)  # files that may have a torn tail
    good: dict[str, int] = field(
        default_factory=dict
    )  # file: offset of its last whole record with a row


def repair(
    layout: Layout,
    sources: Sequence[Source],
    *,
    workers: int | None = None,
    tell: Say = lambda message: None,
    progress: Say = lambda message: None,
) -> Iterator[Fault]:
    """Mend an archive under its lock, then verify it; yields the faults and notes that are left.

    `tell` is told each thing that was mended, in a sentence. Raises LockedError while another process
    writes, ArchiveError where a file cannot be read: what is in it is then not known to be lost.
    """
    layout.check()
    with locked(layout):
        index = schema.state(layout.index)
        if not index:
            sealing.resume(layout, sources, tell, workers=workers)
        with _looking(layout, workers, progress) as look:
            needs = _needs(look, index, tell)
        cut = [_cut(layout, path, needs, tell) for path in reader.files(layout.warcs)]
        if index in ("damaged", "older") or needs.index:
            _set_aside(layout, needs.index or index, tell)
        if index or needs.index or needs.stale or any(cut):
            progress("rebuilding the index")
            remake(layout, sources, workers=workers, tell=tell)
            tell("made the index anew from the WARC files")
        _lines(layout, tell)
        with _looking(layout, workers, progress) as look:
            yield from look.faults()


def _looking(layout: Layout, workers: int | None, progress: Say) -> Verification:
    return Verification(
        layout,
        deep=True,
        held=True,
        workers=workers,
        progress=lambda so_far: progress(f"{so_far.files} of {so_far.of} files looked at"),
    )


def _needs(look: Verification, index: str, tell: Say) -> _Needs:
    """Decide what is to be done, and bring to safety what a rebuild would not make again."""
    needs = _Needs()
    for fault in look.faults():
        if fault.kind == UNREADABLE:
            raise ArchiveError(fault.what, where=fault.filename, remedy="nothing was changed")
        if fault.kind in (DAMAGED, EXCHANGE):
            needs.torn.add(fault.filename)
        needs.stale = needs.stale or (fault.kind in STALE and not fault.note)
        if fault.kind in (INDEX, TEXT) and not index and not fault.note:
            needs.index = "damaged"
    if look.done.of == 0 and look.indexed and (rows := look.ledger.rows()):
        raise ArchiveError(
            f"no WARC files are here, and {rows} rows of the index lead to some",
            where=str(look.layout.warcs),
            remedy="see whether the disk is there; nothing was changed",
        )
    for path in reader.files(look.layout.warcs):
        name = path.name.removesuffix(OPEN)
        needs.good[name] = look.ledger.last_good(name)
    if look.indexed:
        saved = _save(look, tell)
        needs.stale = needs.stale or saved != 0
        if saved < 0:
            needs.index = "damaged"
    return needs


def _save(look: Verification, tell: Say) -> int:
    """Write the rows that lead to nothing, and what hangs on them, to quarantine; returns how many.

    -1 says that they could not be read: then the index must be set aside as it is.
    """
    layout = look.layout
    try:
        count, path = _write_rows(layout, look.ledger.lost(layout.index))
    except ArchiverError:
        return -1
    if count:
        tell(f"{count} rows of the index that lead to no whole record are kept in {path}")
    return count


def _write_rows(layout: Layout, rows: Iterable[str]) -> tuple[int, Path]:
    path = recovery.free(layout.quarantine, f"index-rows-{_stamp()}.jsonl")
    count = 0
    with path.open("x", encoding="utf-8", errors="backslashreplace") as stream:
        for row in rows:
            stream.write(row + "\n")
            count += 1
        stream.flush()
        os.fsync(stream.fileno())
    if not count:
        path.unlink()
    sync_folder(layout.quarantine)
    return count, path


def _cut(layout: Layout, path: Path, needs: _Needs, tell: Say) -> int:
    """Cut the torn tail of a file; one that was left open is closed."""
    name = path.name.removesuffix(OPEN)
    if path.is_symlink() or (name not in needs.torn and path.suffix != OPEN):
        return 0  # where a link leads is not the archive's to change
    if path.stat().st_size == 0:
        path.rename(recovery.free(layout.quarantine, path.name))
        sync_folder(layout.warcs)
        tell(f"{path.name}: it held nothing; moved to {layout.quarantine}")
        return 1
    if path.suffix != OPEN and recovery.whole_end(path) == 0:
        return 0  # nothing of it can be read: who knows what it is
    cut = recovery.recover(path, layout.quarantine, needs.good.get(name, 0))
    if cut:
        tell(f"{path.name}: {cut} torn bytes moved to {layout.quarantine}")
    elif path.suffix == OPEN:
        tell(f"{path.name}: closed")
    return cut


def _set_aside(layout: Layout, why: str, tell: Say) -> None:
    """Move the index to quarantine, its log with it."""
    target = recovery.free(layout.quarantine, f"index-{_stamp()}.db")
    for suffix in ("-wal", "-shm", ""):
        source = layout.index.with_name(layout.index.name + suffix)
        if source.exists():
            source.rename(target.with_name(target.name + suffix))
    sync_folder(layout.quarantine)
    sync_folder(layout.root)
    tell(f"the index was {why}; it is kept as {target}")


def _lines(layout: Layout, tell: Say) -> None:
    """Make each CDXJ what the index says; one without a WARC file goes to quarantine."""
    try:
        if written := cdxj.renew(layout):
            tell(f"wrote {written} CDXJ files anew")
        names = {cdxj.path_of(layout, path.name) for path in reader.files(layout.warcs)}
        for path in sorted(set(layout.cdxj.glob("*.cdxj")) - names):
            path.rename(recovery.free(layout.quarantine, path.name))
            tell(f"{path.name}: its WARC file is not here; moved to {layout.quarantine}")
    except OSError as error:
        tell(f"{layout.cdxj}: cannot be written: {error.strerror}")


def _stamp() -> str:
    return clock.now().strftime("%Y%m%d%H%M%S%f")
