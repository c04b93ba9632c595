"""archiver export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archiver.cli import options, terminal
from archiver.errors import NothingFound, UsageError
from archiver.export.files import write_file, write_stream
from archiver.export.formats import FORMATS, STREAMED, Style
from archiver.export.taking import Tally, Wanted
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.store.selecting import VERSIONS


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
@click.option(
    "--versions", type=click.Choice(VERSIONS), default="latest", show_default=True,
    help="Which versions of each article.",
)  # fmt: skip
@click.option(
    "--include-reserved", "reserved", is_flag=True,
    help="Also what says noai or reserves text and data mining.",
)  # fmt: skip
@click.option("--raw", is_flag=True, help="In CSV: leave formulas as they are.")
@click.option(
    "--excel", is_flag=True, help="In CSV: begin with the mark by which Excel knows UTF-8."
)
@options.filters
@options.place
def export(
    words: tuple[str, ...],
    format_name: str,
    output: str,
    query: str,
    versions: str,
    reserved: bool,
    raw: bool,
    excel: bool,
    filters: options.Filters,
    place: options.Place,
) -> None:
    """Write the articles that match --query and filters, or all of them, as rows.

    WORDS are joined with --query; docs/searching.md describes their language.

    Each row has the clean text, where it came from, what may be done with it, and where its bytes lie in the
    WARC files; docs/export.md describes it. What says noai or reserves text and data mining is left out.
    """
    if (raw or excel) and format_name != "csv":
        raise UsageError("--raw and --excel are for CSV", remedy="add --format csv")
    layout = place.existing()
    if output != "-":
        _check_target(output, layout, place.config_path)
    elif format_name not in STREAMED:
        raise UsageError(f"{format_name} cannot go to standard output", remedy="name a target")
    with options.opened(layout) as index:
        search = filters.query((*filter(None, words), *filter(None, [query])))
        index.check(search)  # before the first byte is written
        wanted = Wanted(search, format_name, versions, reserved, Style(raw, excel))
        tally = _write(index, wanted, output)
    _tell(tally, wanted, output)


def _write(index: Index, wanted: Wanted, output: str) -> Tally:
    bar = terminal.Progress()

    def progress(done: int, total: int) -> None:
        bar.show(f"exporting: {done:,} of {total:,} ({done * 100 // max(total, 1)}%)")

    try:
        if output == "-":
            # Not sys.stdout.buffer: where Python runs unbuffered, it may write a part, and say so only.
            with open(sys.stdout.fileno(), "wb", closefd=False) as stream:
                return write_stream(index, wanted, stream, progress)
        return write_file(index, wanted, Path(output), progress)
    finally:
        bar.clear()


def _tell(tally: Tally, wanted: Wanted, output: str) -> None:
    """Say what was written and what was not."""
    if tally.left_out:
        terminal.say(f"left out {_reserved(tally)} (--include-reserved takes them)")
    if not tally.rows:
        raise NothingFound("no article matches, so nothing was written")
    if tally.rights["noai"] or tally.rights["tdm_reserved"]:
        terminal.say(
            f"archiver: warning: {tally.rights['noai']} rows say noai and {tally.rights['tdm_reserved']} reserve text"
            " and data mining: what you may do with them is for you to find out"
        )
    if tally.long:
        terminal.say(
            f"archiver: warning: {tally.long} cells are longer than Excel takes and will be cut"
        )
    what = "articles" if wanted.versions != "all" else "versions"
    where = "standard output" if output == "-" else output
    terminal.say(f"wrote {tally.rows} {what} to {where}")


def _reserved(tally: Tally) -> str:
    why = ", ".join(f"{name} {count}" for name, count in sorted(tally.reserved.items()))
    return f"{tally.left_out} that are reserved from text and data mining: {why}"


def _check_target(output: str, layout: Layout, config: Path) -> None:
    """Raise UsageError for a target that would write over the archive or its sources."""
    target = Path(output).resolve()
    kept = [folder.resolve() for folder in (layout.warcs, layout.quarantine, layout.cdxj)]
    files = [path.resolve() for path in (layout.index, layout.runs, layout.lock, config)]
    if target in files or target.is_dir() or any(target.is_relative_to(folder) for folder in kept):
        raise UsageError(
            "is no place for an export", where=output or "''", remedy="name another file"
        )
