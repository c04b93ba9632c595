"""Sitemaps (sitemaps.org 0.9), news sitemaps, their indexes, and the Sitemap lines of robots.txt.

Parsed here with lxml's recovering parser: Scrapy's own loses the publication date of news sitemaps
and stops without a word at the first bad entity; ultimate-sitemap-parser is under the GPL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from archiver import dates, urls
from archiver.types import Found, Kind, Link

MAX_LINKS = 50_000  # the protocol's own limit for one file
_OUTSIDE = rb"(?P<and>&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});))|<(?![a-z_/!?])"
_BARE = re.compile(rb"(?P<kept><!\[CDATA\[.*?\]\]>)|" + _OUTSIDE, re.DOTALL | re.IGNORECASE)
_BARE_OUTSIDE = re.compile(rb"(?P<kept>(?!))|" + _OUTSIDE, re.DOTALL | re.IGNORECASE)
_ROBOTS_LINE = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def links(body: bytes, url: str, via: Link) -> Found:
    """Read a sitemap or a sitemap index, newest entries first."""
    entries, broken = _entries(body)
    found = [
        Link(
            url=target,
            kind=Kind.SITEMAP if kind == "sitemap" else Kind.ARTICLE,
            source=via.source,
            via=url,
            hops=via.hops + 1,
            published=dates.parse(entry.get("publication_date", ""), "sitemap"),
            modified=dates.parse(entry.get("lastmod", ""), "sitemap"),
        )
        for kind, entry in entries
        if (target := urls.join(url, entry.get("loc", "")))
    ]
    problem = f"sitemap is not well-formed: {broken}" if broken else ""
    return Found(tuple(newest_first(found)[:MAX_LINKS]), problem)


def newest_first(found: list[Link]) -> list[Link]:
    """Sort links by what is known of their age; those without any date keep their order at the end."""
    return sorted(found, key=_age, reverse=True)


def _age(link: Link) -> tuple[bool, float]:
    moment = link.published or link.modified
    return (moment is not None, moment.at.timestamp() if moment else 0.0)


def _entries(body: bytes) -> tuple[list[tuple[str, dict[str, str]]], str]:
    """Return (url or sitemap, fields) pairs and what was wrong with the XML, if anything."""
    entries, broken = _parse(body)
    if broken and b"\x00" not in body[:100]:  # in UTF-16 these bytes mean something else
        # Behind a bare "&" an address would lose half its query, behind a bare "<" entries get lost.
        entries, _ = _parse(_mended(body))
    return entries, broken


def _mended(body: bytes) -> bytes:
    """Escape what is bare. Behind the end of the last CDATA section, nothing can be one.

    To look for the end of each that has none would take for ever.
    """
    end = body.rfind(b"]]>") + len(b"]]>") if b"]]>" in body else 0
    return b"".join(
        bare.sub(lambda m: m["kept"] or (b"&amp;" if m["and"] else b"&lt;"), part)
        for bare, part in ((_BARE, body[:end]), (_BARE_OUTSIDE, body[end:]))
    )


def _parse(body: bytes) -> tuple[list[tuple[str, dict[str, str]]], str]:
    parser = etree.iterparse(
        BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True
    )
    entries = list(_read(parser))
    error = parser.error_log[0] if len(parser.error_log) else None
    return entries, f"line {error.line}, {error.message}"[:120] if error else ""


def _read(parser: Any) -> Iterator[tuple[str, dict[str, str]]]:
    entry: dict[str, str] = {}
    try:
        for _, element in parser:
            name = _name(element)
            if name in ("url", "sitemap"):
                yield name, entry
                entry = {}
                element.clear()
            # An image or a video has a <loc> too, and it must not take the place of the page's own.
            elif name == "publication_date" or (
                name in ("loc", "lastmod") and _name(element.getparent()) in ("url", "sitemap")
            ):
                entry.setdefault(name, (element.text or "").strip())
    except etree.XMLSyntaxError:
        return


def _name(element: Any) -> str:
    """Return the local name of an element, also where its prefix was never declared."""
    tag = element.tag if element is not None and isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2]


def from_robots(body: bytes, url: str, via: Link) -> Found:
    """Read the Sitemap lines of a robots.txt."""
    found = []
    for line in _ROBOTS_LINE.findall(body[: 512 * 1024]):
        target = urls.join(url, line.decode("utf-8", "replace"))
        if target:
            found.append(Link(target, Kind.SITEMAP, via.source, via=url, hops=via.hops + 1))
    return Found(tuple(found))


def is_plain(body: bytes) -> bool:
    """Tell whether `body` is a sitemap in plain text: one URL a line."""
    return bool(re.match(rb"(?:\xef\xbb\xbf)?\s*https?://\S+\s*(?:\n|$)", body))


def from_plain(body: bytes, url: str, via: Link) -> Found:
    """Read a sitemap in plain text."""
    targets = (urls.join(url, line) for line in body.decode("utf-8-sig", "replace").splitlines())
    found = [Link(t, Kind.ARTICLE, via.source, via=url, hops=via.hops + 1) for t in targets if t]
    return Found(tuple(found[:MAX_LINKS]))
