"""What can be seen of a block: how long, how linked, where in the page, beside what, called what.

Each block near the text that an extractor voted for becomes a row of numbers, in the order of
`NAMES`. The judge weighs them; nothing here decides.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from archiver.extract import boilerplate, lexicon
from archiver.extract.blocks import Block
from archiver.extract.callings import CALLING, Place, calling, place_of
from archiver.extract.shape import HEADINGS as HEADING_TAGS
from archiver.extract.shape import SHAPE, Pictures, shape

MAIN = 0.75  # the deepest element with so much of the voted text is the article's own
FAR = 60  # blocks, from which on it does not matter how far back a heading was
MAX_COUNTED = 100_000  # characters of text in which a line is looked for: more takes too long
SHORT_NAME = 5  # characters; such a name may stand in another word
MAX_FOLD = 400  # characters of a block that are compared
PROSE = 80  # characters
NEAR = 10  # blocks before the first voted one and behind the last that are looked at


@dataclass(frozen=True, slots=True)
class Hints:
    """What the page says of itself, folded: the headline, names, and the texts of its metadata."""

    title: str = ""
    authors: frozenset[str] = frozenset()
    body: str = ""
    description: str = ""
    # What the site is called: its own word, and its address, which are written without spaces.
    site: frozenset[str] = frozenset()


def near(blocks: Sequence[Block], voted: Collection[int]) -> list[int]:
    """Return the numbers of the blocks worth a look: by the voted ones, or placed as they are."""
    if not voted:
        return [n for n, b in enumerate(blocks) if len(b.text) > 40 and b.linked < len(b.text) / 2][
            :400
        ]
    first, last = min(voted) - NEAR, max(voted) + NEAR
    homes = {_home(blocks[n]) for n in voted}
    return [n for n, block in enumerate(blocks) if first <= n <= last or _home(block) in homes]


def _home(block: Block) -> tuple[str, str, str]:
    """Return what a block's element and the one around it are called."""
    parent = block.element.getparent()
    return (
        block.element.tag,
        parent.tag if parent is not None else "",
        parent.get("class", "") if parent is not None else "",
    )


def measure(
    blocks: Sequence[Block], voted: Collection[int], wanted: Sequence[int], hints: Hints
) -> list[list[float]]:
    """Return a row of numbers, in the order of `NAMES`, for each of the `wanted` blocks."""
    view = _View(blocks, voted, wanted, hints)
    return [_row(view, n) for n in wanted]


class _View:
    """The page as a whole, seen from the voted blocks."""

    def __init__(
        self, blocks: Sequence[Block], voted: Collection[int], wanted: Sequence[int], hints: Hints
    ) -> None:
        known: dict[HtmlElement, Place] = {}
        self.blocks = blocks
        self.hints = hints
        self.title = frozenset(hints.title.split())
        self.voted = [n in voted for n in range(len(blocks))]
        self.places = {n: place_of(blocks[n].element, known) for n in {*voted, *wanted}}
        self.like: Counter[tuple[str, str]] = Counter()
        self.same: Counter[tuple[str, ...]] = Counter()
        self.prose = [0]  # voted blocks of prose in front of each block
        self.count = [0]  # voted blocks in front of each block
        self.kin: dict[HtmlElement, list[int]] = {}
        self.pictures: dict[HtmlElement, Pictures] = {}
        self.siblings: Counter[HtmlElement] = Counter()
        self.before = [0]  # characters of voted text in front of each block
        for n, (block, vote) in enumerate(zip(blocks, self.voted, strict=True)):
            size = len(block.text) if vote else 0
            self.before.append(self.before[-1] + size)
            self.count.append(self.count[-1] + vote)
            self.prose.append(
                self.prose[-1] + (size > PROSE and block.text.endswith(boilerplate.ENDS))
            )
            self.siblings[block.element.getparent()] += 1
            if size:
                self.kin.setdefault(block.element.getparent(), []).append(n)
                self.same[_same(self.places[n])] += size
                self.like[_kind(self.places[n])] += size
                _add(self.places[n], size)
        self.mass = max(self.before[-1], 1)
        self.first = min(voted, default=len(blocks))
        self.last = max(voted, default=-1)
        self.text = "\n".join(blocks[n].text for n in sorted(voted))
        self.seen = Counter(block.text for block in blocks)
        self.heads = self._headings(wanted)
        self.rich = _rich(blocks)
        self.richest = max(self.rich, key=lambda element: self.rich[element], default=None)
        _find_main(known.values(), self.before[-1])

    def _headings(self, wanted: Sequence[int]) -> dict[int, tuple[int, int, int]]:
        """Return how far back from each block the headline, comments and related links began."""
        last = [-FAR, -FAR, -FAR]
        found = {}
        start = max(0, min(self.first, *wanted[:1]) - FAR) if wanted else 0
        for n in range(start, max(wanted, default=-1) + 1):
            found[n] = (n - last[0], n - last[1], n - last[2])
            text = self.blocks[n].text
            if len(text) > boilerplate.MAX_LINE:
                continue
            if self.hints.title and lexicon.fold(text) == self.hints.title:
                last = [n, -FAR, -FAR]  # what stood above the headline is the head of the page
                continue
            for kind, name in enumerate(("comments", "related"), start=1):
                if lexicon.matches(text, name):
                    last[kind] = n
        return found


def _add(place: Place | None, size: int) -> None:
    while size and place is not None:
        place.mass += size
        place = place.parent


def _kind(place: Place) -> tuple[str, str]:
    return place.element.tag, place.parent.signature if place.parent else ""


def _same(place: Place) -> tuple[str, ...]:
    return place.signature, place.parent.signature if place.parent else ""


def _find_main(places: Collection[Place], mass: int) -> None:
    """Mark the deepest place with most of the voted text, and all that it stands in."""
    enough = [place for place in places if mass and place.mass >= MAIN * mass]
    place = max(enough, key=lambda place: place.depth, default=None)
    while place is not None:
        place.main = True
        place = place.parent


def _row(view: _View, n: int) -> list[float]:
    block = view.blocks[n]
    return [
        *(min(distance, FAR) for distance in view.heads[n]),
        *_standing(view, n),
        *_around(view, n),
        *calling(view.places[n]),
        *shape(block, view.pictures),
        *_wording(view, n),
    ]


HEADINGS = ("below the headline", "below a heading of comments", "below a heading of related links")

STANDING = (
    "voted", "voted -2", "voted -1", "voted +1", "voted +2", "voted near", "between", "before",
    "after", "distance", "voted text before it", "voted text behind it", "place in page",
    "a short block before", "a short block behind",
    "links in the block before", "links in the block behind", "voted share", "voted size",
    "a heading before", "a heading behind", "its own parent's before", "its own parent's behind",
    "its own element's before", "its own element's behind", "its own tag before", "its own tag behind",
    "size of the block before", "size of the block behind", "a sentence before", "voted ones of its parent before",
    "voted ones of its parent behind", "voted ones before", "voted ones behind",
    "voted prose before", "voted prose behind",
)  # fmt: skip


def _standing(view: _View, n: int) -> list[float]:
    """Where the block stands among the voted ones."""
    voted, size = view.voted, len(view.voted)
    left, right = view.blocks[n - 1] if n else None, view.blocks[n + 1] if n + 1 < size else None
    around = voted[max(0, n - 4) : n + 5]
    return [
        voted[n],
        n > 1 and voted[n - 2],
        n > 0 and voted[n - 1],
        n + 1 < size and voted[n + 1],
        n + 2 < size and voted[n + 2],
        (sum(around) - voted[n]) / 8,
        view.first <= n <= view.last,
        n < view.first,
        n > view.last,
        min(10, max(view.first - n, n - view.last, 0)),
        view.before[n] / view.mass,
        (view.before[-1] - view.before[n + 1]) / view.mass,
        n / size,
        left is not None and len(left.text) < 40,
        right is not None and len(right.text) < 40,
        left.linked / len(left.text) if left else 0,
        right.linked / len(right.text) if right else 0,
        sum(voted) / size,
        math.log1p(view.mass),
        *_beside(view.blocks[n], left, right),
        *_counts(view, n),
    ]


def _beside(block: Block, left: Block | None, right: Block | None) -> list[float]:
    """How the block before and the one behind are, and whether they stand where it stands."""
    two, element = (left, right), block.element
    parent = element.getparent()
    return [
        *(one is not None and one.element.tag in HEADING_TAGS for one in two),
        *(one is not None and one.element.getparent() is parent for one in two),
        *(one is not None and one.element is element for one in two),
        *(one is not None and one.element.tag == element.tag for one in two),
        *(math.log1p(len(one.text)) if one else 0 for one in two),
        left is not None and left.text.endswith(boilerplate.ENDS),
    ]


def _counts(view: _View, n: int) -> list[float]:
    """How many voted blocks stand before it and behind it: in its parent, on the page, of prose."""
    kin = view.kin.get(view.blocks[n].element.getparent(), ())
    at = bisect(kin, n)
    return [
        min(at - view.voted[n], 10),
        min(len(kin) - at, 10),
        min(view.count[n], 20),
        min(view.count[-1] - view.count[n + 1], 20),
        min(view.prose[n], 10),
        min(view.prose[-1] - view.prose[n + 1], 10),
    ]


AROUND = (
    "voted text in its parent", "voted text in its grandparent", "voted text inside it",
    "voted text placed like it", "in main", "depth",
    "in the richest element", "prose around it", "voted text called like it", "blocks in its parent",
)  # fmt: skip


def _around(view: _View, n: int) -> list[float]:
    """How much voted text its elements hold."""
    place = view.places[n]
    parent = place.parent
    grandparent = parent.parent if parent else None
    own = len(view.blocks[n].text) if view.voted[n] else 0
    depth, inside = 0, place
    while not inside.main and inside.parent is not None:
        depth, inside = depth + 1, inside.parent
    return [
        parent.mass / view.mass if parent else 0,
        grandparent.mass / view.mass if grandparent else 0,
        (place.mass - own) / view.mass,
        view.like[_kind(place)] / view.mass,
        inside.mass >= MAIN * view.mass and inside.main,
        min(depth, 10),
        *_in_richest(view, place.element),
        view.same[_same(place)] / view.mass,
        min(view.siblings[place.element.getparent()], 30),
    ]


def _in_richest(view: _View, element: HtmlElement) -> tuple[bool, float]:
    """Tell whether `element` stands in the richest one, and how rich those around it are beside it."""
    top = view.rich[view.richest] if view.richest is not None else 0.0
    best, inside = 0.0, False
    node: HtmlElement | None = element
    while node is not None:
        best = max(best, view.rich.get(node, 0.0))
        inside = inside or node is view.richest
        node = node.getparent()
    return inside, best / top if top > 0 else 0.0


def _rich(blocks: Sequence[Block]) -> dict[HtmlElement, float]:
    """Return how rich in prose each element is that has paragraphs right inside it.

    After Arc90's Readability (2009), without its words: length and commas make prose, links unmake it.
    """
    rich: dict[HtmlElement, float] = {}
    for block in blocks:
        text = block.text
        parent = block.element.getparent()
        if len(text) < 25 or parent is None:
            continue
        commas = sum(map(text.count, ",،、，"))
        points = (1 + commas + min(len(text) // 100, 3)) * (1 - block.linked / len(text))
        rich[parent] = rich.get(parent, 0.0) + points
        if (above := parent.getparent()) is not None:
            rich[above] = rich.get(above, 0.0) + points / 2
    return rich


KINDS = (
    "lines", "related", "comments", "openings", "credits", "bylines", "published", "modified", "paywall",
)  # fmt: skip
FURNITURE = ("lines", "related", "comments")
WORDING = (
    *(f"reads like {kind}" for kind in KINDS), "a phrase of furniture in it", "label", "headline",
    "words of the headline", "author", "stands on the page twice",
    "says again what stands elsewhere", "in json-ld", "not in json-ld", "description", "voted linked", "voted sentence",
    "names an author", "names the site", "short phrases of furniture in it", "a notice",
)  # fmt: skip


def _wording(view: _View, n: int) -> list[float]:
    """What it says: furniture, the headline again, another block again, a text of the metadata."""
    block, hints, voted = view.blocks[n], view.hints, view.voted[n]
    text = block.text
    folded = lexicon.fold(text[:MAX_FOLD])
    words = folded.split()
    short = len(text) <= boilerplate.MAX_OPENING
    unspaced = text[:MAX_FOLD].casefold().replace(" ", "")
    opening, colon, _ = text.partition(":")
    same = len(view.title.intersection(words)) / max(1, min(len(view.title), len(words)))
    told = len(words) > 3 and len(hints.body) > 200
    inside = told and folded[:100] in hints.body
    return [
        *(short and _says(text, words, kind) for kind in KINDS),
        short and lexicon.holds(words, "lines", 3),
        bool(colon) and len(opening) < 30,
        bool(hints.title) and folded == hints.title,
        same if len(words) > 2 else 0,
        folded in hints.authors,
        view.seen[text] > 1,
        len(words) > 4 and len(view.text) < MAX_COUNTED and view.text.count(text) > voted,
        inside,
        told and not inside,
        len(words) > 4 and folded[:100] in hints.description,
        block.linked / len(text) if voted else -1,
        text.endswith(boilerplate.ENDS) if voted else -1,
        any(name in folded for name in hints.authors if len(name) > SHORT_NAME),
        bool(hints.site) and any(name in folded or name in unspaced for name in hints.site),
        sum(lexicon.holds(words, kind, 2) for kind in FURNITURE) if short else 0,
        boilerplate.is_notice(text),
    ]


def _says(text: str, words: list[str], kind: str) -> bool:
    if kind in FURNITURE:
        return lexicon.matches(text, kind)
    if kind == "paywall":
        return lexicon.holds(words, kind)
    return bool(lexicon.opens(text, kind))


NAMES = HEADINGS + STANDING + AROUND + CALLING + SHAPE + WORDING
