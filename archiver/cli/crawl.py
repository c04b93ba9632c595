"""archiver crawl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver import config as configuration
from archiver import urls
from archiver.cli import options, terminal
from archiver.config import Config
from archiver.discover.plan import TOO_OLD
from archiver.errors import ArchiveError, ConfigError, SpaceError, UsageError
from archiver.types import Source

if TYPE_CHECKING:
    from archiver.crawl import Result, Task

MOST_TOLD = 5  # failures told for each source
PARTLY = 6  # exit code
PRIVATE = "private address"
COUNTED = ("new", "changed", "unchanged", "gone", "hub", "unread")
# What is told only where there is any: what stood in an article's place, and kinds of articles.
TOLD = {
    "consent": "asked for consent instead of showing the article",
    "missing": "said that the page is not there, with status 200",
    "shell": "showed nothing without JavaScript",
    "paywall": "kept the rest for those who pay",
    "lesser": "showed less than is kept of them (a closed paywall, a broken transfer)",
    "truncated": "cut short",
    "restored": "were gone, and are there again",
    "live": "live blogs",
    "gallery": "picture galleries",
    "video": "video pages",
}


@click.command()
@click.argument("targets", nargs=-1, metavar="[SOURCE|URL ...]")
@click.option(
    "--limit", type=click.IntRange(min=1), help="At most this many articles of each source."
)
@click.option(
    "--since", type=options.Day(), help="Only what was published or changed on this day or later."
)
@click.option("-v", "--verbose", is_flag=True, help="Show the log of the crawl.")
@options.allow_host
@options.as_json
@options.place
def crawl(
    targets: tuple[str, ...],
    limit: int | None,
    since: datetime | None,
    verbose: bool,
    allow_hosts: tuple[str, ...],
    as_json: bool,
    place: options.Place,
) -> int:
    """Archive what SOURCEs of sources.toml publish (all of them when none is named).

    A URL may name a site or a single page that is in no sources.toml.
    """
    only_urls = bool(targets) and all(_is_url(target) for target in targets)
    known = place.configuration(needed=not only_urls)
    known = configuration.allowing(known, allow_hosts)
    archive = place.layout(known).root
    tasks = _tasks(known, targets)
    if not tasks:
        raise ConfigError("has no sources yet", where=str(known.path), remedy="archiver add URL")
    if not known.contact:
        terminal.say("note: no 'contact' in sources.toml, so sites cannot tell whom to turn to")
    from archiver.crawl import crawl as run

    line = terminal.Progress()
    results = run(
        tasks,
        known,
        archive,
        since=since,
        limit=limit,
        verbose=verbose,
        tell=terminal.say,
        progress=lambda so_far: line.show(progress(so_far)),
    )
    line.clear()
    if as_json:
        for result in results:
            terminal.out_json(_json(result))
    else:
        print_results(results)
    check(results)
    return _exit_code(results, archive)


def _is_url(target: str) -> bool:
    return "://" in target


def _tasks(known: Config, targets: Sequence[str]) -> list[Task]:
    from archiver.crawl import Task

    named = [target for target in targets if not _is_url(target)]
    chosen = known.chosen(named) if named or not targets else ()
    tasks = [Task(source) for source in chosen]
    for target in filter(_is_url, targets):
        url = urls.normalise(target)
        if not url:
            raise UsageError(
                f"'{target}' is no web address", remedy="it begins with http:// or https://"
            )
        tasks.append(Task(_source_of(known, url), single=not urls.is_home(url)))
    return tasks


def _source_of(known: Config, url: str) -> Source:
    """Return the source whose site `url` is on, with `url` as its home, or one of its own."""
    for source in known.sources:
        if urls.site(source.home) == urls.site(url):
            return source if source.home == url else replace(source, home=url)
    return configuration.source_for(url)


def progress(results: Sequence[Result]) -> str:
    """Return the one line that a terminal shows while the crawl runs."""
    archived = sum(result.archived for result in results)
    unchanged = sum(result.outcomes["unchanged"] for result in results)
    refused = sum(result.refused.total() for result in results)
    failed = sum(len(result.failures) for result in results)
    requests = sum(result.requests for result in results)
    return (
        f"{archived} archived, {unchanged} unchanged, {refused} refused, {failed} failed"
        f" · {requests} requests"
    )


def print_results(results: Sequence[Result]) -> None:
    """Print the closing table, and below it what was refused and what failed."""
    rows: list[Sequence[str]] = [("source", *COUNTED, "refused", "failed")]
    for result in results:
        numbers = [result.outcomes[name] for name in COUNTED]
        numbers += [result.refused.total(), len(result.failures)]
        rows.append((result.source.name, *map(str, numbers)))
    for row in terminal.table(rows):
        terminal.out(row)
    for result in results:
        print_troubles(result)


def print_troubles(result: Result) -> None:
    """Tell what was special, what was refused, by reason, and what failed, the first few by name."""
    if result.had:
        terminal.out(
            f"{result.source.name}: {result.had} were here from the crawl that was stopped"
        )
    for kind, what in TOLD.items():
        if count := result.outcomes[kind] + result.flags[kind]:
            terminal.out(f"{result.source.name}: {count} {what}")
    for reason, count in result.refused.most_common():
        terminal.out(
            f"{result.source.name}: refused {count}: {terminal.harmless(explained(reason))}"
        )
    told = {
        **{url: why for url, why in result.problems.items() if url not in result.failures},
        **result.failures,
    }
    for url, reason in list(told.items())[:MOST_TOLD]:
        terminal.out(f"{result.source.name}: {terminal.harmless(reason)}: {terminal.harmless(url)}")
    if len(told) > MOST_TOLD:
        terminal.out(f"{result.source.name}: and {len(told) - MOST_TOLD} more; --json tells all")
    if result.errors:
        terminal.out(
            f"{result.source.name}: {result.errors} faults of archiver's own; -v shows them"
        )


def explained(reason: str) -> str:
    """Return the reason of a refusal, with what to do about it where something can be done."""
    return (
        f"{reason} (if it is meant, name it: --allow-host HOST:PORT)"
        if reason == PRIVATE
        else reason
    )


def check(results: Sequence[Result]) -> None:
    """Raise for a crawl that did not end by itself: ArchiveError or KeyboardInterrupt."""
    for result in results:
        if result.stopped:
            kind = SpaceError if result.no_room else ArchiveError
            raise kind(f"the crawl was stopped: {result.stopped}")
    if any(result.interrupted for result in results):
        terminal.say("all that was fetched is kept; the same command goes on")
        raise KeyboardInterrupt


def _exit_code(results: Sequence[Result], archive: Path) -> int:
    """Tell how it ended, and return the exit code."""
    barren = [result for result in results if _barren(result)]
    if barren:
        names = ", ".join(result.source.name for result in barren)
        terminal.say(f"nothing archived from {names}")
        return 1 if len(barren) == len(results) else PARTLY
    archived = sum(result.archived for result in results)
    what = f"{archived} new or changed articles" if archived else "nothing new"
    terminal.say(f"{what} in {archive}. Next: archiver search WORDS")
    return PARTLY if any(result.errors for result in results) else 0


def _barren(result: Result) -> bool:
    """Tell whether a source brought no article, other than because all are older than asked for."""
    only_old = set(result.refused) == {TOO_OLD}
    return not (result.articles or result.had or result.outcomes["gone"] or only_old)


def _json(result: Result) -> dict[str, object]:
    return {
        "source": result.source.name,
        **{name: result.outcomes[name] for name in COUNTED},
        **{name: result.outcomes[name] + result.flags[name] for name in TOLD},
        "had": result.had,
        "requests": result.requests,
        "refused": dict(result.refused),
        "failed": result.failures,
        "problems": result.problems,
    }
