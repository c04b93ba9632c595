"""Which articles are copies of one text, and which of them was first: the tables that `archiver cluster` fills.

Articles stand in the order of their *places*: when each was there for sure, then its id. Each row of `clusters` is
one article as it was compared: its cluster, which is the id of the first article in it, and its part in that.
`copy_keys` finds those that share keys of a signature. It is an FTS5 table, which holds a million signatures in
sorted segments and merges them as it grows: rows of an ordinary table would be written all over the file.

Both are a function of the articles, but where more than `MOST` articles share a key (see `docs/copies.md`).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from struct import unpack

from archiver.documents import Moment
from archiver.store import rows
from archiver.timestamps import from_iso

FIRST, COPY, TWIN, NEW = "f", "c", "t", ""
MOST = 100  # articles of one key that are looked at, those nearest in time
NEAREST = 20  # of them, those which share the most keys
DEDUPE = ("exact", "near")
_ID_BITS = 27  # of a place; the seconds above them
_SPANS = {
    "year": timedelta(days=365),
    "month": timedelta(days=30),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
}
_MEMBER = "article_id, cluster_id, place, version_id, first_seen, same, alike, part, signature"


@dataclass(frozen=True, slots=True)
class Member:
    """An article as it was compared.

    `same` is the number that all texts of the same words have; `alike` says how alike it is to the first of its
    cluster, from 0 to 1; `part` is `FIRST`, `COPY`, `TWIN` (of an earlier article with the same words), or `NEW`.
    """

    article_id: int
    cluster_id: int
    place: int
    version_id: int
    first_seen: str
    same: int
    alike: float
    part: str
    signature: bytes

    def keys(self, part: str) -> list[str]:
        """Return the keys of the signature as `copy_keys` has them for an article that plays a part."""
        numbers = unpack(f"<{len(self.signature) // 4}I", self.signature)
        return [f"{part}{slot:02}{number:08x}" for slot, number in enumerate(numbers)]


@dataclass(frozen=True, slots=True)
class Due:
    """An article that is to be compared: its latest version as it stands."""

    article_id: int
    version_id: int
    first_seen: str
    place: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Alike:
    """An article of a cluster, as a reader is told of it; `at` is when it was there for sure."""

    article_id: int
    cluster_id: int
    source: str
    at: datetime
    alike: float
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: its first article, how many there are, and how many of each source, the most first."""

    first: Alike
    size: int
    sources: dict[str, int]


def place(article_id: int, first_seen: datetime, published: Moment | None) -> int:
    """Return where an article stands in the order of publication: seconds from the year 1, then its id.

    It is put where it was there for sure: at the end of the day, month or year where no more is known of the time,
    and never behind its first capture, whatever the page says.
    """
    at = first_seen
    if published is not None:
        span = _SPANS.get(published.precision, timedelta(0))
        # The last year that there is has no end.
        at = min(at, published.at if published.at.year >= 9999 else published.at + span)
    seconds = int((at - datetime.min.replace(tzinfo=UTC)).total_seconds())
    return seconds << _ID_BITS | article_id & ((1 << _ID_BITS) - 1)


def _time_of(place: int) -> datetime:
    return datetime.min.replace(tzinfo=UTC) + timedelta(seconds=place >> _ID_BITS)


def create(connection: sqlite3.Connection) -> None:
    """Create the tables, empty; those that are there are dropped."""
    for name in ("clusters", "copy_keys", "cluster_state"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(
        "CREATE TABLE clusters (article_id INTEGER PRIMARY KEY, cluster_id INTEGER NOT NULL,"
        " place INTEGER NOT NULL UNIQUE, version_id INTEGER NOT NULL, first_seen TEXT NOT NULL,"
        " same INTEGER NOT NULL, alike REAL NOT NULL, part TEXT NOT NULL, signature BLOB NOT NULL)"
    )
    connection.execute("CREATE INDEX clusters_of ON clusters (cluster_id)")
    connection.execute("CREATE INDEX clusters_same ON clusters (same, place)")
    connection.execute(
        "CREATE VIRTUAL TABLE copy_keys USING"
        " fts5(keys, content = '', detail = none, tokenize = 'ascii')"
    )
    # Few large segments, merged soon: each search of a key looks into all of them.
    for option, value in (("hashsize", 1 << 26), ("automerge", 2)):
        connection.execute("INSERT INTO copy_keys (copy_keys, rank) VALUES (?, ?)", (option, value))
    connection.execute("CREATE TABLE cluster_state (method TEXT NOT NULL)")


def one_of_each(how: str, among: str = "SELECT id FROM articles", behind: str = "0") -> str:
    """Return SQL for the ids that are left of the articles `among` (SQL too) where copies count once.

    Of the copies the first that is among them stays: the first publisher, if it is. Those for which `behind` holds, SQL
    of an article k.article_id, come behind the others. What was not compared stays. `how` is of `DEDUPE`: exact copies
    have the same words, near ones a cluster.
    """
    by = "same" if how == "exact" else "cluster_id"
    # A place is below 2 ** 63, and so this puts the others before them all; where there is but one, nobody has to know.
    order = (
        "CASE WHEN one IN (SELECT one FROM copies GROUP BY one HAVING count(*) > 1)"
        f" AND NOT ({behind}) THEN place - 9223372036854775807 - 1 ELSE place END"
    )
    # min() makes SQLite take the id from the row that has it (sqlite.org/lang_select.html, bare columns).
    return (
        f"WITH among(id) AS MATERIALIZED ({among}), copies AS MATERIALIZED"
        f" (SELECT article_id, place, {by} AS one FROM clusters WHERE article_id IN (SELECT id FROM among))"
        f" SELECT article_id FROM (SELECT article_id, min({order}) FROM copies k GROUP BY one)"
        " UNION ALL SELECT id FROM among WHERE id NOT IN (SELECT article_id FROM clusters)"
    )


class Clusters:
    """Reads the tables, and writes them inside the store's transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use a connection to the index."""
        self._connection = connection

    def method(self) -> str:
        """Return what the signatures were made by; "" where nothing was compared yet."""
        (name,) = self._connection.execute("SELECT method FROM cluster_state").fetchone() or ("",)
        return str(name)

    def begin_anew(self, method: str) -> None:
        """Forget all, and say what signatures will be made by."""
        create(self._connection)
        self._connection.execute("INSERT INTO cluster_state VALUES (?)", (method,))

    # What has changed since

    def outdated(self, limit: int) -> list[int]:
        """Return articles that are gone from the index, or are no longer as they were compared."""
        found = self._connection.execute(
            "SELECT c.article_id FROM clusters c LEFT JOIN articles a ON a.id = c.article_id"
            " WHERE a.version_id IS NOT c.version_id OR a.first_seen <> c.first_seen LIMIT ?",
            (limit,),
        )
        return [row[0] for row in found]

    def count_due(self) -> int:
        """Return how many articles were not compared as they are now."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM articles a LEFT JOIN clusters c ON c.article_id = a.id"
            " WHERE c.version_id IS NOT a.version_id OR c.first_seen <> a.first_seen"
        ).fetchone()
        return int(count)

    def due(
        self, limit: int, after: tuple[str, int] = ("", 0)
    ) -> tuple[list[int], tuple[str, int]]:
        """Return articles that were never compared, the oldest first, and where the next call goes on."""
        found = self._connection.execute(
            "SELECT a.id, a.sort_at FROM articles a WHERE (a.sort_at, a.id) > (?, ?)"
            " AND NOT EXISTS (SELECT 1 FROM clusters c WHERE c.article_id = a.id)"
            " ORDER BY a.sort_at, a.id LIMIT ?",
            (*after, limit),
        ).fetchall()
        last = (found[-1]["sort_at"], found[-1]["id"]) if found else after
        return [row["id"] for row in found], last

    def article(self, article_id: int) -> Due | None:
        """Return an article as it stands."""
        row = self._connection.execute(
            "SELECT a.id, a.version_id, a.first_seen, v.title, v.text, v.published_at,"
            " v.published_precision, v.published_zone, v.published_origin"
            " FROM articles a JOIN versions v ON v.id = a.version_id WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        if row is None:
            return None
        where = place(row["id"], from_iso(row["first_seen"]), rows.moment(row, "published"))
        return Due(
            row["id"], row["version_id"], row["first_seen"], where, row["title"], row["text"]
        )

    # What was compared

    def member(self, article_id: int) -> Member | None:
        """Return an article as it was compared."""
        return next(self._members("article_id = ?", article_id), None)

    def members(self, cluster_id: int) -> Iterator[Member]:
        """Yield the articles of a cluster."""
        return self._members("cluster_id = ?", cluster_id)

    def first_twin(self, member: Member) -> Member | None:
        """Return the first article with the same words, if one stands before this."""
        return next(
            self._members(
                "same = ? AND place < ? ORDER BY place LIMIT 1", member.same, member.place
            ),
            None,
        )

    def later_twins(self, member: Member) -> Iterator[Member]:
        """Yield articles with the same words that stand behind this."""
        return self._members("same = ? AND place > ?", member.same, member.place)

    def _members(self, where: str, *values: object) -> Iterator[Member]:
        sql = f"SELECT {_MEMBER} FROM clusters WHERE {where}"
        return (Member(*row) for row in self._connection.execute(sql, values))

    def earlier(self, member: Member, least: int) -> list[Member]:
        """Return firsts before this article that share at least so many keys, the nearest ones first."""
        shared = Counter(self._sharing(member, FIRST, "< ? ORDER BY rowid DESC"))
        likely = [place for place, count in shared.items() if count >= least]
        likely.sort(key=lambda place: (-shared[place], -place))
        return [one for place in likely[:NEAREST] for one in self._members("place = ?", place)]

    def later(self, member: Member, least: int) -> list[Member]:
        """Return articles behind this one that share at least so many keys."""
        shared = Counter(self._sharing(member, FIRST, "> ? ORDER BY rowid"))
        shared.update(self._sharing(member, COPY, "> ? ORDER BY rowid"))
        likely = sorted(place for place, count in shared.items() if count >= least)
        return [one for place in likely for one in self._members("place = ?", place)]

    def _sharing(self, member: Member, part: str, where: str) -> Iterator[int]:
        """Yield the places of articles that share a key, once for each key."""
        sql = f"SELECT rowid FROM copy_keys WHERE copy_keys MATCH ? AND rowid {where} LIMIT {MOST}"
        for key in member.keys(part):
            for (found,) in self._connection.execute(sql, (key, member.place)):
                yield found

    def last_place(self) -> int:
        """Return the place of the last article; 0 where there is none."""
        (last,) = self._connection.execute("SELECT max(place) FROM clusters").fetchone()
        return last or 0

    # Writing

    def put(self, member: Member) -> None:
        """Write an article that was not there, or plays another part now."""
        held = self.member(member.article_id)
        if held is None or held.part != member.part:
            self._take_keys(held)
            self._put_keys(member)
        marks = ", ".join("?" * len(_MEMBER.split(", ")))
        self._connection.execute(
            f"INSERT OR REPLACE INTO clusters ({_MEMBER}) VALUES ({marks})",
            tuple(getattr(member, name) for name in _MEMBER.split(", ")),
        )

    def remove(self, member: Member) -> None:
        """Take an article out."""
        self._take_keys(member)
        self._connection.execute("DELETE FROM clusters WHERE article_id = ?", (member.article_id,))

    def _put_keys(self, member: Member) -> None:
        if member.part in (FIRST, COPY) and member.signature:
            self._connection.execute(
                "INSERT INTO copy_keys (rowid, keys) VALUES (?, ?)",
                (member.place, " ".join(member.keys(member.part))),
            )

    def _take_keys(self, member: Member | None) -> None:
        if member and member.part in (FIRST, COPY) and member.signature:
            self._connection.execute(
                "INSERT INTO copy_keys (copy_keys, rowid, keys) VALUES ('delete', ?, ?)",
                (member.place, " ".join(member.keys(member.part))),
            )

    # What readers are told

    def cluster_of(self, article_ids: Sequence[int]) -> dict[int, int]:
        """Return the cluster of each of some articles; those that were not compared are left out."""
        found = self._connection.execute(
            "SELECT article_id, cluster_id FROM clusters WHERE article_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(article_ids)),),
        )
        return {row[0]: row[1] for row in found}

    def counts(self) -> tuple[int, int]:
        """Return how many articles there are, and in how many clusters."""
        row = self._connection.execute(
            "SELECT count(*), coalesce(sum(article_id = cluster_id), 0) FROM clusters"
        ).fetchone()
        return row[0], row[1]

    def largest(self, least: int, limit: int) -> Iterator[Cluster]:
        """Yield the clusters of at least so many articles, the largest first."""
        sql = (
            "SELECT cluster_id, count(*) AS size FROM clusters GROUP BY cluster_id"
            " HAVING size >= ? ORDER BY size DESC, cluster_id LIMIT ?"
        )
        for cluster_id, size in self._connection.execute(sql, (least, limit)).fetchall():
            first = next(self._told("c.article_id = ?", cluster_id), None)
            if first:
                yield Cluster(first, size, self._sources(cluster_id))

    def _sources(self, cluster_id: int) -> dict[str, int]:
        found = self._connection.execute(
            "SELECT a.source, count(*) AS size FROM clusters c JOIN articles a ON a.id = c.article_id"
            " WHERE c.cluster_id = ? GROUP BY a.source ORDER BY size DESC, a.source",
            (cluster_id,),
        )
        return {row["source"]: row["size"] for row in found}

    def copies(self, article_id: int) -> list[Alike]:
        """Return the other articles of an article's cluster, the first publisher first."""
        return list(
            self._told(
                "c.cluster_id = (SELECT cluster_id FROM clusters WHERE article_id = ?1)"
                " AND c.article_id <> ?1",
                article_id,
            )
        )

    def _told(self, where: str, *values: object) -> Iterator[Alike]:
        sql = (
            "SELECT c.article_id, c.cluster_id, a.source, c.place, c.alike, v.title, a.url"
            " FROM clusters c JOIN articles a ON a.id = c.article_id JOIN versions v ON v.id = a.version_id"
            f" WHERE {where} ORDER BY c.place"
        )
        for row in self._connection.execute(sql, values):
            yield Alike(row[0], row[1], row[2], _time_of(row[3]), row[4], row[5], row[6])


def joined(member: Member, other: Member, alike: float, part: str) -> Member:
    """Return an article as one of another's cluster."""
    return replace(member, cluster_id=other.cluster_id, alike=alike, part=part)


def alone(member: Member) -> Member:
    """Return an article as the first of a cluster of its own."""
    return replace(member, cluster_id=member.article_id, alike=1.0, part=FIRST)


def places(members: Iterable[Member]) -> list[tuple[int, int]]:
    """Return the place and id of each member."""
    return [(member.place, member.article_id) for member in members]
