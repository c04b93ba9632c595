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
MAX_LABELS = 120  # characters of a comment form without its field
MAX_TEASER = 250  # characters between two links; more is prose
_ALIF = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه"}
)


class _Folding(dict[int, str | None]):
    """What folding makes of each character, found out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code).translate(_ALIF)
        unseen = unicodedata.category(letter) in ("Mn", "Cf")
        self[code] = None if unseen else letter if letter.isalpha() else " "
        return self[code]


_FOLDING = _Folding()


@lru_cache(maxsize=4096)
def fold(line: str) -> str:
    """Fold a line for comparison: case, marks, tatweel, hamza forms, digits and punctuation go."""
    line = unicodedata.normalize("NFKD", line.casefold().replace("ـ", ""))
    return " ".join(line.translate(_FOLDING).split())


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
    text = _beginning(element, MAX_HEADING + 1)
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
        form = block.tag == "textarea" or block.find(".//textarea") is not None
        return form or total < MAX_LABELS
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


def _beginning(element: HtmlElement, size: int) -> str:
    """Return the first `size` characters of an element's text, white space squeezed.

    Reads no further than that: each of a page's nested blocks begins anew with the same long text.
    """
    text, room = "", size
    for piece in element.itertext():
        text += piece
        room -= len(piece)
        if room <= 0:
            squeezed = " ".join(text.split())
            if len(squeezed) >= size:
                return squeezed[:size]
            text = f"{squeezed} " if text[-1:].isspace() else squeezed
            room = size - len(text)
    return " ".join(text.split())[:size]


def link_lines(tree: HtmlElement) -> frozenset[str]:
    """Return the folded texts of blocks that are nothing but links: teasers, "read also" lines."""
    labels = {link: fold(_beginning(link, MAX_OPENING)) for link in tree.iter("a")}
    blocks = tree.iter("p", "li", "div", "td", "h2", "h3", "h4", "h5")
    return frozenset(line for block in blocks for line in _only_links(block, labels))


def _only_links(block: HtmlElement, labels: dict[HtmlElement, str]) -> list[str]:
    """Return the folded text of a block and of each of its links, or [] where it says more."""
    text, said, lines = None, "", []
    for link in block.iter("a"):
        if text is None:  # only now: many blocks hold no link
            text = fold(_beginning(block, MAX_OPENING))
        said = f"{said} {labels[link]}".strip()
        if not text.startswith(said):
            return []
        lines.append(labels[link])
    return [text, *lines] if text and text == said else []
