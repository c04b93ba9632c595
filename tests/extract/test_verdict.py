from __future__ import annotations

from dataclasses import replace

import pytest

from archiver import dates
from archiver.extract import verdict
from archiver.extract.page import Page
from archiver.types import Document
from tests.extract.pages import URL, link, linked_data, parse

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
    assert verdict.is_article(parse(markup), document(length), link()) is wanted


def test_a_front_page_is_hardly_ever_an_article() -> None:
    home: Page = replace(parse("<p>"), url="http://www.post.com/")
    assert not verdict.is_article(home, document(2500), link())
