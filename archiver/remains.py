"""What an export of records that was killed has left, and how much of it can stay.

A part stays where it would be made again byte for byte: the same exchanges are wanted, up to and with the first one
behind it; the files that they lie in are as large as they were and were not changed; nothing was taken down since;
and the part's own bytes have the digest that they had. What stands behind it is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from archiver import __version__
from archiver.errors import ArchiveError, DamagedError, NothingFound
from archiver.layout import Layout
from archiver.store.gathering import Gathering, Stamp
from archiver.warc import reader

PART = ".part"
GATHERED = f".gathered{PART}"
_PIECE = 1 << 20

Tell = Callable[[str], None]
Told = dict[str, Any]  # what was written down of a part that is whole


@contextmanager
def gathered(
    path: Path, layout: Layout, max_bytes: int, *, tidy: Callable[[int], None], tell: Tell
) -> Iterator[Gathering]:
    """Open a gathering beside what is to be written; it stays where parts are whole and the export was stopped.

    In the end `tidy` is told how many parts stay, and takes away the rest of what is not whole.
    Raises LockedError while another process writes the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    gathering = Gathering(path, _made_by(layout, max_bytes))
    stays = 0
    try:
        yield gathering
    except NothingFound:
        raise
    except BaseException:
        stays = len(gathering.ended)
        if stays:
            tell("what is whole is kept: the same command goes on with it")
        raise
    finally:
        with suppress(OSError):
            tidy(stays)
        gathering.close(stay=bool(stays))


def _made_by(layout: Layout, max_bytes: int) -> str:
    """Return what the bytes of parts hang on, beside the records that are wanted and their files."""
    log = layout.takedowns
    taken_down = sha256(log.read_bytes()).hexdigest() if log.exists() else ""
    return json.dumps([__version__, max_bytes, taken_down])


def check(gathering: Gathering, layout: Layout, max_bytes: int) -> None:
    """Raise ArchiveError where something was taken down while it was copied; no part stays then."""
    if _made_by(layout, max_bytes) != gathering.made_by:
        gathering.ended = []
        raise ArchiveError(
            "something was taken down meanwhile, so nothing was written",
            where=str(layout.takedowns),
            remedy="give the same command again",
        )


def keep(
    gathering: Gathering, warcs: Path, whole: Callable[[Told], bool], tell: Tell
) -> list[Told]:
    """Keep the parts that are what they would be now, and return what was told of them.

    `whole` says whether the bytes of a part are what they were.
    """
    told: list[Told] = []
    try:
        told += (json.loads(ended.told) for ended in gathering.ended)
    except ValueError:
        told, gathering.why_anew = [], "its journal cannot be read"
    count, why = _standing(gathering, warcs, told, whole)
    if count:
        of = "" if count == len(told) else f" of {len(told)}"
        tell(f"going on with an earlier export: {count}{of} files of it are whole")
    elif why or gathering.why_anew:
        tell(f"an earlier export is begun anew: {why or gathering.why_anew}")
    gathering.keep(count)
    return told[:count]


def _standing(
    gathering: Gathering, warcs: Path, told: list[Told], whole: Callable[[Told], bool]
) -> tuple[int, str]:
    """Return how many parts can stay, and why no more of them."""
    if not told:
        return 0, ""
    apart = gathering.apart()
    changed = next(
        (name for name, then in gathering.sources() if then != stamp_of(warcs, name)), None
    )
    for number, ended in enumerate(gathering.ended):
        if apart is not None and apart <= ended.following:
            return number, "other records are wanted than before"
        if changed is not None and changed <= ended.following[0]:
            return number, f"{changed} was changed"
        if not whole(told[number]):
            return number, "its files are not what they were"
    return len(told), ""


def stamp_of(warcs: Path, filename: str) -> Stamp:
    """Return size and time of change of a WARC file, None where it cannot be read."""
    try:
        state = reader.locate(warcs, filename).stat()
    except (OSError, DamagedError):
        return None
    return state.st_size, state.st_mtime_ns


def has(stream: BinaryIO, begin: int, told: Told) -> bool:
    """Tell whether the bytes of a part stand in a file from `begin` on."""
    digest, left = sha256(), told["bytes"]
    stream.seek(begin)
    while left and (piece := stream.read(min(_PIECE, left))):
        digest.update(piece)
        left -= len(piece)
    return not left and told["hash"] == f"sha256:{digest.hexdigest()}"
