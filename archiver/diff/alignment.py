"""What two sequences have in common, in order: exact where that is cheap, coarser where a text is made to be hard.

The longest common subsequence is found bit-parallel (Hyyrö 2004, "Bit-parallel LCS-length computation
revisited"), one row of bits for each item: two texts of 10,000 words take some hundredths of a second and 13 MB.
One `Budget` bounds rows times columns for all that is compared at once. Where it does not suffice, only what is
unique on both sides holds the rest in place (as in patience diff), and a stretch without even that has nothing in
common: the whole is gone, and the whole is new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

CELLS = 100_000_000  # rows times columns, in one comparison
_DEPTH = 4  # stretches between unique items inside stretches between unique items

Match = tuple[int, int]


@dataclass(slots=True)
class Budget:
    """How many cells are left for what is compared together."""

    cells: int = CELLS


@dataclass(frozen=True, slots=True)
class _Stretch:
    """``a[a0:a1]`` and ``b[b0:b1]``."""

    a0: int
    a1: int
    b0: int
    b1: int


def align(a: Sequence[Hashable], b: Sequence[Hashable], budget: Budget) -> list[Match]:
    """Return index pairs of equal items, rising on both sides."""
    return list(_align(a, b, _Stretch(0, len(a), 0, len(b)), budget, _DEPTH))


def _align(
    a: Sequence[Hashable], b: Sequence[Hashable], whole: _Stretch, budget: Budget, depth: int
) -> Iterator[Match]:
    inner = _trimmed(a, b, whole)
    yield from zip(range(whole.a0, inner.a0), range(whole.b0, inner.b0), strict=True)
    cells = (inner.a1 - inner.a0) * (inner.b1 - inner.b0)
    if 0 < cells <= budget.cells:
        budget.cells -= cells
        found = _longest(a[inner.a0 : inner.a1], b[inner.b0 : inner.b1])
        yield from ((inner.a0 + x, inner.b0 + y) for x, y in found)
    elif cells and depth:
        yield from _by_unique(a, b, inner, budget, depth - 1)
    yield from zip(range(inner.a1, whole.a1), range(inner.b1, whole.b1), strict=True)


def _trimmed(a: Sequence[Hashable], b: Sequence[Hashable], whole: _Stretch) -> _Stretch:
    """Return a stretch without what both sides begin and end with."""
    a0, a1, b0, b1 = whole.a0, whole.a1, whole.b0, whole.b1
    while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
    return _Stretch(a0, a1, b0, b1)


def _longest(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Match]:
    """Return the longest common subsequence."""
    places: dict[Hashable, int] = {}
    for place, item in enumerate(a):
        places[item] = places.get(item, 0) | 1 << place
    every = (1 << len(a)) - 1
    rows, row = [every], every
    for item in b:
        met = row & places.get(item, 0)
        row = ((row + met) | (row - met)) & every
        rows.append(row)
    return _traced(rows, len(a))


def _traced(rows: list[int], x: int) -> list[Match]:
    """Go back through the rows: a bit that is 0 says that the item ends a longer subsequence than the one before."""
    found, y = [], len(rows) - 1
    while x and y:
        if rows[y] >> (x - 1) & 1:
            x -= 1
        elif rows[y - 1] >> (x - 1) & 1:
            x, y = x - 1, y - 1
            found.append((x, y))
        else:
            y -= 1
    return found[::-1]


def _by_unique(
    a: Sequence[Hashable], b: Sequence[Hashable], inner: _Stretch, budget: Budget, depth: int
) -> Iterator[Match]:
    """Let what is unique on both sides part a stretch into smaller ones."""
    a0, b0 = inner.a0, inner.b0
    for x, y in _rising(_unique(a, b, inner)):
        yield from _align(a, b, _Stretch(a0, x, b0, y), budget, depth)
        yield x, y
        a0, b0 = x + 1, y + 1
    if a0 > inner.a0:
        yield from _align(a, b, _Stretch(a0, inner.a1, b0, inner.b1), budget, depth)


def _unique(a: Sequence[Hashable], b: Sequence[Hashable], inner: _Stretch) -> list[Match]:
    here, there = a[inner.a0 : inner.a1], b[inner.b0 : inner.b1]
    often, often_there = Counter(here), Counter(there)
    places = {item: inner.b0 + y for y, item in enumerate(there)}
    return [
        (inner.a0 + x, places[item])
        for x, item in enumerate(here)
        if often[item] == 1 == often_there[item]
    ]


def _rising(pairs: list[Match]) -> list[Match]:
    """Return the longest run of pairs that rises on both sides; on the first it does already."""
    ends: list[int] = []  # the least end of a run of each length
    last: list[int] = []  # and the pair that it is
    before: list[int] = []
    for number, (_, y) in enumerate(pairs):
        length = bisect_left(ends, y)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [y]
        last[length : length + 1] = [number]
    run, number = [], last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]
