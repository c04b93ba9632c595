"""archiver run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from archiver import config as configuration
from archiver.cli import options, terminal
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.crawl import Result
    from archiver.run import Ticked
    from archiver.work import RunState

PARTLY, ALARM = 6, 8  # exit codes
COUNTED = ("new", "changed", "unchanged", "gone")


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE ...]")
@click.option("--due", is_flag=True, help="Only the sources that are due by their schedules.")
@click.option(
    "--backfill",
    is_flag=True,
    help="Ask for stories that are not here, however old; slowly, and for nothing else.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="At most this many new stories of each source."
)
@click.option("-v", "--verbose", is_flag=True, help="Show the log of the crawl.")
@options.allow_host
@options.as_json
@options.place
def run(
    names: tuple[str, ...],
    due: bool,
    backfill: bool,
    limit: int | None,
    verbose: bool,
    allow_hosts: tuple[str, ...],
    as_json: bool,
    place: options.Place,
) -> int:
    """Ask SOURCEs (all when none is named) for what is new, and look again at what is to be looked at.

    A story that is here is not asked for again before its time: an hour, six, a day, a week and a month after it
    was first seen ('revisit' in sources.toml). With --due only the sources whose time has come are asked: let a
    timer call that each minute ('archiver schedule install').

    Exit code 8 when an alarm was raised, whatever else happened.
    """
    if due and (names or backfill):
        raise UsageError(
            "--due chooses the sources by itself, and looks for no old stories",
            remedy="leave out --due, or the rest",
        )
    config = configuration.allowing(place.configuration(needed=True), allow_hosts)
    from archiver.run import Tick

    line = terminal.Progress()
    tick = Tick(
        config,
        place.layout(config),
        backfill=backfill,
        limit=limit,
        verbose=verbose,
        tell=terminal.say,
        progress=lambda so_far: line.show(_progress(so_far)),
    )
    try:
        ticked = tick.due() if due else tick.named(names)
    finally:
        line.clear()
    if as_json:
        for result, state in ticked.ran:
            terminal.out_json(_json(result, state))
    else:
        _print(ticked)
    return _ended(ticked)


def _progress(results: Sequence[Result]) -> str:
    from archiver.cli.crawl import progress

    return progress(results)


def _print(ticked: Ticked) -> None:
    if ticked.ran:
        rows: list[Sequence[str]] = [
            ("source", "ended", *COUNTED, "requests", "not modified", "failed")
        ]
        for result, state in ticked.ran:
            numbers = [result.outcomes[name] for name in COUNTED]
            numbers += [result.sent, result.not_modified, result.unanswered]
            rows.append((result.source.name, state.value.replace("_", " "), *map(str, numbers)))
        for row in terminal.table(rows, left=2):
            terminal.out(row)
    from archiver.cli.crawl import print_troubles

    for result, _ in ticked.ran:
        print_troubles(result)
        if result.left:
            name = result.source.name
            terminal.out(f"{name}: {result.left} older stories: archiver run --backfill {name}")


def _ended(ticked: Ticked) -> int:
    """Tell how it ended, and return the exit code."""
    from archiver.cli.crawl import check

    check([result for result, _ in ticked.ran])
    if ticked.skipped:
        terminal.say(f"another run is under way; left to the next: {', '.join(ticked.skipped)}")
    failed = [result.source.name for result, state in ticked.ran if state.value == "failed"]
    if failed:
        terminal.say(f"nothing was answered by {', '.join(failed)}")
    if ticked.raised:  # by a run that failed, too: that is what it is for
        terminal.say(f"alarm: {', '.join(ticked.raised)}. Next: archiver status")
        return ALARM
    if failed:
        return 1 if len(failed) == len(ticked.ran) else PARTLY
    if not ticked.ran and not ticked.skipped:
        terminal.say("nothing is due. Next: archiver schedule")
    elif ticked.ran:
        new = sum(result.archived for result, _ in ticked.ran)
        terminal.say(f"{new} new or changed articles. Next: archiver changes, archiver status")
    return PARTLY if any(result.errors for result, _ in ticked.ran) else 0


def _json(result: Result, state: RunState) -> dict[str, object]:
    return {
        "source": result.source.name,
        "state": state.value,
        **{name: result.outcomes[name] for name in (*COUNTED, "lesser")},
        "restored": result.flags["restored"],
        "requests": result.sent,
        "not_modified": result.not_modified,
        "unanswered": result.unanswered,
        "left": result.left,
        "refused": dict(result.refused),
        "failed": result.failures,
        "problems": result.problems,
    }
