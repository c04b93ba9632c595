"""Properties of the walk over files that were changed at random: hostile ones and rotten ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import reduce
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.types import Damage, Kind, Original
from archiver.warc.exchanges import exchanges
from archiver.warc.walk import Record, walk
from archiver.warc.writer import WarcWriter
from tests.samples import AT, capture, failure

Mutation = Callable[[list[bytes]], list[bytes]]  # of a file's members
Told = tuple[tuple[tuple[str, str], ...], bytes]


def _members() -> list[bytes]:
    """Return the members of a small file: warcinfo, three exchanges of which one is a revisit, a failure."""
    with TemporaryDirectory() as folder:
        first: list[Original] = []
        writer = WarcWriter(
            Path(folder), {}, now=lambda: AT, original=lambda digest: first[0] if first else None
        )
        one = writer.append(capture(body=b"<p>the same words again</p>" * 40))
        first.append(Original(one.capture.url, AT, one.location.record_id, one.location))
        writer.append(capture("https://news.example/again", body=one.capture.body))
        writer.append_failure(failure("https://news.example/none"))
        first.clear()
        writer.append(capture("https://news.example/2", body=bytes(range(256)), kind=Kind.FEED))
        writer.close()
        (path,) = Path(folder).iterdir()
        data = path.read_bytes()
    found = [record for record in walk(BytesIO(data), "a.warc.gz") if isinstance(record, Record)]
    return [data[record.offset : record.offset + record.length] for record in found]


GZIP = _members()
PLAIN = [gzip.decompress(member) for member in GZIP]
ZSTD = [zstandard.ZstdCompressor(write_checksum=True).compress(member) for member in PLAIN]
FILES = {"a.warc.gz": GZIP, "a.warc.zst": ZSTD, "a.warc": PLAIN}


def told(record: Record) -> Told:
    return tuple(sorted(record.fields.items())), record.block


WRITTEN = {
    told(record)
    for record in walk(BytesIO(b"".join(GZIP)), "a.warc.gz")
    if isinstance(record, Record)
}


def _inside(change: Callable[[bytes, int, int, bytes], bytes]) -> st.SearchStrategy[Mutation]:
    """Change the bytes of one member at one place, by a number and some bytes."""

    def made(which: int, at: int, number: int, data: bytes) -> Mutation:
        def mutate(members: list[bytes]) -> list[bytes]:
            if not members:
                return members
            n = which % len(members)
            changed = change(members[n], at % (len(members[n]) + 1), number, data)
            return [*members[:n], changed, *members[n + 1 :]]

        return mutate

    numbers = st.integers(0, 1 << 16)
    return st.builds(made, numbers, numbers, numbers, st.binary(min_size=1, max_size=300))


def _flip(data: bytes, at: int, number: int, _: bytes) -> bytes:
    if at == len(data):
        return data
    return data[:at] + bytes([data[at] ^ (number % 255 + 1)]) + data[at + 1 :]


def _rows(change: Callable[[list[bytes], int, int], list[bytes]]) -> st.SearchStrategy[Mutation]:
    """Change the order of the members, by two numbers."""
    numbers = st.integers(0, 1 << 16)
    return st.builds(
        lambda one, other: lambda members: change(members, one, other) if members else members,
        numbers,
        numbers,
    )


def _swap(members: list[bytes], one: int, other: int) -> list[bytes]:
    one, other = one % len(members), other % len(members)
    members = list(members)
    members[one], members[other] = members[other], members[one]
    return members


def _drop(members: list[bytes], one: int, _: int) -> list[bytes]:
    return [member for n, member in enumerate(members) if n != one % len(members)]


def _double(members: list[bytes], one: int, other: int) -> list[bytes]:
    at = other % len(members)
    return [*members[:at], members[one % len(members)], *members[at:]]


MUTATIONS = st.lists(
    st.one_of(
        _inside(_flip),
        _inside(lambda data, at, number, _: data[:at]),
        _inside(lambda data, at, number, _: data[:at] + data[at + number % 200 :]),
        _inside(lambda data, at, number, more: data[:at] + more + data[at:]),
        _inside(lambda data, at, number, more: data[:at] + bytes(number % 5000) + data[at:]),
        _inside(lambda data, at, number, more: data[:at] + more + data[at + len(more) :]),
        _inside(lambda data, at, number, _: data[:at] + b"\x1f\x8b\x08" + data[at:]),
        _rows(_swap), _rows(_drop), _rows(_double),
    ),
    max_size=4,
)  # fmt: skip


def _accounted(found: list[Record | Damage], size: int) -> None:
    """Check that what was found lies side by side and covers the whole file."""
    end, last = 0, None
    for item in found:
        if isinstance(item, Record) and not item.alone and item.offset == last:
            continue  # one of many records in one member
        assert item.offset == end
        assert item.length > 0
        last, end = item.offset, item.offset + item.length
    assert end == size


def _examples(request: pytest.FixtureRequest) -> int:
    return 3000 if request.config.getoption("--faults") == "long" else 120


@pytest.mark.parametrize("name", FILES)
def test_the_walk_takes_what_comes(name: str, request: pytest.FixtureRequest) -> None:
    """It ends, raises nothing, accounts for every byte, and tells of no record that was not written."""
    given_members = FILES[name]

    @settings(
        max_examples=_examples(request), deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(MUTATIONS)
    def check(mutations: list[Mutation]) -> None:
        members = reduce(lambda so_far, mutate: mutate(so_far), mutations, given_members)
        data = b"".join(members)
        found = list(walk(BytesIO(data), name))
        _accounted(found, len(data))
        records = [item for item in found if isinstance(item, Record)]
        if name != "a.warc":
            assert {told(record) for record in records} <= WRITTEN
        else:  # without a checksum a changed head is believed, and a digest that nobody can read
            digests = {dict(fields)["warc-block-digest"] for fields, _ in WRITTEN}
            blocks = {r.block for r in records if r.get("warc-block-digest") in digests}
            assert blocks <= {block for _, block in WRITTEN}
        kept = list(exchanges(walk(BytesIO(data), name), name))
        assert sum(isinstance(item, Damage) for item in kept) == len(found) - len(records)

    check()


def test_members_that_were_not_changed_are_all_read(request: pytest.FixtureRequest) -> None:
    """However the others were changed: as many as are there are found, each at its place."""

    @settings(max_examples=_examples(request), deadline=None, database=None)
    @given(MUTATIONS)
    def check(mutations: list[Mutation]) -> None:
        members = reduce(lambda so_far, mutate: mutate(so_far), mutations, GZIP)
        data = b"".join(members)
        found = {r.offset for r in walk(BytesIO(data), "a.warc.gz") if isinstance(r, Record)}
        at = 0
        for member in members:
            assert member not in GZIP or at in found
            at += len(member)

    check()
