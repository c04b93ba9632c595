"""archiver profile."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver import amending
from archiver.cli import options, terminal
from archiver.errors import NothingFound, UsageError
from archiver.store.search import Index

if TYPE_CHECKING:
    from archiver.extract.profile import Profile

MOST = 15  # places and lines that are shown
BODY = 0.6  # share from which on a place holds articles


@click.command()
@click.argument("source", metavar="SOURCE")
@click.option(
    "--label",
    "marked",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take selectors from a saved page marked with data-archiver attributes.",
)
@options.as_json
@options.place
def profile(source: str, marked: Path | None, as_json: bool, place: options.Place) -> None:
    """Show what was learned of a source's pages: where articles stand, and which lines repeat.

    To correct it, save a page ('archiver show --html'), write data-archiver="body" into the tag that
    holds the article (also: drop, title, byline, date), and give the file to --label.
    """
    if marked is not None:
        _label(source, marked, place)
        return
    with Index(place.existing().index) as index:
        told = index.profiles()
    if source not in told:
        raise NothingFound(f"no pages of '{source}' yet", remedy="'archiver sources' lists them")
    from archiver.extract.profile import ENOUGH, loads

    known = loads(told[source])
    if as_json:
        terminal.out_json(_json(source, known))
    elif known.pages:
        _print(known)
    else:
        terminal.out(f"nothing learned yet: that takes {ENOUGH} articles")


def _label(source: str, marked: Path, place: options.Place) -> None:
    """Write the selectors of a marked page into sources.toml."""
    from archiver.content import decode_text
    from archiver.extract.label import rules_of

    known = place.configuration(needed=True)
    known.chosen([source])
    try:
        rules = rules_of(decode_text(marked.read_bytes())[0])
    except (OSError, ValueError) as error:
        raise UsageError(f"{marked}: {error}") from error
    amending.add_rules(known.path, source, rules)
    for field in fields(rules):
        for selector in getattr(rules, field.name):
            terminal.out(f"{field.name:>8}  {terminal.field(selector)}")
    terminal.say(f"written to {known.path}. Next: archiver rebuild, or the next crawl")


def _print(known: Profile) -> None:
    terminal.out(f"learned from {known.pages} pages")
    for name in ("title", "byline", "date"):
        if where := getattr(known, name):
            terminal.out(terminal.dim(f"{name:>12}  ") + terminal.field(where))
    for name in sorted(known.names)[:MOST]:
        terminal.out(terminal.dim("in titles  ".rjust(14)) + terminal.field(name))
    _print_places(known)
    terminal.out(f"\n{len(known.lines)} lines that repeat, on how many pages")
    for line, pages in sorted(known.lines.items(), key=lambda item: -item[1])[:MOST]:
        terminal.out(f"{pages:>12}  {terminal.field(line)}")
    for name, layout in known.layouts.items():
        terminal.out(f"\nlayout {terminal.field(name)}")
        terminal.out(f"{layout.pages:>12}  pages, {layout.first_at[:10]} to {layout.last_at[:10]}")


def _print_places(known: Profile) -> None:
    terminal.out("\nwhere articles stand, and how much of what stands there is article")
    held = [item for item in known.places.items() if item[1].share >= BODY]
    for name, where in sorted(held, key=lambda item: -item[1].pages)[:MOST]:
        terminal.out(f"{where.share:>12.0%}  {terminal.field(name)}  ({where.pages} pages)")


def _json(source: str, known: Profile) -> dict[str, object]:
    return {
        "source": source,
        "pages": known.pages,
        "title": known.title,
        "byline": known.byline,
        "date": known.date,
        "names": sorted(known.names),
        "places": {name: [where.pages, where.share] for name, where in known.places.items()},
        "lines": dict(known.lines),
        "layouts": {
            name: {"pages": each.pages, "first_at": each.first_at, "last_at": each.last_at}
            for name, each in known.layouts.items()
        },
    }
