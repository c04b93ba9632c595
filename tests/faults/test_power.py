"""Power cuts: whatever the disk did not sync is gone or wrong, and nothing is lost that had its row."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.crawl.site import Site
from tests.faults import audit
from tests.faults.disk import Damaging, disk_at, moved, synced_only
from tests.faults.points import Point, load
from tests.faults.town import Launcher, Town

GZIP = b"\x1f\x8b"


def test_power_cuts(
    launcher: Launcher, site: Site, finish: Callable[..., list[str]], tmp_path: Path,
    chance: random.Random, long: bool,
) -> None:  # fmt: skip
    points = _recorded(launcher, Town.at(tmp_path / "recorded", site), tmp_path)
    acknowledged = 0
    for number in range(200 if long else 3):
        until = chance.randint(1, len(points))
        town = Town.at(tmp_path / f"cut-{number}", site)
        before, what = _cut(points[:until], town, chance)
        acknowledged += len(before.exchanges)
        wrong = finish(town, before)
        assert wrong == [], f"image {number}: cut behind point {until}: {what}" + audit.told(wrong)
        town.clear()
    assert acknowledged
    print(f"{acknowledged} acknowledged exchanges looked for")


def test_a_crawl_goes_on_although_none_of_its_commits_has_lasted(
    launcher: Launcher, site: Site, finish: Callable[..., list[str]], town: Town, tmp_path: Path,
    chance: random.Random,
) -> None:  # fmt: skip
    """The exchanges come back from the WARC files; that the crawl goes on is the index's to keep."""
    points = _recorded(launcher, Town.at(tmp_path / "recorded", site), tmp_path)
    until = max(
        n for n, point in enumerate(points, 1) if point.what == "write" and point.size > 20000
    )
    before, _ = _cut(points[:until], town, chance, synced_only)
    assert before.after is not None
    assert len(audit.committed(town.archive).exchanges) < len(before.exchanges)
    assert finish(town, before) == []


def test_what_a_killed_crawl_had_written_lasts_before_it_has_rows(
    launcher: Launcher, site: Site, finish: Callable[..., list[str]], town: Town, tmp_path: Path,
    chance: random.Random,
) -> None:  # fmt: skip
    """kill -9, the next start, and then a power cut: a row that has lasted must lead to a record."""
    first = Town.at(tmp_path / "first", site)
    record = tmp_path / "points"
    for die in ((6, "after", "write"), (3, "after", "commit")):
        assert launcher.run("crawl", town=first, record=str(record), die=die).killed
    points = moved(load(record), first.archive, Path("/archive"))
    before, _ = _cut(points, town, chance, _lucky_log)
    assert finish(town, before) == []


def _lucky_log(data: bytes, synced: int, chance: random.Random) -> tuple[bytes, str]:
    """Lose what was not synced of WARC files, and nothing of the log, which the disk had time for."""
    return (data[:synced], "what was synced") if data.startswith(GZIP) else (data, "all")


def _cut(
    points: list[Point], town: Town, chance: random.Random, damage: Damaging | None = None
) -> tuple[audit.Committed, str]:
    """Leave in `town` what a power cut behind the last point leaves; returns what was acknowledged."""
    before = _acknowledged(points, town.folder / "whole")
    here = moved(points, Path("/archive"), town.archive)
    return before, disk_at(here, len(here)).cut(town.archive, chance, damage)


def _recorded(launcher: Launcher, town: Town, folder: Path) -> list[Point]:
    """Return the points of a crawl, as if its archive had been in /archive."""
    record = folder / "points"
    assert launcher.run("crawl", town=town, record=str(record)).code == 0
    return moved(load(record), town.archive, Path("/archive"))


def _acknowledged(points: list[Point], archive: Path) -> audit.Committed:
    """Return what the process had committed, and could have told somebody, when the power went."""
    disk_at(moved(points, Path("/archive"), archive), len(points)).whole(archive)
    return audit.committed(archive)
