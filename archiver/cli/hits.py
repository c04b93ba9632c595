"""How the hits of a search are shown: as lines for a person, as JSON for a program."""

from __future__ import annotations

from typing import Any

from archiver.cli import terminal
from archiver.cli.wrapping import window
from archiver.documents import Article, Hit
from archiver.timestamps import iso

LINES = 2  # of a snippet
_INDENT = 8


def lines(hit: Hit) -> list[str]:
    """Return a hit as lines: id, date, source and title; below them the snippet."""
    article = hit.article
    gone = f"  (gone since {article.gone_at:%Y-%m-%d})" if article.gone_at else ""
    cut = "" if article.completeness == "whole" else f"  ({article.completeness.value})"
    title = terminal.headline(hit.title or "(no title)")
    return [
        f"{_known_by(article)}  {terminal.field(article.source)}  {title}{gone}{cut}",
        *_snippet(hit.snippet),
    ]


def like(article: Article, score: float) -> str:
    """Return a line for an article that is so much like another: 1 is the other itself."""
    source, title = (
        terminal.field(article.source),
        terminal.field(article.document.title or "(no title)"),
    )
    return f"{_known_by(article)}  {score:>4.0%}  {source}  {terminal.bold(title)}"


def _known_by(article: Article) -> str:
    """Return id and date, in columns: they come first, so that no title can move them."""
    published = article.document.published
    return (
        f"{article.id:>6}  {published.at:%Y-%m-%d}" if published else f"{article.id:>6}  no date   "
    )


def _snippet(text: str) -> list[str]:
    """Return a snippet: on a terminal as lines that fit it, elsewhere on one line."""
    text = terminal.harmless(text)
    if not text:
        return []
    shown = [text]
    if terminal.on_terminal():
        shown = window(text, max(terminal.size()[0] - _INDENT, 20), LINES)
    return [" " * _INDENT + terminal.marked(line) for line in shown]


def as_object(hit: Hit) -> dict[str, Any]:
    """Return a hit as an object for JSON; nothing in it is marked."""
    return {**about(hit.article), "snippet": terminal.plain(hit.snippet)}


def about(article: Article) -> dict[str, Any]:
    """Return what a list tells of an article, as an object for JSON."""
    document = article.document
    published = document.published
    return {
        "id": article.id,
        "title": document.title,
        "url": article.url,
        "source": article.source,
        "authors": list(document.authors),
        "published_at": iso(published.at) if published else None,
        "published_precision": published.precision if published else None,
        "language": document.language,
        "section": document.section,
        "version": article.version,
        "first_seen": iso(article.first_seen),
        "last_seen": iso(article.last_seen),
        "removed_at": iso(article.gone_at) if article.gone_at else None,
        "completeness": article.completeness.value,
    }
