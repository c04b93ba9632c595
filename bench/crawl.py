"""What a page costs: archiver's crawl against plain Scrapy with trafilatura inline, CPU for CPU.

`python -m bench.crawl` serves a site from a process of its own and crawls it with both in turn, each
time in a fresh process. Counted is the CPU of that process and of all its children (user and system,
from start to end, imports too), which other work on the machine hardly moves. Plain Scrapy keeps
nothing; archiver keeps WARC, index and full text.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

GOAL = 1.6  # times the CPU of plain Scrapy
GOAL_PAGES = 500  # on so many pages, over which starting up is spread
CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Site:
    """The site that is crawled."""

    origin: str
    pages: int
    bytes: int

    @property
    def sitemap(self) -> str:
        """The address of the one sitemap."""
        return f"{self.origin}/sitemap.xml"


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl: CPU and wall in seconds, pages answered and pages with an article's text."""

    cpu: float
    wall: float
    pages: int
    texts: int


def crawl_plainly(sitemap: str) -> tuple[int, int]:
    """Crawl with Scrapy as it comes, extracting in the callback; returns pages and texts."""
    import trafilatura
    from scrapy.crawler import CrawlerProcess
    from scrapy.spiders import SitemapSpider

    class PlainSpider(SitemapSpider):
        name = "plain"
        sitemap_urls = (sitemap,)

        def parse(self, response: Any, **_: Any) -> None:
            found = trafilatura.bare_extraction(
                response.text, url=response.url, include_comments=False, with_metadata=True
            )
            texts.append(bool(found and found.text))

    texts: list[bool] = []
    settings = {
        "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "CRITICAL",
    }
    process = CrawlerProcess(settings)
    process.crawl(PlainSpider)
    process.start()
    return len(texts), sum(texts)


def crawl_with_archiver(sitemap: str) -> tuple[int, int]:
    """Crawl into a fresh archive; returns pages and articles."""
    from archiver.config import Config
    from archiver.crawl import Task, crawl
    from archiver.types import Source

    home = sitemap.rpartition("/")[0] + "/"
    host = home.removeprefix("http://").rstrip("/")
    source = Source("bench", home, sitemaps=(sitemap,))
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            Path(folder, "sources.toml"),
            allow_hosts=frozenset([host]),
            delay=0,
            concurrency=CONCURRENCY,
        )
        result = crawl([Task(source)], config, Path(folder, "archive"))[0]
    hubs = result.outcomes["hub"]
    return result.articles + hubs, result.articles


CONTESTANTS = {"plain Scrapy": crawl_plainly, "archiver": crawl_with_archiver}


@contextmanager
def served(pages: int, corpus: Path | None) -> Iterator[Site]:
    """Serve a site from another process, for a while."""
    command = [sys.executable, "-m", "bench.site", "--pages", str(pages)]
    command += ["--corpus", str(corpus)] if corpus else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # it was asked for
            yield Site(**json.loads(server.stdout.readline()))
        finally:
            server.terminate()


def measure(name: str, site: Site) -> Run:
    """Crawl once in a fresh process and count what it and its children used."""
    command = [sys.executable, "-m", "bench.crawl", "--run", name, "--sitemap", site.sitemap]
    start = monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # it was asked for
        told = process.stdout.read()
        # wait4 tells of exactly this child and of those it has waited for itself.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"bench: {name} ended with exit code {process.returncode}")
    pages, texts = json.loads(told.splitlines()[-1])
    return Run(used.ru_utime + used.ru_stime, monotonic() - start, pages, texts)


def report(site: Site, runs: dict[str, list[Run]]) -> int:
    """Print what was measured; returns 1 when pages were lost or the goal is missed."""
    print(f"{site.pages} pages of {site.bytes / site.pages / 1000:.0f} kB on average")
    for name, each in runs.items():
        costs = [1000 * run.cpu / site.pages for run in each]
        print(f"\n{name}")
        print(f"  CPU ms a page  {median(costs):6.1f}  ({_spread(costs)})")
        print(
            f"  wall s         {median(r.wall for r in each):6.1f}  ({_spread([r.wall for r in each])})"
        )
        print(
            f"  pages {min(r.pages for r in each)}, with an article's text {min(r.texts for r in each)}"
        )
    ours, plain = (median(r.cpu for r in runs[name]) for name in ("archiver", "plain Scrapy"))
    lost = any(run.pages != site.pages for each in runs.values() for run in each)
    print(f"\narchiver / plain Scrapy: {ours / plain:.2f} (goal: {GOAL} on {GOAL_PAGES} pages)")
    if lost:
        print("pages were lost")
    return int(lost or (site.pages >= GOAL_PAGES and ours > GOAL * plain))


def _spread(values: Sequence[float]) -> str:
    return " ".join(f"{value:.1f}" for value in values)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both in alternation, in one run."""
    parser = argparse.ArgumentParser(prog="python -m bench.crawl", description=main.__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--corpus", type=Path, help="serve html/*.html.gz of this folder instead")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--sitemap", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.run:
        print(json.dumps(CONTESTANTS[options.run](options.sitemap)))
        return 0
    runs: dict[str, list[Run]] = {name: [] for name in CONTESTANTS}
    with served(options.pages, options.corpus) as site:
        for _ in range(options.rounds):
            for name, each in runs.items():
                each.append(measure(name, site))
    return report(site, runs)


if __name__ == "__main__":
    sys.exit(main())
