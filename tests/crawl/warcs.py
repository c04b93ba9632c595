"""What stands in an archive's files, read with the standard library alone."""

from __future__ import annotations

import gzip
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.samples import NUMBERED


@dataclass(frozen=True, slots=True)
class Record:
    fields: dict[str, str]
    block: bytes

    @property
    def type(self) -> str:
        return self.fields["WARC-Type"]

    @property
    def url(self) -> str:
        return self.fields.get("WARC-Target-URI", "")

    @property
    def truncated(self) -> str:
        return self.fields.get("WARC-Truncated", "")


def records(archive: Path, kind: str = "") -> list[Record]:
    """Return the records of all WARC files, those of type `kind` alone if one is named."""
    found = []
    for path in sorted((archive / "warcs").glob("*.warc.gz")):
        data = gzip.decompress(path.read_bytes())
        while data:
            head, _, data = data.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            assert lines[0] == "WARC/1.1"
            fields = dict(line.split(": ", 1) for line in lines[1:])
            length = int(fields["Content-Length"])
            assert data[length : length + 4] == b"\r\n\r\n"
            found.append(Record(fields, data[:length]))
            data = data[length + 4 :]
    return [record for record in found if kind in ("", record.type)]


def answers(archive: Path) -> list[Record]:
    """Return response and revisit records, a revisit with the body of the record it refers to.

    What a server said has not changed (304) has no body that was left out.
    """
    found: dict[str, Record] = {}
    for record in records(archive):
        if record.type == "revisit":
            original = found[record.fields["WARC-Refers-To"]]
            for name, field in {"-Target-URI": "WARC-Target-URI", "-Date": "WARC-Date"}.items():
                assert record.fields[f"WARC-Refers-To{name}"] == original.fields[field]
            assert original.type == "response"
            digest = "WARC-Payload-Digest"
            assert record.fields[digest] == original.fields[digest]
            if record.fields["WARC-Profile"].endswith("/server-not-modified"):
                assert record.block.startswith(b"HTTP/1.1 304 ")
            else:
                body = original.block.partition(b"\r\n\r\n")[2]
                record = Record(record.fields, record.block + body)
        if record.type in ("response", "revisit"):
            found[record.fields["WARC-Record-ID"]] = record
    return list(found.values())


def exchanges(archive: Path) -> Counter[tuple[bytes, bytes]]:
    """Return each exchange as the blocks of its request and its response."""
    responses = {r.fields["WARC-Record-ID"]: r.block for r in answers(archive)}
    return Counter(
        (request.block, responses[request.fields["WARC-Concurrent-To"]])
        for request in records(archive, "request")
    )


def responses(archive: Path, url: str) -> list[Record]:
    """Return the responses from `url`, in the order in which they were written."""
    return [record for record in answers(archive) if record.url == url]


def rows(archive: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """Return the rows of a query to the index."""
    with closing(sqlite3.connect(archive / "index.db")) as connection:
        return connection.execute(query, values).fetchall()


def _columns(sql: object) -> str:
    return "*" if "WITHOUT ROWID" in str(sql) else "rowid, *"


def tables(archive: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every table of the index, each with all its rows."""
    names = rows(archive, "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    asked = {
        str(name): NUMBERED.get(str(name), f'SELECT {_columns(sql)} FROM "{name}"')
        for name, sql in names
        # How FTS5 packs its segments depends on the sizes of transactions; the rows do not.
        if not str(name).startswith("article_text_") or str(name).endswith(("_content", "_docsize"))
    }
    return {name: sorted(rows(archive, select), key=repr) for name, select in asked.items()}
