from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.discover import discover, sniff
from archiver.types import Capture, Found, Kind, Link, Source

URL = "https://post.com/x"
SOURCE = Source("post", "https://post.com/")
SITEMAP = b"<?xml version='1.0'?><urlset><url><loc>/1</loc></url><url><loc>/2</loc></url></urlset>"
RSS = b"<rss version='2.0'><channel><item><link>/1</link></item></channel></rss>"
HTML = b"<!DOCTYPE html><html><body><a href='/2026/03/storm'>x</a></body></html>"
JSON_FEED = json.dumps(
    {"version": "https://jsonfeed.org/version/1", "items": [{"url": "/1"}]}
).encode()


def read(body: bytes, kind: Kind, head: str = "", status: str = "200 OK") -> Found:
    lines = f"HTTP/1.1 {status}\r\n{head}\r\n".encode()
    at = datetime(2026, 3, 5, tzinfo=UTC)
    return discover(Capture(Link(URL, kind, "post"), URL, at, "", b"", lines, body, 1), SOURCE)


def paths(found: Found) -> list[str]:
    return [link.url.removeprefix("https://post.com") for link in found.links]


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        (Kind.SITEMAP, SITEMAP, ["/1", "/2"]),
        (Kind.SITEMAP, gzip.compress(SITEMAP, mtime=0), ["/1", "/2"]),
        (Kind.SITEMAP, b"https://post.com/1\n", ["/1"]),
        (Kind.SITEMAP, RSS, ["/1"]),
        (Kind.FEED, RSS, ["/1"]),
        (Kind.FEED, JSON_FEED, ["/1"]),
        (Kind.FEED, SITEMAP, ["/1", "/2"]),
        (Kind.SECTION, HTML, ["/2026/03/storm"]),
        (Kind.ROBOTS, b"Sitemap: /s.xml", ["/s.xml"]),
    ],
)
def test_bytes_are_read_as_what_they_are(kind: Kind, body: bytes, wanted: list[str]) -> None:
    found = read(body, kind)
    assert (paths(found), found.problem) == (wanted, "")


def test_codings_come_off_first() -> None:
    body = gzip.compress(gzip.compress(SITEMAP))  # a .gz file, gzip-coded once more on the way
    assert paths(read(body, Kind.SITEMAP, "Content-Encoding: gzip\r\n")) == ["/1", "/2"]


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        (Kind.FEED, HTML, "expected a feed, got an HTML page"),
        (Kind.SITEMAP, HTML, "expected a sitemap, got an HTML page"),
        (Kind.FEED, b"", "expected a feed, got neither feed, sitemap nor page"),
        (Kind.SECTION, b"%PDF-1.4", "expected a section, got neither feed, sitemap nor page"),
    ],
)
def test_what_was_not_expected_is_said(kind: Kind, body: bytes, problem: str) -> None:
    assert read(body, kind) == Found(problem=problem)


def test_an_error_answer_is_a_problem() -> None:
    assert read(SITEMAP, Kind.SITEMAP, status="404 Not here") == Found(problem="HTTP 404 Not here")


def test_a_body_that_was_cut_or_broken_is_said() -> None:
    many = (
        b"<urlset>" + b"".join(b"<url><loc>/%d</loc></url>" % n for n in range(999)) + b"</urlset>"
    )
    cut = read(gzip.compress(many)[:-100], Kind.SITEMAP)
    assert paths(cut)[:2] == ["/0", "/1"]
    assert "compressed body is cut short" in cut.problem
    broken = read(b"\x8b none of it", Kind.FEED, "Content-Encoding: br\r\n")
    assert "broken compression" in broken.problem
    decoded = read(HTML, Kind.FEED, "Content-Encoding: br\r\n")  # as some crawlers keep it
    assert "got an HTML page" in decoded.problem


@settings(deadline=None, max_examples=100)
@given(
    body=st.one_of(
        st.binary(max_size=80),
        st.sampled_from([SITEMAP, RSS, HTML, JSON_FEED]).flatmap(
            lambda whole: st.integers(0, len(whole)).map(lambda end: whole[:end])
        ),
    ),
    kind=st.sampled_from(Kind),
)
def test_no_bytes_raise(body: bytes, kind: Kind) -> None:
    assert isinstance(read(body, kind), Found)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"\xef\xbb\xbf <?xml?><sitemapindex>", "sitemap"),
        ("<urlset>".encode("utf-16"), "sitemap"),
        (b"<?xml?><RSS>", "feed"),
        (b"<rdf:RDF>", "feed"),
        (b'{"a": 1}', ""),
        (b"<BODY>", "html"),
        (b"", ""),
    ],
)
def test_content_is_told_by_its_beginning(body: bytes, shape: str) -> None:
    assert sniff(body) == shape
