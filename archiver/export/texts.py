"""Articles as text files, one each, in a folder beside a file of their rows.

A file is title, empty line and text, in UTF-8 and without a line feed at the end: so its SHA-256 is the row's
``text_hash``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from archiver.export.lines import encoded
from archiver.export.rows import Row

ROWS = "rows.jsonl"
_LONGEST = 60  # bytes of a title in a name


class Texts:
    """Writes one folder of text files."""

    def __init__(self, folder: Path) -> None:
        """Make `folder`."""
        folder.mkdir()
        self._folder = folder
        self._rows = (folder / ROWS).open("wb")
        self.size = 0  # files, for who wants not too many in a folder

    def write(self, rows: Sequence[Row]) -> None:
        """Write some articles."""
        named = [(name(row), row) for row in rows]
        for file, row in named:
            (self._folder / file).write_bytes(f"{row['title']}\n\n{row['text']}".encode())
        self._rows.write(encoded([_described(file, row) for file, row in named]))
        self.size += len(rows)

    def close(self) -> None:
        """Close the file of rows."""
        self._rows.close()


def name(row: Row) -> str:
    """Return a file's name: id, version, and the letters and digits of the title, whatever else is in it."""
    letters = (c if c.isalnum() else "-" for c in unicodedata.normalize("NFC", row["title"]))
    title = "-".join(filter(None, "".join(letters).split("-")))
    cut = title.encode()[:_LONGEST].decode(errors="ignore").rstrip("-")
    return "-".join(filter(None, (str(row["id"]), f"v{row['version']}", cut))) + ".txt"


def _described(file: str, row: Row) -> Row:
    return {
        "file": file, **{name: row[name] for name in row if name not in ("text", "paragraphs")}
    }  # fmt: skip
