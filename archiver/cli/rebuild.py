"""archiver rebuild."""

from __future__ import annotations

import click

from archiver.cli import options, terminal
from archiver.errors import DamagedError


@click.command()
@options.as_json
@options.place
def rebuild(as_json: bool, place: options.Place) -> None:
    """Make the index anew from the WARC files and sources.toml.

    The old index serves until the new one is whole.
    """
    from archiver.rebuild import rebuild as run

    config = place.configuration()
    layout = place.layout(config)
    line = terminal.Progress()
    done = run(
        layout,
        config.sources,
        tell=terminal.say,
        progress=lambda so_far: line.show(
            f"{so_far.exchanges} exchanges, {so_far.articles} articles"
        ),
    )
    line.clear()
    if as_json:
        terminal.out_json({"files": done.files, "exchanges": done.exchanges, "articles": done.articles,
                           "damaged": list(done.damaged)})  # fmt: skip
    else:
        terminal.out(
            f"rebuilt {layout.index}: {done.articles} articles from {done.exchanges} exchanges"
            f" in {done.files} WARC files"
        )
    if done.damaged:
        raise DamagedError(
            "could not be read whole; what stands before the damage is indexed",
            where="; ".join(done.damaged),
        )
    if not as_json:
        terminal.say("Next: archiver search WORDS")
