"""Rows as JSON lines, plain or compressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import orjson
import zstandard

from archiver.export.rows import Row

LEVEL = (
    3  # zstd's own; told, for other versions of it may have another, and files are to be the same
)
# What some readers take for the end of a line; inside JSON they may be escaped as well. By the first byte of each.
_ENDS = (
    (b"\xe2", (("\u2028".encode(), b"\\u2028"), ("\u2029".encode(), b"\\u2029"))),
    (b"\xc2", (("\u0085".encode(), b"\\u0085"),)),
)


def encoded(rows: Sequence[Row]) -> bytes:
    """Return rows as lines of JSON in UTF-8; only a line feed ends a line, whoever reads them."""
    return b"".join(map(_line, rows))


def _line(row: Row) -> bytes:
    line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    for first, ends in _ENDS:
        if (
            first in line
        ):  # one byte is found twenty times as fast as three, and most lines have none
            for end, escaped in ends:
                line = line.replace(end, escaped)
    return line


class Lines:
    """Writes JSON lines to a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to `stream`, which stays open."""
        self._stream = stream

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._stream.tell()

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        self._stream.write(encoded(rows))

    def close(self) -> None:
        """Write nothing more: lines have no end."""

    def abandon(self) -> None:
        """Hold nothing."""


class CompressedLines(Lines):
    """Writes JSON lines as one zstd frame, with a checksum and without a time."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to `stream`, which stays open."""
        super().__init__(stream)
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        self._stream.write(self._compressor.compress(encoded(rows)))
        # Or it would keep a part in memory, and `size` would not count it.
        self._stream.write(self._compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))

    def close(self) -> None:
        """End the frame."""
        self._stream.write(self._compressor.flush())
