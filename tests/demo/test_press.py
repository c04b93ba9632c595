from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import HTTPConnection
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from archiver.demo.press import Event, Paper, Press, Truth
from archiver.demo.press_stories import MASTHEADS, stories_of
from archiver.demo.replies import Reply

BEGIN = datetime(2026, 3, 10, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
EDITS = ("text", "headline", "both", "minor")
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
LASTMOD = "{http://www.sitemaps.org/schemas/sitemap/0.9}lastmod"


class Trial:
    """A press, its clock, and a client with one kept-alive connection to each paper."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.press = Press(lambda: self.now, BEGIN)
        self.events = [event for event in self.press.events if event.at >= BEGIN]
        self.connections: dict[str, HTTPConnection] = {}

    def turn(self, at: datetime) -> None:
        self.now = at
        self.press.settle()

    def ask(self, url: str, **headers: str) -> Reply:
        host = urlsplit(url).netloc
        connection = self.connections.setdefault(host, HTTPConnection(host, timeout=10))
        was_open = connection.sock is not None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request("GET", url.partition(host)[2], headers=named)
            response = connection.getresponse()
            body = response.read()
        except OSError:
            connection.close()
            if not was_open:
                raise
            return self.ask(url, **headers)  # a connection may have ended since, as for any client
        heads = tuple((name.lower(), value) for name, value in response.getheaders())
        return Reply(response.status, response.reason, heads, body, False)

    def seen(self, event: Event, at: datetime) -> Reply:
        self.turn(at)
        return self.ask(event.url)

    def asked_in_vain(self, url: str) -> None:
        with pytest.raises(ConnectionError):
            self.ask(url)

    def lists(self, paper: Paper) -> str:
        return "".join(text(self.ask(u)) for u in (*paper.feeds, *paper.sitemaps, paper.home))

    def of(self, name: str, *kinds: str) -> list[Event]:
        return [e for e in self.events if e.paper == name and (not kinds or e.kind in kinds)]


@pytest.fixture
def trial() -> Iterator[Trial]:
    trial = Trial()
    with trial.press:
        yield trial
        for connection in trial.connections.values():
            connection.close()


def text(reply: Reply) -> str:
    try:
        return unescape(reply.body.decode())
    except UnicodeDecodeError:
        return unescape(reply.body.decode("cp1256"))


def heads(reply: Reply) -> dict[str, str]:
    return dict(reply.headers)


def says(reply: Reply, truth: Truth) -> bool:
    """Tell whether a page says what is true, as far as a story's words go."""
    if truth.kind in ("404", "410"):
        return reply.status == int(truth.kind)
    if truth.kind == "home":
        return reply.status == 302 and urlsplit(heads(reply)["location"]).path in (
            "/",
            "/en/",
            "/fa/",
        )
    page = text(reply)
    if reply.status != 200 or truth.kind not in ("article", "teaser"):
        return reply.status == 200 and len(re.findall(r"<p[ >]", page)) < 4
    wanted = [truth.title, *truth.text.split("\n\n")]
    return all(re.search(f">\\s*{re.escape(piece)}\\s*<", page) for piece in wanted)


def test_each_event_is_what_the_page_serves_from_its_second_on(trial: Trial) -> None:
    told: Counter[str] = Counter()
    for event in trial.events:
        before = event.at - SECOND
        if not event.url or not trial.press.paper(event.paper).is_up(before):
            continue
        old, new = trial.seen(event, before), trial.seen(event, event.at)
        truths = [
            trial.press.truth_at(event.paper, event.story_id, at) for at in (before, event.at)
        ]
        assert says(old, truths[0]), event
        assert says(new, truths[1]), event
        assert (truths[1].title, truths[1].text) == (event.title, event.text)
        assert truths[0] != truths[1]
        assert event.kind == "soft" or not says(old, truths[1]), event
        told[event.kind] += 1
    assert told["published"] > 90
    assert set(told) == {*EDITS, "published", "removed", "restored", "moved_home", "soft", "healed"}


def test_what_stands_in_a_storys_place_shows_nothing_of_it(trial: Trial) -> None:
    kinds = set()
    for event in (event for event in trial.events if event.kind == "soft"):
        whole = trial.press.truth_at(event.paper, event.story_id, event.at - SECOND)
        reply = trial.seen(event, event.at)
        shown = [p for p in whole.text.split("\n\n") if p in text(reply)]
        assert shown == ([event.text] if event.detail == "teaser" else [])
        assert (reply.status, whole.title in text(reply)) == (200, event.detail == "teaser")
        assert not {"etag", "last-modified"} & set(heads(reply))
        kinds.add(event.detail)
    assert kinds == {"missing", "consent", "teaser", "shell"}


def test_a_story_is_named_nowhere_before_it_is_out(trial: Trial) -> None:
    for event in (event for event in trial.events if event.kind == "published"):
        paper = trial.press.paper(event.paper)
        if not paper.is_up(event.at - SECOND):
            continue
        trial.turn(event.at - SECOND)
        assert event.url not in trial.lists(paper)
        trial.turn(event.at)
        for address in (*paper.feeds, paper.home):
            page = text(trial.ask(address))
            assert urlsplit(event.url).path in page
            assert event.title in page
        lists = list(paper.sitemaps)
        if paper.name == "cedar":
            lists = [urls[0] for urls in [_children(trial, paper)]]
        assert all(event.url in text(trial.ask(address)) for address in lists)


def _children(trial: Trial, paper: Paper) -> list[str]:
    return [loc for loc, _ in _entries(trial.ask(paper.sitemaps[0]))]


def _entries(reply: Reply) -> list[tuple[str, str]]:
    root = ElementTree.fromstring(reply.body)
    return [(e.findtext(LOC, ""), e.findtext(LASTMOD, "")) for e in root]


def test_feeds_and_sitemaps_tell_of_an_edit(trial: Trial) -> None:
    (event, *_) = trial.of("anchor-en", "text")
    before = [trial.lists(trial.press.paper("anchor-en"))]
    trial.turn(event.at)
    stamp = event.at.astimezone(ZoneInfo("Europe/London")).isoformat()
    assert stamp not in before[0]
    sitemap = dict(_entries(trial.ask(trial.press.paper("anchor-en").sitemaps[0])))
    assert sitemap[event.url] == stamp
    assert f"<updated>{stamp}</updated>" in text(trial.ask(trial.press.paper("anchor-en").feeds[0]))


@pytest.mark.parametrize(
    ("name", "kinds"), [("harbour", {"etag", "last-modified"}), ("cedar", {"last-modified"})]
)
def test_pages_and_lists_are_304_until_they_change(
    trial: Trial, name: str, kinds: set[str]
) -> None:
    paper = trial.press.paper(name)
    edit, news = trial.of(name, "text")[0], trial.of(name, "published")[2]
    lists = [(url, news) for url in (*paper.feeds, *paper.sitemaps)]
    for url, event in [(edit.url, edit), *lists]:
        trial.turn(event.at - SECOND)
        first = heads(trial.ask(url))
        assert {"etag", "last-modified"} & set(first) == kinds
        asked = [{"if_modified_since": first["last-modified"]}]
        asked += [{"if_none_match": first["etag"]}] if "etag" in kinds else []
        for header in asked:
            trial.turn(event.at - SECOND)
            assert trial.ask(url, **header).status == 304, (url, header)
            trial.turn(event.at)
            assert trial.ask(url, **header).status == 200, (url, header)


def test_one_paper_sends_no_validators(trial: Trial) -> None:
    paper = trial.press.paper("anchor-en")
    urls = [trial.of("anchor-en", "published")[-1].url, *paper.feeds, *paper.sitemaps]
    trial.turn(trial.press.end)
    for url in urls:
        reply = trial.ask(url, if_modified_since="Wed, 01 Jan 2036 00:00:00 GMT")
        assert reply.status == 200
        assert not {"etag", "last-modified"} & set(heads(reply))


def test_one_feed_has_the_same_etag_for_ever(trial: Trial) -> None:
    (feed,) = trial.press.paper("gulf").feeds
    etag = heads(trial.ask(feed))["etag"]
    bodies = set()
    for event in trial.of("gulf", "published"):
        trial.turn(event.at)
        assert trial.ask(feed, if_none_match=etag).status == 304
        bodies.add(trial.ask(feed).body)
    assert len(bodies) == len(trial.of("gulf", "published")) == 27


def test_one_feed_dies_and_no_story_comes_out_any_more(trial: Trial) -> None:
    (dies,) = trial.of("fanus", "feed_dies")
    assert dies.at == BEGIN + 12 * DAY
    (feed,) = trial.press.paper("fanus").feeds
    trial.turn(dies.at)
    last = trial.ask(feed)
    assert max(e.at for e in trial.of("fanus", "published")) < dies.at
    newest = max(trial.of("fanus", "published"), key=lambda event: event.at)
    assert json.loads(last.body)["items"][0]["url"] == newest.url
    for event in [*trial.of("fanus", *EDITS), dies]:
        trial.turn(max(event.at, dies.at) + DAY)
        assert trial.ask(feed).body == last.body
        assert trial.ask(feed, if_none_match=heads(last)["etag"]).status == 304


def test_a_dead_feed_tells_of_no_edit_but_the_page_does(trial: Trial) -> None:
    paper = trial.press.paper("fanus")
    late = [event for event in trial.of("fanus", *EDITS) if event.at > BEGIN + 12 * DAY]
    assert late
    for event in late:
        page = text(trial.seen(event, event.at))
        new = [
            piece
            for piece in event.text.split("\n\n")
            if piece not in text(trial.ask(*paper.feeds))
        ]
        assert new
        assert all(piece in page for piece in new)
        assert event.url in text(trial.ask(*paper.feeds))


def test_one_server_is_down_for_a_day(trial: Trial) -> None:
    down, up = trial.of("anchor-en", "down", "up")
    assert (down.at, up.at) == (BEGIN + 17 * DAY, BEGIN + 18 * DAY)
    home = trial.press.paper("anchor-en").home
    trial.turn(down.at - SECOND)
    assert trial.ask(home).status == 200
    trial.turn(down.at)
    trial.asked_in_vain(home)  # the connection that was open is none any more
    for at in (down.at, up.at - SECOND):
        trial.turn(at)
        with pytest.raises(ConnectionRefusedError):
            trial.ask(home)
        assert trial.ask(trial.press.paper("gulf").home).status == 200
    trial.turn(up.at)
    assert trial.ask(home).status == 200


def test_a_server_that_is_down_answers_nobody_even_before_its_port_is_closed(trial: Trial) -> None:
    paper = trial.press.paper("anchor-en")
    assert trial.ask(paper.home).status == 200
    trial.now = BEGIN + 17 * DAY
    trial.asked_in_vain(paper.home)
    assert [request.at for request in paper.requests] == [BEGIN]


def test_some_pages_tick(trial: Trial) -> None:
    ticking = []
    for event in trial.events:
        if event.kind != "published" or not trial.press.paper(event.paper).is_up(event.at):
            continue
        pages = [text(trial.seen(event, event.at + n * MINUTE)) for n in (5, 6)]
        lines = [re.findall(r'<(?:p|div) class="updated">(.*?)<', page) for page in pages]
        assert "@@" not in pages[0]
        assert pages[0] == pages[1] or lines[0] != lines[1], event
        if lines[0]:
            without = [page.replace(line, "") for page, (line,) in zip(pages, lines, strict=True)]
            assert without[0] == without[1]
            ticking.append((event.paper, lines[0][0]))
    said = {line.partition(" · ")[0] for _, line in ticking}
    assert said == {"آخر تحديث: قبل 5 دقائق", "Updated 5 minutes ago", "به‌روزرسانی 5 دقیقه پیش"}
    assert 10 < len(ticking) < 40


def test_an_index_moves_for_its_newest_child_only(trial: Trial) -> None:
    paper = trial.press.paper("cedar")
    latest, *others = [lastmod for _, lastmod in _entries(trial.ask(paper.sitemaps[0]))]
    for event in trial.of("cedar"):
        trial.turn(event.at)
        if event.kind in (*EDITS, "published"):
            latest = event.at.astimezone(ZoneInfo("Africa/Cairo")).isoformat()
        lastmods = [lastmod for _, lastmod in _entries(trial.ask(paper.sitemaps[0]))]
        assert lastmods == [latest, *others]
    old = [url for child in _children(trial, paper)[1:] for url, _ in _entries(trial.ask(child))]
    assert len(set(old)) == 60
    assert {trial.ask(url).status for url in old} == {200}


def test_requests_are_noted_by_the_turned_clock(trial: Trial) -> None:
    paper = trial.press.paper("harbour")
    trial.turn(BEGIN + DAY)
    reply = trial.ask(paper.home)
    etag = heads(trial.ask(paper.feeds[0]))["etag"]
    trial.ask(paper.feeds[0], if_none_match=etag)
    at = BEGIN + DAY
    assert paper.requests == [
        (at, "GET", "/", 200, False),
        (at, "GET", "/feed.xml", 200, False),
        (at, "GET", "/feed.xml", 304, True),
    ]
    assert heads(reply)["date"] == "Wed, 11 Mar 2026 00:00:00 GMT"
    assert b" 304 Not Modified" in paper.log[-1].response


def test_two_presses_tell_the_same() -> None:
    told = []
    for _ in range(2):
        with Press(lambda: BEGIN, BEGIN) as press:
            origins = "|".join(paper.origin for paper in press.papers)
            told.append([re.sub(origins, "", repr(event)) for event in press.events])
    assert told[0] == told[1]
    with Press(lambda: BEGIN, BEGIN, days=3) as short:
        assert max(event.at for event in short.events) < BEGIN + 3 * DAY


def test_days_are_at_most_thirty() -> None:
    with pytest.raises(ValueError, match="31"):
        Press(lambda: BEGIN, BEGIN, days=31)


def test_the_papers_are_alike_in_no_line() -> None:
    stories = {masthead.name: stories_of(masthead, BEGIN) for masthead in MASTHEADS}
    titles = [story.title for own in stories.values() for story in own]
    assert len(titles) == len(set(titles))
    for own in stories.values():
        paragraphs = [paragraph for story in own for paragraph in story.paragraphs]
        assert len(paragraphs) == len(set(paragraphs))


def test_papers_keep_their_pace() -> None:
    for masthead in MASTHEADS:
        stories = [s for s in stories_of(masthead, BEGIN) if s.published_at > BEGIN - 100 * DAY]
        times = [story.published_at for story in stories]
        early = sum(at < BEGIN for at in times)
        assert 0.25 < early / len(times) < 0.4
        gaps = [b - a for a, b in pairwise(times)]
        assert max(gaps) < (6 * DAY if masthead.name == "cedar" else 3 * DAY)
        assert max(gaps) > 1.8 * min(gaps)
        by_day = sum(7 <= at.astimezone(ZoneInfo(masthead.zone)).hour < 22 for at in times)
        assert by_day > 0.75 * len(times)


def test_edits_are_as_many_as_in_real_news(trial: Trial) -> None:
    events = trial.press.events
    out = {e.story_id: e.at for e in events if e.kind == "published" and e.at > BEGIN - 100 * DAY}
    real = [e for e in events if e.kind in ("text", "headline", "both")]
    within_a_day = {e.story_id for e in real if e.at - out[e.story_id] < DAY}
    headlines = {e.story_id for e in real if e.kind != "text"}
    assert 0.14 < len(within_a_day) / len(out) < 0.16
    assert 0.05 < len(headlines) / len(out) < 0.07
    kinds = Counter(e.kind for e in events)
    assert (kinds["minor"], kinds["removed"], kinds["restored"], kinds["soft"]) == (5, 4, 3, 4)
    assert {(e.at - out[e.story_id]).days for e in real} >= {0, 3, 10, 20}


def test_it_can_be_looked_at() -> None:
    command = [sys.executable, "-m", "archiver.demo.press", "--days", "1", "--speed", "1e9"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout
        homes = [process.stdout.readline().split() for _ in range(5)]
        assert [name for name, _ in homes] == [f"{m.name}:" for m in MASTHEADS]
        assert re.match(
            r"\d{4}-\d\d-\d\d \d\d:\d\d [a-z-]+ [a-z_]+ http", process.stdout.readline()
        )
        connection = HTTPConnection(urlsplit(homes[0][1]).netloc, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        process.terminate()
