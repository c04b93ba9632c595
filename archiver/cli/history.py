"""archiver history."""

from __future__ import annotations

from typing import Any

import click

from archiver.changes import Step
from archiver.changes import history as steps
from archiver.cli import again, options, pager, terminal
from archiver.cli.unfound import absent
from archiver.diff import HEADLINE
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.types import Article

_TIME = "%Y-%m-%d %H:%M:%S"
_OTHER = {
    "consent": "a page that asks for consent",
    "missing": "a page that says it is not there",
    "shell": "a page that shows nothing without JavaScript",
    "hub": "a list, and no article",
    "paywall": "a teaser before a paywall",
}


@click.command()
@click.argument("wanted", metavar="ID|URL")
@options.as_json
@click.option("--no-pager", is_flag=True, help="Never hand a long list to a pager.")
@options.place
@click.pass_context
def history(
    ctx: click.Context, wanted: str, as_json: bool, no_pager: bool, place: options.Place
) -> None:
    """Show what became of one article: its versions, how each differs from the one seen before, and its visits.

    In the order of the captures, times in UTC. Versions have the numbers that 'archiver diff' takes.
    """
    with Index(place.existing().index) as index:
        article = index.article(wanted)
        if article is None:
            raise absent(place.existing(), wanted)
        if as_json:
            for step in steps(index, article.id):
                terminal.out_json(_as_object(step))
            return
        lines = [line for step in steps(index, article.id) for line in _lines(step)]
    pager.show([*_head(article), *lines], paged=not no_pager)
    known = f"{article.versions} version{'s' * (article.versions != 1)}"
    terminal.say(f"{known}. Next: {_next(ctx, article)}")


def _next(ctx: click.Context, article: Article) -> str:
    return again.command(ctx, "diff" if article.versions > 1 else "show", str(article.id))


def _head(article: Article) -> list[str]:
    title = terminal.bold(terminal.field(article.document.title or "(no title)"))
    return [f"{article.id:>6}  {terminal.field(article.source)}  {title}",
            f"        {terminal.field(article.url)}", ""]  # fmt: skip


def _lines(step: Step) -> list[str]:
    lines = [f"{step.at:{_TIME}}  {_said(step)}"]
    if step.version and step.what == "version" and (not step.kinds or HEADLINE in step.kinds):
        lines.append(" " * 21 + terminal.field(step.version.title or "(no title)"))
    return lines


def _said(step: Step) -> str:
    """Return what happened, in words."""
    match step.what:
        case "version":
            return _of_version(step)
        case "again":
            return f"{terminal.bold(f'version {step.visit.version} again')}"
        case "unchanged":
            return terminal.dim(f"seen unchanged {_times(step)}")
        case "removed":
            return terminal.red(f"removed ({step.visit.status}{_note(step)})")
        case "gone":
            return terminal.dim(f"not there, {_times(step)} ({step.visit.status})")
        case "restored":
            number = f", version {step.version.number}" if step.version else ""
            return terminal.green(f"there again{number}")
    page = _OTHER.get(step.visit.page, f"an answer without a version ({step.visit.status})")
    return terminal.yellow(f"{page}{_note(step)}, {_times(step)}: the version stays")


def _of_version(step: Step) -> str:
    assert step.version is not None
    version, flags = step.version, ", ".join(step.version.flags)
    parts = [terminal.bold(f"version {version.number}"), ", ".join(step.kinds)]
    if step.diff:
        came, went = step.diff.words("new"), step.diff.words("gone")
        parts.append(f"{terminal.green(f'+{came}')} {terminal.red(f'-{went}')} words")
    cut = "" if version.completeness == "whole" else version.completeness.value
    parts += [terminal.field(word) for word in (flags, cut) if word]
    return "  ".join(filter(None, parts))


def _times(step: Step) -> str:
    if step.visits == 1:
        return "once"
    return f"{step.visits} times, last {step.last:{_TIME}}"


def _note(step: Step) -> str:
    return f", {terminal.field(step.visit.note)}" if step.visit.note else ""


def _as_object(step: Step) -> dict[str, Any]:
    version, diff = step.version, step.diff
    return {
        "at": iso(step.at),
        "last": iso(step.last),
        "visits": step.visits,
        "what": step.what,
        "version": version.number if version else step.visit.version,
        "title": version.title if version else None,
        "first_seen": iso(version.first_seen) if version else None,
        "last_seen": iso(version.last_seen) if version else None,
        "text_hash": version.text_hash if version else None,
        "kinds": list(step.kinds),
        "words_new": diff.words("new") if diff else None,
        "words_gone": diff.words("gone") if diff else None,
        "url": step.visit.url,
        "status": step.visit.status,
        "page": step.visit.page,
        "note": step.visit.note,
    }
