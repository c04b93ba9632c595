"""What the publisher's own feed says of a page's blocks: free labels, for the lesson only.

A feed with whole texts (``content:encoded``) tells which lines are the article. It says less than it
seems to: captions and standfirsts are left out of it, it may end early, add a line of its own, or
have the text from before an edit. So only what it says clearly is taken for a label, and the judge's
word stays wherever it does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archiver import lines
from archiver.extract.blocks import Block
from archiver.extract.profile import places

MOST = 0.6  # of the feed's lines are on its page, or it tells of another
WHOLE = 2 / 3  # of the text that the judge took stands in the feed, or the feed may end early
STANDFIRST = 400  # characters in front of the feed's first line that it may leave out
LINKED = 0.5  # of a line in links: publishers let lists of links into their feeds
_CAPTION = re.compile(r"\bfig(?:ure|caption)\b")


@dataclass(frozen=True, slots=True)
class Labels:
    """How sure it is of each block that it is the article, with what the feed says of it.

    `apart` are the blocks that are none of the publisher's text, and stand where nothing of it does.
    """

    sure: Mapping[int, float]
    apart: frozenset[int]


def labels(blocks: Sequence[Block], sure: Mapping[int, float], told: str) -> Labels | None:
    """Return the labels that `told` (see `lines.read`) gives to a page, `sure` being the judge's word.

    None where the feed told nothing, or its lines do not cover the page.
    """
    text = lines.read(told)
    order = {key: number for number, key in enumerate(text.keys)}
    if len(order) < lines.FEWEST:
        return None
    keys = [lines.key(block.text) for block in blocks]
    matched = _in_order([(n, order[key]) for n, key in enumerate(keys) if key in order])
    if len(matched) < max(lines.FEWEST, MOST * len(order)):
        return None
    unknown = [n for n in sorted(sure) if keys[n] and keys[n] not in order]
    apart = _apart(blocks, _told_of(blocks, unknown, sure, matched, text.goes_on), matched)
    clear = [n for n in matched if blocks[n].linked <= LINKED * len(blocks[n].text)]
    taught = {**sure, **dict.fromkeys(apart, 0.0), **dict.fromkeys(clear, 1.0)}
    return Labels(dict(sorted(taught.items())), frozenset(apart))


def _told_of(
    blocks: Sequence[Block],
    unknown: Sequence[int],
    sure: Mapping[int, float],
    matched: Sequence[int],
    goes_on: bool,
) -> list[int]:
    """Return the `unknown` blocks of which the feed would tell if they were the article.

    Not the standfirst in front of its first line, nor what comes behind its last where it may end
    early: it does where much of what the judge took is not in it.
    """
    taken = [n for n in sure if sure[n] > 0.5]
    front = [n for n in unknown if sure[n] > 0.5 and n < matched[0]]
    first = matched[0] if _size(blocks, front) <= STANDFIRST else 0
    short = _size(blocks, matched) < WHOLE * _size(blocks, {*taken, *matched})
    last = matched[-1] if goes_on or short else len(blocks)
    return [n for n in unknown if first <= n <= last]


def _apart(blocks: Sequence[Block], unknown: Sequence[int], matched: Sequence[int]) -> list[int]:
    """Return those of the `unknown` blocks that stand apart from the publisher's text.

    One that stands where its lines stand may have been edited since, and feeds leave out captions.
    """
    stands = dict(zip(unknown, places([blocks[n].element for n in unknown]), strict=True))
    homes = set(places([blocks[n].element for n in matched]))
    return [n for n, at in stands.items() if at not in homes and not _CAPTION.search(at)]


def _size(blocks: Sequence[Block], numbers: Iterable[int]) -> int:
    return sum(len(blocks[n].text) for n in numbers)


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return the blocks of the longest row that has the feed's lines in their order, each once.

    `pairs` are a block and its line. Of equal rows the latest is taken: where the page has a line
    twice, the first is a teaser. (Longest increasing subsequence, by patience: Schensted 1961.)
    """
    ends: list[int] = []  # the line with which the best row of each length ends
    at: list[int] = []  # and where that is among the pairs
    before: list[int] = []
    for number, (_, line) in enumerate(pairs):
        length = bisect_left(ends, line)
        ends[length : length + 1] = [line]
        at[length : length + 1] = [number]
        before.append(at[length - 1] if length else -1)
    row, number = [], at[-1] if at else -1
    while number >= 0:
        row.append(pairs[number][0])
        number = before[number]
    return row[::-1]
