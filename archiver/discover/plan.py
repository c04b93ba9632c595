"""Decide what a crawl of one source fetches next. Pure: links in, links out.

News sitemaps and feeds first, then the children of sitemap indexes, and hub pages (home, sections;
one level deep) only where those bring nothing. A source that names no endpoints is probed: the
Sitemap lines of robots.txt, what the home page announces, and the well-known paths.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver import urls
from archiver.types import Found, Kind, Link, Source

SITEMAP_PATHS = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap-news.xml")
FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json")
TOO_OLD = "older than asked for"
ENDPOINTS = (Kind.ROBOTS, Kind.SITEMAP, Kind.FEED)


@dataclass(slots=True)
class Poll:
    """How a feed, sitemap or page of links was found: what it is, how many new stories it led to.

    `problem` says why it led to none, where something is wrong with it.
    """

    kind: Kind
    hops: int = 0
    brought: int = 0
    problem: str = ""


class Plan:
    """The state of one source's crawl. `found` and `failed` are told of each answer once."""

    def __init__(
        self,
        source: Source,
        *,
        since: datetime | None = None,
        limit: int | None = None,
        wanted: Callable[[Link], bool] = lambda link: True,
        visits: Callable[[], Sequence[Link]] = tuple,
    ) -> None:
        """Plan for `source`: stories not older than `since`, at most `limit` of them.

        What is not `wanted` is not asked for: it is here, or not to be asked for yet. `visits` are
        stories to look at again, which do not count; they are asked for once the site has answered.
        """
        self.source = source
        self.polls: dict[str, Poll] = {}
        self._wanted = wanted
        self._visits: Callable[[], Sequence[Link]] | None = visits
        self.working: dict[Kind, list[str]] = {Kind.SITEMAP: [], Kind.FEED: []}
        self.problems: dict[str, str] = {}
        self.refused: Counter[str] = Counter()
        self.stories = 0
        # What feeds tell of stories' texts: a sitemap may have brought their addresses before.
        self.told: dict[str, str] = {}
        self._named = {*source.feeds, *source.sitemaps, *source.sections, source.home}
        self._allow = [re.compile(pattern) for pattern in source.allow]
        self._deny = [re.compile(pattern) for pattern in source.deny]
        self._hosts: dict[str, bool] = {}
        self._since = since
        self._limit = limit
        self._seen: set[str] = set()
        self._left: set[str] = set()  # what was not wanted, as a link; it may be looked at again
        self._pending = 0
        self._hubs: list[Link] = []
        self._held: list[Link] = []
        self._probing = not (source.sitemaps or source.feeds or source.sections)
        self._guessed: set[str] = set()
        self._falling_back = False
        self._alive = False

    @property
    def full(self) -> bool:
        """Whether the limit of stories is reached."""
        return self._limit is not None and self.stories >= self._limit

    def start(self) -> list[Link]:
        """Return the first links to fetch."""
        source = self.source
        hubs = [self._link(url, Kind.SECTION) for url in source.sections or (source.home,)]
        if self._probing:
            first = [self._link(urls.join(source.home, "/robots.txt"), Kind.ROBOTS), *hubs]
        else:
            self._hubs = hubs
            first = [self._link(url, Kind.SITEMAP) for url in source.sitemaps]
            first += [self._link(url, Kind.FEED) for url in source.feeds]
        return self._take(first) or [*self._next(), *self._again()]

    def start_page(self) -> list[Link]:
        """Return the source's home as one page to fetch."""
        self.stories = 1
        return [self._link(self.source.home, Kind.ARTICLE)]

    def follow_hub(self, via: Link, found: Found) -> list[Link]:
        """Take the stories of a page that was asked for by itself and is a hub."""
        self.stories = 0
        if found.problem:
            self.problems[via.url] = found.problem
        return self._take([link for link in found.links if link.kind is Kind.ARTICLE])

    def found(self, via: Link, found: Found) -> list[Link]:
        """Take what `via` brought; returns what to fetch now."""
        self.polls[via.url] = poll = Poll(via.kind, via.hops, problem=found.problem)
        if found.problem and via.url not in self._guessed:
            self.problems[via.url] = found.problem
        if via.kind in self.working and found.links and via.hops <= 1:
            self.working[via.kind].append(via.url)
        self.told.update({link.url: link.told for link in found.links if link.told})
        fresh = list(found.links)
        if via.kind is Kind.SECTION:
            endpoints = [link for link in fresh if link.kind in ENDPOINTS]
            others = [link for link in fresh if link.kind not in ENDPOINTS]
            if via.hops > 0:  # one level deep: a section's own sections are left alone
                others = [link for link in others if link.kind is not Kind.SECTION]
            if self._falling_back:
                fresh = others
            else:
                self._held += others
                fresh = endpoints
        now = self._take(sorted(fresh, key=_newest_first))
        poll.brought = sum(link.kind is Kind.ARTICLE for link in now)
        return [*self._done(via, now), *self._again()]

    def failed(self, via: Link, reason: str) -> list[Link]:
        """Take note that `via` brought no answer; returns what to fetch now."""
        if via.kind is not Kind.ARTICLE and via.url not in self._guessed:
            self.problems[via.url] = reason
            self.polls[via.url] = Poll(via.kind, via.hops, problem=reason)
        return self._done(via, [])

    def _again(self) -> list[Link]:
        """Return the stories to look at again, once."""
        visits, self._visits = self._visits, None
        found = [] if visits is None else visits()
        again = [link for link in found if link.url not in self._seen and not self._refusal(link)]
        self._seen.update(link.url for link in again)
        return again

    def _done(self, via: Link, now: list[Link]) -> list[Link]:
        if via.kind is Kind.ARTICLE:
            return now  # leads nowhere, however it ended
        self._pending -= 1
        return now if now or self._pending else self._next()

    def _next(self) -> list[Link]:
        """Choose what comes after the last endpoint has answered."""
        if self._probing:
            self._probing = False
            if guesses := self._take(self._guesses()):
                return guesses
        if self.stories or self._alive or self._falling_back:
            return []  # a feed whose stories are all too old is alive, too
        self._falling_back = True
        return self._take([*self._held, *self._hubs])

    def _guesses(self) -> list[Link]:
        """Return the well-known paths of the endpoints that nothing announced."""
        home, guesses = self.source.home, []
        for kind, paths in ((Kind.SITEMAP, SITEMAP_PATHS), (Kind.FEED, FEED_PATHS)):
            if not self.working[kind]:
                guesses += [self._link(urls.join(home, path), kind) for path in paths]
        self._guessed.update(link.url for link in guesses)
        return guesses

    def _link(self, url: str, kind: Kind) -> Link:
        return Link(urls.normalise(url), kind, self.source.name)

    def _take(self, links: list[Link]) -> list[Link]:
        """Keep the links to fetch: new, of this site, allowed, young enough, within the limit."""
        taken = []
        full = self.full
        for link in links:
            if link.url in self._seen or (full and self._leads_to_stories_only(link)):
                continue
            if link.url in self._left:
                continue
            if reason := self._refusal(link):
                self._seen.add(link.url)
                self.refused[reason] += 1
                self._alive |= reason == TOO_OLD and link.kind is Kind.ARTICLE
                continue
            if not self._wanted(link):
                self._left.add(link.url)
                self._alive = True
                continue
            self._seen.add(link.url)
            taken.append(link)
            if link.kind is Kind.ARTICLE:
                self.stories += 1
                full = self.full
            else:
                self._pending += 1
        return taken

    @staticmethod
    def _leads_to_stories_only(link: Link) -> bool:
        """Tell whether `link` is not worth asking for once the limit is reached."""
        return link.kind is Kind.ARTICLE or (link.kind is Kind.SITEMAP and link.hops > 1)

    def _refusal(self, link: Link) -> str:
        if not self._own(link.url) and link.url not in self._named:
            return "other site"
        if self._deny and any(pattern.search(link.url) for pattern in self._deny):
            return "deny pattern"
        wanted = not self._allow or link.kind is not Kind.ARTICLE
        if not wanted and not any(pattern.search(link.url) for pattern in self._allow):
            return "not in allow pattern"
        if self._since:
            moments = [m.at for m in (link.published, link.modified) if m is not None]
            if moments and max(moments) < self._since:
                return TOO_OLD
        return ""

    def _own(self, url: str) -> bool:
        """Tell whether `url` is on the source's site. Asked 50,000 times for one large sitemap."""
        host = url.partition("://")[2].partition("/")[0]
        if host not in self._hosts:
            self._hosts[host] = urls.site(url) == urls.site(self.source.home)
        return self._hosts[host]


def _newest_first(link: Link) -> float:
    """Return what links of one feed or sitemap are sorted by: those without a date stay first."""
    moment = link.published or link.modified
    return -moment.at.timestamp() if moment else -float("inf")
