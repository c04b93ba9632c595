"""archiver export."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import click

from archiver.cli import excerpts, options, terminal
from archiver.documents import Article
from archiver.errors import NothingFound, UsageError
from archiver.export import splits
from archiver.export.files import write_file, write_stream
from archiver.export.formats import BINARY, FOLDERS, FORMATS, STREAMED, Style
from archiver.export.rows import RESERVATIONS
from archiver.export.taking import SHARD, Progress, Tally, Wanted
from archiver.layout import MEGABYTE, Layout
from archiver.store.clusters import DEDUPE
from archiver.store.search import Index
from archiver.store.selecting import VERSIONS


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--format",
    "format_name",
    type=click.Choice((*FORMATS, *excerpts.FORMATS)),
    default="jsonl",
    show_default=True,
    help="The format.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="TARGET",
    help="Where to write: a file, - for standard output, or NAME/ for a folder: a dataset with a card.",
)
@click.option("--dataset", is_flag=True, help="TARGET is a folder, also without / behind it.")
@click.option(
    "--split",
    "split",
    metavar="PARTS",
    help="Parts of a dataset by time of publication: train:2026-01..2026-05,test:2026-06..,rest:undated.",
)
@click.option(
    "--shard-size",
    "shard",
    type=click.IntRange(1),
    default=SHARD // MEGABYTE,
    show_default=True,
    metavar="MB",
    help="How large a file of a dataset grows.",
)
@click.option(
    "--query", default="", metavar="TEXT", help="What to search for, as in 'archiver search'."
)
@click.option(
    "--dedupe", type=click.Choice(DEDUPE),
    help="One of each: of articles with the same words (exact), or of near copies too; the first publisher's, else"
    " the first that matches. 'archiver cluster' has to have compared them.",
)  # fmt: skip
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
@click.option(
    "--text", is_flag=True, help="wacz: the pages have their clean text, to be searched by."
)
@options.filters
@options.place
def export(
    words: tuple[str, ...],
    format_name: str,
    output: str,
    dataset: bool,
    split: str | None,
    shard: int,
    query: str,
    dedupe: str | None,
    versions: str,
    reserved: bool,
    raw: bool,
    excel: bool,
    text: bool,
    filters: options.Filters,
    place: options.Place,
) -> int:
    """Write the articles that match --query and filters, or all of them: as rows, or as what was captured.

    WORDS are joined with --query; docs/searching.md describes their language.

    Each row has the clean text, where it came from, what may be done with it, and where its bytes lie in the
    WARC files; docs/export.md describes it. What says noai or reserves text and data mining is left out. The format
    warc copies the records themselves, byte for byte, into NAME-00001.warc.gz ... for -o NAME.warc.gz; wacz makes a
    collection of them that a browser replays (docs/replay.md). Exit code 6: damaged records were left out.
    """
    if (raw or excel) and format_name != "csv":
        raise UsageError("--raw and --excel are for CSV", remedy="add --format csv")
    if text and format_name != "wacz":
        raise UsageError("--text is for WACZ", remedy="add --format wacz; rows have it anyway")
    folder = dataset or format_name == "txt" or output.endswith(("/", os.sep))
    if split and not folder:
        raise UsageError(
            "--split is for a dataset", remedy="add --dataset, or end the target with /"
        )
    layout = place.existing()
    _check_target(output, format_name, layout, place.config_path, folder=folder)
    with options.opened(layout) as index:
        search = filters.query((*filter(None, words), *filter(None, [query])))
        index.check(search)  # before the first byte is written
        if dedupe and (due := index.uncompared):
            raise UsageError(
                f"--dedupe: {due} articles were not compared yet", remedy="run 'archiver cluster'"
            )
        if format_name in excerpts.FORMATS:
            if versions == "first":
                raise UsageError(
                    "records are of the latest versions, or of all visits", remedy="--versions all"
                )
            left, without = Tally(), () if reserved else RESERVATIONS
            articles = _allowed(index.stream(search, dedupe or "", without), left, without)
            try:
                return excerpts.copy(
                    format_name, output, articles, index, layout, text=text,
                    visits=versions == "all", without=without,
                )  # fmt: skip
            finally:
                if left.left_out:
                    _tell_left(left)
        wanted = Wanted(
            search, format_name, versions, reserved, Style(raw, excel),
            splits.parse(split) if split else (), shard * MEGABYTE, dedupe or "",
        )  # fmt: skip
        tally = _write(index, wanted, output, folder=folder)
    _tell(tally, wanted, output)
    return 0


def _allowed(
    articles: Iterable[Article], left: Tally, without: Collection[str]
) -> Iterator[Article]:
    """Yield the articles that declare nothing of `without`; `left` counts the others."""
    for article in articles:
        if why := [name for name in without if name in article.rights]:
            left.leave_out(why)
        else:
            yield article


def _write(index: Index, wanted: Wanted, output: str, *, folder: bool) -> Tally:
    bar = terminal.Progress()

    def progress(done: int, total: int) -> None:
        bar.show(f"exporting: {done:,} of {total:,} ({done * 100 // max(total, 1)}%)")

    try:
        if folder:
            return _write_folder(index, wanted, Path(output), progress)
        if output == "-":
            # Not sys.stdout.buffer: where Python runs unbuffered, it may write a part, and say so only.
            with open(sys.stdout.fileno(), "wb", closefd=False) as stream:
                return write_stream(index, wanted, stream, progress)
        return write_file(index, wanted, Path(output), progress)
    finally:
        bar.clear()


def _write_folder(index: Index, wanted: Wanted, target: Path, progress: Progress) -> Tally:
    from archiver.export.folders import write_folder

    try:
        return write_folder(index, wanted, target, progress, terminal.say)
    except KeyboardInterrupt:
        terminal.say(f"what is whole is kept in {target}.part: the same command goes on with it")
        raise


def _tell(tally: Tally, wanted: Wanted, output: str) -> None:
    """Say what was written and what was not."""
    if tally.left_out:
        _tell_left(tally)
    if tally.outside:
        terminal.say(
            f"left out {tally.outside} that are in no split, of which {tally.undated} have no date"
        )
    if not tally.rows:
        raise NothingFound("no article matches, so nothing was written")
    if tally.uncompared:
        terminal.say(
            f"archiver: warning: {tally.uncompared} articles were not compared with the others: copies of them may be"
            " in two splits ('archiver cluster' compares them)"
        )
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


def _tell_left(tally: Tally) -> None:
    why = ", ".join(f"{name} {number}" for name, number in sorted(tally.reserved.items()))
    terminal.say(
        f"left out {tally.left_out} that are reserved from text and data mining: {why}"
        " (--include-reserved takes them)"
    )


def _check_target(
    output: str, format_name: str, layout: Layout, config: Path, *, folder: bool
) -> None:
    """Raise UsageError for a target that would write over the archive or its sources, or cannot hold the format."""
    if output == "-" and (folder or format_name not in STREAMED):
        what = "a folder" if folder else format_name
        raise UsageError(f"{what} cannot go to standard output", remedy="name a target")
    if output == "-" and format_name in BINARY and terminal.on_terminal():
        raise UsageError(
            f"{format_name} is nothing for a terminal",
            remedy="name a file, or send it on with > or |",
        )
    if folder and format_name not in FOLDERS:
        raise UsageError(
            f"{format_name} is one file", remedy="leave out --dataset and the / of the target"
        )
    target = Path(output).resolve()
    kept = [place.resolve() for place in (layout.warcs, layout.quarantine, layout.cdxj)]
    written = (layout.index, layout.runs)
    beside = (Path(f"{place}{end}") for place in written for end in ("-wal", "-shm", "-journal"))
    files = [
        place.resolve()
        for place in (
            *written, *beside, layout.lock, layout.run_lock, layout.takedowns, config
        )
    ]  # fmt: skip
    taken = target.exists() if folder and not target.is_dir() else target.is_dir() and not folder
    if (
        format_name not in STREAMED
        and target.exists()
        and not (target.is_file() or target.is_dir())
    ):
        # It would be replaced by what is renamed into its place, even /dev/null.
        raise UsageError("is no file", where=output, remedy=f"{format_name} wants one of its own")
    inside = any(target.is_relative_to(place) for place in kept)
    over = folder and any(place.is_relative_to(target) for place in (*kept, *files))
    if target in files or (taken and output != "-") or inside or over:
        remedy = (
            "name a new folder" if folder else "name another file, or end it with / for a dataset"
        )
        raise UsageError("is no place for an export", where=output or "''", remedy=remedy)
