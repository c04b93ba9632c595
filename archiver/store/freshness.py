"""What is here already: so that a crawl asks only for what is new, and comes back when it should.

All of it is read from the exchanges. A row that is committed with its record cannot be out of step with
what is kept, and a rebuild brings all of it back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archiver.errors import DamagedError
from archiver.store import rows
from archiver.store.originals import NOT_MODIFIED
from archiver.store.rounds import NOT_FINAL
from archiver.store.schema import connect_readonly
from archiver.timestamps import from_iso, iso
from archiver.types import Kind, Link, Original, RecordLocation

# Some servers send one ETag for ever: of so many polls one asks for the whole (Media Cloud met such feeds).
TRUSTED_POLLS = 9
# An article is fetched a handful of times, most often within a day, so its server is trusted for less long.
TRUSTED_VISITS = 2
# What stands in a story's place for a while (a consent page, 403 ...) is asked for again while a feed names it.
PASSING = ("consent", "missing", "shell")
PATIENCE, TRIES = timedelta(hours=6), 4
HOPS = 5  # redirects that are followed to what is here
_FINAL = f"status < 500 AND status NOT IN {NOT_FINAL}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is here from a URL, by which its server can be asked whether it still stands.

    `etag` and `last_modified` are the validators that it came with, to the letter; one of them may be "".
    """

    etag: str
    last_modified: str
    original: Original


@dataclass(frozen=True, slots=True)
class Visits:
    """The articles of a source that are to be looked at again now, and when the next ones will be."""

    links: tuple[Link, ...]
    next_at: datetime | None


class Freshness:
    """Looks up what the index at `path` knows of URLs. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the index for reading; it must exist."""
        self._connection = connect_readonly(path, any_thread=True)

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def standing(self, url: str) -> Standing | None:
        """Return what can be held against what is now at `url`; None where the whole is to be asked for.

        That is so where nothing whole or good is here, where there is no validator or one that has told
        an untruth before, and now and then in any case.
        """
        row = self._one(
            "SELECT e.id, e.url, e.at, e.status, e.kind, e.page, e.truncated, e.digest, e.etag,"
            f" e.last_modified, e.revisit, o.url AS original_url, o.at AS original_at, {rows.WHERE}"
            f" FROM {rows.EXCHANGES} WHERE e.url = ? AND e.status <> {NOT_MODIFIED}"
            " ORDER BY e.id DESC LIMIT 1",
            url,
        )
        if row is None or row["status"] != 200 or row["truncated"]:
            return None
        if not (row["etag"] or row["last_modified"]) or row["page"] not in ("", "article", "hub"):
            return None
        article = row["page"] == "article"
        trusted = TRUSTED_VISITS if article else TRUSTED_POLLS
        original = _original(row)
        if original is None or self._since(url, row["id"]) >= trusted or self._lies(url, row):
            return None
        return Standing(row["etag"], row["last_modified"], original)

    def _since(self, url: str, exchange_id: int) -> int:
        """Return how often `url` was asked for since an exchange."""
        row = self._one("SELECT count(*) FROM exchanges WHERE url = ? AND id > ?", url, exchange_id)
        return int(row[0]) if row else 0

    def _lies(self, url: str, row: sqlite3.Row) -> bool:
        """Tell whether the validators of `url` have stood for two bodies."""
        name = "etag" if row["etag"] else "last_modified"
        other = self._one(
            f"SELECT 1 FROM exchanges WHERE url = ? AND status = 200 AND {name} = ? AND digest <> ?"
            " AND truncated = '' LIMIT 1",
            url,
            row[name],
            row["digest"],
        )
        return other is not None

    def known(self, url: str, now: datetime, hops: int = HOPS) -> bool:
        """Tell whether the story at `url` is here, or was asked for and is none.

        `url` may be one that only leads to it, and then that is what must be here: a crawl may have been
        killed between the two.
        """
        row = self._one(
            "SELECT page, at, status, leads_to, (SELECT count(*) FROM exchanges WHERE url = ?1"
            f" AND kind = '{Kind.ARTICLE}') AS tries FROM exchanges WHERE url = ?1"
            f" AND kind = '{Kind.ARTICLE}' AND {_FINAL} ORDER BY id DESC LIMIT 1",
            url,
        )
        if row is None:
            return False
        if row["leads_to"] and row["tries"] < TRIES and hops:
            return self.known(row["leads_to"], now, hops - 1)
        passing = row["page"] in PASSING or row["status"] >= 400
        again = passing and row["tries"] < TRIES and from_iso(row["at"]) < now - PATIENCE
        return not again

    def fetched_at(self, url: str) -> datetime | None:
        """Return when `url` last gave an answer that counts."""
        row = self._one(f"SELECT max(at) FROM exchanges WHERE url = ? AND {_FINAL}", url)
        return from_iso(row[0]) if row and row[0] else None

    def recent(self, url: str, since: datetime) -> tuple[int, RecordLocation] | None:
        """Return status and place of the last answer from `url`, where that came after `since`.

        Of a 304 the place is that of what still stands.
        """
        row = self._one(
            f"SELECT e.at, e.status, {rows.WHERE} FROM {rows.EXCHANGES} WHERE e.url = ?"
            " ORDER BY e.id DESC LIMIT 1",
            url,
        )
        if row is None or from_iso(row["at"]) <= since:
            return None
        where = rows.location(row)
        stands = row["status"] == NOT_MODIFIED and where.original
        return (200, where.original) if stands and where.original else (row["status"], where)

    def is_changed(self, url: str) -> bool:
        """Tell whether the last answer from `url` was another than the one before it."""
        rows = self._all(
            "SELECT status, digest FROM exchanges WHERE url = ? ORDER BY id DESC LIMIT 2", url
        )
        return len({row["digest"] for row in rows}) == 2 and rows[0]["status"] == 200

    def visits(self, source: str, after: tuple[timedelta, ...], now: datetime) -> Visits:
        """Return which articles of `source` are due, newest first.

        An article is due so long `after` it was first seen; what was missed is made up for by one visit. One
        that was old when it came is not looked at again, nor one whose last visit is long past due.
        """
        if not after:
            return Visits((), None)
        longest = max(after)
        due: list[Link] = []
        following: datetime | None = None
        for row in self._young(source, now - 2 * longest):
            first, visited = from_iso(row["first_seen"]), from_iso(row["visited"])
            published = rows.moment(row, "published")
            if published and published.at < first - longest:
                continue
            ahead = [first + time for time in after if first + time > visited]
            if ahead and min(ahead) <= now:
                due.append(Link(row["url"], Kind.ARTICLE, source, published=published))
            elif ahead and (following is None or min(ahead) < following):
                following = min(ahead)
        return Visits(tuple(due), following)

    def _young(self, source: str, since: datetime) -> Iterator[sqlite3.Row]:
        """Yield the articles of `source` that were first seen after `since`, newest first."""
        sql = (
            "SELECT a.first_seen, v.published_at, v.published_precision, v.published_zone,"
            " v.published_origin, e.url, (SELECT max(at) FROM exchanges x WHERE x.article_id = a.id)"
            " AS visited FROM articles a JOIN versions v ON v.id = a.version_id"
            " JOIN exchanges e ON e.id = v.exchange_id WHERE a.source = ? AND a.first_seen >= ?"
            " ORDER BY a.first_seen DESC, a.id"
        )
        yield from self._all(sql, source, iso(since))

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        return next(iter(self._all(sql, *values)), None)

    def _all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise DamagedError(f"the index cannot be read: {error}") from error


def _original(row: sqlite3.Row) -> Original | None:
    """Return the record that holds the body of an exchange: never a revisit (WARC/1.1, section 6.7)."""
    where = rows.location(row)
    if not row["revisit"]:
        return Original(row["url"], from_iso(row["at"]), where.record_id, where, row["digest"])
    held: RecordLocation | None = where.original
    if held is None:
        return None
    at = from_iso(row["original_at"])
    return Original(row["original_url"], at, held.record_id, held, row["digest"])
