"""kill -9 at any instant and at every write: what was committed stays, and the crawl goes on."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from tests.crawl.site import Site
from tests.faults import audit
from tests.faults.onlooker import Onlooker
from tests.faults.points import load
from tests.faults.town import Launcher, Running, Town

Finish = Callable[..., list[str]]
IN_A_ROW = 5  # kills of one crawl at the most


def test_kills_at_random_instants(
    launcher: Launcher,
    site: Site,
    finish: Finish,
    tmp_path: Path,
    chance: random.Random,
    long: bool,
) -> None:
    left, number, committed, looks = (100 if long else 3), 0, 0, 0
    while left:
        number += 1
        town = Town.at(tmp_path / f"{number}", site)
        with Onlooker(town.index) as onlooker:
            times = min(left, chance.randint(1, IN_A_ROW))
            kills, before, wrong = _killed(launcher, site, town, chance, times)
            left -= kills
            committed += sum(len(one.exchanges) for one in before)
            wrong += finish(town, *before)
            wrong += onlooker.close()
            looks += onlooker.looks
        assert wrong == [], f"crawl {number}" + audit.told(wrong)
        town.clear()
    assert committed
    assert looks
    print(f"{number} crawls, {committed} committed exchanges looked for, {looks} looks of a reader")


def _killed(
    launcher: Launcher, site: Site, town: Town, chance: random.Random, times: int
) -> tuple[int, list[audit.Committed], list[str]]:
    """Kill one crawl so many times, if it does not end before; returns what each time was there."""
    before: list[audit.Committed] = []
    wrong: list[str] = []
    for kills in range(times):
        asked = len(site.asked)
        killed = _kill(launcher.start("crawl", town=town), site, chance)
        if before:
            wrong += audit.asked_again(before[-1], site.origin, site.targets[asked:])
        before.append(audit.committed(town.archive))
        if not killed:
            return kills, before, wrong
    return times, before, wrong


def _kill(running: Running, site: Site, chance: random.Random) -> bool:
    """Kill a crawl some moments after it has asked for so many pages; tells whether it was in time."""
    wanted, wait = len(site.asked) + chance.randint(0, 20), chance.choice([0, 0.02, 0.1, 0.4])
    over = threading.Event()

    def kill() -> None:
        # A chance instant, and no time that anything is measured by.
        while len(site.asked) < wanted and not over.wait(0.002):
            pass
        over.wait(chance.random() * wait)
        running.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    ended = running.wait()
    over.set()
    thread.join()
    return ended.killed


def test_kills_at_every_point(
    launcher: Launcher,
    site: Site,
    finish: Finish,
    tmp_path: Path,
    chance: random.Random,
    long: bool,
) -> None:
    """A point is a write, a sync, a rename, a commit: before it, behind it, or in the midst of a write."""
    whole = Town.at(tmp_path / "whole", site)
    record = tmp_path / "points"
    assert launcher.run("crawl", town=whole, record=str(record)).code == 0
    points = load(record)
    cuts = [
        (number, how)
        for number, point in enumerate(points, 1)
        for how in ("before", "midst", "after")
        if how != "midst" or point.what == "write"
    ]
    assert {point.what for point in points} >= {"create", "write", "sync", "commit", "rename"}
    killed = 0
    for number, how in cuts if long else [*chance.sample(cuts, 2), cuts[-1]]:
        town = Town.at(tmp_path / f"{number}-{how}", site)
        ended = launcher.run("crawl", town=town, die=(number, how))
        before = audit.committed(town.archive)
        # Chance decides how many exchanges share a sync: a crawl may have fewer points than the first.
        killed += ended.killed
        wrong = finish(town, before)
        assert wrong == [], f"killed {how} point {number} of {len(points)}" + audit.told(wrong)
        town.clear()
    assert killed > 1
    print(f"killed {killed} of {len(cuts)} crawls, {len(points)} points")


def test_kills_while_a_stopped_crawl_is_mended(
    launcher: Launcher,
    site: Site,
    finish: Finish,
    tmp_path: Path,
    chance: random.Random,
    long: bool,
) -> None:
    """The next start, which cuts the torn tail and indexes what has no row, is killed too."""
    town = Town.at(tmp_path / "first", site)
    assert launcher.run("crawl", town=town, die=(40, "midst")).killed
    torn = [path for path in (town.archive / "warcs").iterdir() if path.name.endswith(".open")]
    with torn[0].open("ab") as stream:
        stream.write(b"\x1f\x8b\x08 torn")
    before = audit.committed(town.archive)
    for number in range(1, 25) if long else [chance.randint(1, 8)]:
        again = Town.at(tmp_path / f"{number}", site)
        shutil.copytree(town.archive, again.archive)
        launcher.run("crawl", town=again, die=(number, "before"))
        middle = audit.committed(again.archive)
        wrong = finish(again, before, middle)
        assert wrong == [], f"killed before point {number} of mending" + audit.told(wrong)
        again.clear()


def test_kills_while_the_index_is_made_anew(
    launcher: Launcher,
    site: Site,
    finish: Finish,
    tmp_path: Path,
    chance: random.Random,
    long: bool,
) -> None:
    """The old index or the new one is there, whole, wherever a rebuild is killed."""
    town = Town.at(tmp_path / "first", site)
    assert launcher.run("crawl", town=town, die=(50, "after")).killed
    before = audit.committed(town.archive)
    assert before.exchanges
    for number in range(1, 41) if long else [chance.randint(1, 19)]:
        again = Town.at(tmp_path / f"{number}", site)
        shutil.copytree(town.archive, again.archive)
        launcher.run("rebuild", town=again, die=(number, chance.choice(["before", "after"])))
        middle = audit.committed(again.archive)
        wrong = audit.lost(before, middle) + finish(again, middle)
        assert wrong == [], f"killed at point {number} of a rebuild" + audit.told(wrong)
        again.clear()


def test_a_kill_as_the_new_index_takes_the_place_of_one_that_was_being_folded(
    launcher: Launcher, finish: Finish, town: Town, tmp_path: Path
) -> None:
    """Without its log, an index whose checkpoint was killed is malformed: it must not be left so."""
    assert launcher.run("crawl", town=town, die=(60, "after")).killed
    spare = Town.at(tmp_path / "spare", town.site)
    shutil.copytree(town.archive, spare.archive)
    record = tmp_path / "points"
    assert launcher.run("rebuild", town=spare, record=str(record)).code == 0
    swap = [number for number, point in enumerate(load(record), 1) if point.to == str(spare.index)]
    before = audit.committed(town.archive)
    fold_by_half(town.index)
    assert audit.committed(town.archive) == before
    assert launcher.run("rebuild", town=town, die=(swap[-1], "before")).killed
    middle = audit.committed(town.archive)
    assert audit.lost(before, middle) + finish(town, before, middle) == []


def fold_by_half(index: Path) -> None:
    """Write every other page of the log into the index, as a checkpoint that is killed does.

    See "WAL-mode File Format" in SQLite's documentation.
    """
    log = index.with_name(index.name + "-wal").read_bytes()
    size, salt = int.from_bytes(log[8:12], "big"), log[16:24]
    pages = {}
    for at in range(32, len(log) - size, size + 24):
        if log[at + 8 : at + 16] == salt:
            pages[int.from_bytes(log[at : at + 4], "big")] = log[at + 24 : at + 24 + size]
    assert len(pages) > 10
    with index.open("r+b") as stream:
        for number in sorted(pages)[::2]:
            stream.seek((number - 1) * size)
            stream.write(pages[number])
