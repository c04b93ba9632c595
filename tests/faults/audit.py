"""The audit that ends each run: is all there, once, and where the index says it is?

The WARC files are read with the standard library alone, and more strictly than archiver reads them:
one byte that belongs to no whole record is a fault.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import sqlite3
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import samples

ASKED_AGAIN = (408, 425, 429)  # and what is 500 or more
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Lying:
    """One record as it lies in a file: `data` is its member, `fields` those of its head."""

    fields: dict[str, str]
    block: bytes
    data: bytes

    @property
    def type(self) -> str:
        return self.fields["WARC-Type"]

    @property
    def url(self) -> str:
        return self.fields.get("WARC-Target-URI", "")

    @property
    def failure(self) -> bool:
        return self.type == "metadata" and b"archiver-failure:" in self.block


@dataclass(slots=True)
class Committed:
    """What an index said at one moment: its rows, and the bytes that they led to."""

    exchanges: dict[int, dict[str, Any]] = field(default_factory=dict)
    failures: dict[int, dict[str, Any]] = field(default_factory=dict)
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    data: dict[Place, bytes] = field(default_factory=dict)
    after: int | None = (
        None  # the exchange that the open round began behind; None where none is open
    )

    def rows(self) -> list[dict[str, Any]]:
        return [*self.exchanges.values(), *self.failures.values()]

    @property
    def targets(self) -> set[str]:
        """The URLs that the crawl, when it goes on, has no reason to ask for."""
        if self.after is None:
            return set()
        last = {
            r["url"]: r["status"] for number, r in self.exchanges.items() if number > self.after
        }
        return {url for url, status in last.items() if status < 500 and status not in ASKED_AGAIN}


def told(wrong: Sequence[str]) -> str:
    """Return what is wrong as lines, the first of them."""
    return "\n".join(["", *wrong[:25]])


def committed(archive: Path) -> Committed:
    """Return what the index holds, read from a copy: nobody's lock or log is touched."""
    found = Committed()
    if not (archive / "index.db").is_file():
        return found
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal"):
            if (name := archive / f"index.db{suffix}").exists():
                shutil.copyfile(name, f"{folder}/index.db{suffix}")
        with closing(sqlite3.connect(f"{folder}/index.db")) as connection:
            connection.row_factory = sqlite3.Row
            _read(connection, found)
    for row in found.rows():
        found.data[place(row)] = _bytes(archive, row)
    return found


def _read(connection: sqlite3.Connection, found: Committed) -> None:
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    if not connection.execute("PRAGMA user_version").fetchone()[0]:
        return
    for name in ("exchanges", "failures"):
        for row in connection.execute(f"SELECT * FROM {name} ORDER BY id"):
            getattr(found, name)[row["id"]] = dict(row)
    for row in connection.execute(
        "SELECT a.url, a.source, a.versions, v.* FROM articles a JOIN versions v ON v.id = a.version_id"
    ):
        found.articles[row["url"]] = dict(row)
    round_ = connection.execute("SELECT after_id FROM rounds").fetchone()
    found.after = round_["after_id"] if round_ else None


def place(row: dict[str, Any]) -> Place:
    return row["filename"], row["offset"]


def _bytes(archive: Path, row: dict[str, Any]) -> bytes:
    path = archive / "warcs" / row["filename"]
    with (path if path.exists() else path.with_name(path.name + ".open")).open("rb") as stream:
        stream.seek(row["offset"])
        return stream.read(row["length"])


def lying(folder: Path) -> tuple[dict[Place, Lying], list[str]]:
    """Return each record by where it lies, and a sentence for each file that is not whole."""
    found: dict[Place, Lying] = {}
    wrong = []
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(".warc.gz"):
            wrong.append(f"{path.name} is no closed WARC file")
            continue
        try:
            found |= {(path.name, offset): record for offset, record in _members(path.read_bytes())}
        except (zlib.error, ValueError, KeyError) as error:
            wrong.append(f"{path.name} is damaged: {error}")
    return found, wrong


def _members(data: bytes) -> Iterable[tuple[int, Lying]]:
    offset = 0
    while offset < len(data):
        unpacker = zlib.decompressobj(31)
        text = unpacker.decompress(data[offset:])
        if not unpacker.eof:
            raise ValueError(f"the member at {offset} has no end")
        end = len(data) - len(unpacker.unused_data)
        head, _, rest = text.partition(b"\r\n\r\n")
        version, *lines = head.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        length = int(fields["Content-Length"])
        if version != "WARC/1.1" or rest[length:] != b"\r\n\r\n":
            raise ValueError(f"the member at {offset} is no record")
        if fields["WARC-Block-Digest"] != sha1(rest[:length]):
            raise ValueError(f"the record at {offset} does not match its digest")
        yield offset, Lying(fields, rest[:length], data[offset:end])
        offset = end


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def audit(archive: Path, before: Sequence[Committed] = ()) -> list[str]:
    """Return what is wrong with a closed archive, in sentences.

    `before` is what was committed before the process was killed, cut off or stopped.
    """
    now = committed(archive)
    records, wrong = lying(archive / "warcs")
    wrong += _rows_without_records(now, records)
    wrong += _records_without_rows(now, records)
    wrong += _twice(now, records)
    for earlier in before:
        wrong += lost(earlier, now)
    return wrong


def _rows_without_records(now: Committed, records: dict[Place, Lying]) -> list[str]:
    wrong = []
    for row in now.rows():
        record = records.get(place(row))
        what = f"the row of {row['url']} at {place(row)}"
        if record is None:
            wrong.append(f"{what} leads to no record")
        elif not _agree(row, record, now):
            wrong.append(f"{what} leads to another record: {record.fields}")
    return wrong


def _agree(row: dict[str, Any], record: Lying, now: Committed) -> bool:
    fields = record.fields
    same = (row["url"], row["at"], row["record_id"], row["length"]) == (
        record.url, fields["WARC-Date"], fields["WARC-Record-ID"], len(record.data),
    )  # fmt: skip
    if "digest" not in row:
        return same and record.failure
    if row["revisit"]:
        original = now.exchanges.get(row["original_id"])
        held = (
            original is not None
            and not original["revisit"]
            and original["digest"] == row["digest"]
            and fields["WARC-Refers-To"] == original["record_id"]
        )
        kind = "revisit"
    else:
        held = sha1(record.block.partition(b"\r\n\r\n")[2]) == row["digest"]
        kind = "response"
    return same and held and record.type == kind and row["digest"] == fields["WARC-Payload-Digest"]


def _records_without_rows(now: Committed, records: dict[Place, Lying]) -> list[str]:
    rows = {place(row) for row in now.rows()}
    companions = Counter(
        (record.fields["WARC-Concurrent-To"], record.type)
        for record in records.values()
        if "WARC-Concurrent-To" in record.fields
    )
    wrong = []
    for where, record in records.items():
        if record.type in ("response", "revisit"):
            name = record.fields["WARC-Record-ID"]
            if {companions.pop((name, kind), 0) for kind in ("request", "metadata")} != {1}:
                wrong.append(f"the exchange with {record.url} at {where} is not whole")
        if (record.type in ("response", "revisit") or record.failure) and where not in rows:
            wrong.append(f"the {record.type} of {record.url} at {where} has no row")
    return wrong + [f"a {kind} belongs to no exchange: {name}" for name, kind in companions]


def _twice(now: Committed, records: dict[Place, Lying]) -> list[str]:
    counted = {
        "places": Counter(place(row) for row in now.rows()),
        "fetches": Counter((row["url"], row["at"]) for row in now.rows()),
        "record ids": Counter(record.fields["WARC-Record-ID"] for record in records.values()),
    }
    return [
        f"{what} that are there {count} times: {one}"
        for what, counts in counted.items()
        for one, count in counts.items()
        if count > 1
    ]


def lost(earlier: Committed, now: Committed) -> list[str]:
    """Return what was committed earlier and is not there as it was: rows, bytes, texts."""
    wrong = []
    for name in ("exchanges", "failures"):
        held = getattr(now, name)
        for number, row in getattr(earlier, name).items():
            if _lasting(held.get(number)) != _lasting(row):
                wrong.append(f"the row of {row['url']} was {row}, is {held.get(number)}")
            elif now.data[place(row)] != earlier.data[place(row)]:
                wrong.append(f"the bytes of {row['url']} at {place(row)} are others")
    for url, article in earlier.articles.items():
        text = now.articles.get(url, {}).get("text")
        if text != article["text"]:
            wrong.append(f"the text of {url} was {article['text'][:80]!r}, is {text!r}")
    return wrong


def _lasting(row: dict[str, Any] | None) -> dict[str, Any]:
    """Return what of a row is never changed: not what is read anew when more is known."""
    changing = ("page", "completeness", "note", "article_id", "version")
    return {name: value for name, value in (row or {}).items() if name not in changing}


def articles(archive: Path) -> dict[str, tuple[Any, ...]]:
    """Return what an archive says of each story: what two crawls must agree on."""
    names = ("title", "text", "text_hash", "authors", "published_at", "language", "completeness")
    return {
        url: tuple(row[name] for name in names) for url, row in committed(archive).articles.items()
    }


def missing(archive: Path, reference: dict[str, tuple[Any, ...]]) -> list[str]:
    """Return in what the articles differ from those of a crawl that was never stopped."""
    found = articles(archive)
    return [
        f"{url} is {found.get(url)!r}, where it would be {reference.get(url)!r}"
        for url in sorted(found.keys() | reference.keys())
        if found.get(url) != reference.get(url)
    ]


def asked_again(earlier: Committed, origin: str, targets: Iterable[str]) -> list[str]:
    """Return what a crawl that went on asked for although it was committed already."""
    return [
        f"{target} was asked for again" for target in targets if origin + target in earlier.targets
    ]


def differing(archive: Path, tables: dict[str, list[Any]]) -> list[str]:
    """Return which tables a rebuild has made otherwise than they were."""
    after = rows(archive)
    return [
        f"{name} was {[r for r in tables[name] if r not in after.get(name, [])][:3]},"
        f" was rebuilt as {[r for r in after.get(name, []) if r not in tables[name]][:3]}"
        for name in tables
        if tables[name] != after.get(name)
    ]


def rows(archive: Path) -> dict[str, list[Any]]:
    """Return all rows that a rebuild must make again: not those of the crawls under way."""
    found = samples.tables(archive / "index.db")
    found.pop("rounds", None)
    return found
