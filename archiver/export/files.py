"""Write articles as rows: JSON lines or CSV, streamed, each row with where its bytes lie."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from archiver.documents import Article
from archiver.errors import ArchiveError
from archiver.export.rows import NAMES, row

FORMATS = ("jsonl", "csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(articles: Iterable[Article], format_name: str, stream: TextIO) -> int:
    """Write `articles` to `stream` as "jsonl" or "csv"; returns how many."""
    count = 0
    writer = _csv_writer(stream) if format_name == "csv" else _json_writer(stream)
    for article in articles:
        writer(row(article))
        count += 1
    return count


def write_file(articles: Iterable[Article], format_name: str, path: Path) -> int:
    """Write `articles` to the file `path`, which appears only when it is whole and has a row.

    Raises ArchiveError where it cannot be written.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as stream:  # a device or a pipe
            return write(articles, format_name, stream)
    path = path.resolve()  # through a link to its target
    part = path.with_name(path.name + ".part")
    try:
        # newline="": the csv module writes its own line ends, and JSON lines have "\n" everywhere.
        with part.open("w", encoding="utf-8", newline="") as stream:
            count = write(articles, format_name, stream)
            stream.flush()
            os.fsync(stream.fileno())
        if count:
            os.replace(part, path)
    except OSError as error:
        raise ArchiveError(f"cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        with suppress(OSError):  # also after Ctrl-C; renamed by now where all went well
            part.unlink(missing_ok=True)
    return count


def _json_writer(stream: TextIO) -> Callable[[dict[str, Any]], None]:
    def write_row(values: dict[str, Any]) -> None:
        stream.write(json.dumps(values, ensure_ascii=False) + "\n")

    return write_row


def _csv_writer(stream: TextIO) -> Callable[[dict[str, Any]], None]:
    writer = csv.writer(stream)
    writer.writerow(NAMES)

    def write_row(values: dict[str, Any]) -> None:
        writer.writerow([_cell(values[name]) for name in NAMES])

    return write_row


def _cell(value: Any) -> str:
    """Return a CSV cell; a text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, list):
        value = "; ".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
