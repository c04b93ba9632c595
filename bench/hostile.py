"""What a hostile site costs: memory of the whole process tree, pauses of the event loop, worker time.

`python -m bench.hostile` crawls three sites, each from a process of its own into a fresh archive: the good pages
alone, the hostile ones alone with the good ones, and 40 bodies of 32 MiB. The memory is the sum of
the proportional set sizes of the crawl and its workers, sampled ten times a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from tests.crawl import hostile
from tests.crawl.site import Site, Talk, reply

GOOD = 50
MEMORY_GOAL = 600  # MB that a hostile crawl may take over an ordinary one
PAUSE_GOAL = 1.0  # seconds
TASK_GOAL = 15.0  # seconds


def good_site(site: Site) -> list[str]:
    """Serve the good pages, listed in a sitemap."""
    site.stories(*(f"/good/{number}" for number in range(GOOD)))
    return [site.url("/sitemap.xml")]


def hostile_site(site: Site) -> list[str]:
    """Serve the good pages, and everything that means harm as pages, feeds and sitemaps."""
    return good_site(site) + hostile.serve(site)


def large_site(site: Site) -> list[str]:
    """Serve the good pages, and bodies of 32 MiB as pages and sitemaps."""
    noise = os.urandom(32 * 1024**2)
    pages = [f"/large/{number}" for number in range(40)]
    site.stories(*(f"/good/{number}" for number in range(GOOD)), *pages)
    body = reply(b"<html>" + noise[:-6])
    xml = reply(b"<urlset>" + noise[:-8], "Content-Type: application/xml")
    site.answers |= dict.fromkeys(pages, body)
    maps = [f"/map/{number}" for number in range(8)]
    site.answers |= dict.fromkeys(maps, xml)
    return [site.url(path) for path in ("/sitemap.xml", *maps)]


SITES: dict[str, Callable[[Site], list[str]]] = {
    "good": good_site,
    "hostile": hostile_site,
    "large": large_site,
}


def tree(pid: int) -> Iterator[int]:
    """Yield `pid` and all that it started."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def memory(pid: int) -> float:
    """Return the proportional set size of a process in MB; 0 when it is gone."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0


def crawl_here(origin: str, sitemaps: Sequence[str]) -> dict[str, Any]:
    """Crawl in this process; returns what it brought, the longest pause and the longest task."""
    from archiver.config import Config
    from archiver.crawl import Task, crawl
    from archiver.executors import local
    from archiver.types import Source

    pauses, tasks = [0.0], [0.0]
    run = local._Worker.run

    def timed(self: Any, job: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        start = monotonic()
        try:
            return run(self, job, arguments)
        finally:
            tasks.append(monotonic() - start)

    def beat(before: float) -> None:
        now = monotonic()
        pauses.append(now - before - 0.01)
        asyncio.get_running_loop().call_later(0.01, beat, now)

    def progress(results: object) -> None:
        if len(pauses) == 1:
            pauses.append(0.0)
            asyncio.get_running_loop().call_later(0.01, beat, monotonic())

    local._Worker.run = timed  # type: ignore[method-assign]
    source = Source("bench", f"{origin}/", sitemaps=tuple(sitemaps), deny=hostile.DENY)
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            Path(folder, "sources.toml"),
            allow_hosts=frozenset([origin.removeprefix("http://")]),
            delay=0,
            concurrency=32,
        )
        (result,) = crawl([Task(source)], config, Path(folder, "archive"), progress=progress)
        archived = _good_articles(Path(folder, "archive", "index.db"))
    return {
        "good": archived,
        "pause": max(pauses),
        "task": max(tasks),
        "outcomes": dict(result.outcomes),
        "refused": dict(result.refused),
    }


def _good_articles(index: Path) -> int:
    from archiver.store.search import Index
    from archiver.types import Query

    with Index(index) as opened:
        return sum("/good/" in article.url for article in opened.stream(Query()))


def measure(name: str) -> dict[str, Any]:
    """Serve the site `name` here, crawl it from a fresh process, and sample its memory."""
    last_good = [0.0]

    class Noting(Site):
        def _answer(self, connection: Any, request: bytes, number: int) -> None:
            if b" /good/" in request[:20]:
                last_good[0] = monotonic()
            super()._answer(connection, request, number)

    with Noting() as site:
        sitemaps = SITES[name](site)
        site.answers.setdefault("/hold", Talk.hold)
        command = [sys.executable, "-m", "bench.hostile", "--crawl", site.origin, *sitemaps]
        peak, parts, start = 0.0, [0.0], monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            ended = threading.Event()
            threading.Thread(target=lambda: (process.wait(), ended.set()), daemon=True).start()
            while not ended.wait(0.1):
                now = [memory(pid) for pid in tree(process.pid)]
                peak, parts = max((peak, parts), (sum(now), now))
            assert process.stdout is not None
            found: dict[str, Any] = json.loads(process.stdout.read().splitlines()[-1])
        return found | {
            "peak": peak,
            "parts": parts,
            "wall": monotonic() - start,
            "good_wall": last_good[0] - start,
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; returns 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=main.__doc__)
    parser.add_argument("--crawl", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("sites", nargs="*", default=list(SITES), help=f"of {', '.join(SITES)}")
    options = parser.parse_args(arguments)
    if options.crawl:
        print(json.dumps(crawl_here(options.crawl[0], options.crawl[1:])))
        return 0
    missed, ordinary = 0, 0.0
    for name in options.sites:
        found = measure(name)
        ordinary = ordinary or found["peak"]
        more = found["peak"] - ordinary
        print(
            f"{name:8} memory {found['peak']:5.0f} MB ({more:+5.0f};"
            f" {' + '.join(f'{part:.0f}' for part in found['parts'])})  pause {found['pause']:5.2f} s"
            f"  longest task {found['task']:5.1f} s  good pages {found['good']} of {GOOD}, the last"
            f" asked for after {found['good_wall']:.1f} s of {found['wall']:.1f}  {found['outcomes']}",
            flush=True,
        )
        missed |= more > MEMORY_GOAL or found["pause"] > PAUSE_GOAL
        missed |= found["task"] > TASK_GOAL or found["good"] != GOOD
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
