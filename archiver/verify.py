"""Verify an archive: every record of every WARC file, and that index and CDXJ say what the files do.

Nothing is written and no lock is held, so a crawl may go on meanwhile: what it has under way is no
fault. Each file is walked in a worker process; what it holds goes to a ledger on disk, where it is
held against all the others.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from archiver import seals
from archiver.cdxj import path_of
from archiver.errors import ArchiveError, ArchiverError, DamagedError
from archiver.executors.local import TaskFailed, WorkerPool
from archiver.layout import Layout
from archiver.locking import is_locked
from archiver.store.health import INDEX, check_index
from archiver.store.ledger import Ledger
from archiver.types import Entry, Fault, Seen
from archiver.warc import cdxj, reader
from archiver.warc.check import DAMAGED, UNREADABLE, check
from archiver.warc.exchanges import date
from archiver.warc.records import NOT_MODIFIED, REVISIT
from archiver.warc.writer import OPEN, is_ours

NAME, REVISITS, ROW, UNINDEXED, GONE, CDXJ = "name", "revisit", "row", "unindexed", "gone", "cdxj"
OPENED, QUARANTINE, SEALED = "open", "quarantine", "sealed"
SMALL = 4_000_000  # bytes of WARC files that are walked in this process
AHEAD = 8  # files handed to the workers and not yet merged
DEADLINE = 24 * 3600.0  # seconds of CPU that one file may take


@dataclass(slots=True)
class Verified:
    """How far a verification has come."""

    files: int = 0
    of: int = 0
    records: int = 0


@dataclass(slots=True)
class _File:
    """A WARC file to look at: whether it is the archive's, and whether it was open at the start."""

    path: Path
    inside: bool
    open: bool

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(OPEN)


@dataclass(slots=True)
class Verification:
    """One look at an archive; `faults` goes through it once, and the ledger stays until it is closed.

    `held` says that this process holds the lock,
    so that nothing is under way. `indexed` says that there is an index to read.
    """

    layout: Layout
    files: Sequence[Path] = ()
    deep: bool = False
    held: bool = False
    workers: int | None = None
    progress: Callable[[Verified], None] = lambda so_far: None
    done: Verified = field(default_factory=Verified)
    indexed: bool = False
    ledger: Ledger = field(init=False)
    _scratch: Path = field(init=False)
    _inside: frozenset[str] = frozenset()
    _seals: seals.Seals = field(default_factory=seals.Seals)
    _removed: set[str] = field(default_factory=set)
    _opened: ExitStack = field(default_factory=ExitStack)
    _running: bool = False

    def __enter__(self) -> Self:
        """Open the ledger in a temporary folder."""
        folder = self._opened.enter_context(tempfile.TemporaryDirectory(prefix="archiver-"))
        self._scratch = Path(folder)
        self.ledger = self._opened.enter_context(closing(Ledger(self._scratch / "ledger.db")))
        return self

    def __exit__(self, *_: object) -> None:
        """Throw the ledger away."""
        self._opened.close()

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong, file by file, then what is wrong between them.

        Raises ArchiveError where there is no archive, or a named file is not there.
        """
        todo = self._todo()
        with self.ledger.guarded():
            yield from self._files(todo)
            yield from self._between(todo)
        yield from self._left(todo)

    def _files(self, todo: Sequence[_File]) -> Iterator[Fault]:
        """Yield what is wrong in each file by itself."""
        self._running = self._is_running()
        # The rows first, then the files: so each row has its record, whatever is written meanwhile.
        yield from self._take_rows(late=False)
        for file in self._walked(todo):
            yield from filter(lambda fault: self._counts(fault, file), self._named(file))
        self._running = self._running or self._is_running()
        yield from self._take_rows(late=True)
        self.ledger.ready()

    def _between(self, todo: Sequence[_File]) -> Iterator[Fault]:
        """Yield what is wrong between the files, and between them and index and CDXJ."""
        yield from self._read_log()
        yield from self._names()
        yield from self._revisits()
        yield from self._redacted()
        if self.indexed:
            yield from self._rows()
        for file in todo:
            if file.inside and not file.open:
                yield from self._cdxj(file.name)
        if self.deep and self.indexed:
            yield from self._deep()

    def _is_running(self) -> bool:
        return not self.held and is_locked(self.layout)

    def _todo(self) -> list[_File]:
        """Return the files to look at; all of the archive's where none is named."""
        if not self.files:
            self.layout.check()
            found = reader.files(self.layout.warcs)
        else:
            found = [self._find(path) for path in self.files]
        home = self.layout.warcs.resolve()
        files = [_File(p, p.parent.resolve() == home, p.suffix == OPEN) for p in found]
        self.done.of = len(files)
        self._inside = frozenset(file.name for file in files if file.inside)
        return files

    def _find(self, path: Path) -> Path:
        for found in (path, self.layout.warcs / path, self.layout.warcs / f"{path}{OPEN}"):
            if found.is_file():
                return found
        raise ArchiveError("no such WARC file", where=str(path))

    def _take_rows(self, *, late: bool) -> Iterator[Fault]:
        """Copy the index's rows; one that is not there, or cannot be read, is a fault."""
        if late and not self.indexed:
            return
        try:
            self.ledger.take_rows(self.layout.index, late=late)
            self.indexed = True
        except ArchiverError as error:
            if any(self.layout.warcs.glob("*")) and not self.files:
                yield Fault(INDEX, self.layout.index.name, None, "", error.what)

    def _walked(self, todo: Sequence[_File]) -> Iterator[_File]:
        """Walk the files in worker processes; yield each, in order, once the ledger has it."""
        size = sum(file.path.stat().st_size for file in todo if file.path.is_file())
        here = size <= SMALL  # to start processes would take longer
        pool = _Here() if here else WorkerPool(self.workers, deadline=DEADLINE)
        waiting: deque[tuple[_File, Path, Future[int]]] = deque()
        try:
            for number, file in enumerate(todo):
                part = self._scratch / f"{number}.db"
                waiting.append((file, part, pool.submit(examine, file.path, part, self.deep)))
                if len(waiting) >= AHEAD:
                    yield self._merged(*waiting.popleft())
            while waiting:
                yield self._merged(*waiting.popleft())
        finally:
            pool.close()

    def _merged(self, file: _File, part: Path, walked: Future[int]) -> _File:
        try:
            self.done.records += walked.result()
        except TaskFailed as error:
            part.unlink(missing_ok=True)
            with closing(Ledger(part)) as ledger:
                told = f"could not be looked through: {error}"
                ledger.add([Fault(UNREADABLE, file.name, None, "", told)])
        self.ledger.merge(file.name, part)
        part.unlink()
        self.done.files += 1
        self.progress(self.done)
        return file

    def _named(self, file: _File) -> Iterator[Fault]:
        """Yield the faults of a file; the index may know of what URL a record was."""
        for fault in self.ledger.faults(file.name):
            if fault.kind == DAMAGED and not fault.url and fault.offset is not None and file.inside:
                fault = replace(fault, url=self.ledger.url_at(file.name, fault.offset))
            yield fault

    def _counts(self, fault: Fault, file: _File) -> bool:
        return not (file.open and self._under_way(file.name, fault.offset))

    def _under_way(self, filename: str, offset: int | None) -> bool:
        """Tell whether a place is behind all that has a row, while another process writes."""
        return self._running and offset is not None and offset > self.ledger.mark(filename)

    def _names(self) -> Iterator[Fault]:
        """Yield records that have one name and are not one record."""
        for one, other, same in self.ledger.doubles():
            where = f"{other.filename} offset {other.offset}"
            told = "is there twice" if same else "is another record with the same name as the one"
            yield Fault(NAME, one.filename, one.offset, one.url, f"{told}: {where}", note=same)

    def _revisits(self) -> Iterator[Fault]:
        """Yield revisits that do not lead to the body which they leave out."""
        for revisit, original in self.ledger.revisits():
            if original is None and revisit.refers_to in self._removed:
                told = "its body was taken down"
                yield Fault(
                    REVISITS, revisit.filename, revisit.offset, revisit.url, told, note=True
                )
            elif told := self._astray(revisit, original):
                where = (revisit.filename, revisit.offset, revisit.url)
                yield Fault(
                    REVISITS, *where, told, note=original is None and not self._must(revisit)
                )

    def _read_log(self) -> Iterator[Fault]:
        """Read what was taken down: after the files, so that it tells of all that was taken out by then."""
        try:
            self._seals = seals.read(self.layout.takedowns)
        except DamagedError as error:
            yield Fault(SEALED, self.layout.takedowns.name, None, "", error.what)
        self._removed = {
            taken.record_id for taken in self._seals.places().values() if not taken.left
        }

    def _redacted(self) -> Iterator[Fault]:
        """Yield what was taken out without a word in the log, and what the log says and was not done."""
        there = {}
        for filename, offset, length, number, kind in self.ledger.redacted():
            there[filename, offset] = (length, number)
            taken = self._seals.taken((filename, offset))
            if taken is None:
                told = f"a {kind} record was taken out, and takedowns.jsonl does not tell of it"
                foreign = not (is_ours(filename) and filename in self._inside)
                yield Fault(SEALED, filename, offset, "", told, note=foreign)
            elif taken.row and self._lacks_row(filename, offset):
                yield Fault(UNINDEXED, filename, offset, taken.url, "the index has no row of it")
        for takedown in self._seals.takedowns.values():
            yield from self._undone(takedown, there)
        if self.indexed and not self._running:
            yield from self._sealed_rows()
        if there:
            told = f"{len(there)} records were taken out by {len(self._seals.takedowns)} takedowns"
            yield Fault(SEALED, self.layout.takedowns.name, None, "", told, note=True)

    def _lacks_row(self, filename: str, offset: int) -> bool:
        return self.indexed and not self._running and not self.ledger.has_row(filename, offset)

    def _undone(
        self, takedown: seals.Takedown, there: Mapping[tuple[str, int], tuple[int, str]]
    ) -> Iterator[Fault]:
        """Yield the records that the log says were taken out, and lie there, or another way than it says."""
        for taken in takedown.records:
            place = (taken.file, taken.offset)
            if taken.left or taken.file not in self._inside:
                continue
            if there.get(place) not in ((taken.length, takedown.id), (taken.length, "")):
                told = "takedowns.jsonl says that it was taken out, and it was not"
                if not takedown.done:
                    told = "is to be taken out; the next command that writes does it"
                yield Fault(SEALED, *place, taken.url, told, note=not takedown.done)

    def _sealed_rows(self) -> Iterator[Fault]:
        """Yield sealed rows that lead to nothing, and those whose bytes are still there."""
        for row, whole in self.ledger.sealed():
            place = (row.filename, row.offset, row.url)
            taken = self._seals.taken(place[:2])
            if whole:
                told = "was taken down, and its bytes are still there"
                yield Fault(SEALED, *place, f"{told}: {taken.left}" if taken else told, note=True)
            elif not (taken and taken.left) and not self.ledger.is_damaged(*place[:2]):
                yield Fault(ROW, *place, "the index has a row of it, and no such record is there")

    def _must(self, revisit: Seen) -> bool:
        """Tell whether an original must be here: others' archives may hold it in files of their own."""
        return revisit.ours and not self.files

    def _astray(self, revisit: Seen, original: Seen | None) -> str:
        """Return what is wrong with where a revisit leads, "" for nothing."""
        if original is None:
            return self._nowhere(revisit)
        where = f"{original.filename} offset {original.offset}"
        if original.type != "response":
            return f"refers to a {original.type} record: {where}"
        if revisit.profile.endswith("server-not-modified") and not revisit.ours:
            return ""
        if revisit.digest and original.digest and revisit.digest != original.digest:
            return f"the record that it refers to has another payload digest: {where}"
        return self._told_of(revisit, original, where) if revisit.ours else ""

    def _nowhere(self, revisit: Seen) -> str:
        """Return what is wrong where the original of a revisit was not seen."""
        row = self.ledger.row_of(revisit.refers_to, revisit.digest) if self.indexed else None
        if row and self.files:
            return ""  # it is in a file that nobody asked to look at
        if row and self.ledger.is_damaged(row.filename, row.offset):
            return f"its body was in a damaged record: {row.filename} offset {row.offset}"
        return f"the record that holds its body is not here: {revisit.refers_to}"

    def _told_of(self, revisit: Seen, original: Seen, where: str) -> str:
        """Return what a revisit of ours says wrongly of its original."""
        exact = revisit.refers_date == original.date or not original.ours
        if revisit.profile not in (REVISIT, NOT_MODIFIED):
            return "has another WARC-Profile than archiver writes"
        if revisit.refers_url != original.url:
            return f"its Refers-To-Target-URI is not that of the record: {where}"
        if not exact or date(revisit.refers_date) != date(original.date):
            return f"its Refers-To-Date is not that of the record: {where}"
        return ""

    def _rows(self) -> Iterator[Fault]:
        """Yield rows that lead to no record, or to another, and what has no row."""
        if not self.files:
            for filename, count in self.ledger.gone():
                told = f"the file is gone; {count} rows of the index lead to it"
                yield Fault(GONE, filename, None, "", told)
        for row, there, damaged in self.ledger.astray():
            under_way = self._running and self._seals.taken((row.filename, row.offset))
            if not (damaged or under_way) and row.filename in self._inside:  # told already
                yield Fault(ROW, row.filename, row.offset, row.url, _differs(row, there))
        for entry in self.ledger.missing():
            inside = entry.filename in self._inside
            if inside and not self._under_way(entry.filename, entry.offset):
                told = "the index has no row of it"
                yield Fault(UNINDEXED, entry.filename, entry.offset, entry.url, told)

    def _cdxj(self, filename: str) -> Iterator[Fault]:
        """Yield what a CDXJ says wrongly of its WARC file, or leaves out."""
        path = path_of(self.layout, filename)
        if not path.is_file():
            if self.indexed and not self._running:
                yield Fault(CDXJ, path.name, None, "", "is not there yet", note=True)
            return
        found = path.read_bytes().splitlines(keepends=True)
        expected = {cdxj.line(entry): (entry, has) for entry, has in self.ledger.entries(filename)}
        yield from _unsorted(path.name, found)
        at = {entry.offset: (entry, has) for entry, has in expected.values()}
        keys = set()
        for line in found:
            if line in expected:
                at.pop(expected[line][0].offset, None)
                continue
            told = cdxj.read(line)
            keys.add(told[0] if told else b"")
            if fault := self._wrong_line(path.name, filename, told, at):
                yield fault
        for entry, has_row in at.values():
            known = cdxj.read(cdxj.line(entry))
            if (has_row or not self.indexed) and known and known[0] not in keys:
                told_of = f"has no line of the record at offset {entry.offset} of {filename}"
                yield Fault(CDXJ, path.name, None, entry.url, told_of)

    def _wrong_line(
        self, name: str, filename: str, told: tuple[bytes, dict[str, str]] | None,
        at: dict[int, tuple[Entry, bool]],
    ) -> Fault | None:  # fmt: skip
        """Return the fault of a line that is not the one of its record; None where that is damaged."""
        if told is None:
            return Fault(CDXJ, name, None, "", "has a line that is none of a CDXJ")
        offset = str(told[1].get("offset", ""))
        number = int(offset) if offset.isdecimal() and len(offset) < 19 else -1
        if self.ledger.is_damaged(filename, number):
            return None
        there = at.pop(number, None)
        what = "does not say what the record says" if there else "leads to no record"
        url = str(told[1].get("url", ""))
        return Fault(CDXJ, name, number, url, f"its line of offset {number} {what}")

    def _deep(self) -> Iterator[Fault]:
        """Look through the index, and open the original of every revisit."""
        yield from check_index(self.layout.index, self._scratch / "copy.db")
        for row in self.ledger.with_original():
            try:
                reader.exchange_at(self.layout.warcs, row)
            except DamagedError as error:
                place = f"{error.where}: {error.what}"
                yield Fault(REVISITS, row.filename, row.offset, "", f"cannot be opened: {place}")

    def _left(self, todo: Sequence[_File]) -> Iterator[Fault]:
        """Yield what a stopped process or a repair has left, which is no fault."""
        for file in todo:
            if file.open and not self._running:
                told = "was left open by a process that was stopped; the next crawl closes it"
                yield Fault(OPENED, file.path.name, None, "", told, note=True)
        if self.files:
            return
        closed = {path_of(self.layout, file.name).name for file in todo}
        for path in sorted(self.layout.cdxj.glob(f"*{cdxj.ENDING}")):
            if path.name not in closed and not path.name.startswith("."):
                yield Fault(CDXJ, path.name, None, "", "its WARC file is not here")
        for path in sorted(self.layout.quarantine.glob("*")):
            told = f"{path.stat().st_size} bytes that were taken out are kept in quarantine"
            yield Fault(QUARANTINE, path.name, None, "", told, note=True)


class _Here:
    """Does in this process what a worker pool does in others: for a small archive that is faster."""

    def submit(self, job: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do it at once."""
        future: Future[Any] = Future()
        future.set_result(job(*arguments))
        return future

    def close(self) -> None:
        """There is nothing to stop."""


def examine(path: Path, part: Path, deep: bool) -> int:
    """Look through one WARC file, into the new ledger `part`; the work of one worker process."""
    if not path.exists():  # it was open, and has been closed
        path = path.with_name(path.name.removesuffix(OPEN))
    with closing(Ledger(part)) as ledger:
        return ledger.add(check(path, deep=deep))


def _differs(row: Entry, there: Entry | None) -> str:
    if there is None:
        return "the index has a row of it, and no such record is there"
    names = ("record_id", "length", "url", "at", "status", "mime", "digest", "revisit")
    wrong = [name for name in names if getattr(row, name) != getattr(there, name)]
    return f"the index has another {', '.join(wrong) or 'kind'} than the record"


def _unsorted(name: str, lines: Sequence[bytes]) -> Iterator[Fault]:
    for number in range(1, len(lines)):
        if lines[number] <= lines[number - 1]:
            yield Fault(CDXJ, name, None, "", f"is not sorted at line {number + 1}")
            return
