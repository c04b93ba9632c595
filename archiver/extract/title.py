"""The headline of an article, without the name of the site that printed it.

A page tells its title up to five times: in an h1, Open Graph, JSON-LD, Twitter's card and
``<title>``. The h1 is what readers saw; the others say which h1 is meant, and where there is none,
or only another's, they are the headline, less what names the site.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract import boilerplate
from archiver.extract import site as sites
from archiver.extract.blocks import seen
from archiver.extract.page import Page
from archiver.extract.site import CUT, Key, Site, key

AGREES = 0.3  # an h1 shares so much with another title or the address, or it is no headline
SLUG = 0.4  # so much more like the address another title must be, to outdo an h1
SHORTER, KEPT = 0.5, 0.75  # of the h1 is left in a title that shortens it; of that stands in the h1
MAX_HEADING = 300  # characters
LONGEST, MOST = 1000, 30  # characters of a title that are looked at; headings of a page
MIN_HEADING, SEARCHED = 10, 3000  # characters; elements that are looked at for a headline
_HEADLINE = re.compile(
    "(?:(?<![A-Za-z])(?:headline|head|title|titre|titulo|titolo|titel|tit|ttl)"
    "|(?<=[a-z])(?:Headline|Title|Titre|Titulo|Titolo|Titel))(?![a-z])"
)
_QUOTES = re.compile("[\"'“”„‟‘’‚‛«»`´]")
_BREAK = "\x00"
_BREAKS = re.compile(f"{_BREAK}+(?=[:;,.!?…])")
_APART = frozenset(["br", "div", "p", "small", "time", "li", "h2", "h3", "h4"])
_NO_TEXT = frozenset(["style", "script"])
_SHOWN = ("h2", "h3", "b", "strong", "font", "span", "div", "td", "p")


def title(
    page: Page, site_names: frozenset[str] = frozenset(), asked: set[str] | None = None
) -> str:
    """Return the headline, or "".

    `site_names` are parts that stand in the titles of many pages of this site: they are cut
    off too, and none of them is ever the answer. `asked` takes in, compact, what could have been
    one of them.
    """
    site = sites.of(page, site_names)
    found = _title(page, site)
    if asked is not None:
        asked |= site.asked
    return found


def _title(page: Page, site: Site) -> str:
    told = _Told(page, site)
    headings = _headings(page, site)
    heading = max(headings, key=told.agreement, default="")
    if not heading or (told.texts and not told.agrees(heading)):
        return _without_heading(page, site, list(told.texts.values()))
    return _spelled(_headline(_alone(heading, headings[heading], told), told), told)


def parts(page: Page) -> tuple[str, ...]:
    """Return the parts of what the page tells as its title: what a site repeats is its name.

    Numbers stay: "Day 7 of the strike" is a headline, though it comes every day.
    """
    told = (plain(text) for text in _marks(page).values())
    return tuple(sorted({" ".join(key(part)) for text in told for part in CUT.split(text)} - {""}))


def plain(text: str) -> str:
    """Return `text` in one line, without what is not seen, and with its entities read.

    Some systems escape twice; what they meant is what no reader should see as "&amp;".
    """
    text = text[:LONGEST]
    for _ in range(2):
        text = html.unescape(text) if "&" in text else text
    return " ".join(seen(text).split())


def _marks(page: Page) -> dict[str, str]:
    headline = page.article_data.get("headline")
    return {
        "og": page.meta.get("og:title", ""),
        "headline": headline if isinstance(headline, str) else "",
        "twitter": page.meta.get("twitter:title", ""),
        "title": next((e.text or "" for e in page.tree.iter("title")), ""),
    }


class _Told:
    """What a page's marks tell as its title, each without the site's name."""

    def __init__(self, page: Page, site: Site) -> None:
        trimmed = {name: site.trim(plain(text)) for name, text in _marks(page).items()}
        self.texts = {name: text for name, text in trimmed.items() if not site.owns(text)}
        self.keys = {name: key(text) for name, text in self.texts.items()}
        self.starts = {name: dict(_starts(text)) for name, text in self.texts.items()}
        path = unquote(urlsplit(page.url).path).rstrip("/")
        self.slug = key(re.sub(r"[-_+.]", " ", path.rsplit("/", 1)[-1]))

    def agreement(self, heading: str) -> float:
        """Return how much of `heading` another mark or the address says too; over 1 where all."""
        own = key(heading)
        if any(own in starts for starts in self.starts.values()):
            return 1 + len(own) / 1000
        return max((_alike(own, other) for other in [*self.keys.values(), self.slug]), default=0)

    def agrees(self, heading: str) -> bool:
        """Tell whether `heading` is this article's, and the address not made of another title."""
        others = max(_alike(self.slug, other) for other in self.keys.values())
        doubt = others - _alike(self.slug, key(heading)) if len(self.slug) > 2 else 0
        return doubt <= SLUG and self.agreement(heading) >= AGREES


def _ends(text: str) -> Iterator[tuple[Key, str]]:
    """Yield a title from behind each of its separators on."""
    for cut in CUT.finditer(text):
        yield key(text[cut.end() :]), text[cut.end() :].strip()


def _starts(text: str) -> Iterator[tuple[Key, str]]:
    """Yield a title whole, and up to each of its separators."""
    for end in [len(text), *(cut.start() for cut in CUT.finditer(text))]:
        yield key(text[:end]), text[:end].strip()


def _alike(one: Key, other: Key) -> float:
    """Return the share of words that two titles have in common (Dice)."""
    size = len(set(one)) + len(set(other))
    return 2 * len(set(one) & set(other)) / size if size else 0


def _headings(page: Page, site: Site) -> dict[str, HtmlElement]:
    """Return the h1s that do more than name the site, each with its text."""
    found: dict[str, HtmlElement] = {}
    for element in islice(page.tree.iter("h1"), MOST):
        text = site.trim(plain(_text(element)))
        if len(text) <= MAX_HEADING and not site.owns(text):
            found.setdefault(text, element)
    return found


def _alone(heading: str, element: HtmlElement, told: _Told) -> str:
    """Return `heading` without a date, a name or a number that stands in an element inside it."""
    if told.agreement(heading) > 1:
        return heading
    for child in islice(element, MOST):
        if told.agreement(text := plain(_text(element, without=child))) > 1:
            return text
    return heading


def _text(element: HtmlElement, without: HtmlElement | None = None) -> str:
    """Return the text of a heading, with spaces where another line begins."""
    pieces: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        apart = _BREAK if node.tag in _APART else ""
        if event == "end":
            pieces += [apart, "" if node is element else node.tail or ""]
        elif node is without or node.tag in _NO_TEXT or not isinstance(node.tag, str):
            walker.skip_subtree()
        else:
            pieces += [apart, node.text or ""]
        if len(pieces) > LONGEST:
            break
    return _BREAKS.sub("", "".join(pieces)).replace(_BREAK, " ")


def _headline(heading: str, told: _Told) -> str:
    """Return `heading`, or the title that editors put in its place where others see it."""
    if _is_better(told.keys.get("og", ()), key(heading), told):
        return told.texts["og"]
    first, bar, _ = heading.partition(" | ")
    return first if bar and len(first) * 2 >= len(heading) else heading


def _is_better(shared: Key, own: Key, told: _Told) -> bool:
    """Tell whether og:title, set apart from ``<title>``, is a shorter or a fuller form of the h1."""
    if not shared or shared == own:
        return False
    of_title, of_data = told.starts.get("title", {}), told.keys.get("headline")
    if shared not in of_title and (own in of_title or own == of_data) and _shortens(shared, own):
        return True
    kicker = shared[-len(own) :] == own
    return shared == of_data and (kicker or shared not in of_title)


def _shortens(short: Key, own: Key) -> bool:
    """Tell whether `short` is `own` without its kicker, its tail or a few words."""
    if not max(3, SHORTER * len(own)) <= len(short) < len(own):
        return False
    blocks = SequenceMatcher(None, short, own, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= KEPT * len(short)


def _spelled(heading: str, told: _Told) -> str:
    """Return `heading` as it was typed: not in capitals, and with the quotation marks of its author.

    A site's typography turns quotation marks, or drops them; og:title and <title> agree before it.
    """
    own = key(heading)
    if heading.isupper():
        typed = (starts[own] for starts in told.starts.values() if own in starts)
        return next((text for text in typed if not text.isupper()), heading)
    shared, of_title = (told.starts.get(name, {}).get(own, "") for name in ("og", "title"))
    if shared == of_title and _QUOTES.sub("", shared) == _QUOTES.sub("", heading):
        return shared
    return heading


def _without_heading(page: Page, site: Site, told: list[str]) -> str:
    """Return what a mark tells and the page shows; else what a mark tells, less its short last parts."""
    if not told:
        return next((t for e in _called(page) if not site.owns(t := plain(_text(e)))), "")
    shown = {key(e.text) for e in page.tree.iter(*_SHOWN) if e.text and 10 < len(e.text) < 300}
    for text in told:
        parts_shown = [part for own, part in (*_starts(text), *_ends(text)) if own in shown]
        if len(longest := max(parts_shown, key=len, default="")) > 10:
            return longest
    best = told[0]
    for cut in reversed(list(CUT.finditer(best))):
        if (len(best) - cut.end()) * 2 < cut.start():
            best = best[: cut.start()].strip()
    return best


def _called(page: Page) -> Iterator[HtmlElement]:
    """Yield what may be the headline of a page that has no title of its own, in its order."""
    for element in islice(page.tree.iter("h2", "span", "div", "td", "p", "font", "h3"), SEARCHED):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag != "h2" and not _HEADLINE.search(names):
            continue
        text = plain(_text(element))
        if MIN_HEADING <= len(text) <= MAX_HEADING and not boilerplate.furniture(text):
            yield element
