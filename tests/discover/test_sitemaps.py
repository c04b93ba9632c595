from __future__ import annotations

import pytest

from archiver.discover import sitemaps
from archiver.types import Kind, Link

URL = "https://post.com/sitemap.xml"
VIA = Link(URL, Kind.SITEMAP, "post")
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def urlset(*entries: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="{NEWS}" xmlns:image="i">
{"".join(f"<url>{entry}</url>" for entry in entries)}</urlset>""".encode()


def read(body: bytes) -> list[str]:
    return [
        link.url.removeprefix("https://post.com") for link in sitemaps.links(body, URL, VIA).links
    ]


def test_a_news_sitemap_keeps_its_dates() -> None:
    body = urlset(
        "<loc> https://post.com/1?a=1&amp;b=2 </loc><lastmod>2026-03-06</lastmod><news:news>"
        "<news:publication_date>2026-03-05T10:00:00+02:00</news:publication_date></news:news>"
    )
    found = sitemaps.links(body, URL, VIA)
    (link,) = found.links
    assert found.problem == ""
    assert (link.url, link.kind, link.source) == (
        "https://post.com/1?a=1&b=2",
        Kind.ARTICLE,
        "post",
    )
    assert (link.via, link.hops) == (URL, 1)
    assert link.published is not None
    assert link.published.at.isoformat() == "2026-03-05T08:00:00+00:00"
    assert link.published.origin == "sitemap"
    assert link.modified is not None
    assert link.modified.at.day == 6


def test_newest_come_first_and_undated_last() -> None:
    body = urlset(
        "<loc>/none-1</loc>",
        "<loc>/old</loc><lastmod>2026-01-01</lastmod>",
        "<loc>/none-2</loc><lastmod>whenever</lastmod>",
        "<loc>/new</loc><lastmod>2026-03-01</lastmod>",
    )
    assert read(body) == ["/new", "/old", "/none-1", "/none-2"]


def test_an_index_leads_to_sitemaps() -> None:
    body = b"<sitemapindex><sitemap><loc>/a.xml.gz</loc></sitemap></sitemapindex>"
    (link,) = sitemaps.links(body, URL, VIA).links
    assert (link.url, link.kind) == ("https://post.com/a.xml.gz", Kind.SITEMAP)


@pytest.mark.parametrize(
    "bad",
    [
        "<title>a &nbsp; b</title>",
        "<title>salt & pepper</title>",
        "<title>\x01</title>",
        "<other:title>x</other:title>",
        "<title>a < b</title>",
    ],
)
def test_one_bad_entry_costs_no_other(bad: str) -> None:
    entries = [f"<loc>/{n}</loc>{bad if n == 2 else ''}" for n in range(1, 6)]
    assert read(urlset(*entries)) == ["/1", "/2", "/3", "/4", "/5"]
    assert "not well-formed: line" in sitemaps.links(urlset(*entries), URL, VIA).problem


def test_a_bare_ampersand_does_not_cut_an_address() -> None:
    body = urlset("<loc>/1?a=1&b=2&amp;c=3&#38;d=4</loc>", "<loc><![CDATA[/2?a=1&b=2]]></loc>")
    assert read(body) == ["/1?a=1&b=2&c=3&d=4", "/2?a=1&b=2"]


def test_bad_bytes_cost_no_entry() -> None:
    body = urlset("<loc>/1</loc><title>BAD</title>", "<loc>/2</loc>").replace(
        b"BAD", b"\xff\xfe\xe9"
    )
    assert read(body) == ["/1", "/2"]


def test_a_prefix_that_nobody_declared_is_read() -> None:
    body = (
        b"<urlset><url><loc>/1</loc><news:news><news:publication_date>2026-03-05"
        b"</news:publication_date></news:news></url></urlset>"
    )
    (link,) = sitemaps.links(body, URL, VIA).links
    assert link.published is not None


@pytest.mark.parametrize(
    "entry",
    [
        "<loc>/1</loc><image:image><image:loc>/i.jpg</image:loc></image:image>",
        "<image:image><image:loc>/i.jpg</image:loc></image:image><loc>/1</loc>",
    ],
)
def test_a_picture_is_not_the_page(entry: str) -> None:
    assert read(urlset(entry)) == ["/1"]


def test_a_cut_sitemap_gives_what_came_and_says_so() -> None:
    found = sitemaps.links(urlset("<loc>/1</loc>", "<loc>/2</loc>")[:-20], URL, VIA)
    assert "https://post.com/1" in [link.url for link in found.links]
    assert found.problem


def test_entries_without_an_address_are_left_out() -> None:
    assert read(urlset("<loc></loc>", "<lastmod>2026-01-01</lastmod>", "<loc>ftp://a/</loc>")) == []


def test_outside_entities_are_not_fetched(tmp_path: object) -> None:
    body = (
        b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + urlset("<loc>/1</loc>")[39:]
    )
    body = body.replace(b"/1", b"/1&x;")
    assert read(body) == ["/1"]


def test_an_entity_bomb_does_not_go_off() -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE u [<!ENTITY a0 "x">{levels}]><urlset><url><loc>/&a9;</loc></url></urlset>'
    assert all(len(url) < 100 for url in read(body.encode()))


def test_no_more_links_than_the_protocol_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_LINKS", 2)
    assert read(urlset("<loc>/1</loc>", "<loc>/2</loc>", "<loc>/3</loc>")) == ["/1", "/2"]
    assert len(sitemaps.from_plain(b"/1\n/2\n/3", URL, VIA).links) == 2


def test_robots_txt_names_sitemaps() -> None:
    body = (
        b"User-agent: *\r\nSITEMAP: https://post.com/a.xml\r\n  sitemap : /b.xml # new\r\n"
        b"# Sitemap: /no.xml\r\nSitemap:\r\nDisallow: /sitemap: x\r\n"
    )
    found = sitemaps.from_robots(body, "https://post.com/robots.txt", VIA)
    assert [link.url for link in found.links] == [
        "https://post.com/a.xml",
        "https://post.com/b.xml",
    ]
    assert {link.kind for link in found.links} == {Kind.SITEMAP}


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        (b"https://post.com/1\n", True),
        (b"\xef\xbb\xbf\r\nhttps://post.com/1", True),
        (b"https://post.com/1 is a page\n", False),
        (b"hello", False),
        (b"", False),
    ],
)
def test_a_plain_sitemap_is_one_address_a_line(body: bytes, plain: bool) -> None:
    assert sitemaps.is_plain(body) is plain


def test_a_plain_sitemap_is_read() -> None:
    body = b"\xef\xbb\xbfhttps://post.com/1\r\n\r\nhttps://post.com/2\r\n"
    found = sitemaps.from_plain(body, URL, VIA)
    assert [link.url for link in found.links] == ["https://post.com/1", "https://post.com/2"]
