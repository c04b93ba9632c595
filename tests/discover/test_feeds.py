from __future__ import annotations

import json
from html import escape

import pytest

from archiver import lines
from archiver.content import Head
from archiver.discover import feeds, fulltext
from archiver.extract import blocks, page
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


TOLD = [
    f"Paragraph {n} of the story tells what the council said of bridge {n} and of its repair."
    for n in range(1, 7)
]
WHOLE = lines.write(TOLD)
MARKUP = (
    f"<h2>Short heading</h2><p>{TOLD[0]}</p>\n<p>{TOLD[1][:20]}<a href='/x'>{TOLD[1][20:30]}</a>"
    f"<b>{TOLD[1][30:]}</b><br/>{TOLD[2]}</p><ul><li>{TOLD[3]}</li></ul>"
    f"<blockquote><p>{TOLD[4]}</p></blockquote><script>{TOLD[0]} alert()</script><div>{TOLD[5]}</div>"
)
CONTENT = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"


def told(body: str | bytes) -> list[str]:
    return [link.told for link in read(body).links]


def encoded(markup: str) -> str:
    return f"<content:encoded>{escape(markup)}</content:encoded>"


def full(*items: str) -> str:
    return rss(*items).replace("<rss", f"<rss {CONTENT}")


def atom(content: str) -> str:
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/1'/>"
        f"<summary>Short.</summary>{content}</entry></feed>"
    )


def json_feed(**item: object) -> str:
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/1", **item}]}
    return json.dumps(feed)


@pytest.mark.parametrize(
    "body",
    [
        full(f"<link>/1</link><description>Short.</description>{encoded(MARKUP)}"),
        full(f"<link>/1</link><content:encoded><![CDATA[{MARKUP}]]></content:encoded>"),
        atom(f"<content type='html'>{escape(MARKUP)}</content>"),
        atom(
            "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
            f"{MARKUP}</div></content>"
        ),
        atom(f"<content type='text'>{chr(10).join(TOLD)}</content>"),
        json_feed(content_html=MARKUP, content_text="Short."),
        json_feed(content_text="\n\n".join(TOLD), content_html=None),
    ],
)
def test_the_whole_text_of_an_entry_is_told_by_its_lines(body: str) -> None:
    assert told(body) == [WHOLE]


def test_a_feed_is_cut_into_lines_where_the_page_is() -> None:
    parsed = page.parse(f"<html><body>{MARKUP}</body></html>", URL, Head(200, "", ()))
    assert parsed is not None
    keys = [lines.key(block.text) for block in blocks.split(parsed.tree)]
    assert tuple(filter(None, keys)) == lines.read(WHOLE).keys


@pytest.mark.parametrize(
    "body",
    [
        full(f"<link>/1</link><description>{escape(MARKUP)}</description>"),
        atom("").replace("Short.", escape(MARKUP)),
        json_feed(summary="\n".join(TOLD)),
        full(f"<link>/1</link>{encoded(f'<p>{TOLD[0]}</p><p>{TOLD[1]}</p>')}"),
        atom(f"<content type='image/png'>{escape(MARKUP)}</content>"),
        atom("<content type='html' src='/elsewhere'/>"),
        json_feed(content_html=["no", "text"], content_text=7),
    ],
)
def test_summaries_and_teasers_are_no_text(body: str) -> None:
    assert told(body) == [""]


@pytest.mark.parametrize(
    ("end", "goes_on"),
    [
        ("<p>The post Bridge appeared first on The Post.</p>", False),
        ("<p>And then the mayor spoke of [&#8230;]</p>", True),
        ("<p>And then the mayor spoke...</p><p><a href='/1'>Read more</a></p>", True),
    ],
)
def test_a_text_that_trails_off_says_that_it_goes_on(end: str, goes_on: bool) -> None:
    (text,) = told(full(f"<link>/1</link>{encoded(MARKUP + end)}"))
    assert lines.read(text).goes_on is goes_on


def test_so_much_of_an_entry_is_read_and_no_more() -> None:
    filler = "<p>" + "x" * 500 + "</p>"
    text = MARKUP + filler * (fulltext.MAX_ENTRY // len(filler) + 2) + f"<p>{'late ' * 20}</p>"
    (found,) = told(json_feed(content_html=text))
    told_of = lines.read(found)
    assert told_of.keys[:6] == lines.read(WHOLE).keys
    assert lines.key("late " * 20) not in told_of.keys
    assert told_of.goes_on


def test_so_much_of_a_feed_is_read_and_no_more() -> None:
    entries = fulltext.MAX_FEED // fulltext.MAX_ENTRY + 2
    long = MARKUP + "<i>" * (fulltext.MAX_ENTRY // 3)
    items = [{"url": f"/{n}", "content_html": long} for n in range(entries)]
    found = told(json.dumps({"items": items}))
    assert len(found) == entries
    assert list(map(bool, found)) == [True] * (entries - 2) + [False] * 2


@pytest.mark.parametrize(
    "odd",
    [
        "<p>" * 100_000,
        "<div><table>" * 40_000,
        "&#0;&#xD800;\ud800\x00" + MARKUP,
        "<!--" * 9_000,
        "<" * 200_000,
        "\n" * 200_000,
        "<?xml version='1.0' encoding='utf-7'?>" + MARKUP,
    ],
)
def test_odd_markup_costs_no_link(odd: str) -> None:
    for name in ("content_html", "content_text"):
        assert [row[0] for row in rows(read(json_feed(**{name: odd})))] == ["/1"]
