"""archiver runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import click

from archiver import clock
from archiver.cli import options, terminal, times
from archiver.errors import NothingFound
from archiver.store.runs import Runs
from archiver.timestamps import iso
from archiver.work import Run


@click.command()
@click.option("--source", default="", metavar="NAME", help="Only this source.")
@click.option("--since", type=options.Day(), help="Only runs that began on this day or later.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most this many."
)
@options.as_json
@options.place
def runs(
    source: str, since: datetime | None, limit: int, as_json: bool, place: options.Place
) -> None:
    """List the runs of 'archiver run', the newest first: when, how they ended, what they brought."""
    with Runs(place.layout().runs, readonly=True) as opened:
        found = opened.list(source, limit=limit, since=since)
    if not found and (source or since):
        raise NothingFound(
            "no such run", remedy="'archiver runs' lists the last ones of all sources"
        )
    if as_json:
        for run in found:
            terminal.out_json(as_object(run))
        return
    if found:
        _print(found, clock.now())
    terminal.say(
        f"{len(found)} runs. Next: archiver schedule"
        if found
        else "nothing has run yet. Next: archiver run --due"
    )


def as_object(run: Run) -> dict[str, object]:
    """Return a run as an object for JSON."""
    return {
        "id": run.id,
        "source": run.source,
        "state": run.state.value,
        "reason": run.reason or None,
        "due_at": iso(run.due_at),
        "began_at": iso(run.began_at),
        "ended_at": iso(run.ended_at) if run.ended_at else None,
        **asdict(run.counts),
    }


def _print(found: Sequence[Run], now: datetime) -> None:
    rows: list[tuple[str, ...]] = [
        (
            "source",
            "began",
            "took",
            "ended",
            "new",
            "changed",
            "gone",
            "failed",
            "requests",
            "not modified",
        )
    ]
    for run in found:
        counts = run.counts
        rows.append((
            terminal.harmless(run.source),
            f"{run.began_at:%Y-%m-%d %H:%M}",
            times.span(run.ended_at - run.began_at) if run.ended_at else times.away(run.began_at, now),
            run.state.value.replace("_", " "),
            *(str(count) for count in (counts.new, counts.changed, counts.gone, counts.failed, counts.requests,
                                       counts.not_modified)),
        ))  # fmt: skip
    for line, reason in zip(
        terminal.table(rows), ["", *(run.reason for run in found)], strict=True
    ):
        terminal.out(f"{line}  {terminal.harmless(reason)}".rstrip())
