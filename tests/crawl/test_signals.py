"""Signals to a real process: the first ends it soon, the second at once, and nothing is lost.

A worker that is stopped (SIGSTOP) stands for one that hangs on a hostile page.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crawl import warcs
from tests.crawl.site import Site

ROOT = Path(__file__).parents[2]
LONG = 20  # seconds that an interrupted crawl may take at the most
# Runs the command line; the first worker that is given the job called argv[1] is stopped before
# it begins, and its process id is printed. argv[2]: the seconds of grace.
HANGING = """
import os, signal, sys
from archiver import stopping
from archiver.executors import local

wanted, stopping.GRACE = sys.argv.pop(1), float(sys.argv.pop(1))
run = local._Worker.run

def hanging(self, job, arguments):
    if job.__name__ == wanted:
        self._started()
        os.kill(self._process.pid, signal.SIGSTOP)
        print(self._process.pid, flush=True)
    return run(self, job, arguments)

local._Worker.run = hanging
local.worker_count = lambda: 1
from archiver.cli import main
main()
"""
PLAIN = ["-m", "archiver"]


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    site.stories(*(f"/{number}" for number in range(6)))
    (tmp_path / "sources.toml").write_text(
        f'delay = 0\nconcurrency = 4\nallow_hosts = ["{site.address}"]\n'
        f'[sources.site]\nhome = "{site.url()}"\nsitemaps = ["{site.url("/sitemap.xml")}"]\n',
        "utf-8",
    )
    return tmp_path


@contextmanager
def crawling(folder: Path, how: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        [sys.executable, *how, "crawl"], cwd=folder, text=True,
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def hang(job: str, grace: float = 0.5) -> list[str]:
    return ["-c", HANGING, job, str(grace)]


def stopped_worker(process: subprocess.Popen[str]) -> int:
    """Wait until a worker hangs; returns a descriptor that becomes readable when it is gone."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    return os.pidfd_open(int(line))


def gone(worker: int) -> bool:
    ready, _, _ = select.select([worker], [], [], LONG)
    os.close(worker)
    return bool(ready)


def finish(folder: Path) -> str:
    """Run the crawl to its end; returns what it told. Every record has its row then."""
    with crawling(folder, PLAIN) as process:
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors + out
    archive = folder / "archive"
    assert all(file.name.endswith(".warc.gz") for file in (archive / "warcs").iterdir())
    kept = [record.fields["WARC-Record-ID"] for record in warcs.answers(archive)]
    assert warcs.rows(archive, "SELECT record_id FROM exchanges ORDER BY id") == [
        (name,) for name in kept
    ]
    assert len(warcs.rows(archive, "SELECT id FROM articles")) == 6
    assert not warcs.rows(archive, "SELECT id FROM exchanges WHERE completeness = 'raw_only'")
    return errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("job", ["discover", "read", "learn"])
def test_a_hanging_worker_holds_nobody(folder: Path, job: str, number: signal.Signals) -> None:
    with crawling(folder, hang(job)) as process:
        worker = stopped_worker(process)
        process.send_signal(number)
        out, errors = process.communicate(timeout=LONG)
    assert process.returncode == 130, errors
    assert "all that was fetched is kept" in errors
    assert "Traceback" not in out + errors
    assert "faults" not in out
    assert gone(worker)
    archive = folder / "archive"
    assert all(file.name.endswith(".warc.gz") for file in (archive / "warcs").iterdir())
    held = len(warcs.answers(archive)) - len(warcs.rows(archive, "SELECT id FROM exchanges"))
    assert (held > 0) == (job == "read")
    told = finish(folder)
    assert (f"indexed {held} exchanges that an earlier run had left" in told) == (held > 0)


def test_a_second_signal_ends_it_at_once(folder: Path) -> None:
    with crawling(folder, hang("read", grace=LONG * 2)) as process:
        worker = stopped_worker(process)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=LONG)
    assert process.returncode == 130
    assert "at once" in errors
    assert gone(worker)
    finish(folder)


def test_a_killed_crawl_leaves_no_worker_and_loses_nothing(folder: Path) -> None:
    with crawling(folder, hang("read", grace=LONG * 2)) as process:
        worker = stopped_worker(process)
        process.kill()
        assert gone(worker)
    assert list((folder / "archive" / "warcs").glob("*.open"))
    assert "that an earlier run had left" in finish(folder)


def test_told_to_stop_while_it_catches_up(folder: Path) -> None:
    with crawling(folder, hang("read", grace=LONG * 2)) as process:
        os.close(stopped_worker(process))
        process.kill()
    with crawling(folder, hang("read")) as process:
        worker = stopped_worker(process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=LONG)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert gone(worker)
    finish(folder)
