"""What a person is told where a search finds nothing: which of the words are not in the archive at all."""

from __future__ import annotations

from archiver.cli import terminal
from archiver.documents import Query
from archiver.errors import NothingFound
from archiver.layout import Layout
from archiver.query.pointing import quoted
from archiver.store.search import Index, Unknown

_TOLD = 5  # words at most


def absent(layout: Layout, wanted: str) -> NothingFound:
    """Return the error for an article that is not there: it may have been taken down."""
    from archiver import seals

    takedown = seals.read(layout.takedowns).find(wanted)
    if takedown is None:
        return NothingFound(f"no article {wanted}", remedy="'archiver search' shows ids")
    reason = terminal.harmless(takedown.reason)
    return NothingFound(f"{wanted} was taken down on {takedown.at[:10]}, reason: {reason}")


def unfound(index: Index, query: Query) -> NothingFound:
    """Return the error for a search without a hit, with the nearest words that would have had some."""
    if query.after:
        return NothingFound(
            f"no more articles behind {query.after}", remedy="that was the last page"
        )
    what = (
        f"no article matches {quoted(query.words)}"
        if query.words.strip()
        else "no article matches these filters"
    )
    return NothingFound(what, remedy="; ".join(_why(index, query)))


def _why(index: Index, query: Query) -> list[str]:
    names = [source.name for source in index.sources()]
    if query.source and query.source.casefold() not in map(str.casefold, names):
        return [f"no source is called {quoted(query.source)}, 'archiver sources' lists them"]
    lost = index.unknown(query)
    if lost:
        return list(map(_lost, lost[:_TOLD]))
    if query.words.strip():
        return ["no article fits all of it together"]
    return []


def _lost(unknown: Unknown) -> str:
    what = f"the archive does not have {quoted(unknown.word)}"
    if not unknown.nearest:
        return what
    return f"{what}; did you mean {' or '.join(map(quoted, unknown.nearest))}?"
