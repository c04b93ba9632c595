"""What was written comes back; what is damaged is said."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import DamagedError
from archiver.types import Kept, Kind, Moment, RecordLocation
from archiver.warc import reader, records
from archiver.warc.writer import WarcWriter
from tests.samples import AT, capture, failure, ids, link, moment

HEADS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n",
        b"HTTP/1.0 404 \xd9\x84\xd8\xa7\nX:y\n\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \xff\x00\x1b\r\n folded\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
    ]
)
TIMES = st.datetimes(datetime(1995, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
PRECISIONS = st.sampled_from(["year", "day", "second"])
MOMENTS = st.none() | st.builds(
    Moment, TIMES, PRECISIONS, st.none() | st.just("-03:30"), st.sampled_from(["", "json-ld"])
)
ADDRESSES = st.sampled_from(
    ["https://h.example/", "https://h.example/أخبار?a=b:c&d=%20é", "http://[::1]/"]
)
LINKS = st.builds(
    link, ADDRESSES, st.sampled_from(Kind), st.sampled_from(["", "news"]),
    via=ADDRESSES | st.just(""), hops=st.integers(0, 99), published=MOMENTS, modified=MOMENTS,
)  # fmt: skip
CAPTURES = st.builds(
    capture, ADDRESSES, link=LINKS, at=TIMES, ip=st.sampled_from(["", "192.0.2.1", "2001:db8::1"]),
    request=st.binary(max_size=200), head=HEADS, body=st.binary(max_size=2000),
    took_ms=st.integers(0, 10**6), truncated=st.sampled_from(["", "length", "time", "disconnect"]),
).map(lambda c: replace(c, link=replace(c.link, url=c.url)))  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(CAPTURES, min_size=1, max_size=3))
def test_what_is_appended_is_read_back(captures: Any) -> None:
    with TemporaryDirectory() as folder:
        writer = WarcWriter(Path(folder), {}, now=lambda: AT)
        written = [writer.append(c) for c in captures]
        writer.close()
        assert list(reader.kept(*reader.files(Path(folder)))) == written
        for snapshot, given_ in zip(written, captures, strict=True):
            assert snapshot.capture == replace(given_, head=records.stored_head(given_))
            found = reader.response_at(Path(folder), snapshot.location)
            assert found == (snapshot.capture.head, given_.body)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, list[Kept]]:
    """A file of three exchanges, and what it keeps."""
    folder = tmp_path / "warcs"
    writer = WarcWriter(folder, {}, now=lambda: AT, new_id=ids())
    kept = [
        writer.append(capture(body=b"first")),
        writer.append_failure(failure(reason="time-out", published=moment())),
        writer.append(capture(body=b"last" * 20)),
    ]
    writer.close()
    return next(folder.iterdir()), kept


def test_failures_come_back(made: tuple[Path, list[Kept]]) -> None:
    path, kept = made
    assert list(reader.kept(path)) == kept


def test_reading_starts_where_it_is_told(made: tuple[Path, list[Kept]]) -> None:
    path, kept = made
    assert list(reader.kept(path, kept[1].location.offset)) == kept[1:]


def test_files_are_in_the_order_of_their_names_open_or_not(tmp_path: Path) -> None:
    for name in ("b.warc.gz", "a.warc.gz.open", "c.warc.gz.open", "a.warc.gz.tail", "x.txt"):
        (tmp_path / name).touch()
    assert [p.name[0] for p in reader.files(tmp_path)] == ["a", "b", "c"]
    assert reader.files(tmp_path / "none") == []


def at(location: RecordLocation, **more: Any) -> RecordLocation:
    return replace(location, **more)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda where, later: at(where, offset=where.offset + 1),
        lambda where, later: at(where, offset=10**9),
        lambda where, later: at(where, length=where.length - 1),
        lambda where, later: at(where, length=0),
        lambda where, later: at(where, offset=later.offset, length=later.length),
        lambda where, later: at(where, record_id=later.record_id),
        lambda where, later: at(where, filename="none.warc.gz"),
        lambda where, later: at(where, filename="../warcs/" + where.filename),
        lambda where, later: at(where, filename=".."),
        lambda where, later: at(where, filename="a\0b"),
    ],
)
def test_response_at_refuses_what_is_not_there(made: tuple[Path, list[Kept]], wrong: Any) -> None:
    path, kept = made
    with pytest.raises(DamagedError):
        reader.response_at(path.parent, wrong(kept[0].location, kept[2].location))


def test_response_at_refuses_a_flipped_bit(made: tuple[Path, list[Kept]]) -> None:
    path, kept = made
    where, data = kept[0].location, bytearray(path.read_bytes())
    data[where.offset + where.length // 2] ^= 4
    path.write_bytes(data)
    with pytest.raises(DamagedError, match=f"offset {where.offset}"):
        reader.response_at(path.parent, where)
    with pytest.raises(DamagedError, match=f"offset {where.offset}"):
        reader.exchange_at(path.parent, where)


def test_response_at_checks_the_digest(tmp_path: Path) -> None:
    fields = [("WARC-Record-ID", "<urn:uuid:1>"), ("WARC-Block-Digest", records.digest(b"other"))]
    data = records.member(fields, b"block")
    (tmp_path / "a.warc.gz").write_bytes(data)
    with pytest.raises(DamagedError, match="digest"):
        reader.response_at(tmp_path, RecordLocation("a.warc.gz", 0, len(data), "<urn:uuid:1>"))
