"""Selectors as users write them: CSS, or XPath where it begins with a slash, a bracket or ``./``.

lxml is imported where it is used: reading ``sources.toml`` must not cost a search a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def problem(selector: str) -> str:
    """Return what is wrong with `selector`, or ""."""
    from cssselect import SelectorError
    from lxml.etree import XPathError

    try:
        _compiled(selector)
    except (SelectorError, XPathError, ValueError) as error:  # ValueError: a control character
        return str(error) or type(error).__name__
    return ""


def find(tree: HtmlElement, selectors: Iterable[str]) -> list[HtmlElement]:
    """Return the elements of `tree` that any of `selectors` names, each selector's in page order.

    Raises nothing for a selector without a `problem`.
    """
    found: dict[HtmlElement, None] = {}
    for selector in selectors:
        found.update((node, None) for node in _nodes(tree, selector) if hasattr(node, "itertext"))
    return list(found)


def _nodes(tree: HtmlElement, selector: str) -> list[Any]:
    from lxml.etree import XPathError

    try:
        nodes = _compiled(selector)(tree)
    except XPathError:  # valid, but not for this page (a variable, a function's arguments)
        return []
    return nodes if isinstance(nodes, list) else []  # a number, a text or a truth names no element


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> Callable[[HtmlElement], Any]:
    from cssselect import GenericTranslator
    from lxml.etree import XPath

    selector = selector.strip()
    if selector.startswith(("/", "(", "./")):
        return XPath(selector)
    return XPath(GenericTranslator().css_to_xpath(selector))
