from __future__ import annotations

from dataclasses import replace

import pytest

from archiver import dates, extract
from archiver.extract import verdict
from archiver.extract.page import Page
from archiver.types import Document
from tests.extract.pages import PARAGRAPHS, URL, capture, html, link, linked_data, parse

NEWS = linked_data('{"@type": "NewsArticle"}')
MOMENT = dates.parse("2026-03-05")
TEASERS = '<a href="/1">Another story, with a headline of some length</a>' * 50


def document(length: int, **known: object) -> Document:
    return Document(URL, "Title", "x" * length, **known)  # type: ignore[arg-type]


def score(markup: str = "<p>", length: int = 0, **known: object) -> int:
    return verdict.score(parse(markup), document(length), link(**known))


def test_marks_add_up() -> None:
    base = score(length=100)
    assert score(NEWS, 100) == base + 2
    assert score('<meta property="og:type" content="article">', 100) == base + 2
    assert score('<meta property="og:type" content="website">', 100) == base - 1
    assert score('<meta property="article:published_time" content="x">', 100) == base + 1
    assert score("<p>", 100, published=MOMENT) == base + 2
    assert score("<p>", 100, modified=MOMENT) == base + 1
    assert score("<p>", 2001) == base + 4
    assert score("<p>", 79) == base - 3
    assert score(TEASERS, 100) == base - 2
    assert score("<h3><a href='/1'>The headline of another story</a></h3>" * 4, 200) == base - 2
    assert verdict.score(parse("<p>"), document(100, published=MOMENT), link()) == base + 1


@pytest.mark.parametrize(
    ("markup", "length", "wanted"),
    [
        ("<p>", 900, True),
        ("<p>", 700, False),
        (NEWS, 300, True),
        (NEWS, 60, False),
        (TEASERS, 900, False),
        (NEWS + TEASERS, 1000, True),
    ],
)
def test_article_or_hub(markup: str, length: int, wanted: bool) -> None:
    kind = verdict.kind(parse(markup), document(length), [], link())
    assert kind == ("article" if wanted else "hub")


def test_a_front_page_is_hardly_ever_an_article() -> None:
    home: Page = replace(parse("<p>"), url="http://www.post.com/")
    assert verdict.kind(home, document(2500), [], link()) == "hub"


BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


@pytest.mark.parametrize(
    ("title", "body", "kind"),
    [
        (
            "Page not found",
            "<h1>Page not found</h1><p>What you look for is not here.</p>",
            "missing",
        ),
        ("الصفحة غير موجودة", "<h1>الصفحة غير موجودة</h1><p>عد إلى الرئيسية.</p>", "missing"),
        (
            "The Post",
            "<h1>We value your privacy</h1><p>We use cookies</p><p>Accept all cookies</p>",
            "consent",
        ),
        ("The Post", "<noscript>Please enable JavaScript</noscript><div id=app></div>", "shell"),
        ("Harbour news", f"<ul>{TEASERS}</ul>", "hub"),
        ("Page not found, a play in three acts", BODY, "article"),
    ],
)
def test_what_stands_in_the_place_of_an_article(title: str, body: str, kind: str) -> None:
    reading = extract.read(capture(html(body, title=title)))
    assert reading.page == kind
    assert (reading.document is not None) == (kind == "article")


@pytest.mark.parametrize(
    ("head", "title", "more", "flags"),
    [
        ("", "The harbour office is open again", "", ()),
        ("", "Live updates: the storm over the harbour", "", ("live",)),
        (linked_data('{"@type": "LiveBlogPosting"}'), "The storm", "", ("live",)),
        ("", "بالصور: عاصفة فوق الميناء", "", ("gallery",)),
        ("", "Video: the storm over the harbour", "", ("video",)),
        (linked_data('{"@type": "VideoObject"}'), "The storm", "", ("video",)),
        ("", "The storm", "<p>Subscribe to continue reading</p>", ("paywall",)),
        (
            linked_data('{"@type": "NewsArticle", "isAccessibleForFree": "False"}'),
            "The storm",
            "",
            ("paywall",),
        ),
    ],
)
def test_kinds_of_articles_are_flagged(
    head: str, title: str, more: str, flags: tuple[str, ...]
) -> None:
    reading = extract.read(capture(html(f"<h1>{title}</h1>{BODY}{more}", head, title)))
    assert reading.document is not None
    assert reading.document.flags == flags
