"""Find copies across outlets, and give each the cluster of the first: store and copies put together.

An article belongs to the earlier *first* that it is most alike, compared text to text; where there is none it is
a first itself. So a chain (A like B, B like C) joins nothing that is not like the cluster's first article. Read in
the order of publication this is one pass. An article that comes later, or changes, is put in its place, and
those behind it whose answer hangs on it are asked again, in their order: they are found by what they share with it.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass

from archiver import copies
from archiver.errors import ArchiveError
from archiver.layout import Layout
from archiver.locking import locked
from archiver.store.clusters import COPY, FIRST, NEW, TWIN, Clusters, Member, alone, joined, places
from archiver.store.writing import Store

BATCH = 10_000  # articles that share a transaction: the larger, the fewer segments of keys
_TOLD = 500  # articles between two words of progress
_WORDS = 500_000  # of texts that are kept, to be compared again


@dataclass(slots=True)
class Grouped:
    """What was done: articles compared, those of them that were new or had changed, and those taken out."""

    compared: int = 0
    due: int = 0
    removed: int = 0


def cluster(
    layout: Layout,
    *,
    anew: bool = False,
    progress: Callable[[Grouped], None] = lambda grouped: None,
) -> Grouped:
    """Compare what is new or has changed since the last time; with `anew`, or by another method, all of it.

    Each batch is a transaction, so one that is stopped goes on. Raises LockedError while another process writes to
    the archive, ArchiveError where there is no index.
    """
    layout.check()
    with locked(layout):
        if not layout.index.exists():
            raise ArchiveError(
                "no index yet", where=str(layout.index), remedy="run 'archiver rebuild'"
            )
        with closing(Store(layout.index, deferred=True)) as store:
            return group(store, anew=anew, progress=progress)


def group(
    store: Store,
    *,
    anew: bool = False,
    batch: int = BATCH,
    progress: Callable[[Grouped], None] = lambda grouped: None,
) -> Grouped:
    """Do what `cluster` does, for one who holds the archive's lock."""
    clusters, done = store.clusters, Grouped()
    if anew or clusters.method() != copies.METHOD:
        with store.transaction():
            clusters.begin_anew(copies.METHOD)
    done.due = clusters.count_due()
    work = _Work(clusters, done, progress)
    while outdated := clusters.outdated(batch):
        with store.transaction():
            work.remove(outdated)
        done.removed += len(outdated)
    due, after = clusters.due(batch)
    while due:
        with store.transaction():
            work.add(due)
        due, after = clusters.due(batch, after)
    return done


class _Work:
    """Puts articles in and takes them out; each call leaves the tables as if all had been read in their order."""

    def __init__(
        self, clusters: Clusters, done: Grouped, progress: Callable[[Grouped], None]
    ) -> None:
        self._clusters = clusters
        self._done = done
        self._progress = progress
        self._last = 0  # the place of the last article that was here before
        self._texts: OrderedDict[int, copies.Text] = OrderedDict()
        self._words = 0  # of these texts

    def add(self, article_ids: Iterable[int]) -> None:
        came, self._last = [], self._clusters.last_place()
        for article_id in article_ids:
            one = self._clusters.article(article_id)
            assert one is not None  # nobody else writes
            text = copies.read(one.title, one.text)
            self._keep(one.article_id, text)
            # Without a word it is no copy: each day has its gallery under the same headline.
            same = text.same if text.words else one.article_id
            member = Member(
                one.article_id, one.article_id, one.place, one.version_id, one.first_seen,
                same, 1.0, NEW, copies.signature(text),
            )  # fmt: skip
            self._clusters.put(member)
            came.append(member)
        self._ask(places(came))

    def remove(self, article_ids: Iterable[int]) -> None:
        left: list[tuple[int, int]] = []
        self._last = self._clusters.last_place()
        for article_id in article_ids:
            member = self._clusters.member(article_id)
            assert member is not None
            left += places(self._clusters.members(article_id))
            if member.part != TWIN:
                left += places(self._clusters.later_twins(member))
            self._clusters.remove(member)
            if (text := self._texts.pop(article_id, None)) is not None:
                self._words -= len(text.words)
        self._ask(left)

    def _ask(self, waiting: list[tuple[int, int]]) -> None:
        """Give each article its cluster, in their order, and ask those again that this changes."""
        heapq.heapify(waiting)
        last = None
        while waiting:
            one = heapq.heappop(waiting)
            member = self._clusters.member(one[1]) if one != last else None
            last = one
            if member is None:
                continue
            self._done.compared += 1
            if self._done.compared % _TOLD == 0:
                self._progress(self._done)
            now = self._belongs(member)
            if now != member:
                self._clusters.put(now)
                for other in self._hanging_on(member, now):
                    heapq.heappush(waiting, other)

    def _belongs(self, member: Member) -> Member:
        """Return an article with the cluster that is its own."""
        if twin := self._clusters.first_twin(member):
            return joined(member, twin, twin.alike, TWIN)
        best, alike = None, 0.0
        for first in self._clusters.earlier(member, copies.LEAST):
            share = copies.alike(self._text(member.article_id), self._text(first.article_id))
            if (share, -first.place) > (alike, -best.place if best else 0):
                best, alike = first, share
        return joined(member, best, alike, COPY) if best else alone(member)

    def _hanging_on(self, before: Member, now: Member) -> list[tuple[int, int]]:
        """Return the articles behind one whose answer may be another, now that it plays another part."""
        found: list[tuple[int, int]] = []
        if before.part == FIRST != now.part:
            found += places(self._clusters.members(before.article_id))
        if before.part != FIRST == now.part and now.place < self._last:
            found += places(self._clusters.later(now, copies.LEAST))
        if now.part != TWIN:
            found += places(self._clusters.later_twins(now))
        return [one for one in found if one[0] > now.place]

    def _text(self, article_id: int) -> copies.Text:
        held = self._texts.get(article_id)
        if held is not None:
            self._texts.move_to_end(article_id)
            return held
        article = self._clusters.article(article_id)
        assert article is not None  # what is gone was taken out before
        return self._keep(article_id, copies.read(article.title, article.text))

    def _keep(self, article_id: int, text: copies.Text) -> copies.Text:
        self._texts[article_id] = text
        self._words += len(text.words)
        while self._words > _WORDS and len(self._texts) > 2:  # the two that are being compared
            _, old = self._texts.popitem(last=False)
            self._words -= len(old.words)
        return text
