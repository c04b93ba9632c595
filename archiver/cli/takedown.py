"""archiver takedown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from archiver.cli import options, terminal
from archiver.errors import NothingFound, UsageError
from archiver.layout import Layout

if TYPE_CHECKING:
    from archiver.seals import Takedown
    from archiver.store.sealing import Meant

PARTLY = 6  # exit code
_TOLD = 10  # articles and addresses that are named


@click.command()
@click.argument("wanted", metavar="[ID|URL]", default="")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept in the log and shown.")
@click.option(
    "--operator", default="", metavar="NAME", help="Who.  [default: 'operator' in sources.toml]"
)
@click.option("--with-url", is_flag=True, help="Remove the address itself, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--continue", "carry_on", is_flag=True, help="Finish what was stopped.")
@click.option("--list", "listed", is_flag=True, help="List what was taken down.")
@click.option("--undo", is_flag=True, help="Not possible: the bytes are gone.")
@options.as_json
@options.place
def takedown(
    wanted: str,
    reason: str,
    operator: str,
    with_url: bool,
    yes: bool,
    carry_on: bool,
    listed: bool,
    undo: bool,
    as_json: bool,
    place: options.Place,
) -> int:
    """Take an article down: out of index, search and exports, and its bytes out of the WARC files.

    In the place of each of its records, one that says so; no other record changes. It is not asked for again, and
    neither a rebuild nor an import brings it back. takedowns.jsonl says what was done, when, why and by whom, and
    never what the text was. There is no way back. Exit code 6: it is sealed, and some bytes are not the archive's to
    change (a file that was imported with --in-place, quarantine); each is named.
    """
    if undo:
        raise UsageError(
            "what was taken down cannot be brought back",
            remedy="its bytes are gone; only a copy has them",
        )
    if bool(wanted) + carry_on + listed != 1:
        raise UsageError("nothing to take down, or too much", remedy="name one ID or URL")
    if listed:
        return _list(place.existing(), as_json)
    config = place.configuration()
    layout = place.layout(config)
    if carry_on:
        from archiver.takedown import carry_on as run

        run(layout, config.sources, tell=terminal.Progress().tell)
        return 0
    if not reason.strip():
        raise UsageError("a takedown wants a reason", remedy="--reason TEXT")
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody is here to be asked", remedy="--yes takes it down without asking")
    who = operator or config.operator or config.contact
    return _take_down(layout, config, (wanted, reason.strip(), who, with_url), yes, as_json)


def _take_down(
    layout: Layout, config: Any, order: tuple[str, str, str, bool], yes: bool, as_json: bool
) -> int:
    from archiver.takedown import Order, take_down

    line = terminal.Progress()
    done, meant = take_down(
        layout,
        config.sources,
        Order(*order),
        agreed=lambda meant: _agreed(meant, yes),
        tell=line.tell,
        progress=lambda so_far, of: line.show(f"{so_far * 100 // max(of, 1)} % looked through"),
    )
    line.clear()
    if done is None:
        terminal.say("nothing was changed")
        return 0
    if as_json:
        terminal.out_json(as_row(done))
    else:
        _print(done, meant)
    return PARTLY if done.left else 0


def _agreed(meant: Meant, yes: bool) -> bool:
    """Show what will go, and ask."""
    for article in meant.articles[:_TOLD]:
        title = terminal.field(article.title or "(no title)")
        terminal.say(
            f"{article.id}  {title}  {terminal.field(article.url)},"
            f" {article.versions} version{'s' * (article.versions != 1)}"
        )
    if (more := len(meant.articles) - _TOLD) > 0:
        terminal.say(f"and {more} articles more, whose pages are the same byte for byte")
    fetches, addresses = len(meant.rows), len(meant.urls) + len(meant.shared)
    of = f"{addresses} address{'es' * (addresses != 1)}"
    terminal.say(f"{fetches} fetch{'es' * (fetches != 1)} of {of}")
    return yes or click.confirm("Take this down? There is no way back", err=True)


def _print(done: Takedown, meant: Meant) -> None:
    """Print what was done, what was left, and where else something of it may be."""
    gone = len(done.records) - len(done.left)
    before = "" if meant.rows else f" on {done.at[:10]}, and nothing was done now"
    terminal.out(
        f"taken down{before}: {gone} records in {len({t.file for t in done.records})} files; {done.id}"
    )
    for taken in done.left:
        where = f"{taken.file} offset {taken.offset}"
        terminal.say(f"left: {terminal.harmless(where)}: {terminal.harmless(taken.left)}")
    if meant.alike:
        ids = ", ".join(map(str, meant.alike[:_TOLD]))
        terminal.say(f"{len(meant.alike)} other articles have the same text, and stay: {ids}")
    if meant.spared:
        terminal.say(
            f"{len(meant.spared)} answers at its addresses stay: others have the same body"
        )
    for url in meant.shared[:_TOLD]:
        terminal.say(f"{terminal.field(url)} has shown other articles too, and is still asked for")
    for url in meant.via[:_TOLD]:
        terminal.say(
            f"may hold its headline or text, and stays: what was fetched from {terminal.field(url)}"
        )


def _list(layout: Layout, as_json: bool) -> int:
    from archiver import seals

    found = seals.read(layout.takedowns).takedowns.values()
    if not found:
        raise NothingFound("nothing was taken down", where=str(layout.root))
    for one in found:
        if as_json:
            terminal.out_json(as_row(one))
            continue
        what = ", ".join(one.named) or "an address that is not named"
        state = "" if one.done else " (not finished: --continue)"
        who = f" by {one.operator}" if one.operator else ""
        terminal.out(terminal.harmless(f"{one.at[:16]}Z{who}: {what}: {one.reason}{state}"))
    return 0


def as_row(one: Takedown) -> dict[str, object]:
    """Return a takedown as a JSON object."""
    return {
        "id": one.id, "at": one.at, "done": one.done or None, "operator": one.operator,
        "reason": one.reason, "articles": list(one.articles), "urls": list(one.named),
        "records": [
            {"file": t.file, "offset": t.offset, "length": t.length, "type": t.type,
             "record_id": t.record_id, "sha256": t.sha256, "left": t.left}
            for t in one.records
        ],
    }  # fmt: skip
