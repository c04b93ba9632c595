"""A month of five newspapers in some minutes: `python -m bench.month [--schedule auto] [--days 30]`.

The press of `archiver.demo.press` is crawled by `archiver.run` under a turned clock, which jumps from one
time that something is due to the next. What was kept is held against what the press says happened: which
edit could have been seen at which visit, and was; how often each page was asked for; how many requests a
crawl of everything at the same times would have taken. Prints a table; exit code 1 where something was missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, process_time

from archiver import clock
from archiver.config import Config
from archiver.crawl import Result
from archiver.demo.press import Event, Paper, Press
from archiver.layout import Layout
from archiver.run import Tick, Ticked
from archiver.store.runs import Runs
from archiver.store.search import Index
from archiver.types import Source, Timing

BEGIN = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SHOWN = ("article", "teaser")
REMOVED = ("404", "410", "home")


class Turned:
    """A clock that stands where it is set, and goes on from there at its ordinary pace."""

    def __init__(self, at: datetime) -> None:
        """Set it to `at`."""
        self.set(at)

    def set(self, at: datetime) -> None:
        """Set it to `at`."""
        self._at, self._began = at, monotonic()

    def __call__(self) -> datetime:
        """Return its time."""
        return self._at + timedelta(seconds=monotonic() - self._began)


@dataclass(slots=True)
class Trial:
    """A press, an archive, and the ticks so far."""

    press: Press
    clock: Turned
    config: Config
    layout: Layout
    ticks: list[tuple[datetime, Ticked]] = field(default_factory=list)
    naive: int = 0

    def go(self, until: datetime, told: Callable[[datetime, Ticked], None]) -> None:
        """Do what is due, each time that something is, until the clock says `until`."""
        while (at := self._next()) < until:
            self.clock.set(max(at, self.clock()))
            self.press.settle()
            began = self.clock()
            ticked = Tick(self.config, self.layout).due()
            self.ticks.append((began, ticked))
            self.naive += sum(self._everything(result) for result, _ in ticked.ran)
            told(began, ticked)

    def _next(self) -> datetime:
        with Runs(self.layout.runs, readonly=True) as runs:
            due = runs.all()
        # A timer calls each minute.
        return (
            max(each.at for each in due if each.at <= due[0].at + timedelta(minutes=1))
            if due
            else self.clock()
        )

    def _everything(self, result: Result) -> int:
        """Return how many requests it would take to ask a source for all that is known of it."""
        with Index(self.layout.index) as index:
            articles = {each.name: each.articles for each in index.sources()}[result.source.name]
        return 1 + len(result.source.feeds) + len(result.source.sitemaps) + articles


@contextmanager
def trial(folder: Path, timing: Timing, days: int = 30) -> Iterator[Trial]:
    """Open the press and an empty archive in `folder`, at the beginning of the month."""
    turned = Turned(BEGIN)
    with clock.turned(turned), Press(turned, BEGIN, days) as press:
        sources = tuple(
            Source(
                paper.name, paper.home, feeds=paper.feeds, sitemaps=paper.sitemaps, timing=timing
            )
            for paper in press.papers
        )
        hosts = frozenset(paper.origin.removeprefix("http://") for paper in press.papers)
        config = Config(
            folder / "sources.toml",
            allow_hosts=hosts,
            delay=0,
            concurrency=8,
            min_free=0,
            sources=sources,
        )
        yield Trial(press, turned, config, Layout(folder / "archive"))


@dataclass(slots=True)
class Verdict:
    """What a trial has shown. Each list names what is wrong; `figures` are for the eye."""

    missed_edits: list[str] = field(default_factory=list)
    false_changes: list[str] = field(default_factory=list)
    missed_removals: list[str] = field(default_factory=list)
    too_often: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> list[str]:
        """All that is wrong, a line each."""
        return [
            f"{what}: {each}"
            for what, all_of_it in (
                ("missed edit", self.missed_edits), ("false change", self.false_changes),
                ("missed removal", self.missed_removals), ("asked too often", self.too_often),
                ("overwritten", self.overwritten),
            )
            for each in all_of_it
        ]  # fmt: skip


def judge(trial: Trial) -> Verdict:
    """Hold the archive against what the press says."""
    verdict = Verdict()
    for paper in trial.press.papers:
        stories = _by_story(trial.press.events, paper.name)
        for story_id, events in stories.items():
            _judge_story(trial, paper, story_id, events, verdict)
    verdict.figures["requests"] = sum(len(paper.requests) for paper in trial.press.papers)
    verdict.figures["naive"] = trial.naive
    return verdict


def _by_story(events: Sequence[Event], paper: str) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in events:
        if event.paper == paper and event.story_id:
            found.setdefault(event.story_id, []).append(event)
    return found


def _judge_story(
    trial: Trial, paper: Paper, story_id: int, events: Sequence[Event], verdict: Verdict
) -> None:
    url = events[0].url
    name = f"{paper.name} {story_id} {url}"
    target = url.removeprefix(paper.origin)
    asked = [request.at for request in paper.requests if request.target == target]
    if not asked:
        verdict.figures["never heard of"] += events[0].at < trial.clock() - timedelta(days=2)
        return
    verdict.figures["stories"] += 1
    allowed = 1 + len(trial.config.sources[0].timing.revisits)
    if len(asked) > allowed:
        verdict.too_often.append(f"{name}: {len(asked)} times")
    with Index(trial.layout.index) as index:
        article = index.article(url)
        if article is None:
            verdict.missed_edits.append(f"{name}: is not here")
            return
        versions = list(index.versions(article.id))
        visits = list(index.visits(article.id))
    # What each visit could have seen: the page as it was when it was asked for.
    truths = [paper.truth_at(story_id, at) for at in asked]
    seen = [(at, truth) for at, truth in zip(asked, truths, strict=True) if truth.kind == "article"]
    expected: list[tuple[datetime, str, str]] = []
    for at, truth in seen:
        if not expected or expected[-1][1:] != (truth.title, truth.text):
            expected.append((at, truth.title, truth.text))
    kept = [(version.first_seen, _same(version.title), _same(version.text)) for version in versions]
    verdict.figures["edits seen"] += len(expected) - 1
    for at, title, text in expected:
        if not any(
            abs(when - at) < timedelta(seconds=60) and (_same(title), _same(text)) == (one, other)
            for when, one, other in kept
        ):
            verdict.missed_edits.append(f"{name}: at {at:%d %H:%M}")
    if len(kept) > len(expected):
        verdict.false_changes.append(f"{name}: {len(kept)} versions, {len(expected)} expected")
    for at, truth in zip(asked, truths, strict=True):
        near = [visit for visit in visits if abs(visit.at - at) < timedelta(seconds=60)]
        if truth.kind in REMOVED and at > asked[0]:
            verdict.figures["removals seen"] += 1
            if not any(visit.status in (301, 302, 404, 410) for visit in near):
                verdict.missed_removals.append(f"{name}: at {at:%d %H:%M}")
        elif truth.kind not in ("article", *REMOVED):
            verdict.figures["soft seen"] += 1
            if any(visit.version is not None for visit in near):
                verdict.overwritten.append(f"{name}: by a {truth.kind} at {at:%d %H:%M}")
    gone = truths[-1].kind in REMOVED
    if gone != (article.gone_at is not None) and len(asked) > 1:
        verdict.missed_removals.append(
            f"{name}: gone is {article.gone_at}, truth {truths[-1].kind}"
        )


def _same(text: str) -> str:
    return " ".join(text.split())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial and print what it has shown."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--schedule", default="auto")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument(
        "--keep", type=Path, help="make the archive here, to be looked at afterwards"
    )
    options = parser.parse_args(arguments)
    began, cpu = monotonic(), process_time()
    timing = replace(Timing(), schedule=options.schedule)
    with (
        tempfile.TemporaryDirectory() as folder,
        trial(options.keep or Path(folder), timing, options.days) as month,
    ):
        month.go(BEGIN + timedelta(days=options.days), _tell)
        verdict = judge(month)
        for line in verdict.wrong:
            print(line)
        runs = sum(len(ticked.ran) for _, ticked in month.ticks)
        with Runs(month.layout.runs, readonly=True) as opened:
            for source in month.config.sources:
                for alarm in opened.alarms.of(source.name):
                    cleared = f", cleared {alarm.cleared_at:%d %H:%M}" if alarm.cleared_at else ""
                    print(
                        f"alarm: {alarm.source} {alarm.kind.value} {alarm.raised_at:%d %H:%M}{cleared}"
                    )
    took = f"{monotonic() - began:.0f} s, {process_time() - cpu:.0f} s of CPU in this process"
    print(f"{len(month.ticks)} ticks, {runs} runs in {took}")
    for name, count in sorted(verdict.figures.items()):
        print(f"{name:20} {count:8}")
    share = verdict.figures["requests"] / max(verdict.figures["naive"], 1)
    print(f"{'requests / naive':20} {share:8.3f}")
    return 1 if verdict.wrong else 0


def _tell(at: datetime, ticked: Ticked) -> None:
    names = ", ".join(
        f"{result.source.name} {state.value} {result.archived}" for result, state in ticked.ran
    )
    print(f"{at:%m-%d %H:%M} {names}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
