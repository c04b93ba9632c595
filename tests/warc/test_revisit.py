"""A body that is here already is not written again; a revisit record says where it is."""

from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import DamagedError
from archiver.types import Original, RecordLocation, Snapshot
from archiver.warc import reader
from archiver.warc.records import digest
from archiver.warc.walk import Record, walk
from archiver.warc.writer import WORTH, WarcWriter
from tests.samples import AT, capture, ids

BODY = b"<p>news " * WORTH
HEAD = capture().head
FIRST = "https://news.example/first"


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Snapshot, Snapshot]:
    """A file with a page, and the same body from another address."""
    known: dict[str, Original] = {}
    writer = WarcWriter(tmp_path, {}, now=lambda: AT, new_id=ids(), original=known.get)
    first = writer.append(capture(FIRST, body=BODY))
    where = first.location
    known[first.digest] = Original(FIRST, AT, where.record_id, where)
    second = writer.append(capture(body=BODY))
    writer.close()
    return next(tmp_path.iterdir()), first, second


def test_the_record_is_as_the_standard_wants_it(written: tuple[Path, Snapshot, Snapshot]) -> None:
    path, first, second = written
    with path.open("rb") as stream:
        record = next(walk(stream, path.name, second.location.offset))
    assert isinstance(record, Record)
    assert record.block == HEAD
    assert record.fields == {
        "warc-type": "revisit",
        "warc-record-id": second.location.record_id,
        "warc-date": "2026-03-01T12:00:00.123456Z",
        "warc-target-uri": "https://news.example/a/1",
        "warc-ip-address": "192.0.2.7",
        "warc-warcinfo-id": "<urn:uuid:00000000-0000-4000-8000-000000000001>",
        "warc-profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "warc-refers-to": first.location.record_id,
        "warc-refers-to-target-uri": FIRST,
        "warc-refers-to-date": "2026-03-01T12:00:00.123456Z",
        "content-type": "application/http;msgtype=response",
        "warc-block-digest": digest(HEAD),
        "warc-payload-digest": digest(BODY),
        "warc-truncated": "length",
        "content-length": str(len(HEAD)),
    }


def test_what_is_read_back_knows_its_original(written: tuple[Path, Snapshot, Snapshot]) -> None:
    path, first, second = written
    assert second.capture.body == BODY  # who wrote it has it still
    kept = list(reader.kept(path))
    assert kept[0] == first
    again = kept[1]
    assert isinstance(again, Snapshot)
    assert (again.capture.body, again.digest) == (b"", digest(BODY))
    assert again.original == Original(FIRST, AT, first.location.record_id)
    with_body = reader.with_body(path.parent, again, first.location)
    assert with_body.capture == second.capture


def located(second: Snapshot, original: RecordLocation) -> RecordLocation:
    where = second.location
    return RecordLocation(where.filename, where.offset, where.length, where.record_id, original)


def test_body_and_exchange_are_found(written: tuple[Path, Snapshot, Snapshot]) -> None:
    path, first, second = written
    where = located(second, first.location)
    assert reader.response_at(path.parent, where) == (HEAD, BODY)
    found = reader.exchange_at(path.parent, where)
    assert isinstance(found, Snapshot)
    assert found.capture == second.capture


def test_another_body_is_not_taken_for_it(tmp_path: Path) -> None:
    known = {digest(BODY): Original(FIRST, AT, "<urn:uuid:9>", None)}
    writer = WarcWriter(tmp_path, {}, now=lambda: AT, new_id=ids(), original=known.get)
    other = writer.append(capture(FIRST, body=b"another body"))
    second = writer.append(capture(body=BODY))
    writer.close()
    with pytest.raises(DamagedError, match="another body"):
        reader.exchange_at(tmp_path, located(second, other.location))


def test_small_and_cut_bodies_are_written_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def original(wanted: str) -> None:
        asked.append(wanted)

    writer = WarcWriter(tmp_path, {}, original=original)
    writer.append(capture(body=BODY[: WORTH - 1]))
    writer.append(capture(body=BODY, truncated="time"))
    assert asked == []
    writer.append(capture(body=BODY))
    assert asked == [digest(BODY)]
    writer.close()


def test_warcio_reads_it(written: tuple[Path, Snapshot, Snapshot]) -> None:
    with written[0].open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
    assert kinds == [
        "warcinfo",
        "response",
        "request",
        "metadata",
        "revisit",
        "request",
        "metadata",
    ]
