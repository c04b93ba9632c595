"""What an article's page says of it: the door to title, authors and dates; tags, rights, language.

JSON-LD and Open Graph come first, then the page.
"""

from __future__ import annotations

import re
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

    robots directives (noarchive, noai, noimageai, noindex, nosnippet) and the TDM Reservation
    Protocol (tdm-reservation: 1).
    """
    told = [page.meta.get(name, "") for name in ("robots", "googlebot", "archiver")]
    told += page.head.all("x-robots-tag")
    words = {word for text in told for word in re.split(r"[\s,:]+", text.lower())}
    found = words & {"noarchive", "noai", "noimageai", "noindex", "nosnippet"}
    if "1" in (page.meta.get("tdm-reservation"), page.head.get("tdm-reservation")):
        found.add("tdm-reserved")
    return tuple(sorted(found))


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
