from __future__ import annotations

import pytest

from archiver.discover import sections
from archiver.types import Found, Kind, Link, Source

URL = "https://www.post.com/home/"
VIA = Link(URL, Kind.SECTION, "post")
SOURCE = Source("post", "https://www.post.com/")


def read(body: str, head: str = "", source: Source = SOURCE) -> Found:
    return sections.links(f"<html><head>{head}</head><body>{body}</body></html>", URL, VIA, source)


def paths(found: Found, kind: Kind) -> list[str]:
    return [
        link.url.removeprefix("https://www.post.com") for link in found.links if link.kind is kind
    ]


def anchors(*targets: str) -> str:
    return "".join(f'<a href="{target}">x</a>' for target in targets)


def test_announced_feeds_stories_and_sections_are_told_apart() -> None:
    found = read(
        anchors("/sport", "/2026/03/storm", "/news/184223"),
        '<link rel="alternate" type="application/rss+xml" href="/rss">',
    )
    assert paths(found, Kind.FEED) == ["/rss"]
    assert paths(found, Kind.ARTICLE) == ["/2026/03/storm", "/news/184223"]
    assert paths(found, Kind.SECTION) == ["/sport"]
    assert {(link.source, link.via, link.hops) for link in found.links} == {("post", URL, 1)}


@pytest.mark.parametrize(
    ("markup", "feeds"),
    [
        (
            '<link rel="Alternate home" type="Application/Atom+XML; charset=utf-8" href="a">',
            ["/home/a"],
        ),
        ('<link rel="alternate" type="application/feed+json" href="/f.json">', ["/f.json"]),
        ('<link rel="alternate" type="text/html" href="/en">', []),
        ('<link rel="stylesheet" type="application/rss+xml" href="/x">', []),
        ('<link rel="alternate" type="application/rss+xml" href="/comments/feed">', []),
        ('<link rel="alternate" type="application/rss+xml" href="">', []),
    ],
)
def test_which_feeds_count(markup: str, feeds: list[str]) -> None:
    assert paths(read("", markup), Kind.FEED) == feeds


@pytest.mark.parametrize(
    "target",
    ["https://other.com/2026/03/x", "/2026/03/x.pdf", "javascript:x(1234)", "mailto:a@b.com", "#2026",
     "/", "/index.html", "", "/login", "/tag/storm", "/a/b/c/d/e/f"],
)  # fmt: skip
def test_what_is_not_followed(target: str) -> None:
    assert read(anchors(target)).links == ()


def test_a_link_counts_once_and_the_page_itself_never() -> None:
    found = read(anchors("/news/1#a", "/news/1?utm_source=x", "/home/", "https://post.com/news/2"))
    assert [link.url for link in found.links] == [
        "https://www.post.com/news/1",
        "https://post.com/news/2",
    ]


def test_the_base_of_the_page_counts() -> None:
    found = read(anchors("2026/03/storm"), '<base href="/sport/">')
    assert paths(found, Kind.ARTICLE) == ["/sport/2026/03/storm"]


def test_the_pattern_of_the_source_wins() -> None:
    source = Source("post", "https://www.post.com/", allow=(r"/p/\w+$",))
    found = read(anchors("/p/storm", "/2026/03/storm"), source=source)
    assert paths(found, Kind.ARTICLE) == ["/p/storm"]


def test_there_is_an_end_to_the_links_of_a_page() -> None:
    many = anchors(*(f"/news/{n}" for n in range(600)), *(f"/part{n}" for n in range(99)))
    found = read(many)
    assert len(paths(found, Kind.ARTICLE)) == sections.MAX_LINKS
    assert len(paths(found, Kind.SECTION)) == sections.MAX_SECTIONS


@pytest.mark.parametrize("text", ["", "<!-- x -->"])
def test_an_empty_page_is_said(text: str) -> None:
    assert sections.links(text, URL, VIA, SOURCE) == Found(problem="page is empty")


def test_a_page_may_name_an_encoding_of_its_own() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><html><a href="/خبر/1234">\ud800'
    (link,) = sections.links(text, URL, VIA, SOURCE).links
    assert link.url == "https://www.post.com/%D8%AE%D8%A8%D8%B1/1234"
