"""RSS, Atom and RDF feeds through feedparser, and JSON Feed 1.1. The only user of feedparser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import feedparser

from archiver import dates, urls
from archiver.discover.fulltext import Content, Teller
from archiver.discover.sitemaps import newest_first
from archiver.types import Found, Kind, Link

_MARKUP = ("text/html", "application/xhtml+xml")


class _Entry(NamedTuple):
    """An entry as its feed has it; `contents` is its whole text, never a summary."""

    address: str
    published: str
    modified: str
    contents: list[Content]


def links(body: bytes, content_type: str, url: str, via: Link) -> Found:
    """Read the entries of a feed, newest first."""
    try:
        entries = list(_json(body) if body.lstrip()[:1] == b"{" else _xml(body, content_type))
    except (ValueError, RecursionError) as error:
        return Found(problem=f"feed cannot be read: {str(error)[:100]}")
    teller = Teller()
    found = [
        Link(
            url=target,
            kind=Kind.ARTICLE,
            source=via.source,
            via=url,
            hops=via.hops + 1,
            published=dates.parse(entry.published, "feed"),
            modified=dates.parse(entry.modified, "feed"),
            told=teller.tell(entry.contents),
        )
        for entry in entries
        if (target := urls.join(url, entry.address))
    ]
    return Found(tuple(newest_first(found)), "" if found else "feed has no entries")


def _xml(body: bytes, content_type: str) -> Iterator[_Entry]:
    feed = feedparser.parse(
        body,
        response_headers={"content-type": content_type},
        # Markup is never shown, only its lines are compared; both cost most of the parsing time.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    for entry in feed.entries:
        yield _Entry(
            _text(entry.get("link")),
            _text(entry.get("published")),
            _text(dict.get(entry, "updated")),  # its own get() would answer with the publication
            list(_contents(entry)),
        )


def _contents(entry: Any) -> Iterator[Content]:
    """Yield what stood in ``content:encoded`` (RSS) or ``content`` (Atom)."""
    for content in entry.get("content") or ():
        kind = content.get("type")
        if kind in _MARKUP or kind == "text/plain":
            yield Content(_text(content.get("value")), kind in _MARKUP)


def _json(body: bytes) -> Iterator[_Entry]:
    feed = json.loads(body)
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield _Entry(
                _text(item.get("url")),
                _text(item.get("date_published")),
                _text(item.get("date_modified")),
                [
                    Content(_text(item.get("content_html")), markup=True),
                    Content(_text(item.get("content_text")), markup=False),
                ],
            )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
