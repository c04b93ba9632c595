"""archiver show."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from archiver.cli import again, options, terminal
from archiver.cli.cluster import copy_line, copy_object
from archiver.cli.unfound import absent
from archiver.documents import MARK_START, Article, Moment
from archiver.errors import NothingFound, UsageError
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.timestamps import iso

if TYPE_CHECKING:
    from archiver.store.clusters import Alike

_COPIES = 10  # that are named


@click.command()
@click.argument("wanted", metavar="ID|URL")
@click.option(
    "--raw", is_flag=True, help="Write the response body as it was received, byte for byte."
)
@click.option("--html", "as_html", is_flag=True, help="Write the response body decoded, as UTF-8.")
@click.option(
    "--query", default="", metavar="TEXT", help="Mark what this search finds in the article."
)
@click.option(
    "--version", "number", type=click.IntRange(1), metavar="N",
    help="Show this version; 'archiver history' lists them.  [default: the last]",
)  # fmt: skip
@options.as_json
@options.place
@click.pass_context
def show(
    ctx: click.Context,
    wanted: str,
    raw: bool,
    as_html: bool,
    query: str,
    number: int | None,
    as_json: bool,
    place: options.Place,
) -> None:
    """Show one article: its clean text, and where in the WARC files its bytes lie.

    Of an article that is gone, what was seen last.
    """
    if raw + as_html + as_json > 1:
        raise UsageError("--raw, --html and --json exclude each other", remedy="give one of them")
    if query and (raw or as_html or as_json):
        raise UsageError("--query marks words for the eye", remedy="leave it out, or the format")
    layout = place.existing()
    with options.opened(layout) if query else Index(layout.index) as index:
        article = index.article(wanted, number or 0)
        if article is None and number and (known := index.article(wanted)):
            remedy = f"'archiver history {known.id}' lists them"
            raise NothingFound(f"article {known.id} has no version {number}", remedy=remedy)
        if article is None:
            raise absent(layout, wanted)
        found = index.marked(article, query) if query else None
        copies = index.copies(article.id)
        cluster = index.cluster_of([article.id]).get(article.id)
    if raw or as_html:
        _write_body(layout, article, decoded=as_html)
    elif as_json:
        from archiver.export import row

        terminal.out_json({**row(article, cluster), "copies": list(map(copy_object, copies))})
    else:
        print_article(layout, article, found, copies)
        if found and MARK_START not in found[0] + found[1]:
            terminal.say("nothing that the query looks for is in title or text")
        if article.versions > 1 or article.gone_at:
            terminal.say(f"Next: {again.command(ctx, 'history', str(article.id))}")


def _write_body(layout: Layout, article: Article, decoded: bool) -> None:
    from archiver.content import decode_body, decode_text, read_head
    from archiver.warc.reader import response_at

    head_bytes, body = response_at(layout.warcs, article.location)
    if decoded:
        head = read_head(head_bytes)
        plain, note = decode_body(head, body)
        text, charset = decode_text(plain, head.get("content-type"))
        terminal.say(f"decoded from {charset}{'; ' + note if note else ''}")
        body = text.encode()
    if terminal.on_terminal() and not terminal.bears(body):
        raise UsageError(
            "the body is nothing for a terminal: it is not UTF-8, or has control characters",
            remedy="send it on with > or |" + ("" if decoded else ", or decode it with --html"),
        )
    # Not sys.stdout.buffer: where Python runs unbuffered, it may write a part, and say so only.
    with open(sys.stdout.fileno(), "wb", closefd=False) as stream:
        stream.write(body)


def print_article(
    layout: Layout,
    article: Article,
    found: tuple[str, str] | None = None,
    copies: Sequence[Alike] = (),
) -> None:
    """Print what is known of an article and its copies, then its paragraphs; `found` are title and text with marks."""
    document = article.document
    title, text = found or (document.title, document.text)
    # Without a search, what looks like the mark of a found word is the web's own.
    shown = terminal.marked if found else terminal.field
    title = title or "(no title)"
    terminal.out(terminal.headline(title) if found else terminal.bold(shown(title)))
    lists = f" ('archiver history {article.id}' lists them)" if article.versions > 1 else ""
    facts = [
        ("by", "، ".join(document.authors) if document.language in ("ar", "fa") else ", ".join(document.authors)),
        ("published", _moment(document.published)),
        ("modified", _moment(document.modified)),
        ("source", article.source),
        ("section", document.section),
        ("tags", ", ".join(document.tags)),
        ("language", document.language),
        ("rights", ", ".join(article.rights)),
        ("flags", ", ".join(document.flags)),
        ("url", article.url),
        ("fetched", f"{iso(article.captured_at)} from {article.fetched_url}"),
        ("seen", f"{iso(article.first_seen)} to {iso(article.last_seen)}"),
        ("version", f"{article.version} of {article.versions}{lists}"),
        ("gone", f"{iso(article.gone_at)}; this was seen before" if article.gone_at else ""),
        ("completeness", "" if article.completeness == "whole" else article.completeness.value),
        ("warc", str(layout.warcs / article.location.filename)),
        ("record", f"offset {article.location.offset}, {article.location.length} bytes, {article.location.record_id}"),
        ("digest", article.digest),
        ("extractor", f"{document.extractor} {document.extractor_version}"),
    ]  # fmt: skip
    for name, value in facts:
        if value:
            terminal.out(terminal.dim(f"{name:>12}  ") + terminal.field(value))
    for copy in copies[:_COPIES]:
        terminal.out(terminal.dim(f"{'also in':>12}  ") + copy_line(copy))
    if len(copies) > _COPIES:
        terminal.out(" " * 14 + f"and {len(copies) - _COPIES} more (--json names all)")
    for paragraph in text.split("\n\n"):
        terminal.out("")
        terminal.out(shown(paragraph))


def _moment(moment: Moment | None) -> str:
    """Return a time as the page gave it: in its own zone, and no more exact than it was."""
    if moment is None:
        return ""
    formats = {
        "year": "%Y",
        "month": "%Y-%m",
        "day": "%Y-%m-%d",
        "hour": "%Y-%m-%d %H h %Z",
        "minute": "%Y-%m-%d %H:%M %Z",
    }
    zone = datetime.strptime(moment.zone, "%z").tzinfo if moment.zone else UTC
    at = (
        moment.at.astimezone(zone)
        if moment.precision in ("hour", "minute", "second")
        else moment.at
    )
    written = at.strftime(formats.get(moment.precision, "%Y-%m-%d %H:%M:%S %Z"))
    return f"{written} (from {moment.origin or 'the page'})"
