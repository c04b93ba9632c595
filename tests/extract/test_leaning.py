from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.extract import leaning
from archiver.extract.leaning import Leaning
from archiver.extract.profile import Profile, Where

HERE, THERE = "body > div.story > p", "body > div.more > p"
KNOWN = Profile(
    pages=9,
    places={HERE: Where(5, 0.95)},
    lines={"Read in the harbour since 1931.": 9},
    names=frozenset(["the post"]),
    byline=HERE,
)


def leans() -> Leaning:
    """Return what a page leaned on: two blocks of the article near the vote, one far from it."""
    found = Leaning(named={"thepost", "quay"}, lines={"Read in the harbour since 1931.", "A line."})
    found.look([HERE, HERE, THERE], {0, 1})
    found.place(HERE, -0.5, KNOWN.lean(HERE))
    found.place(HERE, -9.0, KNOWN.lean(HERE))
    found.sought = {"byline"}
    return found


def test_the_profile_it_was_read_with_holds() -> None:
    assert leaning.holds(leaning.dumps(leans(), KNOWN), KNOWN)


@pytest.mark.parametrize(
    "other",
    [
        replace(KNOWN, pages=40),
        replace(KNOWN, places={HERE: Where(40, 0.95)}),
        replace(KNOWN, places={**KNOWN.places, THERE: Where(40, 0.05)}),
        replace(KNOWN, lines={**KNOWN.lines, "A line of other pages.": 4}),
        replace(KNOWN, names=frozenset(["the post", "harbour news"])),
        replace(KNOWN, title=THERE, date=HERE),
    ],
)
def test_what_nobody_asked_for_changes_nothing(other: Profile) -> None:
    assert leaning.holds(leaning.dumps(leans(), KNOWN), other)


@pytest.mark.parametrize(
    "other",
    [
        Profile(),
        replace(KNOWN, places={HERE: Where(40, 0.05)}),
        replace(KNOWN, places={**KNOWN.places, THERE: Where(3, 0.95)}),
        replace(KNOWN, lines={}),
        replace(KNOWN, lines={**KNOWN.lines, "A line.": 3}),
        replace(KNOWN, names=frozenset(["the post", "Quay"])),
        replace(KNOWN, names=frozenset()),
        replace(KNOWN, byline=THERE),
        replace(KNOWN, byline=""),
    ],
)
def test_each_answer_that_is_another_is_seen(other: Profile) -> None:
    assert not leaning.holds(leaning.dumps(leans(), KNOWN), other)


def test_a_block_on_the_brink_is_dropped_by_the_same_lean() -> None:
    found = Leaning()
    found.look([HERE], {0})
    lean = KNOWN.lean(HERE)
    found.place(HERE, -lean, lean)
    packed = leaning.dumps(found, KNOWN)
    assert leaning.holds(packed, KNOWN)
    assert leaning.holds(packed, Profile())
    assert not leaning.holds(packed, replace(KNOWN, places={HERE: Where(10, 0.95)}))
