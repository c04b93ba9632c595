"""What trafilatura takes for the article, told as the numbers of a page's blocks.

Its fast mode comes first: with the judge behind it, it is as good as
the full one, at two thirds of the time. Only where it found little of the page's prose are the
full mode and resiliparse asked too.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import trafilatura
from lxml import html
from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text

from archiver.extract import blocks
from archiver.extract.blocks import Block

NAME = "trafilatura"
VERSION = trafilatura.__version__
DOUBT = 0.25  # of the page's prose: who votes for less is not trusted alone
PROSE = 80  # characters

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def vote(tree: HtmlElement, url: str, page: Sequence[Block], *, second: bool = True) -> set[int]:
    """Return the numbers of the blocks of `page` that are the article by trafilatura's reading.

    `tree` carries the blocks' letters (see `blocks.split`). With `second`, a doubtful vote is held
    against others.
    """
    prose = {n: len(b.text) for n, b in enumerate(page) if _is_prose(b)}
    there = set(range(len(page)))  # a page may hold letters of its own that are no block's
    first = _trafilatura(tree, url, fast=True) & there
    if not second or _size(prose, first) >= DOUBT * sum(prose.values()):
        return first
    full, other = _trafilatura(tree, url, fast=False) & there, _resiliparse(tree) & there
    # More text is better only where two agree on it: the rest may be other articles, or comments.
    if full and _size(prose, full & other) >= _size(prose, full) / 2:
        return full
    return first or full or other or set(prose)


def _is_prose(block: Block) -> bool:
    return len(block.text) > PROSE and block.linked < 0.3 * len(block.text)


def _size(prose: dict[int, int], voted: Collection[int]) -> int:
    return sum(prose.get(n, 0) for n in voted)


def _trafilatura(tree: HtmlElement, url: str, *, fast: bool) -> set[int]:
    document = trafilatura.bare_extraction(
        tree, url=url, fast=fast, include_comments=False, include_images=False, with_metadata=False
    )
    if document is None or isinstance(document, dict):
        return set()
    return blocks.marked(document.text or "")


def _resiliparse(tree: HtmlElement) -> set[int]:
    text = html.tostring(tree, encoding="unicode")
    return blocks.marked(extract_plain_text(text, main_content=True, alt_texts=False, links=False))
