"""Articles and their versions: what a document that was read changes of them.

Versions are numbered in the order in which they were indexed; the latest is the one that was captured
last, also where older captures are imported later.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

from archiver import urls
from archiver.content import Head, read_head
from archiver.store.originals import NOT_MODIFIED
from archiver.store.rounds import NOT_FINAL
from archiver.store.rows import as_list, document_row, text_hash
from archiver.store.textindex import TextIndex
from archiver.timestamps import iso
from archiver.types import Completeness, Document, Outcome, Reading, Snapshot

GONE = (404, 410)
REDIRECTS = (301, 302, 303, 307, 308)
PAYWALL = "paywall"


class Articles:
    """The tables of articles and versions, and the text index; write inside the store's transactions."""

    def __init__(self, connection: sqlite3.Connection, text_index: TextIndex) -> None:
        """Use the store's connection."""
        self._connection = connection
        self._text_index = text_index

    def index(
        self, snapshot: Snapshot, reading: Reading, document: Document, exchange_id: int
    ) -> tuple[Outcome, int | None]:
        """Make `document`, read from the exchange with this id, an article or a version, or see it again.

        Returns what that changed, and the number of the version; None where the page showed less than
        is kept of it, which is no version.
        """
        document = self._settle_url(snapshot, document)
        seen, source = iso(snapshot.capture.at), snapshot.capture.link.source
        outcome = Outcome("new", document.url, source, note=reading.note, flags=flags(reading))
        latest = self._latest(document.url)
        if latest is None:
            # Ids are the exchange's, so that they are the same whatever was read first.
            article_id = insert(
                self._connection,
                "articles",
                {
                    "id": exchange_id,
                    "url": document.url,
                    "source": source,
                    "versions": 0,
                    "first_seen": seen,
                    "last_seen": seen,
                    "sort_at": iso(document.published.at) if document.published else seen,
                    "rights": as_list(document.rights),
                },
            )
        else:
            article_id = latest["article_id"]
            self._declare(article_id, document, seen)
            outcome = replace(outcome, flags=(*outcome.flags, *_back(latest["gone_at"], seen)))
            if seen >= latest["last_seen"] and _lesser(reading, document, latest):
                self._see(article_id, seen)
                return replace(outcome, change="lesser", article_id=article_id), None
            same = latest if latest["text_hash"] == text_hash(document) else None
            if same is None and seen < latest["first_seen"]:
                same = self._version_of(article_id, text_hash(document))
            if same is not None:
                self._see_again(article_id, same["id"], seen)
                outcome = replace(outcome, change="unchanged", article_id=article_id)
                return outcome, int(same["number"])
            outcome = replace(outcome, change="changed")
        row = document_row(document) | {
            "id": exchange_id,
            "article_id": article_id,
            "number": latest["versions"] + 1 if latest else 1,
            "exchange_id": exchange_id,
            "completeness": reading.completeness.value,
            "first_seen": seen,
            "last_seen": seen,
        }
        version_id = insert(self._connection, "versions", row)
        if latest is not None and seen < latest["first_seen"]:
            self._add_earlier(article_id, row)
        else:
            self._set_latest(article_id, version_id, row)
        return replace(outcome, article_id=article_id), int(row["number"])

    def _settle_url(self, snapshot: Snapshot, document: Document) -> Document:
        """Give a page its own URL where the canonical one already names another story.

        Some sites declare one canonical URL on every page. The first story keeps it; a page that
        was never read as that story joins it only with the same text or the same headline.
        """
        own = snapshot.capture.url
        latest = self._latest(document.url) if document.url != own else None
        if latest is None or latest["title"] == document.title or latest["text"] == document.text:
            return document
        before = self._connection.execute(
            "SELECT 1 FROM exchanges WHERE url = ? AND article_id = ?", (own, latest["article_id"])
        ).fetchone()
        return document if before else replace(document, url=own)

    def _latest(self, url: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT v.*, a.versions, a.gone_at FROM articles a JOIN versions v ON v.id = a.version_id"
            " WHERE a.url = ?",
            (url,),
        ).fetchone()
        return row

    def _version_of(self, article_id: int, text_hash: str) -> sqlite3.Row | None:
        """Return the last version of an article that has this text, if there is one."""
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM versions WHERE article_id = ? AND text_hash = ? ORDER BY number DESC LIMIT 1",
            (article_id, text_hash),
        ).fetchone()
        return row

    def _see_again(self, article_id: int, version_id: int, seen: str) -> None:
        self._see(article_id, seen)
        self._connection.execute(
            "UPDATE versions SET first_seen = min(first_seen, ?1), last_seen = max(last_seen, ?1)"
            " WHERE id = ?2",
            (seen, version_id),
        )

    def _see(self, article_id: int, seen: str) -> None:
        """Stretch an article's life to `seen`; what was gone before that is back."""
        self._text_index.touch(article_id)
        self._connection.execute(
            "UPDATE articles SET first_seen = min(first_seen, ?1), last_seen = max(last_seen, ?1),"
            " gone_at = CASE WHEN gone_at <= ?1 THEN NULL ELSE gone_at END WHERE id = ?2",
            (seen, article_id),
        )

    def _declare(self, article_id: int, document: Document, seen: str) -> None:
        """Set what the page reserves now: a reservation may come, and the text stay as it is."""
        self._connection.execute(
            "UPDATE articles SET rights = ? WHERE id = ? AND last_seen <= ?",
            (as_list(document.rights), article_id, seen),
        )

    def _add_earlier(self, article_id: int, row: dict[str, Any]) -> None:
        """Count a version that an import has brought and that is older than the latest, which stays it."""
        self._see(article_id, row["last_seen"])
        self._connection.execute(
            "UPDATE articles SET versions = ? WHERE id = ?", (row["number"], article_id)
        )

    def _set_latest(self, article_id: int, version_id: int, row: dict[str, Any]) -> None:
        self._connection.execute(
            "UPDATE articles SET version_id = ?, versions = ?, sort_at = coalesce(?, first_seen)"
            " WHERE id = ?",
            (version_id, row["number"], row["published_at"], article_id),
        )
        self._see(article_id, row["last_seen"])

    def visit(
        self, snapshot: Snapshot, outcome: Outcome, exchange_id: int
    ) -> tuple[Outcome, int | None]:
        """Take note of an answer that is no article from where one was read before; its versions stay.

        It has not changed (304), is gone, or something else stands in its place for a while. Returns what
        that changed, and the number of the version that still stands.
        """
        head = read_head(snapshot.capture.head)
        shown = self._shown_at(snapshot.capture.url, exchange_id)
        if shown is None or head.status >= 500 or head.status in NOT_FINAL:
            return outcome, None
        at, article_id = iso(snapshot.capture.at), shown["article_id"]
        outcome = replace(outcome, article_id=article_id)
        if head.status == NOT_MODIFIED:
            self._see_again(article_id, shown["id"], at)
            back = _back(shown["gone_at"], at)
            return replace(outcome, change="unchanged", flags=back), int(shown["number"])
        if not is_removal(snapshot.capture.url, head):
            return outcome, None
        if at >= shown["article_seen"]:  # an import may bring what was gone for a while
            self._connection.execute(
                "UPDATE articles SET gone_at = coalesce(gone_at, ?) WHERE id = ?", (at, article_id)
            )
            self._text_index.touch(article_id)
        return replace(outcome, change="gone"), None

    def _shown_at(self, url: str, before: int) -> sqlite3.Row | None:
        """Return the version that was last read from `url`, in an exchange before that of an id."""
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT v.id, v.article_id, v.number, a.last_seen AS article_seen, a.gone_at"
            " FROM exchanges e"
            " JOIN versions v ON v.article_id = e.article_id AND v.number = e.version"
            " JOIN articles a ON a.id = e.article_id WHERE e.url = ? AND e.id < ?"
            " ORDER BY e.id DESC LIMIT 1",
            (url, before),
        ).fetchone()
        return row


def is_removal(url: str, head: Head) -> bool:
    """Tell whether an answer from `url` says that its page was taken down.

    Many sites do not say 404 or 410, but lead to their front page.
    """
    if head.status in GONE:
        return True
    target = redirect(url, head)
    return bool(target) and urls.leads_home(target, url)


def redirect(url: str, head: Head) -> str:
    """Return where an answer from `url` leads to, "" for nowhere."""
    return urls.join(url, head.get("location")) if head.status in REDIRECTS else ""


def _back(gone_at: str | None, seen: str) -> tuple[str, ...]:
    """Return the flag of an article that was gone, and is there again."""
    return ("restored",) if gone_at and gone_at <= seen else ()


def _lesser(reading: Reading, document: Document, latest: sqlite3.Row) -> bool:
    """Tell whether a page showed less of an article than the version that is kept.

    A paywall that has closed since, or a transfer that broke off, is no edit.
    """
    closed = PAYWALL in document.flags and PAYWALL not in json.loads(latest["flags"])
    cut = reading.completeness is Completeness.TRUNCATED
    return closed or (cut and latest["completeness"] == Completeness.WHOLE.value)


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    """Insert `row` and return its id."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
    )
    return cursor.lastrowid or 0


def flags(reading: Reading | None) -> tuple[str, ...]:
    """Return what kind of article was read, and whether it was cut short."""
    if reading is None or reading.document is None:
        return ()
    cut = ("truncated",) if reading.completeness is Completeness.TRUNCATED else ()
    return (*reading.document.flags, *cut)
