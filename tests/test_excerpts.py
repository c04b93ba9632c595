"""Records copied out of an archive: whole, unchanged, nothing that dangles, and the same bytes each time."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver import excerpts
from archiver.errors import ArchiveError, DamagedError, NothingFound
from archiver.excerpts import Copied, write_warcs
from archiver.imports import find, import_files
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Damage, Query
from archiver.verify import Verification
from archiver.warc import reader
from archiver.warc.walk import Record, walk
from tests import foreign
from tests.foreign import arc, arc_start, packed, record
from tests.test_imports import ARABIC, page, url
from tests.test_verify import SITE
from tests.visits import article, articles, damage, fill, taken, visits, wget

pytestmark = pytest.mark.usefixtures("lent_worker")


def write(layout: Layout, folder: Path, query: Query | None = None, **more: Any) -> Copied:
    with Index(layout.index) as index:
        articles = more.pop("articles", None) or index.stream(query or Query())
        return write_warcs(articles, index, layout, folder, "found", **more)


def read(*paths: Path) -> list[Record]:
    found: list[Record] = []
    for path in paths:
        with path.open("rb") as stream:
            for item in walk(stream, path.name):
                assert isinstance(item, Record), item
                found.append(item)
    return found


def members(path: Path) -> list[bytes]:
    """The compressed bytes of each record of a file."""
    data = path.read_bytes()
    return [data[r.offset : r.offset + r.length] for r in read(path)]


def told(found: Sequence[Record]) -> list[tuple[str, str]]:
    return [(r.get("warc-type"), r.get("warc-target-uri").removeprefix(SITE)) for r in found]


EXCHANGE = ("response", "request", "metadata")


def test_an_exchange_is_copied_whole_and_byte_for_byte(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    done = write(layout, tmp_path / "out", articles=[wanted])
    (path,) = (tmp_path / "out").iterdir()
    assert (path.name, done.files, done.exchanges) == ("found-00001.warc.gz", [path.name], 1)
    assert told(read(path)) == [("warcinfo", ""), *((kind, "/a/2") for kind in EXCHANGE)]
    source = reader.locate(layout.warcs, wanted.location.filename)
    assert members(path) == [members(source)[0], *members(source)[4:7]]


def test_the_record_that_a_revisit_refers_to_comes_too(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/b/4")
    assert wanted.location.original
    write(layout, tmp_path / "out", articles=[wanted])
    found = read(tmp_path / "out" / "found-00001.warc.gz")
    original = [(kind, "/a/3") for kind in EXCHANGE]
    revisit = [(kind, "/b/4") for kind in ("revisit", "request", "metadata")]
    # Each stands under the warcinfo of the file that it comes from.
    assert told(found) == [("warcinfo", ""), *original, ("warcinfo", ""), *revisit]
    assert found[5].get("warc-refers-to") == found[1].get("warc-record-id")
    assert found[5].get("warc-warcinfo-id") == found[4].get("warc-record-id")


def test_every_visit_or_what_the_latest_version_was_read_from(
    layout: Layout, tmp_path: Path
) -> None:
    latest = write(layout, tmp_path / "latest")
    each = write(layout, tmp_path / "all", visits=True)
    assert (latest.articles, each.articles) == (4, 4)
    assert each.exchanges == 6
    assert latest.exchanges == 5  # all but the edited page in the middle
    mains = [
        r
        for r in read(tmp_path / "all" / "found-00001.warc.gz")
        if r.get("warc-type") in ("response", "revisit")
    ]
    assert [r.get("warc-date") for r in mains] == sorted(r.get("warc-date") for r in mains)


def test_twice_the_same_bytes_in_parts_that_stand_by_themselves(
    layout: Layout, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        write(layout, tmp_path / name, visits=True, max_bytes=2500)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [f"found-{n:05d}.warc.gz" for n in range(1, len(names) + 1)]
    assert len(names) > 2
    for name in names:
        path = tmp_path / "one" / name
        assert path.read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert path.stat().st_size <= 2500
        assert read(path)[0].get("warc-type") == "warcinfo"
        with path.open("rb") as stream:
            assert all(
                r.content_stream().read() is not None
                for r in ArchiveIterator(stream, check_digests="raise")
            )


def test_parts_of_a_longer_export_before_do_not_stay(layout: Layout, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(layout, out, visits=True, max_bytes=2500)
    (out / "found-00001.warc.gz.part").write_bytes(b"left by one that was killed")
    (out / "foundling-00009.warc.gz").write_bytes(b"somebody else's")
    write(layout, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "found-00001.warc.gz",
        "foundling-00009.warc.gz",
    ]


def test_what_was_copied_is_an_archive_again(layout: Layout, tmp_path: Path) -> None:
    write(layout, tmp_path / "out", visits=True)
    again = Layout(tmp_path / "again")
    import_files(find([tmp_path / "out"], again), again, (), workers=1)
    assert articles(again) == articles(layout)
    with Verification(again) as verification:
        assert [fault for fault in verification.faults() if not fault.note] == []


def test_a_damaged_record_is_named_and_left_out(layout: Layout, tmp_path: Path) -> None:
    lost = article(layout, f"{SITE}/a/2")
    damage(layout, lost)
    done = write(layout, tmp_path / "out")
    assert [(d.filename, d.offset) for d in done.damages] == [
        (lost.location.filename, lost.location.offset)
    ]
    assert (done.damaged, done.exchanges) == (1, 4)
    assert "/a/2" not in {path for _, path in told(read(tmp_path / "out" / "found-00001.warc.gz"))}


def test_damage_beside_a_response_costs_that_record_alone(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    path = reader.locate(layout.warcs, wanted.location.filename)
    request = read(path)[5]
    data = bytearray(path.read_bytes())
    data[request.offset + 30] ^= 0xFF
    path.write_bytes(data)
    done = write(layout, tmp_path / "out", articles=[wanted])
    assert told(read(tmp_path / "out" / "found-00001.warc.gz"))[1:] == [
        ("response", "/a/2"),
        ("metadata", "/a/2"),
    ]
    assert [d.offset for d in done.damages] == [request.offset]


def test_a_file_that_is_gone_is_named(layout: Layout, tmp_path: Path) -> None:
    first = article(layout, f"{SITE}/a/1", 1)
    reader.locate(layout.warcs, first.location.filename).unlink()
    with pytest.raises(DamagedError, match="not one record"):
        write(layout, tmp_path / "out", articles=[first])
    assert list((tmp_path / "out").iterdir()) == []
    done = write(layout, tmp_path / "out", visits=True)
    assert done.damages == [Damage(first.location.filename, 0, 0, "no such WARC file")]
    assert done.exchanges == 2


def test_nothing_is_written_for_nothing(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        write(layout, tmp_path / "out", Query("unheardof"))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_that_refuses_is_told(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "found-00001.warc.gz").mkdir()  # in the place of the file
    with pytest.raises(ArchiveError, match="cannot be written"):
        write(layout, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["found-00001.warc.gz"]


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.warc.gz", packed), ("a.warc", b"".join), ("a.warc.zst", foreign.frames)],
    ids=["gzip", "plain", "zstd"],
)
def test_records_of_other_crawlers_come_as_they_are(tmp_path: Path, name: str, pack: Any) -> None:
    info = [record("warcinfo", b"software: first\r\n"), record("warcinfo", b"software: second\r\n")]
    each = [info[0], *wget(0), info[1], *wget(1), *wget(2)]
    layout = taken(Layout(tmp_path / "archive"), tmp_path / "in", name, pack(each))
    wanted = article(layout, url(ARABIC[1]))
    write(layout, tmp_path / "out", articles=[wanted])
    copied = gzip.decompress((tmp_path / "out" / "found-00001.warc.gz").read_bytes())
    assert copied == b"".join([info[1], *each[4:6]])
    assert len(read(tmp_path / "out" / "found-00001.warc.gz")) == 3  # a member for each
    again = write(layout, tmp_path / "out", articles=[article(layout, url(ARABIC[0]))])
    assert again.exchanges == 1
    assert gzip.decompress((tmp_path / "out" / "found-00001.warc.gz").read_bytes()) == b"".join(
        each[:3]
    )


def test_records_without_a_warcinfo_do_not_come_under_anothers(
    layout: Layout, tmp_path: Path
) -> None:
    taken(layout, tmp_path / "in", "bare.warc.gz", packed(wget(0)))
    done = write(layout, tmp_path / "out")
    assert len(done.files) == 2
    assert told(read(tmp_path / "out" / done.files[1])) == [
        (kind, url(ARABIC[0])) for kind in ("request", "response")
    ]


def test_records_of_an_arc_get_the_head_that_warc_wants(tmp_path: Path) -> None:
    html = page(ARABIC[3])
    data = packed([arc_start(), arc(url(ARABIC[3]), html)])
    layout = taken(Layout(tmp_path / "archive"), tmp_path / "in", "a.arc.gz", data)
    write(layout, tmp_path / "out")
    path = tmp_path / "out" / "found-00001.warc.gz"
    with path.open("rb") as stream:
        found = [
            (r.rec_type, r.rec_headers.get_header("WARC-Date"), r.content_stream().read())
            for r in ArchiveIterator(stream, check_digests="raise")
        ]
    assert [kind for kind, *_ in found] == ["warcinfo", "response"]
    assert found[1][1:] == ("2005-06-07T08:09:10Z", html)
    again = Layout(tmp_path / "again")
    import_files([path], again, (), workers=1)
    assert articles(again) == articles(layout)


def test_damage_in_anothers_file_takes_only_what_it_covers(tmp_path: Path) -> None:
    each = [packed([one]) for n in range(3) for one in wget(n)]
    layout = taken(Layout(tmp_path / "archive"), tmp_path / "in", "a.warc.gz", b"".join(each))
    damage(layout, article(layout, url(ARABIC[1])))
    done = write(layout, tmp_path / "out")
    assert [d.offset for d in done.damages] == [sum(map(len, each[:3]))]
    kept = {uri for _, uri in told(read(tmp_path / "out" / "found-00001.warc.gz"))}
    assert kept == {url(ARABIC[0]), url(ARABIC[2])}


def test_a_revisit_without_its_body_is_counted(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "archive")
    captures = visits()
    fill(layout, *captures)
    wanted = article(layout, f"{SITE}/b/4")
    where = replace(wanted.location, original=None)
    done = write(layout, tmp_path / "out", articles=[replace(wanted, location=where)])
    assert (done.exchanges, done.bodiless) == (1, 1)


def test_names_of_files_are_made_of_what_was_typed() -> None:
    assert excerpts.part_name("خبر عاجل: ../x") == "خبر-عاجل-..-x"
    assert excerpts.part_name("//") == "archive"
