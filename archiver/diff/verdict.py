"""Whether readers would call it a change."""

from __future__ import annotations

from collections.abc import Iterable

from archiver.diff import ticking
from archiver.diff.essence import essence

HEADLINE, TEXT = "headline", "text"
# So many lines that stand in one version only are looked at for a clock in them: more are no trifle.
TICKING = 100


def kind(old: tuple[str, str], new: tuple[str, str]) -> tuple[str, ...]:
    """Return what of two versions, each a title and a text, differs: `HEADLINE`, `TEXT`, both, or nothing.

    Nothing is told where all that differs are trifles (see `essence`) and lines that change by themselves
    (see `ticking`). A number or a no in a sentence is never a trifle. Linear time.
    """
    found = []
    if old[0] != new[0] and essence(old[0]) != essence(new[0]):
        found.append(HEADLINE)
    if old[1] != new[1] and not _alike(old[1], new[1]):
        found.append(TEXT)
    return tuple(found)


def _alike(old: str, new: str) -> bool:
    if essence(old) == essence(new):
        return True
    lines, others = old.split("\n"), new.split("\n")
    both = set(lines) & set(others)
    if max(sum(line not in both for line in side) for side in (lines, others)) > TICKING:
        return False
    still, others_still = _still(lines, both), _still(others, both)
    return (still, others_still) != (old, new) and essence(still) == essence(others_still)


def _still(lines: Iterable[str], both: set[str]) -> str:
    """Return lines without those that stand in one version only and change by themselves."""
    return "\n".join(line if line in both else ticking.without(line) for line in lines)
