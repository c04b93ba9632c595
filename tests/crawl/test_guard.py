"""Nothing on the web leads to a private address, a file, or another scheme."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from archiver.crawl import Task, crawl
from archiver.layout import Layout
from archiver.takedown import Order, take_down
from archiver.types import Source
from tests.crawl import warcs
from tests.crawl.conftest import Crawl, config
from tests.crawl.site import Site, moved, reply, story

pytestmark = pytest.mark.usefixtures("lent_worker")

PRIVATE = [
    "http://127.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://localhost:{port}/x",
    "http://localhost.:{port}/x",
    "http://LOCALHOST:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://user:word@127.0.0.1:{port}/x",
    "http://10.0.0.1:{port}/x",
    "http://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
]


@pytest.fixture(autouse=True)
def no_name_leaves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Resolve numbers and localhost alone; the rest is asked of nobody."""
    resolve = asyncio.base_events.BaseEventLoop.getaddrinfo
    asked: list[str] = []

    async def guarded(self: Any, host: str, port: int, **more: Any) -> Any:
        asked.append(host)
        if host == "trap.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        assert any(c.isdigit() for c in host) or host.lower().startswith("localhost"), host
        return await resolve(self, host, port, **more)

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", guarded)
    return asked


def test_redirects_to_private_addresses_are_refused(
    site: Site, other: Site, crawl_site: Crawl
) -> None:
    port = other.address.partition(":")[2]
    paths = [f"/{number}" for number in range(len(PRIVATE))]
    site.stories(*paths, "/fine")
    for path, where in zip(paths, PRIVATE, strict=True):
        site.answers[path] = moved(where.format(port=port))
    result = crawl_site()
    assert other.asked == []
    assert set(site.targets) == {"/robots.txt", "/sitemap.xml", "/fine", *paths}
    assert set(result.refused) == {"private address"}
    # The same address in two spellings is one request to Scrapy.
    assert result.refused.total() >= len(PRIVATE) - 4
    assert result.articles == 1
    assert not result.failures


def test_redirects_to_other_schemes_are_not_followed(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    places = [
        "file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/html,x", "javascript:alert(1)",
        "s3://bucket/x",
    ]  # fmt: skip
    paths = [f"/{number}" for number in range(len(places))]
    site.stories(*paths, "/fine")
    for path, where in zip(paths, places, strict=True):
        site.answers[path] = moved(where)
    result = crawl_site()
    assert result.articles == 1
    kept = {record.url: record.block for record in warcs.records(archive, "response")}
    for path, where in zip(paths, places, strict=True):
        assert where.encode() in kept.pop(site.url(path))
    assert kept.keys() == {site.url(p) for p in ("/robots.txt", "/sitemap.xml", "/fine")}
    assert not warcs.rows(archive, "SELECT * FROM failures")


def test_links_to_private_addresses_are_refused(site: Site, other: Site, crawl_site: Crawl) -> None:
    port = other.address.partition(":")[2]
    traps = [where.format(port=port) for where in PRIVATE] + ["file:///etc/passwd"]
    links = "".join(f'<a href="{trap}">A story about the harbour, {n}</a>'
                    for n, trap in enumerate([*traps, site.url("/2026/03/14/fine")]))  # fmt: skip
    site.answers["/"] = reply(f"<!DOCTYPE html><html><body>{links}</body></html>")
    site.answers["/2026/03/14/fine"] = reply(story("fine"))
    result = crawl_site(sitemaps=(), sections=(site.url(),))
    assert other.asked == []
    assert result.articles == 1


def test_feeds_and_sitemaps_at_private_addresses_are_refused(
    site: Site, other: Site, crawl_site: Crawl
) -> None:
    port = other.address.partition(":")[2]
    traps = tuple(where.format(port=port) for where in PRIVATE if not where.startswith("//"))
    site.stories("/fine")
    result = crawl_site(sitemaps=(site.url("/sitemap.xml"), *traps))
    assert other.asked == []
    assert result.articles == 1
    assert result.refused["private address"] >= len(traps) - 1
    assert any("private" in problem for problem in result.problems.values())


def test_robots_and_sitemaps_cannot_lead_inside(site: Site, other: Site, crawl_site: Crawl) -> None:
    site.stories("/fine")
    site.answers["/robots.txt"] = moved(other.url("/robots.txt"))
    crawl_site()
    assert other.asked == []


def test_a_name_that_leads_inside_is_refused(
    other: Site, archive: Path, no_name_leaves: list[str]
) -> None:
    home = f"http://trap.example:{other.address.partition(':')[2]}/"
    (result,) = crawl([Task(Source("trap", home, sections=(home,)))], config(), archive)
    assert "trap.example" in no_name_leaves
    assert other.asked == []
    assert result.refused["private address"] >= 1
    assert not warcs.records(archive, "response")


def test_a_host_that_is_named_is_asked(other: Site, site: Site, archive: Path) -> None:
    site.stories("/a")
    site.answers["/a"] = moved(other.url("/a"))
    other.answers["/a"] = reply(story("/a"))
    source = Source("both", site.url(), sitemaps=(site.url("/sitemap.xml"),))
    (result,) = crawl([Task(source)], config(site.origin, other.origin), archive)
    assert result.articles == 1
    assert other.targets == ["/robots.txt", "/a"]


def test_an_overlong_url_is_refused(site: Site, crawl_site: Crawl) -> None:
    site.stories("/long", "/fine")
    site.answers["/long"] = moved("/" + "l" * 5000)
    result = crawl_site()
    assert result.refused == {"URL too long": 1}
    assert result.articles == 1


def test_a_single_page_that_is_refused_leads_to_no_other(other: Site, archive: Path) -> None:
    task = Task(Source("one", other.url("/a")), single=True)
    (result,) = crawl([task], config(), archive)
    assert result.refused == {"private address": 1}
    assert other.asked == []


def test_what_was_taken_down_is_not_asked_for(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/gone", "/fine", "/other")
    assert crawl_site().articles == 3
    order = Order(site.url("/gone"), "why", "Ops")
    take_down(Layout(archive), [], order, workers=1)
    site.answers["/other"] = moved(site.url("/gone"))
    asked = len(site.asked)
    result = crawl_site()
    assert "/gone" not in site.targets[asked:]
    assert "/other" in site.targets[asked:]
    assert set(result.refused) == {"taken down"}
    assert not result.failures
