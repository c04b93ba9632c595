"""A WACZ that others can read: the layout, sorted index, pages, digests; and the same bytes each time."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archiver import wacz
from archiver.errors import ArchiveError, DamagedError
from archiver.excerpts import Copied
from archiver.imports import find, import_files
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Query
from archiver.verify import Verification
from archiver.warc.walk import Record, walk
from tests.test_verify import SITE
from tests.visits import article, articles, damage

pytestmark = pytest.mark.usefixtures("lent_worker")

LIMITED = """
import resource, signal, sys
from pathlib import Path
from archiver import wacz
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Query
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
layout = Layout(Path(sys.argv[1]))
with Index(layout.index) as index:
    wacz.write(index.stream(Query()), index, layout, Path(sys.argv[2]))
"""


def write(layout: Layout, path: Path, **more: Any) -> Copied:
    with Index(layout.index) as index:
        return wacz.write(index.stream(Query()), index, layout, path, **more)


@pytest.fixture
def opened(layout: Layout, tmp_path: Path) -> Any:
    write(
        layout,
        tmp_path / "found.wacz",
        visits=True,
        text=True,
        title="What was found",
        max_bytes=4000,
    )
    with zipfile.ZipFile(tmp_path / "found.wacz") as zipped:
        yield zipped


def index_lines(archive: zipfile.ZipFile) -> list[bytes]:
    return gzip.decompress(archive.read("indexes/index.cdx.gz")).splitlines()


def pages(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]


def test_what_lies_where_and_how(opened: zipfile.ZipFile) -> None:
    names = [info.filename for info in opened.infolist()]
    warcs = [name for name in names if name.startswith("archive/")]
    assert warcs == [f"archive/found-{n:05d}.warc.gz" for n in range(1, len(warcs) + 1)]
    assert len(warcs) > 1
    assert names[len(warcs) :] == ["indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl",
                                   "datapackage.json", "datapackage-digest.json"]  # fmt: skip
    stored = [info for info in opened.infolist() if info.filename.endswith(".gz")]
    assert {info.compress_type for info in stored} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert opened.testzip() is None


def test_each_line_of_the_index_leads_to_its_record(
    opened: zipfile.ZipFile, tmp_path: Path
) -> None:
    lines = index_lines(opened)
    assert lines == sorted(lines)
    assert len(lines) == 6
    opened.extractall(tmp_path / "unpacked")
    for line in lines:
        about = json.loads(line[line.index(b"{") :])
        path = tmp_path / "unpacked" / "archive" / about["filename"]
        with path.open("rb") as stream:
            record = next(walk(stream, path.name, int(about["offset"])))
        assert isinstance(record, Record)
        assert (record.get("warc-target-uri"), str(record.length)) == (
            about["url"],
            about["length"],
        )
        assert record.get("warc-payload-digest") == about["digest"]
        assert (record.get("warc-type") == "revisit") == (about["mime"] == "warc/revisit")


def test_a_block_of_the_index_can_be_read_by_itself(
    opened: zipfile.ZipFile, monkeypatch: Any, tmp_path: Path, layout: Layout
) -> None:
    monkeypatch.setattr(wacz, "_LINES", 2)
    write(layout, tmp_path / "blocks.wacz", visits=True)
    with zipfile.ZipFile(tmp_path / "blocks.wacz") as archive:
        head, *blocks = archive.read("indexes/index.idx").splitlines()
        data = archive.read("indexes/index.cdx.gz")
        lines = index_lines(archive)
    assert head == b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        key, _, told = block.partition(b" {")
        about = json.loads(b"{" + told)
        part = data[about["offset"] : about["offset"] + about["length"]]
        assert f"sha256:{hashlib.sha256(part).hexdigest()}" == about["digest"]
        inside = gzip.decompress(part).splitlines()
        assert inside == lines[2 * number : 2 * number + 2]
        assert inside[0].startswith(key + b" {")


def test_each_article_is_a_page_that_the_index_knows(
    opened: zipfile.ZipFile, layout: Layout
) -> None:
    head, *found = pages(opened)
    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    assert [page["url"].removeprefix(SITE) for page in found] == ["/a/1", "/a/2", "/a/3", "/b/4"]
    lines = [line.split(b" ", 2) for line in index_lines(opened)]
    known = {(json.loads(about)["url"], stamp.decode()) for _, stamp, about in lines}
    for page in found:
        stamp = "".join(c for c in page["ts"] if c.isdigit())
        assert (page["url"], stamp) in known
        wanted = article(layout, page["url"])
        assert (page["title"], page["text"]) == (wanted.document.title, wanted.document.text)
        assert page["id"] == f"{wanted.id}-{wanted.version}"


def test_what_it_says_of_itself(opened: zipfile.ZipFile) -> None:
    data = opened.read("datapackage.json")
    package = json.loads(data)
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    assert (package["title"], package["created"]) == ("What was found", "2026-03-01T17:00:00Z")
    first = pages(opened)[1]
    assert (package["mainPageUrl"], package["mainPageDate"]) == (first["url"], first["ts"])
    named = {resource["path"]: resource for resource in package["resources"]}
    assert set(named) == set(opened.namelist()) - {"datapackage.json", "datapackage-digest.json"}
    for path, resource in named.items():
        content = opened.read(path)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        assert resource["name"] == Path(path).name
    digest = json.loads(opened.read("datapackage-digest.json"))
    assert digest == {
        "path": "datapackage.json",
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }


def test_twice_the_same_bytes(layout: Layout, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(layout, tmp_path / folder / "found.wacz", visits=True)
    one, two = ((tmp_path / folder / "found.wacz").read_bytes() for folder in ("one", "two"))
    assert one == two


def test_it_can_be_taken_in_again_and_gives_the_same_articles(
    layout: Layout, tmp_path: Path
) -> None:
    write(layout, tmp_path / "found.wacz", visits=True, max_bytes=4000)
    again = Layout(tmp_path / "again")
    done = import_files(find([tmp_path / "found.wacz"], again), again, (), workers=1)
    assert {file.state for file in done.files} == {"imported"}
    assert articles(again) == articles(layout)
    with Verification(again) as verification:
        assert [fault for fault in verification.faults() if not fault.note] == []


def test_a_page_whose_record_is_damaged_is_no_page(layout: Layout, tmp_path: Path) -> None:
    damage(layout, article(layout, f"{SITE}/a/3"))  # which holds the body of /b/4, too
    done = write(layout, tmp_path / "found.wacz")
    assert done.damaged == 1
    with zipfile.ZipFile(tmp_path / "found.wacz") as archive:
        assert [page["url"].removeprefix(SITE) for page in pages(archive)[1:]] == ["/a/1", "/a/2"]


def test_where_nothing_is_whole_there_is_no_file(layout: Layout, tmp_path: Path) -> None:
    for path in layout.warcs.iterdir():
        path.write_bytes(b"")
    (tmp_path / "out").mkdir()
    with pytest.raises(DamagedError):
        write(layout, tmp_path / "out" / "found.wacz")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_that_refuses_is_told_and_the_old_file_stays(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "found.wacz"
    write(layout, path)
    before = path.read_bytes()
    limit = str(len(before) // 2)
    command = [sys.executable, "-c", LIMITED, layout.root, path, limit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ArchiveError.__name__ in done.stderr
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_files_that_are_too_large_for_a_plain_zip(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 3000)  # bytes, instead of 2 GiB
    write(layout, tmp_path / "found.wacz", visits=True, text=True, max_bytes=1_000_000)
    with zipfile.ZipFile(tmp_path / "found.wacz") as archive:
        assert archive.testzip() is None
        warc, *_ = archive.infolist()
    assert warc.file_size > 3000
    assert (tmp_path / "found.wacz").read_bytes()[4:6] == b"\x2d\x00"  # version 4.5: ZIP64
    again = Layout(tmp_path / "again")
    import_files([tmp_path / "found.wacz"], again, (), workers=1)
    assert articles(again) == articles(layout)
