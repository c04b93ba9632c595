"""The road from a parsed page to the article's lines, step by step, each block's fate told.

Each step looks at the blocks as the one before it left them and says which to keep or to drop; any
of `STEPS` can be left out and so measured alone. What a step did is kept for every block, for
``archiver explain``.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from archiver import dates, selectors
from archiver.extract import blocks, body, boilerplate, features, judge, layout, lexicon
from archiver.extract.blocks import Block
from archiver.extract.features import Hints
from archiver.extract.leaning import Leaning
from archiver.extract.page import Page
from archiver.extract.profile import Profile, line_key, places
from archiver.types import Rules

STEPS = ("second vote", "judge", "places", "rules", "repeats", "lexicon", "echo")
SURE = 9.0  # log-odds with which a rule of its own kind decides
DATELINE = 60  # characters; a longer line that begins with a date is a sentence
SIGN_OFF = 250  # characters; a longer line is a paragraph
LEFT = 100  # characters that must be left when the lines that repeat are dropped


@dataclass(slots=True)
class Fate:
    """What became of a block: `odds` above 0 keep it; `step` is the one that decided, and `why`."""

    odds: float = -SURE
    step: str = "vote"
    why: str = ""

    @property
    def kept(self) -> bool:
        """Whether the block is part of the article."""
        return self.odds > 0


@dataclass(slots=True)
class Walk:
    """A page under way: its blocks and their fates.

    `voted` are the numbers of the blocks that trafilatura took; `rows` what was measured of those
    that were looked at, `sure` the judge's own probability that they are the article. `leaning` is
    what was asked of the site's profile.
    """

    blocks: list[Block]
    fates: list[Fate]
    voted: set[int] = field(default_factory=set)
    sure: dict[int, float] = field(default_factory=dict)
    rows: dict[int, list[float]] = field(default_factory=dict)
    leaning: Leaning = field(default_factory=Leaning)
    _stands: list[str] = field(default_factory=list)

    @property
    def stands(self) -> list[str]:
        """The place of each block."""
        if not self._stands:
            self._stands = places([block.element for block in self.blocks])
        return self._stands

    @property
    def layout(self) -> str:
        """The place where most of the voted text stands: pages of one layout have the same."""
        size: Counter[str] = Counter()
        for n in self.voted:
            size[self.stands[n]] += len(self.blocks[n].text)
        return min(size, key=lambda stand: (-size[stand], stand), default="")

    @property
    def lines(self) -> list[str]:
        """The text of the article, line by line."""
        pairs = zip(self.blocks, self.fates, strict=True)
        return [block.text for block, fate in pairs if fate.kept]

    def at(self, stand: str) -> list[str]:
        """Return the lines that stand in the place `stand`."""
        own = zip(self.blocks, self.stands, strict=True)
        return [block.text for block, place in own if place == stand]

    def decide(self, number: int, odds: float, step: str, why: str = "") -> None:
        """Set a block's odds; the step that turned its fate is remembered."""
        fate = self.fates[number]
        if fate.kept != (odds > 0) or step == "judge":
            fate.step, fate.why = step, why
        fate.odds = odds


def walk(
    page: Page,
    hints: Hints,
    title: str,
    profile: Profile,
    rules: Rules,
    without: Collection[str] = (),
) -> Walk:
    """Take `page` with its headline `title` down the road, leaving out the steps in `without`."""
    tree = copy.deepcopy(page.tree)
    # Before the tree is changed: selectors are written for the page as it was sent.
    named = [selectors.find(tree, told) for told in (rules.body, rules.drop)]
    layout.make_plain(tree)
    page_blocks = blocks.split(tree, mark=True)
    voted = body.vote(tree, page.url, page_blocks, second="second vote" not in without)
    way = Walk(page_blocks, [Fate() for _ in page_blocks], voted)
    _judge(way, hints, profile, use="judge" not in without, placed="places" not in without)
    if "rules" not in without:
        _rules(way, *map(_inside, named))
    if "repeats" not in without:
        _repeats(way, profile)
    tidy(way, title, hints.authors, without)
    return way


def tidy(way: Walk, title: str, authors: Collection[str], without: Collection[str] = ()) -> None:
    """Drop what the words of a line show to be no article; the names of `authors` are folded."""
    if "lexicon" not in without:
        _lexicon(way)
    if "echo" not in without:
        _echo(way, lexicon.fold(title), authors)
        _sign_off(way)


def weigh(way: Walk, numbers: Sequence[int], odds: Sequence[float]) -> None:
    """Set the judge's log-odds of blocks."""
    for n, odd in zip(numbers, odds, strict=True):
        way.decide(n, odd, "judge")
        way.sure[n] = 1 / (1 + math.exp(-odd))


def _judge(way: Walk, hints: Hints, profile: Profile, *, use: bool, placed: bool) -> None:
    """Weigh the blocks near the voted ones, and those that stand where articles stand."""
    near = features.near(way.blocks, way.voted)
    stands = way.stands if placed and profile.pages else []
    more = [n for n in range(len(stands)) if profile.holds(stands[n])]
    looked_at = sorted({*near, *more})
    rows = features.measure(way.blocks, way.voted, looked_at, hints)
    way.rows = dict(zip(looked_at, rows, strict=True))
    odds = judge.score(rows) if use else [SURE if n in way.voted else -SURE for n in looked_at]
    weigh(way, looked_at, odds)
    way.sure = {n: way.sure[n] for n in near}
    way.leaning.look(way.stands, {*near})
    for n in looked_at:
        lean = profile.lean(way.stands[n]) if placed else 0.0
        way.leaning.place(way.stands[n], way.fates[n].odds, lean)
        if lean:
            share = profile.places[stands[n]].share
            why = "articles stand in its place" if share > 0.5 else "articles stand elsewhere"
            way.decide(n, way.fates[n].odds + lean, "places", why)


def _repeats(way: Walk, profile: Profile) -> None:
    """Drop the lines that repeat on the site's pages, unless next to nothing were left."""
    kept = [n for n, fate in enumerate(way.fates) if fate.kept]
    keys = {n: line_key(way.blocks[n].text) for n in kept}
    way.leaning.lines.update(keys.values())
    again = [n for n in kept if keys[n] in profile.lines]
    if sum(len(way.blocks[n].text) for n in {*kept} - {*again}) < LEFT:
        return
    for n in again:
        pages = profile.lines[keys[n]]
        way.decide(n, -SURE, "repeats", f"the line stands on {pages} of {profile.pages} pages")


def _inside(named: list[HtmlElement]) -> set[HtmlElement]:
    return {node for element in named for node in element.iter()}


def _rules(way: Walk, body_of: set[HtmlElement], unwanted: set[HtmlElement]) -> None:
    """Keep what the user's selectors name as the body, and drop what they name as no part of it.

    A body that is not on this page decides nothing: a site has pages of more than one kind.
    """
    for n, block in enumerate(way.blocks):
        if block.element in unwanted:
            way.decide(n, -SURE, "rules", "sources.toml drops it")
        elif block.element in body_of:
            way.decide(n, SURE, "rules", "in the body that sources.toml names")
        elif body_of:
            way.decide(n, -SURE, "rules", "outside the body that sources.toml names")


def _lexicon(way: Walk) -> None:
    """Drop whole lines that are furniture of the page in any language."""
    for n, (block, fate) in enumerate(zip(way.blocks, way.fates, strict=True)):
        if fate.kept and (kind := boilerplate.furniture(block.text)):
            way.decide(n, -SURE, "lexicon", f"a line of the lexicon ({kind})")


def _echo(way: Walk, title: str, authors: Collection[str]) -> None:
    """Drop headline, byline and date line where they stand again before the first paragraph."""
    kept = [n for n, fate in enumerate(way.fates) if fate.kept]
    for n in kept[:4]:
        text = way.blocks[n].text
        folded = lexicon.fold(text)
        if title and folded == title:
            way.decide(n, -SURE, "echo", "the headline again")
        elif folded in authors or _is_byline(text):
            way.decide(n, -SURE, "echo", "a byline")
        elif _is_dateline(text):
            way.decide(n, -SURE, "echo", "a date line")
        else:
            return


def _sign_off(way: Walk) -> None:
    """Drop the lines behind the last paragraph: who wrote and edited, and notices to the reader."""
    kept = [n for n, fate in enumerate(way.fates) if fate.kept]
    for n in reversed(kept[-3:]):
        text = way.blocks[n].text
        if boilerplate.is_notice(text):
            way.decide(n, -SURE, "echo", "a notice to readers")
        elif len(text) <= SIGN_OFF and lexicon.signs(text):
            way.decide(n, -SURE, "echo", "who wrote and edited")
        else:
            return


def _is_byline(line: str) -> bool:
    labelled = ":" in line or "：" in line
    return labelled and _is_label(line) and bool(lexicon.opens(line, "bylines"))


def _is_dateline(line: str) -> bool:
    return _is_label(line) and dates.parse(line) is not None


def _is_label(line: str) -> bool:
    """Tell a label by its missing full stop: "The museum opened on 5 May 2026." is a paragraph."""
    return len(line) < DATELINE and not line.endswith(boilerplate.ENDS)
