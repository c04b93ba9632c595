"""What holds for every test."""

from __future__ import annotations

import warnings

import pytest
from scrapy.exceptions import ScrapyDeprecationWarning

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
