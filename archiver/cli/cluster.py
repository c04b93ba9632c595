"""archiver cluster."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from archiver.cli import again, options, terminal
from archiver.errors import NothingFound, UsageError
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.timestamps import iso

if TYPE_CHECKING:
    from archiver.store.clusters import Alike, Cluster

_OUTLETS = 8  # sources that a line names


@click.command()
@click.option("--all", "anew", is_flag=True, help="Compare all articles anew.")
@click.option("--list", "listed", is_flag=True, help="List the largest clusters; compare nothing.")
@click.option(
    "--min", "least", type=click.IntRange(1), default=2, show_default=True, metavar="N",
    help="With --list: of at least so many articles.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N",
    help="With --list: at most so many.",
)  # fmt: skip
@options.as_json
@options.place
@click.pass_context
def cluster(
    ctx: click.Context,
    anew: bool,
    listed: bool,
    least: int,
    limit: int,
    as_json: bool,
    place: options.Place,
) -> None:
    """Find copies of one text across sources, and which was first.

    Compares what is new or has changed since the last time. docs/copies.md says what counts as a copy. Exit code 3:
    nothing to list.
    """
    if anew and listed:
        raise UsageError("--all compares, --list only lists", remedy="give one of them")
    layout = place.existing()
    if listed:
        _list(ctx, layout, least, limit, as_json)
    else:
        _compare(ctx, layout, anew, as_json)


def _compare(ctx: click.Context, layout: Layout, anew: bool, as_json: bool) -> None:
    from archiver.clusters import cluster as run

    line = terminal.Progress()
    began = time.monotonic()
    try:
        done = run(
            layout,
            anew=anew,
            progress=lambda so_far: line.show(f"{so_far.compared} compared, {so_far.due} are due"),
        )
    finally:
        line.clear()
    seconds = round(time.monotonic() - began, 1)
    with Index(layout.index) as index:
        articles, clusters = index.cluster_counts()
    if as_json:
        told = {"due": done.due, "articles": articles, "clusters": clusters, "seconds": seconds}
        terminal.out_json(told)
        return
    terminal.out(
        f"compared {done.due} articles that were new or had changed in {seconds} s: {articles} in {clusters} clusters,"
        f" {articles - clusters} of them copies of an earlier one"
    )
    terminal.say(f"Next: {again.command(ctx, 'cluster', '--list')}")


def _list(ctx: click.Context, layout: Layout, least: int, limit: int, as_json: bool) -> None:
    with Index(layout.index) as index:
        if not index.clustered:
            raise NothingFound("no article was compared yet", remedy="run 'archiver cluster'")
        found = index.largest_clusters(least, limit)
        due = index.uncompared
    if not found:
        raise NothingFound(f"no cluster of at least {least} articles")
    for one in found:
        if as_json:
            terminal.out_json(_as_object(one))
        else:
            terminal.out(_line(one))
    if as_json:
        return
    if due:
        terminal.say(
            f"{due} articles are new or have changed since: 'archiver cluster' compares them"
        )
    terminal.say(f"{len(found)} listed. Next: {again.show(ctx, found[0].first.article_id)}")


def _line(cluster: Cluster) -> str:
    """Return a cluster as a line: size, the id and time of its first article, who has it, and the headline."""
    first = cluster.first
    others = [name for name in cluster.sources if name != first.source]
    names = ", ".join(map(terminal.field, [first.source, *others][:_OUTLETS]))
    more = f" and {len(others) + 1 - _OUTLETS} more" if len(others) >= _OUTLETS else ""
    title = terminal.bold(terminal.field(first.title or "(no title)"))
    return f"{cluster.size:>6}  {first.article_id:>6}  {first.at:%Y-%m-%d %H:%M}  {names}{more}  {title}"


def _as_object(cluster: Cluster) -> dict[str, Any]:
    first = cluster.first
    return {
        "cluster_id": first.cluster_id,
        "size": cluster.size,
        "sources": cluster.sources,
        "first": {
            "id": first.article_id,
            "source": first.source,
            "at": iso(first.at),
            "title": first.title,
            "url": first.url,
        },
    }


def copy_line(copy: Alike) -> str:
    """Return a copy as a line: source, time, id, and how alike the first of the cluster it is."""
    how = "first" if copy.article_id == copy.cluster_id else f"{copy.alike:.0%} alike"
    return f"{terminal.field(copy.source)}  {copy.at:%Y-%m-%d %H:%M}  {copy.article_id}  {how}"


def copy_object(copy: Alike) -> dict[str, Any]:
    """Return a copy as an object for JSON."""
    return {
        "id": copy.article_id,
        "source": copy.source,
        "at": iso(copy.at),
        "url": copy.url,
        "title": copy.title,
        "alike": round(copy.alike, 3),
        "first": copy.article_id == copy.cluster_id,
    }
