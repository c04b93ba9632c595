"""archiver reindex."""

from __future__ import annotations

import time

import click

from archiver.cli import options, terminal
from archiver.store import schema


@click.command()
@options.as_json
@options.place
def reindex(as_json: bool, place: options.Place) -> None:
    """Make the text index anew: what searches are answered from.

    From the articles of the index, which stay as they are; 'archiver rebuild' makes those anew, too. Searches find what
    was there until it is done.
    """
    from archiver.rebuild import reindex as run

    layout = place.existing()
    line = terminal.Progress()
    line.show("making the text index ...")
    began = time.monotonic()
    try:
        articles = run(layout)
    finally:
        line.clear()
    seconds = time.monotonic() - began
    if as_json:
        terminal.out_json(
            {"articles": articles, "seconds": round(seconds, 1), "analyser": schema.ANALYSER}
        )
    else:
        terminal.out(
            f"text index of {layout.index} made anew: {articles} articles in {seconds:.1f} s"
        )
        terminal.say("Next: archiver search WORDS")
