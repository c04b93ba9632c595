"""What holds for every test."""

from __future__ import annotations

import warnings

import pytest
from scrapy.exceptions import ScrapyDeprecationWarning

# Here and not in pyproject.toml: Python ignores the -W spelling of a class outside its builtins.
warnings.simplefilter("error", ScrapyDeprecationWarning)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault runs (see `tests.faults`) be long, and be repeated."""
    group = parser.getgroup("faults")
    group.addoption("--faults", choices=("short", "long"), default="short")
    group.addoption("--faults-seed", type=int, help="the seed of a run that failed")
