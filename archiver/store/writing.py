"""The writing side of the index: one kept exchange after the other, in the order of the WARC.

Every row is decided from the exchange, its reading and the rows before it, and from nothing else
(no clock, no chance): that is why a rebuild makes the same rows again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver import seals
from archiver.content import read_head
from archiver.errors import ArchiveError, SpaceError
from archiver.store import rounds, rows, schema
from archiver.store.articles import Articles, flags, insert, redirect
from archiver.store.clusters import Clusters
from archiver.store.lessons import Lessons
from archiver.store.schema import connect
from archiver.store.sealing import LINKS, NOTE, Sealing, Selection, sealed_failure, sealed_row
from archiver.store.textindex import Spread, TextIndex
from archiver.timestamps import iso
from archiver.types import (
    Kept,
    KeptFailure,
    Kind,
    Outcome,
    Reading,
    RecordLocation,
    Redacted,
    Snapshot,
    Source,
)

_MOST = 1024  # letters of a validator; a longer one is not sent back
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


class Store:
    """The one writer of an index. Not for two threads at once."""

    def __init__(self, path: Path, *, deferred: bool = False) -> None:
        """Open or create the index at `path`.

        With `deferred` the text index is left as it is until `make_text_index`. Raises ArchiveError when
        another version of the analyser has made it: new words among its own would not be found.
        """
        self._path = path
        self._connection = connect(path)
        if not deferred and (made_by := schema.analyser(self._connection)) != schema.ANALYSER:
            self._connection.close()
            raise ArchiveError(
                f"its text index was made by analyser {made_by}, this archiver has {schema.ANALYSER}",
                where=str(path),
                remedy="run 'archiver reindex'",
            )
        self._lessons = Lessons(self._connection)
        self._text_index = TextIndex(self._connection, deferred=deferred)
        self._articles = Articles(self._connection, self._text_index)
        self.seals = seals.read(path.parent / seals.NAME)

    @property
    def sealing(self) -> Sealing:
        """What takes articles out; write inside a transaction."""
        return Sealing(self._connection, self._text_index)

    @property
    def selection(self) -> Selection:
        """What finds all that a takedown means."""
        return Selection(self._connection)

    def heed(self) -> None:
        """Read anew what must not come back."""
        self.seals = seals.read(self._path.parent / seals.NAME)

    @property
    def lessons(self) -> Lessons:
        """What was learned of each source's pages."""
        return self._lessons

    @property
    def clusters(self) -> Clusters:
        """Which articles are copies of one text."""
        return Clusters(self._connection)

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._connection.close()

    def make_text_index(self, spread: Spread = map) -> int:
        """Make the text index anew from the articles, all of it or nothing; returns how many there are.

        The words of articles are folded by what `spread` is, in this process or in others.
        """
        with self.transaction():
            return self._text_index.make(spread)

    def fold(self) -> None:
        """Fold the write-ahead log into the file, as far as readers let it be. Raises ArchiveError."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            raise ArchiveError(f"cannot be written: {error}", where=str(self._path)) from error

    @contextmanager
    def transaction(self, *, lasting: bool = False) -> Iterator[None]:
        """Make what is written inside one unit: all of it or nothing.

        With `lasting` it survives a power cut by itself: for what is in no WARC file, from which the
        rest would come back. Raises ArchiveError when SQLite cannot write it.
        """
        committed = False
        try:
            if lasting:
                self._connection.execute("PRAGMA synchronous = FULL")
            # IMMEDIATE: a deferred BEGIN fails at once when another connection is writing.
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._text_index.flush()
            self._connection.execute("COMMIT")
            committed = True
        except sqlite3.Error as error:
            what, where = f"cannot be written: {error}", str(self._path)
            if getattr(error, "sqlite_errorcode", 0) in _NO_ROOM:
                remedy = "make room on the disk, then run the same command again"
                raise SpaceError(what, where=where, remedy=remedy) from error
            raise ArchiveError(what, where=where) from error
        finally:
            # SQLite has rolled back by itself after some errors (a full disk is one).
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if not committed:
                self._text_index.discard()
            if lasting:
                self._connection.execute("PRAGMA synchronous = NORMAL")

    def set_sources(self, sources: Sequence[Source]) -> None:
        """Make the sources table what ``sources.toml`` says, and those that have exchanges."""
        named = {source.name for source in sources}
        for source in sources:
            self._connection.execute(
                "INSERT INTO sources (name, home) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET home = excluded.home",
                (source.name, source.home),
            )
        for (name,) in self._connection.execute("SELECT name FROM sources").fetchall():
            if name not in named:
                self._connection.execute("UPDATE sources SET home = '' WHERE name = ?", (name,))
                self._connection.execute(
                    "DELETE FROM sources WHERE name = ?1"
                    " AND NOT EXISTS (SELECT 1 FROM exchanges WHERE source = ?1)"
                    " AND NOT EXISTS (SELECT 1 FROM failures WHERE source = ?1)",
                    (name,),
                )

    def begin_round(self, source: str, at: datetime) -> None:
        """Begin a round of `source`, unless one was stopped (see `store.rounds`)."""
        rounds.begin(self._connection, source, at)

    def end_round(self, source: str) -> None:
        """Say that the round of `source` has come to its end."""
        rounds.end(self._connection, source)

    def carry_over(self, held: Sequence[tuple[str, str, int]]) -> None:
        """Take the open rounds of the index that this one will replace."""
        rounds.carry_over(self._connection, held)

    def has_exchanges(self, source: str) -> bool:
        """Tell whether anything was fetched for `source`."""
        found = self._connection.execute(
            "SELECT 1 FROM exchanges WHERE source = ? LIMIT 1", (source,)
        )
        return found.fetchone() is not None

    def last_location(self) -> tuple[str, int] | None:
        """Return file name and offset of the last exchange that the index holds."""
        row = self._connection.execute(rows.LAST).fetchone()
        return (row["filename"], row["offset"]) if row else None

    def index(self, kept: Kept, reading: Reading | None) -> Outcome:
        """Add one exchange and what was read from it. Call inside `transaction`, in WARC order."""
        if isinstance(kept, KeptFailure):
            return self._index_failure(kept)
        if isinstance(kept, Redacted):
            return self._index_redacted(kept)
        capture = kept.capture
        if self._holds(kept):
            return Outcome("duplicate", capture.url, capture.link.source)
        self._see_source(capture.link.source)
        if self._is_sealed(kept):
            return self._index_sealed(kept)
        reading = self._heeding(kept, reading)
        row = self._named(_exchange_row(kept, reading)) | {
            "revisit": kept.original is not None,
            "original_id": self._original_id(kept),
        }
        exchange_id = insert(self._connection, "exchanges", row)
        if kept.original is None and not capture.truncated:
            self._bring_body(kept.digest, exchange_id)
        if reading and reading.lesson:
            self._lessons.add(kept, reading.lesson)
        return self._apply(kept, reading, exchange_id)

    def _is_sealed(self, kept: Snapshot) -> bool:
        """Tell whether what was fetched was taken down: by its URL, or because its body was."""
        place = (kept.location.filename, kept.location.offset)
        return self.seals.exchange(kept.capture.url, kept.digest, place) is not None

    def _index_sealed(self, kept: Snapshot) -> Outcome:
        """Add the row of an exchange that must not be read: an import or another address has brought it."""
        capture, where = kept.capture, kept.location
        taken = seals.Taken(
            where.filename, where.offset, where.length, "response", where.record_id,
            url=self.seals.written(capture.url), at=iso(capture.at), kind=capture.link.kind.value,
            source=capture.link.source, digest=kept.digest,
        )  # fmt: skip
        insert(self._connection, "exchanges", sealed_row(taken, where.record_id))
        return Outcome(seals.SEALED, capture.url, capture.link.source)

    def _index_redacted(self, kept: Redacted) -> Outcome:
        """Add the row of a record that was taken out, as the log tells it; without the log there is none."""
        where = kept.location
        taken = self.seals.taken((where.filename, where.offset))
        if taken is None or not taken.row:
            return Outcome("duplicate", kept.url, "")
        self._see_source(taken.source)
        if taken.failure:
            insert(self._connection, "failures", sealed_failure(taken, where.record_id))
        else:
            insert(self._connection, "exchanges", sealed_row(taken, where.record_id))
        return Outcome(seals.SEALED, kept.url, taken.source)

    def _heeding(self, kept: Snapshot, reading: Reading | None) -> Reading | None:
        """Return what was read, without what must not come back: a page that is a sealed article's."""
        if reading is None or reading.document is None or not self.seals:
            return reading
        takedown, document = self.seals.document(kept.capture.url, reading.document)
        if takedown is None:
            return replace(reading, document=document)
        return Reading(page=seals.SEALED)

    def _holds(self, kept: Snapshot) -> bool:
        """Tell whether this very exchange has a row: an archive that was imported may bring it again."""
        capture = kept.capture
        found = self._connection.execute(
            rows.HELD,
            (
                self.seals.written(capture.url),
                iso(capture.at),
                kept.digest,
                capture.link.source,
            ),
        )
        return found.fetchone() is not None

    def _named(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row that names no URL, where it came from or led to, that was sealed with the URL itself."""
        return row | {name: self.seals.written(row[name]) for name in LINKS if row.get(name)}

    def _bring_body(self, digest: str, exchange_id: int) -> None:
        """Give the revisits that came before their original its body; their sources are read anew."""
        waiting = self._connection.execute(
            f"SELECT DISTINCT source FROM exchanges WHERE digest = ? AND {schema.BODILESS}",
            (digest,),
        ).fetchall()
        if not waiting:
            return
        self._connection.execute(
            f"UPDATE exchanges SET original_id = ? WHERE digest = ? AND {schema.BODILESS}",
            (exchange_id, digest),
        )
        for (source,) in waiting:
            self._lessons.mix(source)

    def _original_id(self, kept: Snapshot) -> int | None:
        """Return the exchange that holds the body of a revisit, if it is here."""
        where = kept.original.location if kept.original else None
        if where is None:
            return None
        found = self._connection.execute(
            "SELECT id FROM exchanges WHERE filename = ? AND offset = ?",
            (where.filename, where.offset),
        ).fetchone()
        return found["id"] if found else None

    def read_again(self, exchange_id: int, kept: Snapshot, reading: Reading | None) -> None:
        """Put what was read anew in the place of what was read; call in the order of the ids.

        The articles of the exchange must have been forgotten (see `forget`).
        """
        reading = self._heeding(kept, reading)
        self._connection.execute(
            "UPDATE exchanges SET page = ?, completeness = ?, note = ? WHERE id = ?",
            (*_reading_row(reading).values(), exchange_id),
        )
        self._apply(kept, reading, exchange_id)

    def _apply(self, kept: Snapshot, reading: Reading | None, exchange_id: int) -> Outcome:
        """Change articles and versions by what was read from one exchange."""
        capture = kept.capture
        outcome = Outcome(
            "kept",
            capture.url,
            capture.link.source,
            note=reading.note if reading else "",
            flags=flags(reading),
        )
        version = None
        if reading and reading.document:
            outcome, version = self._articles.index(kept, reading, reading.document, exchange_id)
        elif capture.link.kind is Kind.ARTICLE:
            if reading:
                outcome = replace(outcome, change=reading.page or "unread")
            outcome, version = self._articles.visit(kept, outcome, exchange_id)
        if outcome.article_id is not None:
            page = outcome.change if outcome.change in ("lesser", "gone") else None
            self._connection.execute(
                "UPDATE exchanges SET article_id = ?, version = ?, page = coalesce(?, page)"
                " WHERE id = ?",
                (outcome.article_id, version, page, exchange_id),
            )
        return outcome

    def forget(self, source: str) -> list[tuple[int, RecordLocation]]:
        """Forget the articles of `source`, and return the exchanges to read anew, in their order.

        Sources that share an article with it go with it: their exchanges are returned too.
        """
        group = self._sharing(source)
        marks = ", ".join("?" * len(group))
        found = self._connection.execute(
            f"SELECT DISTINCT article_id FROM exchanges WHERE source IN ({marks})"
            " AND article_id NOT NULL",
            group,
        )
        ids = [row["article_id"] for row in found]
        many = [(article_id,) for article_id in ids]
        self._text_index.remove(ids)
        run = self._connection.executemany
        run("UPDATE exchanges SET article_id = NULL, version = NULL WHERE article_id = ?", many)
        # Ids come back with other texts: what was compared is no longer true.
        run("UPDATE clusters SET version_id = 0 WHERE article_id = ?", many)
        run("DELETE FROM versions WHERE article_id = ?", many)
        run("DELETE FROM articles WHERE id = ?", many)
        again = self._connection.execute(
            f"SELECT e.id, {rows.WHERE} FROM {rows.EXCHANGES}"
            f" WHERE e.kind = 'article' AND e.source IN ({marks})"
            " AND (e.page <> ? OR e.note <> ?) ORDER BY e.id",
            (*group, seals.SEALED, NOTE),
        )
        return [(row["id"], rows.location(row)) for row in again]

    def _sharing(self, source: str) -> list[str]:
        """Return `source` and the sources that have read one of its articles, and theirs."""
        found = self._connection.execute(
            "WITH RECURSIVE read AS MATERIALIZED (SELECT DISTINCT source, article_id FROM exchanges"
            " WHERE article_id NOT NULL), near(source) AS (VALUES (?) UNION"
            " SELECT there.source FROM near JOIN read here ON here.source = near.source"
            " JOIN read there ON there.article_id = here.article_id) SELECT source FROM near",
            (source,),
        )
        return sorted(row["source"] for row in found)

    def _index_failure(self, kept: KeptFailure) -> Outcome:
        failure = kept.failure
        held = self._connection.execute(
            "SELECT 1 FROM failures WHERE url = ? AND at = ? AND record_id = ?",
            (failure.url, iso(failure.at), kept.location.record_id),
        )
        if held.fetchone() is not None:
            return Outcome("duplicate", failure.url, failure.link.source)
        self._see_source(failure.link.source)
        insert(
            self._connection,
            "failures",
            {
                "url": failure.url,
                "at": iso(failure.at),
                "kind": failure.link.kind.value,
                "source": failure.link.source,
                "via": self.seals.written(failure.link.via),
                "reason": failure.reason,
                **_location_row(kept),
            },
        )
        return Outcome("failed", failure.url, failure.link.source, note=failure.reason)

    def _see_source(self, name: str) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO sources (name, home) VALUES (?, '')", (name,)
        )


def _exchange_row(snapshot: Snapshot, reading: Reading | None) -> dict[str, Any]:
    capture = snapshot.capture
    head = read_head(capture.head)
    return {
        "url": capture.url,
        "at": iso(capture.at),
        "status": head.status,
        "mime": head.mime,
        "kind": capture.link.kind.value,
        "source": capture.link.source,
        "via": capture.link.via,
        "hops": capture.link.hops,
        "ip": capture.ip,
        "took_ms": capture.took_ms,
        "truncated": capture.truncated,
        "digest": snapshot.digest,
        "etag": _validator(head.get("etag")),
        "last_modified": _validator(head.get("last-modified")),
        "leads_to": redirect(capture.url, head),
        "robots_allowed": capture.link.robots,
        **_location_row(snapshot),
        **_reading_row(reading),
    }


def _validator(value: str) -> str:
    """Return a validator (RFC 9110, section 8.8) as it can be sent back, "" where it cannot."""
    value = value.strip()
    return value if len(value) <= _MOST and value.isascii() and value.isprintable() else ""


def _reading_row(reading: Reading | None) -> dict[str, str]:
    return {
        "page": reading.page if reading else "",
        "completeness": reading.completeness.value if reading else "",
        "note": reading.note if reading else "",
    }


def _location_row(kept: Snapshot | KeptFailure) -> dict[str, Any]:
    where = kept.location
    return {
        "filename": where.filename,
        "offset": where.offset,
        "length": where.length,
        "record_id": where.record_id,
    }
