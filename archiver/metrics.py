"""A file for Prometheus' node exporter (textfile collector): when sources ran, what they brought, their alarms.

The format is version 0.0.4 of Prometheus' text exposition. The file is always whole: it is written beside and moved
into its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from archiver.files import write_whole
from archiver.store.runs import Runs
from archiver.types import Source
from archiver.work import AlarmKind

Sample = tuple[dict[str, str], float]


def write(path: Path, runs: Runs, sources: Sequence[Source], now: datetime) -> None:
    """Write the file at `path` anew. Raises ArchiveError."""
    write_whole(path, exposition(runs, sources, now).encode())


def exposition(runs: Runs, sources: Sequence[Source], now: datetime) -> str:
    """Return what the file holds."""
    return "".join(_lines(runs, [source.name for source in sources], now))


def _lines(runs: Runs, names: Sequence[str], now: datetime) -> Iterator[str]:
    last = {name: next(iter(runs.list(name, limit=1)), None) for name in names}
    good = {name: runs.last_success(name) for name in names}
    yield from _family(
        "last_success_timestamp_seconds", "When the last run that came to its end ended.", "gauge",
        ((_of(name), run.ended_at.timestamp()) for name, run in good.items() if run and run.ended_at),
    )  # fmt: skip
    yield from _family(
        "last_run_timestamp_seconds", "When the last run began, however it ended.", "gauge",
        ((_of(name), run.began_at.timestamp()) for name, run in last.items() if run),
    )  # fmt: skip
    yield from _family(
        "last_run_duration_seconds", "How long the last run took.", "gauge",
        ((_of(name), (run.ended_at - run.began_at).total_seconds())
         for name, run in last.items() if run and run.ended_at),
    )  # fmt: skip
    yield from _family(
        "last_run_state", "How the last run ended.", "gauge",
        ((_of(name) | {"state": run.state.value}, 1) for name, run in last.items() if run),
    )  # fmt: skip
    due = {found.source: found.at for found in runs.all()}
    yield from _family(
        "due_timestamp_seconds", "When the source is due next; long past means that nobody calls 'run --due'.",
        "gauge", ((_of(name), due.get(name, now).timestamp()) for name in names),
    )  # fmt: skip
    yield from _totals(runs, names)
    alarms = runs.alarms.open()
    yield from _family(
        "alarm", "Whether an alarm of this kind is open.", "gauge",
        ((_of(name) | {"kind": kind.value}, int(name in alarms and alarms[name].kind is kind))
         for name in names for kind in AlarmKind),
    )  # fmt: skip
    waiting: list[Sample] = [({}, runs.events.waiting())]
    yield from _family(
        "events_waiting", "Events that not all hooks have been told.", "gauge", waiting
    )
    written: list[Sample] = [({}, now.timestamp())]
    yield from _family("written_timestamp_seconds", "When this file was written.", "gauge", written)


def _totals(runs: Runs, names: Sequence[str]) -> Iterator[str]:
    totals = runs.totals()
    for name, counted, text in (
        ("runs", "runs", "Runs that ended."),
        ("runs_done", "done", "Runs that came to their end."),
        ("articles_new", "new", "New articles."),
        ("articles_changed", "changed", "Articles that had changed."),
        ("requests", "requests", "Requests that were sent."),
        ("requests_failed", "failed", "Requests that brought no answer, or an error."),
    ):
        samples = (
            (_of(source), getattr(totals[source], counted)) for source in names if source in totals
        )
        yield from _family(f"{name}_total", text, "counter", samples)


def _of(source: str) -> dict[str, str]:
    return {"source": source}


def _family(name: str, text: str, kind: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP archiver_{name} {text}\n# TYPE archiver_{name} {kind}\n"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escaped(told)}"' for label, told in labels.items())
        yield (
            f"archiver_{name}{{{inner}}} {value:.15g}\n"
            if inner
            else f"archiver_{name} {value:.15g}\n"
        )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
