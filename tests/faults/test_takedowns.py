"""kill -9 in a takedown: the next process that writes finishes it, whatever it was, and nothing else is changed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from archiver import seals
from archiver.layout import Layout
from tests.crawl.site import Site
from tests.faults import audit
from tests.faults.points import load
from tests.faults.town import Launcher, Town
from tests.test_takedown import faults, holding, members

WANTED = "/news/story-4"  # its bytes are those of /news/copy, too
FINISHERS = (("takedown", "--continue"), ("rebuild",), ("crawl",), ("repair",))


def take_down(launcher: Launcher, town: Town, **faults_: object) -> audit.Any:
    url = town.site.url(WANTED)
    return launcher.run("takedown", url, "--reason", "asked for", "--yes", town=town, **faults_)


def test_kills_of_a_takedown(
    launcher: Launcher, site: Site, tmp_path: Path, chance: random.Random, long: bool
) -> None:
    first = Town.at(tmp_path / "first", site)
    assert launcher.run("crawl", town=first).code == 0
    before = {path.name: members(path) for path in (first.archive / "warcs").iterdir()}
    whole = copied(first, tmp_path / "whole")
    record = tmp_path / "points"
    assert take_down(launcher, whole, record=str(record)).code == 0
    points = load(record)
    assert {point.what for point in points} >= {"write", "sync", "commit", "rename", "unlink"}
    cuts = [(n, how) for n in range(1, len(points) + 1) for how in ("before", "midst", "after")]
    chosen = cuts if long else chance.sample(cuts, 8)
    killed = 0
    for count, (number, how) in enumerate(chosen):
        town = copied(first, tmp_path / f"{number}-{how}")
        killed += take_down(launcher, town, die=(number, how)).killed
        begun = bool(seals.read(Layout(town.archive).takedowns))
        finisher = FINISHERS[count % len(FINISHERS)] if begun else ("takedown", "--continue")
        if not long or count % 5 == 0:
            launcher.run(*finisher, town=town, die=(chance.randint(1, 12), "before"))
        ended = launcher.run(*finisher, town=town)
        told = f"killed {how} point {number} of {len(points)}, then {finisher}: {ended.said}"
        assert ended.code == 0, told
        if not begun:
            assert take_down(launcher, town).code == 0
        check(town, before, told)
        # What is learned of the source again is left to the next run, as after a crawl that was killed.
        assert launcher.run("takedown", "--continue", town=town).code == 0
        rows = audit.rows(town.archive)
        assert launcher.run("rebuild", town=town).code == 0
        assert audit.differing(town.archive, rows) == [], told
        town.clear()
    assert killed > 1
    print(f"killed {killed} of {len(chosen)} takedowns, {len(points)} points")


def copied(town: Town, folder: Path) -> Town:
    again = Town.at(folder, town.site)
    shutil.copytree(town.archive, again.archive)
    return again


def check(town: Town, before: dict[str, dict[int, bytes]], told: str) -> None:
    """The words are gone, the archive is whole, and every other record has its bytes."""
    layout = Layout(town.archive)
    assert faults(layout) == [], told
    log = seals.read(layout.takedowns)
    assert not log.pending, told
    assert len(log.places()) == 6, told
    for name, was in before.items():
        now = members(layout.warcs / name)
        assert list(now) == list(was), told
        changed = {(name, offset) for offset in was if now[offset] != was[offset]}
        assert changed == {place for place in log.places() if place[0] == name}, told
    assert holding(town.archive, f"Story {WANTED}") == set(), told
