"""One paper of the press at any instant: which page is at which target, and what is true of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from archiver.demo import addresses, feeds, sitemaps
from archiver.demo.editions import IN_A_FEED, Edition, Route, text_page
from archiver.demo.press_events import EDITS, Event
from archiver.demo.press_pages import stand_in, teased, ticked, ticks, with_ticking_line
from archiver.demo.press_stories import Masthead, is_bulletin
from archiver.demo.replies import Page
from archiver.demo.stories import Story

OF_PAPERS = ("down", "up", "feed_dies")
_KEPT = 3  # editions that are held: the present one, that of a dead feed, and one to turn back to
SITEMAP = "/sitemap-latest.xml"  # the child of a sitemap index with all but the bulletins
_CONSTANT_ETAG = '"anchorage-feed"'


class Truth(NamedTuple):
    """What a story's page says: of a page that is none of the story's, `title` and `text` are "".

    `kind` is "article"; "404" or "410"; "home", where it redirects to the home page; or what
    answers 200 in its place: "missing", "consent", "teaser" or "shell".
    """

    kind: str
    title: str = ""
    text: str = ""


def truth_after(event: Event) -> Truth:
    """Return what a story's page says from an event on."""
    kinds = {"removed": event.detail, "soft": event.detail, "moved_home": "home"}
    return Truth(kinds.get(event.kind, "article"), event.title, event.text)


class PaperSite:
    """A paper whose pages are asked for with the time."""

    def __init__(
        self, paper: Masthead, origin: str, stories: Sequence[Story], events: Sequence[Event]
    ) -> None:
        """Serve the stories of one paper as its events, in order of time, say."""
        self._paper, self._origin = paper, origin
        self._stories = {story.id: story for story in stories}
        self._events = [event for event in events if event.kind not in OF_PAPERS]
        self._times = [event.at for event in self._events]
        ends = [event.at for event in events if event.kind == "feed_dies"]
        self._feed_dies_at = ends[0] if ends else None
        self._feed = addresses.FEEDS[paper.language][0]
        self._editions: dict[int, _PressEdition] = {}

    def truth_at(self, story_id: int, at: datetime) -> Truth:
        """Return what a story's page says at an instant; before its publication, that is 404."""
        past = self._events[: bisect_right(self._times, at)]
        last = next((event for event in reversed(past) if event.story_id == story_id), None)
        return truth_after(last) if last else Truth("404")

    def page(self, target: str, at: datetime) -> Page:
        """Return the page at a request target at an instant."""
        is_feed = target.partition("?")[0] == self._feed
        if is_feed and self._feed_dies_at:
            at = min(at, self._feed_dies_at)
        page = ticked(self._edition(bisect_right(self._times, at)).page(target), at)
        if self._paper.validators == "none":
            return replace(page, modified_at=None)
        if self._paper.validators == "date":
            return replace(page, etag="")
        if self._paper.validators == "constant" and is_feed:
            return replace(page, modified_at=None, etag=_CONSTANT_ETAG)
        return page

    def _edition(self, past: int) -> _PressEdition:
        """Return the edition after so many events."""
        if not (edition := self._editions.get(past)):
            edition = self._laid_out(self._events[:past])
            if len(self._editions) >= _KEPT:
                self._editions.clear()
            self._editions[past] = edition
        return edition

    def _laid_out(self, past: Sequence[Event]) -> _PressEdition:
        state: dict[int, _Standing] = {}
        for event in past:
            before = state.get(event.story_id)
            story = before.story if before else self._stories[event.story_id]
            state[event.story_id] = _Standing(self._changed(story, event), truth_after(event).kind)
        standing = [each for each in state.values() if each.kind != "404"]
        listed = [each.at for each in past if each.kind not in ("soft", "healed")]
        return _PressEdition(self._paper, self._origin, standing, listed[-1] if listed else None)

    def _changed(self, story: Story, event: Event) -> Story:
        """Return a story after an event, modified by it only if its words are others now."""
        if event.kind not in EDITS and event.detail != "edited":
            return story
        modified = event.at.astimezone(ZoneInfo(self._paper.zone))
        paragraphs = tuple(event.text.split("\n\n"))
        return replace(story, title=event.title, paragraphs=paragraphs, modified_at=modified)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A story that is out, and what is at its address: the kind of a `Truth`."""

    story: Story
    kind: str


class _PressEdition(Edition):
    """All pages of a paper between two events."""

    def __init__(
        self,
        paper: Masthead,
        origin: str,
        standing: Sequence[_Standing],
        changed_at: datetime | None,
    ) -> None:
        """Lay out the site; `changed_at` is when its lists last changed."""
        self._paper, self._changed_at = paper, changed_at
        self._kinds: Mapping[int, str] = {each.story.id: each.kind for each in standing}
        stories = [
            replace(each.story, withdrawn_on=1 if each.kind == "410" else None) for each in standing
        ]
        super().__init__(stories, 1, origin)

    def _machine_routes(self) -> Iterator[Route]:
        named = {"news": addresses.NEWS_SITEMAP, "index": addresses.SITEMAP_INDEX}
        paths = [named[self._paper.sitemap]] if self._paper.sitemap else []
        yield "/robots.txt", lambda: text_page(sitemaps.robots(self._origin, paths), "text/plain")
        yield addresses.FEEDS[self._paper.language][0], self._press_feed
        if self._paper.sitemap == "news":
            yield addresses.NEWS_SITEMAP, lambda: self._dated(self._news_sitemap())
        if self._paper.sitemap == "index":
            children = self._children()
            yield addresses.SITEMAP_INDEX, partial(self._index_of, children)
            for path, stories in children.items():
                yield path, partial(self._child, stories)

    def _press_feed(self) -> Page:
        """Return the feed, which names stories by their canonical addresses."""
        newest = self._news[:IN_A_FEED]
        language = self._paper.language
        if language == "ar":
            body = feeds.rss(newest, self._origin, short_links=0)
        else:
            body = (feeds.atom if language == "en" else feeds.json_feed)(newest, self._origin)
        return self._dated(text_page(body, addresses.FEEDS[language][1]))

    def _children(self) -> dict[str, list[Story]]:
        """Return the sitemaps that the index names: of the news, and of each month of bulletins."""
        children: dict[str, list[Story]] = {SITEMAP: []}
        for story in self._all:
            month = f"/archive/sitemap-{story.published_at:%Y-%m}.xml"
            children.setdefault(month if is_bulletin(story) else SITEMAP, []).append(story)
        return children

    def _index_of(self, children: Mapping[str, Sequence[Story]]) -> Page:
        dated = ((path, _last_change(stories)) for path, stories in children.items())
        return self._dated(text_page(sitemaps.index_of(dated, self._origin), "application/xml"))

    def _child(self, stories: Sequence[Story]) -> Page:
        page = text_page(sitemaps.urlset(stories, self._origin), "application/xml")
        return replace(page, modified_at=_last_change(stories))

    def _dated(self, page: Page) -> Page:
        return replace(page, modified_at=self._changed_at)

    def _article(self, story: Story) -> Page:
        kind = self._kinds[story.id]
        if kind == "teaser":
            return replace(super()._article(teased(story)), modified_at=None)
        if kind in ("article", "410"):
            return super()._article(story)
        return stand_in(kind, story, self._origin)

    def _lists(self, story: Story) -> bool:
        """Leave the old bulletins to the sitemaps."""
        return not is_bulletin(story)

    def _markup(self, story: Story, declared: str) -> str:
        """Add a line that ticks to some pages."""
        html = super()._markup(story, declared)
        return with_ticking_line(html, story) if ticks(story) else html


def _last_change(stories: Sequence[Story]) -> datetime:
    return max(story.changed_at for story in stories)
