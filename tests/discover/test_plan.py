from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archiver.discover.plan import FEED_PATHS, SITEMAP_PATHS, TOO_OLD, Plan
from archiver.types import Found, Kind, Link, Moment, Source

HOME = "https://post.com/"
BARE = Source("post", HOME)
NAMED = Source("post", HOME, sitemaps=(f"{HOME}s.xml",), feeds=(f"{HOME}rss",))


def story(name: str, via: Link | None = None, day: int = 0, base: str = HOME) -> Link:
    moment = Moment(datetime(2026, 3, day, tzinfo=UTC), "day") if day else None
    hops = via.hops + 1 if via else 1
    return Link(base + name, Kind.ARTICLE, "post", hops=hops, published=moment)


def endpoint(kind: Kind, name: str, via: Link) -> Link:
    return Link(HOME + name, kind, "post", via=via.url, hops=via.hops + 1)


def names(links: Sequence[Link]) -> list[str]:
    return [link.url.removeprefix(HOME) for link in links]


def test_named_endpoints_come_first_and_hubs_not_at_all() -> None:
    plan = Plan(NAMED)
    sitemap, feed = plan.start()
    assert (sitemap.kind, feed.kind) == (Kind.SITEMAP, Kind.FEED)
    assert names(plan.found(sitemap, Found((story("a"), story("b"))))) == ["a", "b"]
    assert names(plan.found(feed, Found((story("b"), story("c"))))) == ["c"]
    assert plan.working == {Kind.SITEMAP: [f"{HOME}s.xml"], Kind.FEED: [f"{HOME}rss"]}
    assert plan.stories == 3


def test_hubs_are_asked_only_after_the_last_endpoint_brought_nothing() -> None:
    plan = Plan(NAMED)
    sitemap, feed = plan.start()
    assert plan.found(sitemap, Found(problem="HTTP 404")) == []
    (home,) = plan.failed(feed, "refused")
    assert (home.url, home.kind) == (HOME, Kind.SECTION)
    section = endpoint(Kind.SECTION, "sport", home)
    assert names(plan.found(home, Found((story("a"), section)))) == ["a", "sport"]
    deeper = endpoint(Kind.SECTION, "sport/local", section)
    assert names(plan.found(section, Found((story("b"), deeper)))) == ["b"]
    assert plan.problems == {f"{HOME}s.xml": "HTTP 404", f"{HOME}rss": "refused"}


def test_a_child_sitemap_is_waited_for() -> None:
    plan = Plan(replace(NAMED, feeds=()))
    (index,) = plan.start()
    (child,) = plan.found(index, Found((endpoint(Kind.SITEMAP, "c.xml", index),)))
    assert names(plan.found(child, Found((story("a", child),)))) == ["a"]


def test_a_failing_child_leads_to_the_hub() -> None:
    plan = Plan(replace(NAMED, feeds=()))
    (index,) = plan.start()
    (child,) = plan.found(index, Found((endpoint(Kind.SITEMAP, "c.xml", index),)))
    assert names(plan.failed(child, "timed out")) == [""]


def test_a_failed_story_is_no_endpoint() -> None:
    plan = Plan(NAMED)
    sitemap, feed = plan.start()
    (found,) = plan.found(sitemap, Found((story("a"),)))
    assert plan.failed(found, "gone") == []
    assert plan.problems == {}
    assert names(plan.found(feed, Found((story("b"),)))) == ["b"]


def test_sections_alone_are_the_hubs() -> None:
    plan = Plan(replace(BARE, sections=(f"{HOME}sport",)))
    (section,) = plan.start()
    assert (section.url, section.kind) == (f"{HOME}sport", Kind.SECTION)
    assert names(plan.found(section, Found((story("a"),)))) == ["a"]


def test_probing_begins_with_robots_txt_and_the_home_page() -> None:
    robots, home = Plan(BARE).start()
    assert (robots.url, robots.kind) == (f"{HOME}robots.txt", Kind.ROBOTS)
    assert (home.url, home.kind) == (HOME, Kind.SECTION)


def test_probing_takes_what_robots_txt_and_the_page_announce() -> None:
    plan = Plan(BARE)
    robots, home = plan.start()
    (sitemap,) = plan.found(robots, Found((endpoint(Kind.SITEMAP, "s.xml", robots),)))
    (feed,) = plan.found(home, Found((endpoint(Kind.FEED, "rss", home), story("held"))))
    assert names(plan.found(sitemap, Found((story("a", sitemap),)))) == ["a"]
    assert names(plan.found(feed, Found((story("b", feed),)))) == ["b"]
    assert plan.working == {Kind.SITEMAP: [f"{HOME}s.xml"], Kind.FEED: [f"{HOME}rss"]}


def test_probing_guesses_only_what_nothing_announced() -> None:
    plan = Plan(BARE)
    robots, home = plan.start()
    (sitemap,) = plan.found(robots, Found((endpoint(Kind.SITEMAP, "s.xml", robots),)))
    plan.found(home, Found())
    plan.found(sitemap, Found())
    assert plan.stories == 0
    plan = Plan(BARE)
    robots, home = plan.start()
    (sitemap,) = plan.found(robots, Found((endpoint(Kind.SITEMAP, "s.xml", robots),)))
    plan.found(home, Found())
    plan.found(sitemap, Found((endpoint(Kind.SITEMAP, "empty.xml", sitemap),)))
    guesses = plan.found(endpoint(Kind.SITEMAP, "empty.xml", sitemap), Found())
    assert names(guesses) == [path.lstrip("/") for path in FEED_PATHS]


def test_probing_ends_with_the_links_of_the_home_page() -> None:
    plan = Plan(BARE)
    robots, home = plan.start()
    assert plan.found(robots, Found(problem="HTTP 404")) == []
    guesses = plan.found(home, Found((story("held"), endpoint(Kind.SECTION, "sport", home))))
    assert names(guesses) == [path.lstrip("/") for path in SITEMAP_PATHS + FEED_PATHS]
    for guess in guesses[:-1]:
        assert plan.failed(guess, "HTTP 404") == []
    assert names(plan.found(guesses[-1], Found(problem="expected a feed"))) == ["held", "sport"]
    assert list(plan.problems) == [f"{HOME}robots.txt"]


def test_nothing_at_all_comes_to_an_end() -> None:
    plan, asked = Plan(BARE), []
    waiting = plan.start()
    while waiting:
        asked.append(waiting[0].url)
        waiting = waiting[1:] + plan.failed(waiting[0], "refused")
    assert len(asked) == len(set(asked)) == 2 + len(SITEMAP_PATHS) + len(FEED_PATHS)


def test_the_limit_is_kept_and_the_newest_are_taken() -> None:
    plan = Plan(NAMED, limit=2)
    sitemap, feed = plan.start()
    found = plan.found(sitemap, Found(tuple(story(str(n)) for n in range(5))))
    assert names(found) == ["0", "1"]
    assert plan.full
    assert plan.found(feed, Found((story("x"),))) == []
    assert plan.stories == 2
    assert not plan.refused


def test_a_full_plan_asks_for_no_deeper_sitemaps() -> None:
    plan = Plan(BARE, limit=1)
    robots, _ = plan.start()
    (sitemap,) = plan.found(robots, Found((endpoint(Kind.SITEMAP, "s.xml", robots),)))
    found = Found((story("a", sitemap), endpoint(Kind.SITEMAP, "old.xml", sitemap)))
    assert names(plan.found(sitemap, found)) == ["a"]


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (story("old", day=1), TOO_OLD),
        (story("young", day=20), ""),
        (story("undated"), ""),
        (replace(story("edited", day=1), modified=story("", day=20).published), ""),
        (story("x", base="https://other.com/"), "other site"),
        (story("x", base="https://news.post.com/"), ""),
        (story("live/1"), "deny pattern"),
    ],
)
def test_what_is_refused_is_counted_by_reason(link: Link, reason: str) -> None:
    plan = Plan(replace(NAMED, deny=("/live/",)), since=datetime(2026, 3, 10, tzinfo=UTC))
    sitemap, _ = plan.start()
    taken = plan.found(sitemap, Found((link, link)))
    assert (taken, dict(plan.refused)) == (([], {reason: 1}) if reason else ([link], {}))


def test_allow_is_for_stories_only() -> None:
    plan = Plan(replace(NAMED, allow=("/story/",)))
    sitemap, _ = plan.start()
    child = endpoint(Kind.SITEMAP, "c.xml", sitemap)
    assert names(plan.found(sitemap, Found((child, story("story/1"), story("video/1"))))) == [
        "c.xml",
        "story/1",
    ]
    assert plan.refused == {"not in allow pattern": 1}


def test_an_endpoint_on_another_site_counts_only_if_it_is_named() -> None:
    elsewhere = "https://feeds.other.com/post"
    assert [link.url for link in Plan(replace(BARE, feeds=(elsewhere,))).start()] == [elsewhere]
    plan = Plan(BARE)
    _, home = plan.start()
    plan.found(home, Found((Link(elsewhere, Kind.FEED, "post", hops=1),)))
    assert plan.refused == {"other site": 1}


def test_a_hub_asked_for_by_itself_gives_its_stories_only() -> None:
    plan = Plan(BARE)
    hub = story("hub")
    found = Found((story("a"), endpoint(Kind.SECTION, "sport", hub)), "half of it")
    assert names(plan.follow_hub(hub, found)) == ["a"]
    assert plan.problems == {f"{HOME}hub": "half of it"}


def test_a_feed_whose_stories_are_all_too_old_is_alive() -> None:
    plan = Plan(
        Source("s", "https://news.example/", feeds=("https://news.example/feed",)),
        since=datetime(2026, 3, 1, tzinfo=UTC),
    )
    feed = plan.start()[0]
    old = Link(
        "https://news.example/story/1-old", Kind.ARTICLE, "s", feed.url, 1,
        published=Moment(datetime(2026, 1, 1, tzinfo=UTC), "day"),
    )  # fmt: skip
    assert plan.found(feed, Found((old,))) == []
    assert plan.refused == {TOO_OLD: 1}


def test_a_feed_that_lists_other_sites_alone_is_not_alive() -> None:
    plan = Plan(Source("s", "https://news.example/", feeds=("https://news.example/feed",)))
    feed = plan.start()[0]
    away = Link("https://other.example/story/1-away", Kind.ARTICLE, "s", feed.url, 1)
    assert [link.kind for link in plan.found(feed, Found((away,)))] == [Kind.SECTION]


def test_what_a_feed_tells_counts_for_stories_that_a_sitemap_brought_first() -> None:
    plan = Plan(NAMED)
    sitemap, feed = plan.start()
    (taken,) = plan.found(sitemap, Found((story("story/1"),)))
    assert plan.found(feed, Found((replace(story("story/1"), told="0a1b"), story("story/2"))))
    assert plan.told == {taken.url: "0a1b"}


def test_what_is_not_wanted_is_not_asked_for_and_keeps_the_hubs_away() -> None:
    plan = Plan(NAMED, wanted=lambda link: not link.url.endswith(("/a", "/s.xml")))
    (feed,) = plan.start()
    assert feed.kind is Kind.FEED
    assert plan.found(feed, Found((story("a"),))) == []
    assert names(plan.found(feed, Found((story("a"), story("b"))))) == ["b"]


def test_nothing_is_asked_where_all_rests() -> None:
    assert Plan(NAMED, wanted=lambda link: False).start() == []


def test_stories_to_look_at_again_come_once_the_site_has_answered() -> None:
    again = [
        story("old"),
        story("b"),
        story("known"),
        Link("https://other.com/x", Kind.ARTICLE, "post"),
    ]
    plan = Plan(NAMED, wanted=lambda link: "known" not in link.url, visits=lambda: again)
    sitemap, feed = plan.start()
    assert plan.failed(sitemap, "refused") == []
    found = Found((story("b"), story("known")))
    assert names(plan.found(feed, found)) == ["b", "old", "known"]
    assert plan.stories == 1


def test_stories_to_look_at_again_come_at_once_where_nothing_else_is_due() -> None:
    plan = Plan(NAMED, wanted=lambda link: False, visits=lambda: [story("old")])
    assert names(plan.start()) == ["old"]


def test_a_site_that_does_not_answer_is_left_alone() -> None:
    plan = Plan(NAMED, visits=lambda: [story("old")])
    sitemap, feed = plan.start()
    links = [*plan.failed(sitemap, "refused"), *plan.failed(feed, "refused")]
    assert [link.kind for link in links] == [Kind.SECTION]
    assert plan.failed(links[0], "refused") == []


def test_the_newest_are_asked_for_first_and_polls_tell_what_each_brought() -> None:
    plan = Plan(NAMED)
    sitemap, feed = plan.start()
    found = Found((story("a", day=1), story("c", day=3), story("b", day=2), story("undated")))
    assert names(plan.found(sitemap, found)) == ["undated", "c", "b", "a"]
    plan.found(feed, Found((story("a"), story("d"))))
    brought = {url.removeprefix(HOME): poll.brought for url, poll in plan.polls.items()}
    assert brought == {"s.xml": 4, "rss": 1}
