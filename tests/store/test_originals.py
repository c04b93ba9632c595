"""Bodies are found by their digest, across sources, and before their rows are there."""

from dataclasses import replace

import pytest

from archiver.store.originals import Originals
from archiver.types import Original, RecordLocation
from tests.samples import AT, Shelf, capture
from tests.store.conftest import Desk


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_the_first_that_held_the_body_whole_is_found(desk: Desk, shelf: Shelf) -> None:
    cut = shelf.snapshot(body=b"body", truncated="time")
    first = shelf.snapshot("https://news.example/b", body=b"body")
    later = shelf.snapshot("https://news.example/c", body=b"body", source="other")
    for snapshot in (cut, first, later):
        desk.keep(snapshot)
    originals = Originals(desk.path)
    found = originals.of_digest(first.digest)
    assert found == Original(
        first.capture.url, first.capture.at, first.location.record_id, first.location
    )
    assert originals.of_digest("sha1:NONE") is None
    originals.close()


def test_a_record_whose_row_is_on_its_way_is_found(desk: Desk, shelf: Shelf) -> None:
    originals = Originals(desk.path)
    snapshot = shelf.snapshot(body=b"body")
    originals.add(shelf.snapshot(body=b"cut", truncated="length"))
    originals.add(snapshot)
    found = originals.of_digest(snapshot.digest)
    assert found is not None
    assert found.location == snapshot.location
    assert originals.of_digest(shelf.snapshot(body=b"cut").digest) is None
    originals.close()


def test_a_revisit_is_a_row_that_knows_its_original(desk: Desk, shelf: Shelf) -> None:
    first, second = shelf.snapshot(body=b"body"), shelf.snapshot(body=b"body")
    desk.keep(first)
    original = Original(first.capture.url, first.capture.at, "", first.location)
    desk.keep(replace(second, original=original))
    assert desk.rows("SELECT id, revisit, original_id FROM exchanges") == [(1, 0, None), (2, 1, 1)]
    where = desk.index.exchange(second.capture.url)
    assert where is not None
    assert where.original == first.location
    originals = Originals(desk.path)
    assert originals.of_digest(second.digest) == replace(
        original, record_id=first.location.record_id
    )
    originals.close()


def test_a_revisit_without_a_digest_is_found_by_target_and_date(desk: Desk, shelf: Shelf) -> None:
    first = shelf.snapshot(body=b"body")
    desk.keep(first)
    told = Original(first.capture.url, first.capture.at)
    revisit = replace(shelf.snapshot(), digest="", original=told)
    originals = Originals(desk.path)
    found = originals.of(revisit)
    assert found is not None
    assert found.location == first.location
    assert originals.of(replace(revisit, original=replace(told, at=AT))) is None
    assert originals.of(replace(revisit, original=replace(told, at=None))) is None
    originals.close()


def test_the_same_exchange_has_one_row(desk: Desk, shelf: Shelf) -> None:
    first = shelf.snapshot()
    again = replace(first, location=RecordLocation("b.warc.gz", 0, 9, "<urn:uuid:9>"))
    assert desk.keep(first).change == "kept"
    assert desk.keep(again).change == "duplicate"
    other = replace(again, capture=capture(at=first.capture.at, source="other"))
    assert desk.keep(other).change == "kept"
    assert desk.rows("SELECT count(*) FROM exchanges") == [(2,)]
