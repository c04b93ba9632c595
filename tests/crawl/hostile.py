"""Answers of a server that means harm, and the good pages among them that must be archived anyway."""

from __future__ import annotations

import gzip
from functools import cache

import brotli
import zstandard

from tests.crawl.site import Site, reply

DENY = ("/[mdf]/",)  # thousands of links that are there to be read, not to be asked for
BOMB = 200_000_000  # bytes that a bomb is when decoded
XML = "Content-Type: application/xml"
URLSET = 'urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
SPELLINGS = [
    "http://127.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://localhost.:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://trap.example:{port}/x",
    "http://trap.example.:{port}/x",
    "http://user:word@127.0.0.1:{port}/x",
    "http://127\u30020\u30020\u30021:{port}/x",
    "http://\u2460\u2461\u2466.0.0.1:{port}/x",
]


@cache
def bombs() -> dict[str, tuple[str, bytes]]:
    """Return the content coding and the bytes of a bomb in each coding."""
    blank = b"<html>" + b" " * BOMB
    packer = brotli.Compressor(quality=5)
    return {
        "gzip": ("gzip", gzip.compress(blank, 9)),
        "br": ("br", packer.process(blank) + packer.finish()),
        "zstd": ("zstd", zstandard.ZstdCompressor(level=3).compress(blank)),
        "twice": ("gzip, gzip", gzip.compress(gzip.compress(blank, 9), 9)),
    }


def page(body: str, head: str = "", title: str = "A story") -> str:
    """Return an HTML page."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article">{head}</head><body>{body}</body></html>'
    )


def stalls() -> dict[str, str]:
    """Return pages on which a parser or a pattern of ours might stall, by name."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(50_000))
    braces = '{"@type":"NewsArticle","headline":' * 5_000
    table = "<table>" + ("<tr>" + "<td>cell</td>" * 300 + "</tr>") * 300 + "</table>"
    text = "The harbour master spoke of the tide. "
    dated = "".join(f"<p>{n % 28} March 20{n % 30:02} {n % 24}:00</p>" for n in range(10_000))
    digits = "1" * 50_000
    names = "By " + "Al-" * 20_000 + "x"
    return {
        "attributes": page(f"<article {attributes}><p>{text * 20}</p></article>"),
        "braces": page(
            f"<p>{text * 20}</p>", f'<script type="application/ld+json">{braces}</script>'
        ),
        "nested-json": page(
            f"<p>{text * 20}</p>", f'<script type="application/ld+json">{"[" * 200_000}</script>'
        ),
        "divs": page("<div>" * 100_000 + text * 20),
        "spans": page("<p>" + "<span>" * 50_000 + text * 20),
        "text-node": page(f"<article><p>{text * 300_000}</p></article>"),
        "table": page(f"<article><p>{text * 20}</p>{table}</article>"),
        "nested-tables": page("<table><tr><td>" * 3_000 + text * 20),
        "links": page("".join(f'<a href="/l/{n}">{text}</a>' for n in range(10_000))),
        "dates": page(f"<article>{dated}</article>"),
        "digits": page(
            f"<article><h1>{digits}</h1><time>{digits}</time><p>{text * 20}</p></article>"
        ),
        "spaces": page(f"<article><h1>A{' ' * 200_000}B</h1><p>{text * 20}</p></article>"),
        "dashes": page(f"<p>{text * 20}</p>", title="- | " * 40_000),
        "names": page(f'<article><p class="byline">{names}</p><p>{text * 20}</p></article>'),
        "commas": page(
            f"<p>{text * 20}</p>", f'<meta name="author" content="{"a, and " * 30_000}">'
        ),
        "brackets": page("<" * 500_000),
        "ends": page("</p></div>" * 100_000 + f"<p>{text * 20}</p>"),
        "comments": page("<!--" * 100_000 + f"<p>{text * 20}</p>"),
        "entities": page("&" + "a" * 500_000 + ";" + "&#x41;" * 100_000),
        "one-word": page(f"<article><p>{'x' * 2_000_000}</p></article>"),
        "marks": page(f"<article><p>{'e' + chr(0x301) * 500_000}</p></article>"),
        "paragraphs": page("<article>" + f"<p>{text}</p>" * 60_000 + "</article>"),
        "scripts": page("<script>{</script>" * 50_000 + f"<p>{text * 20}</p>"),
        "ld-many": page(
            f"<p>{text * 20}</p>",
            '<script type="application/ld+json">{"@type":"NewsArticle"}</script>' * 10_000,
        ),
        "styles": page("<style>a{}</style>" * 20_000 + f"<p>{text * 20}</p>"),
        "classes": page(f'<article class="{"c " * 200_000}"><p>{text * 20}</p></article>'),
    }


def feeds(origin: str) -> dict[str, tuple[bytes, str]]:
    """Return body and Content-Type line of feeds and sitemaps that mean harm, by name."""
    odd = ["1" * 5_000, " " * 5_000 + "x", "Mon, " * 2_000, "2026-" * 2_000, "T" * 5_000]
    entries = "".join(
        f"<item><title>{'&lt;b&gt;' * 50}</title><link>{origin}/f/{n}</link>"
        f"<author>{'a@b ' * 50}</author><pubDate>{odd[n % 5][:2_000]}</pubDate></item>"
        for n in range(3_000)
    )
    many = "".join(f"<url><loc>{origin}/m/{n}</loc></url>" for n in range(60_000))
    dated = "".join(
        f"<url><loc>{origin}/d/{n}</loc><lastmod>{odd[n % 5][:300]}</lastmod></url>"
        for n in range(10_000)
    )
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    rss = "Content-Type: application/rss+xml"
    return {
        "feed-odd": (f'<rss version="2.0"><channel>{entries}</channel></rss>'.encode(), rss),
        "feed-laughs": (
            f'<!DOCTYPE r [<!ENTITY l0 "ha">{lol}]><rss version="2.0"><channel><item>'
            f"<link>&l11;</link></item></channel></rss>".encode(),
            rss,
        ),
        "feed-file": (
            b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>'
            b"<item><link>/x?&f;</link></item></channel></rss>",
            rss,
        ),
        "feed-deep": (b'<rss version="2.0">' + b"<a>" * 200_000, rss),
        "feed-json": (
            b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 200_000,
            "Content-Type: application/feed+json",
        ),
        "feed-numbers": (
            b'{"version":"https://jsonfeed.org/version/1","items":[{"url":'
            + b"1" * 100_000
            + b"}]}",
            "Content-Type: application/feed+json",
        ),
        "sitemap-many": (f"<{URLSET}>{many}</urlset>".encode(), XML),
        "sitemap-bare": (f"<{URLSET}>{'<url>&' * 200_000}".encode(), XML),
        "sitemap-dates": (f"<{URLSET}>{dated}</urlset>".encode(), XML),
        "sitemap-cdata": (f"<{URLSET}>{'<![CDATA[' * 100_000}".encode(), XML),
    }


def serve(site: Site) -> list[str]:
    """Put all of it on `site`; returns the feeds and sitemaps that lead to it."""
    pages = {f"/stall/{name}": reply(text) for name, text in stalls().items()}
    ways = {f"/way/{name}": reply(*answer) for name, answer in feeds(site.origin).items()}
    for name, (coding, data) in bombs().items():
        pages[f"/bomb/{name}"] = reply(data, f"Content-Encoding: {coding}")
        for kind in ("feed", "sitemap"):
            ways[f"/way/{kind}-bomb-{name}"] = reply(data, f"Content-Encoding: {coding}", XML)
    entries = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in pages)
    site.answers |= pages | ways
    site.answers["/hostile.xml"] = reply(f"<{URLSET}>{entries}</urlset>", XML)
    return [site.url(path) for path in ("/hostile.xml", *ways)]
