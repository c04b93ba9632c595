"""The command line. A command is a verb of the library; its module is imported when it is called."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import re
import sys
from keyword import iskeyword
from pathlib import Path
from typing import Any, TextIO

import click

from archiver import __version__
from archiver.errors import ArchiverError, QueryError
from archiver.stopping import INTERRUPTED, Abandoned, Stopping

_ISOLATES = re.compile("[\u2068\u2069]")  # around words from right to left, for terminals

# name: (module, what --help says of it)
COMMANDS = {
    "init": ("sources", "Make an archive folder and a sources.toml."),
    "add": ("sources", "Probe a site and add it to sources.toml."),
    "sources": ("sources", "List the sources and what the archive holds of them."),
    "crawl": ("crawl", "Archive what is new at the sources, or at one address."),
    "schedule": ("schedule", "Show when each source is due, and print what calls archiver then."),
    "runs": ("runs", "List the runs of what was due, and what they brought."),
    "run": ("run", "Ask the sources that are due: what is new, and what is to be looked at again."),
    "status": ("status", "Tell how each source does, and which are silent or cannot be reached."),
    "watch": ("watch", "Watch words: tell of new articles that match, with each run."),
    "search": ("search", "Search the archive."),
    "show": ("show", "Show one article, and where its bytes lie."),
    "changes": ("changes", "List what was edited, removed and restored, the newest first."),
    "history": ("history", "Show what became of one article: its versions and visits."),
    "diff": ("diff", "Compare two versions of an article word by word."),
    "similar": ("similar", "Find articles that tell the same story as one."),
    "cluster": ("cluster", "Find copies of one text across sources, and which was first."),
    "explain": ("explain", "Show what of a page was kept as the article, and why."),
    "profile": ("profile", "Show what was learned of a source's pages."),
    "import": ("imports", "Take in WARC, ARC and WACZ files of other crawlers."),
    "export": (
        "export",
        "Write articles as rows (JSON lines, CSV, Parquet ...), or what was captured: WARC, WACZ.",
    ),
    "prove": ("prove", "Hold one article against the bytes that it was read from."),
    "compare-extractor": (
        "rereading",
        "Look what a reading by the present extractor would change.",
    ),
    "takedown": ("takedown", "Seal an article everywhere, its bytes in the WARC files too."),
    "rebuild": ("rebuild", "Make the index anew from the WARC files."),
    "reindex": ("reindex", "Make the text index anew, from which searches are answered."),
    "verify": ("verify", "Check every record, and that index and CDXJ say what the records do."),
    "repair": ("repair", "Mend what can be mended, and delete nothing."),
    "doctor": ("doctor", "Look whether everything is as it should be."),
    "demo": ("demo", "Crawl a small newspaper of archiver's own, without a network."),
}


class Commands(click.Group):
    """The group of all commands, which loads none of them for ``--help``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command `cmd_name`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"archiver.cli.{COMMANDS[cmd_name][0]}")
        # A function cannot be called like a keyword of Python's (import).
        name = cmd_name.replace("-", "_")
        command = getattr(module, f"{name}_" if iskeyword(name) else name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of its output that has gone (head, less) is no failure."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _let_go()
            return 0
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="archiver")
def cli() -> None:
    """Keep the news: WARC snapshots, clean text and a searchable index.

    Begin with 'archiver demo', or with 'archiver init' and 'archiver add URL'.
    """


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _let_go() -> None:
    """Give up standard output: what is still buffered must not fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: ArchiverError) -> None:
    """Say what is wrong; of a query also where in it."""
    lines = [f"archiver: {error}"]
    if isinstance(error, QueryError):
        from archiver.query.pointing import pointed

        lines += (f"  {line}" for line in pointed(error.query, error.at))
    text = "\n".join(lines)
    click.echo(text if sys.stderr.isatty() else _ISOLATES.sub("", text), err=True)


def main() -> None:
    """Run the command line; the one place where errors become a line and an exit code."""
    # A closed standard stream (>&-) is None.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # An Arabic line must come out whole, whatever LANG says.
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Or Python would look through all of its objects once more, to throw away what ends with the process.
    atexit.register(gc.freeze)
    try:
        with Stopping(raising=True):
            code = cli.main(standalone_mode=False)
    except ArchiverError as error:
        _tell(error)
        code = error.exit_code
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"archiver: {place}{error.strerror or error}", err=True)
        code = 1
        _let_go()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt, Abandoned):
        click.echo("archiver: interrupted", err=True)
        code = INTERRUPTED
    sys.exit(code or 0)
