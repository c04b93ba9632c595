"""Rows as CSV, which spreadsheets may open: no text runs as a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from archiver.export.rows import FIELDS, NAMES, Field, Row

LONGEST = 32_767  # UTF-16 units of a cell in Excel; it cuts what is longer
# OWASP, "CSV Injection"; the wide forms are for East Asian spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_OURS = ("published_zone", "modified_zone")  # +03:00, which we have made
_BOM = b"\xef\xbb\xbf"


class Cells:
    """Writes CSV (RFC 4180) in UTF-8 to a stream: a header, then a line a row."""

    def __init__(self, stream: BinaryIO, *, raw: bool = False, excel: bool = False) -> None:
        """Write to `stream`, which stays open.

        With `raw` every text is as it is, formulas and NUL too. With `excel` it begins with the mark by which
        Excel knows UTF-8, and cells that Excel would cut are counted in `long`.
        """
        self._stream = stream
        self._excel = excel
        self.long = 0
        self._cells = [(field.name, _written(field, raw)) for field in FIELDS]
        self._stream.write((_BOM if excel else b"") + _table([NAMES]))

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._stream.tell()

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        cells = [[write(row[name]) for name, write in self._cells] for row in rows]
        if self._excel:
            self.long += sum(_too_long(cell) for line in cells for cell in line)
        self._stream.write(_table(cells))

    def close(self) -> None:
        """Write nothing more: a table has no end."""

    def abandon(self) -> None:
        """Hold nothing."""


def _table(lines: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(lines)
    return stream.getvalue().encode()


def _written(field: Field, raw: bool) -> Callable[[Any], str]:
    """Return what makes a cell of a value of a field."""
    if field.name == "paragraphs":  # whose texts hold everything that could part them
        return lambda value: json.dumps(value, ensure_ascii=False)
    if field.type == "boolean":
        return lambda value: "" if value is None else str(value).lower()
    join = "; ".join if field.type == "list" else lambda value: "" if value is None else str(value)
    if raw or field.type in ("integer", "time") or field.name in _OURS:
        return join
    return lambda value: _harmless(join(value))


def _harmless(text: str) -> str:
    """Return a text without NUL, at which readers end, and with an apostrophe where it would be a formula."""
    text = text.replace("\0", "\ufffd") if "\0" in text else text
    return f"'{text}" if text.startswith(_FORMULA) else text


def _too_long(cell: str) -> bool:
    return len(cell) * 2 > LONGEST and len(cell.encode("utf-16-le")) > 2 * LONGEST
