"""Why each block of a page was kept or dropped, in words."""

from __future__ import annotations

from dataclasses import dataclass

from archiver.content import storable
from archiver.extract import judge
from archiver.extract.features import STANDING
from archiver.extract.road import Fate, Walk

TOLD = 3  # reasons of the judge
_VOTES = frozenset(name for name in STANDING if name.startswith("voted ") or name == "voted")


@dataclass(frozen=True, slots=True)
class Explained:
    """One block: its text and place, whether it was kept, by which step, and why."""

    text: str
    place: str
    kept: bool
    step: str
    why: str


def explain(way: Walk) -> list[Explained]:
    """Return every block of a page in its order, with what became of it."""
    return [
        Explained(storable(block.text), stand, fate.kept, fate.step, fate.why or _why(way, n, fate))
        for n, (block, stand, fate) in enumerate(
            zip(way.blocks, way.stands, way.fates, strict=True)
        )
    ]


def _why(way: Walk, n: int, fate: Fate) -> str:
    """Say what moved the judge the most towards what it decided."""
    if fate.step != "judge":
        return "far from what trafilatura took"
    vote = "trafilatura took it" if n in way.voted else "trafilatura left it out"
    told = [
        name
        for name, moved in judge.reasons(way.rows[n])
        if (moved > 0) == fate.kept and name not in _VOTES
    ]
    return "; ".join([vote, *told[:TOLD]])
