"""One fault planted in an archive, and exactly that fault told: file, offset, URL, what is wrong."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from archiver import verify as module
from archiver.errors import ArchiveError
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.locking import locked
from archiver.rebuild import rebuild
from archiver.store.ledger import Ledger
from archiver.types import Capture, Fault, Kind, Snapshot
from archiver.verify import Verification
from archiver.warc import reader, records
from archiver.warc.walk import Record, walk
from archiver.warc.writer import OPEN, WarcWriter
from tests.samples import AT, HEAD, capture, failure
from tests.test_ingest import leave, robots

pytestmark = pytest.mark.usefixtures("lent_worker")

PAGE = (
    b"<html><head><title>Rain in the north</title><meta property='og:type' content='article'>"
    b"</head><body><article><h1>Rain in the north</h1>"
    + b"<p>The rain fell on the old town through all of the long night, and then it stopped.</p>"
    b"<p>By the morning the streets were dry, and the market opened at its usual hour.</p>"
    * 4
    + b"</article></body></html>"
)
SITE = "https://news.example"
SQLITE = ("-wal", "-shm")  # what a reader of the index leaves beside it, empty


def items() -> list[Capture]:
    """Two articles, one of them twice (a revisit), a page that is gone, a small file."""
    made = [
        capture(f"{SITE}/a/1", body=PAGE),
        capture(f"{SITE}/a/2", body=PAGE.replace(b"Rain", b"Snow")),
        capture(f"{SITE}/a/1", body=PAGE),
        capture(f"{SITE}/a/3", body=b"none", status=404),
        capture(f"{SITE}/robots.txt", body=b"User-agent: *", kind=Kind.ROBOTS),
    ]
    return [
        capture(c.url, body=c.body, head=c.head, kind=c.link.kind, at=AT + timedelta(hours=n))
        for n, c in enumerate(made)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """An archive of two crawls; the second has a revisit of a page of the first."""
    layout = Layout(tmp_path_factory.mktemp("made") / "archive")
    for number in range(2):
        ingest = Ingest(layout, {}, workers=1)
        for item in items()[3 * number : 3 * number + 3]:
            ingest.write(item).result().outcome.result()
        ingest.write(failure(f"{SITE}/none")).result().outcome.result()
        ingest.close()
    return layout


def verify(layout: Layout, *files: Path, deep: bool = False) -> list[Fault]:
    with Verification(layout, files, deep=deep) as verification:
        return list(verification.faults())


def faults(layout: Layout, *files: Path, deep: bool = False) -> list[Fault]:
    return [fault for fault in verify(layout, *files, deep=deep) if not fault.note]


def notes(layout: Layout, *files: Path, deep: bool = False) -> list[Fault]:
    return [fault for fault in verify(layout, *files, deep=deep) if fault.note]


def run(layout: Layout, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(layout.index)) as connection, connection:
        connection.execute(sql, values)


Rows = list[Record]


def rewrite(path: Path, change: Callable[[Rows], Rows | None]) -> None:
    """Write a WARC file anew with other records, every member and block digest of it right."""
    with path.open("rb") as stream:
        found = [record for record in walk(stream, path.name) if isinstance(record, Record)]
    found = change(found) or found
    path.write_bytes(b"".join(map(member, found)))


def member(record: Record) -> bytes:
    fields = {**record.fields, "warc-block-digest": records.digest(record.block)}
    fields.pop("content-length")
    return records.member(list(fields.items()), record.block)


def renewed(layout: Layout) -> None:
    """Make the index and CDXJ of WARC files that were written anew."""
    shutil.rmtree(layout.cdxj)
    rebuild(layout, [], workers=1)


def files(layout: Layout) -> list[Path]:
    return reader.files(layout.warcs)


def records_of(path: Path, kind: str) -> list[Record]:
    with path.open("rb") as stream:
        found = [r for r in walk(stream, path.name) if isinstance(r, Record)]
    return [record for record in found if record.get("warc-type") == kind]


# What is right.


@pytest.mark.parametrize("deep", [False, True])
def test_a_clean_archive_is_clean(layout: Layout, deep: bool) -> None:
    assert verify(layout, deep=deep) == []


def test_nothing_is_changed_and_nothing_is_left(layout: Layout) -> None:
    def state() -> dict[str, bytes]:
        found = [p for p in layout.root.rglob("*") if p.is_file() and p.suffix[-4:] not in SQLITE]
        return {str(p): p.read_bytes() for p in found}

    before = state()
    verify(layout, deep=True)
    assert state() == before


def test_worker_processes_find_the_same(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 0)
    damage(files(layout)[0], 40)
    seen: list[tuple[int, int]] = []
    with Verification(
        layout, workers=2, progress=lambda so_far: seen.append((so_far.files, so_far.of))
    ) as verification:
        found = list(verification.faults())
    monkeypatch.undo()
    assert found == verify(layout)
    assert len(found) == 1
    assert seen == [(1, 2), (2, 2)]


def test_an_archive_without_anything_is_clean(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert verify(layout) == []
    with pytest.raises(ArchiveError, match="no archive"):
        verify(Layout(tmp_path / "none"))


# One fault in a WARC file.


def damage(path: Path, offset: int, bits: int = 255) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= bits
    path.write_bytes(data)


def test_a_damaged_response_is_told_with_its_url_and_nothing_else_is(layout: Layout) -> None:
    path = files(layout)[0]
    record = records_of(path, "response")[1]
    damage(path, record.offset + record.length - 20)
    (fault,) = faults(layout)
    assert (fault.kind, fault.filename, fault.offset) == ("damaged", path.name, record.offset)
    assert fault.url == f"{SITE}/a/2"
    assert str(record.length) in fault.what


def test_of_a_record_whose_head_is_damaged_the_index_knows_the_url(layout: Layout) -> None:
    path = files(layout)[0]
    record = records_of(path, "response")[1]
    data = bytearray(path.read_bytes())
    data[record.offset : record.offset + 100] = bytes(100)
    path.write_bytes(data)
    (fault,) = faults(layout)
    assert (fault.kind, fault.offset, fault.url) == ("damaged", record.offset, f"{SITE}/a/2")


@pytest.mark.parametrize("kind", ["request", "metadata"])
def test_a_damaged_record_beside_a_response_is_told_once(layout: Layout, kind: str) -> None:
    path = files(layout)[0]
    record = records_of(path, kind)[0]
    damage(path, record.offset + record.length - 3)
    told = faults(layout)
    assert [(f.kind, f.offset, f.url) for f in told] == [("damaged", record.offset, f"{SITE}/a/1")]


def test_the_body_of_a_revisit_that_was_damaged_is_told_too(layout: Layout) -> None:
    path = files(layout)[0]
    original = records_of(path, "response")[0]
    (revisit,) = records_of(path, "revisit")
    damage(path, original.offset + original.length - 3)
    first, second = faults(layout)
    assert (first.kind, first.offset) == ("damaged", original.offset)
    assert (second.kind, second.offset, second.url) == ("revisit", revisit.offset, f"{SITE}/a/1")
    assert f"damaged record: {path.name} offset {original.offset}" in second.what


def without(kind: str, number: int) -> Callable[[Rows], Rows]:
    def change(found: Rows) -> Rows:
        gone = [r for r in found if r.get("warc-type") == kind][number]
        return [r for r in found if r is not gone]

    return change


def changed(kind: str, number: int, **fields: str) -> Callable[[Rows], None]:
    def change(found: Rows) -> None:
        record = [r for r in found if r.get("warc-type") == kind][number]
        record.fields.update({name.replace("_", "-"): value for name, value in fields.items()})

    return change


OTHER = "sha1:" + "QRST" * 8
WRONG = {
    "no request": (without("request", 1), "exchange", "response", 1, "request record is not behind"),
    "no metadata": (without("metadata", 1), "exchange", "response", 1, "metadata record is not"),
    "no response": (without("response", 1), "exchange", "request", 1, "the response of this request"),
    "another date": (
        changed("request", 1, warc_date="2026-03-01T12:00:00.000000Z"),
        "exchange", "request", 1, "has not the date of its response",
    ),
    "payload": (changed("response", 1, warc_payload_digest=OTHER), "payload", "response", 1, "digest"),
    "no warcinfo": (without("warcinfo", 0), "warcinfo", "response", 0, "does not begin with"),
    "no original": (
        changed("revisit", 0, warc_refers_to="<urn:uuid:none>"),
        "revisit", "revisit", 0, "the record that holds its body is not here",
    ),
    "another URL": (
        changed("revisit", 0, warc_refers_to_target_uri=f"{SITE}/other"),
        "revisit", "revisit", 0, "Refers-To-Target-URI",
    ),
    "another moment": (
        changed("revisit", 0, warc_refers_to_date="2026-03-01T12:00:00.123457Z"),
        "revisit", "revisit", 0, "Refers-To-Date",
    ),
    "profile": (changed("revisit", 0, warc_profile="x"), "revisit", "revisit", 0, "WARC-Profile"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_one_fault_in_a_file_that_is_whole(layout: Layout, name: str) -> None:
    change, kind, of, number, words = WRONG[name]
    path = files(layout)[0]
    rewrite(path, change)
    renewed(layout)
    record = records_of(path, of)[number]
    told = faults(layout)
    # A response that is gone takes two records' ground away.
    assert len(told) == (2 if name == "no response" else 1)
    fault = told[0]
    assert (fault.kind, fault.filename, fault.offset) == (kind, path.name, record.offset)
    assert fault.url == record.get("warc-target-uri")
    assert words in fault.what


def test_a_revisit_of_a_revisit_and_one_of_another_body(layout: Layout) -> None:
    path = files(layout)[0]
    (revisit,) = records_of(path, "revisit")
    other = records_of(path, "response")[1]
    for refers, words in ((revisit, "refers to a revisit"), (other, "another payload digest")):
        rewrite(path, changed("revisit", 0, warc_refers_to=refers.get("warc-record-id")))
        renewed(layout)
        (fault,) = faults(layout)
        (now,) = records_of(path, "revisit")
        assert (fault.kind, fault.offset, fault.url) == ("revisit", now.offset, f"{SITE}/a/1")
        assert words in fault.what


def test_a_name_that_two_records_have(layout: Layout) -> None:
    one, other = files(layout)
    name = records_of(one, "response")[1].get("warc-record-id")

    def change(found: Rows) -> None:
        changed("response", 0, warc_record_id=name)(found)
        for kind in ("request", "metadata"):
            changed(kind, 0, warc_concurrent_to=name)(found)

    rewrite(other, change)
    renewed(layout)
    (fault,) = faults(layout)
    record = records_of(other, "response")[0]
    assert (fault.kind, fault.filename, fault.offset) == ("name", other.name, record.offset)
    assert fault.url == f"{SITE}/a/3"
    assert one.name in fault.what


def test_a_copy_of_a_record_is_mentioned(layout: Layout) -> None:
    path = files(layout)[0]
    shutil.copy(path, layout.warcs / "ARCHIVER-copy.warc.gz")
    rebuild(layout, [], workers=1)
    assert faults(layout) == []
    assert {note.kind for note in notes(layout)} == {"name"}


def test_a_file_of_nothing(layout: Layout) -> None:
    path = layout.warcs / "ARCHIVER-20270101000000000-00001-h.warc.gz"
    path.touch()
    (fault,) = faults(layout)
    assert (fault.kind, fault.filename, fault.offset) == ("damaged", path.name, 0)


def test_a_file_that_cannot_be_read(layout: Layout) -> None:
    (layout.warcs / "ARCHIVER-3.warc.gz").mkdir()
    (fault,) = faults(layout)
    assert (fault.kind, fault.filename) == ("unreadable", "ARCHIVER-3.warc.gz")


def test_a_file_that_is_gone_is_one_fault(layout: Layout) -> None:
    path = files(layout)[1]
    path.unlink()
    told = faults(layout)
    assert [(f.kind, f.filename) for f in told] == [
        ("gone", path.name), ("cdxj", f"{path.name}.cdxj")
    ]  # fmt: skip
    assert "3 rows" in told[0].what


# Others' files: what they may do.


THEIRS = "ARCHIVER-20270101000000000-00001-import-0123456789abcdef-their.warc.gz"


def foreign(path: Path, chunked: bool, digest_of_chunks: bool) -> None:
    body = b"<p>chunked</p>" * 9
    stored = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    head = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    fields = [
        ("WARC-Type", "response"), ("WARC-Record-ID", "<urn:uuid:1>"),
        ("WARC-Date", "2020-01-01T00:00:00Z"), ("WARC-Target-URI", f"<{SITE}/x>"),
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Payload-Digest", records.digest(stored if digest_of_chunks else body)),
    ]  # fmt: skip
    revisit = [
        ("WARC-Type", "revisit"), ("WARC-Record-ID", "<urn:uuid:2>"),
        ("WARC-Date", "2020-01-02T00:00:00Z"), ("WARC-Target-URI", f"{SITE}/y"),
        ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
        ("WARC-Payload-Digest", OTHER), ("Content-Type", "application/http"),
    ]  # fmt: skip
    path.write_bytes(records.member(fields, head + stored) + records.member(revisit, HEAD))


@pytest.mark.parametrize("digest_of_chunks", [False, True])
def test_others_may_take_the_digest_with_the_chunks_or_without(
    layout: Layout, digest_of_chunks: bool
) -> None:
    foreign(layout.warcs / THEIRS, True, digest_of_chunks)
    renewed(layout)
    assert faults(layout, deep=True) == []
    (note,) = notes(layout)
    assert (note.kind, note.filename, note.url) == ("revisit", THEIRS, f"{SITE}/y")


def test_files_can_be_named(layout: Layout, tmp_path: Path) -> None:
    path = tmp_path / "their.warc.gz"
    foreign(path, False, True)
    assert faults(layout, path) == []
    damage(path, 60)
    damage(files(layout)[1], 40)
    assert [(f.kind, f.filename) for f in faults(layout, path)] == [("damaged", path.name)]
    assert faults(layout, files(layout)[0]) == []
    assert [f.filename for f in faults(layout, Path(files(layout)[1].name))] == [
        files(layout)[1].name
    ]
    assert [f.kind for f in faults(Layout(tmp_path / "none"), path)] == ["damaged"]
    with pytest.raises(ArchiveError, match="no such WARC file"):
        faults(layout, tmp_path / "none.warc.gz")


# One fault in the index, or in a CDXJ.

ROWS = {
    "offset": "offset = offset + 1",
    "length": "length = length - 1",
    "record_id": "record_id = 'x'",
    "digest": f"digest = '{OTHER}'",
    "url": "url = 'https://news.example/other'",
    "at": "at = '2026-03-01T12:00:00.000000Z'",
    "status": "status = 201",
}


@pytest.mark.parametrize("column", ROWS)
def test_a_row_that_does_not_lead_to_its_record(layout: Layout, column: str) -> None:
    run(layout, f"UPDATE exchanges SET {ROWS[column]} WHERE id = 2")
    told = faults(layout)
    record = records_of(files(layout)[0], "response")[1]
    offset = record.offset + (column == "offset")
    assert (told[0].kind, told[0].filename, told[0].offset) == (
        "row",
        files(layout)[0].name,
        offset,
    )
    assert told[0].url == (f"{SITE}/other" if column == "url" else f"{SITE}/a/2")
    assert len(told) == 1


def test_the_row_of_a_failure(layout: Layout) -> None:
    run(layout, "UPDATE failures SET record_id = 'x' WHERE id = 1")
    (fault,) = faults(layout)
    assert (fault.kind, fault.url) == ("row", f"{SITE}/none")


@pytest.mark.parametrize("table", ["exchanges", "failures"])
def test_a_record_without_a_row(layout: Layout, table: str) -> None:
    run(layout, "PRAGMA foreign_keys = OFF")
    run(layout, f"DELETE FROM {table} WHERE id = 1")
    told = [fault for fault in faults(layout) if fault.kind != "cdxj"]
    url = f"{SITE}/a/1" if table == "exchanges" else f"{SITE}/none"
    assert [(f.kind, f.filename, f.url) for f in told] == [
        ("unindexed", files(layout)[0].name, url)
    ]


@pytest.mark.parametrize("fault", ["none", "older", "garbage"])
def test_an_index_that_cannot_be_used_is_one_fault(layout: Layout, fault: str) -> None:
    if fault == "none":
        layout.index.unlink()
    elif fault == "older":
        run(layout, "PRAGMA user_version = 1")
    else:
        layout.index.write_bytes(b"no database " * 1000)
    told = faults(layout, deep=True)
    assert [(f.kind, f.filename) for f in told] == [("index", "index.db")]


DEEP = {
    "text": ("UPDATE versions SET text = text || ' more' WHERE id = 1", 2),
    "title": ("UPDATE versions SET title = 'x' WHERE id = 1", 2),
    "hash": ("UPDATE versions SET text_hash = 'x' WHERE id = 2", 1),
    "words": ("UPDATE search_count SET documents = 9", 1),
    "facets": ("UPDATE search_facet SET origin_id = 9", 1),
    "place": ("UPDATE search_doc SET version_id = 9 WHERE article_id = 1", 1),
    "nobody": ("UPDATE search_doc SET article_id = 9 WHERE article_id = 1", 2),
    "row": ("UPDATE exchanges SET article_id = 99 WHERE id = 2", 1),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_looks_into_the_index(layout: Layout, name: str) -> None:
    sql, count = DEEP[name]
    run(layout, sql)
    assert faults(layout) == []
    told = faults(layout, deep=True)
    assert len(told) == count
    assert {f.kind for f in told} <= {"text", "index"}


def test_deep_finds_pages_of_the_index_that_are_broken(layout: Layout) -> None:
    with layout.index.open("r+b") as stream:
        stream.seek(-4096 * 3, os.SEEK_END)
        stream.write(bytes(4096))
    assert {fault.kind for fault in faults(layout, deep=True)} >= {"index"}


def test_deep_says_which_body_cannot_be_decoded(layout: Layout) -> None:
    coded = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    ingest = Ingest(layout, {}, workers=1)
    ingest.write(capture(f"{SITE}/coded", head=coded, body=gzip.compress(PAGE)[:-30]))
    ingest.write(capture(f"{SITE}/cut", head=coded, body=b"\x1f\x8b", truncated="length"))
    ingest.close()
    assert verify(layout) == []
    (note,) = notes(layout, deep=True)
    assert (note.kind, note.url) == ("undecodable", f"{SITE}/coded")
    assert faults(layout, deep=True) == []


def lines(layout: Layout) -> tuple[Path, list[bytes]]:
    path = layout.cdxj / f"{files(layout)[0].name}.cdxj"
    return path, path.read_bytes().splitlines(keepends=True)


CDXJ: dict[str, tuple[Callable[[list[bytes]], Sequence[bytes]], str]] = {
    "order": (lambda found: found[::-1], "not sorted at line 2"),
    "missing": (lambda found: found[1:], "has no line of the record"),
    "offset": (
        lambda found: [found[0].replace(b'"offset": "', b'"offset": "9'), *found[1:]],
        "leads to no record",
    ),
    "length": (
        lambda found: [found[0].replace(b'"length": "', b'"length": "9'), *found[1:]],
        "does not say what the record says",
    ),
    "garbage": (lambda found: [*found, b"zzz\n"], "none of a CDXJ"),
    "more": (
        lambda found: [*found, found[-1].replace(b'"offset": "', b'"offset": "7')],
        "no record",
    ),
}


@pytest.mark.parametrize("name", CDXJ)
def test_one_fault_in_a_cdxj(layout: Layout, name: str) -> None:
    change, words = CDXJ[name]
    path, found = lines(layout)
    path.write_bytes(b"".join(change(found)))
    told = [f for f in faults(layout) if name != "more" or "sorted" not in f.what]
    assert [(f.kind, f.filename) for f in told] == [("cdxj", path.name)]
    assert words in told[0].what


def test_a_cdxj_that_is_not_there_yet_is_mentioned(layout: Layout) -> None:
    path, _ = lines(layout)
    path.unlink()
    assert [(f.kind, f.note) for f in verify(layout)] == [("cdxj", True)]


# What is under way, and what was left.


def test_what_a_stopped_process_left_is_told(layout: Layout) -> None:
    leave(layout, [1], torn=5)
    told = verify(layout)
    assert [f.kind for f in told] == ["damaged", "unindexed", "open"]
    assert told[-1].note


def test_the_quarantine_is_mentioned(layout: Layout) -> None:
    layout.quarantine.mkdir()
    (layout.quarantine / "a.tail").write_bytes(b"1234")
    assert [(f.kind, f.filename, f.note) for f in verify(layout)] == [
        ("quarantine", "a.tail", True)
    ]


def hold(root: Path, torn: int, ready: multiprocessing.synchronize.Event,
         done: multiprocessing.synchronize.Event) -> None:  # fmt: skip
    """Write as a crawl does, and stop in the midst of a record, with the lock held."""
    layout = Layout(root)
    ingest = Ingest(layout, {}, workers=1)
    for number in range(3):
        ingest.write(robots(number)).result().outcome.result()
    (path,) = layout.warcs.glob(f"*{OPEN}")
    size = path.stat().st_size
    with path.open("ab") as stream:  # as if the row were on its way, and a record half written
        stream.write(records.member([("WARC-Type", "response")], b"x" * 99)[:torn])
    ready.set()
    done.wait(60)
    os.truncate(path, size)
    ingest.close()


@pytest.mark.parametrize("torn", [0, 30])
def test_a_crawl_may_go_on_meanwhile(layout: Layout, torn: int) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=hold, args=(layout.root, torn, ready, done))
    process.start()
    assert ready.wait(60)
    try:
        assert verify(layout, deep=True) == []
        damage(
            next(layout.warcs.glob(f"*{OPEN}")), 300
        )  # what has its row is looked at all the same
        assert len(faults(layout)) == 1
    finally:
        done.set()
        process.join(60)


def test_records_whose_rows_are_on_their_way_are_no_fault(layout: Layout) -> None:
    writer = WarcWriter(layout.warcs, {})
    writer.append(robots(1))
    with locked(layout):
        assert verify(layout) == []
    assert [f.kind for f in faults(layout)] == ["unindexed"]


# Damage everywhere.


def shelf(tmp_path: Path) -> Layout:
    """200 exchanges in one file, each with a body that does not shrink."""
    layout = Layout(tmp_path / "shelf")
    source = random.Random(4)
    ingest = Ingest(layout, {}, workers=1)
    for number in range(200):
        ingest.write(capture(f"{SITE}/r/{number}", kind=Kind.RESOURCE, body=source.randbytes(6000)))
    ingest.close()
    return layout


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return shelf(tmp_path_factory.mktemp("full"))


def tear(data: bytearray, start: int, end: int, source: random.Random) -> None:
    del data[source.randrange(start + 1, end) : end]


def flip(data: bytearray, start: int, end: int, source: random.Random) -> None:
    data[source.randrange(start + 10, end)] ^= 1 << source.randrange(8)


def spill(data: bytearray, start: int, end: int, source: random.Random) -> None:
    at = source.randrange(start, end - 5000)
    data[at : at + 5000] = source.randbytes(5000)


@pytest.mark.parametrize("harm", [tear, flip, spill])
@pytest.mark.parametrize("case", range(25))
def test_of_200_the_one_that_is_damaged_is_named(
    full: Layout, tmp_path: Path, case: int,
    harm: Callable[[bytearray, int, int, random.Random], None],
) -> None:  # fmt: skip
    source = random.Random(f"{harm.__name__} {case}")
    (path,) = files(full)
    kept = [item for item in reader.kept(path) if isinstance(item, Snapshot)]
    number = case * 8 + source.randrange(8)
    where = kept[number].location
    data = bytearray(path.read_bytes())
    harm(data, where.offset, where.offset + where.length, source)
    copy = Layout(tmp_path / "copy")
    shutil.copytree(full.root, copy.root)
    (copy.warcs / path.name).write_bytes(data)
    told = faults(copy)
    damaged = [f for f in told if f.kind == "damaged"]
    url = f"{SITE}/r/{number}"
    assert [(f.filename, f.offset, f.url) for f in damaged] == [(path.name, where.offset, url)]
    if harm is not tear:  # bytes that are gone move all that follows
        assert told == damaged
    read = [i.capture.url for i in reader.kept(copy.warcs / path.name) if isinstance(i, Snapshot)]
    assert read == [f"{SITE}/r/{n}" for n in range(200) if n != number]


def test_a_file_that_is_cut_anywhere_is_noticed(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "archive")
    ingest = Ingest(layout, {}, workers=1)
    for item in (robots(1), failure()):
        ingest.write(item).result().outcome.result()
    ingest.close()
    (path,) = files(layout)
    data = path.read_bytes()
    assert faults(layout) == []
    with path.open("rb") as stream:
        ends = {record.offset for record in walk(stream, path.name)}
    for end in sorted({*range(0, len(data), 7), *ends, *(end + 1 for end in ends), len(data) - 1}):
        path.write_bytes(data[:end])
        told = faults(layout)
        assert told, end
        assert {f.filename for f in told} <= {path.name, f"{path.name}.cdxj"}


def test_a_ledger_that_cannot_be_written_is_told(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(self: Ledger) -> None:
        self._connection.execute("PRAGMA max_page_count = 3")
        self._connection.execute("CREATE TABLE more AS SELECT randomblob(99999)")

    monkeypatch.setattr(Ledger, "ready", small)
    with pytest.raises(ArchiveError, match="set TMPDIR"):
        verify(layout)


def test_a_fault_is_a_line() -> None:
    assert str(Fault("cdxj", "a.cdxj", None, "", "wrong")) == "a.cdxj: wrong"
    assert str(Fault("row", "a.gz", 7, "", "wrong")) == "a.gz: offset 7: wrong"
    assert str(Fault("row", "a.gz", 7, "h", "wrong")) == "a.gz: offset 7 of h: wrong"
    assert str(Fault("text", "a.db", None, "h", "wrong")) == "a.db: of h: wrong"
