"""Fault runs: short ones with the other tests, ``--faults=long`` (or ``make faults``) by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawl.site import Site
from tests.faults import audit
from tests.faults.town import Launcher, Town, publish


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this is a long run."""
    return bool(request.config.getoption("--faults") == "long")


@pytest.fixture
def chance(request: pytest.FixtureRequest, long: bool) -> random.Random:
    """Chance that can be repeated: its seed is printed where a test fails."""
    told = request.config.getoption("--faults-seed")
    seed = told if told is not None else random.SystemRandom().randrange(10**6) if long else 4
    print(f"repeat with --faults-seed={seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as running:
        publish(running)
        yield running


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    with Launcher(tmp_path_factory.mktemp("launcher")) as running:
        yield running


@pytest.fixture
def town(tmp_path: Path, site: Site) -> Town:
    return Town.at(tmp_path / "town", site)


@pytest.fixture(scope="session")
def reference(
    tmp_path_factory: pytest.TempPathFactory, site: Site, launcher: Launcher
) -> dict[str, tuple[Any, ...]]:
    """What a crawl that was never stopped brings."""
    town = Town.at(tmp_path_factory.mktemp("reference") / "town", site)
    assert launcher.run("crawl", town=town).code == 0
    assert audit.audit(town.archive) == []
    found = audit.articles(town.archive)
    assert len(found) > 15
    return found


@pytest.fixture
def finish(
    launcher: Launcher, site: Site, reference: dict[str, tuple[Any, ...]]
) -> Callable[..., list[str]]:
    """Go on with the crawl of a town to its end, and return all that is then wrong."""

    def go_on(town: Town, *before: audit.Committed) -> list[str]:
        asked = len(site.asked)
        ended = launcher.run("crawl", town=town)
        wrong = [] if ended.code == 0 else [f"the crawl ended with {ended.code}: {ended.said}"]
        if before:
            wrong += audit.asked_again(before[-1], site.origin, site.targets[asked:])
        wrong += audit.audit(town.archive, before)
        wrong += audit.missing(town.archive, reference)
        tables = audit.rows(town.archive)
        ended = launcher.run("rebuild", town=town)
        wrong += [] if ended.code == 0 else [f"the rebuild ended with {ended.code}: {ended.said}"]
        return wrong + audit.differing(town.archive, tables)

    return go_on
