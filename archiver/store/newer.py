"""Which articles have a version that came after another, and match: what a search for the same would find.

Only the stretches of the text index are read in which those articles stand.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archiver.store.matching import Match
from archiver.store.rowids import MINUTES_A_DAY, SLOTS

RANGES = 16  # stretches of the text index that are read, each by itself
_DAY = MINUTES_A_DAY << SLOTS
# Versions by their ids, which are the index's own order; of each article the one that searches know.
_ROWS = """SELECT d.id AS rowid, v.id AS version_id, v.article_id, v.number,
    (SELECT b.number FROM versions b WHERE b.article_id = v.article_id AND b.id <= ?1
        ORDER BY b.first_seen DESC, b.number DESC LIMIT 1) AS before
    FROM versions v CROSS JOIN search_doc d ON d.article_id = v.article_id AND d.version_id = v.id
    WHERE v.id > ?2 AND v.id <= ?3 ORDER BY v.id"""
_LAST = "SELECT max(id) FROM (SELECT id FROM versions WHERE id > ? ORDER BY id LIMIT ?)"


@dataclass(frozen=True, slots=True)
class Newer:
    """An article that matches: its rowid, and its latest version by id and number.

    `before` is the number of the version that was its latest before; None where there was no such article.
    """

    rowid: int
    version_id: int
    article_id: int
    number: int
    before: int | None


def newer(
    connection: sqlite3.Connection, match: Match, known: int, after: int, limit: int
) -> tuple[list[Newer], int]:
    """Return what matches of the `limit` versions behind the one with the id `after`, and the id of the last of them.

    `known` is the id of the last version that counts as known before. Where nothing is left the second is `after`.
    """
    (last,) = connection.execute(_LAST, (after, limit)).fetchone()
    if last is None:
        return [], after
    rows = connection.execute(_ROWS, (known, after, last)).fetchall()
    found = _matching(connection, match, sorted(row["rowid"] for row in rows))
    return [Newer(**dict(row)) for row in rows if row["rowid"] in found], last


def _matching(connection: sqlite3.Connection, match: Match, rowids: Sequence[int]) -> set[int]:
    """Return which of `rowids`, in their order, match."""
    found: set[int] = set()
    for some in _stretches(rowids):
        sql, values = match.above(some[0] - 1).below(some[-1] + 1).select()
        # The plus keeps SQLite from asking FTS5 for each of them, one by one.
        wanted = f"SELECT rowid FROM ({sql}) WHERE +rowid IN (SELECT value FROM json_each(?))"
        found.update(row[0] for row in connection.execute(wanted, (*values, json.dumps(some))))
    return found


def _stretches(rowids: Sequence[int]) -> list[Sequence[int]]:
    """Part rowids at their widest gaps: one old article must not make the years behind it be read."""
    gaps = [(here - before, n) for n, (before, here) in enumerate(pairwise(rowids), 1)]
    widest = sorted((gap for gap in gaps if gap[0] > _DAY), reverse=True)[: RANGES - 1]
    cuts = [0, *sorted(n for _, n in widest), len(rowids)]
    return [rowids[a:b] for a, b in pairwise(cuts) if a < b]
