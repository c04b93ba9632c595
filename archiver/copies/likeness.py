"""How much of one text stands in another, and whether that makes it a copy. Pure.

What counts is the shorter text: a copy that was cut is all in the whole one, however little of that it is. Of its
words those are *held* that stand in a run of three which the longer text has too. A word changed here and there
leaves small gaps, which are bridged; a new paragraph leaves a large one, which is not.
"""

from __future__ import annotations

from archiver.copies.reading import Text, runs

RUN = 3  # words of a run
SHARE = 0.22  # of the longer text's words that the shorter must have: a brief in a round-up is no copy of it
GAP = 3  # words changed between two that are held, at most, for a light edit
ALIKE = 0.72  # share of the shorter text that is held or bridged
HELD = 0.55  # share of it that is held
NUMBERS = 0.6  # share of its numbers that the other has: reports of one template differ in those
FEW = 3  # numbers of which that is not asked


def alike(one: Text, other: Text) -> float:
    """Return how much of the shorter of two texts stands in the longer: from 0 to 1; 0 for what is no copy."""
    if one.same == other.same:
        return 1.0
    short, long = sorted((one.words, other.words), key=len)
    if one.short or other.short or len(short) < SHARE * len(long):
        return 0.0
    held = _held(short, long)
    whole, bridged = len(short), _bridged(short, held)
    share = (sum(held) + bridged) / whole
    if share < ALIKE or sum(held) < HELD * whole or not _same_numbers(short, long):
        return 0.0
    return share


def _held(short: tuple[str, ...], long: tuple[str, ...]) -> bytearray:
    """Return for each word of `short` whether a run that it stands in is in `long`."""
    known = set(runs(long, RUN))
    held = bytearray(len(short))
    for place, run in enumerate(runs(short, RUN)):
        if run in known:
            held[place : place + RUN] = b"\x01" * RUN
    return held


def _bridged(short: tuple[str, ...], held: bytearray) -> int:
    """Return how many words stand in gaps as small as a light edit makes them."""
    count = 0
    for gap in bytes(held).strip(b"\x00").split(b"\x01"):
        if len(gap) <= GAP:
            count += len(gap)
    return count


def _same_numbers(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    numbers = [word for word in short if word[0].isdigit()]
    known = set(long)
    return len(numbers) < FEW or sum(n in known for n in numbers) >= NUMBERS * len(numbers)
