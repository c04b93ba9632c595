"""What holds for every test."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.exceptions import ScrapyDeprecationWarning

from archiver.executors.local import WorkerPool
from archiver.layout import Layout

# Here and not in pyproject.toml: Python ignores the -W spelling of a class outside its builtins.
warnings.simplefilter("error", ScrapyDeprecationWarning)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose tests take long, so that no core waits for another at the end."""
    long = ("crawl", "faults", "cli")
    items.sort(key=lambda item: item.path.parent.name not in long)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault runs (see `tests.faults`) be long, and be repeated."""
    group = parser.getgroup("faults")
    group.addoption("--faults", choices=("short", "long"), default="short")
    group.addoption("--faults-seed", type=int, help="the seed of a run that failed")


class _Lent:
    """A pool that outlives the archives that it is lent to."""

    def __init__(self, pool: WorkerPool) -> None:
        self.submit = pool.submit

    def close(self) -> None:
        """Leave it open."""


@pytest.fixture(scope="session")
def worker() -> Iterator[WorkerPool]:
    pool = WorkerPool(1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def lent_worker(worker: WorkerPool) -> Iterator[None]:
    """Let one process, whose start takes a second, read all pages of a module in which no worker is stopped."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("ingest", "rebuild", "sealing", "rereading", "proof"):
            patched.setattr(f"archiver.{name}.WorkerPool", lambda *workers: _Lent(worker))
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The archive of `tests.visits`, which nobody changes; some modules have another of this name."""
    from tests.visits import archive

    return archive(tmp_path_factory.mktemp("made") / "archive")


@pytest.fixture
def layout(made: Layout, tmp_path: Path) -> Layout:
    """A copy of that archive, for one test."""
    shutil.copytree(made.root, tmp_path / "archive")
    return Layout(tmp_path / "archive")
