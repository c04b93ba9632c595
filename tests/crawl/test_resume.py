"""A crawl that was stopped goes on: what it has is answered from the archive, only the rest is asked for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.crawl import Task, crawl
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.rounds import FRESH, Rounds
from archiver.types import Source
from archiver.warc import reader
from tests.crawl import warcs
from tests.crawl.conftest import Crawl, config
from tests.crawl.site import Site, moved, reply, story

pytestmark = pytest.mark.usefixtures("lent_worker")


def stop_at(monkeypatch: pytest.MonkeyPatch, exchanges: int) -> None:
    """Let the next crawl fail after so many exchanges, as on a disk that is full."""
    from archiver.errors import ArchiveError
    from archiver.warc.writer import WarcWriter

    append, count = WarcWriter.append, 0

    def failing(self: WarcWriter, capture: object) -> object:
        nonlocal count
        count += 1
        if count > exchanges:
            raise ArchiveError("cannot write", where="x.warc.gz")
        return append(self, capture)  # type: ignore[arg-type]

    monkeypatch.setattr(WarcWriter, "append", failing)


def test_only_the_rest_is_asked_for(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stories(*(f"/{n}" for n in range(40)))
    with monkeypatch.context() as patched:
        stop_at(patched, 12)
        assert crawl_site(settings={"concurrency": 2}).stopped
    had = {str(url) for (url,) in warcs.rows(archive, "SELECT url FROM exchanges")}
    assert len(had) == 12
    assert warcs.rows(archive, "SELECT source FROM rounds") == [("site",)]
    before = len(site.asked)
    result = crawl_site(settings={"concurrency": 2})
    again = Counter(site.url(target) for target in site.targets[before:])
    assert not had & set(again)
    assert result.had == 12 - 2  # robots.txt and the sitemap are no stories
    assert result.requests == again.total()
    assert not result.stopped
    assert len(warcs.rows(archive, "SELECT id FROM articles")) == 40
    assert warcs.rows(archive, "SELECT source FROM rounds") == []


def test_a_crawl_that_has_ended_begins_anew(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a", "/b")
    assert crawl_site().outcomes["new"] == 2
    before = len(site.asked)
    result = crawl_site()
    assert (result.had, result.outcomes["unchanged"]) == (0, 2)
    assert set(site.targets[before:]) == {"/robots.txt", "/sitemap.xml", "/a", "/b"}


def test_what_failed_is_asked_for_again(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.settings.RETRY_TIMES", 0, raising=False)
    site.stories("/busy", "/old", "/away", "/c", "/d")
    site.answers["/busy"] = reply("later", status="503 Busy")
    site.answers["/old"] = moved("/away")
    with monkeypatch.context() as patched:
        stop_at(patched, 5)
        assert crawl_site(settings={"concurrency": 1}).stopped
    site.answers["/busy"] = reply(story("/busy"))
    before = len(site.asked)
    crawl_site(settings={"concurrency": 1})
    again = site.targets[before:]
    assert "/busy" in again
    assert "/old" not in again  # its redirect is here, and is followed from here
    assert len(warcs.rows(archive, "SELECT id FROM articles")) == 4


def test_a_single_page_is_asked_for_whatever_a_stopped_crawl_has(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stories("/a", "/b", "/c")
    with monkeypatch.context() as patched:
        stop_at(patched, 3)
        assert crawl_site(settings={"concurrency": 1}).stopped
    before = len(site.asked)
    assert crawl_site(single="/a").outcomes["unchanged"] == 1
    assert "/a" in site.targets[before:]
    assert warcs.rows(archive, "SELECT source FROM rounds") == [("site",)]


def test_feeds_that_are_hours_old_are_asked_for_again(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stories("/a", "/b", "/c")
    with monkeypatch.context() as patched:
        stop_at(patched, 3)
        crawl_site(settings={"concurrency": 1})
    rounds = Rounds(archive / "index.db", ["site"])
    now = datetime.now(UTC)
    sitemap, page = site.url("/sitemap.xml"), site.url("/a")
    assert rounds.answer("site", sitemap, now) is not None
    assert rounds.answer("site", sitemap, now + FRESH + timedelta(minutes=1)) is None
    assert rounds.answer("site", page, now + FRESH + timedelta(minutes=1)) is not None
    assert rounds.answer("other", page, now) is None
    rounds.close()


def test_a_damaged_record_is_asked_for_again(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stories("/a", "/b", "/c")
    with monkeypatch.context() as patched:
        stop_at(patched, 3)
        crawl_site(settings={"concurrency": 1})
    (path,) = reader.files(archive / "warcs")
    data = bytearray(path.read_bytes())
    for filename, offset in warcs.rows(
        archive, "SELECT filename, offset FROM exchanges WHERE kind = 'sitemap'"
    ):
        assert filename == path.name
        data[int(str(offset)) + 60] ^= 255
    path.write_bytes(data)
    before = len(site.asked)
    crawl_site(settings={"concurrency": 1})
    assert "/sitemap.xml" in site.targets[before:]
    assert len(warcs.rows(archive, "SELECT id FROM articles")) == 3


def test_a_rebuild_does_not_forget_the_crawl_that_was_stopped(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stories("/a", "/b", "/c")
    with monkeypatch.context() as patched:
        stop_at(patched, 3)
        crawl_site(settings={"concurrency": 1})
    before = warcs.tables(archive)
    rebuild(Layout(archive), [Source("site", site.url())])
    after = warcs.tables(archive)
    assert after["rounds"] == before["rounds"] != []
    assert after["exchanges"] == before["exchanges"]
    asked = len(site.asked)
    crawl_site(settings={"concurrency": 1})
    assert "/sitemap.xml" not in site.targets[asked:]


def test_the_same_body_is_kept_once_for_two_addresses(site: Site, archive: Path) -> None:
    page = reply(story("one") + "<!-- " + "x" * 600 + " -->")
    site.stories("/a", "/copy")
    site.answers["/a"] = site.answers["/copy"] = page
    source = Source("site", site.url(), sitemaps=(site.url("/sitemap.xml"),))
    crawl([Task(source)], config(site.origin, concurrency=1, sources=(source,)), archive)
    assert len(warcs.records(archive, "revisit")) == 1
    assert {r.url: r.block for r in warcs.answers(archive)}[site.url("/copy")] == page
    rows = warcs.tables(archive)
    rebuild(Layout(archive), [source])
    assert warcs.tables(archive) == rows
