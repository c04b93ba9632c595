"""What a page is: an article, a list of links, or a page that stands in an article's place.

Decided after the fetch, by what the page shows. On 922 real news pages 84 % named a canonical URL,
68 % og:type=article, 41 % article:published_time and 32 % JSON-LD of an article: no single mark will
do, so marks add up.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.extract import lexicon, page
from archiver.extract.blocks import Block
from archiver.extract.page import Page
from archiver.types import Document, Link
from archiver.urls import is_home

THRESHOLD = 3
LINKED_HEADLINE = 25  # characters; a longer link is the headline of a story
MIN_TEASERS = 4
LENGTHS = (250, 400, 800, 2000)  # characters of text; each step is a point
SHORT = 1500  # characters; a longer text is an article whatever else stands on the page
TEASER = 2500  # and of a longer one nothing was kept back
LABEL = 200  # characters of a line that speaks of the page itself


def kind(parsed: Page, document: Document, blocks: Sequence[Block], link: Link) -> str:
    """Return what a page is: article, hub, consent, missing or shell."""
    if len(document.text) < SHORT and (stands_in := _stand_in(parsed, document, blocks)):
        return stands_in
    if not document.text or score(parsed, document, link) < THRESHOLD:
        return "hub"
    return "article"


def _stand_in(parsed: Page, document: Document, blocks: Sequence[Block]) -> str:
    """Return what a page shows in the place of an article, or ""."""
    heading = parsed.first("//h1")
    if any(lexicon.matches(told, "missing") for told in (document.title, heading) if told):
        return "missing"
    lines = [block.text for block in blocks if len(block.text) <= LABEL]
    if not parsed.article_data and sum(lexicon.inside(line, "consent") for line in lines) > 1:
        consent = sum(len(b.text) for b in blocks if lexicon.inside(b.text, "consent"))
        if consent * 3 > sum(len(block.text) for block in blocks):
            return "consent"
    if len(document.text) < LENGTHS[0] and _needs_script(parsed, lines):
        return "shell"
    return ""


def _needs_script(parsed: Page, lines: Sequence[str]) -> bool:
    told = ["".join(element.itertext()) for element in parsed.tree.iter("noscript")]
    return any(lexicon.inside(line, "script") for line in (*lines, *told) if len(line) < 2000)


def score(parsed: Page, document: Document, link: Link) -> int:
    """Add up the marks of an article, and take off those of a list."""
    told = parsed.meta.get("og:type", "").lower()
    length = len(document.text)
    points = 2 * bool(parsed.article_data)
    points += 2 * (told == "article") - (told in ("website", "profile"))
    points += "article:published_time" in parsed.meta
    points += 2 * (link.published is not None)  # a feed or news sitemap listed it as a story
    points += link.modified is not None and link.published is None
    points += document.published is not None
    points += sum(length > step for step in LENGTHS)
    points -= 4 * is_home(parsed.url)
    points -= 3 * (length < 80)
    return points - 2 * _is_list(parsed, document.text)


def _is_list(parsed: Page, text: str) -> bool:
    """Tell whether headlines of other stories outweigh the text, or each paragraph has one.

    Or whether the paragraphs are the beginnings of others: they end in dots.
    """
    paragraphs = text.split("\n\n")
    broken = sum(paragraph.endswith(("…", "...")) for paragraph in paragraphs)
    if broken >= MIN_TEASERS - 1 and broken * 2 >= len(paragraphs):
        return True
    links = (len("".join(a.itertext()).strip()) for a in parsed.tree.iter("a"))
    if sum(link for link in links if link > LINKED_HEADLINE) > len(text):
        return True
    headlines = sum(
        len("".join(heading.itertext()).strip()) > LINKED_HEADLINE
        for heading in parsed.tree.iter("h2", "h3", "h4")
        if heading.find(".//a") is not None
    )
    return headlines >= max(MIN_TEASERS, len(paragraphs))


def flags(parsed: Page, title: str, text: str, blocks: Sequence[Block]) -> tuple[str, ...]:
    """Return what kind of article it is: gallery, live, paywall, video; in alphabetical order."""
    kinds = {name for node in parsed.linked_data for name in page.types(node)}
    told = parsed.meta.get("og:type", "").lower()
    short = len(text) < SHORT
    found = {
        "gallery": short and ("ImageGallery" in kinds or _opens(title, "gallery")),
        "live": "LiveBlogPosting" in kinds or _opens(title, "live"),
        "paywall": len(text) < TEASER and _is_held_back(parsed, blocks),
        "video": short and (told.startswith("video") or _is_video(kinds) or _opens(title, "video")),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _opens(title: str, what: str) -> bool:
    return lexicon.matches(title, what) or bool(lexicon.opens(title, what))


def _is_video(kinds: set[str]) -> bool:
    return "VideoObject" in kinds and not kinds & page.ARTICLE_TYPES


def _is_held_back(parsed: Page, blocks: Sequence[Block]) -> bool:
    """Tell whether the page says that the rest is for those who pay (schema.org, or in words)."""
    free = [node.get("isAccessibleForFree") for node in parsed.linked_data]
    if any(str(told).lower() == "false" for told in free):
        return True
    return any(len(b.text) <= LABEL and lexicon.inside(b.text, "paywall") for b in blocks)
