"""Ends that are no crash: no room on the disk, a second crawl, SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from time import monotonic

import pytest

from tests.crawl.site import Site, Talk, reply, story
from tests.faults import audit
from tests.faults.town import PATIENCE, Ended, Launcher, Town, environment, publish

SOON = 20.0  # seconds from SIGTERM to the end
Finish = Callable[..., list[str]]


def test_a_disk_that_takes_no_more_of_a_warc(
    launcher: Launcher, town: Town, finish: Finish, long: bool
) -> None:
    """The write is cut in its midst, and nothing more can be written."""
    for full in (1, 2, 3, 5, 8, 13, 21) if long else (5,):
        ended = launcher.run("crawl", town=town, full=full)
        _stopped(ended)
        before = audit.committed(town.archive)
        assert len(before.exchanges) == max(
            0, full - 2
        )  # without warcinfo and the one that was cut
        assert finish(town, before) == []
        town.clear()


def test_a_disk_that_does_not_even_take_back(
    launcher: Launcher, town: Town, finish: Finish
) -> None:
    """A file whose torn end could not be cut off stays open, for the next start to mend."""
    _stopped(launcher.run("crawl", town=town, full=5, stuck=True))
    before = audit.committed(town.archive)
    assert finish(town, before) == []


def test_files_that_may_not_grow(
    launcher: Launcher, town: Town, finish: Finish, long: bool
) -> None:
    """The index's log is what grows fastest: its rows are lost, and come back from the WARC files."""
    for limit in (30_000, 60_000, 130_000, 180_000, 220_000) if long else (180_000,):
        ended = launcher.run("crawl", town=town, limit=limit)
        _stopped(ended)
        before = audit.committed(town.archive)
        assert finish(town, before) == []
        town.clear()


@pytest.fixture
def small_disk(town: Town) -> Iterator[Town]:
    """A town whose archive lies on a file system of its own, which has no room for a whole crawl."""
    town.archive.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(town.archive)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may make a small file system")
    yield town
    subprocess.run(["umount", "-l", str(town.archive)], check=True)


def test_a_full_disk(launcher: Launcher, small_disk: Town, finish: Finish) -> None:
    ended = launcher.run("crawl", town=small_disk)
    _stopped(ended)
    before = audit.committed(small_disk.archive)
    again = launcher.run("crawl", town=small_disk)
    _stopped(again)
    middle = audit.committed(small_disk.archive)
    roomy = ["mount", "-o", "remount,size=100M", str(small_disk.archive)]
    subprocess.run(roomy, check=True)
    assert finish(small_disk, before, middle) == []


def _stopped(ended: Ended) -> None:
    """Check that a crawl stopped by itself, and said why without a traceback."""
    assert ended.code > 0, ended.said
    assert "Traceback" not in ended.said
    assert "archiver: " in ended.said.splitlines()[-1]


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Town]:
    """A newspaper of its own, with one story that does not come to its end before it is let go."""
    with Site() as site:
        publish(site)
        yield Town.at(tmp_path / "slow", site)


def test_twin_crawls(slow: Town) -> None:
    """Exactly one runs; the other leaves at once, and says so in one line."""
    robots = slow.site.answers["/robots.txt"]
    assert isinstance(robots, bytes)

    def held(talk: Talk) -> None:
        talk.hold()
        talk.send(robots)

    slow.site.answers["/robots.txt"] = held
    ended: Queue[Ended] = Queue()
    twins = [Thread(target=lambda: ended.put(_archiver(slow, "crawl"))) for _ in range(2)]
    for twin in twins:
        twin.start()
    first = ended.get(timeout=PATIENCE)
    assert first.code == 1
    assert first.said.count("\n") == 1
    assert "another archiver is writing to this archive" in first.said
    assert _archiver(slow, "rebuild").code == 1
    slow.site.release.set()
    assert ended.get(timeout=PATIENCE).code == 0
    assert slow.site.targets.count("/robots.txt") == 1
    assert audit.audit(slow.archive) == []


def test_a_crawl_beside_a_rebuild(slow: Town, launcher: Launcher) -> None:
    """Each comes before, after, or not at all."""
    assert launcher.run("crawl", town=slow).code == 0
    ended: Queue[Ended] = Queue()
    for command in ("rebuild", "crawl"):
        Thread(target=lambda told: ended.put(_archiver(slow, told)), args=(command,)).start()
    codes = {ended.get(timeout=PATIENCE).code for _ in range(2)}
    assert codes in ({0}, {0, 1})
    assert audit.audit(slow.archive) == []


def test_sigterm_under_a_slow_body(slow: Town, launcher: Launcher, long: bool) -> None:
    held = reply(story("/news/slow"))
    longest = 0.0
    slow.site.stories("/news/slow", *(f"/news/story-{number}" for number in range(3, 9)))

    def stall(talk: Talk) -> None:
        talk.send(held[:-100])
        talk.hold()

    slow.site.answers["/news/slow"] = stall
    for number in range(20 if long else 1):
        town = Town.at(slow.folder / str(number), slow.site)
        slow.site.holding.clear()
        process = _start(town, "crawl")
        assert slow.site.holding.wait(PATIENCE)
        at = monotonic()
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE)
        longest = max(longest, monotonic() - at)
        assert process.returncode == 130, out
        assert "Traceback" not in out
        before = audit.committed(town.archive)
        assert audit.audit(town.archive) == []
        asked = len(slow.site.asked)
        assert launcher.run("crawl", town=town).code == 0
        wrong = audit.asked_again(before, slow.site.origin, slow.site.targets[asked:])
        assert wrong + audit.audit(town.archive, [before]) == []
    assert not long or longest < SOON
    print(f"longest time from SIGTERM to the end: {longest:.1f} s")


def _start(town: Town, *arguments: str) -> subprocess.Popen[str]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})  # inherited, and one core means one worker
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "archiver", *arguments], cwd=town.folder, env=environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    finally:
        os.sched_setaffinity(0, allowed)


def _archiver(town: Town, *arguments: str) -> Ended:
    """Run ``python -m archiver`` to its end."""
    with _start(town, *arguments) as process:
        out, _ = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out)
