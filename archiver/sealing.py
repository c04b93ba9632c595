"""Do what the log of takedowns says, as far as it is not done: WARC files, index, CDXJ, and what is to be told.

The log is written first (see `archiver.seals`), and each step here can be done again: so whoever is killed
leaves an archive that the next process which writes finishes. In this order: the files, of which each is whole at
every moment; the outbox, whose titles only the index knows; the index; the CDXJ; the log's last word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress

from archiver import cdxj, clock, clusters, seals
from archiver.errors import ArchiveError, ArchiverError, DamagedError
from archiver.executors.local import TaskFailed, WorkerPool
from archiver.layout import Layout
from archiver.learning import Readers, settle
from archiver.seals import Seals, Takedown, Taken
from archiver.seeking import Search, removal_of, search
from archiver.store import outbox
from archiver.store.search import Index
from archiver.store.workfile import WorkFile
from archiver.store.writing import Store
from archiver.timestamps import iso
from archiver.types import Snapshot, Source
from archiver.warc import reader, redaction
from archiver.warc.redaction import Removal
from archiver.warc.writer import unwritable

Say = Callable[[str], None]


def finish(layout: Layout, readers: Readers, tell: Say) -> None:
    """Finish the takedowns that were begun; call with the archive locked.

    Raises ArchiveError where that cannot be: nothing else may be written then.
    """
    store = readers.store
    pending = store.seals.pending
    for takedown in pending:
        redact(layout, takedown)
        forget(layout, [*takedown.named, *store.sealing.words(takedown)])
        with store.transaction(lasting=True):
            store.sealing.seal(takedown, lambda source, of: _refill(layout, readers, source, of))
        if store.clusters.method():  # whose first it was have another now
            clusters.group(store)
        if not store.sealing.purge():
            raise ArchiveError(
                "another process is reading the index, and keeps what was taken down in its log",
                where=str(layout.index),
                remedy="end it, then run 'archiver takedown --continue'",
            )
        _renew(layout, takedown.records)
        seals.end(layout.takedowns, takedown.id, iso(clock.now()))
        tell(f"takedown {takedown.id} is done")
    if pending:
        store.heed()


def resume(
    layout: Layout, sources: Sequence[Source], tell: Say, *, workers: int | None = None
) -> None:
    """Finish what was begun, for one who holds the lock and has nothing open; the index must be whole."""
    if not seals.read(layout.takedowns).pending:
        return
    with closing(Store(layout.index)) as store, closing(WorkerPool(workers)) as pool:
        readers = Readers(store, pool, sources)
        with closing(readers.readings):
            finish(layout, readers, tell)
            settle(readers, layout.warcs, tell)


def sweep(layout: Layout, readers: Readers, tell: Say) -> None:
    """Take out what has come since with an import, or from another address; call when no file is open."""
    store = readers.store
    late = store.sealing.late(store.seals) if store.seals else {}
    for number, rows in late.items():
        takedown = store.seals.takedowns[number]
        wanted = Search(number, takedown.at, takedown.with_url)
        wanted.add(rows)
        names = {row.file for row in rows}
        paths = [path for path in reader.files(layout.warcs) if path.name in names]
        records = search(layout, wanted, paths)
        seals.more(layout.takedowns, number, records, iso(clock.now()))
        tell(f"{len(rows)} exchanges came again that were taken down: they are taken out, too")
        for taken in filter(lambda taken: taken.left, records):
            tell(f"left: {taken.file} offset {taken.offset}: {taken.left}")
    if late:
        store.heed()
        finish(layout, readers, tell)


def redact_all(layout: Layout) -> Seals:
    """Take out of the WARC files what is begun and not done, for one who makes the index anew."""
    found = seals.read(layout.takedowns)
    for takedown in found.pending:
        redact(layout, takedown)
        words = list(takedown.named)
        with suppress(ArchiverError), closing(Index(layout.index)) as index:
            words += (v.title for number in takedown.articles for v in index.versions(number))
            words += (v.url for number in takedown.articles for v in index.visits(number))
        forget(layout, words)
    return found


def conclude(layout: Layout, found: Seals) -> None:
    """Say that what `redact_all` found is done, once the new index is in its place."""
    for takedown in found.pending:
        _renew(layout, takedown.records)
        seals.end(layout.takedowns, takedown.id, iso(clock.now()))


def redact(layout: Layout, takedown: Takedown) -> None:
    """Take the records of a takedown out of their WARC files, each file at once."""
    files: defaultdict[str, list[Removal]] = defaultdict(list)
    for taken in takedown.records:
        if not taken.left:
            files[taken.file].append(removal_of(takedown.id, takedown.at, taken))
    for name, removals in sorted(files.items()):
        path = reader.locate(layout.warcs, name)
        try:
            if redaction.redact(path, removals):
                cdxj.path_of(layout, name).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable("cannot be written anew", path, error) from error


def forget(layout: Layout, texts: Sequence[str]) -> None:
    """Delete what is still to be told, or was, of articles with these titles and URLs."""
    if layout.runs.is_file():
        with closing(WorkFile(layout.runs)) as file:
            outbox.forget(file, texts)


def _renew(layout: Layout, records: Sequence[Taken]) -> None:
    """Write the CDXJ of the files anew, without what was taken out."""
    cdxj.rewrite(layout, sorted({taken.file for taken in records if taken.row or not taken.left}))


def _refill(layout: Layout, readers: Readers, source: str, layout_of: str) -> None:
    """Take another page's lesson into a sample that was full, as a rebuild would."""
    lessons = readers.store.lessons
    found = ""
    for url, where in lessons.wanting(source, layout_of):
        if found and url != found:
            return
        with suppress(DamagedError, TaskFailed):
            kept = reader.exchange_at(layout.warcs, where)
            if not isinstance(kept, Snapshot):
                continue
            snapshot = readers.adopt(kept)
            future = readers.read(snapshot)
            read = future.result() if future is not None else None
            if read is not None and read.lesson and read.lesson.layout == layout_of:
                lessons.add(snapshot, read.lesson)
                found = url
