"""The whole text of an article as its feed gives it, made as short as a link can carry.

What feeds hold is hostile: so much of an entry is read, so much of a feed, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree, html
from lxml.html import HtmlElement

from archiver import lines

MAX_ENTRY = 256 * 1024  # characters of one entry's text with its markup
MAX_FEED = 4 * 1024 * 1024  # and of all of a feed
_TRAILS_OFF = re.compile(r"(?:…|\.\.\.)\W*$")


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an entry; `markup` where it is HTML or XHTML and not plain text."""

    text: str
    markup: bool


class Teller:
    """Makes the contents of one feed's entries short (see `lines.write`), while there is room."""

    def __init__(self) -> None:
        """Begin a feed."""
        self._room = MAX_FEED

    def tell(self, contents: Iterable[Content]) -> str:
        """Return the lines of an entry's longest content, "" where that is no whole text."""
        content = max(contents, key=lambda each: len(each.text), default=Content("", False))
        text = content.text[: min(MAX_ENTRY, self._room)]
        self._room -= len(text)
        found = list(_of_markup(text) if content.markup else text.splitlines())
        cut = len(text) < len(content.text)
        return lines.write(found, goes_on=cut or _trails_off(found))


def _trails_off(found: Iterable[str]) -> bool:
    """Tell a text that ends early, by dots; a line such as "Read more" may come behind them."""
    said = [line.strip() for line in found if line.strip()]
    return any(map(_TRAILS_OFF.search, (line[-20:] for line in said[-2:])))


def _of_markup(text: str) -> Iterator[str]:
    """Yield the lines of a piece of HTML, cut where `extract.blocks` cuts those of a page."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError):
        return
    yield from _of_tree(tree)


def _of_tree(tree: HtmlElement) -> Iterator[str]:
    pieces: list[str] = []
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        skipped = element.tag in lines.SKIPPED
        if not (skipped or element.tag in lines.INLINE or element.tag in lines.CELLS):
            yield "".join(pieces)
            pieces = []
        if event == "start" and skipped:
            walker.skip_subtree()
        elif piece := element.text if event == "start" else element.tail:
            pieces.append(piece)
    yield "".join(pieces)
