"""archiver diff."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from archiver.cli import options, pager, pieces, terminal
from archiver.cli.unfound import absent
from archiver.diff import Diff, Paragraph, Piece, compare, kind
from archiver.errors import NothingFound, UsageError
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.types import Article, Version


@click.command()
@click.argument("wanted", metavar="ID|URL")
@click.argument("old", metavar="[V1", required=False, type=click.IntRange(1))
@click.argument("new", metavar="[V2]]", required=False, type=click.IntRange(1))
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a web page: side by side.",
)
@click.option(
    "--context",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="Show N unchanged paragraphs around each that changed.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--no-pager", is_flag=True, help="Never hand a long text to a pager.")
@options.place
def diff(
    wanted: str,
    old: int | None,
    new: int | None,
    page: Path | None,
    context: int,
    as_json: bool,
    no_pager: bool,
    place: options.Place,
) -> None:
    """Compare two versions of an article word by word: without numbers the last two, with one that and the last.

    'archiver history' shows the numbers; "last" is by the time of capture. Without colour, what went is written
    [-so-] and what came {+so+}. Exit code 3: there is only one version, or none with that number.
    """  # fmt: skip
    if page and as_json:
        raise UsageError("--html and --json exclude each other", remedy="give one of them")
    layout = place.existing()
    with Index(layout.index) as index:
        article = index.article(wanted)
        if article is None:
            raise absent(layout, wanted)
        one, other = _versions(index, article, old, new)
    found = compare((one.title, one.text), (other.title, other.text))
    if as_json:
        terminal.out_json(_as_object(article, one, other, found))
    elif page:
        from archiver.cli import diffpage

        diffpage.write(page, diffpage.page(article, one, other, found))
        terminal.say(f"versions {one.number} and {other.number} side by side: {page}")
    else:
        pager.show(list(_lines(layout, one, other, found, context)), paged=not no_pager)
        terminal.say(_summary(one, other, found))


def _versions(
    index: Index, article: Article, old: int | None, new: int | None
) -> tuple[Version, Version]:
    """Return the two versions that are meant. Raises NothingFound."""
    remedy = f"'archiver history {article.id}' lists them"
    if old is None:
        last = list(islice(index.versions(article.id, newest_first=True), 2))
        if len(last) < 2:
            raise NothingFound(f"article {article.id} has only one version", remedy=remedy)
        return last[1], last[0]
    if new is None:
        new = next(index.versions(article.id, newest_first=True)).number
        if new == old:
            raise NothingFound(f"version {old} of article {article.id} is the last", remedy=remedy)
    found = []
    for number in (old, new):
        version = index.version(article.id, number)
        if version is None:
            raise NothingFound(f"article {article.id} has no version {number}", remedy=remedy)
        found.append(version)
    return found[0], found[1]


def _lines(layout: Layout, old: Version, new: Version, found: Diff, context: int) -> Iterator[str]:
    """Yield both versions' times and records, the title, and the paragraphs that changed."""
    for sign, version in ((terminal.red("-"), old), (terminal.green("+"), new)):
        where = f"{layout.warcs / version.location.filename}, offset {version.location.offset}"
        seen = f"{version.first_seen:%Y-%m-%d %H:%M:%S} to {version.last_seen:%Y-%m-%d %H:%M:%S}"
        yield f"{sign} version {version.number}, seen {seen}"
        yield terminal.dim(f"  {terminal.field(where)}")
    yield ""
    for line in _wrapped(found.title or (Piece("same", "(no title)"),)):
        yield terminal.bold(line.replace("\x1b[0m", "\x1b[0;1m"))
    for part in _near(found.paragraphs, context):
        yield ""
        if isinstance(part, int):
            yield terminal.dim(f"… {part} paragraph{'s' * (part != 1)} unchanged")
            continue
        if part.moved:
            yield terminal.dim("moved away:" if part.kind == "gone" else "moved here:")
        yield from _wrapped(part.pieces)


def _wrapped(found: tuple[Piece, ...]) -> list[str]:
    """Return pieces as lines that fit the terminal; elsewhere on one."""
    on_terminal = terminal.on_terminal()
    return pieces.lines(found, terminal.size()[0]) if on_terminal else [pieces.line(found)]


def _near(paragraphs: tuple[Paragraph, ...], context: int) -> Iterator[Paragraph | int]:
    """Yield what changed and what stands near it; for what is between, how many paragraphs it is."""
    last, left_out = -1 - context, 0
    following = _following(paragraphs)
    for place, part in enumerate(paragraphs):
        if part.kind != "same":
            last = place
        if place - last <= context or following[place] - place <= context:
            if left_out:
                yield left_out
            left_out = 0
            yield part
        else:
            left_out += 1
    if left_out:
        yield left_out


def _following(paragraphs: tuple[Paragraph, ...]) -> list[int]:
    """Return for each place the next one, from it on, whose paragraph changed."""
    found, following = [], 2 * len(paragraphs) + (1 << 31)
    for place in range(len(paragraphs) - 1, -1, -1):
        following = place if paragraphs[place].kind != "same" else following
        found.append(following)
    return found[::-1]


def _summary(old: Version, new: Version, found: Diff) -> str:
    told = ", ".join(kind((old.title, old.text), (new.title, new.text))) or "trifles only"
    return f"{told}: {found.words('new')} words came, {found.words('gone')} went."


def _as_object(article: Article, old: Version, new: Version, found: Diff) -> dict[str, Any]:
    return {
        "id": article.id,
        "url": article.url,
        "kinds": list(kind((old.title, old.text), (new.title, new.text))),
        "words_new": found.words("new"),
        "words_gone": found.words("gone"),
        "old": _version(old),
        "new": _version(new),
        "title": _pieces(found.title),
        "paragraphs": [
            {"kind": part.kind, "moved": part.moved, "pieces": _pieces(part.pieces)}
            for part in found.paragraphs
        ],
    }


def _pieces(found: tuple[Piece, ...]) -> list[dict[str, str]]:
    return [{"kind": piece.kind, "text": piece.text} for piece in found]


def _version(version: Version) -> dict[str, Any]:
    where = version.location
    return {
        "version": version.number,
        "first_seen": iso(version.first_seen),
        "last_seen": iso(version.last_seen),
        "captured_at": iso(version.captured_at),
        "url": version.url,
        "text_hash": version.text_hash,
        "warc_filename": where.filename,
        "warc_offset": where.offset,
        "warc_length": where.length,
        "warc_record_id": where.record_id,
        "warc_payload_digest": version.digest,
    }
