"""What 'archiver export' does where records are copied: --format warc and wacz."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.cli import terminal
from archiver.documents import Article
from archiver.layout import Layout
from archiver.store.search import Index

if TYPE_CHECKING:
    from archiver.excerpts import Copied

FORMATS = ("warc", "wacz")
MOST_TOLD = 20  # damaged places
PARTLY = 6  # exit code
_WARC = (".warc.gz", ".warc")


def copy(
    format_name: str,
    output: str,
    articles: Iterable[Article],
    index: Index,
    layout: Layout,
    *,
    visits: bool,
    without: Collection[str],
    text: bool,
) -> int:
    """Write the records of `articles`; returns the exit code. `output` is a file; parts are named after it."""
    path = Path(output).absolute()
    line = terminal.Progress()
    try:
        if format_name == "wacz":
            from archiver import wacz

            done = wacz.write(
                articles, index, layout, path, text=text, visits=visits, without=without,
                progress=lambda copied: line.show(_progress(copied)), tell=line.tell,
            )  # fmt: skip
            wrote = output
        else:
            from archiver import excerpts

            name = excerpts.part_name(_stem(path.name))
            done = excerpts.write_warcs(
                articles, index, layout, path.parent, name, visits=visits, without=without,
                progress=lambda copied: line.show(_progress(copied)), tell=line.tell,
            )  # fmt: skip
            wrote = ", ".join(str(Path(output).parent / part) for part in _ends(done.files))
    finally:
        line.clear()
    return _told(done, wrote, output)


def _stem(name: str) -> str:
    for ending in _WARC:
        name = name.removesuffix(ending)
    return name


def _ends(files: list[str]) -> list[str]:
    return files if len(files) < 3 else [files[0], "...", files[-1]]


def _progress(copied: Copied) -> str:
    share = copied.exchanges * 100 // max(copied.wanted, 1)
    return f"{share} % of {copied.wanted} exchanges"


def _told(done: Copied, wrote: str, output: str) -> int:
    for damage in done.damages[:MOST_TOLD]:
        terminal.say(terminal.harmless(f"left out: {damage}"))
    if done.damaged > MOST_TOLD:
        terminal.say(f"and {done.damaged - MOST_TOLD} places more; 'archiver verify' names them")
    if done.reserved:
        terminal.say(
            f"left out {done.reserved} visits of versions that were reserved from text and data mining"
        )
    if done.bodiless:
        terminal.say(f"{done.bodiless} revisits whose body is not in this archive")
    terminal.say(f"wrote {done.exchanges} exchanges of {done.articles} articles to {wrote}")
    if done.damaged:
        terminal.say("what could not be read is told above; all else was copied")
        return PARTLY
    return 0
