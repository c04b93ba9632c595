"""Write articles as rows: JSON lines or CSV, streamed, each row with where its bytes lie."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from archiver.errors import ArchiveError
from archiver.timestamps import iso
from archiver.types import Article, Moment

FORMATS = ("jsonl", "csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row(article: Article) -> dict[str, Any]:
    """Return `article` as a row; the fields are described in ``docs/export.md``."""
    document = article.document
    return {
        "id": article.id,
        "url": article.fetched_url,
        "canonical_url": article.url,
        "source": article.source,
        "title": document.title,
        "authors": list(document.authors),
        **_moment("published", document.published),
        **_moment("modified", document.modified),
        "language": document.language,
        "section": document.section,
        "tags": list(document.tags),
        "text": document.text,
        "text_hash": article.text_hash,
        "version": article.version,
        "first_seen": iso(article.first_seen),
        "last_seen": iso(article.last_seen),
        "gone_at": iso(article.gone_at) if article.gone_at else None,
        "completeness": article.completeness.value,
        "rights": list(document.rights),
        "flags": list(document.flags),
        "captured_at": iso(article.captured_at),
        "status": article.status,
        "mime": article.mime,
        "warc_filename": article.location.filename,
        "warc_offset": article.location.offset,
        "warc_length": article.location.length,
        "warc_record_id": article.location.record_id,
        "warc_payload_digest": article.digest,
        "extractor": document.extractor,
        "extractor_version": document.extractor_version,
    }


def _moment(name: str, moment: Moment | None) -> dict[str, str | None]:
    return {
        f"{name}_at": iso(moment.at) if moment else None,
        f"{name}_zone": moment.zone if moment else None,
        f"{name}_precision": moment.precision if moment else None,
        f"{name}_origin": moment.origin if moment else None,
    }


FIELDS = [
    "id",
    "url",
    "canonical_url",
    "source",
    "title",
    "authors",
    "published_at",
    "published_zone",
    "published_precision",
    "published_origin",
    "modified_at",
    "modified_zone",
    "modified_precision",
    "modified_origin",
    "language",
    "section",
    "tags",
    "text",
    "text_hash",
    "version",
    "first_seen",
    "last_seen",
    "gone_at",
    "completeness",
    "rights",
    "flags",
    "captured_at",
    "status",
    "mime",
    "warc_filename",
    "warc_offset",
    "warc_length",
    "warc_record_id",
    "warc_payload_digest",
    "extractor",
    "extractor_version",
]


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
    writer.writerow(FIELDS)

    def write_row(values: dict[str, Any]) -> None:
        writer.writerow([_cell(values[name]) for name in FIELDS])

    return write_row


def _cell(value: Any) -> str:
    """Return a CSV cell; a text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, list):
        value = "; ".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
