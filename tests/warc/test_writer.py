"""Files: names, rotation, order, and what a full disk leaves."""

import gzip
import re
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import fastwarc
import pytest
from cdxj_indexer.main import CDXJIndexer
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import ArchiveError
from archiver.warc import reader
from archiver.warc.walk import Record, walk
from archiver.warc.writer import WarcWriter
from tests.samples import AT, capture, failure, ids

HOST = socket.gethostname().split(".")[0]
INFO = {"software": "archiver/1", "operator": "me", "robots": "obey", "http-header-from": ""}


@contextmanager
def writing(folder: Path, **more: Any) -> Iterator[WarcWriter]:
    writer = WarcWriter(folder, INFO, **{"now": lambda: AT, "new_id": ids(), **more})
    try:
        yield writer
    finally:
        writer.close()


def records_of(path: Path) -> list[Record]:
    with path.open("rb") as stream:
        return [r for r in walk(stream, path.name) if isinstance(r, Record)]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_whole_file_byte_for_byte(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        snapshot = writer.append(capture())
    (path,) = tmp_path.iterdir()
    assert path.name == f"ARCHIVER-20260301120000123-00001-{HOST}.warc.gz"
    content = gzip.decompress(path.read_bytes()).decode()
    identity = r"urn:uuid:00000000-0000-4000-8000-0000000000"
    assert re.findall(r"WARC-Type: (\w+)\r\nWARC-Record-ID: <(.*)>", content) == [
        ("warcinfo", identity + "01"),
        ("response", identity + "02"),
        ("request", identity + "03"),
        ("metadata", identity + "04"),
    ]
    assert set(re.findall(r"WARC-Date: (.*)\r", content)) == {"2026-03-01T12:00:00.123456Z"}
    assert set(re.findall(r"WARC-Warcinfo-ID: <(.*)>", content)) == {identity + "01"}
    assert set(re.findall(r"WARC-Concurrent-To: <(.*)>", content)) == {identity + "02"}
    assert snapshot.location.record_id == f"<{identity}02>"
    assert content.endswith(
        "hopsFromSeed: 0\r\nfetchTimeMs: 42\r\narchiver-source: news\r\narchiver-kind: article\r\n"
        "\r\n\r\n"
    )


def test_warcinfo_fields(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(capture())
    (path,) = tmp_path.iterdir()
    first = records_of(path)[0]
    assert first.block.decode() == (
        "software: archiver/1\r\nformat: WARC File Format 1.1\r\nconformsTo: https://iipc.github.io/"
        "warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        f"hostname: {socket.gethostname()}\r\noperator: me\r\nrobots: obey\r\n"
    )
    assert first.get("warc-filename") == path.name
    assert not {"warc-target-uri", "warc-payload-digest"} & set(first.fields)


def test_open_while_writing_final_name_when_closed(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        assert not list(tmp_path.iterdir()), "no file before there is something to keep"
        name = writer.append(capture()).location.filename
        assert [p.name for p in tmp_path.iterdir()] == [f"{name}.open"]
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_full_file_is_followed_by_the_next(tmp_path: Path) -> None:
    with writing(tmp_path, max_bytes=1) as writer:
        names = [writer.append(capture()).location.filename for _ in range(3)]
        names.append(writer.append_failure(failure()).location.filename)
    assert [p.name for p in reader.files(tmp_path)] == names == sorted(set(names))
    assert [records_of(p)[0].get("warc-type") for p in reader.files(tmp_path)] == ["warcinfo"] * 4


def test_a_clock_set_back_does_not_change_the_order_of_the_files(tmp_path: Path) -> None:
    names = []
    for hours in (0, -5, -5, 1):
        with writing(tmp_path, now=lambda h=hours: AT + timedelta(hours=h)) as writer:
            names.append(writer.append(capture()).location.filename)
    assert names == sorted(set(names))


def test_location_is_that_of_the_response(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        snapshots = [writer.append(capture(body=b"%d" % n)) for n in range(3)]
        for snapshot in snapshots:
            head, body = reader.response_at(tmp_path, snapshot.location)
            assert (head, body) == (snapshot.capture.head, snapshot.capture.body)


def test_hostile_values_inject_no_field(tmp_path: Path) -> None:
    evil = "https://h/\r\nWARC-Type: warcinfo\r\n\r\n\0"
    with writing(tmp_path) as writer:
        writer.append(capture(evil, ip="1\r\nX: y", truncated="a\nX: y", source="s\r\nX: y"))
        writer.append_failure(failure(evil, reason="a\r\narchiver-source: x", source="s"))
    (path,) = tmp_path.iterdir()
    written = records_of(path)
    assert [r.get("warc-type") for r in written] == [
        "warcinfo", "response", "request", "metadata", "metadata",
    ]  # fmt: skip
    assert not any("x" in r.fields for r in written)
    assert b"\r\nX" not in b"".join(r.block for r in written)
    assert [k.failure.link.source for k in list(reader.kept(path))[1:]] == ["s"]


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = writer.append(capture())
        (path,) = tmp_path.iterdir()
        before = path.read_bytes()
        big = capture(body=bytes(range(256)) * 40)
        with full_disk(len(before) + 300), pytest.raises(ArchiveError, match="cannot write"):
            writer.append(big)
        assert path.read_bytes() == before
        second = writer.append(big)
    assert list(reader.kept(*tmp_path.iterdir())) == [first, second]


def test_a_file_that_cannot_take_its_warcinfo_is_not_left(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        with full_disk(10), pytest.raises(ArchiveError):
            writer.append(capture())
        assert not list(tmp_path.iterdir())
        writer.append(capture())
    (path,) = tmp_path.iterdir()
    assert records_of(path)[0].get("warc-type") == "warcinfo"


def test_a_folder_that_cannot_be_is_an_archive_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="cannot start"):
        WarcWriter(tmp_path / "file" / "warcs", {}).append(capture())


@pytest.fixture
def varied(tmp_path: Path) -> Path:
    """A file with exchanges of all kinds."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: \xff\r\n\r\n"
    coded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 26\r\n\r\n"
    with writing(tmp_path) as writer:
        writer.append(capture())
        writer.append(capture("https://h/chunked", head=chunked, body=b"abc" * 9000))
        writer.append(capture("https://h/gzip", head=coded, body=gzip.compress(b"page", mtime=0)))
        writer.append(capture("https://h/gone", status=404, body=b""))
        writer.append_failure(failure())
    return next(tmp_path.iterdir())


def test_fastwarc_reads_our_files(varied: Path) -> None:
    with varied.open("rb") as stream:
        found = [
            (str(r.record_type), r.verify_block_digest(consume=False))
            for r in fastwarc.ArchiveIterator(stream, parse_http=False)
        ]
    one = [("response", True), ("request", True), ("metadata", True)]
    assert found == [("warcinfo", True), *one * 4, ("metadata", True)]


def test_warcio_reads_our_files(varied: Path) -> None:
    data, bodies = BytesIO(varied.read_bytes()), []
    for record in ArchiveIterator(data, check_digests="raise"):
        body = record.content_stream().read()
        if record.rec_type == "response":
            bodies.append(body)
    assert bodies == [b"<p>body", b"abc" * 9000, b"page", b""]


def test_cdxj_indexer_reads_our_files(varied: Path, tmp_path: Path) -> None:
    output = tmp_path / "index.cdxj"
    CDXJIndexer(str(output), [str(varied)]).process_all()
    lines = output.read_text().splitlines()
    assert [line.split()[0] for line in lines] == [
        "example,news)/a/1", "h)/chunked", "h)/gzip", "h)/gone",
    ]  # fmt: skip
    first = next(reader.kept(varied))
    assert f'"offset": "{first.location.offset}"' in lines[0]
    assert f'"length": "{first.location.length}"' in lines[0]
    assert first.digest.removeprefix("sha1:") in lines[0]
