"""The lines around a page's headline, where its date and its authors stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.page import Page
from archiver.extract.site import Key, key
from archiver.lines import INLINE

BEFORE, BEHIND = 20, 90  # elements in front of the headline and behind it
NEAR = 10  # lines behind it that are nearer than those in front
ALIKE = 0.5  # of the words of an h1 stand in the headline, or it is another's
LINE, PROSE = 160, 1200  # characters: a longer line is prose, and so much of it the article
_SKIPPED = frozenset(["script", "style", "noscript", "template", "svg", "iframe", "object", "select",
                      "textarea", "nav", "figure", "figcaption"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, and the block it stands in.

    `pieces` are the texts that markup tells apart; `times` are what the ``time`` elements in it have
    as their ``datetime`` and as their class.
    """

    text: str
    element: HtmlElement
    pieces: tuple[str, ...] = ()
    times: tuple[tuple[str, str], ...] = ()


def lines(page: Page, title: str) -> Iterator[Line]:
    """Yield the short lines around the headline: the first behind it, those in front, the other ones.

    Those in front come backwards. Where nothing holds the headline, the lines with which the page begins.
    """
    body = page.tree.find("body")
    root, wanted = page.tree if body is None else body, key(title)
    holder = _holder(root, wanted)
    if holder is None:
        yield from _before_text(islice(_walk(root), 2 * BEHIND), wanted)
        return
    behind = _before_text(islice(_behind(holder, root), BEHIND), wanted)
    yield from islice(behind, NEAR)
    for element in islice(_in_front(holder, root), BEFORE):
        yield from (line for line in reversed(list(_lines(element))) if len(line.text) <= LINE)
    yield from behind


def _holder(root: HtmlElement, wanted: Key) -> HtmlElement | None:
    """Return the element that shows the headline: the heading that is it, or the h1 most like it."""
    best, most = None, ALIKE
    for element in islice(root.iter("h1", "h2"), BEHIND):
        words = key(" ".join(islice(element.itertext(), BEFORE)))
        if words and words == wanted:
            return element
        share = len(set(words) & set(wanted)) / max(len(set(words)), 1)
        if element.tag == "h1" and share > most:
            best, most = element, share
    return best


def _walk(root: HtmlElement) -> Iterator[HtmlElement]:
    walker = etree.iterwalk(root, events=("start",))
    for _, element in walker:
        if element.tag in _SKIPPED or not isinstance(element.tag, str):
            walker.skip_subtree()
        else:
            yield element


def _behind(element: HtmlElement, root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield `element`, what is in it, around it and behind it."""
    yield from _walk(element)
    while element is not root and (parent := element.getparent()) is not None:
        if not _is_inline(parent):
            yield parent
        for sibling in element.itersiblings():
            yield from _walk(sibling)
        element = parent


def _in_front(element: HtmlElement, root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield what stands in front of `element`, the last first."""
    while element is not root and (parent := element.getparent()) is not None:
        for sibling in element.itersiblings(preceding=True):
            yield from _backwards(sibling)
        element = parent


def _backwards(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield what `_walk` yields, the last first."""
    waiting = [(root, False)]
    while waiting:
        element, opened = waiting.pop()
        if opened:
            yield element
        elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
            waiting.append((element, True))
            waiting.extend((child, False) for child in element)


def _before_text(elements: Iterator[HtmlElement], wanted: Key) -> Iterator[Line]:
    """Yield the short lines, less the headline itself, up to where the article has begun."""
    prose = 0
    for element in elements:
        for line in _lines(element):
            if len(line.text) > LINE:
                prose += len(line.text)
            elif key(line.text) != wanted:
                yield line
        if prose > PROSE:
            return


def _lines(element: HtmlElement) -> Iterator[Line]:
    """Yield the lines that stand directly in a block, without those of the blocks inside it."""
    if _is_inline(element):
        return
    pieces: list[str | None] = [element.text]
    times: list[tuple[str, str]] = []
    for child in element:
        if _is_inline(child):
            pieces += child.itertext()
            times += [(t.get("datetime", ""), t.get("class", "")) for t in child.iter("time")]
        else:
            yield from _line(element, pieces, times)
            pieces, times = [], []
        pieces.append(child.tail)
    yield from _line(element, pieces, times)


def _line(
    element: HtmlElement, pieces: list[str | None], times: list[tuple[str, str]]
) -> Iterator[Line]:
    told = tuple(" ".join(piece.split()) for piece in pieces if piece and not piece.isspace())
    exact = tuple(time for time in times if time[0])
    if told or exact:
        yield Line(" ".join(told), element, told, exact)


def _is_inline(element: HtmlElement) -> bool:
    tag = element.tag
    return tag in INLINE and not any(child.tag not in INLINE for child in element)
