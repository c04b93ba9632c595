"""What stands around an article and is not the article: known headings, lines and blocks.

The words are in ``boilerplate.toml``. A heading cuts a block of the page only where the block is rich
in links or is a form; lines are compared whole, so no word inside a sentence is ever touched.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

from lxml import etree
from lxml.html import HtmlElement

MAX_HEADING = 60  # characters; a longer line is not a heading
MAX_OPENING = 300  # a longer line that begins "Source:" is a paragraph
MAX_TEASER = 250  # characters between two links; more is prose
_ALIF = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه"}
)


@lru_cache(maxsize=4096)
def fold(line: str) -> str:
    """Fold a line for comparison: case, marks, tatweel, hamza forms, digits and punctuation go."""
    line = unicodedata.normalize("NFKD", line.casefold().replace("ـ", "")).translate(_ALIF)
    letters = (
        c if c.isalpha() else " " for c in line if unicodedata.category(c) not in ("Mn", "Cf")
    )
    return " ".join("".join(letters).split())


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, frozenset[str]]:
    data = tomllib.loads(files(__package__).joinpath("boilerplate.toml").read_text("utf-8"))
    return {
        kind: frozenset(fold(entry) for entries in languages.values() for entry in entries)
        for kind, languages in data.items()
    }


def is_heading(line: str, kind: str) -> bool:
    """Tell whether `line` is a heading of `kind`: related or comments."""
    return len(line) <= MAX_HEADING and fold(line) in _lexicon()[kind]


def is_furniture(line: str) -> bool:
    """Tell whether a whole line of text is furniture of the page and not of the article."""
    line = line.strip()
    if len(line) <= MAX_HEADING:
        folded = fold(line)
        words = _lexicon()
        if not folded or any(folded in words[kind] for kind in ("lines", "related", "comments")):
            # A line without a letter (a rule, "***", a bare number) says nothing either.
            return True
    opening, colon, _ = line.partition(":")
    return bool(colon) and len(line) <= MAX_OPENING and fold(opening) in _lexicon()["openings"]


def prune(tree: HtmlElement) -> None:
    """Cut the blocks under known headings out of `tree`, in place."""
    for element in list(tree.iter("h1", "h2", "h3", "h4", "h5", "h6", "legend", "div", "p", "span",
                                  "strong", "b", "td", "th", "font", "label")):  # fmt: skip
        text = _own_text(element)
        kind = next((k for k in ("related", "comments") if is_heading(text, k)), "") if text else ""
        if kind and tree in element.iterancestors():  # and not inside what was cut before
            _cut(element, kind)
    for form in tree.xpath("//form[.//textarea]"):
        if _leads_away(form, "comments"):
            form.drop_tree()


def _own_text(element: HtmlElement) -> str:
    """Return the text of an element that could be a heading: short, and without blocks inside."""
    if len(element) > 3:
        return ""
    text = " ".join("".join(element.itertext()).split())
    return text if len(text) <= MAX_HEADING else ""


def _cut(heading: HtmlElement, kind: str) -> None:
    """Drop the largest block around `heading` that holds no paragraph of the article."""
    block = heading
    while (parent := block.getparent()) is not None and parent.tag not in ("body", "html"):
        if not _leads_away(parent, kind):
            break
        block = parent
    if kind == "comments":  # what follows the readers' comments is the foot of the page
        for sibling in list(block.itersiblings()):
            if isinstance(sibling.tag, str) and _leads_away(sibling, "related"):
                sibling.drop_tree()
    if block is heading or block.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        for sibling in list(block.itersiblings()):
            if not isinstance(sibling.tag, str) or not _leads_away(sibling, kind):
                break
            sibling.drop_tree()
    block.drop_tree()


def _leads_away(block: HtmlElement, kind: str) -> bool:
    """Tell whether a block is links with their teasers, or a form where that is meant.

    The article itself is known by its longest stretch without a link.
    """
    links, linked, total, stretch = _measure(block)
    if stretch > MAX_TEASER:
        return False
    if kind == "comments":
        return block.tag == "textarea" or block.find(".//textarea") is not None or total < 400
    return total > 0 and (linked > total / 2 or (links > 1 and linked > total / 5))


def _measure(block: HtmlElement) -> tuple[int, int, int, int]:
    """Measure a block: links, characters linked, characters in all, longest stretch without a link."""
    links = linked = total = stretch = longest = 0
    for event, element in etree.iterwalk(block, events=("start", "end")):
        text = element.text if event == "start" else element.tail if element is not block else None
        if event == "start" and element.tag == "a":
            links, stretch = links + 1, 0
        if not text or (element.tag in ("script", "style", "option") and event == "start"):
            continue
        length = len(" ".join(text.split()))
        total += length
        if _inside_link(element, block, event):
            linked += length
        else:
            stretch += length
            longest = max(longest, stretch)
    return links, linked, total, longest


def _inside_link(element: HtmlElement, block: HtmlElement, event: str) -> bool:
    """Tell whether the text (start) or tail (end) of `element` stands inside an ``a``."""
    node = element if event == "start" else element.getparent()
    while node is not None:
        if node.tag == "a":
            return True
        if node is block:
            return False
        node = node.getparent()
    return False


def _squeeze(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def link_lines(tree: HtmlElement) -> frozenset[str]:
    """Return the folded texts of blocks that are nothing but links: teasers, "read also" lines."""
    found = set()
    for element in tree.iter("p", "li", "div", "td", "h2", "h3", "h4", "h5"):
        links = element.findall(".//a")
        if not links:
            continue
        text = fold(_squeeze(element)[:MAX_OPENING])
        linked = " ".join(filter(None, (fold(_squeeze(a)[:MAX_OPENING]) for a in links)))
        if text and text == linked:
            found.add(text)
            found.update(fold(_squeeze(a)[:MAX_OPENING]) for a in links)
    return frozenset(found)
