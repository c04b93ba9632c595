"""archiver export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archiver.cli import options, terminal
from archiver.errors import NothingFound, UsageError
from archiver.export import FORMATS, write, write_file
from archiver.layout import Layout


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    default="jsonl",
    show_default=True,
    help="The format.",
)
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="Where to write; - is standard output."
)
@click.option(
    "--query", default="", metavar="TEXT", help="What to search for, as in 'archiver search'."
)
@options.filters
@options.place
def export(
    words: tuple[str, ...],
    format_name: str,
    output: str,
    query: str,
    filters: options.Filters,
    place: options.Place,
) -> None:
    """Write the articles that match --query and filters, or all of them, as rows.

    WORDS are joined with --query; docs/searching.md describes their language.

    Each row has the clean text, where it came from, and where its bytes lie in the WARC files.
    """
    layout = place.existing()
    if output != "-":
        _check_target(output, layout, place.config_path)
    with options.opened(layout) as index:
        wanted = filters.query((*filter(None, words), *filter(None, [query])))
        index.check(wanted)  # before the first byte is written
        articles = index.stream(wanted)
        if output == "-":
            count = write(articles, format_name, sys.stdout)
        else:
            count = write_file(articles, format_name, Path(output))
    if not count:
        raise NothingFound("no article matches, so nothing was written")
    terminal.say(f"wrote {count} articles to {'standard output' if output == '-' else output}")


def _check_target(output: str, layout: Layout, config: Path) -> None:
    """Raise UsageError for a target that would write over the archive or its sources."""
    target = Path(output).resolve()
    kept = [layout.warcs.resolve(), layout.quarantine.resolve()]
    files = [
        layout.index.resolve(),
        layout.lock.resolve(),
        layout.takedowns.resolve(),
        config.resolve(),
    ]
    if target in files or target.is_dir() or any(target.is_relative_to(folder) for folder in kept):
        raise UsageError(
            "is no place for an export", where=output or "''", remedy="name another file"
        )
