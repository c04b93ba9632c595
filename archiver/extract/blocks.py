"""The blocks of a page: every line of text that it shows, in order, with where it stands.

A block is a run of inline content: a paragraph, a heading, a list item, a table row, a line between
two breaks. Blocks are what is kept or dropped, and what can be explained.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from archiver.lines import CELLS, INLINE, SKIPPED

# One letter a block, which an extractor carries through and so tells which blocks it kept: CJK
# Extension G, whose letters no news page uses.
_MARKS = range(0x30000, 0x3134B)
_MARK = re.compile(f"[{chr(_MARKS[0])}-{chr(_MARKS[-1])}]")
UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF])  # soft hyphen, zero-width space, BOM


@dataclass(slots=True, eq=False)
class Block:
    """One line of a page.

    `element` is the nearest block element around it; `linked` of the characters of `text` stand in
    `links` links.
    """

    element: HtmlElement
    text: str
    linked: int
    links: int


def split(tree: HtmlElement, mark: bool = False) -> list[Block]:
    """Return the blocks of `tree`; with `mark`, put a letter in front of each in the tree."""
    return _Splitter(mark).walk(tree)


def marked(text: str) -> set[int]:
    """Return the numbers of the blocks whose letters stand in `text`."""
    return {ord(letter) - _MARKS.start for letter in _MARK.findall(text)}


def seen(text: str) -> str:
    """Return `text` without what is not seen."""
    return text if text.isascii() else text.translate(UNSEEN)


class _Splitter:
    """Walks a tree once and collects its blocks."""

    def __init__(self, mark: bool) -> None:
        self._mark = mark
        self._blocks: list[Block] = []
        self._owners: list[HtmlElement] = []
        self._pieces: list[str] = []
        self._linked = self._links = self._depth = 0
        self._cell = False

    def walk(self, tree: HtmlElement) -> list[Block]:
        walker = etree.iterwalk(tree, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                self._start(walker, element)
            else:
                self._end(element, tree)
        return self._blocks

    def _start(self, walker: Any, element: HtmlElement) -> None:
        tag = element.tag
        if tag in SKIPPED:
            walker.skip_subtree()
            return
        if tag == "a":
            self._depth += 1
            self._links += 1
        elif tag in CELLS:
            self._cell = bool(self._pieces)
        elif tag == "br":
            self._flush()
        elif tag not in INLINE:
            self._flush()
            self._owners.append(element)
        if element.text:
            element.text = self._add(element.text)

    def _end(self, element: HtmlElement, root: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._depth -= 1
        elif not (tag in SKIPPED or tag in INLINE or tag in CELLS or tag == "br"):
            self._flush()
            self._owners.pop()
        if element.tail and element is not root:
            element.tail = self._add(element.tail)

    def _add(self, text: str) -> str:
        """Take a piece of text; returns it, with the block's letter where a block begins."""
        whole = text
        if not self._pieces:
            text = text.lstrip()
            if not seen(text).strip():
                return whole
            if self._mark and len(self._blocks) < len(_MARKS):
                letter = chr(_MARKS[len(self._blocks)])
                whole = f"{whole[: len(whole) - len(text)]}{letter}{text}"
        elif self._cell:
            self._pieces.append(" | ")
        self._cell = False
        self._pieces.append(text)
        if self._depth:
            self._linked += len(text.strip())
        return whole

    def _flush(self) -> None:
        if self._pieces and (text := " ".join(seen("".join(self._pieces)).split())):
            linked = min(self._linked, len(text))
            links = max(self._links, 1 if linked else 0)  # a link may have begun in the line before
            self._blocks.append(Block(self._owners[-1], text, linked, links))
        self._pieces.clear()
        self._linked = self._links = 0
        self._cell = False
