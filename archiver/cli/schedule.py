"""archiver schedule."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from archiver import clock, schedules
from archiver.cli import options, terminal, times, units
from archiver.config import Config
from archiver.errors import ConfigError
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.timestamps import iso
from archiver.types import Source
from archiver.work import Run

SYSTEMD_RUNS = Path("/run/systemd/system")  # sd_booted(3)


@click.group(invoke_without_command=True)
@options.as_json
@options.place
@click.pass_context
def schedule(context: click.Context, as_json: bool, place: options.Place) -> None:
    """Show when each source is due, and how its last run ended.

    'archiver run --due' asks those that are; 'archiver schedule install' prints what calls it each minute.
    """
    if context.invoked_subcommand:
        context.obj = place
        return
    config = known(place)
    now = clock.now()
    with Runs(place.layout(config).runs, readonly=True) as runs:
        due = {found.source: found.at for found in runs.all()}
        last = {source.name: runs.list(source.name, limit=1) for source in config.sources}
    rows: list[tuple[str, ...]] = [
        ("source", "schedule", "zone", "due next", "", "last run", "ended")
    ]
    for source in sorted(config.sources, key=lambda each: due.get(each.name, now)):
        at, run = due.get(source.name, now), next(iter(last[source.name]), None)
        if as_json:
            terminal.out_json(_json(source, at, run))
        rows.append((source.name, *_row(source, at, run, now)))
    if not as_json:
        for line in terminal.table(rows, left=len(rows[0])):
            terminal.out(line)
        waiting = sum(due.get(source.name, now) <= now for source in config.sources)
        terminal.say(f"{waiting} due now. Next: " + _next(waiting))


def known(place: options.Place) -> Config:
    """Return what sources.toml says. Raises ConfigError where it has no sources."""
    config = place.configuration(needed=True)
    if not config.sources:
        raise ConfigError("has no sources yet", where=str(config.path), remedy="archiver add URL")
    return config


def _next(waiting: int) -> str:
    return "archiver run --due" if waiting else "archiver schedule install, archiver runs"


def _row(source: Source, at: datetime, run: Run | None, now: datetime) -> tuple[str, ...]:
    timing = source.timing
    return (
        schedules.in_words(timing.schedule),
        timing.zone,
        times.local(at, timing.zone),
        times.away(at, now),
        times.away(run.began_at, now) if run else "never",
        run.state.value.replace("_", " ") if run else "-",
    )


def _json(source: Source, at: datetime, run: Run | None) -> dict[str, object]:
    return {
        "source": source.name,
        "schedule": source.timing.schedule,
        "timezone": source.timing.zone,
        "next_due_at": iso(at),
        "last_began_at": iso(run.began_at) if run else None,
        "last_state": run.state.value if run else None,
    }


@schedule.command()
@click.option("--systemd", "kind", flag_value="systemd", help="Print a service and its timer.")
@click.option("--cron", "kind", flag_value="cron", help="Print a line for a crontab.")
@click.option(
    "--unit",
    type=click.Choice(["service", "timer"]),
    help="Of the two for systemd, print this one only.",
)
@options.place
@click.pass_obj
def install(outer: options.Place, kind: str | None, unit: str | None, place: options.Place) -> None:
    """Print what calls 'archiver run --due' each minute: a systemd timer, or a line for a crontab.

    Nothing is installed: redirect what is printed to where it belongs, as is said below it. Without an option it is
    systemd's where systemd runs this machine.
    """
    place = options.Place(place.archive or outer.archive, place.config or outer.config)
    config = known(place)
    command = due_command(config, place.layout(config))
    if kind == "cron" or not (kind or unit or SYSTEMD_RUNS.is_dir()):
        terminal.out(units.cron_line(command).rstrip("\n"))
        terminal.say(
            "Next: (crontab -l; archiver schedule install --cron) | crontab -, then archiver schedule"
        )
        return
    _print_units(command, unit)


@schedule.command()
@options.place
@click.pass_obj
def serve(outer: options.Place, place: options.Place) -> None:
    """Do what is due, as long as this runs: for who has neither systemd nor cron. Ctrl-C ends it."""
    place = options.Place(place.archive or outer.archive, place.config or outer.config)
    config = known(place)
    from archiver.cli import serving

    terminal.say(f"asking {len(config.sources)} sources as they become due; Ctrl-C ends it")
    serving.serve(due_command(config, place.layout(config)), lambda: _left(place))


def _left(place: options.Place) -> timedelta:
    """Return how long there is nothing to do."""
    config = known(place)
    now = clock.now()
    with Runs(place.layout(config).runs, readonly=True) as runs:
        due = {found.source: found.at for found in runs.all()}
    return min(due.get(source.name, now) for source in config.sources) - now


def due_command(config: Config, layout: Layout) -> list[str]:
    """Return the command line that does what is due, with full paths: a timer works in no folder of ours."""
    script = Path(sys.executable).with_name("archiver")
    # -P: what lies in the folder that a timer works in is not imported.
    own = [str(script)] if script.is_file() else [sys.executable, "-P", "-m", "archiver"]
    places = ["--archive", str(layout.root.absolute()), "--config", str(config.path.absolute())]
    return [*own, "run", "--due", *places]


def _print_units(command: Sequence[str], unit: str | None) -> None:
    printed = {
        "service": (units.SERVICE, units.service(command)),
        "timer": (units.TIMER, units.timer()),
    }
    for name, (filename, text) in printed.items():
        if unit in (None, name):
            terminal.out((f"# {filename}\n" if unit is None else "") + text)
    if unit is None:
        terminal.say(
            "Next (for one user; as root: /etc/systemd/system, and systemctl without --user):\n"
            "  archiver schedule install --unit service > ~/.config/systemd/user/archiver.service\n"
            "  archiver schedule install --unit timer > ~/.config/systemd/user/archiver.timer\n"
            "  systemctl --user daemon-reload && systemctl --user enable --now archiver.timer\n"
            "  loginctl enable-linger    # so that it goes on when you are not logged in"
        )
