"""archiver rebuild."""

from __future__ import annotations

import click

from archiver.cli import options, terminal
from archiver.errors import DamagedError

MOST_TOLD = 20


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
                           "damaged": list(map(str, done.damaged))})  # fmt: skip
    else:
        terminal.out(
            f"rebuilt {layout.index}: {done.articles} articles from {done.exchanges} exchanges"
            f" in {done.files} WARC files"
        )
    if done.damaged:
        for damage in done.damaged[:MOST_TOLD]:
            terminal.say(terminal.harmless(str(damage)))
        raise DamagedError(
            f"{len(done.damaged)} places could not be read; what stands before and behind is indexed",
            where=str(layout.warcs),
            remedy="'archiver verify' names them all",
        )
    if not as_json:
        terminal.say("Next: archiver search WORDS")
