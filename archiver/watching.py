"""Watching words: what is new and matches is put into the outbox, for hooks to tell.

What a watch finds is what `archiver search` finds with its query, among the articles of which a version has come since
it looked last. Where it stopped is kept in the transaction that keeps what it found: so nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from archiver.diff import kind
from archiver.documents import MARK_END, MARK_START, Hit, Query
from archiver.errors import ArchiverError
from archiver.layout import Layout
from archiver.store.newer import Newer
from archiver.store.runs import Runs
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.work import Watch, Watched

MOST = 200  # matches of one watch that are told in one tick; of the rest, how many they are
STEP = 1000  # versions that are looked at in one go, within the time that a search may take
NEW, CHANGED, MORE = "new", "changed", "more"

Tell = Callable[[str], None]


@dataclass(slots=True)
class _Found:
    """What a watch has found: what is told, how many more there are, and the last version that was looked at."""

    upto: int
    told: list[Newer] = field(default_factory=list)
    more: int = 0


def begin(runs: Runs, layout: Layout, watches: Sequence[Watch], tell: Tell) -> None:
    """Let watches that are new, or have a new query, begin here: what is in the index now is told by none of them.

    All others but `watches` are forgotten. What goes wrong is told by `tell`: `look` makes up for it.
    """
    try:
        runs.watches.forget_others(watch.name for watch in watches)
        if not all(runs.watches.has(watch) for watch in watches):
            runs.watches.begin(watches, _newest(layout))
    except ArchiverError as error:
        tell(f"watches could not begin: {error}")


def _newest(layout: Layout) -> int:
    if not layout.index.is_file():
        return 0
    with Index(layout.index) as index:
        return index.newest_version()


def look(runs: Runs, layout: Layout, watches: Sequence[Watch], now: datetime, tell: Tell) -> int:
    """Put what is new and matches into the outbox; returns how many articles matched.

    A watch that cannot look is told by `tell`, and looks again with the next tick. Raises ArchiverError where index or
    runs cannot be used at all.
    """
    if not watches or not layout.index.is_file():
        return 0
    matched = 0
    with Index(layout.index) as index, index.standing_still():
        newest = index.newest_version()
        runs.watches.begin(watches, newest)
        known = runs.watches.all()
        for watch in watches:
            try:
                matched += _look(runs, index, known[watch.name], newest, now)
            except ArchiverError as error:
                tell(f"watch {watch.name}: {error}")
    return matched


def _look(runs: Runs, index: Index, watched: Watched, newest: int, now: datetime) -> int:
    if (
        watched.after_id > newest
    ):  # another index, or one that has lost something: its ids are other ones
        runs.watches.keep(replace(watched, after_id=newest))
        return 0
    query = Query(watched.watch.query)
    found = _search(index, query, watched.after_id)
    if found.upto == watched.after_id:
        return 0
    hits = index.hits(query, found.told)
    number = len(hits) + found.more
    after = replace(watched, after_id=found.upto, matched=watched.matched + number)
    with runs.transaction():
        for each, hit in zip(found.told, hits, strict=True):
            _add(runs, watched.watch, each, hit, now)
        if found.more:
            data = {"what": MORE, "more": found.more}
            _put(runs, watched.watch, "", data, now, f"{MORE} {found.upto}")
        runs.watches.keep(replace(after, matched_at=now) if number else after)
    return number


def _search(index: Index, query: Query, known: int) -> _Found:
    """Look at all versions behind the one with the id `known`."""
    found = _Found(known)
    while True:
        newer, last = index.newer(query, known, found.upto, STEP)
        if last == found.upto:
            return found
        found.upto = last
        for each in newer:
            if len(found.told) >= MOST:
                found.more += 1
            elif _is_news(index, each):
                found.told.append(each)


def _is_news(index: Index, newer: Newer) -> bool:
    """Tell whether an article is new, or has changed by more than trifles."""
    if newer.before is None:
        return True
    before, after = (
        index.version(newer.article_id, number) for number in (newer.before, newer.number)
    )
    if before is None or after is None:
        return True
    return bool(kind((before.title, before.text), (after.title, after.text)))


def _add(runs: Runs, watch: Watch, newer: Newer, hit: Hit, now: datetime) -> None:
    article = hit.article
    published = article.document.published
    data = {
        "what": NEW if newer.before is None else CHANGED,
        "article": article.id,
        "version": article.version,
        "url": article.url,
        "title": article.document.title,
        "published_at": iso(published.at) if published else None,
        "language": article.document.language,
        "snippet": hit.snippet.replace(MARK_START, "").replace(MARK_END, ""),
    }
    # The hash too: ids may be given anew where a damaged file has left the archive.
    _put(runs, watch, article.source, data, now, f"{newer.version_id} {article.text_hash}")


def _put(
    runs: Runs, watch: Watch, source: str, data: dict[str, Any], now: datetime, key: str
) -> None:
    """Add an event that has the same id each time that it is added."""
    told = {"watch": watch.name, "query": watch.query} | data
    runs.events.add("match", source, told, now, str(uuid5(NAMESPACE_URL, f"{watch.name} {key}")))
