"""archiver explain."""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING

import click

from archiver.cli import options, terminal
from archiver.errors import NothingFound, UsageError
from archiver.store.search import Index
from archiver.types import Rules, Snapshot

if TYPE_CHECKING:
    from archiver.extract.explain import Explained

SHOWN = 160  # characters of a block in a terminal


@click.command()
@click.argument("wanted", metavar="ID|URL")
@click.option("--html", "as_html", is_flag=True, help="Write a web page instead.")
@options.as_json
@options.place
def explain(wanted: str, as_html: bool, as_json: bool, place: options.Place) -> None:
    """Show block by block what of a page was kept as the article, what was not, and why."""
    if as_html and as_json:
        raise UsageError("--html and --json exclude each other", remedy="give one of them")
    snapshot, blocks = _explained(place, wanted)
    if as_json:
        for block in blocks:
            terminal.out_json(asdict(block))
    elif as_html:
        terminal.out(_page(snapshot.capture.url, blocks))
    else:
        _print(blocks)


def _explained(place: options.Place, wanted: str) -> tuple[Snapshot, list[Explained]]:
    """Read the page again, in a worker: it may be hostile."""
    from archiver import extract
    from archiver.executors.local import TaskFailed, WorkerPool
    from archiver.warc.reader import exchange_at

    layout = place.existing()
    with Index(layout.index) as index:
        article = index.article(wanted)
        location = article.location if article else index.exchange(wanted)
        profiles = index.profiles()
    if location is None:
        raise NothingFound(f"no page {wanted}", remedy="'archiver search' shows ids")
    snapshot = exchange_at(layout.warcs, location)
    if not isinstance(snapshot, Snapshot) or not extract.is_page(snapshot.capture):
        raise NothingFound(f"{wanted} is no page that was read")
    name = snapshot.capture.link.source
    rules = next((s.rules for s in place.configuration().sources if s.name == name), Rules())
    pool = WorkerPool(1)
    try:
        arguments = (snapshot.capture, profiles.get(name, ""), rules)
        return snapshot, pool.submit(extract.explained, *arguments).result()
    except TaskFailed as error:
        raise NothingFound(f"{wanted} cannot be read: {error}") from error
    finally:
        pool.close()


def _print(blocks: list[Explained]) -> None:
    for block in blocks:
        text = block.text if len(block.text) <= SHOWN else block.text[: SHOWN - 1] + "…"
        sign = terminal.green("keep") if block.kept else terminal.dim("drop")
        shown = terminal.field(text)
        terminal.out(f"{sign}  {shown if block.kept else terminal.dim(shown)}")
        terminal.out(terminal.dim(f"      {block.step}: {terminal.field(block.why)}"))
    kept = [block for block in blocks if block.kept]
    terminal.say(f"{len(kept)} of {len(blocks)} blocks kept")


_HEAD = """<!doctype html>
<html><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 1rem/1.6 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
div {{ border-inline-start: .3rem solid #2a7; margin: .3rem 0; padding: .1rem .8rem; }}
div.drop {{ border-color: #d88; color: #888; }}
small {{ display: block; color: #777; font-size: .75rem; text-align: left; }}
code {{ overflow-wrap: anywhere; }}
</style></head><body><h1 dir="auto">{title}</h1>"""


def _page(url: str, blocks: list[Explained]) -> str:
    """Return the blocks as a web page that asks for nothing from anywhere."""
    lines = [_HEAD.format(title=escape(url))]
    for block in blocks:
        lines.append(
            f'<div class="{"keep" if block.kept else "drop"}" dir="auto">{escape(block.text)}'
            f'<small dir="ltr">{escape(block.step)}: {escape(block.why)}'
            f"<br><code>{escape(block.place)}</code></small></div>"
        )
    return "\n".join([*lines, "</body></html>"])
