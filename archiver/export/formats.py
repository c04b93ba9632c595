"""The formats of rows, and a file of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from archiver.errors import ArchiveError
from archiver.export.rows import FIELDS, Row

# name: what the names of its files end in
SUFFIXES = {
    "jsonl": ".jsonl", "jsonl.zst": ".jsonl.zst", "csv": ".csv", "parquet": ".parquet", "txt": "",
    "sqlite": ".db",
}  # fmt: skip
FORMATS = tuple(SUFFIXES)
STREAMED = ("jsonl", "jsonl.zst", "csv", "parquet")  # may go to standard output, and in shards
BINARY = ("jsonl.zst", "parquet")  # of them, what is no text
FOLDERS = (*STREAMED, "txt")  # may be a dataset folder; txt is nothing else
FILES_A_FOLDER = 2000  # of txt


@dataclass(frozen=True, slots=True)
class Style:
    """How texts stand in CSV: as they are (`raw`), as Excel opens them right (`excel`)."""

    raw: bool = False
    excel: bool = False


STYLE = Style()


class Writer(Protocol):
    """Writes rows in one format."""

    @property
    def size(self) -> int:
        """How much was written: bytes, or files."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what ends the format."""

    def abandon(self) -> None:
        """Let go of what is open, whole or not; after `close` there is nothing."""


def to_stream(name: str, stream: BinaryIO, style: Style) -> Writer:
    """Return a writer of one of `STREAMED` to a stream that stays open; it need not be seekable."""
    # Each format is loaded where it is written.
    if name == "csv":
        from archiver.export.cells import Cells

        return Cells(stream, raw=style.raw, excel=style.excel)
    if name == "parquet":
        from archiver.export.parquet import Parquet

        return Parquet(stream)
    from archiver.export.lines import CompressedLines, Lines

    return Lines(stream) if name == "jsonl" else CompressedLines(stream)


class File:
    """A file of a format; when it is closed, it is on the disk."""

    def __init__(self, name: str, path: Path, style: Style) -> None:
        """Make the file, or write over the one that is there."""
        self._stream = path.open("wb")
        self._writer = to_stream(name, self._stream, style)

    @property
    def long(self) -> int:
        """How many cells Excel would cut."""
        return getattr(self._writer, "long", 0)

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._writer.size

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        self._writer.write(rows)

    def close(self) -> None:
        """End the format and put the file on the disk."""
        self._writer.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._writer.abandon()
        with suppress(OSError):  # what it still has in memory
            self._stream.close()


class Table:
    """A SQLite file with a table of rows, ``articles``."""

    def __init__(self, path: Path) -> None:
        """Make the file anew."""
        from archiver.store.rowfile import RowFile

        path.open("wb").close()  # SQLite makes a file of one that is empty
        self._path = path
        self._file = RowFile(
            path, "articles", [(f.name, f.type, f.description, f.nullable) for f in FIELDS]
        )

    @property
    def size(self) -> int:
        """How many bytes were written so far."""
        return self._path.stat().st_size

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        self._file.add(rows)

    def close(self) -> None:
        """End it and put it on the disk."""
        self._file.close()
        with self._path.open("rb") as stream:
            os.fsync(stream.fileno())

    def abandon(self) -> None:
        """Close the file, which is none."""
        self._file.abandon()


class Folder:
    """A folder of text files; when it is closed, it is on the disk."""

    def __init__(self, path: Path) -> None:
        """Make the folder."""
        from archiver.export.texts import Texts

        self._texts = Texts(path)

    @property
    def size(self) -> int:
        """How many files were written."""
        return self._texts.size

    def write(self, rows: Sequence[Row]) -> None:
        """Write some articles."""
        self._texts.write(rows)

    def close(self) -> None:
        """Close it and put all of it on the disk."""
        self._texts.close()
        os.sync()  # of thousands of small files each by itself would take minutes

    def abandon(self) -> None:
        """Close the file of rows."""
        self._texts.close()


def opened(name: str, path: Path, style: Style) -> Writer:
    """Return a writer of a new file (or folder) of a format."""
    if name == "sqlite":
        return Table(path)
    return Folder(path) if name == "txt" else File(name, path, style)


def unwritable(error: OSError, path: Path) -> ArchiveError:
    """Return what a user is told where something cannot be written."""
    return ArchiveError(f"cannot be written: {error.strerror}", where=str(path))
