"""archiver search."""

from __future__ import annotations

from typing import Any

import click

from archiver.cli import again, facets, hits, options, pager, terminal
from archiver.cli.unfound import unfound
from archiver.documents import MARK_START, Hit, Query
from archiver.errors import UsageError
from archiver.query.scanning import scan
from archiver.store.search import FACETS, SORTS, WINDOW, Index


@click.command(cls=options.WordsCommand)
@options.words
@options.filters
@click.option(
    "--sort", type=click.Choice(list(SORTS)), default="date", show_default=True,
    help="Newest first (date), oldest first, or most relevant first.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True,
    help="At most this many hits, or values of a facet.",
)  # fmt: skip
@click.option(
    "--after", type=click.IntRange(1), default=None, metavar="ID",
    help="The next page: the hits behind this one.",
)  # fmt: skip
@click.option("--ids", "as_ids", is_flag=True, help="Write ids only, one on each line.")
@click.option(
    "--count",
    "as_count",
    is_flag=True,
    help="Write how many there are; 10000+ for more than 10,000.",
)
@click.option(
    "--facet", type=click.Choice(FACETS),
    help="Write how many of the newest 10,000 hits have which source, day ...",
)  # fmt: skip
@options.as_json
@click.option("--no-pager", is_flag=True, help="Never hand a long list to a pager.")
@options.place
@click.pass_context
def search(
    ctx: click.Context,
    words: tuple[str, ...],
    filters: options.Filters,
    sort: str,
    limit: int,
    after: int | None,
    as_ids: bool,
    as_count: bool,
    facet: str | None,
    as_json: bool,
    no_pager: bool,
    place: options.Place,
) -> None:
    """Search the archive for articles that hold all WORDS, in any of their forms.

    Newest first. The words are joined by spaces to one query; docs/searching.md describes its language. The shell
    takes quotes away: a phrase wants quotes inside quotes, and brackets and stars want them too.

    \b
      archiver search فيضانات السودان -كرة
      archiver search '"heavy rain" title:(flood* OR storm) after:2026-02'
      archiver search --facet month فيضانات

    Without words, the filters alone choose. Exit code 3: nothing was found.
    """  # noqa: D301 (to click, \b says: keep these lines)
    if as_ids + as_count + (facet is not None) > 1 or (as_ids and as_json):
        raise UsageError(
            "--ids, --count and --facet exclude each other, and --ids --json",
            remedy="give one of them",
        )
    if after and (as_count or facet):
        raise UsageError("--after is for lists of hits", remedy="leave it out")
    # Of nothing at all there may be numbers; a variable that was empty in a script is another thing.
    overview = not words and (as_count or facet)
    if filters.empty and not overview and not scan(" ".join(words)):
        raise UsageError(
            "nothing to search for", remedy="give a word, or a filter such as --source"
        )
    query = filters.query(words, sort=sort, limit=limit, after=after or 0)
    with options.opened(place.existing()) as index:
        if as_count:
            _count(index, query, as_json)
        elif facet:
            _facet(index, query, facet, as_json, not no_pager)
        else:
            _list(ctx, index, query, "ids" if as_ids else "json" if as_json else "", not no_pager)


def _list(ctx: click.Context, index: Index, query: Query, form: str, paged: bool) -> None:
    """Write one page of hits, and for a person how to go on."""
    page, more = index.page(query)
    if not page:
        raise unfound(index, query)
    if form == "ids":
        for hit in page:
            terminal.out(str(hit.article.id))
    elif form == "json":
        for hit in page:
            terminal.out_json(hits.as_object(hit))
    else:
        pager.show([line for hit in page for line in hits.lines(hit)], paged=paged)
        _say_next(ctx, query, page, more)


def _say_next(ctx: click.Context, query: Query, page: list[Hit], more: bool) -> None:
    first, last = page[0], page[-1].article.id
    if more:
        terminal.say(f"{len(page)} shown. More: {again.next_page(ctx, last)}")
    else:
        terminal.say(f"{len(page)} {'shown, the last' if query.after else 'found'}.")
    found = any(MARK_START in hit.title + hit.snippet for hit in page)
    terminal.say(f"Next: {again.show(ctx, first.article.id, query.words if found else '')}")


def _count(index: Index, query: Query, as_json: bool) -> None:
    count = index.count(query)
    more = count > WINDOW
    if as_json:
        terminal.out_json({"count": min(count, WINDOW), "more": more})
    else:
        terminal.out(f"{WINDOW}+" if more else str(count))
    if not count:
        raise unfound(index, query)


def _facet(index: Index, query: Query, by: str, as_json: bool, paged: bool) -> None:
    facet = index.facet(query, by)
    if not facet.articles:
        raise unfound(index, query)
    if as_json:
        for value in facets.as_objects(facet, by, query.limit):
            terminal.out_json(value)
        return
    shown = facets.first(facet, by, query.limit)
    lines: list[Any] = (
        [facets.over_time(index.over_time(query)), "", *facets.table(shown)] if shown else []
    )
    pager.show(lines, paged=paged)
    terminal.say(f"{facets.told(facet, by, len(shown))}.")
