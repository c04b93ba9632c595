"""The readings of a run, kept until its sources are settled: most of them need not be made again.

They lie in a temporary file, packed; what finds no room there is read again, which makes the same rows.
"""

from __future__ import annotations

import pickle
import tempfile
import zlib
from contextlib import suppress
from typing import IO

from archiver.types import Kind, Reading, RecordLocation, Snapshot

ROOM = 256 * 1024 * 1024  # bytes of the file: some 60,000 pages


class Readings:
    """What was read in this run from which record. Not for two threads at once."""

    def __init__(self, room: int = ROOM) -> None:
        """Keep nothing yet; the file is made with the first reading, and is gone with the process."""
        self._file: IO[bytes] | None = None
        self._places: dict[tuple[str, int], tuple[int, int]] = {}
        self._end, self._room = 0, room

    def close(self) -> None:
        """Forget all of it."""
        if self._file is not None:
            self._file.close()

    def keep(self, snapshot: Snapshot, reading: Reading | None) -> None:
        """Keep what was read, but of revisits (their bodies may come later) and what tells of no leaning."""
        unread = reading is not None and not reading.leaning
        if snapshot.original or unread or snapshot.capture.link.kind is not Kind.ARTICLE:
            return
        data = zlib.compress(pickle.dumps((snapshot, reading)), 1)
        if self._end + len(data) > self._room:
            return
        with suppress(OSError):  # no room on the disk: then it is read again
            self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()
            where = snapshot.location
            self._places[where.filename, where.offset] = self._end, len(data)
            self._end += len(data)

    def of(self, where: RecordLocation) -> tuple[Snapshot, Reading | None] | None:
        """Return what was read from the record at `where`, if it is kept."""
        place = self._places.get((where.filename, where.offset))
        if place is None or self._file is None:
            return None
        self._file.seek(place[0])
        kept: tuple[Snapshot, Reading | None] = pickle.loads(
            zlib.decompress(self._file.read(place[1]))
        )
        return kept
