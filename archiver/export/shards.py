"""The files of a folder, one behind the other, and a journal of those that are whole.

A killed export goes on behind them: its rows are read again, for whether they are still what the files were
made of, and are not written again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archiver import __version__
from archiver.export.files import settle
from archiver.export.formats import FILES_A_FOLDER, SUFFIXES, Writer, opened
from archiver.export.rows import NAMES, Row
from archiver.export.taking import Wanted

if TYPE_CHECKING:
    from hashlib import _Hash

JOURNAL, DATA = "progress.json", "data"
ONLY = "train"  # the split of a dataset without splits, as others expect it
_TOLD = tuple(
    name for name in NAMES if name not in ("text", "paragraphs")
)  # text_hash tells of these
_PIECE = 1 << 20


class Changed(Exception):
    """The rows are no longer those that the whole files were made of."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A whole file (or folder of texts): `path` inside the dataset, and a digest of the rows in it."""

    path: str
    split: str
    rows: int
    size: int
    sha256: str
    digest: str


class Journal:
    """Which shards of an export into `folder` are whole, for the next time."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        """Begin an empty journal."""
        self._folder = folder
        self._wanted = f"{__version__} {wanted!r}"
        self.shards: list[Shard] = []

    def resume(self) -> str:
        """Take up the shards that are there and whole; returns "", or why none are where some were begun."""
        try:
            found = json.loads((self._folder / JOURNAL).read_text("utf-8"))
            shards = [Shard(**one) for one in found["shards"]]
        except FileNotFoundError:
            return ""
        except (ValueError, TypeError, KeyError):
            return "its journal cannot be read"
        if found.get("wanted") != self._wanted:
            return "it was another command, or another archiver"
        self.shards = [one for one in shards if self._is_whole(one)]
        return "" if self.shards == shards else self._forget()

    def _is_whole(self, shard: Shard) -> bool:
        path = self._folder / shard.path
        return path.exists() and sha256(path)[1] == shard.sha256

    def _forget(self) -> str:
        self.shards = []
        return "its files are not what they were"

    def tidy(self) -> None:
        """Take away all that is in the folder and is no whole shard."""
        kept = {self._folder / shard.path for shard in self.shards}
        for path in [*self._folder.glob("*"), *(self._folder / DATA).glob("*")]:
            if path in kept or path == self._folder / DATA:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif not (self.shards and path.name == JOURNAL):
                path.unlink()

    def add(self, shard: Shard) -> None:
        """Note a shard that is on the disk, in a way that lasts."""
        self.shards.append(shard)
        told = {"wanted": self._wanted, "shards": [asdict(one) for one in self.shards]}
        settle(self._folder / DATA)
        write_lasting(self._folder / JOURNAL, json.dumps(told, indent=1))


class Series:
    """The shards of one split."""

    def __init__(self, folder: Path, split: str, wanted: Wanted, journal: Journal) -> None:
        """Go on behind those that the journal has."""
        self._folder, self._split, self._wanted, self._journal = folder, split, wanted, journal
        self._kept = [one for one in journal.shards if one.split == split]
        self._number = 0
        self._writer: Writer | None = None
        self._rows, self._digest = 0, hashlib.sha256()
        self.long = 0

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows, or see that they are written. Raises Changed."""
        _update(self._digest, rows)
        self._rows += len(rows)
        if self._number < len(self._kept):
            self._compare(self._kept[self._number])
            return
        if self._writer is None:
            self._writer = opened(
                self._wanted.format, self._folder / self._path, self._wanted.style
            )
        self._writer.write(rows)
        most = FILES_A_FOLDER if self._wanted.format == "txt" else self._wanted.shard_size
        if self._writer.size >= most:
            self._end()

    @property
    def _path(self) -> str:
        return f"{DATA}/{self._split}-{self._number:05}{SUFFIXES[self._wanted.format]}"

    def _compare(self, shard: Shard) -> None:
        if self._rows < shard.rows:
            return
        if (self._rows, self._digest.hexdigest()) != (shard.rows, shard.digest):
            raise Changed
        self._next()

    def _next(self) -> None:
        self._number += 1
        self._rows, self._digest = 0, hashlib.sha256()

    def _end(self) -> None:
        assert self._writer is not None
        self._writer.close()
        self.long += getattr(self._writer, "long", 0)
        self._writer = None
        size, digest = sha256(self._folder / self._path)
        told = Shard(self._path, self._split, self._rows, size, digest, self._digest.hexdigest())
        self._journal.add(told)
        self._next()

    def close(self) -> None:
        """End the last shard. Raises Changed where there were more rows before."""
        if self._number < len(self._kept):
            raise Changed
        if self._writer is not None:
            self._end()

    def abandon(self) -> None:
        """Let go of the shard that is not whole."""
        if self._writer is not None:
            self._writer.abandon()


def _update(digest: _Hash, rows: Sequence[Row]) -> None:
    from archiver.export.lines import encoded

    digest.update(encoded([{name: row[name] for name in _TOLD} for row in rows]))


def sha256(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file; of a folder, of the lines that a manifest has of its files."""
    digest, size = hashlib.sha256(), 0
    if path.is_dir():
        for name, length, found in manifest(path):
            digest.update(f"{found}  {name}\n".encode())
            size += length
        return size, digest.hexdigest()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def manifest(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Yield name, size and SHA-256 of each file in a folder and those below it, in the order of their names."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            yield path.relative_to(folder).as_posix(), *sha256(path)


def write_lasting(path: Path, text: str | bytes) -> None:
    """Write a small file that is there, whole and on the disk, or not at all."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as stream:
        stream.write(text.encode() if isinstance(text, str) else text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    settle(path.parent)


def by_split(shards: Sequence[Shard], wanted: Wanted) -> dict[str, list[Shard]]:
    """Return the shards of each split that has some, the splits as they follow each other in time."""
    names = [split.name for split in wanted.splits] or [ONLY]
    found = {name: [one for one in shards if one.split == name] for name in names}
    return {name: sorted(some, key=lambda one: one.path) for name, some in found.items() if some}
