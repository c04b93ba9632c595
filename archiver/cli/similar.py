"""archiver similar."""

from __future__ import annotations

import click

from archiver.cli import again, hits, options, terminal
from archiver.cli.unfound import absent
from archiver.errors import NothingFound


@click.command()
@click.argument("wanted", metavar="ID|URL")
@click.option(
    "--days", type=click.IntRange(0, 36_500), default=14, show_default=True, metavar="N",
    help="Of so many days before and after.",
)  # fmt: skip
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=10,
    show_default=True,
    help="At most this many.",
)
@options.as_json
@options.place
@click.pass_context
def similar(
    ctx: click.Context, wanted: str, days: int, limit: int, as_json: bool, place: options.Place
) -> None:
    """Find articles that tell the same story as one, in other outlets too.

    The most similar first, with how much of what is rare in the one article stands in the other.
    """
    with options.opened(place.existing()) as index:
        article = index.article(wanted)
        if article is None:
            raise absent(place.existing(), wanted)
        found = index.similar(article, days=days, limit=limit)
    if not found:
        raise NothingFound(
            f"no article within {days} day{'s' * (days != 1)} tells what {article.id} tells",
            remedy="--days looks further",
        )
    for one in found:
        if as_json:
            terminal.out_json({**hits.about(one.article), "score": round(one.score, 3)})
        else:
            terminal.out(hits.like(one.article, one.score))
    if not as_json:
        terminal.say(f"{len(found)} found. Next: {again.show(ctx, found[0].article.id)}")
