"""Only what has changed is sent again, and a 304 is kept as what it says: that the old still stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.freshness import TRUSTED_POLLS
from archiver.store.search import Index
from archiver.verify import Verification
from tests.crawl import warcs
from tests.crawl.conftest import Crawl
from tests.crawl.site import Answer, Site, Talk, moved, reply, story

pytestmark = pytest.mark.usefixtures("lent_worker")
ETAG = '"tide-1"'
MODIFIED = "Sat, 14 Mar 2026 09:30:00 GMT"
UNCHANGED = f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()


def careful(body: str, *headers: str, etag: str = ETAG, modified: str = "") -> Answer:
    """Return an answer that is 304 where the request has the validator."""
    told = [f"ETag: {etag}"] if etag else []
    told += [f"Last-Modified: {modified}"] if modified else []

    def answer(talk: Talk) -> None:
        same = (etag and talk.asked.header("If-None-Match") == etag) or (
            modified and talk.asked.header("If-Modified-Since") == modified
        )
        talk.send(UNCHANGED if same else reply(body, *told, *headers))

    return answer


def sitemap(site: Site, *paths: str) -> str:
    entries = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


def statuses(archive: Path, url: str) -> list[int]:
    return [int(str(s)) for (s,) in warcs.rows(
        archive, "SELECT status FROM exchanges WHERE url = ? ORDER BY id", url)]  # fmt: skip


@pytest.mark.parametrize(
    "validators", [{}, {"etag": "", "modified": MODIFIED}, {"modified": MODIFIED}]
)
def test_an_unchanged_page_is_a_revisit_of_what_stands(
    site: Site, crawl_site: Crawl, archive: Path, validators: dict[str, str]
) -> None:
    site.stories("/a")
    site.answers["/a"] = careful(story("/a"), **validators)
    assert crawl_site().outcomes["new"] == 1
    result = crawl_site()
    assert (result.outcomes["unchanged"], result.not_modified, result.articles) == (1, 1, 1)
    (revisit,) = [r for r in warcs.records(archive, "revisit") if r.url == site.url("/a")]
    (kept,) = [r for r in warcs.records(archive, "response") if r.url == site.url("/a")]
    profile = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert revisit.fields["WARC-Profile"] == profile
    assert revisit.block == UNCHANGED
    assert not revisit.truncated
    for name, field in (
        ("", "WARC-Record-ID"),
        ("-Target-URI", "WARC-Target-URI"),
        ("-Date", "WARC-Date"),
    ):
        assert revisit.fields[f"WARC-Refers-To{name}"] == kept.fields[field]
    assert revisit.fields["WARC-Payload-Digest"] == kept.fields["WARC-Payload-Digest"]
    with Verification(Layout(archive), deep=True) as verification:
        assert not list(verification.faults())


def test_what_stands_is_seen_again_and_a_rebuild_sees_it_too(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a")
    site.answers["/a"] = careful(story("/a"))
    crawl_site()
    crawl_site()
    at = "SELECT max(at) FROM exchanges WHERE url LIKE '%/a'"
    seen = "SELECT a.last_seen FROM articles a UNION SELECT v.last_seen FROM versions v"
    assert warcs.rows(archive, seen) == warcs.rows(archive, at)
    visits = warcs.rows(
        archive,
        "SELECT status, article_id, version FROM exchanges WHERE url LIKE '%/a' ORDER BY id",
    )
    assert [(status, version) for status, _, version in visits] == [(200, 1), (304, 1)]
    assert len({article for _, article, _ in visits}) == 1
    before = warcs.tables(archive)
    rebuild(Layout(archive), [])
    assert warcs.tables(archive) | {"sources": 0} == before | {"sources": 0}


def test_links_of_a_feed_that_has_not_changed_are_followed_all_the_same(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    # The story could not be had the first time, and the sitemap will not be sent again.
    site.answers["/sitemap.xml"] = careful(sitemap(site, "/a"), "Content-Type: application/xml")
    site.answers["/a"] = [reply("<p>busy", status="500 Busy")] * 3 + [reply(story("/a"))]
    crawl_site()
    result = crawl_site()
    assert statuses(archive, site.url("/sitemap.xml")) == [200, 304]
    assert (result.outcomes["new"], result.problems) == (1, {})


def test_now_and_then_a_poll_asks_for_the_whole(
    site: Site, crawl_site: Crawl, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This server says 304 to its one ETag for ever.
    assert TRUSTED_POLLS == 9
    monkeypatch.setattr("archiver.store.freshness.TRUSTED_POLLS", 2)
    site.answers["/a"] = reply(story("/a"))
    site.answers["/b"] = reply(story("/b"))
    site.answers["/sitemap.xml"] = careful(sitemap(site, "/a"), "Content-Type: application/xml")
    crawl_site()
    site.answers["/sitemap.xml"] = careful(
        sitemap(site, "/a", "/b"), "Content-Type: application/xml"
    )
    for _ in range(2):
        assert crawl_site().outcomes["new"] == 0
    assert crawl_site().outcomes["new"] == 1
    assert statuses(archive, site.url("/sitemap.xml")) == [200, 304, 304, 200]
    # And from now on nobody believes it.
    site.answers["/c"] = reply(story("/c"))
    site.answers["/sitemap.xml"] = careful(
        sitemap(site, "/a", "/b", "/c"), "Content-Type: application/xml"
    )
    assert crawl_site().outcomes["new"] == 1


def test_the_target_of_a_redirect_is_asked_by_its_own_validators(
    site: Site, crawl_site: Crawl
) -> None:
    site.stories("/short", "/a")
    site.answers["/short"] = [reply(story("/old"), f"ETag: {ETAG}"), moved("/b")]
    site.answers["/b"] = reply(story("/b"))
    crawl_site()
    crawl_site()
    (asked,) = [asked for asked in site.asked if asked.target == "/b"]
    assert asked.header("If-None-Match") == ""


@pytest.mark.parametrize("etag", ['"' + "x" * 2000 + '"', '"\u00e9"'])
def test_a_validator_that_cannot_be_sent_back_is_not(
    site: Site, crawl_site: Crawl, archive: Path, etag: str
) -> None:
    site.stories("/a")
    site.answers["/a"] = reply(story("/a"), f"ETag: {etag}")
    crawl_site()
    assert crawl_site().outcomes["unchanged"] == 1
    assert [asked.header("If-None-Match") for asked in site.asked if asked.target == "/a"] == [
        "",
        "",
    ]


def test_a_304_that_nobody_asked_for_is_a_response_like_any_other(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a")
    site.answers["/a"] = UNCHANGED
    crawl_site()
    (kept,) = warcs.responses(archive, site.url("/a"))
    assert (kept.type, kept.block) == ("response", UNCHANGED)


@pytest.mark.parametrize(
    ("page", "change"),
    [
        (reply("<html><body><h1>Page not found</h1><p>Sorry, the page you were looking for does not exist."
               "</p></body></html>"), "missing"),
        (reply('<html><head><title>x</title></head><body><div id="root"></div><noscript>You need to enable'
               ' JavaScript to run this app.</noscript><script src="/app.js"></script></body></html>'), "shell"),
        (reply("<p>not now", status="403 Forbidden"), "kept"),
    ], ids=["missing", "shell", "forbidden"],
)  # fmt: skip
def test_what_stands_in_an_articles_place_for_a_while_is_a_visit_and_no_version(
    site: Site, crawl_site: Crawl, archive: Path, page: bytes, change: str
) -> None:
    site.stories("/a")
    site.answers["/a"] = [reply(story("/a"), f"ETag: {ETAG}"), page, reply(story("/a"))]
    crawl_site()
    result = crawl_site()
    outcomes = result.outcomes
    assert outcomes[change]
    assert (outcomes["changed"], outcomes["unchanged"], outcomes["gone"]) == (0, 0, 0)
    with Index(archive / "index.db") as index:
        article = index.article(site.url("/a"))
    assert article is not None
    assert (article.version, article.gone_at) == (1, None)
    visits = "SELECT version FROM exchanges WHERE article_id = ? ORDER BY id"
    assert warcs.rows(archive, visits, article.id) == [(1,), (None,)]
    crawl_site()
    # After it the whole was asked for: a validator of then says nothing of now.
    assert [asked.header("If-None-Match") for asked in site.asked if asked.target == "/a"] == [
        "",
        ETAG,
        "",
    ]
    assert warcs.rows(archive, visits, article.id) == [(1,), (None,), (1,)]


def test_a_page_that_leads_home_from_now_on_was_taken_down(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a")
    site.answers["/a"] = [reply(story("/a")), moved("/en/"), moved("/"), reply(story("/a"))]
    site.answers["/"] = reply("<html><body><a href='/x/1'>One</a></body></html>")
    site.answers["/en/"] = site.answers["/"]
    crawl_site()
    assert crawl_site().outcomes["gone"] == 1
    gone = "SELECT gone_at NOT NULL, versions FROM articles"
    assert warcs.rows(archive, gone) == [(1, 1)]
    crawl_site()
    before = warcs.tables(archive)
    rebuild(Layout(archive), [])
    assert warcs.tables(archive) | {"sources": 0} == before | {"sources": 0}
    assert crawl_site().outcomes["unchanged"] == 1
    assert warcs.rows(archive, gone) == [(0, 1)]


def test_a_page_that_leads_to_another_page_was_not(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a")
    site.answers["/a"] = [reply(story("/a")), moved("/b")]
    site.answers["/b"] = reply(story("/b"))
    crawl_site()
    assert crawl_site().outcomes["gone"] == 0
    assert warcs.rows(archive, "SELECT gone_at FROM articles") == [(None,), (None,)]
