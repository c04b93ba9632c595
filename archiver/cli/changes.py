"""archiver changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import click

from archiver.changes import KINDS, MINOR, REMOVED, RESTORED, Told
from archiver.changes import changes as changed
from archiver.cli import again, options, pager, pieces, terminal
from archiver.diff import HEADLINE
from archiver.errors import NothingFound
from archiver.store.histories import Span
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.types import Change, Version

_INDENT = 8
_WIDE = 160  # cells of a line that no terminal shows
_MARKS = 24  # cells that the marks of a few changes take
_STATUS = {404: "not found", 410: "gone"}


@click.command()
@click.option(
    "--since", type=options.When(), help="Only what changed then or later: 24h, 7d, 2026-03-14 ..."
)
@click.option(
    "--until", type=options.When(end=True), help="Only what changed before; a day counts in."
)
@click.option("--source", default="", metavar="NAME", help="Only this source.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Only this kind of change. May be given again.",
)
@click.option("--minor", is_flag=True, help="Trifles too: spaces, punctuation, spellings, clocks.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="At most this many.",
)
@click.option("--ids", "as_ids", is_flag=True, help="Write ids of articles only, each once.")
@options.as_json
@click.option("--no-pager", is_flag=True, help="Never hand a long list to a pager.")
@options.place
@click.pass_context
def changes(
    ctx: click.Context,
    since: datetime | None,
    until: datetime | None,
    source: str,
    kinds: tuple[str, ...],
    minor: bool,
    limit: int,
    as_ids: bool,
    as_json: bool,
    no_pager: bool,
    place: options.Place,
) -> None:
    """List what was edited, removed and restored, the newest first, by the time of the capture that showed it.

    Exit code 3: nothing changed.
    """  # fmt: skip
    span = Span(since, until, source)
    with Index(place.existing().index) as index:
        told = changed(index, span, kinds, minor=minor)
        page = list(islice(_each_once(told) if as_ids else told, limit + 1))
    if not page:
        raise NothingFound("nothing changed", remedy="" if minor else "--minor tells trifles too")
    shown = page[:limit]
    if as_json or as_ids:
        for one in shown:
            if as_json:
                terminal.out_json(_as_object(one))
            else:
                terminal.out(str(one.change.article_id))
        return
    pager.show([line for one in shown for line in _lines(one)], paged=not no_pager)
    terminal.say(
        f"{len(shown)} shown. More: --limit" if len(page) > limit else f"{len(shown)} found."
    )
    terminal.say(f"Next: {_next(ctx, shown[0].change)}")


def _each_once(told: Iterator[Told]) -> Iterator[Told]:
    seen: set[int] = set()
    for one in told:
        if one.change.article_id not in seen:
            seen.add(one.change.article_id)
            yield one


def _next(ctx: click.Context, change: Change) -> str:
    wanted = str(change.article_id)
    if change.before and change.after:
        return again.command(
            ctx, "diff", wanted, str(change.before.number), str(change.after.number)
        )
    return again.command(ctx, "history", wanted)


def _lines(told: Told) -> list[str]:
    """Return a change as lines: id, time, kind, source and title; below them how much changed, and the first of it."""
    change = told.change
    kinds = f"{', '.join(told.kinds):<14}"
    paint = {REMOVED: terminal.red, RESTORED: terminal.green}.get(told.kinds[0], terminal.bold)
    head = f"{change.article_id:>6}  {change.at:%Y-%m-%d %H:%M}  {paint(kinds)}  {terminal.field(change.source)}"
    lines = [f"{head}  {_title(told)}"]
    if told.diff and (about := _about(told)):
        lines.append(" " * _INDENT + about)
    return lines


def _title(told: Told) -> str:
    before, after, status = told.change.before, told.change.after, told.change.status
    if before and after and HEADLINE in told.kinds:
        return f"{_named(before)} → {terminal.bold(_named(after))}"
    title = terminal.bold(_named(after or before))
    if told.change.what == REMOVED:
        title += f"  ({status} {_STATUS.get(status, 'led elsewhere')})"
    return title


def _named(version: Version | None) -> str:
    return terminal.field((version.title if version else "") or "(no title)")


def _about(told: Told) -> str:
    """Return how many words of the text came and went, and the first place where."""
    assert told.diff is not None
    changed = [part for part in told.diff.paragraphs if part.kind != "same"]
    if not changed and told.kinds == (MINOR,):
        return pieces.line(told.diff.title)
    if not changed:
        return ""
    came, went = told.diff.words("new"), told.diff.words("gone")
    shown = next((part for part in changed if not part.moved), changed[0])
    counts = f"+{came} -{went}  "
    cells = (terminal.size()[0] if terminal.on_terminal() else _WIDE) - _INDENT - len(counts)
    marks = 0 if terminal.coloured() else _MARKS
    words = pieces.first(shown.pieces, max(cells - marks, 16))
    line = pieces.lines(words, max(cells, 16))[0]
    return f"{terminal.green(f'+{came}')} {terminal.red(f'-{went}')}  {line}"


def _as_object(told: Told) -> dict[str, Any]:
    change, diff = told.change, told.diff
    return {
        "at": iso(change.at),
        "kinds": list(told.kinds),
        "id": change.article_id,
        "source": change.source,
        "url": change.url,
        "status": change.status,
        "title_before": change.before.title if change.before else None,
        "title": change.after.title if change.after else None,
        "version_before": change.before.number if change.before else None,
        "version": change.after.number if change.after else None,
        "words_new": diff.words("new") if diff else None,
        "words_gone": diff.words("gone") if diff else None,
    }
