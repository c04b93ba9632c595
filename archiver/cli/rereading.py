"""archiver compare-extractor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from archiver.cli import options, terminal
from archiver.errors import ConfigError, NothingFound
from archiver.store.search import Index

if TYPE_CHECKING:
    from archiver.rereading import Compared, Example

MOST_TOLD = 20  # damaged places
PARTLY = 6  # exit code
_HEADS = ("source", "pages", "same", "trivial", "headline", "text", "lost", "unread")


@click.command("compare-extractor")
@click.argument("names", nargs=-1, metavar="[SOURCE] ...")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Only the newest N versions of each source.",
)
@click.option(
    "--against", multiple=True, metavar="VERSION",
    help="Only what this version of the extractor has read. May be given again.",
)  # fmt: skip
@options.as_json
@options.place
def compare_extractor(
    names: tuple[str, ...],
    limit: int | None,
    against: tuple[str, ...],
    as_json: bool,
    place: options.Place,
) -> int:
    """Read stored pages with the present extractor and the rules of sources.toml, and tell what would change.

    Counts, for each source, the pages that read the same, otherwise only in trifles, with another headline or text, or
    not at all, and shows those with the most words changed. Changes nothing: 'archiver rebuild' does. Exit code 6: some
    records could not be read.
    """
    from archiver.rereading import reread

    config = place.configuration()
    layout = place.layout(config)
    layout.check()
    line = terminal.Progress()
    found: list[Compared] = []
    with Index(layout.index) as index:
        chosen = _chosen(index, names)
        total = sum(min(index.count_versions(name), limit or 10**18) for name in chosen)
        looked = 0

        def show(so_far: Compared) -> None:
            line.show(f"{looked + so_far.pages} of {total} pages · {so_far.source}")

        for one in reread(
            layout, index, config.sources, chosen, limit=limit or 0, against=against, progress=show
        ):
            looked += one.pages
            found.append(one)
    line.clear()
    found = [one for one in found if one.pages]
    if not found:
        raise NothingFound("no page was read by that" if against else "there are no articles")
    if as_json:
        for one in found:
            terminal.out_json(_json(one))
    else:
        _print(found)
    return _told(found)


def _chosen(index: Index, names: Sequence[str]) -> list[str]:
    known = [source.name for source in index.sources()]
    for name in names:
        if name not in known:
            raise ConfigError(
                f"no source called '{name}' in the archive", remedy="'archiver sources' lists them"
            )
    return list(dict.fromkeys(names)) or known


def _json(one: Compared) -> dict[str, Any]:
    from archiver.rereading import KINDS

    return {
        "source": one.source, "pages": one.pages, **{kind: one.counts[kind] for kind in KINDS},
        "read_by": dict(sorted(one.versions.items())),
        "worst": [_example(example) for example in one.worst],
        "damaged": list(map(str, one.damages)),
    }  # fmt: skip


def _example(example: Example) -> dict[str, Any]:
    verdict = example.verdict
    return {
        "id": example.article_id, "version": example.version, "url": example.url,
        "kinds": list(verdict.kinds), "words_gone": verdict.gone, "words_new": verdict.new,
        "title": example.title, "new_title": verdict.title, "note": verdict.note,
    }  # fmt: skip


def _print(found: Sequence[Compared]) -> None:
    rows = [
        [one.source, str(one.pages), *(str(one.counts[kind]) for kind in _HEADS[2:])]
        for one in found
    ]
    for row in terminal.table([list(_HEADS), *rows]):
        terminal.out(row)
    for one in found:
        if not one.worst:
            continue
        terminal.out("")
        terminal.out(terminal.bold(f"{one.source}, most words changed"))
        for example in one.worst:
            _print_example(example)


def _print_example(example: Example) -> None:
    verdict = example.verdict
    what = ", ".join(verdict.kinds)
    changed = f"+{verdict.new} -{verdict.gone}"
    head = f"{example.article_id:>8}  version {example.version}  {what:<14}  {changed:>12}"
    terminal.out(f"{head}  {terminal.field(example.title)}")
    if verdict.title and verdict.title != example.title:
        terminal.out(f"{'':>10}now: {terminal.field(verdict.title)}")
    if verdict.note:
        terminal.out(f"{'':>10}{terminal.field(verdict.note)}")


def _told(found: Sequence[Compared]) -> int:
    from archiver import extract
    from archiver.rereading import SAME, UNREAD

    damages = [damage for one in found for damage in one.damages]
    for damage in damages[:MOST_TOLD]:
        terminal.say(terminal.harmless(f"damaged: {damage}"))
    pages = sum(one.pages for one in found)
    unread, same = (sum(one.counts[kind] for one in found) for kind in (UNREAD, SAME))
    versions = sorted({version for one in found for version in one.versions})
    terminal.say(
        f"{pages} pages, read by {', '.join(versions)}, were read again by {extract.VERSION}:"
        f" {same} read the same; nothing was changed"
    )
    if same + unread < pages:
        terminal.say("Next: archiver explain ID shows why; archiver rebuild reads all of them so")
    return PARTLY if unread else 0
