"""What robots.txt said of a fetch is in its record, its row and in what is exported of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.search import Index
from archiver.types import Query
from tests.crawl import warcs
from tests.crawl.conftest import Crawl
from tests.crawl.site import Site, moved, reply, robots, story

pytestmark = pytest.mark.usefixtures("lent_worker")


def said(archive: Path, site: Site) -> dict[str, object]:
    """What the row of each page says, by its path."""
    found = warcs.rows(archive, "SELECT url, robots_allowed FROM exchanges WHERE kind = 'article'")
    return {str(url).removeprefix(site.origin): allowed for url, allowed in found}


def recorded(archive: Path, site: Site) -> dict[str, str]:
    """What the metadata record of each exchange says, by its path, "" for nothing."""
    return {
        record.url.removeprefix(site.origin): dict(
            line.split(": ", 1) for line in record.block.decode().splitlines()
        ).get("archiver-robots", "")
        for record in warcs.records(archive, "metadata")
    }


def exported(archive: Path, site: Site) -> dict[str, bool | None]:
    with Index(Layout(archive).index) as index:
        found = list(index.stream(Query()))
    return {each.fetched_url.removeprefix(site.origin): each.robots_allowed for each in found}


def same_after_a_rebuild(archive: Path, copy: Path) -> None:
    shutil.copytree(archive, copy)
    before = warcs.rows(copy, "SELECT url, at, robots_allowed FROM exchanges ORDER BY id")
    rebuild(Layout(copy), ())
    assert warcs.rows(copy, "SELECT url, at, robots_allowed FROM exchanges ORDER BY id") == before
    assert len({allowed for *_, allowed in before}) > 1


@pytest.mark.parametrize(
    "answer",
    [
        robots("User-agent: *\nDisallow: /shut/\n"),
        reply("", status="404 Not Found"),
        reply("User-agent: *\nDisallow: /\n", status="403 Forbidden"),
    ],
    ids=["allowed by its rules", "no robots.txt", "not for us"],
)
def test_what_the_crawl_fetched_was_allowed(
    site: Site, crawl_site: Crawl, archive: Path, tmp_path: Path, answer: bytes
) -> None:
    site.stories("/a", "/b")
    site.answers |= {"/robots.txt": answer, "/b": moved("/c"), "/c": reply(story("/c"))}
    crawl_site()
    assert said(archive, site) == {"/a": 1, "/b": 1, "/c": 1}
    assert exported(archive, site) == {"/a": True, "/c": True}
    assert recorded(archive, site) == {
        "/robots.txt": "", "/sitemap.xml": "allowed", "/a": "allowed", "/b": "allowed", "/c": "allowed",
    }  # fmt: skip
    same_after_a_rebuild(archive, tmp_path / "copy")


def test_a_robots_in_trouble_has_said_nothing_of_itself(
    site: Site, crawl_site: Crawl, archive: Path, quick: Callable[..., None]
) -> None:
    quick(RETRY_TIMES=0)
    site.stories("/a")
    site.answers["/robots.txt"] = reply("busy", status="503 Service Unavailable")
    crawl_site()
    assert recorded(archive, site) == {"/robots.txt": ""}


def test_rules_that_must_not_be_asked_for_have_said_nothing(
    site: Site, other: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a")
    site.answers["/robots.txt"] = moved(other.url("/robots.txt"))  # an address that is refused
    crawl_site()
    assert other.asked == []
    assert said(archive, site) == {"/a": None}
    assert exported(archive, site) == {"/a": None}
