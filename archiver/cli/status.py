"""archiver status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import click

from archiver import clock
from archiver.alarms import WINDOW
from archiver.cli import options, terminal, times
from archiver.cli.facets import sparkline
from archiver.cli.schedule import known
from archiver.errors import AlarmOpen
from archiver.layout import Layout
from archiver.locking import is_running
from archiver.store.runs import Runs
from archiver.timestamps import iso
from archiver.types import Source
from archiver.work import Alarm, Run, RunState

DAYS = WINDOW.days
LONG_PAST = timedelta(minutes=15)  # a timer calls each minute
LATELY = timedelta(days=7)  # over which failures are counted
BAD = (RunState.FAILED, RunState.TIMED_OUT, RunState.KILLED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source does. `days` are its new articles of the last 28 days, the last of them today."""

    source: Source
    due_at: datetime
    last: Run | None
    success: Run | None
    days: Sequence[int]
    failures: int
    alarm: Alarm | None

    @property
    def expected(self) -> float | None:
        """The usual number of articles a day, None before three whole days were seen."""
        seen = list(self.days[:-1])  # today is not over, and the first day brings what was there
        while seen and not seen[0]:
            seen.pop(0)
        return median(seen[1:]) if len(seen) > 3 else None


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE ...]")
@options.as_json
@options.place
def status(names: tuple[str, ...], as_json: bool, place: options.Place) -> None:
    """Tell how each SOURCE does (all of them when none is named): articles a day, failures, alarms.

    Exit code 8 when an alarm is open: a source is silent or cannot be reached, a feed is stale, or the pages can no
    longer be read.
    """
    config = known(place)
    chosen = config.chosen(names)
    layout, now = place.layout(config), clock.now()
    with Runs(layout.runs, readonly=True) as runs:
        standings = _standings(runs, layout, chosen, now)
        waiting = neglected(runs, layout, now)
    if waiting:
        terminal.say(waiting)
    if as_json:
        for standing in standings:
            terminal.out_json(_json(standing))
    else:
        for line in _lines(standings, now):
            terminal.out(line)
    alarms = [each.source.name for each in standings if each.alarm]
    if alarms:
        what = "an alarm is open" if len(alarms) == 1 else f"{len(alarms)} alarms are open"
        raise AlarmOpen(f"{what}: {', '.join(alarms)}", remedy="'archiver runs' tells what was run")


def neglected(runs: Runs, layout: Layout, now: datetime) -> str:
    """Return a sentence where nobody has called for what is due, or ""."""
    due = runs.all()
    if not due:
        return "nothing was ever run by a schedule (archiver schedule install prints a timer)"
    late = now - due[0].at
    called = runs.list(limit=1)
    if late < LONG_PAST or is_running(layout) or (called and now - called[0].began_at < LONG_PAST):
        return ""
    return (
        f"nobody has called 'archiver run --due' for {times.span(late)}: is the timer installed?"
        " (archiver schedule install)"
    )


def _standings(
    runs: Runs, layout: Layout, sources: Sequence[Source], now: datetime
) -> list[Standing]:
    due = {each.source: each.at for each in runs.all()}
    alarms = runs.alarms.open()
    days = _days(layout, sources, now)
    found = []
    for source in sources:
        found.append(Standing(
            source=source,
            due_at=due.get(source.name, now),
            last=next(iter(runs.list(source.name, limit=1)), None),
            success=runs.last_success(source.name),
            days=days[source.name],
            failures=runs.count(source.name, BAD, now - LATELY),
            alarm=alarms.get(source.name),
        ))  # fmt: skip
    return found


def _days(layout: Layout, sources: Sequence[Source], now: datetime) -> Mapping[str, Sequence[int]]:
    """Return the new articles of the last days, each of 24 hours up to now."""
    from archiver.store.search import Index

    if not layout.index.is_file():
        return {source.name: [0] * DAYS for source in sources}
    found = {}
    with Index(layout.index) as index:
        for source in sources:
            arrived = index.arrivals(source.name, now - WINDOW)
            counts = Counter((now - moment).days for moment in arrived)
            found[source.name] = [counts[day] for day in reversed(range(DAYS))]
    return found


def _lines(standings: Sequence[Standing], now: datetime) -> list[str]:
    rows = [
        (
            "source",
            f"{'last 28 days':<{DAYS}}",
            "last 24 h",
            "usual",
            "last success",
            "failed",
            "due",
        )
    ]
    for each in standings:
        usual = each.expected
        rows.append((
            each.source.name,
            f"{sparkline(each.days):<{DAYS}}",
            str(each.days[-1]),
            "?" if usual is None else f"{usual:.0f}",
            times.away(each.success.began_at, now) if each.success else "never",
            str(each.failures),
            times.away(each.due_at, now),
        ))  # fmt: skip
    lines = terminal.table(rows)
    for number, each in reversed(list(enumerate(standings, 1))):
        if each.alarm:
            told = f"  {each.alarm.kind.value} since {times.local(each.alarm.raised_at, each.source.timing.zone)}: "
            lines.insert(number + 1, terminal.bold(told) + terminal.harmless(each.alarm.what))
        elif each.last and each.last.state in BAD and each.last.reason:
            told = f"its last run {each.last.state.value.replace('_', ' ')}: {each.last.reason}"
            lines.insert(number + 1, terminal.dim("  " + terminal.harmless(told)))
    return lines


def _json(standing: Standing) -> dict[str, object]:
    alarm, last = standing.alarm, standing.last
    return {
        "source": standing.source.name,
        "last_success_at": iso(standing.success.began_at) if standing.success else None,
        "last_run_at": iso(last.began_at) if last else None,
        "last_state": last.state.value if last else None,
        "last_reason": (last.reason or None) if last else None,
        "next_due_at": iso(standing.due_at),
        "articles_by_day": list(standing.days),
        "usual_articles_a_day": standing.expected,
        "failures_7d": standing.failures,
        "alarm": {
            "kind": alarm.kind.value,
            "what": alarm.what,
            "raised_at": iso(alarm.raised_at),
        } if alarm else None,
    }  # fmt: skip
