"""What calls archiver each minute: a systemd service with its timer, or a line for a crontab. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from archiver.errors import UsageError

SERVICE, TIMER = "archiver.service", "archiver.timer"
_BARE = re.compile(r"[A-Za-z0-9_./:@+=,-]+")


def service(command: Sequence[str]) -> str:
    """Return the unit that runs `command` once; see systemd.service(5).

    Only archiver itself is told to stop: it ends its workers. Exit codes 6 (partly done) and 8 (an alarm was
    raised) are no failure of the service.
    """
    return f"""\
[Unit]
Description=archiver: ask the sources that are due

[Service]
Type=oneshot
ExecStart={_exec_start(command)}
SuccessExitStatus=6 8
KillMode=mixed
TimeoutStopSec=30
"""


def timer() -> str:
    """Return the unit that starts the service each minute, unless it runs; see systemd.timer(5)."""
    return """\
[Unit]
Description=archiver: each minute, ask the sources that are due

[Timer]
OnCalendar=minutely
AccuracySec=5s
Persistent=true

[Install]
WantedBy=timers.target
"""


def cron_line(command: Sequence[str]) -> str:
    """Return a line for crontab(5). Raises UsageError for a path that no such line can hold."""
    for part in command:
        # Of backslashes some crons take one off and some do not.
        if "\n" in part or "\\" in part:
            raise UsageError(
                f"{part!r} cannot be written in a crontab", remedy="give the folder another name"
            )
    # cron takes % for the end of the line, also within quotes, and takes \\ off before it.
    return f"* * * * * {shlex.join(command)} >/dev/null 2>&1".replace("%", "\\%") + "\n"


def _exec_start(command: Sequence[str]) -> str:
    first, *rest = command
    # Variables are put in everywhere but in the name of the program.
    return " ".join([_quoted(first), *(_quoted(part.replace("$", "$$")) for part in rest)])


def _quoted(part: str) -> str:
    """Return one word as systemd reads it; specifiers (%) are taken for what they are within quotes, too."""
    part = part.replace("%", "%%")
    if _BARE.fullmatch(part):
        return part
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        part = part.replace(sign, written)
    return f'"{part}"'
