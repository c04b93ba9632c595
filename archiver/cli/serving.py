"""The loop that does what is due, for who has neither systemd nor cron."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Event

from archiver import clock
from archiver.cli import terminal
from archiver.errors import ArchiverError

LOOK = timedelta(minutes=1)  # the longest wait: sources.toml may have changed
GRACE = 25.0  # seconds in which a tick that was told to stop ends (see docs/architecture.md)


def serve(command: Sequence[str], wait: Callable[[], timedelta]) -> None:
    """Run `command`, which does what is due, each time that `wait` says that nothing is left to wait for.

    Each tick is a process of its own: what goes wrong in one is over with it. Ends by KeyboardInterrupt,
    with the tick that is under way.
    """
    never = Event()
    while True:
        try:
            left = wait()
        except ArchiverError as error:  # it may be mended while we wait
            terminal.say(f"archiver: {error}")
            left = LOOK
        if left > timedelta(0):
            never.wait(min(left, LOOK).total_seconds())
            continue
        began = clock.now()
        _tick(command)
        # One that fails at once must not be begun again at once.
        spare = LOOK / 6 - (clock.now() - began)
        never.wait(max(spare.total_seconds(), 0.0))


def _tick(command: Sequence[str]) -> None:
    terminal.say(f"{clock.now():%Y-%m-%d %H:%M:%S} UTC: something is due")
    tick = subprocess.Popen(command)
    try:
        tick.wait()
    except KeyboardInterrupt:
        tick.terminate()
        try:
            tick.wait(GRACE)
        except subprocess.TimeoutExpired:
            tick.kill()
        raise
