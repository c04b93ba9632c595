"""What changed in an archive, and what became of one article: store and diff put together.

Which changes are trifles is decided here, each time they are looked at; the index keeps none of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.diff import HEADLINE, TEXT, Diff, compare, kind
from archiver.store.histories import Span
from archiver.store.search import Index
from archiver.types import Change, Version, Visit

REMOVED, RESTORED, MINOR = "removed", "restored", "minor"
KINDS = (HEADLINE, TEXT, REMOVED, RESTORED)
_TURNS = {REMOVED, RESTORED}


@dataclass(frozen=True, slots=True)
class Told:
    """A change and what kinds of change it is: of `KINDS`, or `MINOR` alone. `diff` where a version came."""

    change: Change
    kinds: tuple[str, ...]
    diff: Diff | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of an article, from the visit at `at` to that at `last`: `visits` of them.

    `what` is "version" (one that was not seen before, with its `kinds` of change and `diff` against the one seen
    before it), "again" (an earlier version), "unchanged", "removed", "gone" (and still), "restored", or "other": an
    answer that showed no version, of which `visit` tells more.
    """

    what: str
    visit: Visit
    last: datetime
    visits: int = 1
    version: Version | None = None
    kinds: tuple[str, ...] = ()
    diff: Diff | None = None

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.visit.at


def changes(
    index: Index, span: Span, kinds: Collection[str] = (), *, minor: bool = False
) -> Iterator[Told]:
    """Yield what changed, the newest first; only of some kinds where they are named, trifles only with `minor`."""
    wanted = set(kinds) or {*KINDS, MINOR}
    edits, turns = bool(wanted - _TURNS), bool(wanted & _TURNS)
    for change in index.changed(span, edits=edits, turns=turns):
        found = _kinds(change)
        if found == (MINOR,) and not minor:
            continue
        if not wanted & {*found}:
            continue
        yield Told(change, found, _diff(change.before, change.after))


def _kinds(change: Change) -> tuple[str, ...]:
    if change.before is None or change.after is None:
        return (change.what,)
    return kind(_told(change.before), _told(change.after)) or (MINOR,)


def _diff(before: Version | None, after: Version | None) -> Diff | None:
    return compare(_told(before), _told(after)) if before and after else None


def _told(version: Version) -> tuple[str, str]:
    return version.title, version.text


def history(index: Index, article_id: int) -> Iterator[Step]:
    """Yield what became of an article in the order of its captures; visits that brought nothing new are folded."""
    folded: Step | None = None
    for step in _steps(index, article_id):
        if folded and _fold(folded) == _fold(step):
            folded = replace(folded, last=step.at, visits=folded.visits + 1)
            continue
        if folded:
            yield folded
        folded = step
    if folded:
        yield folded


def _fold(step: Step) -> tuple[object, ...]:
    """Return what steps that are told as one have in common: of those that change something, nothing."""
    visit = step.visit
    if step.what in ("unchanged", "gone"):
        return (step.what,)
    if step.what == "other":
        return step.what, visit.status, visit.page, visit.note
    return step.what, visit.at, visit.version


def _steps(index: Index, article_id: int) -> Iterator[Step]:
    """Yield a step for each visit."""
    seen: set[int] = set()
    shown: Version | None = None
    gone = False
    for visit in index.visits(article_id):
        if visit.removed:
            yield Step("gone" if gone or not shown else "removed", visit, visit.at)
            gone = shown is not None
        elif not visit.shown:
            yield Step("other", visit, visit.at)
        else:
            came = _came(index, article_id, visit, shown)
            if gone:
                yield Step("restored", visit, visit.at, version=came or shown)
            if came is None:
                if not gone:
                    yield Step("unchanged", visit, visit.at)
            elif came.number in seen:
                yield Step("again", visit, visit.at, version=came)
            else:
                yield _new(visit, shown, came)
            shown, gone = came or shown, False
            seen |= {came.number} if came else set()


def _came(index: Index, article_id: int, visit: Visit, shown: Version | None) -> Version | None:
    """Return the version of a visit where it is another than the one shown before."""
    if visit.version is None or (shown and shown.number == visit.version):
        return None
    return index.version(article_id, visit.version)


def _new(visit: Visit, before: Version | None, version: Version) -> Step:
    kinds = (kind(_told(before), _told(version)) or (MINOR,)) if before else ()
    return Step(
        "version", visit, visit.at, version=version, kinds=kinds, diff=_diff(before, version)
    )
