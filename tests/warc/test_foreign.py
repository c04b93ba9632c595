"""What other crawlers write is read: their order, their codings, their old formats."""

import gzip
import io
import random
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archiver.errors import DamagedError
from archiver.types import Damage, Kind, Snapshot
from archiver.warc import foreign as module
from archiver.warc import heads, reader, wacz
from archiver.warc.walk import Record, walk
from tests import foreign
from tests.foreign import DATE, arc, arc_start, chunked, http, packed, record, response

URL = "https://news.example/a/1"
AT = datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC)
PAGE = "<html><p>كلمة</p></html>".encode("cp1256")


def kept(tmp_path: Path, data: bytes, name: str = "a.warc") -> list[Any]:
    (tmp_path / name).write_bytes(data)
    return list(reader.kept(tmp_path / name))


def only(found: list[Any]) -> Snapshot:
    (snapshot,) = found
    assert isinstance(snapshot, Snapshot), snapshot
    return snapshot


def walked(data: bytes, name: str = "a") -> list[Record | Damage]:
    return list(walk(io.BytesIO(data), name))


def test_wget_puts_the_request_first_and_keeps_the_chunks(tmp_path: Path) -> None:
    request = b"GET /a/1 HTTP/1.1\r\nUser-Agent: Wget\r\n\r\n"
    block = http(chunked(PAGE, 10), b"Transfer-Encoding: chunked\r\n")
    first = "<urn:uuid:00000000-0000-4000-8000-0000000000aa>"
    data = packed([
        record("warcinfo", b"software: Wget\r\n"),
        record("request", request, f"<{URL}>", record_id=first, ip_address="192.0.2.9"),
        record("response", block, f"<{URL}>", concurrent_to=first, ip_address="192.0.2.9"),
        record("metadata", b"x", "metadata://gnu.org/software/wget/warc/MANIFEST.txt"),
        record("resource", b"x", "metadata://gnu.org/software/wget/warc/wget.log"),
    ])  # fmt: skip
    capture = only(kept(tmp_path, data, "a.warc.gz")).capture
    assert (capture.url, capture.at, capture.ip) == (URL, AT, "192.0.2.9")
    assert (capture.request, capture.body) == (request, PAGE)


def test_heritrix_tells_how_it_came_there(tmp_path: Path) -> None:
    main = "<urn:uuid:00000000-0000-4000-8000-0000000000ab>"
    about = b"via: https://news.example/\r\nhopsFromSeed: LLE\r\nfetchTimeMs: 77\r\n"
    data = packed([
        record("warcinfo", b"software: Heritrix\r\n"),
        record("response", b"20210506070809\nnews.example. 1 IN A 192.0.2.1\n", "dns:news.example",
               content_type="text/dns"),
        record("response", http(PAGE), URL, record_id=main),
        record("request", b"GET /a/1 HTTP/1.0\r\n\r\n", URL, concurrent_to=main),
        record("metadata", about, URL, concurrent_to=main),
    ])  # fmt: skip
    capture = only(kept(tmp_path, data, "a.warc.gz")).capture
    assert (capture.link.via, capture.link.hops) == ("https://news.example/", 3)
    assert (capture.took_ms, capture.link.kind, capture.link.source) == (77, Kind.ARTICLE, "")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # warcio leaves files to the collector
def test_warcio_and_browsertrix(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    heads_ = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    made = writer.create_warc_record(URL, "response", io.BytesIO(PAGE), http_headers=heads_)
    asked = StatusAndHeaders("GET /a/1 HTTP/1.1", [("Host", "news.example")])
    writer.write_request_response_pair(
        writer.create_warc_record(URL, "request", http_headers=asked), made
    )
    writer.write_record(
        writer.create_warc_record("urn:text:" + URL, "resource", io.BytesIO(b"text"))
    )
    snapshot = only(kept(tmp_path, out.getvalue(), "a.warc.gz"))
    assert (snapshot.capture.url, snapshot.capture.body) == (URL, PAGE)
    assert snapshot.capture.request.startswith(b"GET /a/1")


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_every_version(tmp_path: Path, version: str, end: bytes) -> None:
    data = record("response", http(PAGE), URL, version=version, end=end)
    for name, packing in (("a.warc", data), ("a.warc.gz", packed([data]))):
        assert only(kept(tmp_path, packing, name)).capture.body == PAGE


def test_arc_files(tmp_path: Path) -> None:
    odd = "https://news.example/with a space/1"
    records = [arc_start(), arc(URL, PAGE), arc(odd, b"<p>two")]
    for name, data in (("a.arc", b"".join(records)), ("a.arc.gz", packed(records))):
        one, two = kept(tmp_path, data, name)
        assert (one.capture.url, one.capture.body, one.capture.ip) == (URL, PAGE, "192.0.2.1")
        assert one.capture.at == datetime(2005, 6, 7, 8, 9, 10, tzinfo=UTC)
        assert two.capture.body == b"<p>two"
        assert reader.response_at(tmp_path, two.location) == (two.capture.head, b"<p>two")


def test_the_second_version_of_arc_has_five_more_fields() -> None:
    line = b"http://h.example/ 192.0.2.1 20050607080910 text/html 200 abc - 1234 a.arc 5\nHELLO\n"
    head = heads.read(line)
    assert head is not None
    assert (head.fields["warc-target-uri"], head.block) == ("http://h.example/", 5)
    assert line[head.length :] == b"HELLO\n"


@given(st.binary(max_size=300) | st.from_regex(rb"[a-z]:( 1| \d{14} | x){1,60}\n", fullmatch=True))
def test_no_head_is_read_from_what_is_none(data: bytes) -> None:
    try:
        head = heads.read(data)
    except ValueError:
        return
    assert (head is not None) == heads.begins(data) or data.startswith(b"WARC/")
    assert head is None or head.length <= len(data)


def test_a_field_goes_on_in_the_next_line_and_one_may_stand_twice() -> None:
    head = heads.read(
        b"WARC/1.0\r\nContent-Length : 3\r\nX: a\r\n  b\r\nbroken\r\n: none\r\n"
        b"WARC-Concurrent-To: <a>\r\nWARC-Concurrent-To: <b>\r\nY: c\rd\r\n\r\nabc"
    )
    assert head is not None
    assert head.fields == {"content-length": "3", "x": "a b", "y": "c",
                           "warc-concurrent-to": "<a> <b>"}  # fmt: skip


@pytest.mark.parametrize("dictionary", [b"", b"WARC/1.0\r\nWARC-Type: response\r\n" * 40])
@pytest.mark.parametrize("packed_too", [False, True])
def test_zstd_with_and_without_a_dictionary(
    tmp_path: Path, dictionary: bytes, packed_too: bool
) -> None:
    made = [record("warcinfo", b"x"), response(URL, PAGE), response(f"{URL}2", b"<p>")]
    data = foreign.frames(made, dictionary, packed_too)
    one, two = kept(tmp_path, data, "a.warc.zst")
    assert (one.capture.body, two.capture.url) == (PAGE, f"{URL}2")
    assert reader.response_at(tmp_path, two.location)[1] == b"<p>"


@pytest.mark.parametrize(
    "start",
    [
        b"\x5d\x2a\x4d\x18\x10\x00\x00\x00" + b"\x28\xb5\x2f\xfd" + b"\xff" * 12,
        b"\x5d\x2a\x4d\x18\x10\x00\x00\x00" + b"\x37\xa4\x30\xec" + b"\xff" * 12,
        b"\x5d\x2a\x4d\x18\xff\xff\xff\xff",
        b"\x51\x2a\x4d\x18\x00\x00\x00\x00",
        b"\x5d\x2a\x4d\x18",
    ],
)
def test_a_dictionary_that_is_none(start: bytes) -> None:
    walked(start + foreign.frames([response(URL, PAGE)]), "a.warc.zst")  # and nothing is raised


def test_a_body_kept_decoded_under_a_head_that_says_gzip(tmp_path: Path) -> None:
    from archiver.content import decode_body, read_head

    for field in (b"Content-Encoding: gzip\r\n", b"X-Crawler-Content-Encoding: gzip\r\n"):
        capture = only(kept(tmp_path, response(URL, b"<p>plain", field))).capture
        assert decode_body(read_head(capture.head), capture.body) == (b"<p>plain", "")


def test_a_segmented_record_is_cut(tmp_path: Path) -> None:
    data = record("response", http(PAGE), URL, segment_number="1") + record(
        "continuation", b"more", URL, segment_number="2"
    )
    assert only(kept(tmp_path, data)).capture.truncated == "length"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (record("response", b"", "dns:news.example", content_type="text/dns"), "dns"),
        (record("response", b"", "<ftp://h.example/>"), "ftp"),
        (record("response", b"", URL, content_type="text/html"), "not HTTP"),
        (record("response", b"", ""), "not HTTP"),
        (record("resource", b"", URL), "resource"),
        (record("conversion", b"", URL), "conversion"),
        (record("response", http(b""), f"<{URL}>"), ""),
        (record("metadata", b"", URL), ""),
    ],
)
def test_what_becomes_no_row_is_counted(tmp_path: Path, made: bytes, why: str) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(made)
    assert module.survey(path, path.name).passed_over == (Counter([why]) if why else Counter())
    assert len(list(reader.kept(path))) == (not why and b"WARC-Type: response" in made)


def test_a_request_or_metadata_of_many_megabytes_is_cut(tmp_path: Path) -> None:
    data = response(URL, PAGE) + record("request", b"G" * 3_000_000, URL)
    assert len(only(kept(tmp_path, data)).capture.request) == 1024 * 1024


def test_a_head_without_end_is_cut(tmp_path: Path) -> None:
    capture = only(kept(tmp_path, record("response", b"HTTP/1.1 200 OK\r\n" * 60_000, URL))).capture
    assert len(capture.head) == 256 * 1024
    assert capture.head + capture.body == b"HTTP/1.1 200 OK\r\n" * 60_000


def test_a_revisit_without_a_head_has_that_of_its_original(tmp_path: Path) -> None:
    block = http(chunked(PAGE), b"Transfer-Encoding: chunked\r\n")
    data = record("response", block, URL) + record(
        "revisit", b"", URL, date="2022-01-01T00:00:00Z", refers_to_target_uri=URL,
        refers_to_date=DATE, payload_digest=foreign.digest(chunked(PAGE)),
    )  # fmt: skip
    original, revisit = kept(tmp_path, data)
    assert (revisit.capture.head, revisit.capture.body) == (b"", b"")
    whole = reader.with_body(tmp_path, revisit, original.location)
    assert (whole.capture.head, whole.capture.body) == (original.capture.head, PAGE)
    wrong = record("response", http(b"other"), URL)
    (tmp_path / "b.warc").write_bytes(wrong)
    other = only(list(reader.kept(tmp_path / "b.warc")))
    with pytest.raises(DamagedError, match="another body"):
        reader.with_body(tmp_path, revisit, other.location)


MADE = [record("warcinfo", b"x"), response(URL, PAGE), response(f"{URL}2", b"<p>two" * 9000)]


@pytest.mark.parametrize(
    ("name", "data", "ending"),
    [
        ("one.warc.gz", gzip.compress(b"".join(MADE), mtime=0), ".warc.gz"),
        ("one.warc.zst", zstandard.ZstdCompressor().compress(b"".join(MADE)), ".warc.zst"),
        (
            "mixed.warc.gz",
            packed(MADE[:1]) + gzip.compress(b"".join(MADE[1:]), mtime=0),
            ".warc.gz",
        ),
        (
            "old.arc.gz",
            gzip.compress(arc_start() + arc(URL, PAGE) + arc(f"{URL}2", b"x"), mtime=0),
            ".arc.gz",
        ),
    ],
)
def test_members_with_many_records_are_written_anew(
    tmp_path: Path, name: str, data: bytes, ending: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = module.survey(path, name)
    assert (found.crowded, found.ending, found.records, found.damages.count) == (True, ending, 3, 0)
    out = tmp_path / "anew.gz"
    with path.open("rb") as stream, out.open("xb") as written:
        assert list(module.spread(stream, name, written)) == []
    anew, before = walked(out.read_bytes()), walked(data)
    assert [(r.fields, r.block) for r in anew] == [(r.fields, r.block) for r in before]  # type: ignore[union-attr]
    assert all(isinstance(r, Record) and r.alone for r in anew)
    inflated = gzip.decompress(data) if name.endswith("gz") else b"".join(MADE)
    assert gzip.decompress(out.read_bytes()) == inflated
    assert not module.survey(out, out.name).crowded


def test_warcio_reads_what_was_written_anew(tmp_path: Path) -> None:
    out = io.BytesIO()
    list(module.spread(io.BytesIO(gzip.compress(b"".join(MADE))), "a", out))
    out.seek(0)
    assert [r.rec_type for r in ArchiveIterator(out)] == ["warcinfo", "response", "response"]


@pytest.mark.parametrize("cut", [1, 20, 3000])
def test_of_many_in_a_member_that_breaks_off_the_first_stay(tmp_path: Path, cut: int) -> None:
    noise = random.Random(1).randbytes(40_000)  # cannot be packed, so that there is much to cut
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join([*MADE, response(f"{URL}3", noise)]))[:-cut])
    found = module.survey(path, path.name)
    assert found.crowded
    with path.open("rb") as stream, (tmp_path / "b.warc.gz").open("xb") as out:
        (damage,) = module.spread(stream, path.name, out)
    assert "cut short" in str(damage)
    blocks = [
        r.block for r in walked((tmp_path / "b.warc.gz").read_bytes()) if isinstance(r, Record)
    ]
    assert blocks[:3] == [r.block for r in walked(b"".join(MADE)) if isinstance(r, Record)]


def test_one_record_with_a_wrong_checksum_is_not_made_right(tmp_path: Path) -> None:
    data = bytearray(packed(MADE))
    data[-8] ^= 1
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    assert not module.survey(path, path.name).crowded
    out = io.BytesIO()
    (damage,) = module.spread(io.BytesIO(data), "a", out)
    assert "inflated" in damage.reason
    assert len(walked(out.getvalue())) == 2


def test_names_sort_behind_all_that_is_there(tmp_path: Path) -> None:
    early = datetime(2001, 1, 1, tzinfo=UTC)
    (tmp_path / "ARCHIVER-20300101000000000-00001-h.warc.gz.open").touch()
    (tmp_path / "ARCHIVER-99999999999999999-00001-h.warc.gz").touch()  # no time at all
    (tmp_path / "ARCHIVER-import.part").write_bytes(b"left")
    shelf = module.Shelf(tmp_path, lambda: early)
    assert not (tmp_path / "ARCHIVER-import.part").exists()
    names = []
    for original in ("أخبار.warc.gz", "../../x y.warc", "-.gz", "n" * 300 + ".arc"):
        shelf.part().write_bytes(b"x")
        names.append(shelf.keep("ab" * 32, original, ".warc").name)
    assert names == sorted(names)
    assert names[0] == "ARCHIVER-20300101000000001-00001-import-abababababababab-file.warc"
    assert names[1].endswith("-import-abababababababab-x_y.warc")
    assert all(len(name) < 200 and reader.is_warc(name) for name in names)
    assert shelf.knows("ab" * 32)
    assert module.Shelf(tmp_path, lambda: early).knows("ab" * 32)
    assert not shelf.knows("cd" * 32)


def test_only_the_warc_files_of_a_wacz(tmp_path: Path) -> None:
    path = foreign.wacz(tmp_path / "a.wacz", {
        "archive/b.warc.gz": b"b", "archive/a.warc.gz": b"a", "archive/../../up.warc.gz": b"c",
        "archive/index.cdx.gz": b"d", "other/e.warc.gz": b"e", "archive/f.warc.gz/": b"",
    })  # fmt: skip
    assert wacz.is_wacz(path)
    with wacz.opened(path) as archive:
        entries = wacz.entries(archive, path)
        assert [e.filename for e in entries] == [
            "archive/../../up.warc.gz", "archive/a.warc.gz", "archive/b.warc.gz"]  # fmt: skip
        with wacz.unpacking(archive, entries[2], path) as stream:
            assert stream.read() == b"b"


def test_a_wacz_that_would_fill_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("archive/a.warc", "w") as out,
    ):
        for _ in range(80):
            out.write(bytes(1024 * 1024))
    with wacz.opened(path) as archive, pytest.raises(DamagedError, match="far larger"):
        wacz.entries(archive, path)


def test_a_wacz_with_a_huge_list_of_contents(tmp_path: Path) -> None:
    for big in (False, True):
        data = bytearray(foreign.wacz(tmp_path / "a.wacz", {}).read_bytes())
        end = data.rindex(b"PK\x05\x06")
        data[end + 12 : end + 16] = (0xFFFFFFFF if big else 50_000_000).to_bytes(4, "little")
        if big:
            end64 = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(28)
            end64 += (50_000_000).to_bytes(8, "little") + bytes(8)
            where = b"PK\x06\x07" + bytes(4) + end.to_bytes(8, "little") + bytes(4)
            data[end:end] = end64 + where
        (tmp_path / "a.wacz").write_bytes(data)
        with (
            pytest.raises(DamagedError, match="list of contents"),
            wacz.opened(tmp_path / "a.wacz"),
        ):
            pass


def test_a_damaged_file_of_a_wacz(tmp_path: Path) -> None:
    path = foreign.wacz(tmp_path / "a.wacz", {"archive/a.warc": b"WARC/1.0 and so on"})
    path.write_bytes(path.read_bytes().replace(b"and so on", b"and so ox", 1))
    with wacz.opened(path) as archive:
        (info,) = wacz.entries(archive, path)
        with (
            pytest.raises(DamagedError, match="cannot be unpacked"),
            wacz.unpacking(archive, info, path) as stream,
        ):
            stream.read()


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "PK\x03\x04", "PK\x05\x06"]))
def test_any_bytes_are_a_wacz_or_told(tmp_path_factory: Any, data: bytes, start: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.wacz"
    path.write_bytes(start.encode() + data)
    try:
        with wacz.opened(path) as archive:
            wacz.entries(archive, path)
    except DamagedError:
        pass


@pytest.mark.parametrize("gap", [1, 4000, 5000, 17_000, 70_000, 1_200_000])
def test_the_next_record_is_found_however_far_it_is(gap: int) -> None:
    junk = b"\x1f\x8b" * (gap // 2) + b"x"
    one, two = response(URL, PAGE), response(f"{URL}2", b"<p>")
    for first, second in ((one, two), (packed([one]), packed([two]))):
        before, damage, after = walked(first + junk + b"\n" + second)
        assert isinstance(damage, Damage)
        assert damage.offset == len(first)
        assert damage.length == len(junk) + 1
        assert isinstance(before, Record)
        assert isinstance(after, Record)
        assert after.get("warc-target-uri") == f"{URL}2"
