"""Large bodies take turns, so that what is under way fits into memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crawl import warcs
from tests.crawl.conftest import Crawl
from tests.crawl.site import Site, Talk, moved, reply, story

pytestmark = pytest.mark.usefixtures("lent_worker")

Quick = Callable[..., None]


@pytest.fixture
def one_slot(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def set_large(size: int) -> None:
        monkeypatch.setattr("archiver.wire.LARGE", size)
        monkeypatch.setattr("archiver.wire.LARGE_AT_ONCE", 1)

    return set_large


def test_waiting_for_a_turn_does_not_count(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick, one_slot: Callable[[int], None]
) -> None:
    one_slot(1000)
    quick(DOWNLOAD_TIMEOUT=0.7)
    part = story("/large").encode()
    large = [f"/large{number}" for number in range(3)]

    def stall(talk: Talk) -> None:
        talk.send(reply(part, f"Content-Length: {len(part) * 2}"))
        talk.hold()

    site.stories(*large, "/small")
    site.answers |= dict.fromkeys(large, stall)
    site.answers["/small"] = reply("<p>small</p>")
    crawl_site()
    for path in large:
        (record,) = warcs.responses(archive, site.url(path))
        assert record.truncated == "time"
        assert record.block.endswith(b"\r\n\r\n" + part)
    assert len(warcs.responses(archive, site.url("/small"))) == 1


def test_every_turn_ends(
    site: Site, crawl_site: Crawl, quick: Quick, one_slot: Callable[[int], None]
) -> None:
    """One turn, and every body wants it: were one not given back, the crawl would not end."""
    one_slot(0)
    quick(RETRY_TIMES=1, DOWNLOAD_TIMEOUT=5)
    paths = [f"/{number}" for number in range(8)]
    site.stories(*paths, "/moved", "/missing", "/busy", "/cut", "/hung-up")
    index = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>'
    site.answers |= {
        "/robots.txt": reply("User-agent: *\nDisallow:\n", "Content-Type: text/plain"),
        "/index.xml": reply(f"{index}{site.url('/sitemap.xml')}</loc></sitemap></sitemapindex>"),
        "/broken.xml": reply("<urlset><<<", "Content-Type: application/xml"),
        "/moved": moved("/target"),
        "/target": reply(story("/target")),
        "/missing": reply("<p>gone</p>", status="404 Not Found"),
        "/busy": reply("<p>busy</p>", status="500 Oh"),
        "/cut": lambda talk: (talk.send(reply("x", "Content-Length: 9")), talk.hang_up())[1],
        "/hung-up": Talk.hang_up,
    }
    result = crawl_site(sitemaps=(site.url("/index.xml"), site.url("/broken.xml")))
    assert result.outcomes["new"] == len(paths) + 1
    assert not result.errors
