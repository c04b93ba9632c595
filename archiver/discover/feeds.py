"""RSS, Atom and RDF feeds through feedparser, and JSON Feed 1.1. The only user of feedparser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import feedparser

from archiver import dates, urls
from archiver.discover.sitemaps import newest_first
from archiver.types import Found, Kind, Link


def links(body: bytes, content_type: str, url: str, via: Link) -> Found:
    """Read the entries of a feed, newest first."""
    try:
        entries = list(_json(body) if body.lstrip()[:1] == b"{" else _xml(body, content_type))
    except (ValueError, RecursionError) as error:
        return Found(problem=f"feed cannot be read: {str(error)[:100]}")
    found = [
        Link(
            url=target,
            kind=Kind.ARTICLE,
            source=via.source,
            via=url,
            hops=via.hops + 1,
            published=dates.parse(published, "feed"),
            modified=dates.parse(modified, "feed"),
        )
        for address, published, modified in entries
        if (target := urls.join(url, address))
    ]
    return Found(tuple(newest_first(found)), "" if found else "feed has no entries")


def _xml(body: bytes, content_type: str) -> Iterator[tuple[str, str, str]]:
    feed = feedparser.parse(
        body,
        response_headers={"content-type": content_type},
        # Only addresses and dates are taken; both options cost most of the parsing time.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    for entry in feed.entries:
        yield (
            _text(entry.get("link")),
            _text(entry.get("published")),
            _text(dict.get(entry, "updated")),  # its own get() would answer with the publication
        )


def _json(body: bytes) -> Iterator[tuple[str, str, str]]:
    feed = json.loads(body)
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield (
                _text(item.get("url")),
                _text(item.get("date_published")),
                _text(item.get("date_modified")),
            )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
