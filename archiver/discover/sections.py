"""Hub pages: the feeds a page announces, its sections, and the links that look like stories."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

from archiver import urls
from archiver.discover import patterns
from archiver.types import Found, Kind, Link, Source

FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/json",
)
MAX_TEXT = 5 * 1024 * 1024  # characters; what stands behind them is not looked at
MAX_LINKS = 500  # of one page
MAX_SECTIONS = 40
MAX_FEEDS = 20
MAX_SEEN = 20_000  # links looked at; more is no page for readers
_NOT_A_SECTION = re.compile(
    r"/(?:login|signin|register|account|search|contact|about|privacy|terms|cookies?|subscribe|rss|"
    r"tags?|authors?|wp-|cdn-cgi|share|print|cart|feeds?)(?:[/._-]|$)",
    re.IGNORECASE,
)


def links(text: str, url: str, via: Link, source: Source) -> Found:
    """Read a page: announced feeds, then stories, then sections, each in page order."""
    try:
        # Bytes, because lxml refuses a str that declares an encoding of its own.
        data = text[:MAX_TEXT].encode("utf-8", "replace")
        page = html.document_fromstring(data, parser=_utf8())
    except (html.etree.ParserError, ValueError):
        return Found(problem="page is empty")
    base = urls.join(url, str(page.xpath("string(//base/@href)"))) or url
    feeds = [Link(t, Kind.FEED, via.source, url, via.hops + 1) for t in _announced(page, base)]
    stories, sections = [], []
    for target in _targets(page, base, url):
        if is_story(target, source):
            stories.append(target)
        elif not _NOT_A_SECTION.search(target) and target.count("/") <= 6:
            sections.append(target)
    found = feeds[:MAX_FEEDS]
    for targets, kind, most in (
        (stories, Kind.ARTICLE, MAX_LINKS),
        (sections, Kind.SECTION, MAX_SECTIONS),
    ):
        chosen = patterns.fair(targets, most)
        found += [Link(target, kind, via.source, url, via.hops + 1) for target in chosen]
    return Found(tuple(found))


def is_story(url: str, source: Source) -> bool:
    """Tell whether a link of a hub page should be fetched as a story: the source's pattern wins."""
    if source.allow:
        return any(re.search(pattern, url) for pattern in source.allow)
    return urls.looks_like_article(url)


def _utf8() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)


def _announced(page: html.HtmlElement, base: str) -> Iterator[str]:
    for element in page.xpath("//link[@rel and @type and @href]"):
        kinds, rels = element.get("type").lower(), element.get("rel").lower().split()
        if "alternate" in rels and kinds.partition(";")[0].strip() in FEED_TYPES:
            target = urls.join(base, element.get("href"))
            if target and "comments" not in target:
                yield target


def _targets(page: html.HtmlElement, base: str, url: str) -> Iterator[str]:
    """Yield the pages of the same site that `page` links to, each once."""
    seen = {url}
    for href in page.xpath("//a[@href]/@href")[:MAX_SEEN]:
        target = urls.join(base, str(href))
        if target and target not in seen and urls.site(target) == urls.site(url):
            seen.add(target)
            if urls.is_page(target) and not urls.is_home(target):
                yield target
