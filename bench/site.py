"""A site of many pages on loopback, for `bench.crawl`: served by a process of its own.

Its pages are the demo newspaper's stories in its five templates, dressed with as much furniture as
real news pages carry (menus, teasers, inline CSS and script state), or the pages of a corpus.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from archiver.demo.addresses import story_path
from archiver.demo.furniture import bullets, teaser
from archiver.demo.stories import Story, load_stories
from archiver.demo.templates import Template, render_article

SITEMAP = "/sitemap.xml"
FIRST_ID = 500_000
JOINED = 4  # stories in one: about 3,500 characters
TEASERS = 30  # cards beside a story
MENU = 70  # links above it, and half as many below
RULES = 150  # of inline CSS
ENTRIES = 90  # of the script state

_URLSET = 'urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@dataclass(frozen=True, slots=True)
class Body:
    """A reply's bytes, as they are and gzip-coded."""

    plain: bytes
    packed: bytes
    media_type: str


def demo_pages(count: int, origin: str) -> Iterator[tuple[str, bytes]]:
    """Yield target and HTML of `count` pages of which no two are alike."""
    shipped = load_stories()
    for number in range(count):
        story = _variant(shipped, number)
        own = [s for s in shipped if s.language == story.language]
        others = [own[(number + step) % len(own)] for step in range(1, len(own))]
        template = tuple(Template)[number % len(Template)]
        html = render_article(story, template, origin, others[:4])
        yield story_path(story), _dressed(html, number, others).encode()


def _variant(shipped: Sequence[Story], number: int) -> Story:
    """Return a story of a usual length, made of several, under an id and date of its own."""
    story = shipped[number % len(shipped)]
    own = [s for s in shipped if s.language == story.language and s.id != story.id]
    more = [own[(number // len(shipped) + step) * 7 % len(own)] for step in range(JOINED - 1)]
    return replace(
        story,
        id=FIRST_ID + number,
        slug=f"{story.slug}-{number}",
        title=f"{story.title} ({number})",
        published_at=story.published_at + timedelta(minutes=number),
        paragraphs=(*story.paragraphs, *(text for each in more for text in each.paragraphs)),
        withdrawn_on=None,
    )


def _dressed(html: str, number: int, others: Sequence[Story]) -> str:
    """Add to a page what surrounds a story in real ones."""
    head = f"<style>{_rules(number)}</style>\n<script>{_state(number, others)}</script>\n</head>"
    foot = f"{_rail(others)}\n{_menu(others, MENU // 2)}\n</body>"
    html = html.replace("</head>", head).replace("</body>", foot)
    return html.replace("<body>", f"<body>\n{_menu(others, MENU)}", 1)


def _rules(number: int) -> str:
    return "\n".join(
        f".c{n}-{number % 9} > .item:hover {{ margin: {n % 7}px auto; padding: .{n}rem;"
        f" color: #{n * 7919 % 4096:03x}; }}"
        for n in range(RULES)
    )


def _state(number: int, others: Sequence[Story]) -> str:
    """Return what a front-end framework leaves in a page: identifiers, titles and addresses."""
    entries = [
        {
            "key": sha256(f"{number} {n}".encode()).hexdigest(),
            "title": others[n % len(others)].title,
            "href": story_path(others[n % len(others)]),
            "flags": [n % 2 == 0, None, n * 31],
        }
        for n in range(ENTRIES)
    ]
    return f"window.__STATE__ = {json.dumps(entries)};".replace("</", "<\\/")


def _menu(others: Sequence[Story], size: int) -> str:
    stories = (others[n % len(others)] for n in range(size))
    links = [(f"{story_path(s)}#{n}", " ".join(s.title.split()[:3])) for n, s in enumerate(stories)]
    return f'<div class="menu">{bullets(links)}</div>'


def _rail(others: Sequence[Story]) -> str:
    cards = "\n".join(_card(others[n % len(others)], n) for n in range(TEASERS))
    return f'<div class="rail" data-region="rail">\n{cards}\n</div>'


def _card(story: Story, n: int) -> str:
    address = escape(f"{story_path(story)}?from=rail&slot={n}")
    return f"""<div class="rail-card" data-slot="{n}" data-id="{story.id}"><a href="{address}">\
<img src="/photo/{story.id}.svg" alt="" width="208" height="117" loading="lazy"></a>
<div class="rail-text"><span class="rail-label">{escape(story.section)}</span>
<h3><a href="{address}">{escape(story.title)}</a></h3>
<p><a href="{address}">{escape(teaser(story, 90))}</a></p></div></div>"""


def corpus_pages(folder: Path, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield target and HTML of the first `count` pages of a corpus (``html/*.html.gz``, UTF-8)."""
    for file in sorted((folder / "html").glob("*.html.gz"))[:count]:
        yield f"/news/{file.name.removesuffix('.gz')}", gzip.decompress(file.read_bytes())


def sitemap(targets: Sequence[str], origin: str) -> bytes:
    """Return a sitemap of all pages, each changed at a time of its own."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    entries = "\n".join(
        f"<url><loc>{escape(origin + target)}</loc>"
        f"<lastmod>{(start + timedelta(minutes=number)).isoformat()}</lastmod></url>"
        for number, target in enumerate(targets)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{_URLSET}>\n{entries}\n</urlset>\n'.encode()


class Server(ThreadingHTTPServer):
    """The listening socket, and everything that it serves."""

    daemon_threads = True
    request_queue_size = 64
    bodies: Mapping[str, Body]

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Answer, gzip-coded when that is asked for."""
        found = self.server.bodies.get(self.path)
        packed = found is not None and "gzip" in self.headers.get("Accept-Encoding", "")
        body = b"" if found is None else found.packed if packed else found.plain
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", found.media_type if found else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Vary", "Accept-Encoding")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def _body(plain: bytes, media_type: str = "text/html; charset=utf-8") -> Body:
    return Body(plain, gzip.compress(plain, 6, mtime=0), media_type)


def main() -> int:
    """Serve until told to stop; the first line printed says where, how many pages and how large."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), _Handler)
    origin, count = server.origin, options.pages
    pages = dict(
        corpus_pages(options.corpus, count) if options.corpus else demo_pages(count, origin)
    )
    bodies = {target: _body(html) for target, html in pages.items()}
    server.bodies = bodies | {SITEMAP: _body(sitemap(list(pages), origin), "application/xml")}
    size = sum(map(len, pages.values()))
    print(json.dumps({"origin": origin, "pages": len(pages), "bytes": size}), flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
