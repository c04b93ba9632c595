"""The reading side of the index: search, single articles, streams for export."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from archiver import words
from archiver.documents import Article, Hit, Query, RecordLocation
from archiver.errors import DamagedError, NothingFound, UsageError
from archiver.store import rows, schema, snippets
from archiver.store.finding import FACETS, WINDOW, Facet, Finder
from archiver.store.matching import END, Match, Pattern, any_of
from archiver.store.schema import connect_readonly
from archiver.timestamps import from_iso, iso

if TYPE_CHECKING:
    from archiver.store.clusters import Alike, Cluster, Clusters
    from archiver.store.histories import Histories, Span
    from archiver.store.newer import Newer
    from archiver.store.selecting import Selection
    from archiver.types import Change, Entry, Version, Visit

__all__ = [
    "FACETS",
    "SORTS",
    "WINDOW",
    "Brought",
    "Facet",
    "Index",
    "Similar",
    "SourceCounts",
    "Unknown",
]

# Of the 1.5 that a query may take: FTS5 cannot be stopped while it looks for the next hit.
MAX_SECONDS = 1.2
STEPS = 500  # of SQLite, after which the time is looked at
SORTS = ("date", "oldest", "relevance")


# What is small is no dataclass, here and around: to make one takes half a millisecond of a search's start.
class SourceCounts(NamedTuple):
    """What the index holds of one source."""

    name: str
    articles: int
    last_seen: str


class Similar(NamedTuple):
    """An article, and how like another it is: from 0 to 1, the other itself."""

    article: Article
    score: float


class Unknown(NamedTuple):
    """A searched word that no article has, and the nearest words that some have."""

    word: str
    nearest: tuple[str, ...]


class Brought(NamedTuple):
    """What one WARC file brought: its rows, those of pictures and the like, revisits without a body."""

    exchanges: int
    resources: int
    unresolved: int


class Index:
    """A read-only view of the index at `path`."""

    def __init__(self, path: Path) -> None:
        """Open the index; raises ArchiveError when there is none."""
        self._connection = connect_readonly(path)
        self._finder = Finder(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    @property
    def analyser(self) -> str:
        """The analyser that folded the words of the text index; `schema.ANALYSER` is this archiver's."""
        with self._told():
            return schema.analyser(self._connection)

    @property
    def outdated(self) -> bool:
        """Whether the text index was made by another analyser, so that searches may miss words."""
        return self.analyser != schema.ANALYSER

    def brought(self, filename: str) -> Brought:
        """Return what the index holds of one WARC file."""
        try:
            row = self._connection.execute(
                "SELECT count(*), coalesce(sum(kind = 'resource'), 0),"
                " coalesce(sum(revisit AND original_id IS NULL), 0)"
                " FROM exchanges WHERE filename = ?",
                (filename,),
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise _damaged(error) from error
        return Brought(*row)

    def page(self, query: Query) -> tuple[list[Hit], bool]:
        """Return what `search` does, and whether there are more hits behind them."""
        hits = self.search(replace(query, limit=query.limit + 1))
        return hits[: query.limit], len(hits) > query.limit

    def search(self, query: Query) -> list[Hit]:
        """Return the hits of `query`, at most `query.limit`, in its order; those behind the article `query.after`.

        By relevance the newest `WINDOW` hits are weighed. Raises QueryError (a UsageError) when the
        query cannot be meant, UsageError when it takes too long, NothingFound where `query.after` is no article.
        """
        with self._bounded():
            match = self._finder.match(query)
            found = self._articles(self._page(match, query))
        return [_hit(article, match) for article in found]

    def newest_version(self) -> int:
        """Return the id of the version that came last, 0 where there is none."""
        return int(self._rows("SELECT coalesce(max(id), 0) FROM versions", [])[0][0])

    def newer(self, query: Query, known: int, after: int, limit: int) -> tuple[list[Newer], int]:
        """Return what matches of the `limit` versions behind the one with the id `after`, and the id of the last.

        Of each article its latest version counts. Where nothing is left the second is `after` (see `store.newer`).
        `known` is the id of the last version that counts as known before. Raises what `search` raises.
        """
        from archiver.store import newer

        with self._bounded():
            return newer.newer(self._connection, self._finder.match(query), known, after, limit)

    def hits(self, query: Query, found: Sequence[Newer]) -> list[Hit]:
        """Return what was found by `newer` as hits of its query."""
        with self._bounded():
            match = self._finder.match(query)
            articles = self._articles([each.rowid for each in found])
        return [_hit(article, match) for article in articles]

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Show the index as it is now, whatever is written meanwhile, until the block ends."""
        with self._told():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    def _page(self, match: Match, query: Query) -> list[int]:
        """Return the rowids of one page of hits."""
        after = self._rowid(query.after) if query.after else None
        if query.sort == "relevance" and match.fts:
            ranked = iter(self._finder.relevant(match, WINDOW if after else query.limit))
            if after:
                any(number == after for number in ranked)  # read up to it
            return list(islice(ranked, query.limit))
        if query.sort == "oldest":
            return self._finder.oldest(match.above(after), query.limit)
        return self._finder.newest(match.below(after), query.limit)

    def _rowid(self, article_id: int) -> int:
        found = self._connection.execute(
            "SELECT id FROM search_doc WHERE article_id = ?", (min(article_id, END),)
        ).fetchone()
        if found is None:
            raise NothingFound(
                f"no article {article_id}", remedy="--after wants an id of the page before"
            )
        return int(found["id"])

    def _articles(self, ids: Sequence[int]) -> list[Article]:
        """Return the articles of some rowids, in their order."""
        marks = ", ".join("?" * len(ids))
        found = self._connection.execute(
            f"SELECT d.id AS rowid, {rows.COLUMNS} FROM search_doc d, {rows.TABLES}"
            f" WHERE a.id = d.article_id AND d.id IN ({marks})",
            ids,
        )
        by_rowid = {row["rowid"]: rows.article(row) for row in found}
        return [by_rowid[rowid] for rowid in ids]

    def count(self, query: Query) -> int:
        """Return how many articles match; `WINDOW` + 1 says that there are more than `WINDOW`."""
        with self._bounded():
            return self._finder.count(self._finder.match(query))

    def facet(self, query: Query, by: str) -> Facet:
        """Tell the hits of `query` apart by one of `FACETS`, the newest `WINDOW` of them."""
        with self._bounded():
            return self._finder.facet(self._finder.match(query), by)

    def over_time(self, query: Query) -> Facet:
        """Count the hits of `query` by day, month or year, the newest `WINDOW` of them."""
        with self._bounded():
            return self._finder.over_time(self._finder.match(query))

    def check(self, query: Query) -> None:
        """Raise what searching for `query` would raise: QueryError where it cannot be meant."""
        with self._bounded():
            self._finder.match(query)

    def unknown(self, query: Query) -> list[Unknown]:
        """Return the words of a query that no article has in any form, each with the nearest that some have."""
        vocabulary = self._finder.vocabulary
        with self._bounded():
            match = self._finder.match(query)
            singles = [form for pattern in match.patterns for form in pattern.forms]
            open_ends = {pattern.forms[-1] for pattern in match.patterns if pattern.prefix}
            here = vocabulary.documents([form for forms in singles for form in forms])
            lost = dict.fromkeys(
                forms[0]
                for forms in singles
                if not here.keys() & forms
                and not (forms in open_ends and vocabulary.beginning(forms[0], 1))
            )
            typed = {t.term: query.words[t.start : t.end] for t in words.spans(query.words)}
            return [
                Unknown(
                    typed.get(word, word),
                    tuple(map(self._spelled, words.nearest(word, vocabulary))),
                )
                for word in lost
            ]

    def _spelled(self, term: str) -> str:
        """Return a folded word as the newest article that has it writes it."""
        ids = self._finder.newest(Match(any_of([term])), 1)
        for article in self._articles(ids):
            whole = f"{article.document.title}\n{article.document.text}"
            for span in snippets.find(whole, [Pattern(((term,),))]):
                return whole[span.start : span.end]
        return term

    def similar(self, article: Article, *, days: int = 14, limit: int = 10) -> list[Similar]:
        """Return articles that tell the same story as `article`, of so many days before and after it."""
        from archiver.store import similar

        with self._bounded():
            rowid = self._rowid(article.id)
            found = similar.similar(self._finder, rowid, article, days, limit)
            others = self._articles([one.id for one in found])
        return [Similar(other, one.score) for other, one in zip(others, found, strict=True)]

    def marked(self, article: Article, text: str) -> tuple[str, str]:
        """Return title and text of an article with what a query finds in them between the two marks."""
        with self._bounded():
            patterns = self._finder.match(Query(text)).patterns
        document = article.document
        return snippets.marked(document.title, patterns), snippets.marked(document.text, patterns)

    def stream(
        self, query: Query, dedupe: str = "", without: Sequence[str] = ()
    ) -> Iterator[Article]:
        """Yield every article of `query` by id, one at a time, whatever its limit.

        `dedupe` and `without` are those of `selection`.
        """
        with self.selection(query, dedupe=dedupe, without=without) as selection:
            yield from selection.articles()

    @contextmanager
    def selection(
        self,
        query: Query,
        versions: str = "latest",
        dedupe: str = "",
        without: Sequence[str] = (),
    ) -> Iterator[Selection]:
        """Give what an export of `query` takes, as it is at this moment, whatever is written meanwhile.

        With `dedupe`, "exact" or "near", one of each: the first publisher's, else the first that is found; before
        those that declare one of `without`, one that does not. Its limit and order do not count. While the block
        lasts, the write-ahead log of a writer only grows.
        """
        from archiver.store.selecting import Selection  # searching needs none

        with self._told():
            self._connection.execute("BEGIN")
            try:
                yield Selection(
                    self._connection, self._finder.match(query), versions, dedupe, without
                )
            finally:
                self._connection.execute("ROLLBACK")

    def each_version(
        self, source: str, *, extractors: Sequence[str] = (), limit: int = 0
    ) -> Iterator[Article]:
        """Yield every version of the articles of a source, the newest first, one at a time.

        With `extractors` only what was read by these versions of the extractor; with `limit` so many at most.
        """
        marks = ", ".join("?" * len(extractors))
        read_by = f"AND v.extractor_version IN ({marks})" if extractors else ""
        newest = (
            "SELECT v.id FROM versions v JOIN articles a ON a.id = v.article_id"
            f" WHERE a.source = ? {read_by} ORDER BY v.id DESC LIMIT ?"
        )
        sql = f"SELECT {rows.COLUMNS} FROM {rows.EACH} WHERE v.id IN ({newest}) ORDER BY v.id DESC"
        with self._told():
            for row in self._connection.execute(sql, (source, *extractors, limit or -1)):
                yield rows.article(row)

    def article(self, wanted: str, version: int = 0) -> Article | None:
        """Return the article with the id or URL `wanted`; any URL it was fetched from will do.

        It is as its latest version has it, or the one with the number `version`.
        """
        if wanted.isdecimal() and len(wanted) < 19:  # what fits SQLite's 64 bits
            where, values = "a.id = ?", [int(wanted)]
        else:
            where = (
                "a.id = coalesce((SELECT id FROM articles WHERE url = ?), (SELECT article_id"
                " FROM exchanges WHERE url = ? AND article_id IS NOT NULL ORDER BY id DESC LIMIT 1))"
            )
            values = [wanted, wanted]  # type: ignore[list-item]
        tables = rows.TABLES
        if version:
            tables, where = rows.EACH, f"{where} AND v.number = ?"
            values.append(min(version, END))
        found = self._rows(f"SELECT {rows.COLUMNS} FROM {tables} WHERE {where}", values)
        return rows.article(found[0]) if found else None

    @cached_property
    def _histories(self) -> Histories:
        from archiver.store.histories import Histories  # searching needs none

        return Histories(self._connection)

    def version(self, article_id: int, number: int) -> Version | None:
        """Return one version of an article."""
        with self._told():
            return self._histories.version(article_id, min(number, END))

    def versions(self, article_id: int, *, newest_first: bool = False) -> Iterator[Version]:
        """Yield the versions of an article in the order of their first capture, one at a time."""
        with self._told():
            yield from self._histories.versions(article_id, newest_first=newest_first)

    def visits(self, article_id: int) -> Iterator[Visit]:
        """Yield the exchanges of an article in the order of their captures."""
        with self._told():
            yield from self._histories.visits(article_id)

    def changed(self, span: Span, *, edits: bool = True, turns: bool = True) -> Iterator[Change]:
        """Yield edits, and turns (removals and returns), in a span of time, the newest first, one at a time."""
        with self._told():
            yield from self._histories.changed(span, edits=edits, turns=turns)

    @cached_property
    def _clusters(self) -> Clusters:
        from archiver.store.clusters import Clusters  # searching needs none

        return Clusters(self._connection)

    @property
    def uncompared(self) -> int:
        """How many articles `archiver cluster` has not compared as they are now."""
        with self._told():
            return self._clusters.count_due()

    @property
    def clustered(self) -> bool:
        """Whether articles were compared at all."""
        with self._told():
            return bool(self._clusters.method())

    def cluster_of(self, article_ids: Sequence[int]) -> dict[int, int]:
        """Return the cluster of each of some articles; those that were not compared are left out."""
        with self._told():
            return self._clusters.cluster_of(article_ids)

    def cluster_counts(self) -> tuple[int, int]:
        """Return how many articles were compared, and how many clusters they make."""
        with self._told():
            return self._clusters.counts()

    def copies(self, article_id: int) -> list[Alike]:
        """Return the other articles of an article's cluster, the first publisher first."""
        with self._told():
            return self._clusters.copies(article_id)

    def largest_clusters(self, least: int, limit: int) -> list[Cluster]:
        """Return the clusters of at least so many articles, the largest first."""
        with self._told():
            return list(self._clusters.largest(least, limit))

    def exchange(self, url: str) -> RecordLocation | None:
        """Return where the last exchange with `url` lies, article or not."""
        found = self._rows(
            f"SELECT {rows.WHERE} FROM {rows.EXCHANGES} WHERE e.url = ? AND e.page <> 'sealed'"
            " ORDER BY e.id DESC LIMIT 1",
            [url],
        )
        return rows.location(found[0]) if found else None

    def records(self, article_id: int) -> Iterator[tuple[RecordLocation, tuple[str, ...]]]:
        """Yield where the exchanges of an article lie, in the order of their captures.

        With each, what the version declares that it shows: none where it shows no version.
        """
        sql = (
            f"SELECT {rows.WHERE}, coalesce(v.rights, '[]') AS rights FROM {rows.EXCHANGES}"
            " LEFT JOIN versions v ON v.article_id = e.article_id AND v.number = e.version"
            " WHERE e.article_id = ? ORDER BY e.at, e.id"
        )
        with self._told():
            for row in self._connection.execute(sql, (article_id,)):
                yield rows.location(row), tuple(json.loads(row["rights"]))

    def entries(self, filename: str) -> Iterator[Entry]:
        """Yield the exchanges that lie in the WARC file `filename`, in their order."""
        sql = f"SELECT {rows.ENTRY} FROM exchanges WHERE filename = ? AND page <> 'sealed' ORDER BY offset"
        try:
            yield from map(rows.entry, self._connection.execute(sql, (filename,)))
        except sqlite3.DatabaseError as error:
            raise _damaged(error) from error

    def last_location(self) -> tuple[str, int] | None:
        """Return file name and offset of the last exchange that the index holds."""
        found = self._rows(rows.LAST, [])
        return (found[0]["filename"], found[0]["offset"]) if found else None

    def sources(self) -> list[SourceCounts]:
        """Return what the index holds of each source, by name."""
        sql = (
            "SELECT s.name, count(a.id) AS articles, coalesce(max(a.last_seen), '') AS seen"
            " FROM sources s LEFT JOIN articles a ON a.source = s.name GROUP BY s.name ORDER BY s.name"
        )
        try:
            found = self._connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise _damaged(error) from error
        return [SourceCounts(row["name"], row["articles"], row["seen"]) for row in found]

    def arrivals(self, source: str, since: datetime) -> list[datetime]:
        """Return when the articles of a source were first seen, at or after `since`, in that order."""
        sql = "SELECT first_seen FROM articles WHERE source = ? AND first_seen >= ? ORDER BY 1"
        with self._told():
            found = self._connection.execute(sql, (source, iso(since))).fetchall()
        return [from_iso(row["first_seen"]) for row in found]

    def count_versions(self, source: str) -> int:
        """Return how many versions the articles of a source have."""
        sql = "SELECT coalesce(sum(versions), 0) AS count FROM articles WHERE source = ?"
        return int(self._rows(sql, [source])[0]["count"])

    def profiles(self) -> dict[str, str]:
        """Return the learned profile of each source, as text."""
        found = self._rows("SELECT source, profile FROM profiles ORDER BY source", [])
        return {row["source"]: row["profile"] for row in found}

    def read_with(self, source: str) -> tuple[str, str]:
        """Return the learned profile of a source, and the key of all that its pages were read with; "" for none."""
        found = self._rows("SELECT profile, read_with FROM profiles WHERE source = ?", [source])
        return (found[0]["profile"], found[0]["read_with"]) if found else ("", "")

    def _rows(self, sql: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        """Run a statement under the time limit."""
        with self._bounded():
            return self._connection.execute(sql, list(map(_storable, values))).fetchall()

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Stop what is asked inside after `MAX_SECONDS`, with a UsageError."""
        end = time.monotonic() + MAX_SECONDS
        self._connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        try:
            with self._told():
                yield
        finally:
            self._connection.set_progress_handler(None, 0)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn errors of SQLite into those that a user is told."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if "interrupted" in str(error):
                raise UsageError("the search took too long", remedy="use rarer words") from error
            raise _damaged(error) from error


def _hit(article: Article, match: Match) -> Hit:
    document = article.document
    title = snippets.marked(document.title, match.patterns)
    return Hit(article, title, snippets.snippet(document.text, match.patterns))


def _damaged(error: sqlite3.Error) -> DamagedError:
    return DamagedError(f"the index cannot be read: {error}", remedy="run 'archiver rebuild'")


def _storable(value: Any) -> Any:
    """Return `value` without lone surrogates, which argv may hold and SQLite refuses."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
