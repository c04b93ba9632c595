"""What a takedown means in the index: which exchanges are meant, and how their rows are sealed.

A sealed row stays, so that no other row gets another number: where the record lies, its time, source and
digest, and nothing of what it held. Versions, articles, words and lessons go.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from archiver.errors import ArchiveError, SpaceError
from archiver.seals import SEALED, Seals, Takedown, Taken, hashed, redaction_id, unnamed
from archiver.store.lessons import KEEP, MOST, rank_of
from archiver.store.textindex import TextIndex
from archiver.urls import spellings

NOTE = "taken down"
LINKS = ("via", "leads_to")  # columns of exchanges that name another page
_HARMLESS = ("gone", "consent", "missing", "shell", "hub")  # pages that show nothing of an article
_UNREAD = "the record that holds its body is not in this archive"
_MANY = 500  # values of one statement


@dataclass(frozen=True, slots=True)
class Condemned:
    """An article that is to go."""

    id: int
    url: str
    source: str
    title: str
    versions: int


@dataclass(slots=True)
class Meant:
    """All that a takedown means.

    `articles` are the one that was named and those with the very same page at other addresses. `rows` are their
    exchanges; `urls` are not to be asked for any more, nor are `spellings` of them that nobody has asked for yet;
    `shared` are addresses that showed other articles too, and
    are. `spared` are exchanges whose bodies others need. `alike` counts other articles with the same text, which stay;
    `via` are pages that led there, which may hold a headline.
    """

    articles: list[Condemned] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    spellings: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rows: list[Taken] = field(default_factory=list)
    spared: list[Taken] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)
    via: list[str] = field(default_factory=list)

    @property
    def canonical(self) -> list[str]:
        """The addresses that name the articles."""
        return [article.url for article in self.articles]


class Selection:
    """Finds what is meant, in an open index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use the store's connection."""
        self._connection = connection

    def of(self, article_id: int | None, url: str, *, with_url: bool) -> Meant:
        """Return what a takedown of an article means, or of what was fetched from `url` where it is none."""
        meant, ids = Meant(), self._all_of([] if article_id is None else [article_id])
        meant.articles = [self._article(number) for number in sorted(ids)]
        versions = self._each(
            "SELECT title, text, text_hash FROM versions WHERE article_id IN ({})", ids
        )
        meant.titles = sorted({row["title"] for row in versions} - {""})
        meant.texts = sorted({row["text"] for row in versions} - {""})
        meant.digests = sorted(self._bodies(ids))
        shown = {row["url"] for row in self._each(f"{_SHOWING} AND article_id IN ({{}})", ids)}
        named = shown | set(meant.canonical) | ({url} if article_id is None else set())
        others = set[str]().union(*map(spellings, named)) - named
        fetched = {row["url"] for row in self._each(_FETCHED, others)}
        named |= fetched
        meant.spellings = sorted(others - fetched)
        meant.shared = sorted(one for one in named if self._shows_others(one, ids))
        meant.urls = sorted(named - set(meant.shared))
        self._exchanges(meant, ids, with_url)
        hashes = {row["text_hash"] for row in versions}
        same = self._each(
            "SELECT DISTINCT article_id FROM versions WHERE text_hash IN ({})", hashes
        )
        meant.alike = sorted({row["article_id"] for row in same} - ids)
        return meant

    def _all_of(self, wanted: Iterable[int]) -> set[int]:
        """Return the articles with those that are the same.

        These are the ones that showed the very same bytes, which a revisit may have from them, and those that are only
        another spelling of the address away.
        """
        ids, more = set[int](), set(wanted)
        while more - ids:
            ids |= more
            digests = self._bodies(ids)
            found = self._each(f"{_SHOWING} AND digest IN ({{}}) AND article_id NOT NULL", digests)
            more = {row["article_id"] for row in found} | self._respelled(ids)
        return ids

    def _respelled(self, ids: set[int]) -> set[int]:
        """Return the articles at other spellings of the addresses of `ids` that have a headline or a text of theirs."""
        held = self._each("SELECT title, text FROM versions WHERE article_id IN ({})", ids)
        titles, texts = ({row[name] for row in held} - {""} for name in ("title", "text"))
        shown = {row["url"] for row in self._each(f"{_SHOWING} AND article_id IN ({{}})", ids)}
        found = self._each(_VERSIONS_AT, set[str]().union(*map(spellings, shown)))
        return {
            row["article_id"] for row in found if row["title"] in titles or row["text"] in texts
        }

    def _bodies(self, ids: Iterable[int]) -> set[str]:
        found = self._each(f"{_SHOWING} AND article_id IN ({{}})", ids)
        return {row["digest"] for row in found} - {""}

    def _article(self, number: int) -> Condemned:
        row = self._connection.execute(
            "SELECT a.id, a.url, a.source, v.title, a.versions FROM articles a"
            " JOIN versions v ON v.id = a.version_id WHERE a.id = ?",
            (number,),
        ).fetchone()
        return Condemned(*row)

    def _shows_others(self, url: str, ids: set[int]) -> bool:
        found = self._connection.execute(
            "SELECT DISTINCT article_id FROM exchanges WHERE url = ? AND article_id NOT NULL",
            (url,),
        )
        return any(row["article_id"] not in ids for row in found)

    def _exchanges(self, meant: Meant, ids: set[int], with_url: bool) -> None:
        """Gather the rows: what showed it, and all else at its addresses but what others need."""
        found = {}
        for column, values in (("article_id", ids), ("url", meant.urls), ("digest", meant.digests)):
            for row in self._each(f"SELECT * FROM exchanges WHERE {column} IN ({{}})", values):
                if row["page"] != SEALED:
                    found[row["id"]] = row
        meant.via = sorted({row["via"] for row in found.values() if row["via"]})
        for number, row in sorted(found.items()):
            spared = not with_url and _is_harmless(row) and self._is_needed(number, found)
            (meant.spared if spared else meant.rows).append(_taken(row))
        if with_url:
            rows = self._each("SELECT * FROM failures WHERE url IN ({})", meant.urls)
            meant.rows += [_taken(row, failure=True) for row in rows]

    def _is_needed(self, number: int, found: dict[int, sqlite3.Row]) -> bool:
        """Tell whether other exchanges have their body from this one."""
        rows = self._connection.execute("SELECT id FROM exchanges WHERE original_id = ?", (number,))
        return any(row["id"] not in found for row in rows)

    def _each(self, sql: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        """Run a statement with so many values in its brackets, however many they are."""
        given, rows = sorted(set(values)), list[sqlite3.Row]()
        for n in range(0, len(given), _MANY):
            some = given[n : n + _MANY]
            marks = ", ".join("?" * len(some))
            rows += self._connection.execute(sql.format(marks), some)
        return rows


_FETCHED = "SELECT url FROM exchanges WHERE url IN ({0})"
_VERSIONS_AT = (
    "SELECT DISTINCT v.article_id, v.title, v.text FROM exchanges e JOIN versions v ON v.article_id = e.article_id"
    " WHERE e.url IN ({})"
)
_SHOWING = "SELECT * FROM exchanges WHERE (version NOT NULL OR page IN ('article', 'lesser'))"


def _is_harmless(row: sqlite3.Row) -> bool:
    return row["version"] is None and (row["status"] >= 300 or row["page"] in _HARMLESS)


def _taken(row: sqlite3.Row, *, failure: bool = False) -> Taken:
    return Taken(
        file=row["filename"],
        offset=row["offset"],
        length=row["length"],
        type="failure" if failure else "revisit" if row["revisit"] else "response",
        record_id=row["record_id"],
        row=True,
        failure=failure,
        url=row["url"],
        kind=row["kind"],
        source=row["source"],
        at=row["at"],
        digest="" if failure else row["digest"],
    )


def sealed_row(taken: Taken, record_id: str) -> dict[str, Any]:
    """Return the row of an exchange that is sealed: what it was, and nothing of what it held."""
    return {
        "url": taken.url, "at": taken.at, "status": 0, "mime": "", "kind": taken.kind,
        "source": taken.source, "via": "", "hops": 0, "ip": "", "took_ms": 0, "truncated": "",
        "digest": taken.digest, "etag": "", "last_modified": "", "leads_to": "",
        "robots_allowed": None,
        "filename": taken.file, "offset": taken.offset, "length": taken.length, "record_id": record_id,
        "page": SEALED, "completeness": "", "note": NOTE, "revisit": False, "original_id": None,
    }  # fmt: skip


def sealed_failure(taken: Taken, record_id: str) -> dict[str, Any]:
    """Return the row of a failure that is sealed with its URL."""
    return {
        "url": taken.url, "at": taken.at, "kind": taken.kind, "source": taken.source, "via": "",
        "reason": NOTE, "filename": taken.file, "offset": taken.offset, "length": taken.length,
        "record_id": record_id,
    }  # fmt: skip


def record_id(takedown: Takedown, taken: Taken) -> str:
    """Return the name of the record that lies at a place after a takedown."""
    return taken.record_id if taken.left else redaction_id(takedown.id, taken.file, taken.offset)


class Sealing:
    """Writes what a takedown changes; inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection, text_index: TextIndex) -> None:
        """Use the store's connection and its text index."""
        self._connection = connection
        self._text_index = text_index

    def words(self, takedown: Takedown) -> list[str]:
        """Return the titles and URLs by which others may tell of the articles, as far as they are still there."""
        run = self._connection.execute
        sql = (
            "SELECT title AS word FROM versions WHERE article_id = ?1 UNION"
            " SELECT url FROM exchanges WHERE article_id = ?1 UNION SELECT url FROM articles WHERE id = ?1"
        )
        return [row["word"] for number in takedown.articles for row in run(sql, (number,))]

    def late(self, held: Seals) -> dict[str, list[Taken]]:
        """Return the sealed rows whose records are not in the log, by the takedown that sealed them."""
        found: dict[str, list[Taken]] = {}
        for row in self._connection.execute(
            f"SELECT * FROM exchanges WHERE page = '{SEALED}' AND note = ? ORDER BY id", (NOTE,)
        ):
            place = (row["filename"], row["offset"])
            takedown = held.exchange(row["url"], row["digest"], place)
            if takedown is not None and held.taken(place) is None:
                found.setdefault(takedown.id, []).append(_taken(row))
        return found

    def seal(self, takedown: Takedown, refill: Callable[[str, str], None]) -> None:
        """Seal what a takedown means. Doing it again changes nothing.

        `refill` is asked for another lesson of a source and layout, where one went from a full sample.
        """
        self._forget(takedown.articles)
        seen: set[tuple[str, str]] = set()
        for taken in takedown.records:
            if taken.row:
                seen |= self._row(taken, record_id(takedown, taken))
        self._orphans()
        if takedown.with_url:
            self._unname(takedown)
        for source, url in sorted(seen):
            for layout in self._unlearn(source, url):
                refill(source, layout)

    def _forget(self, ids: Sequence[int]) -> None:
        """Take articles out, with all that hangs on them."""
        run, many = self._connection.executemany, [(number,) for number in ids]
        self._text_index.remove(ids)
        run(
            "UPDATE exchanges SET article_id = NULL, version = NULL,"
            " page = CASE page WHEN 'gone' THEN '' ELSE page END WHERE article_id = ?",
            many,
        )
        run("DELETE FROM versions WHERE article_id = ?", many)
        run("DELETE FROM articles WHERE id = ?", many)

    def _row(self, taken: Taken, name: str) -> set[tuple[str, str]]:
        """Seal a row; returns source and URL of a page that may have taught something."""
        table = "failures" if taken.failure else "exchanges"
        place = (taken.file, taken.offset)
        found = self._connection.execute(
            f"SELECT source, url FROM {table} WHERE filename = ? AND offset = ?", place
        ).fetchone()
        make = sealed_failure if taken.failure else sealed_row
        row = make(taken, name)
        sets = ", ".join(f"{column} = ?" for column in row)
        self._connection.execute(
            f"UPDATE {table} SET {sets} WHERE filename = ? AND offset = ?", (*row.values(), *place)
        )
        return set() if found is None or taken.failure else {tuple(found)}

    def _orphans(self) -> None:
        """Say of answers whose body was in a sealed record, which happens only with a URL, that it is gone."""
        orphans = f"original_id IN (SELECT id FROM exchanges WHERE page = '{SEALED}')"
        self._connection.execute(
            f"UPDATE exchanges SET page = '', completeness = 'raw_only', note = ? WHERE {orphans}"
            " AND page IN ('consent', 'missing', 'shell', 'hub', 'article')",
            (_UNREAD,),
        )
        self._connection.execute(f"UPDATE exchanges SET original_id = NULL WHERE {orphans}")

    def _unname(self, takedown: Takedown) -> None:
        """Take the URL out of the rows of pages that led to it, redirects for one, or that were found on it."""
        run, sealed = self._connection.execute, set(takedown.urls)
        for table, column in (("failures", "via"), *(("exchanges", name) for name in LINKS)):
            for (url,) in run(f"SELECT DISTINCT {column} FROM {table}").fetchall():
                if url and hashed(url) in sealed:
                    run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (unnamed(url), url))

    def _unlearn(self, source: str, url: str) -> list[str]:
        """Forget what a page has taught; returns the layouts whose sample was full."""
        rank, run = rank_of(url), self._connection.execute
        gone = run(
            "SELECT layout FROM lessons WHERE source = ? AND rank = ?", (source, rank)
        ).fetchall()
        if not gone:
            return []
        (all_,) = run("SELECT count(*) FROM lessons WHERE source = ?", (source,)).fetchone()
        full = []
        for (layout,) in gone:
            (count,) = run(
                "SELECT count(*) FROM lessons WHERE source = ? AND layout = ?", (source, layout)
            ).fetchone()
            if count >= KEEP or all_ >= MOST:
                full.append(layout)
        run("DELETE FROM lessons WHERE source = ? AND rank = ?", (source, rank))
        run("UPDATE profiles SET stale = 1 WHERE source = ?", (source,))
        return full

    def purge(self) -> bool:
        """Leave no byte of what was deleted in the index or its log; outside of any transaction.

        Returns whether the log could be emptied: another process may just be reading it. Raises SpaceError where
        there is no room for it, ArchiveError where it cannot be written.
        """
        run = self._connection.execute
        try:
            run("INSERT INTO article_text (article_text) VALUES ('optimize')")
            run("VACUUM")
            busy, *_ = run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
            kind = SpaceError if full else ArchiveError
            remedy = (
                "make room for one more copy of the index, then run 'archiver takedown --continue'"
            )
            raise kind(f"the index cannot be written anew: {error}", remedy=remedy) from error
        return not busy


def hashes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the hashes by which texts or URLs are known again."""
    return tuple(sorted(map(hashed, texts)))
