"""Damaged WARC files: what is damaged is named, and all the rest is read."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from archiver.layout import Layout
from archiver.rebuild import Rebuilt, rebuild
from archiver.types import Damage, Kept, Kind, Original, Snapshot
from archiver.warc import reader
from archiver.warc.walk import Record, walk
from archiver.warc.writer import WarcWriter
from tests.faults import audit
from tests.samples import AT, capture, failure

GARBAGE = 5000  # bytes
MEMBERS = 200
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"  # no page: no worker has to start


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Kept]]:
    """The bytes of a WARC file of two hundred exchanges, and what it keeps."""
    chance = random.Random(7)
    folder = tmp_path_factory.mktemp("made")
    writer = WarcWriter(folder, {})
    for number in range(MEMBERS):
        body = chance.randbytes(12_000)  # so that garbage fits into it, and nothing packs it
        url = f"https://news.example/{number}"
        at = AT + timedelta(seconds=number)
        writer.append(capture(url, kind=Kind.RESOURCE, head=PLAIN, body=body, at=at))
    writer.close()
    (path,) = reader.files(folder)
    kept = [item for item in reader.kept(path) if not isinstance(item, Damage)]
    assert len(kept) == MEMBERS
    return path.read_bytes(), kept


def torn(data: bytes, start: int, end: int, chance: random.Random) -> bytes:
    return data[: chance.randrange(start + 1, end)] + data[end:]


def flipped(data: bytes, start: int, end: int, chance: random.Random) -> bytes:
    at = chance.randrange(start, end)
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def inserted(data: bytes, start: int, end: int, chance: random.Random) -> bytes:
    at = chance.randrange(start + 1, end)
    return data[:at] + chance.randbytes(GARBAGE) + data[at:]


def overwritten(data: bytes, start: int, end: int, chance: random.Random) -> bytes:
    at = chance.randrange(start, end - GARBAGE)
    return data[:at] + chance.randbytes(GARBAGE) + data[at + GARBAGE :]


@pytest.mark.parametrize("damage", [torn, flipped, inserted, overwritten])
def test_one_damaged_member_of_two_hundred_is_all_that_is_lost(
    made: tuple[bytes, list[Kept]], tmp_path: Path, chance: random.Random, long: bool,
    damage: Callable[..., bytes],
) -> None:  # fmt: skip
    data, kept = made
    lost = 0
    for number in range(75 if long else 3):
        layout = Layout(tmp_path / str(number))
        layout.create()
        victim = chance.randrange(MEMBERS)
        where = kept[victim].location
        worse = damage(data, where.offset, where.offset + where.length, chance)
        (layout.warcs / where.filename).write_bytes(worse)
        found = list(reader.kept(layout.warcs / where.filename))
        named = [item for item in found if isinstance(item, Damage)]
        whole = {k.location.record_id: k.capture for k in found if isinstance(k, Snapshot)}
        wanted = {k.location.record_id: k.capture for k in kept if isinstance(k, Snapshot)}
        if named:
            lost += 1
            del wanted[where.record_id]
            assert named[0].offset == where.offset
            assert sum(item.length for item in named) == where.length + len(worse) - len(data)
        assert whole == wanted, f"{victim} was damaged"  # a bit of a gzip head that says nothing
        if number % 5 == 0:
            assert _rebuilt(layout).exchanges == len(wanted)
    assert lost > number * 0.9
    print(f"{lost} of {number + 1} damaged members were named, and they alone were lost")


def _rebuilt(layout: Layout) -> Rebuilt:
    done = rebuild(layout, ())
    assert len(audit.committed(layout.root).exchanges) == done.exchanges
    return done


@pytest.fixture
def small(tmp_path: Path) -> tuple[bytes, list[Kept]]:
    """The bytes of a WARC file of three exchanges and a failure, and what it keeps."""
    writer = WarcWriter(tmp_path / "small", {})

    def add(url: str, body: bytes) -> Kept:
        return writer.append(capture(url, head=PLAIN, body=body, kind=Kind.RESOURCE))

    kept: list[Kept] = [
        add("https://news.example/1", b"first"),
        add("https://news.example/2", bytes(range(200))),
        writer.append_failure(failure("https://news.example/3")),
        add("https://news.example/4", b"last" * 20),
    ]
    writer.close()
    return next((tmp_path / "small").iterdir()).read_bytes(), kept


def test_a_file_cut_at_any_byte(small: tuple[bytes, list[Kept]]) -> None:
    data, _ = small
    whole = list(walk(BytesIO(data), "a.warc.gz"))
    ends = {0} | {record.offset + record.length for record in whole if isinstance(record, Record)}
    for cut in range(len(data) + 1):
        found = list(walk(BytesIO(data[:cut]), "a.warc.gz"))
        records = [item for item in found if isinstance(item, Record)]
        assert records == [r for r in whole if r.offset + r.length <= cut], cut
        last = max(end for end in ends if end <= cut)
        gaps = [(item.offset, item.length) for item in found if isinstance(item, Damage)]
        assert gaps == ([] if cut == last else [(last, cut - last)]), cut


@pytest.mark.parametrize("suffix", ["", ".open"])
def test_the_index_of_a_file_cut_anywhere(
    small: tuple[bytes, list[Kept]], tmp_path: Path, chance: random.Random, long: bool, suffix: str
) -> None:
    """What has lost its end without a crash is damage; a file that was being written is mended."""
    data, kept = small
    name = kept[0].location.filename
    for cut in chance.sample(range(1, len(data)), 120 if long else 3):
        layout = Layout(tmp_path / f"cut-{cut}")
        layout.create()
        (layout.warcs / (name + suffix)).write_bytes(data[:cut])
        done = rebuild(layout, ())
        ends = [k.location.offset + k.location.length for k in kept]
        held = audit.committed(layout.root)
        rows = sorted(row["offset"] for row in held.rows())
        if suffix:
            assert audit.audit(layout.root) == []
            assert not done.damaged
            assert len(rows) <= sum(end <= cut for end in ends)
        else:
            assert rows == [
                k.location.offset for k, end in zip(kept, ends, strict=True) if end <= cut
            ]
            whole = list(walk(BytesIO(data[:cut]), name))
            assert bool(done.damaged) == isinstance(whole[-1], Damage)


@pytest.mark.parametrize("index", [True, False])
def test_damage_in_a_file_that_was_being_written_costs_no_more_than_itself(
    made: tuple[bytes, list[Kept]], tmp_path: Path, chance: random.Random, index: bool
) -> None:
    """A rebuild does not take all that follows the damage for a torn tail, with an old index or none."""
    data, kept = made
    where = kept[20].location
    layout = Layout(tmp_path / "archive")
    layout.create()
    path = layout.warcs / (where.filename + ".open")
    path.write_bytes(data)
    if index:
        rebuild(layout, ())
        path.with_name(where.filename).rename(path)
    worse = flipped(data, where.offset + 20, where.offset + where.length, chance)
    path.write_bytes(worse + b"torn")
    done = rebuild(layout, ())
    assert [damage.offset for damage in done.damaged] == [where.offset]
    assert done.exchanges == MEMBERS - 1
    (tail,) = layout.quarantine.iterdir()
    assert tail.read_bytes() == b"torn"


def test_round_trips_with_revisits(tmp_path: Path, chance: random.Random) -> None:
    bodies = [chance.randbytes(size) for size in (0, 1, 600, 5000)]
    held: dict[str, Snapshot] = {}

    def original(digest: str) -> Original | None:
        one = held.get(digest)
        if one is None:
            return None
        return Original(one.capture.url, one.capture.at, one.location.record_id, one.location)

    writer = WarcWriter(tmp_path / "warcs", {}, original=original)
    written = []
    for number in range(60):
        one = writer.append(
            capture(
                f"https://news.example/{chance.randrange(9)}",
                body=chance.choice(bodies),
                at=AT + timedelta(seconds=number),
                truncated=chance.choice(["", "", "length"]),
            )
        )
        if one.original is None and not one.capture.truncated:
            held.setdefault(one.digest, one)
        written.append(one)
    writer.close()
    revisits = [one for one in written if one.original]
    assert len(revisits) > 10
    for one in written:
        where = one.location
        if one.original:
            where = replace(where, original=one.original.location)
        found = reader.exchange_at(tmp_path / "warcs", where)
        assert isinstance(found, Snapshot)
        assert found.capture == one.capture
        assert reader.response_at(tmp_path / "warcs", where) == (one.capture.head, one.capture.body)
    assert audit.lying(tmp_path / "warcs")[1] == []
