"""Captures, documents and readings that the tests are made of."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from archiver.types import (
    Capture,
    Document,
    Failure,
    Kind,
    Link,
    Moment,
    Reading,
    RecordLocation,
    Snapshot,
)
from archiver.warc.records import digest

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
URL = "https://news.example/a/1"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
REQUEST = b"GET /a/1 HTTP/1.1\r\nHost: news.example\r\n\r\n"


def link(url: str = URL, kind: Any = Kind.ARTICLE, source: Any = "news", **more: Any) -> Link:
    return Link(url, kind, source, **more)


def capture(
    url: str = URL,
    *,
    status: Any = 200,
    kind: Any = Kind.ARTICLE,
    source: Any = "news",
    **more: Any,
) -> Capture:
    head = HEAD.replace(b"200 OK", b"%d Reason" % status)
    given = {"ip": "192.0.2.7", "request": REQUEST, "head": head, "body": b"<p>body", "took_ms": 42}
    return Capture(**{"link": link(url, kind, source), "url": url, "at": AT, **given, **more})


def failure(url: str = URL, reason: Any = "connection refused", **more: Any) -> Failure:
    return Failure(link(url, **more), url, AT, reason)


def moment(day: Any = 1, precision: Any = "day") -> Moment:
    return Moment(datetime(2026, 2, day, tzinfo=UTC), precision, "+02:00", "meta")


def reading(title: Any = "Title", text: Any = "Text.", url: str = URL, **more: Any) -> Reading:
    return Reading("article", Document(url, title, text, **more))


def ids() -> Callable[[], str]:
    """Record ids that count from 1."""
    numbers = count(1)
    return lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>"


class Shelf:
    """Makes snapshots as if they had been written, one after the other, an hour apart."""

    def __init__(self) -> None:
        self._number = 0

    def snapshot(self, url: str = URL, **more: Any) -> Snapshot:
        self._number += 1
        made = capture(url, **{"at": AT + timedelta(hours=self._number), **more})
        where = RecordLocation("a.warc.gz", self._number * 100, 50, f"<urn:uuid:{self._number}>")
        return Snapshot(made, where, digest(made.body))


# Of tables whose rows are numbered as they come, what they say without those numbers.
NUMBERED = {
    "search_term": "SELECT term, language, stem, documents FROM search_term NATURAL JOIN search_count",
    "search_count": "SELECT count(*) FROM search_count",
    "search_facet": "SELECT f.id, source, language FROM search_facet f JOIN search_origin o ON o.id = origin_id",
    "search_origin": "SELECT DISTINCT source, language FROM search_origin o JOIN search_facet ON origin_id = o.id",
}


def tables(path: Path) -> dict[str, list[Any]]:
    """Every row of every table, and every word of the text index with where it stands.

    How FTS5 parts its words into segments depends on when they were written, so its two tables of
    segments are told by what they say. So are those whose rows are numbered as they come.
    """
    segments = {
        f"{name}_{part}" for name in ("article_text", "copy_keys") for part in ("data", "idx")
    }
    with closing(sqlite3.connect(path)) as connection:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
        content = {"sqlite_master": schema.fetchall()}
        for told, table in (("words", "article_text"), ("keys", "copy_keys")):
            connection.execute(
                f"CREATE VIRTUAL TABLE temp.{told} USING fts5vocab(main, {table}, instance)"
            )
        names = [name for kind, name, _ in content["sqlite_master"] if kind == "table"]
        for name in [*names, "words", "keys"]:
            if name not in segments:
                asked = NUMBERED.get(name, f"SELECT * FROM {name}")
                rows = connection.execute(asked).fetchall()
                content[name] = sorted(rows, key=repr)
        return content
