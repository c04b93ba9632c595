"""Take in WARC, ARC and WACZ files of other crawlers: copied into the archive, then indexed by the one road.

Nothing here makes a row: a file that lies in the archive is read as `rebuild` would read it. So an import that was
stopped goes on by itself, from the last row that was committed, with whatever opens the archive next.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from archiver import clock
from archiver.errors import ArchiveError, DamagedError, NothingFound, SpaceError
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Damage, Kept, Outcome, Source
from archiver.warc import foreign, reader, wacz
from archiver.warc.foreign import Damages, Shelf, Survey

IN_PLACE = "cannot be used where it is"


@dataclass(slots=True)
class File:
    """What became of one file, or of one WARC file in a WACZ; `name` is how the user knows it.

    `state` is imported, known (it was imported before), empty (nothing is in it) or unread, with the
    `reason`; `filename` is its name in the archive. `outcomes` counts exchanges by what indexing them
    changed (see `Outcome`), `passed_over` records that become no rows; `unresolved` revisits whose
    body is not in the archive.
    """

    name: str
    state: str = "unread"
    reason: str = ""
    filename: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    resources: int = 0
    unresolved: int = 0
    damages: Damages = field(default_factory=Damages)

    @property
    def exchanges(self) -> int:
        """How many exchanges are new to the archive."""
        return self.outcomes.total() - self.outcomes["duplicate"]


@dataclass(slots=True)
class Imported:
    """What an import has done so far: bytes read of all bytes, and what became of each file."""

    total: int = 0
    done: int = 0
    files: list[File] = field(default_factory=list)
    pages: int = 0  # exchanges that were looked at


def find(paths: Sequence[Path], layout: Layout) -> list[Path]:
    """Return the files that are meant: those named, and what is WARC, ARC or WACZ in the folders named.

    Raises NothingFound where there is none.
    """
    own = layout.warcs.resolve()
    found = [file for path in paths for file in _files(path)]
    found = [path for path in dict.fromkeys(found) if own not in path.resolve().parents]
    if not found:
        raise NothingFound("no WARC, ARC or WACZ file there", where=", ".join(map(str, paths)))
    return found


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    inside = [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    yield from sorted(p for p in inside if p.suffix == wacz.ENDING or _is_warc(p.name))


def _is_warc(name: str) -> bool:
    return name.endswith(reader.KINDS)


def import_files(
    files: Sequence[Path],
    layout: Layout,
    sources: Sequence[Source],
    *,
    in_place: bool = False,
    workers: int | None = None,
    tell: Callable[[str], None] = lambda message: None,
    progress: Callable[[Imported], None] = lambda imported: None,
) -> Imported:
    """Take `files` into the archive, one after the other, and index what they keep.

    With `in_place` the archive gets links to them, and no copies. `tell` is told in a sentence what a stopped
    process had left, and what was learned. A file that cannot be read is told in the result, and the
    others are imported. Raises LockedError while another process writes to the archive, ArchiveError
    where it cannot be written.
    """
    so_far = Imported(total=sum(map(_size, files)))
    ingest = Ingest(layout, {}, sources=sources, workers=workers, tell=tell)
    try:
        with ingest.store.transaction():
            ingest.store.set_sources(sources)
        run = _Import(ingest, layout, in_place, so_far, progress)
        for path in files:
            run.take(path)
    except BaseException:
        ingest.hurried = True
        raise
    finally:
        ingest.close()
    with Index(layout.index) as index:
        for file in so_far.files:
            if file.state == "imported":
                brought = index.brought(file.filename)
                file.resources, file.unresolved = brought.resources, brought.unresolved
    return so_far


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class _Import:
    """One run of an import."""

    def __init__(
        self,
        ingest: Ingest,
        layout: Layout,
        in_place: bool,
        so_far: Imported,
        progress: Callable[[Imported], None],
    ) -> None:
        self._ingest = ingest
        self._layout = layout
        self._in_place = in_place
        self._so_far = so_far
        self._progress = progress
        self._shelf = Shelf(layout.warcs, clock.now)

    def take(self, path: Path) -> None:
        """Take in one file, whatever it is."""
        end = self._so_far.done + _size(path)
        file = self._file(str(path))
        try:
            if not path.is_file():
                file.reason = "is no file that can be read"
            elif not wacz.is_wacz(path):
                self._take_warc(path, file)
            elif self._in_place:
                file.reason = f"{IN_PLACE}: it is a ZIP; import it without --in-place"
            else:
                self._take_wacz(path, file)
        except OSError as error:
            file.reason = f"cannot be read: {error.strerror or error}"
        except DamagedError as error:
            file.reason = error.what
        self._shelf.part()  # what is left of a file that was not taken goes
        self._so_far.done = end
        self._progress(self._so_far)

    def _file(self, name: str) -> File:
        self._so_far.files.append(File(name))
        return self._so_far.files[-1]

    def _take_warc(self, path: Path, file: File) -> None:
        sha256 = foreign.digest(path)
        if self._shelf.knows(sha256):
            file.state = "known"
            return
        found = _surveyed(path, path.name, file)
        if found is None:
            return
        if self._in_place and found.crowded:
            file.reason = f"{IN_PLACE}: its members hold many records; import it without --in-place"
            return
        with self._writing(path.stat().st_size):
            if self._in_place:
                kept = self._shelf.link(path, sha256, path.name, found.ending)
            elif found.crowded:
                kept = self._spread(path, sha256, file, found)
            else:
                with path.open("rb") as stream:
                    if foreign.copy(stream, self._shelf.part()) != sha256:
                        file.reason = "was changed while it was read"
                        return
                kept = self._shelf.keep(sha256, path.name, found.ending)
        self._index(kept, file, path.stat().st_size)

    def _spread(self, path: Path, sha256: str, file: File, found: Survey) -> Path:
        """Write a file anew whose members hold many records each; returns where it lies."""
        with path.open("rb") as stream, self._shelf.part().open("xb") as out:
            for damage in foreign.spread(stream, path.name, out):
                file.damages.add(damage)
            foreign.last(out)
        return self._shelf.keep(sha256, path.name, found.ending.replace(".zst", ".gz"))

    def _take_wacz(self, path: Path, about: File) -> None:
        with wacz.opened(path) as archive:
            entries = wacz.entries(archive, path)
            if not entries:
                about.state, about.reason = "empty", "holds no WARC file"
                return
            self._so_far.files.pop()
            for info in entries:
                file = self._file(f"{path}: {info.filename}")
                try:
                    self._take_entry(archive, info, path, file)
                except DamagedError as error:
                    file.reason = error.what

    def _take_entry(self, archive: ZipFile, info: ZipInfo, path: Path, file: File) -> None:
        name = PurePosixPath(info.filename).name
        unpacked = self._shelf.part()
        with (
            self._writing(info.file_size),
            wacz.unpacking(archive, info, path) as stream,
        ):
            sha256 = foreign.copy(stream, unpacked)
        if self._shelf.knows(sha256):
            file.state = "known"
            return
        found = _surveyed(unpacked, name, file)
        if found is None:
            return
        with self._writing(info.file_size):
            if found.crowded:
                aside = unpacked.rename(unpacked.with_name(f"{unpacked.name}{foreign.PART}"))
                kept = self._spread(aside, sha256, file, found)
                aside.unlink()
            else:
                kept = self._shelf.keep(sha256, name, found.ending)
        self._index(kept, file, info.compress_size)

    @contextmanager
    def _writing(self, size: int) -> Iterator[None]:
        """Write `size` bytes into the archive. Raises SpaceError, or ArchiveError, where that cannot be."""
        where, remedy = str(self._layout.warcs), "make room on the disk, then import again"
        try:
            if shutil.disk_usage(where).free < size:
                raise SpaceError("there is no room for the file", where=where, remedy=remedy)
            yield
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            kind = SpaceError if error.errno in (errno.ENOSPC, errno.EDQUOT) else ArchiveError
            raise kind(what, where=where, remedy=remedy) from error

    def _index(self, kept: Path, file: File, size: int) -> None:
        """Index a file that lies in the archive; `size` is what it counts of all bytes."""
        file.state, file.filename = "imported", kept.name
        before, share = self._so_far.done, size / max(kept.stat().st_size, 1)

        def watched() -> Iterator[Kept | Damage]:
            for item in reader.kept(kept):
                offset = item.offset if isinstance(item, Damage) else item.location.offset
                self._so_far.done = before + int(offset * share)
                yield item

        def count(came: Outcome | Damage) -> None:
            if isinstance(came, Damage):
                file.damages.add(came)
                return
            file.outcomes[came.change] += 1
            self._so_far.pages += 1
            self._progress(self._so_far)

        self._ingest.index(watched(), count)
        self._so_far.done = before + size


def _surveyed(path: Path, name: str, file: File) -> Survey | None:
    """Look what is in a file; None, with the reason told, where there is nothing to import."""
    found = foreign.survey(path, name)
    file.passed_over = found.passed_over
    if found.records:
        return found
    file.damages = found.damages
    if found.damages.count:
        file.reason = "holds no whole WARC or ARC record"
    else:
        file.state, file.reason = "empty", "holds no record"
    return None
