"""What lies in the place of a record: a record of its own, of exactly its length, that every reader takes."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import shutil
import subprocess
from pathlib import Path

import fastwarc
import pytest
import zstandard
from cdxj_indexer.main import CDXJIndexer
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import ArchiveError, DamagedError
from archiver.types import Redacted
from archiver.warc import framing, redaction
from archiver.warc.exchanges import exchanges, redacted
from archiver.warc.redaction import Removal
from archiver.warc.walk import Record, walk
from tests import foreign

SITE = "https://news.example"
TAKEDOWN = "11111111-2222-4333-8444-555555555555"
AT = "2026-03-01T12:00:00.123456Z"
LENGTHS = [*range(200, 700), 1000, 9999, 10_023, 65_535, 65_553, 65_558, 65_559, 131_100, 200_001]


def removal(length: int, offset: int = 0, data: bytes = b"") -> Removal:
    told = hashlib.sha256(data).hexdigest()
    name = "<urn:uuid:00000000-0000-4000-8000-000000000009>"
    return Removal(TAKEDOWN, offset, length, "response", name, told, AT, f"{SITE}/a/1")


@pytest.mark.parametrize("magic", [framing.GZIP, framing.ZSTD, b""])
def test_it_has_every_length(magic: bytes) -> None:
    for length in LENGTHS:
        try:
            made = redaction.replacement(removal(length), "a.warc.gz", magic)
        except ArchiveError:
            assert length < 280
            assert magic != framing.GZIP
            continue
        assert len(made) == length
        name = {framing.GZIP: "a.warc.gz", framing.ZSTD: "a.warc.zst"}.get(magic, "a.warc")
        (record,) = walk(io.BytesIO(made), name)
        assert isinstance(record, Record)
        found = redacted(record, name)
        assert found is not None
        assert found.type == "response"
        assert found.takedown in (TAKEDOWN, "")
        assert (record.offset, record.length) == (0, length)
        if length > 700:
            assert record.get("warc-target-uri") == f"{SITE}/a/1"
            assert removal(0).sha256.encode() in record.block


def test_too_few_bytes_say_nothing() -> None:
    with pytest.raises(ArchiveError, match="too few"):
        redaction.replacement(removal(90), "a.warc.gz", framing.GZIP)


@pytest.fixture(params=["warc.gz", "warc.zst", "warc"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of four exchanges; some records are short, one is long and hard to compress."""
    noise = random.Random(4).randbytes(300_000).hex().encode()
    parts = [foreign.record("warcinfo", b"software: other\r\n")]
    for number, body in enumerate((b"<p>one", noise, b"<p>three", b"<p>four" * 99)):
        parts.append(foreign.response(f"{SITE}/a/{number}", body))
        parts.append(foreign.record("request", b"GET / HTTP/1.1\r\n\r\n", f"{SITE}/a/{number}"))
    path = tmp_path / f"a.{request.param}"
    packed = {
        "warc.gz": gzip.compress,
        "warc.zst": zstandard.ZstdCompressor().compress,
        "warc": bytes,
    }[request.param]
    path.write_bytes(b"".join(map(packed, parts)))
    return path


def records(path: Path) -> list[Record]:
    with path.open("rb") as stream:
        found = list(walk(stream, path.name))
    assert all(isinstance(record, Record) for record in found)
    return found  # type: ignore[return-value]


def removals(path: Path, *numbers: int) -> list[Removal]:
    data, found = path.read_bytes(), []
    for number, record in enumerate(records(path)):
        if number in numbers:
            lies = data[record.offset : record.offset + record.length]
            found.append(removal(record.length, record.offset, lies))
    return found


def test_no_other_byte_changes(file: Path) -> None:
    before, old = file.read_bytes(), records(file)
    gone = removals(file, 3, 7)
    file.chmod(0o640)
    assert redaction.redact(file, gone) == 2
    after, new = file.read_bytes(), records(file)
    assert len(after) == len(before)
    assert file.stat().st_mode & 0o777 == 0o640
    assert [(r.offset, r.length) for r in new] == [(r.offset, r.length) for r in old]
    for number, record in enumerate(old):
        place = slice(record.offset, record.offset + record.length)
        assert (after[place] != before[place]) == (number in (3, 7))
    with file.open("rb") as stream:
        kept = list(exchanges(walk(stream, file.name), file.name))
    assert [isinstance(one, Redacted) for one in kept] == [False, True, False, True]
    assert redaction.redact(file, gone) == 0
    assert file.read_bytes() == after
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_other_bytes_are_not_touched(file: Path) -> None:
    gone = removals(file, 3)
    data = bytearray(file.read_bytes())
    data[gone[0].offset + 50] ^= 1
    file.write_bytes(data)
    with pytest.raises(DamagedError, match="not those"):
        redaction.redact(file, gone)
    assert file.read_bytes() == data


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # warcio leaves files to the collector
@pytest.mark.parametrize("file", ["warc.gz"], indirect=True)
def test_every_reader_takes_it(file: Path, tmp_path: Path) -> None:
    types = [record.get("warc-type") for record in records(file)]
    redaction.redact(file, removals(file, 1, 3, 7))
    for number in (1, 3, 7):
        types[number] = "metadata"
    if gunzip := shutil.which("gzip"):
        subprocess.run([gunzip, "-t", file], check=True)
    with file.open("rb") as stream:
        found = [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(stream)]
    assert [kind for kind, _ in found] == types
    assert found[3][1].startswith(b"archiver-redaction: ")
    with file.open("rb") as stream:
        fast = [r.headers["WARC-Type"] for r in fastwarc.ArchiveIterator(stream)]
    assert fast == types
    # Without a saving of bytes each redaction tells its own digest, which `records` has checked above.
    assert all("warc-block-digest" in r.fields for r in records(file) if r.length > 700)
    out = tmp_path / "out.cdxj"
    CDXJIndexer(str(out), [str(file)], sort=True).process_all()
    assert sorted(line.split(" ")[0] for line in out.read_text().splitlines()) == [
        "example,news)/a/2"
    ]
