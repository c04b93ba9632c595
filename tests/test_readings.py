from __future__ import annotations

from dataclasses import replace

from archiver.readings import Readings
from archiver.types import Kind, Original, Reading, RecordLocation, Snapshot
from tests.samples import AT, capture

READ = Reading(page="hub", leaning=b"of the profile")


def snapshot(offset: int = 0) -> Snapshot:
    where = RecordLocation("a.warc.gz", offset, 100, f"<urn:{offset}>")
    return Snapshot(capture(f"https://post.example/{offset}", at=AT), where, "sha1:A")


def test_what_was_read_comes_back_by_its_record() -> None:
    readings = Readings()
    for offset in (0, 7):
        readings.keep(snapshot(offset), READ if offset else None)
    assert readings.of(snapshot(7).location) == (snapshot(7), READ)
    assert readings.of(snapshot(0).location) == (snapshot(0), None)
    assert readings.of(snapshot(8).location) is None
    readings.close()


def test_what_must_be_read_again_is_not_kept() -> None:
    readings = Readings()
    revisit = replace(snapshot(), original=Original("https://post.example/0", AT, "<urn:1>"))
    link = replace(snapshot().capture.link, kind=Kind.RESOURCE)
    other = replace(snapshot(), capture=replace(snapshot().capture, link=link))
    readings.keep(revisit, READ)
    readings.keep(other, None)
    readings.keep(snapshot(), Reading(note="took longer than 10 s"))
    assert readings.of(snapshot().location) is None
    readings.close()


def test_what_finds_no_room_is_read_again() -> None:
    readings = Readings(room=10)
    readings.keep(snapshot(), READ)
    assert readings.of(snapshot().location) is None
    readings.close()
