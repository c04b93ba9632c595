"""A page, parsed once, with what its markup says about itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html
from lxml.html import HtmlElement

from archiver.content import Head

MAX_HTML = 5 * 1024 * 1024  # characters; more is no article
ROUNDS = 5
MAX_JSON_LD = 256 * 1024
# lxml reads these out of a page and then refuses to put them back into a tree.
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,12})|([0-9]{1,12}));?", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROLS = bytes({*range(32)} - {9, 10, 13})
# lxml.html's own look-up of classes for forms is a call of Python for each element that is met.
_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement)
ARTICLE_TYPES = frozenset(
    [
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BlogPosting",
        "LiveBlogPosting",
        "BackgroundNewsArticle",
        "ReviewNewsArticle",
        "Report",
    ]
)


@dataclass(frozen=True, slots=True)
class Page:
    """The parsed page; `meta` maps lower-case names and properties to their first content."""

    url: str
    head: Head
    tree: HtmlElement
    meta: dict[str, str]
    linked_data: tuple[dict[str, Any], ...]

    @property
    def article_data(self) -> dict[str, Any]:
        """The JSON-LD node of the article, or {}."""
        return next((n for n in self.linked_data if types(n) & ARTICLE_TYPES), {})

    def first(self, xpath: str) -> str:
        """Return the squeezed text of the first node that `xpath` finds, or ""."""
        found = self.tree.xpath(xpath)
        if not found:
            return ""
        node = found[0]
        text = node if isinstance(node, str) else "".join(node.itertext())
        return " ".join(text.split())


def parse(text: str, url: str, head: Head) -> Page | None:
    """Parse a page, or return None where there is nothing to parse."""
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(_CLASSES)
    text = _without_unwritable(text[:MAX_HTML])
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError):
        return None
    return Page(url, head, tree, _meta(tree), tuple(_linked_data(tree)))


def _without_unwritable(text: str) -> str:
    """Take out what lxml reads and cannot write, also where taking one out joins another."""
    for _ in range(ROUNDS):
        cleaned = _xml_characters(_REFERENCE.sub(_xml_only, text))
        if cleaned == text:
            return text
        text = cleaned
    return text.replace("&#", "&amp;#")  # nobody nests them so deep by accident


def _xml_characters(text: str) -> str:
    """Drop what `_NOT_XML` finds; most pages have none, and that is seen faster without it."""
    data = text.encode("utf-8", "replace")
    clean = len(data.translate(None, _CONTROLS)) == len(data)
    if clean and "\ufffe" not in text and "\uffff" not in text:
        return text
    return _NOT_XML.sub("", text)


def _xml_only(reference: re.Match[str]) -> str:
    """Drop a character reference to what `_NOT_XML` takes out."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return "" if code < 0x110000 and _NOT_XML.match(chr(code)) else reference[0]


def types(node: dict[str, Any]) -> set[str]:
    """Return the schema.org types of a JSON-LD node, without their address."""
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {str(name).rsplit("/", 1)[-1] for name in names}


def _meta(tree: HtmlElement) -> dict[str, str]:
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = " ".join((element.get("content") or "").split())
        if name and content:
            meta.setdefault(name.strip().lower(), content)
    return meta


def _linked_data(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    room = MAX_JSON_LD
    for script in tree.xpath("//script[@type='application/ld+json']"):
        text = script.text or ""
        room -= len(text)
        if room < 0:
            return
        try:
            # Line ends inside strings are common in the wild, and strict=False lets them pass.
            data = json.loads(
                re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", text), strict=False
            )
        except (ValueError, RecursionError):
            continue
        yield from _nodes(data, depth=0)


def _nodes(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(data, list):
        for item in data:
            yield from _nodes(item, depth + 1)
    elif isinstance(data, dict):
        if "@type" in data:
            yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(data.get(key), depth + 1)
