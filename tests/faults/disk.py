"""What a disk may hold after a power cut: all that was synced, and of the rest anything.

The model is harder than most file systems: bytes that no sync has reached may be gone, torn anywhere or
zeros in any sector; a name whose folder was not synced may be the old one or missing. Of the index, the
log (WAL) may end anywhere behind the last commit that was synced: with synchronous = NORMAL, SQLite
promises no more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.faults.points import Point

PAGE = 4096
SECTOR = 512
Damaging = Callable[[bytes, int, random.Random], tuple[bytes, str]]


@dataclass(slots=True)
class File:
    """A file: its bytes, how many of them are synced, and what names it may have after a cut."""

    data: bytes = b""
    synced: int = 0
    names: list[str | None] = field(
        default_factory=list
    )  # None: no name at all; the last is its own


@dataclass(slots=True)
class Disk:
    """The archive's files as a process has left them, and how much of that will last."""

    files: dict[str, File] = field(default_factory=dict)
    index: Point | None = None
    index_synced: int = 0

    def do(self, point: Point) -> None:
        """Do what the process did."""
        match point.what:
            case "create":
                self.files[point.path] = File(names=[None, point.path])
            case "write":
                self.files[point.path].data += point.data
            case "truncate":
                held = self.files[point.path]
                held.data = held.data[: point.size]
                held.synced = min(held.synced, point.size)
            case "rename" if point.path in self.files:
                moved = self.files[point.to] = self.files.pop(point.path)
                moved.names.append(point.to)
            case "unlink":
                self.files.pop(point.path, None)
            case "sync":
                self._sync(point.path)
            case "commit":
                self._commit(point)

    def _sync(self, path: str) -> None:
        if path in self.files:
            self.files[path].synced = len(self.files[path].data)
        for name, held in self.files.items():
            if str(Path(name).parent) == path:
                held.names = held.names[-1:]

    def _commit(self, point: Point) -> None:
        if not (self.index and point.data.startswith(self.index.data[: self.index_synced])):
            self.index_synced = 0
        if point.lasting:
            self.index_synced = len(point.data)
        self.index = point

    def whole(self, archive: Path) -> None:
        """Write the files as the process saw them."""
        for name, held in self.files.items():
            _put(Path(name), held.data)
        self._put_index(archive, self.index.data if self.index else b"", b"")

    def cut(self, archive: Path, chance: random.Random, damage: Damaging | None = None) -> str:
        """Write the files as they may be after a power cut; returns what was done to them."""
        damage = damage or damaged
        done = []
        for held in self.files.values():
            name = chance.choice(held.names)
            if name is None:
                done.append("a new file without a name")
                continue
            data, what = damage(held.data, held.synced, chance)
            _put(Path(name), data)
            done.append(f"{Path(name).name[-16:]}: {what}")
        log, what = damage(self.index.data if self.index else b"", self.index_synced, chance)
        self._put_index(
            archive, log, chance.choice([b"", bytes(8 * PAGE), chance.randbytes(8 * PAGE)])
        )
        return "; ".join([*done, f"log: {what}"])

    def _put_index(self, archive: Path, log: bytes, shared: bytes) -> None:
        (archive / "warcs").mkdir(parents=True, exist_ok=True)
        if self.index is None:
            return
        for suffix, data in {"": self.index.base, "-wal": log, "-shm": shared}.items():
            if data:
                (archive / f"index.db{suffix}").write_bytes(data)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def disk_at(points: Sequence[Point], until: int) -> Disk:
    """Return the disk after the first `until` points."""
    disk = Disk()
    for point in points[:until]:
        disk.do(point)
    return disk


def moved(points: Sequence[Point], old: Path, new: Path) -> list[Point]:
    """Return the points as if they had happened in another folder."""

    def elsewhere(path: str) -> str:
        return str(new) + path.removeprefix(str(old)) if path else ""

    return [replace(p, path=elsewhere(p.path), to=elsewhere(p.to)) for p in points]


def synced_only(data: bytes, synced: int, chance: random.Random) -> tuple[bytes, str]:
    """Return what is left of a file for certain."""
    return data[:synced], "what was synced"


def damaged(data: bytes, synced: int, chance: random.Random) -> tuple[bytes, str]:
    """Return what may be left of a file, and in words what that is."""
    tail = len(data) - synced
    if not tail:
        return data, "all"
    at = synced + chance.randrange(tail)
    match chance.randrange(7):
        case 0:
            return data, f"all, {tail} bytes by luck"
        case 1:
            return data[:synced], f"without {tail} bytes"
        case 2:
            return data[:at], f"torn, {at - synced} of {tail} bytes"
        case 3:
            return data[:at] + bytes(len(data) - at), f"zeros behind {at - synced} of {tail} bytes"
        case 4:
            return data[:synced] + bytes(tail), f"{tail} zeros"
        case 5:
            end = chance.randint(at, len(data))
            return data[:at] + bytes(end - at) + data[end:], f"a hole of {end - at} of {tail} bytes"
        case _:
            return _sectors(data, synced, chance), f"some sectors of {tail} bytes"


def _sectors(data: bytes, synced: int, chance: random.Random) -> bytes:
    """Return `data` with zeros in the place of sectors that were not written."""
    pieces = [data[:synced]]
    while synced < len(data):
        end = min(len(data), synced - synced % SECTOR + SECTOR)
        pieces.append(data[synced:end] if chance.random() < 0.5 else bytes(end - synced))
        synced = end
    return b"".join(pieces)
