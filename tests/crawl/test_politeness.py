"""RFC 9309 to the letter, Crawl-delay, Retry-After and concurrency, as the server saw them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from time import time

import pytest

from archiver.crawl import Task, crawl
from archiver.types import Source
from tests.crawl import warcs
from tests.crawl.conftest import Crawl, config
from tests.crawl.site import Site, Talk, moved, reply, robots, story

pytestmark = pytest.mark.usefixtures("lent_worker")

Quick = Callable[..., None]

SLACK = 0.1  # seconds by which a timer may be early, as two clocks see it


def gaps(site: Site, *but: str) -> list[float]:
    return [later - earlier for earlier, later in pairwise(site.times(*but))]


@pytest.mark.parametrize("status", ["503 Service Unavailable", "500 Oops", "429 Too Many"])
def test_robots_in_trouble_disallow_everything(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick, status: str
) -> None:
    quick(RETRY_TIMES=0)
    site.stories("/a")
    site.answers["/robots.txt"] = reply("busy", status=status)
    result = crawl_site()
    assert set(site.targets) == {"/robots.txt"}
    reason = f"robots.txt answers HTTP {status[:3]}"
    assert result.refused == {reason: 2}  # the sitemap, then the home page
    assert not result.articles
    assert len(warcs.records(archive, "response")) == len(site.asked)


def test_hanging_robots_disallow_everything(site: Site, crawl_site: Crawl, quick: Quick) -> None:
    quick(DOWNLOAD_TIMEOUT=0.3, RETRY_TIMES=0)
    site.stories("/a")
    site.answers["/robots.txt"] = Talk.hold
    result = crawl_site()
    assert set(site.targets) == {"/robots.txt"}
    (reason,) = result.refused
    assert reason.startswith("robots.txt: no answer within")


def test_robots_that_hang_up_disallow_everything(
    site: Site, crawl_site: Crawl, quick: Quick
) -> None:
    quick(RETRY_TIMES=0)
    site.stories("/a")
    site.answers["/robots.txt"] = Talk.hang_up
    result = crawl_site()
    assert set(site.targets) == {"/robots.txt"}
    assert not result.articles
    (reason,) = result.refused
    assert reason.startswith("robots.txt: ")


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone"])
def test_robots_that_are_not_there_allow_everything(
    site: Site, crawl_site: Crawl, status: str
) -> None:
    site.stories("/a")
    # The body is no rule where the status is not 200.
    site.answers["/robots.txt"] = reply("User-agent: *\nDisallow: /\n", status=status)
    assert crawl_site().articles == 1


def test_disallow_is_obeyed_and_counted(site: Site, crawl_site: Crawl) -> None:
    site.stories("/open/a", "/shut/b", "/shut/but/c", "/open/d?print=1")
    site.answers["/robots.txt"] = robots(
        "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /shut/\nAllow: /shut/but/\n"
        "Disallow: /*?print=\n"
    )
    result = crawl_site()
    assert set(site.targets) == {"/robots.txt", "/sitemap.xml", "/open/a", "/shut/but/c"}
    assert result.refused == {"robots.txt": 2}


def test_a_group_of_our_own_is_obeyed(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a")
    site.answers["/robots.txt"] = robots(
        "User-agent: *\nAllow: /\n\nUser-agent: archiver\nDisallow: /a\n"
    )
    assert crawl_site().refused["robots.txt"] == 1
    assert "/a" not in site.targets


def test_a_redirect_into_what_is_disallowed_is_not_followed(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a", "/b")
    site.answers |= {
        "/robots.txt": robots("User-agent: *\nDisallow: /shut/\n"),
        "/a": moved("/shut/a"),
        "/shut/a": reply(story("/shut/a")),
    }
    result = crawl_site()
    assert "/shut/a" not in site.targets
    assert result.refused == {"robots.txt": 1}


def test_robots_are_found_behind_a_redirect(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/a", "/shut/b")
    site.answers |= {
        "/robots.txt": moved("/robots-new.txt"),
        "/robots-new.txt": robots("User-agent: *\nDisallow: /shut/\n"),
    }
    result = crawl_site()
    assert result.refused == {"robots.txt": 1}
    assert len(warcs.records(archive, "response")) == len(site.asked)


def test_robots_are_asked_once(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a", "/b", "/c")
    crawl_site(sitemaps=(), feeds=())
    assert site.targets.count("/robots.txt") <= 2  # for the rules, and for its Sitemap lines


def test_crawl_delay_is_kept(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a", "/b", "/c", "/d")
    site.answers["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.4\n")
    assert crawl_site().articles == 4
    assert min(gaps(site)) >= 0.4 - SLACK


def test_crawl_delay_counts_where_a_redirect_leads(site: Site, archive: Path, quick: Quick) -> None:
    with Site(host="127.0.0.2") as slow:
        paths = [f"/{number}" for number in range(4)]
        site.stories(*paths)
        for path in paths:
            site.answers[path] = moved(slow.url(path))
            slow.answers[path] = reply(story(path))
        slow.answers["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.4\n")
        source = Source("both", site.url(), sitemaps=(site.url("/sitemap.xml"),))
        (result,) = crawl([Task(source)], config(site.origin, slow.origin), archive)
        assert result.articles == 4
        assert min(gaps(slow, "/robots.txt")) >= 0.4 - SLACK


@pytest.mark.parametrize("status", ["503 Service Unavailable", "429 Too Many Requests"])
@pytest.mark.parametrize("dated", [False, True])
def test_retry_after_holds_the_whole_host(
    site: Site, crawl_site: Crawl, archive: Path, status: str, dated: bool
) -> None:
    sent = []

    def busy(talk: Talk) -> None:
        # A date has whole seconds only, so two of them are between one and two from now.
        value = formatdate(time() + 2, usegmt=True) if dated else "1"
        sent.append(reply("busy", f"Retry-After: {value}", status=status))
        talk.send(sent[0])

    site.stories("/a", "/b", "/c")
    site.answers["/a"] = [busy, reply(story("/a"))]
    result = crawl_site(settings={"concurrency": 1})
    assert result.articles == 3
    assert not result.failures
    refused = site.targets.index("/a")
    times = site.times()
    assert times[refused + 1] - times[refused] >= 1 - SLACK
    assert site.targets.count("/a") == 2
    blocks = [record.block for record in warcs.responses(archive, site.url("/a"))]
    assert blocks == [*sent, reply(story("/a"))]


def test_a_busy_host_is_asked_slower(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a", "/b")
    busy = reply("busy", status="503 Service Unavailable")
    site.answers["/a"] = [busy, busy, reply(story("/a"))]
    assert crawl_site(settings={"concurrency": 1}).articles == 2
    # A second without Retry-After, up to half of it less by chance.
    assert sum(gaps(site)) >= 1 - SLACK


def test_a_page_that_stays_busy_is_a_failure(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick
) -> None:
    quick(RETRY_TIMES=1, DOWNLOAD_DELAY_JITTER=0)
    site.stories("/a", "/b")
    site.answers["/a"] = reply("busy", status="503 Service Unavailable")
    result = crawl_site()
    assert result.failures == {site.url("/a"): "HTTP 503"}
    assert len(warcs.responses(archive, site.url("/a"))) == 2


def test_the_delay_is_kept(site: Site, crawl_site: Crawl, quick: Quick) -> None:
    quick(DOWNLOAD_DELAY_JITTER=0)
    site.stories("/a", "/b", "/c")
    crawl_site(settings={"delay": 0.3})
    assert min(gaps(site)) >= 0.3 - SLACK


@pytest.mark.parametrize("most", [1, 3])
def test_the_concurrency_is_kept(site: Site, crawl_site: Crawl, most: int) -> None:
    paths = [f"/{number}" for number in range(15)]
    site.stories(*paths)
    crawl_site(settings={"concurrency": most})
    assert len({asked.connection for asked in site.asked}) <= most


def test_all_that_waits_for_robots_obeys_them(site: Site, crawl_site: Crawl) -> None:
    # Scrapy 2.19 tells the rules to the first that waits; the others go unchecked.
    paths = [f"/shut/{number}.xml" for number in range(6)]
    site.answers["/robots.txt"] = robots("User-agent: *\nDisallow: /shut/\n")
    result = crawl_site(sitemaps=tuple(site.url(path) for path in paths))
    assert set(site.targets) == {"/robots.txt", "/"}
    assert result.refused == {"robots.txt": 6}


def test_a_rule_with_many_wildcards_is_cut_and_gzip_is_read(site: Site, crawl_site: Crawl) -> None:
    site.stories("/good", "/bad/" + "a" * 400)
    rules = f"User-agent: *\nDisallow: /bad/{'*a' * 12}$\nAllow: /{'*a' * 12}$\n"
    site.answers["/robots.txt"] = reply(
        gzip.compress(rules.encode()), "Content-Type: text/plain", "Content-Encoding: gzip"
    )
    result = crawl_site()
    assert result.articles == 1
    assert result.refused["robots.txt"] == 1
