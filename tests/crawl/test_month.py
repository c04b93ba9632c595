"""A month of five newspapers: each edit at the first visit that could see it, and nothing asked too often.

With the other tests only its first ten days go by, twice a day; with ``--faults=long`` (``make faults``) all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.runs import Runs
from archiver.types import Timing
from bench.month import BEGIN, Trial, Verdict, judge, trial
from tests.crawl import warcs


@pytest.fixture(scope="module")
def long(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--faults") == "long")


@pytest.fixture(scope="module")
def month(
    tmp_path_factory: pytest.TempPathFactory, long: bool, lent_worker: None
) -> Iterator[Trial]:
    """Let the time go by."""
    timing = replace(Timing(), schedule="0 */6 * * *" if long else "0 */12 * * *")
    days = 30 if long else 10
    with trial(tmp_path_factory.mktemp("month"), timing) as running:
        running.go(BEGIN + timedelta(days=days), lambda at, ticked: None)
        yield running


@pytest.fixture(scope="module")
def verdict(month: Trial) -> Verdict:
    return judge(month)


def test_every_edit_and_removal_is_seen_and_none_that_was_not(verdict: Verdict, long: bool) -> None:
    assert verdict.wrong == []
    seen = [
        verdict.figures[what] for what in ("stories", "edits seen", "removals seen", "soft seen")
    ]
    least = (151, 15, 3, 2) if long else (80, 3, 1, 1)
    assert all(count >= few for count, few in zip(seen, least, strict=True)), seen


def test_a_seventh_of_the_requests_is_enough(verdict: Verdict, long: bool) -> None:
    if not long:
        pytest.skip("of a month")
    assert verdict.figures["requests"] <= 0.15 * verdict.figures["naive"]


def test_each_silent_source_is_one_alarm(month: Trial, long: bool) -> None:
    if not long:
        pytest.skip("the feed dies on the twelfth day")
    with Runs(month.layout.runs, readonly=True) as runs:
        alarms = {source.name: runs.alarms.of(source.name) for source in month.config.sources}
    (silent,) = alarms.pop("fanus")
    dies = BEGIN + timedelta(days=12)
    assert dies < silent.raised_at
    assert silent.cleared_at is None
    (down,) = alarms.pop("anchor-en")
    assert down.kind.value == "unreachable"
    assert down.cleared_at is not None
    assert timedelta(0) < down.cleared_at - down.raised_at < timedelta(days=2)
    assert [found for found in alarms.values() if found] == []


def test_a_rebuild_knows_the_same_month(month: Trial) -> None:
    archive = month.layout.root
    before = _tables(archive)
    rebuild(Layout(archive), month.config.sources)
    assert _tables(archive) == before


def _tables(archive: Path) -> dict[str, object]:
    """Return all tables; which of several sources was learned of first is no part of the archive."""
    profiles = warcs.rows(archive, "SELECT source, profile, stale FROM profiles ORDER BY source")
    return {**warcs.tables(archive), "profiles": profiles}
