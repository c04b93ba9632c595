"""What a process does to the files of an archive, one point after the other."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Point:
    """One thing done to the archive's files; `size` is the file's before a write, `data` the bytes.

    At a commit `data` is the log (WAL) behind it, `base` the index file itself, and `lasting` tells
    whether the log was synced.
    """

    what: str
    path: str = ""
    to: str = ""
    size: int = 0
    data: bytes = b""
    base: bytes = b""
    lasting: bool = False


def load(path: Path) -> list[Point]:
    """Read what the launcher has recorded, in one process or in several."""
    points: list[Point] = []
    with path.open("rb") as stream:
        while stream.peek(1):
            points.append(pickle.load(stream))
    return points
