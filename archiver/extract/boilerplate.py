"""Whole lines that are furniture of the page, by the lexicon."""

from __future__ import annotations

import re

from archiver.extract import lexicon

ENDS = (
    ".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", ".”", "”", "»", '"', "’",
)  # fmt: skip  # of a sentence
MAX_LINE = 120  # characters; a longer line is not furniture by its words alone
MAX_OPENING = 300  # a longer line that begins "Source:" is a paragraph
MAX_NOTICE = 400  # a longer line that speaks of comments is a paragraph
# Behind the last dash or bracket of a caption stands who made the picture.
_CREDIT = re.compile(r"[-–—(|/]\s*([^-–—(|/:：]{2,40}[:：][^:：]{1,60})$")
_WHOLE = ("lines", "related", "comments")
_BEFORE_COLON = ("openings", "published", "modified")


def furniture(line: str) -> str:
    """Return which kind of furniture a whole line of text is, or "" for the article's own."""
    if len(line) <= MAX_LINE:
        for kind in _WHOLE:
            if lexicon.matches(line, kind):
                return kind
    if len(line) <= MAX_OPENING:
        for kind in _BEFORE_COLON:
            if lexicon.opens(line, kind):
                return kind
        credit = _CREDIT.search(line)
        if credit and lexicon.opens(credit[1], "credits"):
            return "credits"
    return ""


def is_notice(line: str) -> bool:
    """Tell whether a line speaks to readers of the paper: its newsletter, its rules for comments."""
    return len(line) <= MAX_NOTICE and lexicon.holds(lexicon.fold(line).split(), "notices", 2)
