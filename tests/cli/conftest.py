"""Commands in this process, at a time of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archiver import clock
from archiver.cli import cli

NOW = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)
Said = Callable[..., Result]


@pytest.fixture
def said(folder: Path) -> Said:
    """Run a command line at `NOW`, in the archive and by the sources.toml of the module's `folder`."""

    def call(*words: str) -> Result:
        places = ["--archive", str(folder / "archive"), "--config", str(folder / "sources.toml")]
        with clock.turned(lambda: NOW):
            return CliRunner().invoke(cli, [*words, *places], standalone_mode=False)

    return call
