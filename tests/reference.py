"""The command line reference, written from the commands themselves.

``python -m tests.reference docs/cli.md`` writes it; a test compares.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archiver.cli import COMMANDS, cli

HEAD = """\
# The command line

Written by `make docs` from the commands themselves; do not edit. Results go to standard output, all else to
standard error. With `--json`, each line of output is one JSON object. `NO_COLOR` is honoured.
"""


def reference() -> str:
    """Return the reference as Markdown."""
    context = click.Context(cli, info_name="archiver", terminal_width=96, **cli.context_settings)
    parts = [HEAD, _block(cli.get_help(context))]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        parts += _sections(command, name, context)
    return "\n".join(parts)


def _sections(command: click.Command, name: str, parent: click.Context) -> list[str]:
    """Return the help of a command, and of the commands below it."""
    inner = click.Context(command, info_name=name, parent=parent, terminal_width=96)
    parts = [f"## {inner.command_path}\n", _block(command.get_help(inner))]
    if isinstance(command, click.Group):
        for each in command.commands.values():
            parts += _sections(each, each.name or "", inner)
    return parts


def _block(text: str) -> str:
    lines = (line.rstrip() for line in text.splitlines())
    return "```text\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), "utf-8")
