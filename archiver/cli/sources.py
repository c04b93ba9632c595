"""archiver init, add and sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from archiver import amending, urls
from archiver import config as configuration
from archiver.cli import options, terminal
from archiver.config import CONFIG_NAME, Config
from archiver.errors import ConfigError, NothingFound, UsageError
from archiver.layout import Layout
from archiver.store.search import Index, SourceCounts
from archiver.types import Article, Query, Source

if TYPE_CHECKING:
    from archiver.crawl import Result

SAMPLES = 3


@click.command()
@click.option(
    "--contact",
    default="",
    metavar="URL|EMAIL",
    help="Where sites can reach you; sent with every request.",
)
@options.place
def init(contact: str, place: options.Place) -> None:
    """Make an archive folder and a sources.toml. What is there already stays as it is."""
    path = place.config or (place.archive / CONFIG_NAME if place.archive else place.config_path)
    made = amending.create(path, contact)
    layout = place.layout()
    layout.create()
    terminal.out(f"archive: {layout.root}")
    terminal.out(f"sources: {path}" + ("" if made else " (was there already)"))
    if contact and not made:
        terminal.say(f"note: --contact was not written; write it into {path}")
    terminal.say("Next: archiver add URL")


@click.command()
@click.argument("url")
@click.option(
    "--name",
    default="",
    metavar="NAME",
    help="What to call the source; else it is named after its site.",
)
@options.allow_host
@options.place
def add(url: str, name: str, allow_hosts: tuple[str, ...], place: options.Place) -> None:
    """Probe the site at URL once and add it to sources.toml.

    Its feeds and sitemaps are looked for in robots.txt, on the page, and at the well-known paths;
    three articles are fetched and shown as they would be kept. All of it is archived.
    """
    path = place.config_path
    known = place.configuration(needed=True)
    layout = place.layout(known)
    source = _new_source(known, url, name)
    from archiver.cli.crawl import check
    from archiver.crawl import Task, crawl

    terminal.say(f"looking at {source.home} ...")
    allowed = configuration.allowing(known, allow_hosts)
    result = crawl([Task(source)], allowed, layout.root, limit=SAMPLES, tell=terminal.say)[0]
    check([result])
    if not result.articles:
        raise NothingFound(
            _why_nothing(result), where=source.home, remedy=f"nothing was written to {path}"
        )
    source = replace(
        source,
        feeds=tuple(sorted(result.working["feed"])),
        sitemaps=tuple(sorted(result.working["sitemap"])),
        sections=() if result.working["feed"] or result.working["sitemap"] else (source.home,),
    )
    amending.add_source(path, source)
    _tell(source, layout)
    again = "".join(f" --allow-host {host}" for host in allow_hosts)
    where = ", or write the host under allow_hosts there" if again else ""
    terminal.say(f"written to {path}. Next: archiver crawl {source.name}{again}{where}")


def _new_source(known: Config, url: str, name: str) -> Source:
    home = urls.normalise(url if "://" in url else f"https://{url}")
    if not home:
        raise UsageError(f"'{url}' is no web address", remedy="it begins with http:// or https://")
    for source in known.sources:
        if source.home == home:
            raise UsageError(
                f"{home} is there already, as '{source.name}'", where=str(known.path),
                remedy=f"archiver crawl {source.name}",
            )  # fmt: skip
    names = [source.name for source in known.sources]
    if name in names:
        raise ConfigError(
            f"there is a source '{name}' already",
            where=str(known.path),
            remedy="give another --name",
        )
    if name and not configuration.NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' is no name for a source", remedy="use a-z, 0-9, '.', '_' and '-'"
        )
    found = configuration.source_for(home, names)
    return replace(found, name=name) if name else found


def _why_nothing(result: Result) -> str:
    from archiver.cli.crawl import explained

    reasons = [*result.failures.values(), *result.problems.values(), *result.refused]
    return f"no article found: {explained(reasons[0])}" if reasons else "no article found"


def _tell(source: Source, layout: Layout) -> None:
    """Say what was found, and show the samples."""
    terminal.out(f"{terminal.bold(source.name)}  {source.home}")
    for kind, found in (
        ("feed", source.feeds),
        ("sitemap", source.sitemaps),
        ("section", source.sections),
    ):
        for url in found:
            terminal.out(f"  {kind:8} {terminal.harmless(url)}")
    with Index(layout.index) as index:
        terminal.out(f"  {'charset':8} {_charset(index, layout, source)}")
        samples = list(index.stream(Query(source=source.name)))[-SAMPLES:]
    for article in samples:
        _sample(article)


def _charset(index: Index, layout: Layout, source: Source) -> str:
    """Return the charset of the home page as it was archived."""
    from archiver.content import decode_body, decode_text, read_head
    from archiver.warc.reader import response_at

    location = index.exchange(source.home)
    if location is None:
        return "unknown"
    head, body = response_at(layout.warcs, location)
    fields = read_head(head)
    return decode_text(decode_body(fields, body)[0], fields.get("content-type"))[1]


def _sample(article: Article) -> None:
    document = article.document
    published = document.published
    date = published.at.strftime("%Y-%m-%d") if published else "no date"
    terminal.out("")
    terminal.out(f"  {terminal.bold(terminal.field(document.title or '(no title)'))}")
    by = ", ".join(document.authors)
    terminal.out(
        f"  {date}  {document.language or '?'}  {terminal.field(by) if by else ''}".rstrip()
    )
    first, _, _ = document.text.partition("\n\n")
    terminal.out(f"  {terminal.field(first[:200] + ('…' if len(first) > 200 else ''))}")
    terminal.out(
        f"  {len(document.text.split())} words in {document.text.count(chr(10) * 2) + 1} paragraphs"
    )


@click.command("sources")
@options.as_json
@options.place
def sources(as_json: bool, place: options.Place) -> None:
    """List the sources of sources.toml, and what the archive holds of each.

    Below them stand the sites that are in no sources.toml, which an import or a single page has brought.
    """
    known = place.configuration()
    counts = _counts(place.layout(known))
    named = {source.name for source in known.sources}
    others = [Source(name, "") for name in counts if name not in named]
    if not known.sources and not others:
        known = place.configuration(needed=True)
        raise ConfigError("has no sources yet", where=str(known.path), remedy="archiver add URL")
    rows = [("source", "articles", "last seen", "feeds", "sitemaps", "sections", "home")]
    for source in (*known.sources, *others):
        has = counts.get(source.name)
        if as_json:
            terminal.out_json({"name": source.name, "home": source.home or None, "feeds": source.feeds,
                               "sitemaps": source.sitemaps, "sections": source.sections,
                               "articles": has.articles if has else 0,
                               "last_seen": has.last_seen or None if has else None})  # fmt: skip
        rows.append((
            terminal.harmless(source.name), str(has.articles if has else 0),
            (has.last_seen[:16] if has else "") or "never",
            str(len(source.feeds)), str(len(source.sitemaps)), str(len(source.sections)), source.home or "-",
        ))  # fmt: skip
    if not as_json:
        for line in terminal.table(rows):
            terminal.out(line)
        terminal.say("Next: archiver crawl")


def _counts(layout: Layout) -> dict[str, SourceCounts]:
    if not layout.index.is_file():
        return {}  # nothing crawled yet
    with Index(layout.index) as index:
        return {found.name: found for found in index.sources()}
