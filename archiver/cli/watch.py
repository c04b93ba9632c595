"""archiver watch."""

from __future__ import annotations

import click

from archiver import amending, clock, query
from archiver.cli import again, hits, options, pager, terminal, times
from archiver.cli.unfound import unfound
from archiver.config import Config
from archiver.documents import Query
from archiver.errors import ArchiverError, UsageError
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.timestamps import iso
from archiver.work import Watch, Watched


@click.group(invoke_without_command=True)
@options.as_json
@options.place
@click.pass_context
def watch(ctx: click.Context, as_json: bool, place: options.Place) -> None:
    """List what is watched, and how often and when last new articles matched.

    With each 'archiver run', hooks are told of new articles and real changes that match a watch: docs/schedules.md
    says how. What 'crawl' and 'import' bring is told by the next run.
    """
    if ctx.invoked_subcommand:
        ctx.obj = place
        return
    config = place.configuration()
    with Runs(place.layout(config).runs, readonly=True) as runs:
        begun = {
            name: each for name, each in runs.watches.all().items() if each.watch in config.watches
        }
    if as_json:
        for each in config.watches:
            terminal.out_json(_json(each, begun.get(each.name)))
        return
    if not config.watches:
        terminal.say("nothing is watched yet. Next: archiver watch add QUERY")
        return
    rows: list[tuple[str, ...]] = [("name", "matched", "last", "query")]
    rows += [_row(each, begun.get(each.name)) for each in config.watches]
    for line in terminal.table(rows, left=len(rows[0])):
        terminal.out(line)
    terminal.say(_next(config))


def _row(each: Watch, begun: Watched | None) -> tuple[str, ...]:
    last = times.away(begun.matched_at, clock.now()) if begun and begun.matched_at else "never"
    matched = str(begun.matched) if begun else "not begun"
    return each.name, matched, last, terminal.field(each.query)


def _json(each: Watch, begun: Watched | None) -> dict[str, object]:
    return {
        "name": each.name,
        "query": each.query,
        "begun": begun is not None,
        "matched": begun.matched if begun else 0,
        "matched_at": iso(begun.matched_at) if begun and begun.matched_at else None,
    }


def _next(config: Config) -> str:
    """Say what to do next: of matches that nobody is told, that."""
    hooks = config.hooks
    if not (hooks.command or hooks.webhook or hooks.lines or hooks.atom):
        return f"nobody is told of matches: write [hooks] into {config.path} (docs/schedules.md)"
    return "Next: archiver run --due, archiver watch test NAME"


@watch.command(cls=options.WordsCommand)
@options.words
@click.option(
    "--name", default="", metavar="NAME", help="What to call it; else it is named after its words."
)
@options.place
@click.pass_obj
def add(outer: options.Place, words: tuple[str, ...], name: str, place: options.Place) -> None:
    """Watch for articles that match the query WORDS, from now on.

    The query is one as for 'archiver search' (docs/searching.md); quotes, brackets and stars want quotes around all of
    it. It is written into sources.toml.

    \b
      archiver watch add --name floods 'فيضان* OR سيول'
    """  # noqa: D301 (to click, \b says: keep these lines)
    place = _inner(outer, place)
    config = place.configuration(needed=True)
    layout = place.layout(config)
    text = " ".join(words).strip()
    _check(text, layout)
    name = name or amending.name_for(text, [each.name for each in config.watches])
    amending.add_watch(config.path, Watch(name, text))
    _begin(place, layout)
    terminal.out(f"{name}  {terminal.field(text)}")
    terminal.say(f"written to {config.path}. {_next(place.configuration(needed=True))}")


def _check(text: str, layout: Layout) -> None:
    """Raise what searching for a query would raise; what only an index knows, where there is one."""
    if query.parse(text, clock.now().date()) is None:
        raise UsageError("nothing to watch for", remedy="give a word, or a filter such as source:")
    if layout.index.is_file():
        with options.opened(layout) as index:
            index.check(Query(text))


def _begin(place: options.Place, layout: Layout) -> None:
    """Let what is watched begin now, and not with the next run."""
    from archiver import watching

    if not layout.root.is_dir():
        return
    try:
        with Runs(layout.runs) as runs:
            watches = place.configuration(needed=True).watches
            watching.begin(runs, layout, watches, terminal.say)
    except ArchiverError as error:
        terminal.say(f"it begins with the next run, and not now: {error}")


@watch.command()
@click.argument("name")
@options.place
@click.pass_obj
def remove(outer: options.Place, name: str, place: options.Place) -> None:
    """Watch no longer for what NAME stands for: its line is taken out of sources.toml, and nothing else."""
    place = _inner(outer, place)
    config = place.configuration(needed=True)
    found = config.watch(name)
    amending.remove_watch(config.path, name)
    _begin(place, place.layout(config))
    terminal.out(f"{name}  {terminal.field(found.query)}")
    terminal.say(f"taken out of {config.path}. Next: archiver watch")


@watch.command()
@click.argument("name")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True,
    help="At most this many.",
)  # fmt: skip
@options.as_json
@options.place
@click.pass_context
def test(ctx: click.Context, name: str, limit: int, as_json: bool, place: options.Place) -> None:
    """Show what of the archive matches the watch NAME, the newest first, whether or not it was told."""
    place = _inner(ctx.obj, place)
    config = place.configuration(needed=True)
    wanted = Query(config.watch(name).query, limit=limit)
    layout = place.layout(config)
    layout.check()
    with options.opened(layout) as index:
        page, more = index.page(wanted)
        if not page:
            raise unfound(index, wanted)
    if as_json:
        for hit in page:
            terminal.out_json(hits.as_object(hit))
        return
    pager.show([line for hit in page for line in hits.lines(hit)])
    terminal.say(
        f"{len(page)} {'shown' if more else 'found'}. The same: {again.command(ctx, 'search', wanted.words)}"
    )


def _inner(outer: options.Place, place: options.Place) -> options.Place:
    """Return the places that were named, behind the inner command or before it."""
    return options.Place(place.archive or outer.archive, place.config or outer.config)
