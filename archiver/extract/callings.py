"""What the elements around a block are called, by their class names, ids and tags."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")
# What class names and ids say, whatever the language of the page.
_GROUPS = {
    "related": "related relacionadas recommend recommended recirc trending popular most more read next "
    "prev previous also latest other teaser card cards promo promotion promoted",
    "comments": "comment comments disqus reply rating vote poll quiz",
    "share": "share sharing social facebook twitter follow toolbar tools print btn button whatsapp",
    "subscribe": "newsletter subscribe subscription signup login register paywall piano premium donate "
    "support cta",
    "ad": "ad ads advert advertisement sponsor sponsored affiliate banner product price shop widget",
    "meta": "meta byline author authors bio profile date time timestamp published dateline",
    "caption": "caption figcaption credit gallery slideshow video player audio image photo",
    "nav": "nav navigation menu breadcrumb breadcrumbs footer foot sidebar aside pagination pager tag "
    "tags topic topics category categories section toc contents search form",
    "title": "head header headline title subtitle subhead dek standfirst kicker",
    "embed": "embed tweet instagram",
    "hidden": "hidden sr screen reader popup modal cookie consent gdpr",
    "note": "copyright disclaimer correction note notice",
    "body": "article body content entry story text post main paragraph prose",
    "lead": "lead intro summary description abstract chapo sapo excerpt",
}  # fmt: skip
_TAGS = {
    "nav": "nav", "footer": "footer", "aside": "aside", "header": "header", "form": "form",
    "figure": "figure figcaption", "table": "table", "list": "ul ol dl", "quote": "blockquote",
}  # fmt: skip
_BIT = {name: 1 << n for n, name in enumerate([*_GROUPS, *(f"<{tag}>" for tag in _TAGS), "unseen"])}
_WORDS = {word: _BIT[name] for name, words in _GROUPS.items() for word in words.split()}
_ELEMENTS = {tag: _BIT[f"<{name}>"] for name, tags in _TAGS.items() for tag in tags.split()}


class Place:
    """An element that blocks stand in: what it is called, and how much voted text it holds."""

    __slots__ = ("called", "depth", "element", "main", "mass", "parent", "signature")

    def __init__(self, element: HtmlElement, parent: Place | None) -> None:
        self.element = element
        self.parent = parent
        self.mass = 0
        self.depth: int = parent.depth + 1 if parent else 0
        self.main = False
        names = f"{element.get('class') or ''} {element.get('id') or ''}"[:400]
        self.called = _ELEMENTS.get(element.tag, 0)
        for word in _WORD.findall(names):
            self.called |= _WORDS.get(word.lower(), 0)
        if _is_unseen(element):
            self.called |= _BIT["unseen"]
        self.signature = f"{element.tag}.{' '.join(sorted(_WORD.findall(names))[:4])}"


def _is_unseen(element: HtmlElement) -> bool:
    style = element.get("style")
    hidden = element.get("hidden") is not None
    return hidden or (style is not None and "display:none" in style.replace(" ", "").lower())


def place_of(element: HtmlElement, known: dict[HtmlElement, Place]) -> Place:
    """Return the place of `element`, and make those around it known."""
    chain, node = [], element
    while node is not None and node not in known:
        chain.append(node)
        node = node.getparent()
    place = known[node] if node is not None else None
    for node in reversed(chain):
        place = known[node] = Place(node, place)
    assert place is not None
    return place


CALLING = (
    *(f"called {name}" for name in _BIT),
    "called much",
    "its own class",
    "its own class says body",
)


def calling(place: Place) -> list[float]:
    """What the elements around it are called, up to the one that holds the article."""
    called, own, node = 0, place.called, place
    while not node.main and node.parent is not None:
        called |= node.called
        node = node.parent
    away = called & ~(_BIT["body"] | _BIT["lead"])
    return [
        *(bool(called & bit) for bit in _BIT.values()),
        away.bit_count(),
        bool(own & ~(_BIT["body"] | _BIT["lead"])),
        bool(own & _BIT["body"]),
    ]
