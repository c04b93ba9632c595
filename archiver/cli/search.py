"""archiver search."""

from __future__ import annotations

import click

from archiver.cli import options, terminal
from archiver.dates import iso
from archiver.errors import NothingFound, UsageError
from archiver.store.search import SORTS, Index
from archiver.types import MARK_END, MARK_START, Hit


@click.command()
@click.argument("words", nargs=-1)
@options.filters
@click.option(
    "--sort", type=click.Choice(list(SORTS)), default="date", show_default=True, help="The order."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="At most this many.",
)
@options.as_json
@options.place
def search(
    words: tuple[str, ...],
    filters: options.Filters,
    sort: str,
    limit: int,
    as_json: bool,
    place: options.Place,
) -> None:
    """Search the archive for articles that hold all WORDS.

    Words in quotes are a phrase. Without words, the filters alone choose. Newest first.
    """
    if not "".join(words).strip() and filters.empty:
        raise UsageError(
            "nothing to search for", remedy="give a word, or a filter such as --source"
        )
    layout = place.existing()
    with Index(layout.index) as index:
        hits = index.search(filters.query(words, sort=sort, limit=limit))
    if not hits:
        raise NothingFound(f"no article matches {' '.join(words) or 'these filters'}")
    for hit in hits:
        if as_json:
            terminal.out_json(_json(hit))
        else:
            print_hit(hit)
    if not as_json:
        more = (
            f"the first {limit}; --limit shows more" if len(hits) == limit else f"{len(hits)} found"
        )
        terminal.say(f"{more}. Next: archiver show {hits[0].article.id}")


def print_hit(hit: Hit) -> None:
    """Print a hit in two lines: id, date, source and title; then the snippet."""
    article = hit.article
    published = article.document.published
    date = published.at.strftime("%Y-%m-%d") if published else "no date   "
    gone = f"  (gone since {article.gone_at:%Y-%m-%d})" if article.gone_at else ""
    cut = "" if article.completeness == "whole" else f"  ({article.completeness.value})"
    terminal.out(f"{article.id:>6}  {date}  {terminal.harmless(article.source)}  "
                 f"{terminal.bold(terminal.marked(hit.title or '(no title)'))}{gone}{cut}")  # fmt: skip
    terminal.out(f"        {terminal.marked(hit.snippet)}")


def _json(hit: Hit) -> dict[str, object]:
    article = hit.article
    published = article.document.published
    return {
        "id": article.id,
        "title": article.document.title,
        "url": article.url,
        "source": article.source,
        "published_at": iso(published.at) if published else None,
        "language": article.document.language,
        "snippet": hit.snippet.replace(MARK_START, "").replace(MARK_END, ""),
        "version": article.version,
        "gone_at": iso(article.gone_at) if article.gone_at else None,
        "completeness": article.completeness.value,
    }
