from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from html import unescape
from xml.etree import ElementTree

import pytest

from archiver.demo.addresses import DEAD_LINK, is_archived, short_path, story_path
from archiver.demo.replies import Reply
from archiver.demo.server import NewspaperServer
from archiver.demo.stories import LANGUAGES, Story, load_stories
from archiver.demo.templates import Template, template_of

Get = Callable[..., Reply]
Stories = dict[int, Story]

HOMES = ["/", "/en/", "/fa/"]
NS = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "atom": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
}
EDITED, WITHDRAWN = 2005, 2011


def text(reply: Reply) -> str:
    return unescape(reply.body.decode())


def xml(reply: Reply) -> ElementTree.Element:
    assert reply.status == 200
    return ElementTree.fromstring(reply.body)


def values(root: ElementTree.Element, path: str) -> list[str]:
    return [element.text or "" for element in root.findall(path, NS)]


def final_status(get: Get, url: str) -> int:
    reply = get(url)
    while location := dict(reply.headers).get("location"):
        reply = get(location)
    return reply.status


def sitemap_entries(get: Get, server: NewspaperServer) -> dict[str, str]:
    """Follow the index; returns locations and their lastmod."""
    entries = {}
    for child in values(xml(get("/sitemap-index.xml")), "s:sitemap/s:loc"):
        reply = get(child)
        zipped = dict(reply.headers)["content-type"] == "application/x-gzip"
        assert zipped is child.endswith(".gz")
        body = gzip.decompress(reply.body) if zipped else reply.body
        for url in ElementTree.fromstring(body).findall("s:url", NS):
            path = (url.findtext("s:loc", "", NS)).removeprefix(server.origin)
            entries[path] = url.findtext("s:lastmod", "", NS)
    return entries


def test_every_story_is_at_its_url(get: Get, stories: Stories) -> None:
    for story in stories.values():
        reply = get(story_path(story))
        page = unescape(reply.body.decode("cp1256" if is_archived(story) else "utf-8"))
        assert reply.status == 200
        assert all(paragraph in page for paragraph in story.paragraphs), story.id


def test_old_pages_name_their_charset_in_head_or_markup(get: Get, stories: Stories) -> None:
    ways = []
    for story in filter(is_archived, stories.values()):
        reply = get(story_path(story))
        in_head = "windows-1256" in dict(reply.headers)["content-type"]
        assert in_head is not (b"charset=windows-1256" in reply.body)
        ways.append((in_head, template_of(story)))
    assert len(ways) == 12
    assert sorted(ways) == sorted([(w, t) for w in (True, False) for t in ("aspnet", "table")] * 3)


def test_arabic_pages_say_news_details(get: Get, stories: Stories) -> None:
    for number in range(1001, 1033):
        html = text(get(story_path(stories[number])))
        aspnet = template_of(stories[number]) is Template.ASPNET
        assert "› <span>news-details</span>" in html
        assert ("<title>news-details</title>" in html) is aspnet


def test_replies_come_in_all_kinds(get: Get, stories: Stories) -> None:
    replies = [get(story_path(story)) for story in stories.values()]
    heads = [dict(reply.headers) for reply in replies]
    coded = {("content-encoding" in h, r.chunked) for r, h in zip(replies, heads, strict=True)}
    assert len(coded) == 4
    assert {reply.reason for reply in replies} == {"OK", "Tamam"}
    assert all(h["etag"] and h["last-modified"] for h in heads)
    assert 10 < sum("x-powered-by" in h for h in heads) < 30
    assert "content-encoding" not in dict(get("/", coding="identity").headers)


def test_odd_heads_are_sent_as_they_are(server: NewspaperServer, get: Get) -> None:
    get("/en/")
    head = server.log[-1].response.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[0] == b"HTTP/1.1 200 Tamam"
    assert b"x-Powered-BY: Anchorage/1" in head
    assert sum(line.startswith(b"Set-Cookie: ") for line in head) == 2
    assert sum(line.startswith(b"Link: ") for line in head) == 2
    get("/fa/")
    assert b"\r\ncONTENT-tYPE: text/html" in server.log[-1].response


def test_an_unchanged_page_is_304(get: Get, stories: Stories) -> None:
    path = story_path(stories[EDITED])
    etag = dict(get(path).headers)["etag"]
    reply = get(path, etag=etag)
    assert (reply.status, reply.body) == (304, b"")
    assert get(path, etag='"another"').status == 200


def test_a_page_unchanged_since_a_date_is_304(get: Get, stories: Stories) -> None:
    path = story_path(stories[EDITED])
    modified = dict(get(path).headers)["last-modified"]
    assert get(path, since=modified).status == 304
    assert get(path, since="Wed, 01 Jan 2036 00:00:00 GMT").status == 304
    assert get(path, since="Wed, 01 Jan 2020 00:00:00 GMT").status == 200
    assert get(path, since="yesterday").status == 200
    assert get(path, since="Wed, 01 Jan 2036 00:00:00 -0000").status == 200
    assert get(path, since=modified, etag='"another"').status == 200  # the ETag outweighs the date
    assert get("/", since="Wed, 01 Jan 2036 00:00:00 GMT").status == 200


def test_head_has_the_head_of_get(get: Get) -> None:
    for path in (*HOMES, "/favicon.ico", "/n/1001"):
        reply, head = get(path), get(path, "HEAD")
        assert reply.headers[0][0] == head.headers[0][0] == "date"
        assert (head.status, head.headers[1:]) == (reply.status, reply.headers[1:])
        assert head.body == b""


def test_short_and_old_paths_redirect(get: Get, server: NewspaperServer, stories: Stories) -> None:
    for story in stories.values():
        old = get(f"/old/{story.id}")
        assert (old.status, dict(old.headers)["location"]) == (302, short_path(story))
        short = get(short_path(story))
        assert short.status == 301
        assert dict(short.headers)["location"] == server.origin + story_path(story)


@pytest.mark.parametrize("path", ["/favicon.ico", "/en/nowhere", DEAD_LINK, "/n/1", "/?page=99"])
def test_unknown_paths_are_404_with_a_link_home(get: Get, path: str) -> None:
    reply = get(path)
    assert reply.status == 404
    assert f'<a href="{"/en/" if path.startswith("/en/") else "/"}">' in text(reply)


def test_only_reading_is_allowed(get: Get) -> None:
    reply = get("/", "POST")
    assert (reply.status, dict(reply.headers)["allow"]) == (405, "GET, HEAD")


def test_trackers_in_a_query_do_not_matter(get: Get) -> None:
    plain = get("/archive/details.aspx?id=1036&lang=ar")
    assert get("/archive/details.aspx?utm_source=x&id=1036").body == plain.body


def test_robots_txt(get: Get, server: NewspaperServer) -> None:
    lines = get("/robots.txt").body.decode().splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow: /private/"]
    sitemaps = [line.removeprefix("Sitemap: ") for line in lines[3:]]
    assert sitemaps == [f"{server.origin}/news-sitemap.xml", f"{server.origin}/sitemap-index.xml"]
    assert get("/private/drafts.html").status == 200


def test_reservations(get: Get, stories: Stories) -> None:
    assert '<meta name="robots" content="noarchive">' in text(get(story_path(stories[2006])))
    noai = get(story_path(stories[2008]))
    assert dict(noai.headers)["x-robots-tag"] == "noai"
    assert '<meta name="tdm-reservation" content="1">' in text(noai)


def test_sitemaps_list_every_story_and_one_dead_link(
    get: Get, server: NewspaperServer, stories: Stories
) -> None:
    entries = sitemap_entries(get, server)
    assert entries.pop(DEAD_LINK) == ""
    assert entries == {story_path(s): s.changed_at.isoformat() for s in stories.values()}
    assert {get(path).status for path in entries} == {200}


def test_the_news_sitemap_has_the_newest(get: Get, server: NewspaperServer) -> None:
    root = xml(get("/news-sitemap.xml"))
    dates = values(root, "s:url/news:news/news:publication_date")
    newest = sorted(load_stories(), key=lambda story: story.published_at)[:-31:-1]
    assert dates == [story.published_at.isoformat() for story in newest]
    assert values(root, "s:url/news:news/news:title") == [story.title for story in newest]
    assert set(values(root, ".//news:language")) == set(LANGUAGES)
    assert {get(url).status for url in values(root, "s:url/s:loc")} == {200}


def test_rss(get: Get) -> None:
    root = xml(get("/feed.xml"))
    urls = values(root, "channel/item/link")
    assert len(urls) == len(values(root, "channel/item/dc:creator")) == 15
    assert [bool(re.search(r"/n/\d+$", url)) for url in urls] == [True] * 3 + [False] * 12
    assert 0 < len(values(root, "channel/item/content:encoded")) < 15
    assert {final_status(get, url) for url in urls} == {200}


def test_atom(get: Get) -> None:
    root = xml(get("/en/atom.xml"))
    urls = [link.attrib["href"] for link in root.findall("atom:entry/atom:link", NS)]
    assert len(urls) == len(values(root, "atom:entry/atom:published")) == 15
    assert {get(url).status for url in urls} == {200}


def test_json_feed(get: Get, stories: Stories) -> None:
    feed = json.loads(get("/fa/feed.json").body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert len(feed["items"]) == 15
    for item in feed["items"]:
        story = stories[int(item["id"].rpartition(":")[2])]
        assert item["date_published"] == story.published_at.isoformat()
        assert get(item["url"]).status == 200


@pytest.mark.parametrize("home", HOMES)
def test_a_home_page_leads_to_everything(get: Get, home: str) -> None:
    html = get(home).body.decode()
    feed = re.search(r'<link rel="alternate" type="application/\S+" href="(\S+)">', html)
    assert feed
    assert get(feed[1]).status == 200
    assert '<meta property="og:type" content="website">' in html
    for target in ("/private/drafts.html", "http://social.example/", "mailto:", "javascript:"):
        assert f'href="{target}' in html
    sections = re.findall(rf'href="({home}section/\w+/)"', html)
    assert len(sections) == 5
    assert {get(path).status for path in sections} == {200}


@pytest.mark.parametrize(("home", "language"), [("/", "ar"), ("/en/", "en"), ("/fa/", "fa")])
def test_a_home_page_goes_on_to_the_last_story(
    get: Get, home: str, language: str, stories: Stories
) -> None:
    pages, number = "", 1
    while (reply := get(f"{home}?page={number}")).status == 200:
        pages += text(reply)
        number += 1
    own = [story for story in stories.values() if story.language == language]
    assert number - 1 == -(-len(own) // 12)
    assert all(f'<h2><a href="{story_path(story)}">' in pages for story in own)


def test_a_second_visit_finds_an_edited_story(
    get: Get, server: NewspaperServer, stories: Stories
) -> None:
    path = story_path(stories[EDITED])
    first = get(path)
    server.visit = 2
    later = {story.id: story for story in load_stories(2)}[EDITED]
    stamp = later.changed_at.isoformat()
    page = text(get(path, etag=dict(first.headers)["etag"]))
    assert all(paragraph in page for paragraph in later.paragraphs)
    assert f'"dateModified": "{stamp}"' in page
    assert f'<meta property="article:modified_time" content="{stamp}">' in page
    assert sitemap_entries(get, server)[path] == stamp


def test_a_second_visit_misses_a_withdrawn_story(
    get: Get, server: NewspaperServer, stories: Stories
) -> None:
    path = story_path(stories[WITHDRAWN])
    lists = (*HOMES, "/en/?page=2", "/en/?page=3", "/news-sitemap.xml", "/en/atom.xml")
    assert get(path).status == 200
    assert any(path in text(get(page)) for page in lists)
    server.visit = 2
    assert get(path).status == 410
    assert final_status(get, short_path(stories[WITHDRAWN])) == 410
    assert not any(path in text(get(page)) for page in lists)
    assert path in sitemap_entries(get, server)
    pages = [story_path(s) for s in stories.values() if s.language == "en" and s.id != WITHDRAWN]
    assert not any(path in text(get(page)) for page in pages)


def test_atom_tells_of_an_edit(get: Get, server: NewspaperServer, stories: Stories) -> None:
    server.visit = 2
    entries = xml(get("/en/atom.xml")).findall("atom:entry", NS)
    updated = {e.findtext("atom:id", "", NS): e.findtext("atom:updated", "", NS) for e in entries}
    for story in load_stories(2):
        tag = f"tag:anchorage.example,2026:{story.id}"
        assert updated.get(tag, story.changed_at.isoformat()) == story.changed_at.isoformat()
