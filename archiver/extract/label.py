"""Selectors from one page that a person has marked.

The marks are attributes: ``data-archiver="body"`` on the element that holds the article, ``drop`` on
what in it is no article, ``title``, ``byline`` and ``date`` on where these stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html
from lxml.html import HtmlElement

from archiver import selectors
from archiver.content import Head
from archiver.extract import page
from archiver.types import Rules

ATTRIBUTE = "data-archiver"
KINDS = ("body", "drop", "title", "byline", "date")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBERED = re.compile(r"\d{2,}")


def rules_of(text: str) -> Rules:
    """Return the selectors of what is marked in the page `text`.

    Raises ValueError, with a sentence for the user, where nothing or something unknown is marked.
    """
    parsed = page.parse(text, "", Head(200, "", ()))
    tree = parsed.tree if parsed else html.Element("html")
    found: dict[str, dict[str, None]] = {kind: {} for kind in KINDS}
    for element in selectors.find(tree, [f"//*[@{ATTRIBUTE}]"]):
        kind = element.get(ATTRIBUTE, "").strip()
        if kind not in KINDS:
            raise ValueError(f"{ATTRIBUTE}={kind!r} is none of {', '.join(KINDS)}")
        found[kind][_selector(tree, element, alone=kind != "drop")] = None
    if not any(found.values()):
        raise ValueError(f'nothing is marked: write {ATTRIBUTE}="body" into the tag of the article')
    return Rules(**{kind: tuple(told) for kind, told in found.items()})


def _selector(tree: HtmlElement, element: HtmlElement, *, alone: bool) -> str:
    """Return the shortest selector that names `element`, and `alone` nothing else on its page."""

    def names(selector: str) -> bool:
        nodes = selectors.find(tree, [selector])
        return nodes == [element] or (not alone and element in nodes)

    return next(filter(names, _candidates(element)), tree.getroottree().getpath(element))


def _candidates(element: HtmlElement) -> Iterator[str]:
    """Yield selectors of `element`, from the simplest on: by itself, then inside its parents."""
    own = list(_own(element))
    yield from own
    above: HtmlElement | None = element.getparent()
    while above is not None:
        for outer in _own(above):
            if outer != above.tag:
                yield from (f"{outer} {inner}" for inner in own)
        above = above.getparent()


def _own(element: HtmlElement) -> Iterator[str]:
    """Yield what an element is called, leaving out names that carry a number of this page."""
    tag = str(element.tag)
    identity = element.get("id") or ""
    if _is_name(identity):
        yield f"{tag}#{identity}"
    names = [name for name in (element.get("class") or "").split() if _is_name(name)]
    yield from (f"{tag}.{name}" for name in names)
    if len(names) > 1:
        yield tag + "".join(f".{name}" for name in names)
    if _is_name(prop := element.get("itemprop") or ""):
        yield f'{tag}[itemprop="{prop}"]'
    yield tag


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _NUMBERED.search(name)
