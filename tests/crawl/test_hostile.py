"""A site that means harm: the crawl goes on, good pages are archived, and the summary says the rest."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crawl import hostile, warcs
from tests.crawl.conftest import Crawl
from tests.crawl.site import Site, Talk, moved, paragraphs, reply, story

Quick = Callable[..., None]
GOOD = [f"/good/{number}" for number in range(4)]
XML = "Content-Type: application/xml"
JOINED = "می\u200cروم و نمی\u200cدانم"


@pytest.fixture(autouse=True)
def no_name_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve numbers and localhost alone; trap.example leads inside."""
    resolve = asyncio.base_events.BaseEventLoop.getaddrinfo

    async def guarded(self: Any, host: str, port: int, **more: Any) -> Any:
        if host.rstrip(".") == "trap.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        assert any(c.isnumeric() for c in host) or host.lower().startswith("localhost"), host
        return await resolve(self, host, port, **more)

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", guarded)


def good_texts(archive: Path) -> set[str]:
    rows = warcs.rows(
        archive, "SELECT v.text FROM articles a JOIN versions v ON v.id = a.version_id"
        " WHERE a.url LIKE '%/good/%'",
    )  # fmt: skip
    return {str(row[0]) for row in rows}


def all_good(archive: Path) -> bool:
    return good_texts(archive) == {"\n\n".join(paragraphs(path)) for path in GOOD}


def test_bombs_are_kept_marked_and_told(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories(*GOOD, *(f"/bomb/{name}" for name in hostile.bombs()))
    ways = []
    for name, (coding, data) in hostile.bombs().items():
        site.answers[f"/bomb/{name}"] = reply(data, f"Content-Encoding: {coding}")
        for kind in ("feed", "sitemap"):
            ways.append(f"/{kind}/{name}")
            site.answers[ways[-1]] = reply(data, f"Content-Encoding: {coding}", XML)
    result = crawl_site(
        sitemaps=tuple(map(site.url, ["/sitemap.xml", *ways[1::2]])),
        feeds=tuple(map(site.url, ways[0::2])),
    )
    assert all_good(archive)
    for path in ways:
        assert "larger than the limit" in result.problems[site.url(path)]
        assert len(warcs.responses(archive, site.url(path))) == 1
    rows = warcs.rows(archive, "SELECT completeness, note FROM exchanges WHERE url LIKE '%/bomb/%'")
    assert len(rows) == len(hostile.bombs())
    assert all(row[0] in ("truncated", "raw_only") and row[1] for row in rows)


def test_pages_that_stall_others_stall_nobody(site: Site, crawl_site: Crawl, archive: Path) -> None:
    names = [
        "braces", "nested-json", "divs", "spans", "digits", "spaces", "dashes", "names", "commas",
        "brackets", "ends", "comments", "entities", "marks", "nested-tables", "classes",
    ]  # fmt: skip
    pages = {f"/stall/{name}": reply(hostile.stalls()[name]) for name in names}
    site.answers |= pages
    site.stories(*GOOD, *pages)
    result = crawl_site()
    assert all_good(archive)
    assert not result.failures
    assert result.outcomes["unread"] == 0
    assert {r.url for r in warcs.records(archive, "response")} >= set(map(site.url, pages))


def test_feeds_that_stall_others_stall_nobody(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories(*GOOD)
    ways = {f"/way/{name}": reply(*answer) for name, answer in hostile.feeds(site.origin).items()}
    del ways["/way/feed-deep"], ways["/way/sitemap-many"]  # seconds each: for the bench
    site.answers |= ways
    result = crawl_site(sitemaps=tuple(map(site.url, ("/sitemap.xml", *ways))), deny=hostile.DENY)
    assert all_good(archive)
    assert result.refused["deny pattern"] > 10_000
    for name in ("feed-json", "feed-numbers", "sitemap-bare", "sitemap-cdata"):
        assert result.problems[site.url(f"/way/{name}")]
    urls = {str(row[0]) for row in warcs.rows(archive, "SELECT url FROM exchanges")}
    assert not any("root:" in url or "haha" in url for url in urls)


@pytest.mark.parametrize("way", ["article", "robots", "sitemap", "feed"])
def test_no_spelling_of_loopback_is_asked(
    site: Site, other: Site, crawl_site: Crawl, archive: Path, way: str
) -> None:
    port = other.address.partition(":")[2]
    traps = [spelling.format(port=port) for spelling in hostile.SPELLINGS]
    paths = [f"/to/{number}" for number in range(len(traps))]
    site.answers |= {path: moved(trap) for path, trap in zip(paths, traps, strict=True)}
    site.stories(*GOOD, *(paths if way == "article" else ()))
    more: dict[str, Any] = {}
    if way == "robots":
        site.answers["/robots.txt"] = [moved(trap) for trap in traps]
    else:
        more = (
            {"sitemaps": tuple(map(site.url, ["/sitemap.xml", *paths]))} if way == "sitemap" else {}
        )
        more |= {"feeds": tuple(map(site.url, paths))} if way == "feed" else {}
    result = crawl_site(**more)
    assert other.asked == []
    assert result.refused["private address"] >= (1 if way == "robots" else len(traps) - 4)
    assert all_good(archive) or way == "robots"


def test_broken_feeds_and_sitemaps_give_what_they_have(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    entries = [f"<url><loc>{site.url(path)}</loc></url>" for path in GOOD]
    feed = "".join(f"<item><link>{site.url(path)}</link></item>" for path in GOOD)
    site.answers |= {path: reply(story(path)) for path in GOOD}
    site.answers |= {
        "/entity.xml": reply(f"<{hostile.URLSET}>{entries[0]}<url>&bad;</url>{entries[1]}", XML),
        "/half.xml": reply(f"<{hostile.URLSET}>{entries[2]}{entries[3][:-20]}", XML),
        "/html.xml": reply("<!DOCTYPE html><html><body>Sign in</body></html>", XML),
        "/half.rss": reply(f"<rss><channel>{feed}"[:-6], XML),
        "/empty.rss": reply("", XML),
    }
    result = crawl_site(
        sitemaps=tuple(map(site.url, ("/entity.xml", "/half.xml", "/html.xml"))),
        feeds=tuple(map(site.url, ("/half.rss", "/empty.rss"))),
    )
    assert all_good(archive)
    assert set(result.problems) >= {
        site.url(path) for path in ("/entity.xml", "/half.xml", "/html.xml", "/empty.rss")
    }


def test_passwords_in_addresses_are_not_kept(site: Site, crawl_site: Crawl, archive: Path) -> None:
    secret = site.origin.replace("://", "://someone:hushhush@")
    site.stories(*GOOD, "/moved")
    site.answers["/moved"] = moved(f"{secret}/once")
    site.answers["/once"] = moved(f"{secret}/twice")
    site.answers["/twice"] = reply(story("/twice"))
    site.answers["/map.xml"] = reply(
        f"<{hostile.URLSET}><url><loc>{secret}/listed</loc></url></urlset>", XML
    )
    site.answers["/listed"] = reply(story("/listed"))
    result = crawl_site(sitemaps=(site.url("/sitemap.xml"), site.url("/map.xml")))
    assert result.articles == len(GOOD) + 2
    for record in warcs.records(archive):
        assert "hushhush" not in str(record.fields)
        assert record.type != "metadata" or b"hushhush" not in record.block
        assert record.type != "request" or b"hushhush" not in record.block
    assert "hushhush" not in str(warcs.tables(archive))


def test_odd_titles_are_stored_harmless_and_joiners_stay(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    odd = {
        "/good-joined": JOINED,
        "/good-lone": "One &#xD800; two &#x0; three &#27;[31m",
        "/good-bidi": "Left \u202eright\u202c \u2066and\u2069",
        "/good-control": "Bell \x07 null \x00 next \x85 line",
    }
    for path, title in odd.items():
        site.answers[path] = reply(story(path).replace(f"Story {path}", title))
    site.stories(*odd)
    assert crawl_site().articles == len(odd)
    found = dict(warcs.rows(archive, "SELECT a.url, v.title FROM articles a JOIN versions v"
                                     " ON v.id = a.version_id"))  # fmt: skip
    assert found[site.url("/good-joined")] == JOINED
    for title in found.values():
        assert isinstance(title, str)
        assert not any(ord(c) < 0x20 or 0xD800 <= ord(c) < 0xE000 for c in title)


@pytest.mark.parametrize(
    "answer",
    [
        reply(story("/odd"), "X-Null: a\x00b"),
        reply(story("/odd"), "X-Return: a\rb"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"x" * 300_000 + b"\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello",
        b"HTTP/9.9 999 \xff\xfe\r\n\r\n",
    ],
)
def test_abuse_of_http_costs_one_page(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick, answer: bytes
) -> None:
    quick(RETRY_TIMES=0, DOWNLOAD_TIMEOUT=3)

    def abuse(talk: Talk) -> None:
        talk.send(answer)
        talk.hang_up()

    site.answers["/odd"] = abuse
    site.stories(*GOOD, "/odd")
    result = crawl_site()
    assert all_good(archive)
    assert not result.errors
    told = {*result.failures, *(r.url for r in warcs.records(archive, "response"))}
    assert site.url("/odd") in told
    for record in warcs.records(archive):
        assert not any("\r" in value or "\x00" in value for value in record.fields.values())


def test_half_a_gzip_body_of_the_promised_length_is_marked(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    whole = gzip.compress(story("/half").replace("</p>", f" {'tide ' * 3000}</p>").encode())
    site.answers["/half"] = reply(whole[: len(whole) // 2], "Content-Encoding: gzip")
    site.stories(*GOOD, "/half")
    crawl_site()
    assert all_good(archive)
    (row,) = warcs.rows(archive, "SELECT completeness, note FROM exchanges WHERE url LIKE '%/half'")
    assert row == ("truncated", "compressed body is cut short")


def test_a_drop_at_a_time_is_cut_by_time(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick
) -> None:
    quick(DOWNLOAD_TIMEOUT=1, RETRY_TIMES=0)

    def drip(data: bytes) -> Callable[[Talk], None]:
        def answer(talk: Talk) -> None:
            for byte in data:
                talk.send(bytes([byte]))
                site.release.wait(0.02)

        return answer

    site.answers["/head"] = drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000)
    site.answers["/body"] = lambda talk: (
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n"),
        drip(b"<p>" * 3000)(talk),
    )[1]
    site.stories(*GOOD, "/head", "/body")
    result = crawl_site()
    assert all_good(archive)
    assert "within 1 s" in result.failures[site.url("/head")]
    (record,) = warcs.responses(archive, site.url("/body"))
    assert record.truncated == "time"


def test_names_that_would_leave_the_folder_do_not(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    odd = ["/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/a%00b", "/c%0d%0aX-Evil:%20y", "/d\\..\\e"]
    site.stories(*GOOD, *odd)
    crawl_site()
    assert all_good(archive)
    names = {path.relative_to(archive).parts[0] for path in archive.rglob("*")}
    assert names <= {"warcs", "cdxj", "index.db", "index.db-wal", "index.db-shm", ".lock"}
    assert not any(b"X-Evil" in asked.request.partition(b"\r\n")[2] for asked in site.asked)
