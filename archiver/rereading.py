"""Read stored pages again with the present extractor, and tell what of their text a rebuild would change.

Nothing is written. Each page is read and compared in a worker process, with the profile that the index has of its
source and the rules that ``sources.toml`` has now.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from archiver import extract
from archiver.diff import HEADLINE, TEXT, compare, kind
from archiver.errors import DamagedError
from archiver.executors.local import TaskFailed, WorkerPool
from archiver.layout import Layout
from archiver.learning import AHEAD, ROOM
from archiver.store.search import Index
from archiver.types import Article, Capture, Damage, Rules, Snapshot, Source
from archiver.warc.reader import exchange_at

SAME, TRIVIAL, LOST, UNREAD = "same", "trivial", "lost", "unread"
KINDS = (SAME, TRIVIAL, HEADLINE, TEXT, LOST, UNREAD)
WORST = 5  # examples of a source
MANY = 1000  # damaged places that are told


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one page: which of `KINDS` (headline and text may both have changed), how many words.

    `gone` and `new` count words of the text; a page that is lost has lost all.
    """

    kinds: tuple[str, ...]
    title: str = ""
    gone: int = 0
    new: int = 0
    note: str = ""

    @property
    def words(self) -> int:
        """How many words changed."""
        return self.gone + self.new


@dataclass(frozen=True, slots=True)
class Example:
    """A page that reads otherwise now."""

    article_id: int
    version: int
    url: str
    title: str
    verdict: Verdict


@dataclass(slots=True)
class Compared:
    """What was found of one source: how many pages of each kind, and those with the most words changed.

    `versions` counts the versions of the extractor that had read them.
    """

    source: str
    pages: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    worst: list[Example] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)


def reread(
    layout: Layout,
    index: Index,
    sources: Sequence[Source],
    names: Sequence[str],
    *,
    limit: int = 0,
    against: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[Compared], None] = lambda so_far: None,
) -> Iterator[Compared]:
    """Yield what was found of each of the sources called `names`, every version of every article.

    With `limit` only the newest so many versions of each; with `against` only what was read by these versions of
    the extractor.
    """
    rules = {source.name: source.rules for source in sources}
    with closing(WorkerPool(workers)) as pool:
        for name in names:
            done = Compared(name)
            known = index.read_with(name)[0], rules.get(name, Rules())
            found = index.each_version(name, extractors=against, limit=limit)
            _compare(layout.warcs, found, known, pool, done, progress)
            yield done


@dataclass(slots=True)
class _Page:
    article: Article
    future: Future[Verdict]
    size: int


def _compare(
    warcs: Path,
    found: Iterator[Article],
    known: tuple[str, Rules],
    pool: WorkerPool,
    done: Compared,
    progress: Callable[[Compared], None],
) -> None:
    """Read the pages of one source, so many at a time that memory is bounded."""
    waiting: deque[_Page] = deque()
    worst: list[tuple[int, int, Example]] = []
    order = count()

    def finish() -> None:
        page = waiting.popleft()
        _count(page, done, worst, -next(order))
        progress(done)

    held = 0
    for article in found:
        page = _submit(warcs, article, known, pool, done)
        if page is None:
            progress(done)
            continue
        waiting.append(page)
        held += page.size
        while len(waiting) > AHEAD or held > ROOM:
            held -= waiting[0].size
            finish()
    while waiting:
        finish()
    done.worst = [example for *_, example in sorted(worst, reverse=True)]


def _submit(
    warcs: Path, article: Article, known: tuple[str, Rules], pool: WorkerPool, done: Compared
) -> _Page | None:
    """Hand one page to the workers; None where its record is damaged."""
    done.pages += 1
    done.versions[article.document.extractor_version] += 1
    where = article.location
    try:
        kept = exchange_at(warcs, where)
    except (DamagedError, OSError) as error:
        told = (
            error.what if isinstance(error, DamagedError) else f"cannot be read: {error.strerror}"
        )
        done.counts[UNREAD] += 1
        if len(done.damages) < MANY:
            done.damages.append(
                Damage(where.filename, where.offset, where.length, told, article.fetched_url)
            )
        return None
    assert isinstance(kept, Snapshot)  # a failure is no version of an article
    capture = kept.capture
    if not capture.link.source:
        capture = replace(capture, link=replace(capture.link, source=article.source))
    old = article.document.title, article.document.text
    return _Page(
        article, pool.submit(judge, capture, *known, *old), len(capture.body) + len(old[1])
    )


def _count(page: _Page, done: Compared, worst: list[tuple[int, int, Example]], order: int) -> None:
    article = page.article
    try:
        verdict = page.future.result()
    except TaskFailed as error:
        verdict = Verdict((UNREAD,), note=str(error))
    done.counts.update(verdict.kinds)
    if verdict.kinds != (SAME,):
        example = Example(
            article.id, article.version, article.fetched_url, article.document.title, verdict
        )
        heapq.heappush(worst, (verdict.words, order, example))
        if len(worst) > WORST:
            heapq.heappop(worst)


def judge(capture: Capture, profile: str, rules: Rules, title: str, text: str) -> Verdict:
    """Read a page and hold it against title and text as they were read before. Runs in a worker."""
    reading = extract.read(capture, profile, rules)
    document = reading.document
    if document is None or (text and not document.text):
        note = reading.note or reading.page or "nothing was found on the page"
        return Verdict((LOST,), gone=len(text.split()), note=note)
    old, new = (title, text), (document.title, document.text)
    if old == new:
        return Verdict((SAME,), document.title)
    diff = compare(old, new)
    kinds = kind(old, new) or (TRIVIAL,)
    return Verdict(kinds, document.title, diff.words("gone"), diff.words("new"))
