"""One tick: ask the sources that are due, write down how it went, and say when each is due again.

A tick is idempotent. Two that are begun at once are one: the second sees the lock, and takes note that it
was there. One that was killed is made up for by the next, which finds its runs unfinished and its lock free.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from archiver import clock, schedules, watching
from archiver.alarming import conclude
from archiver.config import Config
from archiver.crawl import Result, Task, crawl
from archiver.errors import ArchiverError, LockedError
from archiver.layout import Layout
from archiver.locking import alone
from archiver.store.freshness import Freshness
from archiver.store.runs import Runs
from archiver.types import Kind, Source
from archiver.work import Counts, Endpoint, RunState

FIRST = timedelta(hours=1)  # the interval of an endpoint that nothing is known of
SOONEST = timedelta(minutes=1)  # from the end of a run to the next of the same source
AT_ONCE = 1000  # new stories of one source in one run; the next one brings the rest
ENDPOINTS = (Kind.FEED, Kind.SITEMAP, Kind.SECTION)
BUSY = "another run was under way"


@dataclass(slots=True)
class Ticked:
    """What a tick did: the results of its runs with how each ended, who was left out because a run went on.

    `raised` are the sources with a new alarm.
    """

    ran: list[tuple[Result, RunState]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    raised: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """What a tick is made with; see `tick` and `run`."""

    config: Config
    layout: Layout
    backfill: bool = False
    limit: int | None = None
    verbose: bool = False
    tell: Callable[[str], None] = lambda message: None
    progress: Callable[[Sequence[Result]], None] = lambda results: None

    def due(self) -> Ticked:
        """Ask all sources that are due, and those that become due meanwhile, each once.

        Where another tick is under way, it only takes note of who was due. Raises what `crawl` raises; what was
        begun is written down as it ended.
        """
        done = Ticked()
        with alone(self.layout) as first, Runs(self.layout.runs) as runs:
            if not first:
                done.skipped = self._skip(runs)
                return done
            self._prepare(runs)
            while names := self._waiting(runs, done):
                try:
                    self._run(runs, names, done)
                except LockedError:
                    done.skipped = self._skip(runs, "another process was writing to the archive")
                    break
            self._conclude(runs, done)
        return done

    def named(self, names: Sequence[str]) -> Ticked:
        """Ask the sources called `names`, all for none, whatever is due.

        Raises LockedError where a tick is under way, or another process writes to the archive.
        """
        done = Ticked()
        chosen = [source.name for source in self.config.chosen(names)]
        with alone(self.layout) as first, Runs(self.layout.runs) as runs:
            if not first:
                raise LockedError(BUSY, where=str(self.layout.root), remedy="wait until it is done")
            self._prepare(runs)
            self._run(runs, chosen, done)
            self._conclude(runs, done)
        return done

    def _conclude(self, runs: Runs, done: Ticked) -> None:
        names = [result.source.name for result, _ in done.ran]
        done.raised = conclude(runs, self.config, self.layout, names, clock.now(), self.tell)

    def _skip(self, runs: Runs, why: str = BUSY) -> list[str]:
        now = clock.now()
        return [each.source for each in runs.due(now) if runs.skip(each.source, each.at, now, why)]

    def _prepare(self, runs: Runs) -> None:
        now = clock.now()
        for name in runs.kill_left(now):
            self.tell(f"{name}: an earlier run was killed; this one goes on where it stopped")
        runs.plan(self.config.sources, now)
        watching.begin(runs, self.layout, self.config.watches, self.tell)

    def _waiting(self, runs: Runs, done: Ticked) -> list[str]:
        """Return who is due and was not asked yet; nobody once a crawl was told to stop."""
        if any(result.interrupted or result.stopped for result, _ in done.ran):
            return []
        ran = {result.source.name for result, _ in done.ran}
        return [due.source for due in runs.due(clock.now()) if due.source not in ran]

    def _run(self, runs: Runs, names: Sequence[str], done: Ticked) -> None:
        """Crawl these sources, and write down how each run ended, also where it ended badly."""
        began = clock.now()
        tasks = [self._task(runs, source, began) for source in self.config.chosen(names)]
        claimed = runs.claim(names, began, os.getpid())
        try:
            results = crawl(
                tasks, self._polite(), self.layout.root,
                limit=self.limit or AT_ONCE, verbose=self.verbose, tell=self.tell, progress=self.progress,
            )  # fmt: skip
        except LockedError:
            for run_id in claimed.values():
                runs.withdraw(run_id)
            raise
        except BaseException as error:
            for run_id in claimed.values():
                state, reason = _ending(error)
                runs.finish(run_id, state, Counts(), reason, clock.now(), None)
            raise
        with closing(Freshness(self.layout.index)) as freshness:
            for result in results:
                state, reason = _state(result)
                if self.backfill and state is RunState.TIMED_OUT:
                    state, reason = RunState.DONE, "made room for what is due"
                name = result.source.name
                next_at = self._next(runs, freshness, result, state, began)
                runs.finish(claimed[name], state, _counts(result), reason, clock.now(), next_at)
                done.ran.append((result, state))

    def _polite(self) -> Config:
        """Return what is to be kept to; a backfill is in no hurry, and asks half as often."""
        if not self.backfill:
            return self.config
        return replace(self.config, delay=2 * self.config.delay, concurrency=1)

    def _task(self, runs: Runs, source: Source, now: datetime) -> Task:
        longest = source.timing.longest
        if self.backfill:  # it makes room for what is due
            longest = min([longest, *(due.at - now for due in runs.all() if due.at > now)])
        known = runs.endpoints(source.name)
        resting = frozenset(
            each.url for each in known
            if source.timing.schedule.lower() == schedules.AUTO and each.next_due_at > now
        )  # fmt: skip
        return Task(
            with_endpoints(source, known),
            fresh=True,
            resting=frozenset() if self.backfill else resting,
            backfill=self.backfill,
            longest=longest,
        )

    def _next(
        self, runs: Runs, freshness: Freshness, result: Result, state: RunState, began: datetime
    ) -> datetime | None:
        """Set the pace of the endpoints by what they brought; return when the source is due next."""
        source, now = result.source, clock.now()
        if state is RunState.INTERRUPTED or self.backfill:
            return None
        endpoints = _paced(source, runs.endpoints(source.name), result, freshness, began)
        runs.set_endpoints(source.name, endpoints)
        timing = source.timing
        if timing.schedule.lower() != schedules.AUTO:
            return schedules.next_after(timing.schedule, timing.zone, source.name, now)
        times = [endpoint.next_due_at for endpoint in endpoints]
        if not times:
            times = [began + schedules.jittered(source.name, _bounded(FIRST, source))]
        following = freshness.visits(source.name, timing.revisits, now).next_at
        return max(min(filter(None, (*times, following))), now + SOONEST)


def with_endpoints(source: Source, known: Sequence[Endpoint]) -> Source:
    """Return `source` with the feeds and sitemaps that were found, where it names none.

    Where all of them fail, it is looked at anew. A source that has none is asked for its front page alone.
    """
    if source.feeds or source.sitemaps or source.sections or not known:
        return source
    if all(endpoint.failing_since for endpoint in known):
        return source
    urls = {kind: tuple(e.url for e in known if e.kind is kind) for kind in ENDPOINTS}
    found = replace(source, feeds=urls[Kind.FEED], sitemaps=urls[Kind.SITEMAP])
    return found if found.feeds or found.sitemaps else replace(source, sections=(source.home,))


def _paced(
    source: Source,
    known: Sequence[Endpoint],
    result: Result,
    freshness: Freshness,
    at: datetime,
) -> list[Endpoint]:
    """Return the endpoints of a source after a run that began at `at`, each with its next time."""
    found = {endpoint.url: endpoint for endpoint in known}
    for url, poll in result.polls.items():
        working = url in (*result.working.get("feed", ()), *result.working.get("sitemap", ()))
        named = url in found or url in (
            *source.feeds,
            *source.sitemaps,
            *source.sections,
            source.home,
        )
        top = poll.hops == 0 and poll.kind in ENDPOINTS and (named or not poll.problem)
        if not (working or top):
            continue
        before = found.get(url) or Endpoint(url, poll.kind, _bounded(FIRST, source), at)
        failed, brought = bool(poll.problem), poll.brought > 0
        after = before.visited(
            at, brought=brought, changed=freshness.is_changed(url), failed=failed
        )
        timing, interval = source.timing, before.interval
        if not failed:  # what cannot be reached tells nothing of how often it has something new
            interval = schedules.adapted(interval, brought, timing.fastest, timing.slowest)
        due = at + schedules.jittered(source.name, interval)
        found[url] = replace(after, interval=interval, next_due_at=due)
    if not (source.feeds or source.sitemaps or source.sections) and len(found) > 1:
        # The front page was looked at for feeds, and it has some.
        found = {url: e for url, e in found.items() if e.kind is not Kind.SECTION} or found
    return list(found.values())


def _bounded(interval: timedelta, source: Source) -> timedelta:
    return min(max(interval, source.timing.fastest), source.timing.slowest)


def _state(result: Result) -> tuple[RunState, str]:
    """Return how a run ended that came back from its crawl, and why, where it is not well."""
    if result.timed_out:
        return RunState.TIMED_OUT, "it took longer than max_run; the next run goes on"
    if result.interrupted:
        return RunState.INTERRUPTED, "told to stop; the next run goes on"
    if result.stopped:
        return RunState.FAILED, result.stopped
    if result.sent and result.unanswered >= result.sent:
        reasons = [*result.failures.values(), *result.refused, *result.problems.values()]
        return RunState.FAILED, "nothing was answered" + (f": {reasons[0]}" if reasons else "")
    return RunState.DONE, ""


def _ending(error: BaseException) -> tuple[RunState, str]:
    if isinstance(error, KeyboardInterrupt):
        return RunState.INTERRUPTED, "told to stop; the next run goes on"
    what = str(error) if isinstance(error, ArchiverError) else repr(error)
    return RunState.FAILED, what


def _counts(result: Result) -> Counts:
    outcomes = result.outcomes
    read = (
        sum(outcomes[name] for name in ("new", "changed", "unchanged", "lesser")) - result.standing
    )
    others = sum(outcomes[name] for name in ("hub", "consent", "missing", "shell", "unread"))
    return Counts(
        new=outcomes["new"],
        changed=outcomes["changed"],
        unchanged=outcomes["unchanged"],
        gone=outcomes["gone"],
        restored=result.flags["restored"],
        requests=result.sent,
        not_modified=result.not_modified,
        failed=result.unanswered,
        refused=result.refused.total(),
        pages=read + others,
        read=read,
        bytes=result.received,
    )
