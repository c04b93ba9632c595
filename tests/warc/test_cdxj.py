"""The CDXJ that replay tools read: line for line what cdxj-indexer writes."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import surt
from hypothesis import given
from hypothesis import strategies as st

from archiver import cdxj as job
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.types import Capture, Failure, Kind
from archiver.warc import cdxj, reader
from archiver.warc.writer import OPEN
from tests.samples import AT, HEAD, capture, failure

HOSTS = ["news.example", "WWW.News.example", "www3.a.example:8080", "127.0.0.1:8000", "h.example:443",
         "موقع.example", "a..b.example.", "[2001:db8::1]:8080", "3232235777", "h.example:", "h:99999"]  # fmt: skip
PARTS = ["a", "B", "%20", "%2F", "%252e", "..", ".", "/", "//", "?", "&", "=", "é", "%d8%a8", "sid=", "1",
         "PHPSESSID=", "0123456789abcdef0123456789ABCDEF", "(", ".aspx", "+", "|", "%", "cfid=1&cftoken=2"]  # fmt: skip


@given(
    st.sampled_from(["http", "https"]),
    st.sampled_from(HOSTS),
    st.sampled_from("/?"),
    st.lists(st.sampled_from(PARTS), max_size=9),
)
def test_the_key_is_that_of_the_others(scheme: str, host: str, mark: str, parts: list[str]) -> None:
    url = f"{scheme}://{host}{mark}{''.join(parts)}"
    try:
        wanted = surt.surt(url)
    except ValueError:
        wanted = url  # what cdxj-indexer puts there
    assert cdxj.surt(url) == wanted


def test_what_is_no_url_stays() -> None:
    assert cdxj.surt("urn:x") == "urn:x"


def exchanges() -> Iterator[Capture | Failure]:
    """Pages, a revisit, a redirect, heads without type or with a strange one, and a failure."""
    page = b"<p>" + b"body " * 300
    for number, path in enumerate(["b?z=1&a=2", "A/", "%D8%A8?q=%d8%aa", "robots.txt", "a/../c"]):
        yield capture(
            f"https://www.news.example/{path}", at=AT + timedelta(hours=number), body=page
        )
    yield capture("http://news.example:8080/", kind=Kind.SECTION, head=b"HTTP/1.1 302 \r\n\r\n")
    typed = HEAD.replace(b"text/html", b"text/plain ; charset=utf-8")
    yield capture("https://news.example/typed", kind=Kind.FEED, head=typed)
    yield failure("https://news.example/none")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "archive")
    ingest = Ingest(layout, {}, workers=1)
    for item in exchanges():  # one after the other: a body is a revisit once it is there
        ingest.write(item).result().outcome.result()
    ingest.close()
    return layout


def theirs(path: Path) -> bytes:
    program = Path(sys.executable).with_name("cdxj-indexer")
    return subprocess.run([program, "-s", path], capture_output=True, check=True).stdout


def test_the_file_is_that_of_the_others(layout: Layout) -> None:
    (path,) = reader.files(layout.warcs)
    written = job.path_of(layout, path.name).read_bytes()
    assert written == theirs(path)
    assert written.count(b"\n") == 7
    assert written.count(b'"warc/revisit"') == 4
    assert [p.name for p in layout.cdxj.iterdir()] == [path.name + ".cdxj"]


def test_a_rebuild_writes_what_is_missing_and_nothing_else(layout: Layout) -> None:
    (path,) = layout.cdxj.iterdir()
    before = path.read_bytes()
    path.unlink()
    rebuild(layout, [], workers=1)
    assert path.read_bytes() == before
    path.write_bytes(b"mine")
    rebuild(layout, [], workers=1)
    assert path.read_bytes() == b"mine"


def test_a_file_that_is_open_has_none(layout: Layout) -> None:
    (path,) = layout.warcs.iterdir()
    (index,) = layout.cdxj.iterdir()
    index.unlink()
    path.rename(f"{path}{OPEN}")
    assert job.write_missing(layout) == 0
    assert list(layout.cdxj.iterdir()) == []


def test_a_failure_is_told_and_is_none_of_the_crawl(layout: Layout) -> None:
    (index,) = layout.cdxj.iterdir()
    index.unlink()
    layout.cdxj.rmdir()
    layout.cdxj.write_text("in the way")
    told: list[str] = []
    ingest = Ingest(layout, {}, workers=1, tell=told.append)
    ingest.write(capture(kind=Kind.ROBOTS)).result().outcome.result()
    ingest.close()
    assert len(told) == 1
    assert told[0].startswith("the CDXJ of ARCHIVER-")


def test_lines_are_read_back() -> None:
    text = b'example,h)/ 20260301120000 {"offset": "7"}'
    assert cdxj.read(text) == (b"example,h)/ 20260301120000", {"offset": "7"})
    for wrong in (b"", b"a b c {}", b"a b {", b"a b 7", b"a b {}x", b"\xff \xff {\xff}"):
        assert cdxj.read(wrong) is None
