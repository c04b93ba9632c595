"""The text of an article, by trafilatura, with what it lets through taken off.

The only user of trafilatura. It is handed a tree without blocks that lead away, and its lines are
then held against the page's furniture, the headline and the date line.
"""

from __future__ import annotations

import copy
import logging
import re

import trafilatura
from lxml.html import HtmlElement

from archiver import dates
from archiver.extract import boilerplate, layout

NAME = "trafilatura"
VERSION = trafilatura.__version__

# trafilatura deletes ZWNJ and ZWJ, and with them the spelling of Persian. Letters that no page uses
# (Linear B ideograms) carry them through.
_CARRY = {"\u200c": "\U00010080", "\u200d": "\U00010081"}
_CARRIED = str.maketrans({carrier: joiner for joiner, carrier in _CARRY.items()})
_JOINERS = re.compile("[\u200c\u200d]")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def carry(text: str) -> str:
    """Put letters in the place of joiners, for the time of the extraction."""
    return _JOINERS.sub(lambda match: _CARRY[match[0]], text)


def restore(text: str) -> str:
    """Put the joiners back."""
    return text.translate(_CARRIED)


def paragraphs(tree: HtmlElement, url: str, title: str) -> list[str]:
    """Return the paragraphs of the article in `tree`, which is left as it is."""
    links = boilerplate.link_lines(tree)
    pruned = copy.deepcopy(tree)
    boilerplate.prune(pruned)
    layout.make_plain(pruned)
    document = trafilatura.bare_extraction(
        pruned, url=url, include_comments=False, include_images=False, with_metadata=False
    )
    if document is None or isinstance(document, dict):
        return []
    lines = (" ".join(line.split()) for line in (document.text or "").splitlines())
    kept = [line for line in lines if line and not boilerplate.is_furniture(line)]
    kept = [line for line in kept if boilerplate.fold(line) not in links]
    return _without_echo(kept, title)


def _without_echo(lines: list[str], title: str) -> list[str]:
    """Drop the headline and the date line where they stand again before the first paragraph."""
    wanted = boilerplate.fold(title)
    start = 0
    for line in lines[:4]:
        echo = wanted and boilerplate.fold(line) == wanted
        # A date line has no full stop: "The museum opened on 5 May 2026." is a paragraph.
        dated = (
            len(line) < 60 and not line.endswith((".", "!", "?", "؟", "۔")) and dates.parse(line)
        )
        if not echo and not dated:
            break
        start += 1
    return lines[start:]
