"""The extractors that archiver is compared with, each as its own documentation runs it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from bench.extraction_set import Found, Page, Trouble

Reader = Callable[[Page, bytes], Found]
NOWHERE = "http://site.invalid/"
_BLOCKS = (
    *("p", "div", "section", "article", "li", "ul", "ol", "br", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("blockquote", "pre", "table", "tr", "td", "th", "figure", "figcaption", "dl", "dt", "dd"),
)


def trafilatura(page: Page, html: bytes) -> Found:
    """Read with plain trafilatura."""
    from trafilatura import bare_extraction

    found: Any = bare_extraction(
        html.decode("utf-8", "replace"), url=page.url, include_comments=False, with_metadata=True
    )
    if found is None:
        return Found()
    authors = tuple((found.author or "").split("; ")) if found.author else ()
    return Found(found.text or "", found.title or "", found.date or "", authors)


def readability(page: Page, html: bytes) -> Found:
    """Read with readability-lxml: the text of its summary, and its shortened title."""
    from lxml.html import fromstring
    from readability import Document

    document = Document(html.decode("utf-8", "replace"), url=page.url)
    tree: Any = fromstring(document.summary())
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    lines = (" ".join(line.split()) for line in tree.text_content().splitlines())
    return Found("\n".join(filter(None, lines)), document.short_title())


def newspaper(page: Page, html: bytes) -> Found:
    """Read with newspaper4k."""
    from newspaper import Article

    article = Article(page.url or NOWHERE, fetch_images=False)
    article.download(input_html=html.decode("utf-8", "replace"))
    article.parse()
    date = article.publish_date.isoformat() if article.publish_date else ""
    return Found(article.text, article.title or "", date, tuple(article.authors))


def resiliparse(page: Page, html: bytes) -> Found:
    """Read with Resiliparse; it tells no date, and the title is the page's own."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html.decode("utf-8", "replace"))
    return Found(extract_plain_text(tree, main_content=True), tree.title or "")


OTHERS: dict[str, Reader] = {
    each.__name__: each for each in (trafilatura, readability, newspaper, resiliparse)
}


def check(name: str) -> None:
    """Raise `Trouble` when there is no such extractor, or it is not installed."""
    if name not in OTHERS:
        raise Trouble(f"there is no extractor {name!r}; there are: archiver, {', '.join(OTHERS)}")
    with contextlib.suppress(ImportError):
        if find_spec(name):
            return
    raise Trouble(f"{name} is not installed: 'make lab' puts it into a place of its own")


def read_one(name: str, page: Page) -> Found:
    """Read a page with an extractor; what it raises is told and counts as no text."""
    html = page.html()
    return guarded(lambda: OTHERS[name](page, html))


def guarded(read: Callable[[], Found]) -> Found:
    """Return what `read` does, or what it raised."""
    try:
        return read()
    except Exception as error:
        return Found(error=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
