"""Write the records of articles into WARC files of their own, whole and unchanged.

What is wanted is gathered on disk first, so that records are copied in the archive's order, each once: a response or
revisit with its request and metadata, and for a revisit the exchange that holds its body. The same articles
make the same bytes.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from archiver.errors import ArchiveError, DamagedError, NothingFound, SpaceError
from archiver.layout import Layout
from archiver.store.gathering import Gathering
from archiver.store.search import Index
from archiver.types import Article, Damage, Entry
from archiver.warc import picking, reader
from archiver.warc.copying import Origin, Parts, entry
from archiver.warc.writer import MAX_BYTES, sync_folder

PART = ".part"
GATHERED = f".gathered{PART}"
MANY = 1000  # damaged places that are told
_UNWANTED = re.compile(r"[^\w.-]+")


@dataclass(slots=True)
class Copied:
    """What was copied so far: articles that were asked for, exchanges of all that are wanted, bytes, the files.

    `damaged` counts the places that were left out, `damages` are the first of them; `bodiless` counts revisits
    whose body this archive does not hold; `reserved` those visits that were left out for what they declare; `newest`
    is the time of the newest capture, UTC text.
    """

    articles: int = 0
    wanted: int = 0
    exchanges: int = 0
    files: list[str] = field(default_factory=list)
    damaged: int = 0
    damages: list[Damage] = field(default_factory=list)
    bodiless: int = 0
    reserved: int = 0
    newest: str = ""

    def leave_out(self, damage: Damage) -> None:
        """Take note of a damaged place; the same one again tells nothing new."""
        if damage in self.damages[-2:]:
            return
        self.damaged += 1
        if len(self.damages) < MANY:
            self.damages.append(damage)


Progress = Callable[[Copied], None]


def write_warcs(
    articles: Iterable[Article],
    index: Index,
    layout: Layout,
    folder: Path,
    name: str,
    *,
    visits: bool = False,
    without: Collection[str] = (),
    max_bytes: int = MAX_BYTES,
    progress: Progress = lambda copied: None,
) -> Copied:
    """Write ``NAME-00001.warc.gz`` ... into `folder`: the records that the articles were read from.

    With `visits` every exchange of each article, but those of versions that declare one of `without`. The files
    appear when all of them are whole; those that an earlier export of this name had more are removed. Damaged records
    are left out and told in the result. Raises NothingFound without an article, DamagedError where not one record
    could be copied, ArchiveError where nothing can be written.
    """
    done = Copied()
    with writing(folder), gathered(folder / f"{name}{GATHERED}") as gathering:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, name, PART, 0)
        gather(articles, index, gathering, done, visits=visits, without=without)
        parts = Parts(name, lambda part, room: _File(folder / f"{part}{PART}"), max_bytes=max_bytes)
        try:
            copy(gathering, layout.warcs, parts, done, progress=progress)
            for part in parts.names:
                os.replace(folder / f"{part}{PART}", folder / part)
            _sweep(folder, name, "", len(parts.names))
            sync_folder(folder)
        finally:
            parts.close()
            with suppress(OSError):
                _sweep(folder, name, PART, 0)
    return done


def part_name(text: str) -> str:
    """Return a text as the name of files can begin."""
    return _UNWANTED.sub("-", text).strip("-.")[:80] or "archive"


def _sweep(folder: Path, name: str, ending: str, kept: int) -> None:
    """Remove the parts of an earlier export of this name, but the first `kept`."""
    part = re.compile(rf"{re.escape(name)}-(\d{{5,}})\.warc\.gz{re.escape(ending)}")
    for path in folder.iterdir():
        if (match := part.fullmatch(path.name)) and int(match[1]) > kept:
            path.unlink()


class _File:
    """A new file that lasts once it is closed."""

    def __init__(self, path: Path) -> None:
        self._stream: BinaryIO = path.open("xb")

    def write(self, data: bytes) -> int:
        return self._stream.write(data)

    def close(self) -> None:
        with self._stream:
            self._stream.flush()
            os.fsync(self._stream.fileno())


@contextmanager
def gathered(path: Path) -> Iterator[Gathering]:
    """Open a gathering beside what is to be written, and throw it away in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(Gathering(path)) as gathering:
        yield gathering


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Raise SpaceError or ArchiveError where the disk refuses to take what is written to `target`."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        kind, remedy = (SpaceError, "make room on the disk") if full else (ArchiveError, "")
        told = f"cannot be written: {error.strerror or error}"
        raise kind(told, where=str(target), remedy=remedy) from error


def gather(
    articles: Iterable[Article],
    index: Index,
    gathering: Gathering,
    done: Copied,
    *,
    visits: bool = False,
    without: Collection[str] = (),
    page: Callable[[Article], bytes] | None = None,
) -> None:
    """Take note of the records of articles, and of their pages where `page` makes lines of them.

    `visits` and `without` are those of `write_warcs`.
    Raises NothingFound where there is no article.
    """
    for article in articles:
        done.articles += 1
        gathering.want(article.location)
        if page is not None:
            gathering.add_page(article.location, page(article))
        for where, rights in index.records(article.id) if visits else ():
            if any(right in without for right in rights):
                done.reserved += 1
            else:
                gathering.want(where)
    if not done.articles:
        raise NothingFound("no article matches, so nothing was written")
    done.wanted = gathering.count()


def copy(
    gathering: Gathering,
    warcs: Path,
    parts: Parts,
    done: Copied,
    *,
    add: Callable[[Entry], None] = lambda entry: None,
    progress: Progress = lambda copied: None,
) -> None:
    """Copy what was gathered into `parts`, and close them; `add` is told where each exchange lies then.

    Raises DamagedError where there is nothing that could be copied.
    """
    for filename in gathering.files():
        for origin, picked in _picked(gathering, warcs, filename):
            for damage in picked.damages:
                done.leave_out(damage)
            if origin is None or picked.group is None:
                gathering.miss(filename, picked.offset)
            elif kept := _put(origin, picked, parts):
                done.exchanges += 1
                done.newest = max(done.newest, kept.at)
                done.bodiless += kept.revisit and not gathering.bodied(filename, picked.offset)
                add(kept)
            progress(done)
    parts.close()
    done.files = parts.names
    if not done.exchanges:
        raise DamagedError(
            "not one record could be copied", where=str(warcs), remedy="'archiver verify' says why"
        )


def _picked(
    gathering: Gathering, warcs: Path, filename: str
) -> Iterator[tuple[Origin | None, picking.Picked]]:
    """Yield what is wanted of one file, with the file; without it where it cannot be read."""
    try:
        stream = reader.locate(warcs, filename).open("rb", buffering=256 * 1024)
    except (OSError, DamagedError) as error:
        for lost in picking.unreadable(filename, gathering.of(filename), error):
            yield None, lost
        return
    with stream:
        origin = Origin(stream, filename)
        for picked in picking.pick(stream, filename, gathering.of(filename)):
            yield origin, picked


def _put(origin: Origin, picked: picking.Picked, parts: Parts) -> Entry | None:
    assert picked.group is not None
    try:
        return entry(picked.group, parts.put(origin, picked.info, picked.group))
    except ValueError as error:  # it was whole a moment ago, and half of it is written
        where = f"{origin.name} offset {picked.offset}"
        raise DamagedError(f"was changed while it was copied: {error}", where=where) from error
