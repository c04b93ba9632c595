from __future__ import annotations

import json

import pytest

from archiver.discover import feeds
from archiver.types import Found, Kind, Link

URL = "https://post.com/feed"
VIA = Link(URL, Kind.FEED, "post")
Row = tuple[str, str | None, str | None]


def read(body: str | bytes, content_type: str = "application/xml") -> Found:
    return feeds.links(body.encode() if isinstance(body, str) else body, content_type, URL, VIA)


def rows(found: Found) -> list[Row]:
    return [
        (
            link.url.removeprefix("https://post.com"),
            link.published.at.isoformat()[:16] if link.published else None,
            link.modified.at.isoformat()[:16] if link.modified else None,
        )
        for link in found.links
    ]


def rss(*items: str) -> str:
    return (
        f"<rss version='2.0'><channel>{''.join(f'<item>{i}</item>' for i in items)}</channel></rss>"
    )


def test_rss_is_read_newest_first_with_its_offsets() -> None:
    found = read(
        rss(
            "<link>https://post.com/1</link><pubDate>Thu, 05 Mar 2026 10:00:00 GMT</pubDate>",
            "<guid isPermaLink='true'>https://post.com/2</guid>",
            "<link>/3</link><pubDate>Fri, 06 Mar 2026 10:00:00 +0200</pubDate>",
        )
    )
    assert rows(found) == [
        ("/3", "2026-03-06T08:00", None),
        ("/1", "2026-03-05T10:00", None),
        ("/2", None, None),
    ]
    assert found.problem == ""
    link = found.links[0]
    assert (link.kind, link.source, link.via, link.hops) == (Kind.ARTICLE, "post", URL, 1)


def test_atom_takes_the_page_and_both_dates() -> None:
    found = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link rel='self' href='/self'/>"
        "<link href='/1'/><published>2026-03-05T10:00:00Z</published>"
        "<updated>2026-03-06T10:00:00Z</updated></entry></feed>"
    )
    assert rows(found) == [("/1", "2026-03-05T10:00", "2026-03-06T10:00")]


def test_rdf_is_read() -> None:
    found = read(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        "xmlns='http://purl.org/rss/1.0/'><item rdf:about='/1'><link>/1</link></item></rdf:RDF>"
    )
    assert rows(found) == [("/1", None, None)]


def test_json_feed_is_read_past_odd_items() -> None:
    items = [
        {"url": "/1", "date_published": "2026-03-05T10:00:00Z"},
        {"id": "no url"},
        {"url": 7},
        "text",
        {"url": "/2", "date_modified": "2026-03-06T10:00:00Z", "date_published": 5},
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
    assert rows(read(body)) == [("/2", None, "2026-03-06T10:00"), ("/1", "2026-03-05T10:00", None)]


@pytest.mark.parametrize(
    "bad", ["<title>a &nbsp; & b</title>", "<title><script>x</script></title>"]
)
def test_a_broken_entry_costs_no_other(bad: str) -> None:
    found = read(rss("<link>/1</link>", f"<link>/2</link>{bad}", "<link>/3</link>"))
    assert [row[0] for row in rows(found)] == ["/1", "/2", "/3"]


def test_a_cut_feed_gives_what_came() -> None:
    assert (
        rows(read("<rss version='2.0'><channel><item><link>/1</link></item><item><li"))[0][0]
        == "/1"
    )


def test_the_charset_of_the_head_counts() -> None:
    body = rss("<link>/خبر</link>").encode("cp1256")
    found = read(body, "application/rss+xml; charset=windows-1256")
    assert found.links[0].url == "https://post.com/%D8%AE%D8%A8%D8%B1"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (rss(), "feed has no entries"),
        (rss("<link>javascript:x</link>"), "feed has no entries"),
        ('{"items": [', "feed cannot be read"),
        ('{"items": ' + "[" * 100_000, "feed cannot be read"),
        ('{"items": {"url": "/1"}}', "feed has no entries"),
        ("", "feed has no entries"),
    ],
)
def test_a_feed_that_brings_nothing_says_why(body: str, problem: str) -> None:
    found = read(body)
    assert found.links == ()
    assert problem in found.problem
