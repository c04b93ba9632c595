"""The exit code of a tick."""

from __future__ import annotations

import pytest

from archiver.cli.run import _ended
from archiver.crawl.results import Result
from archiver.run import Ticked
from archiver.types import Source
from archiver.work import RunState


def ran(name: str, state: RunState, errors: int = 0) -> tuple[Result, RunState]:
    return Result(Source(name, f"https://{name}.example/"), errors=errors), state


@pytest.mark.parametrize(
    ("states", "raised", "code"),
    [
        ([], [], 0),
        ([RunState.DONE], [], 0),
        ([RunState.DONE, RunState.FAILED], [], 6),
        ([RunState.FAILED, RunState.FAILED], [], 1),
        ([RunState.DONE], ["source0"], 8),
        ([RunState.FAILED], ["source0"], 8),  # what cannot be reached has raised it
        ([RunState.DONE, RunState.FAILED], ["source1"], 8),
    ],
)
def test_the_exit_code_tells_of_alarms_first(
    states: list[RunState], raised: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ticked = Ticked([ran(f"source{at}", state) for at, state in enumerate(states)], raised=raised)
    assert _ended(ticked) == code
    told = capsys.readouterr().err
    assert ("alarm: " in told) == bool(raised)
    assert ("nothing was answered by " in told) == (RunState.FAILED in states)
