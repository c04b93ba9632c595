"""archiver import."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli import options, terminal
from archiver.errors import NothingFound

if TYPE_CHECKING:
    from archiver.imports import File, Imported

MOST_TOLD = 20  # damaged places, and files that could not be read
PARTLY = 6  # exit code


@click.command("import")
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE|DIR ...", type=click.Path(exists=True, path_type=Path)
)  # fmt: skip
@click.option("--in-place", is_flag=True, help="Link to the files instead of copying them.")
@options.as_json
@options.place
def import_(paths: tuple[Path, ...], in_place: bool, as_json: bool, place: options.Place) -> int:
    """Take in what other crawlers have kept: WARC and ARC files (gzip, zstd or plain), and WACZ.

    Each file is copied into the archive as it is, and its pages are read, indexed and found like
    those of a crawl. A folder is searched for such files. The same file again adds nothing, and neither does
    the same exchange in another file. An import that was stopped goes on with the same command.
    """
    from archiver.imports import find, import_files

    config = place.configuration()
    layout = place.layout(config)
    files = find(paths, layout)
    line = terminal.Progress()
    began = time.monotonic()
    try:
        done = import_files(
            files,
            layout,
            config.sources,
            in_place=in_place,
            tell=lambda message: terminal.say(terminal.harmless(message)),
            progress=lambda so_far: line.show(_progress(so_far, time.monotonic() - began)),
        )
    except KeyboardInterrupt:
        line.clear()
        terminal.say("all that was read is kept; the same command goes on")
        raise
    line.clear()
    if as_json:
        for file in done.files:
            terminal.out_json(_json(file))
    else:
        _print(done)
    return _exit_code(done, paths)


def _progress(so_far: Imported, seconds: float) -> str:
    share = so_far.done * 100 // max(so_far.total, 1)
    return (
        f"{share} % of {_size(so_far.total)} · {so_far.pages} exchanges,"
        f" {so_far.pages / max(seconds, 0.001):.0f}/s"
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _json(file: File) -> dict[str, object]:
    return {
        "file": file.name, "state": file.state, "reason": file.reason, "warc": file.filename,
        "exchanges": file.exchanges, "resources": file.resources, "outcomes": dict(file.outcomes),
        "passed_over": dict(file.passed_over), "unresolved_revisits": file.unresolved,
        "damages": file.damages.count, "damaged": list(map(str, file.damages.first)),
    }  # fmt: skip


def _print(done: Imported) -> None:
    """Print what was brought, what was not, and why."""
    states = Counter(file.state for file in done.files)
    outcomes: Counter[str] = sum((file.outcomes for file in done.files), Counter())
    exchanges = sum(file.exchanges for file in done.files)
    resources = sum(file.resources for file in done.files)
    terminal.out(
        f"{states['imported']} files imported, {states['known']} were here before:"
        f" {exchanges} exchanges"
    )
    terminal.out(
        f"articles: {outcomes['new']} new, {outcomes['changed']} changed,"
        f" {outcomes['unchanged']} unchanged; {outcomes['hub']} hubs, {resources} resources,"
        f" {outcomes['unread']} unread, {outcomes['duplicate']} duplicates"
    )
    for text in _aside(done):
        terminal.out(text)
    _print_troubles(done)


def _aside(done: Imported) -> Iterator[str]:
    """Yield what stands in the files and is no row."""
    passed: Counter[str] = sum((file.passed_over for file in done.files), Counter())
    for what, count in passed.most_common(MOST_TOLD):
        yield f"passed over: {count} records ({terminal.harmless(what)}); they stay in the WARC files"
    if unresolved := sum(file.unresolved for file in done.files):
        yield f"{unresolved} revisits whose body is not in this archive"


def _print_troubles(done: Imported) -> None:
    refused = [file for file in done.files if file.state in ("unread", "empty")]
    for file in refused[:MOST_TOLD]:
        terminal.say(terminal.harmless(f"{file.name}: {file.reason}"))
    if len(refused) > MOST_TOLD:
        terminal.say(f"and {len(refused) - MOST_TOLD} files more; --json tells all")
    damages = [damage for file in done.files for damage in file.damages.first]
    for damage in damages[:MOST_TOLD]:
        terminal.say(terminal.harmless(f"damaged: {damage}"))
    count = sum(file.damages.count for file in done.files)
    if count > MOST_TOLD:
        terminal.say(f"and {count - MOST_TOLD} damaged places more; --json tells them")


def _exit_code(done: Imported, paths: tuple[Path, ...]) -> int:
    """Tell how it ended, and return the exit code. Raises NothingFound for files with nothing in them."""
    if all(file.state == "empty" for file in done.files):
        raise NothingFound("nothing is in there to import", where=", ".join(map(str, paths)))
    read = any(file.state in ("imported", "known") for file in done.files)
    whole = all(file.state != "unread" and not file.damages.count for file in done.files)
    if not whole:
        terminal.say("what could not be read is told above; all else is in the archive" if read
                     else "nothing could be read")  # fmt: skip
    if read:
        terminal.say("Next: archiver search WORDS")
    return 0 if whole else PARTLY
