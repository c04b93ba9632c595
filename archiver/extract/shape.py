"""What a block looks like by itself: its tag, length, links, signs and pictures."""

from __future__ import annotations

import math
import re

from lxml.html import HtmlElement

from archiver.extract import boilerplate
from archiver.extract.blocks import Block
from archiver.lines import INLINE

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_OWN_TAGS = ("p", "li", "h1", "tr", "figcaption", "div", "pre", "blockquote")
MAX_NESTED = 8  # elements, in which emphasis is looked for
Pictures = tuple[bool, bool, bool]
_ITALIC = frozenset(["em", "i", "cite"])
_BOLD = frozenset(["strong", "b"])
_PICTURES = ("img", "figure", "picture", "video", "iframe")
_YEAR = re.compile(r"(?<!\d)(?:1[34]|19|20|١[٣٤٩]|۱[۳۴]|٢٠|۲۰)\d\d(?!\d)")

SHAPE = (
    *(f"tag {tag}" for tag in _OWN_TAGS), "heading", "length", "words", "linked", "links", "capitals",
    "digits", "sentence", "colon", "address", "copyright", "cells", "year",
    "italic", "bold", "opens with a bracket", "opens with a dash", "opens with a quote",
    "opens with a digit", "opens small", "closes a bracket", "capitals of words", "question",
    "punctuation", "holds a picture", "beside a picture", "behind a rule",
)  # fmt: skip


def shape(block: Block, pictures: dict[HtmlElement, Pictures]) -> list[float]:
    """What it looks like; `pictures` remembers what was seen of elements, which hold many blocks."""
    text, tag = block.text, block.element.tag
    size = len(text)
    short = text if size < 80 else ""
    return [
        *(tag == own for own in _OWN_TAGS),
        tag in HEADINGS,
        math.log1p(size),
        min(text.count(" ") + 1, 100),
        block.linked / size,
        min(block.links, 5),
        text.isupper(),
        sum(map(str.isdigit, text)) / size if size < 200 else 0,
        text.endswith(boilerplate.ENDS),
        text.endswith((":", "：")),
        "http" in text or "www." in text or "@" in text,
        "©" in text or "opyright" in text or "ll rights" in text,
        " | " in text,
        bool(_YEAR.search(short)),
        *_emphasis(block),
        *_signs(text),
        *_pictures(block.element, pictures),
    ]


def _emphasis(block: Block) -> tuple[bool, bool]:
    """Tell whether all of it is set in italics, and in bold: notes, links to other stories, questions."""
    element, size = block.element, len(block.text)
    around = {element.tag}
    if (parent := element.getparent()) is not None:
        around.add(parent.tag)
    node = element
    for _ in range(MAX_NESTED):
        first = next(iter(node), None)
        if first is None or (node.text and node.text.strip()) or first.tag not in INLINE:
            break
        # The first child holds it all, or nearly: a full stop may stand behind.
        if not _is_as_long(first, 0.9 * size):
            break
        around.add(first.tag)
        node = first
    return not around.isdisjoint(_ITALIC), not around.isdisjoint(_BOLD)


def _is_as_long(element: HtmlElement, size: float) -> bool:
    """Tell whether `element` holds so many characters, looking no further than it must."""
    length = 0
    for text in element.itertext():
        length += len(text)
        if length >= size:
            return True
    return False


def _signs(text: str) -> tuple[float, ...]:
    """What it begins and ends with, its capitals and its commas."""
    first = text[0]
    long = (
        [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
        if len(text) < 400
        else []
    )
    return (
        first in "([{（【",
        first in "-–—•*►▶>»→|",
        first in "\"“«'‘„「『",
        first.isdigit(),
        first.islower(),
        text.endswith((")", "]", "）", "】")),
        sum(word[0].isupper() for word in long) / len(long) if long else -1,
        "?" in text or "؟" in text,
        sum(map(text.count, ",،、，;:")) / (1 + text.count(" ")),
    )


def _pictures(element: HtmlElement, known: dict[HtmlElement, Pictures]) -> Pictures:
    """Tell whether it holds a picture, follows one, or follows a rule."""
    if element not in known:
        before = element.getprevious()
        known[element] = (
            next(element.iter("img"), None) is not None,
            before is not None and next(before.iter(*_PICTURES), None) is not None,
            before is not None and before.tag == "hr",
        )
    return known[element]
