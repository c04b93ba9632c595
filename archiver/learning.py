"""Learn what the pages of a source have in common, and read its pages anew where that changes them.

A page is read at once, with what is known then. When a run is over, the lessons of its pages are
looked at together; where they teach something new, the rows of the source are made anew in their
order. What this run has read and would surely read alike is taken as it was; every other page is read
again from the WARC files. So the index is the same whatever was fetched first, and the same after a rebuild.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from archiver import extract, urls
from archiver.config import source_for
from archiver.errors import DamagedError
from archiver.executors.local import TaskFailed, WorkerPool
from archiver.readings import Readings
from archiver.store.lessons import Known
from archiver.store.writing import Store
from archiver.types import Completeness, Reading, RecordLocation, Rules, Snapshot, Source
from archiver.warc.reader import exchange_at

AHEAD = 64  # pages handed to the workers and not yet written
ROOM = 32 * 1024 * 1024  # bytes of their bodies: both bound the memory
_NO_RULES = Rules()


class Readers:
    """What each source's pages are read with: the profile that was learned, the user's rules."""

    def __init__(
        self, store: Store, pool: WorkerPool, sources: Sequence[Source] | None = None
    ) -> None:
        """Take the profiles that the index holds, and doubt those whose rules have changed.

        Without `sources` nobody knows them (a Scrapy project's own crawl): nothing is doubted, and
        what is read by none although there were some is left to be read anew by who knows.
        """
        self.store = store
        self.pool = pool
        self.readings = Readings()
        self.knows_rules = sources is not None
        rules = self._rules = {source.name: source.rules for source in sources or ()}
        self._owners = {urls.site(source.home): source.name for source in sources or ()}
        held = store.lessons.known()
        self._known = {name: known.profile for name, known in held.items()}
        if sources is None:
            return
        with store.transaction():
            for name in sorted(rules):
                if name not in held and rules[name] != _NO_RULES:
                    # Pages that are there were read by no rules; others will be read by these.
                    read_before = store.has_exchanges(name)
                    key = "" if read_before else self.key(name)
                    store.lessons.learned(name, Known("", key), stale=read_before)
            for name, known in held.items():
                if known.read_with != self.key(name):
                    mixed = Known(known.profile, "mixed")  # from now on, until it is settled
                    store.lessons.learned(name, mixed, stale=True)

    def adopt(self, snapshot: Snapshot) -> Snapshot:
        """Give what another crawler has kept a source: the one whose site it is, else its site's name."""
        capture = snapshot.capture
        if capture.link.source:
            return snapshot
        owner = self._owners.get(urls.site(capture.url)) or source_for(capture.url).name
        link = replace(capture.link, source=owner)
        return replace(snapshot, capture=replace(capture, link=link))

    def read(self, snapshot: Snapshot) -> Future[Reading] | None:
        """Hand a page to the workers; None for what is no page to be read."""
        capture = snapshot.capture
        if not extract.is_page(capture):
            return None
        if snapshot.original and not capture.body:
            return _failed(TaskFailed("the record that holds its body is not in this archive"))
        if len(capture.body) > extract.MAX_BODY:
            return _failed(TaskFailed("too large to be read"))
        source = capture.link.source
        rules = self._rules.get(source, _NO_RULES)
        return self.pool.submit(extract.read, capture, self._known.get(source, ""), rules)

    def key(self, source: str) -> str:
        """Return what stands for all that the pages of `source` are read with; "" for nothing."""
        return key_of(self._known.get(source, ""), self._rules.get(source, _NO_RULES))

    def recall(self, where: RecordLocation) -> tuple[Snapshot, Reading | None] | None:
        """Return what this run has read from the record at `where`, if it would read the same now."""
        kept = self.readings.of(where)
        if kept is None:
            return None
        snapshot, reading = kept
        known = self._known.get(snapshot.capture.link.source, "")
        return kept if reading is None or extract.stays(reading.leaning, known) else None

    def know(self, source: str, profile: str) -> None:
        """Read the pages of `source` with `profile` from now on."""
        self._known[source] = profile


def key_of(profile: str, rules: Rules) -> str:
    """Return what stands for a profile and the user's rules, as far as they decide how pages are read."""
    decisive = extract.decisive(profile)
    if not decisive and rules == _NO_RULES:
        return ""
    return blake2b(f"{decisive}\n{rules}".encode(), digest_size=12).hexdigest()


def _failed(error: Exception) -> Future[Reading]:
    future: Future[Reading] = Future()
    future.set_running_or_notify_cancel()
    future.set_exception(error)
    return future


def reading(future: Future[Reading] | None) -> Reading | None:
    """Return what was read; a page that no worker could read is kept raw and says why."""
    if future is None:
        return None
    try:
        return future.result()
    except TaskFailed as error:
        return Reading(completeness=Completeness.RAW_ONLY, note=str(error))


def settle(
    readers: Readers, warcs: Path, tell: Callable[[str], None] = lambda message: None
) -> None:
    """Learn anew what may be out of date, and read anew what that changes.

    Call when nothing else writes to the store.
    """
    held = readers.store.lessons.known()
    for source in readers.store.lessons.stale():
        before = held[source]
        if not readers.knows_rules and before.read_with != readers.key(source):
            with readers.store.transaction():
                readers.store.lessons.learned(source, Known(before.profile, "mixed"), stale=True)
            continue
        try:
            _settle(readers, warcs, source, before, tell)
        except (DamagedError, TaskFailed) as error:
            tell(f"{source}: its pages could not be read anew: {error}; try 'archiver rebuild'")


def _settle(
    readers: Readers, warcs: Path, source: str, before: Known, tell: Callable[[str], None]
) -> None:
    lessons = readers.store.lessons.of(source)
    learned: str = readers.pool.submit(extract.learn, lessons).result()
    readers.know(source, learned)
    key = readers.key(source)
    with readers.store.transaction():
        if key != before.read_with:
            pages = _read_again(readers, warcs, source)
            what = extract.news_of(before.profile, learned)
            tell(f"{source}: {what}; {pages} pages read anew")
        readers.store.lessons.learned(source, Known(learned, key))


@dataclass(slots=True)
class _Again:
    """A page whose rows are made anew; `size` is that of its body, which a worker has or will have.

    `future` is that of a reading that goes on, `reading` one that is known.
    """

    exchange_id: int
    snapshot: Snapshot
    future: Future[Reading] | None = None
    reading: Reading | None = None
    size: int = 0


def _read_again(readers: Readers, warcs: Path, source: str) -> int:
    """Make the rows of `source` anew; returns how many pages were read from the WARC files for it."""
    waiting: deque[_Again] = deque()
    pages, held = 0, 0
    for exchange_id, location in readers.store.forget(source):
        again = _again(readers, warcs, exchange_id, location)
        waiting.append(again)
        held += again.size
        while len(waiting) > AHEAD or held > ROOM:
            first = waiting.popleft()
            held -= first.size
            pages += _write(readers.store, first)
    while waiting:
        pages += _write(readers.store, waiting.popleft())
    return pages


def _again(readers: Readers, warcs: Path, exchange_id: int, where: RecordLocation) -> _Again:
    if recalled := readers.recall(where):
        return _Again(exchange_id, recalled[0], reading=recalled[1])
    kept = exchange_at(warcs, where)
    assert isinstance(kept, Snapshot)  # failures have no row among the exchanges
    snapshot = readers.adopt(kept)
    again = _Again(exchange_id, snapshot.without_body(), readers.read(snapshot))
    if again.future is not None:
        again.size = len(snapshot.capture.body)
    return again


def _write(store: Store, again: _Again) -> bool:
    known = again.reading if again.future is None else reading(again.future)
    store.read_again(again.exchange_id, again.snapshot, known)
    return again.future is not None
