"""The newspaper as it stands at one visit: which page is at which target."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from itertools import product
from urllib.parse import parse_qsl, unquote, urlencode

from archiver.demo import addresses, feeds, sitemaps
from archiver.demo.hubs import Hub, render_drafts, render_hub, render_message
from archiver.demo.pictures import harbour
from archiver.demo.replies import GZIP_FILE, Page
from archiver.demo.stories import LANGUAGES, SECTIONS, Story
from archiver.demo.templates import render_article, template_of
from archiver.demo.wording import WORDINGS, Wording

IN_A_FEED = 15
IN_THE_NEWS_SITEMAP = 30
RELATED = 4
MOST_READ = 5
NOARCHIVE = 2006  # the story whose page asks not to be archived
NOAI = 2008  # the story whose page and head reserve text and data mining

Route = tuple[str, Callable[[], Page]]


class Edition:
    """All pages of one visit, made when they are asked for."""

    def __init__(self, stories: Sequence[Story], visit: int, origin: str) -> None:
        """Lay out the site; what is withdrawn by this visit stays in sitemaps and answers 410."""
        self._origin = origin
        self._all = stories
        self._gone = {s.id for s in stories if s.withdrawn_on and s.withdrawn_on <= visit}
        present = (s for s in stories if s.id not in self._gone and self._lists(s))
        self._news = sorted(present, key=lambda story: story.published_at, reverse=True)
        self._routes = {
            _key(target): make
            for routes in (self._machine_routes(), self._hub_routes(), self._story_routes())
            for target, make in routes
        }

    def page(self, target: str) -> Page:
        """Return the page at a request target (path and query), a 404 page if there is none."""
        if make := self._routes.get(_key(target)):
            return make()
        words = WORDINGS[addresses.language_of(target)]
        return _html(render_message(words, words.missing), HTTPStatus.NOT_FOUND)

    def _machine_routes(self) -> Iterator[Route]:
        yield "/robots.txt", lambda: text_page(sitemaps.robots(self._origin), "text/plain")
        yield addresses.NEWS_SITEMAP, self._news_sitemap
        yield addresses.SITEMAP_INDEX, self._sitemap_index
        for language, path in addresses.SITEMAPS.items():
            yield path, partial(self._sitemap, language)
        for language, (path, _) in addresses.FEEDS.items():
            yield path, partial(self._feed, language)

    def _hub_routes(self) -> Iterator[Route]:
        yield addresses.DRAFTS, lambda: _html(render_drafts())
        for language, section in product(LANGUAGES, ("", *SECTIONS)):
            own = [story for story in self._news if story.language == language]
            shown = [story for story in own if section in ("", story.section)]
            hub = Hub(language, section, shown, sorted(own, key=_readers)[:MOST_READ])
            yield hub.path, partial(self._hub_page, hub, 1)
            for number in range(1, hub.last_page + 1):
                yield f"{hub.path}?page={number}", partial(self._hub_page, hub, number)

    def _story_routes(self) -> Iterator[Route]:
        for story in self._all:
            path, short = addresses.story_path(story), addresses.short_path(story)
            redirect = partial(_redirect, WORDINGS[story.language])
            yield path, partial(self._article, story)
            yield short, partial(redirect, HTTPStatus.MOVED_PERMANENTLY, self._origin + path)
            yield addresses.old_path(story), partial(redirect, HTTPStatus.FOUND, short)
            yield addresses.photo_path(story), partial(_picture, story)

    def _news_sitemap(self) -> Page:
        newest = self._news[:IN_THE_NEWS_SITEMAP]
        return text_page(sitemaps.news_sitemap(newest, self._origin), "application/xml")

    def _sitemap_index(self) -> Page:
        return text_page(sitemaps.sitemap_index(self._all, self._origin), "application/xml")

    def _sitemap(self, language: str) -> Page:
        xml = sitemaps.sitemap(language, self._all, self._origin)
        if addresses.SITEMAPS[language].endswith(".gz"):
            return Page(gzip.compress(xml.encode(), mtime=0), GZIP_FILE)
        return text_page(xml, "application/xml")

    def _feed(self, language: str) -> Page:
        newest = [story for story in self._news if story.language == language][:IN_A_FEED]
        render = {"ar": feeds.rss, "en": feeds.atom, "fa": feeds.json_feed}[language]
        modified = max(story.changed_at for story in newest)
        body = render(newest, self._origin).encode()
        return Page(body, f"{addresses.FEEDS[language][1]}; charset=utf-8", modified_at=modified)

    def _hub_page(self, hub: Hub, number: int) -> Page:
        return _html(render_hub(hub, number, self._origin))

    def _article(self, story: Story) -> Page:
        if story.id in self._gone:
            words = WORDINGS[story.language]
            return _html(render_message(words, words.gone), HTTPStatus.GONE)
        encoding, named, declared = _charsets(story)
        return Page(
            self._markup(story, declared).encode(encoding, "xmlcharrefreplace"),
            f"text/html; charset={named}" if named else "text/html",
            headers=(("X-Robots-Tag", "noai"),) if story.id == NOAI else (),
            modified_at=story.changed_at,
        )

    def _lists(self, story: Story) -> bool:
        """Tell whether a story that is there is named in feeds, news sitemap and hubs."""
        return True

    def _markup(self, story: Story, declared: str) -> str:
        """Return the HTML of a story's page, which declares a charset, or none if it is empty."""
        return render_article(
            story, template_of(story), self._origin, self._related(story), declared, _notices(story)
        )

    def _related(self, story: Story) -> list[Story]:
        others = [s for s in self._news if s.language == story.language and s.id != story.id]
        return sorted(others, key=lambda other: other.section != story.section)[:RELATED]


def _key(target: str) -> str:
    """Return what tells pages apart in a target: the path, and of the query `id` and `page`."""
    path, _, query = target.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name in ("id", "page")]
    return f"{unquote(path)}?{urlencode(kept)}"


def _readers(story: Story) -> int:
    return story.id * 7919 % 101


def _charsets(story: Story) -> tuple[str, str, str]:
    """Return a page's encoding, and what its HTTP head and its own markup say about it."""
    if not addresses.is_archived(story):
        return "utf-8", "utf-8", "utf-8"
    in_head = story.id // 2 % 2 == 0
    name = "windows-1256"
    return name, name if in_head else "", "" if in_head else name


def _notices(story: Story) -> list[tuple[str, str]]:
    notices = {NOARCHIVE: ("robots", "noarchive"), NOAI: ("tdm-reservation", "1")}
    return [notices[story.id]] if story.id in notices else []


def _redirect(words: Wording, status: HTTPStatus, address: str) -> Page:
    html = render_message(words, words.moved, (address, address))
    return Page(html.encode(), status=status, headers=(("Location", address),))


def _picture(story: Story) -> Page:
    return Page(harbour(story.id).encode(), "image/svg+xml")


def _html(html: str, status: HTTPStatus = HTTPStatus.OK) -> Page:
    return Page(html.encode(), status=status)


def text_page(text: str, media_type: str) -> Page:
    """Return a page of text in UTF-8, and say so."""
    return Page(text.encode(), f"{media_type}; charset=utf-8")
