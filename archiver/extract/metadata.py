"""What an article's page says of it: the door to title, authors and dates; tags, rights, language.

JSON-LD and Open Graph come first, then the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archiver.extract.authors import authors, people
from archiver.extract.language import declared as language
from archiver.extract.page import Page
from archiver.extract.title import parts as title_parts
from archiver.extract.title import title
from archiver.extract.when import modified, published

__all__ = [
    "authors",
    "language",
    "modified",
    "people",
    "published",
    "rights",
    "section",
    "tags",
    "title",
    "title_parts",
]

_ROBOTS = {"robots", "googlebot", "archiver", "x-robots-tag"}
_NAMED_BY = ("name", "property", "itemprop", "http-equiv")


def section(page: Page) -> str:
    """Return the section that the article declares."""
    value = page.article_data.get("articleSection")
    value = value[0] if isinstance(value, list) and value else value
    return _text(value) or page.meta.get("article:section", "")


def tags(page: Page) -> tuple[str, ...]:
    """Return the article's keywords, each once, in their order."""
    value = page.article_data.get("keywords")
    told = [_text(v) for v in value] if isinstance(value, list) else re.split("[,،;]", _text(value))
    told += re.split("[,،;]", page.meta.get("news_keywords", "") or page.meta.get("keywords", ""))
    told += [page.meta["article:tag"]] if "article:tag" in page.meta else []
    return tuple(dict.fromkeys(t.strip() for t in told if 1 < len(t.strip()) <= 60))[:30]


def rights(page: Page) -> tuple[str, ...]:
    """Return the reservations that headers and meta tags declare, sorted.

    robots directives (noarchive, noai, noimageai, noindex, nosnippet; none is noindex) and the TDM Reservation
    Protocol (tdm-reservation: 1). All that is said counts: a page may have several tags of one name, of which each
    plugin of its CMS writes one.
    """
    told, reserved = page.head.all("x-robots-tag"), page.head.all("tdm-reservation")
    for names, content in _declared(page):
        told += [content] if names & _ROBOTS else []
        reserved += [content] if "tdm-reservation" in names else []
    words = {word for text in told for word in re.split(r"[\s,;:]+", text.lower())}
    found = words & {"noarchive", "noai", "noimageai", "noindex", "nosnippet"}
    if "none" in words:
        found.add("noindex")
    if "1" in map(str.strip, reserved):
        found.add("tdm-reserved")
    return tuple(sorted(found))


def _declared(page: Page) -> Iterator[tuple[set[str], str]]:
    """Yield what each meta tag is called, in all ways in which it may be, and its content."""
    for element in page.tree.iter("meta"):
        names = {(element.get(one) or "").strip().lower() for one in _NAMED_BY}
        yield names, element.get("content") or ""


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
