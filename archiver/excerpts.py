"""Write the records of articles into WARC files of their own, whole and unchanged.

What is wanted is gathered on disk first, so that records are copied in the archive's order, each once: a response or
revisit with its request and metadata, and for a revisit the exchange that holds its body. The same articles
make the same bytes, also where an export was killed and goes on (see `archiver.remains`).
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from archiver.errors import ArchiveError, DamagedError, NothingFound, SpaceError
from archiver.layout import Layout
from archiver.remains import GATHERED, PART, Tell, Told, check, gathered, has, keep, stamp_of
from archiver.store.gathering import Gathering
from archiver.store.search import Index
from archiver.types import Article, Damage, Entry
from archiver.warc import picking, reader
from archiver.warc.copying import Origin, Parts, entry
from archiver.warc.writer import MAX_BYTES, sync_folder

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

    def restore(self, told: Told) -> None:
        """Go on where an earlier export was at the end of a part."""
        for name in ("exchanges", "damaged", "bodiless", "newest"):
            setattr(self, name, told[name])
        self.damages = [Damage(**one) for one in told["damages"]]

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
    tell: Tell = lambda message: None,
) -> Copied:
    """Write ``NAME-00001.warc.gz`` ... into `folder`: the records that the articles were read from.

    With `visits` every exchange of each article, but those of versions that declare one of `without`. The files appear
    when all of them are whole; those that an earlier export of this name had more are removed. Damaged records are
    left out and told in the result; `tell` is told where an export that was killed goes on, or why it does not.
    Raises NothingFound without an article, DamagedError where not one record could be copied, LockedError where
    another process writes the same, ArchiveError where nothing can be written.
    """
    done = Copied()

    def tidy(kept: int) -> None:
        _sweep(folder, name, PART, kept)

    journal = folder / f"{name}{GATHERED}"
    with writing(folder), gathered(journal, layout, max_bytes, tidy=tidy, tell=tell) as gathering:
        gather(articles, index, gathering, done, visits=visits, without=without)
        kept = keep(gathering, layout.warcs, lambda told: _is_whole(folder, told), tell)
        tidy(len(kept))
        ended = {told["name"]: told for told in kept}

        def begin(part: str, room: int) -> _File:
            return _File(folder / f"{part}{PART}", lambda told: ended.update({part: told}))

        parts = Parts(name, begin, max_bytes=max_bytes, names=list(ended))
        try:
            copy(gathering, layout.warcs, parts, done, ended.__getitem__, progress=progress)
        finally:
            parts.close()
        check(gathering, layout, max_bytes)
        for part in parts.names:
            os.replace(folder / f"{part}{PART}", folder / part)
        _sweep(folder, name, "", len(parts.names))
        sync_folder(folder)
    return done


def _is_whole(folder: Path, told: Told) -> bool:
    path = folder / f"{told['name']}{PART}"
    try:
        with path.open("rb") as stream:
            return path.stat().st_size == told["bytes"] and has(stream, 0, told)
    except OSError:
        return False


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
    """A new file that lasts once it is closed; then its name, size and digest are told."""

    def __init__(self, path: Path, told: Callable[[Told], None]) -> None:
        self._stream: BinaryIO = path.open("xb")
        self._name = path.name.removesuffix(PART)
        self._told = told
        self._sha256 = sha256()

    def write(self, data: bytes) -> int:
        self._sha256.update(data)
        return self._stream.write(data)

    def close(self) -> None:
        with self._stream:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            size = self._stream.tell()
        digest = self._sha256.hexdigest()
        self._told({"name": self._name, "bytes": size, "hash": f"sha256:{digest}"})


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
    about: Callable[[str], Told],
    *,
    add: Callable[[Entry], None] = lambda entry: None,
    progress: Progress = lambda copied: None,
) -> None:
    """Copy what was gathered into `parts`, and close them; `add` is told where each exchange lies then.

    Begins behind the parts that are kept. `about` says of one that is on the disk what must be known to keep it.
    Raises DamagedError where there is nothing that could be copied.
    """
    if gathering.ended:
        done.restore(json.loads(gathering.ended[-1].told)["done"])
    for filename in gathering.files():
        for origin, picked in _picked(gathering, warcs, filename):
            kept = _put(origin, picked, parts) if origin and picked.group else None
            if len(parts.names) > len(gathering.ended) + 1:  # one has ended before this exchange
                so_far = {"done": asdict(done), **about(parts.names[-2])}
                gathering.end_part((filename, picked.offset), json.dumps(so_far))
            for damage in picked.damages:
                done.leave_out(damage)
            if origin is None or picked.group is None:
                gathering.miss(filename, picked.offset)
            elif kept:
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
    gathering.saw(filename, stamp_of(warcs, filename))
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
