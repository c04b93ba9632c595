"""Crawls in this process: a site to script, and the newspaper crawled once at each visit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archiver.config import Config
from archiver.crawl import Result, Task, crawl
from archiver.demo.server import Exchange, NewspaperServer
from archiver.types import Source
from tests.crawl import warcs
from tests.crawl.site import Site

Crawl = Callable[..., Result]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Site]:
    """A second site, which nothing may reach unless it is named."""
    with Site() as running:
        yield running


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one process read the few pages of a scripted site: its start is what takes the time."""
    monkeypatch.setattr("archiver.executors.local.worker_count", lambda: 1)


def config(*origins: str, **more: Any) -> Config:
    """Return a configuration that lets the crawl ask `origins`, as fast as it can."""
    hosts = frozenset(origin.partition("://")[2] for origin in origins)
    return dataclasses.replace(
        Config(Path("sources.toml"), allow_hosts=hosts, delay=0, concurrency=8), **more
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def crawl_site(site: Site, archive: Path) -> Crawl:
    """Crawl the scripted site by its sitemap, or as `task` and `source` keywords say."""

    def run(*, single: str = "", settings: dict[str, Any] | None = None, **source: Any) -> Result:
        given = {"sitemaps": (site.url("/sitemap.xml"),)} | source
        made = Source("site", site.url(single or "/"), **given)
        configured = config(site.origin, **(settings or {}))
        return crawl([Task(made, single=bool(single))], configured, archive)[0]

    return run


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set Scrapy settings, such as a short DOWNLOAD_TIMEOUT, for the crawls of one test."""

    def change(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setattr(f"archiver.settings.{name}", value, raising=False)

    return change


@dataclass(frozen=True, slots=True)
class Visited:
    """The newspaper crawled at visit 1, then at visit 2, into one archive."""

    archive: Path
    origin: str
    source: Source
    results: tuple[Result, Result]
    logs: tuple[list[Exchange], list[Exchange]]
    first: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Visited:
    archive = tmp_path_factory.mktemp("newspaper") / "archive"
    with NewspaperServer() as server:
        source = Source("post", server.origin + "/")
        task, configured = Task(source), config(server.origin, sources=(source,))
        first = crawl([task], configured, archive)[0]
        until, tables = len(server.log), warcs.tables(archive)
        server.visit = 2
        second = crawl([task], configured, archive)[0]
        logs = server.log[:until], server.log[until:]
        return Visited(archive, server.origin, source, (first, second), logs, tables)
