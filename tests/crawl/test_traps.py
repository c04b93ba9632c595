"""Link traps: what a hub page leads to without end does not cost the stories beside it."""

from __future__ import annotations

import pytest

from archiver.middlewares.trap import TRAP
from tests.crawl.conftest import Crawl
from tests.crawl.site import Site, reply, story

pytestmark = pytest.mark.usefixtures("lent_worker")

GOOD = [f"/2026/03/14/story-of-the-harbour-{number}" for number in range(50)]
CALENDAR = [f"/calendar/2026/{n // 28 + 1:02}/{n % 28 + 1:02}" for n in range(336)]
SESSIONS = [f"/s{n:06x}/archive/list-of-all-the-days" for n in range(300)]


def links(paths: list[str]) -> str:
    items = "".join(f'<li><a href="{path}">Day and what it brought</a></li>' for path in paths)
    return f"<!DOCTYPE html><html><body><ul>{items}</ul></body></html>"


@pytest.mark.parametrize("trap", [CALENDAR, SESSIONS, CALENDAR + SESSIONS])
def test_a_trap_does_not_cost_the_stories(site: Site, crawl_site: Crawl, trap: list[str]) -> None:
    page = reply(links(trap[:60]))
    site.answers |= dict.fromkeys(trap, page) | {path: reply(story(path)) for path in GOOD}
    site.answers["/"] = reply(links(trap + GOOD))
    result = crawl_site(sitemaps=(), sections=(site.url(),))
    assert result.articles == len(GOOD)
    assert result.refused[TRAP] > len(trap) / 2
    assert len(site.asked) < len(GOOD) + 120
    assert not result.failures


def test_what_a_sitemap_names_is_no_trap(site: Site, crawl_site: Crawl) -> None:
    paths = CALENDAR[:40]
    site.answers |= dict.fromkeys(paths, reply(links(CALENDAR)))
    site.stories(*paths)
    result = crawl_site()
    assert result.outcomes["hub"] == len(paths)
    assert not result.refused


def test_pages_that_are_not_there_spend_the_budget_too(site: Site, crawl_site: Crawl) -> None:
    site.answers["/"] = reply(links(CALENDAR))
    result = crawl_site(sitemaps=(), sections=(site.url(),))
    assert len(site.asked) < 60
    assert result.refused[TRAP] > 200
