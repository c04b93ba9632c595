"""Discovery: from the bytes of a feed, a sitemap or a page to links. Pure: no network, no files."""

from __future__ import annotations

from archiver.content import decode_body, decode_text, gunzip, read_head
from archiver.discover import feeds, sections, sitemaps
from archiver.types import Capture, Found, Kind, Source


def discover(capture: Capture, source: Source) -> Found:
    """Read the links of a captured feed, sitemap, robots.txt or page, by what the bytes are.

    Never raises: what is not what it was fetched for comes back as `Found.problem`.
    """
    head = read_head(capture.head)
    if head.status != 200:
        return Found(problem=f"HTTP {head.status} {head.reason}".strip())
    body, note = decode_body(head, capture.body)
    if body.startswith(b"\x1f\x8b"):
        body, note = gunzip(body)
    found = _read(capture, source, body, head.get("content-type"))
    return Found(found.links, "; ".join(filter(None, (note, found.problem))))


def _read(capture: Capture, source: Source, body: bytes, content_type: str) -> Found:
    link = capture.link
    if link.kind is Kind.ROBOTS:
        return sitemaps.from_robots(body, capture.url, link)
    shape = sniff(body)
    if shape == "sitemap":
        return sitemaps.links(body, capture.url, link)
    if shape == "feed":
        return feeds.links(body, content_type, capture.url, link)
    if shape == "html" and link.kind in (Kind.SECTION, Kind.ARTICLE):
        text, _ = decode_text(body, content_type)
        return sections.links(text, capture.url, link, source)
    if link.kind is Kind.SITEMAP and sitemaps.is_plain(body):
        return sitemaps.from_plain(body, capture.url, link)
    what = {"html": "an HTML page", "": "neither feed, sitemap nor page"}[shape]
    return Found(problem=f"expected a {link.kind.value}, got {what}")


def sniff(body: bytes) -> str:
    """Tell what `body` is by its content: sitemap, feed, html or ""."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"").lower()
    if b"<urlset" in start or b"<sitemapindex" in start:
        return "sitemap"
    if any(mark in start for mark in (b"<rss", b"<feed", b"<rdf:rdf")):
        return "feed"
    if start.startswith(b"{") and b"jsonfeed.org" in start:
        return "feed"
    return "html" if b"<html" in start or b"<!doctype html" in start or b"<body" in start else ""
