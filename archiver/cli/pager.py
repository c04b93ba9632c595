"""More lines than a terminal shows, handed to the program by which the user likes to read them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from archiver.cli import terminal

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_NONE = ("", "cat")


def show(lines: Sequence[str], *, paged: bool = True) -> None:
    """Write `lines` to standard output: by a pager where that is a terminal, and too small for them."""
    if (
        paged
        and terminal.on_terminal()
        and _rows(lines) >= terminal.size()[1]
        and _read_by_pager(lines)
    ):
        return
    for line in lines:
        terminal.out(line)


def _rows(lines: Sequence[str]) -> int:
    """Return how many rows of the terminal the lines take."""
    columns = terminal.size()[0]
    return sum(max(1, -(-terminal.width(_ESCAPES.sub("", line)) // columns)) for line in lines)


def _command() -> list[str]:
    """Return the user's pager, as ARCHIVER_PAGER or PAGER name it, else less; [] for none."""
    import shlex

    told = next(
        (os.environ[name] for name in ("ARCHIVER_PAGER", "PAGER") if name in os.environ), "less"
    )
    if told.strip() in _NONE or os.environ.get("TERM", "dumb") == "dumb":
        return []
    try:
        return shlex.split(told)
    except ValueError:
        return []


def _read_by_pager(lines: Sequence[str]) -> bool:
    """Let the pager show `lines`; returns whether it did. That it is left early is no failure."""
    command = _command()
    if not command:
        return False
    import signal
    import subprocess

    # As git does it: LESS and LV say what the pager must do, where the user has not said it.
    environment = {"LESS": "FRX", "LV": "-c", **os.environ, "LESSCHARSET": "utf-8"}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    except OSError:
        return False
    # Ctrl-C is the pager's as long as it runs.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pager.communicate("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return True
