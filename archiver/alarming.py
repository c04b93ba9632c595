"""Raise and clear alarms, and tell of them and of matches: what is left to do when sources have been asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from archiver import hooks, metrics, watching
from archiver.alarms import WINDOW, Known, decide
from archiver.config import Config
from archiver.errors import ArchiverError
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.store.search import Index
from archiver.types import Source
from archiver.work import Alarm, RunState

FAILED = (RunState.FAILED, RunState.TIMED_OUT)
Tell = Callable[[str], None]


def judge(runs: Runs, layout: Layout, sources: Iterable[Source], now: datetime) -> Sequence[str]:
    """Raise and clear the alarms of `sources`, whose runs are over; returns those with a new alarm.

    Raises ArchiveError where index or runs cannot be read.
    """
    sources = list(sources)
    open_alarms, raised = runs.alarms.open(), []
    seen = _arrivals(layout, [source.name for source in sources], now)
    for source in sources:
        known = known_of(runs, source, seen[source.name], open_alarms.get(source.name), now)
        if runs.alarms.settle(source.name, decide(known), now) == "alarm":
            raised.append(source.name)
        _tell_failure(runs, source.name, now)
    return raised


def _tell_failure(runs: Runs, name: str, now: datetime) -> None:
    """Add an event for the first of several runs that failed though the site answered; else there is an alarm."""
    ran = [run for run in runs.list(name, limit=5) if run.state is not RunState.SKIPPED_RUNNING]
    if not ran or ran[0].state not in FAILED or not ran[0].counts.reached:
        return
    if len(ran) > 1 and ran[1].state in FAILED:
        return
    last = ran[0]
    runs.events.add("failure", name, {"state": last.state.value, "reason": last.reason}, now)


def known_of(
    runs: Runs, source: Source, arrived: Sequence[datetime], alarm: Alarm | None, now: datetime
) -> Known:
    """Gather what is known of a source; `arrived` is when its articles were first seen."""
    since = min(now, alarm.raised_at if alarm else now) - WINDOW
    return Known(
        now=now,
        arrived=arrived,
        runs=runs.list(source.name, limit=None, since=since),
        endpoints=runs.endpoints(source.name),
        silent_after=source.timing.silent_after,
        open=alarm,
    )


def _arrivals(
    layout: Layout, names: Sequence[str], now: datetime
) -> Mapping[str, Sequence[datetime]]:
    if not layout.index.is_file():
        return dict.fromkeys(names, ())
    with Index(layout.index) as index:
        return {name: index.arrivals(name, now - WINDOW) for name in names}


def conclude(
    runs: Runs, config: Config, layout: Layout, names: Iterable[str], now: datetime, tell: Tell
) -> Sequence[str]:
    """Judge the sources called `names`, look for what is watched, tell the hooks, and write the metrics.

    Returns the sources with a new alarm. What goes wrong is told by `tell`, and stops nothing: it is tried again
    with the next tick.
    """
    chosen = set(names)
    raised: Sequence[str] = []
    try:
        raised = judge(runs, layout, [s for s in config.sources if s.name in chosen], now)
    except ArchiverError as error:
        tell(f"alarms could not be looked for: {error}")
    try:
        watching.look(runs, layout, config.watches, now, tell)
    except ArchiverError as error:
        tell(f"watched words could not be looked for: {error}")
    try:
        hooks.deliver(runs, config.hooks, now, tell)
    except ArchiverError as error:
        tell(f"hooks could not be told: {error}")
    try:
        if config.hooks.metrics:
            metrics.write(config.hooks.metrics, runs, config.sources, now)
    except ArchiverError as error:
        tell(f"metrics could not be written: {error}")
    return raised
