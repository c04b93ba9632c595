"""What an export takes: the versions of all articles of a query, in one order and as they were at one moment.

The order is by article and number, so it is the same whenever it is asked for. All of it is read in one
transaction: the archive may be written meanwhile, and nothing of that is seen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from archiver.documents import Article
from archiver.store import rows
from archiver.store.clusters import one_of_each
from archiver.store.matching import Match

VERSIONS = ("latest", "first", "all")

# The cluster of an article a: the id of its first article.
CLUSTER = "(SELECT c.cluster_id FROM clusters c WHERE c.article_id = a.id)"

# What a record may have: of article a, version v and the exchange e that v was read from; lists are JSON.
# What another archiver has left out is "" where we would write that.
COLUMNS = {
    "id": "a.id", "url": "e.url", "canonical_url": "a.url", "source": "a.source", "title": "v.title",
    "authors": "v.authors", "published_at": "v.published_at", "published_zone": "v.published_zone",
    "published_precision": "v.published_precision", "published_origin": "v.published_origin",
    "modified_at": "v.modified_at", "modified_zone": "v.modified_zone",
    "modified_precision": "v.modified_precision", "modified_origin": "v.modified_origin",
    "language": "coalesce(v.language, '')", "section": "coalesce(v.section, '')", "tags": "v.tags",
    "text": "v.text", "text_hash": "v.text_hash", "version": "v.number", "versions": "a.versions",
    "first_seen": "a.first_seen", "last_seen": "a.last_seen", "removed_at": "a.gone_at",
    "cluster_id": CLUSTER, "completeness": "v.completeness", "rights": rows.RIGHTS,
    "robots_allowed": "e.robots_allowed", "flags": "v.flags",
    "captured_at": "e.at", "status": "e.status", "mime": "e.mime", "warc_filename": "e.filename",
    "warc_offset": "e.offset", "warc_length": "e.length", "warc_record_id": "e.record_id",
    "warc_payload_digest": "e.digest", "extractor": "coalesce(v.extractor, '')",
    "extractor_version": "coalesce(v.extractor_version, '')",
}  # fmt: skip
_CHOSEN = {
    "latest": "v.id = a.version_id",
    "first": "v.id = (SELECT f.id FROM versions f WHERE f.article_id = a.id"
             " ORDER BY f.first_seen, f.number LIMIT 1)",
    "all": "v.article_id = a.id",
}  # fmt: skip


def _declaring(versions: str, rights: Sequence[str]) -> str:
    """Return SQL for whether every one of these versions of an article k.article_id declares one of `rights`."""
    free = " AND ".join(f"instr(declared, '\"{right}\"') = 0" for right in rights)
    return (
        f"NOT EXISTS (SELECT {rows.RIGHTS} AS declared FROM articles a JOIN versions v ON {_CHOSEN[versions]}"
        f" WHERE a.id = k.article_id AND {free})"
    )


class Selection:
    """The versions to export; made by `Index.selection`, inside whose block it may be asked."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        match: Match,
        versions: str,
        dedupe: str = "",
        without: Sequence[str] = (),
    ) -> None:
        """Select `versions` (latest, first by time of capture, or all) of what matches.

        With `dedupe` one of each copies, and rather one that has a version which declares none of `without`.
        """
        self._connection = connection
        among, self._values = "SELECT id FROM articles", tuple[object, ...]()
        if match != Match():
            inner, self._values = match.select()
            among = f"SELECT article_id FROM search_doc WHERE id IN ({inner})"
        if dedupe:
            among = one_of_each(dedupe, among, _declaring(versions, without) if without else "0")
        where = f" WHERE a.id IN ({among})" if dedupe or match != Match() else ""
        # CROSS JOIN: SQLite keeps this order of the tables, and so need not sort whole texts.
        self._tables = (
            f"articles a CROSS JOIN versions v ON {_CHOSEN[versions]} JOIN exchanges e"
            f" ON e.id = v.exchange_id LEFT JOIN exchanges o ON o.id = e.original_id{where}"
        )

    def count(self) -> int:
        """Return how many versions there are."""
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM {self._tables}", self._values
        ).fetchone()
        return int(count)

    def records(self, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Yield what `names` name of each version (see `COLUMNS`), None for what is no column."""
        cursor = self._connection.cursor()
        cursor.row_factory = None  # tuples: twice as fast as rows with names
        columns = ", ".join(COLUMNS.get(name, "NULL") for name in names)
        sql = f"SELECT {columns} FROM {self._tables} ORDER BY a.id, v.number"
        return iter(cursor.execute(sql, self._values))

    def articles(self) -> Iterator[Article]:
        """Yield each version as an article, with where its own bytes lie."""
        sql = f"SELECT {rows.COLUMNS} FROM {self._tables} ORDER BY a.id, v.number"
        return map(rows.article, self._connection.execute(sql, self._values))
