"""The whole road, from a real newspaper's socket to the index, at two visits."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.crawl import Task, crawl
from archiver.demo.addresses import DEAD_LINK, DRAFTS, short_path, story_path
from archiver.demo.editions import NOAI, NOARCHIVE
from archiver.demo.server import NewspaperServer
from archiver.demo.stories import Story, load_stories
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.search import Index
from archiver.types import Article, Query, Source
from archiver.warc.writer import WORTH
from tests.crawl import warcs
from tests.crawl.conftest import Visited, config
from tests.crawl.site import stored

pytestmark = pytest.mark.usefixtures("lent_worker")

EDITED = {2005, 1005}
WITHDRAWN = 2011


@pytest.fixture
def newspaper() -> Iterator[NewspaperServer]:
    with NewspaperServer() as server:
        yield server


def articles(archive: Path) -> dict[str, Article]:
    index = Index(Layout(archive).index)
    return {article.url: article for article in index.stream(Query())}


def by_story(archive: Path, origin: str) -> list[tuple[Story, Article]]:
    """Pair each story, as it stands at the second visit, with its article."""
    found = articles(archive)
    return [(story, found[origin + story_path(story)]) for story in load_stories(2)]


def test_every_byte_on_the_wire_is_in_the_warc(visited: Visited) -> None:
    log = [exchange for visit in visited.logs for exchange in visit]
    expected = Counter((exchange.request, stored(exchange.response)) for exchange in log)
    assert len(log) > 190
    assert warcs.exchanges(visited.archive) == expected


def test_the_log_had_every_oddity(visited: Visited) -> None:
    # So that the test above proves something.
    log = [exchange.response for exchange in visited.logs[0] + visited.logs[1]]
    heads = [response.partition(b"\r\n\r\n")[0] for response in log]
    for mark in (
        b"Transfer-Encoding: chunked", b"tRANSFER-eNCODING: chunked", b"Content-Encoding: gzip",
        b" 200 Tamam\r\n", b"x-Powered-BY:", b"HTTP/1.1 301 ", b"HTTP/1.1 404 ", b"HTTP/1.1 410 ",
        b"application/x-gzip", b"charset=windows-1256",
    ):  # fmt: skip
        assert any(mark in head for head in heads), mark
    assert any(head.count(b"Set-Cookie") == 2 for head in heads)
    asked = [exchange.request.split(b" ")[1] for exchange in visited.logs[0]]
    assert asked[0] == b"/robots.txt"


def test_the_first_visit_brings_every_story(visited: Visited) -> None:
    result = visited.results[0]
    assert (result.outcomes["new"], result.articles) == (88, 88)
    assert result.failures == {visited.origin + DEAD_LINK: "HTTP 404"}
    assert not result.problems
    assert not result.errors
    assert not result.stopped
    assert result.requests == len(visited.logs[0])
    assert result.working["feed"] == [f"{visited.origin}/feed.xml"]
    assert len(visited.first["articles"]) == len(visited.first["versions"]) == 88


def test_the_second_visit_brings_what_changed(visited: Visited) -> None:
    outcomes = visited.results[1].outcomes
    assert (outcomes["new"], outcomes["changed"], outcomes["gone"]) == (0, 2, 1)
    assert outcomes["unchanged"] == 85
    for story, article in by_story(visited.archive, visited.origin):
        edited = story != next(s for s in load_stories(1) if s.id == story.id)
        assert article.version == (2 if edited else 1), story.id
        assert (article.gone_at is not None) is (story.id == WITHDRAWN)


def test_texts_are_the_stories_to_the_letter(visited: Visited) -> None:
    for story, article in by_story(visited.archive, visited.origin):
        assert article.document.text == story.text, story.id


def test_metadata_is_the_stories(visited: Visited) -> None:
    for story, article in by_story(visited.archive, visited.origin):
        document = article.document
        assert document.title == story.title
        assert document.authors == (story.author,), story.id
        assert document.language == story.language
        assert document.published
        days = {story.published_at.date(), story.published_at.astimezone(UTC).date()}
        assert document.published.at.date() in days, story.id
        assert article.source == "post"
        assert article.completeness == "whole"


def test_both_versions_of_an_edited_story_are_kept(visited: Visited) -> None:
    first, second = ({s.id: s for s in load_stories(visit)} for visit in (1, 2))
    for number in [n for n in first if first[n] != second[n]]:
        texts = warcs.rows(
            visited.archive,
            "SELECT text FROM versions v JOIN articles a ON a.id = article_id WHERE a.url = ?"
            " ORDER BY number",
            visited.origin + story_path(first[number]),
        )
        assert texts == [(first[number].text,), (second[number].text,)]


def test_a_withdrawn_story_keeps_its_text(visited: Visited) -> None:
    article = {s.id: a for s, a in by_story(visited.archive, visited.origin)}[WITHDRAWN]
    assert article.status == 200
    assert article.gone_at
    assert article.gone_at > article.last_seen


def test_reservations_are_kept(visited: Visited) -> None:
    rights = {s.id: a.document.rights for s, a in by_story(visited.archive, visited.origin)}
    assert rights[NOARCHIVE] == ("noarchive",)
    assert "noai" in rights[NOAI]
    assert sum(map(bool, rights.values())) == 2


def test_a_short_link_ends_at_the_story(visited: Visited) -> None:
    shorts = warcs.rows(
        visited.archive, "SELECT url, status, kind FROM exchanges WHERE url LIKE '%/n/%'"
    )
    assert len(shorts) == 6  # three in the feed, at each visit
    assert {row[1:] for row in shorts} == {(301, "article")}
    urls = articles(visited.archive)
    for url, _, _ in shorts:
        number = int(str(url).rpartition("/")[2])
        (wanted,) = [story for story in load_stories() if story.id == number]
        assert visited.origin + short_path(wanted) == url
        assert visited.origin + story_path(wanted) in urls
        assert url not in urls


def test_records_say_how_a_page_was_found(visited: Visited) -> None:
    rows = warcs.rows(
        visited.archive, "SELECT DISTINCT kind, via != '', hops FROM exchanges ORDER BY kind, hops"
    )
    assert ("robots", 0, 0) in rows
    assert any(kind == "article" and via for kind, via, _ in rows)
    metadata = [r.block.decode() for r in warcs.records(visited.archive, "metadata")]
    assert all("archiver-source: post\r\n" in block for block in metadata)
    assert all("fetchTimeMs: " in block for block in metadata)


def test_a_rebuild_makes_the_same_rows(visited: Visited, tmp_path: Path) -> None:
    copy = tmp_path / "archive"
    shutil.copytree(visited.archive, copy)
    before = warcs.tables(copy)
    assert {"sources", "exchanges", "failures", "articles", "versions"} < before.keys()
    done = rebuild(Layout(copy), (visited.source,))
    after = warcs.tables(copy)
    assert (done.articles, done.damaged) == (88, ())
    assert after.keys() == before.keys()
    for name, rows in before.items():
        assert after[name] == rows, name


def test_the_warc_files_are_closed(visited: Visited) -> None:
    names = [path.name for path in (visited.archive / "warcs").iterdir()]
    assert len(names) == 2
    assert all(name.endswith(".warc.gz") for name in names)


def test_hubs_are_crawled_where_the_source_names_only_those(
    newspaper: NewspaperServer, tmp_path: Path
) -> None:
    homes = tuple(newspaper.origin + path for path in ("/", "/en/", "/fa/"))
    source = Source("hubs", homes[0], sections=homes)
    (result,) = crawl([Task(source)], config(newspaper.origin), tmp_path)
    asked = [exchange.request.split(b" ")[1].decode() for exchange in newspaper.log]
    assert result.outcomes["new"] > 50
    assert DRAFTS not in asked
    assert result.refused["robots.txt"] == 1
    assert not any("sitemap" in target or "feed" in target for target in asked)
    stories = {newspaper.origin + story_path(story): story for story in load_stories()}
    for url, article in articles(tmp_path).items():
        assert article.document.text == stories[url].text


@pytest.mark.parametrize("limit", [1, 20])
def test_a_limit_is_kept(newspaper: NewspaperServer, tmp_path: Path, limit: int) -> None:
    source = Source("post", newspaper.origin + "/")
    (result,) = crawl([Task(source)], config(newspaper.origin), tmp_path, limit=limit)
    assert result.articles == len(articles(tmp_path)) == limit


def test_since_brings_only_what_is_young_enough(newspaper: NewspaperServer, tmp_path: Path) -> None:
    days = sorted({story.changed_at.astimezone(UTC).date() for story in load_stories()})
    since = datetime.combine(days[len(days) // 2], datetime.min.time(), UTC)
    source = Source("post", newspaper.origin + "/")
    (result,) = crawl([Task(source)], config(newspaper.origin), tmp_path, since=since)
    young = {
        newspaper.origin + story_path(story)
        for story in load_stories()
        if max(story.changed_at, story.published_at) >= since
    }
    assert 0 < len(young) < 88
    assert articles(tmp_path).keys() == young
    assert result.refused["older than asked for"] > 0


def test_one_page(newspaper: NewspaperServer, tmp_path: Path) -> None:
    story = next(story for story in load_stories() if story.id == 2005)
    source = Source("one", newspaper.origin + story_path(story))
    (result,) = crawl([Task(source, single=True)], config(newspaper.origin), tmp_path)
    assert result.outcomes == {"new": 1, "kept": 1}  # the page, and robots.txt
    (article,) = articles(tmp_path).values()
    assert article.document.text == story.text


def test_one_hub(newspaper: NewspaperServer, tmp_path: Path) -> None:
    source = Source("one", newspaper.origin + "/en/section/sport/")
    (result,) = crawl([Task(source, single=True)], config(newspaper.origin), tmp_path)
    sport = {
        newspaper.origin + story_path(story)
        for story in load_stories()
        if (story.language, story.section) == ("en", "sport")
    }
    found = articles(tmp_path)
    assert sport & found.keys()
    assert result.outcomes["hub"] == 1
    assert result.articles == len(found)
    listed = [exchange.request.split(b" ")[1] for exchange in newspaper.log]
    assert not any(b"section" in target for target in listed[2:])


def test_a_limited_hub(newspaper: NewspaperServer, tmp_path: Path) -> None:
    source = Source("one", newspaper.origin + "/en/section/sport/")
    task, configured = Task(source, single=True), config(newspaper.origin)
    (result,) = crawl([task], configured, tmp_path, limit=2)
    assert result.articles == 2


def test_two_sources_share_an_archive(newspaper: NewspaperServer, tmp_path: Path) -> None:
    with NewspaperServer(visit=2) as second:
        tasks = [
            Task(Source("alpha", newspaper.origin + "/", feeds=(newspaper.origin + "/feed.xml",))),
            Task(Source("beta", second.origin + "/", feeds=(second.origin + "/en/atom.xml",))),
        ]
        results = crawl(tasks, config(newspaper.origin, second.origin), tmp_path)
        log = [*newspaper.log, *second.log]
    assert [result.source.name for result in results] == ["alpha", "beta"]
    assert [result.outcomes["new"] for result in results] == [15, 15]
    counted = Counter(article.source for article in articles(tmp_path).values())
    assert counted == {"alpha": 15, "beta": 15}
    expected = Counter((exchange.request, stored(exchange.response)) for exchange in log)
    assert warcs.exchanges(tmp_path) == expected
    assert len(list((tmp_path / "warcs").iterdir())) == 1


def test_what_has_not_changed_is_not_kept_twice(visited: Visited) -> None:
    first, second = visited.logs
    bodies = {stored(exchange.response).partition(b"\r\n\r\n")[2] for exchange in first}
    same = [
        exchange
        for exchange in second
        if (body := stored(exchange.response).partition(b"\r\n\r\n")[2]) in bodies
        and len(body) >= WORTH
    ]
    told = [e for e in second if e.response.startswith(b"HTTP/1.1 304 ")]
    revisits = warcs.records(visited.archive, "revisit")
    profiles = Counter(r.fields["WARC-Profile"].rpartition("/")[2] for r in revisits)
    assert profiles["server-not-modified"] == len(told) > 50
    assert profiles["identical-payload-digest"] >= len(same) > 3
    assert all(r.block.endswith(b"\r\n\r\n") for r in revisits)
    referring = warcs.rows(
        visited.archive,
        "SELECT e.digest, o.digest FROM exchanges e LEFT JOIN exchanges o ON o.id = e.original_id"
        " WHERE e.revisit",
    )
    assert len(referring) == len(revisits)
    assert all(digest == original for digest, original in referring)


def test_rows_name_records_that_are_there(visited: Visited) -> None:
    ids = {r.fields["WARC-Record-ID"] for r in warcs.answers(visited.archive)}
    named = warcs.rows(visited.archive, "SELECT record_id FROM exchanges")
    assert {str(row[0]) for row in named} == ids
    assert len(named) == len(ids)
