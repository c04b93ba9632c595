"""Pages and captures of them, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from archiver.content import read_head
from archiver.extract import page
from archiver.types import Capture, Kind, Link

URL = "http://www.post.com/story/1"
AT = datetime(2026, 6, 1, tzinfo=UTC)
SENTENCE = "The harbour office opened its doors again this morning after a winter of repairs."
PARAGRAPHS = [f"{SENTENCE} It was visit number {n}, and {SENTENCE.lower()}" for n in range(1, 6)]


def html(body: str = "", head: str = "", title: str = "The harbour office is open again") -> str:
    text = (
        body or f"<article><h1>{title}</h1>{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</article>"
    )
    return f"<html><head><title>{title}</title>{head}</head><body>{text}</body></html>"


def linked_data(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


def link(**known: object) -> Link:
    return Link(URL, Kind.ARTICLE, "post", **known)  # type: ignore[arg-type]


def capture(
    body: str | bytes, headers: str = "", content_type: str = "text/html", **more: object
) -> Capture:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{headers}\r\n".encode()
    data = body.encode() if isinstance(body, str) else body
    return Capture(link(), URL, AT, "", b"", head, data, 1, **more)  # type: ignore[arg-type]


def parse(markup: str, headers: str = "") -> page.Page:
    parsed = page.parse(markup, URL, read_head(f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode()))
    assert parsed is not None
    return parsed
