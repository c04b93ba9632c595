"""archiver repair."""

from __future__ import annotations

import click

from archiver.cli import options, terminal
from archiver.cli.verify import summary, tell

PARTLY = 6  # exit code


@click.command()
@options.as_json
@options.place
def repair(as_json: bool, place: options.Place) -> int:
    """Mend what can be mended, delete nothing, and say what is left.

    Torn tails of WARC files go to the quarantine folder. Where the index is not what the WARC files
    say, it is made anew, and rows that lead to no whole record are written to the quarantine
    folder first. Damage inside a WARC file stays where it is; all before and behind it can be read. The
    exit code is 6 when something is left that cannot be mended.
    """
    from archiver.repair import repair as run

    config = place.configuration()
    layout = place.layout(config)
    line = terminal.Progress()

    def say(text: str) -> None:
        line.clear()
        terminal.say(terminal.harmless(text))

    left = tell(run(layout, config.sources, tell=say, progress=line.show), as_json, line)
    line.clear()
    if as_json:
        terminal.out_json({"left": dict(left)})
    if left:
        terminal.say(f"left, and not to be mended: {summary(left)}; all else can be read")
        return PARTLY
    if not as_json:
        terminal.out(f"{layout.root}: all is right")
    return 0
