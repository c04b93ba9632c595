"""A small archive of four articles and all their visits, and what is done to it and asked of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver.imports import import_files
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Article, Query
from archiver.warc import reader
from tests.foreign import record, response
from tests.samples import AT, capture
from tests.test_imports import ARABIC, page, url
from tests.test_verify import PAGE, SITE


def fill(layout: Layout, *captures: Any) -> None:
    ingest = Ingest(layout, {}, workers=1)
    for each in captures:
        ingest.write(each).result().outcome.result()
    ingest.close()


def visits() -> list[Any]:
    """Four articles; the first is edited, and then is as it was; the last is another address's copy."""
    edited = PAGE.replace(b"usual hour", b"new hour of ten")
    bodies = [
        ("a/1", PAGE),
        ("a/2", PAGE.replace(b"Rain", b"Snow")),
        ("a/1", edited),
        ("a/3", PAGE.replace(b"Rain", b"Hail")),
        ("a/1", PAGE),
        ("b/4", PAGE.replace(b"Rain", b"Hail")),
    ]
    return [
        capture(f"{SITE}/{path}", body=body, at=AT + timedelta(hours=n))
        for n, (path, body) in enumerate(bodies)
    ]


def archive(root: Path) -> Layout:
    """An archive of two files of ours: in the second stand two revisits of what the first holds."""
    layout = Layout(root)
    captures = visits()
    fill(layout, *captures[:4])
    fill(layout, *captures[4:])
    return layout


def article(layout: Layout, wanted: str, version: int = 0) -> Article:
    with Index(layout.index) as index:
        found = index.article(wanted, version)
    assert found
    return found


def articles(layout: Layout) -> list[tuple[Any, ...]]:
    with Index(layout.index) as index:
        return sorted(
            (
                a.url,
                a.source,
                a.versions,
                a.document.title,
                a.document.text,
                a.first_seen,
                a.last_seen,
                a.digest,
            )
            for a in index.stream(Query())
        )


def damage(layout: Layout, wanted: Article, at: float = 0.5) -> None:
    path = reader.locate(layout.warcs, wanted.location.filename)
    data = bytearray(path.read_bytes())
    data[wanted.location.offset + int(wanted.location.length * at)] ^= 0xFF
    path.write_bytes(data)


def taken(layout: Layout, folder: Path, name: str, data: bytes) -> Layout:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    import_files([folder / name], layout, (), workers=1)
    return layout


def wget(n: int) -> list[bytes]:
    """An exchange with the request before its response, as wget and Common Crawl have it."""
    return [
        record("request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", url(ARABIC[n])),
        response(url(ARABIC[n]), page(ARABIC[n])),
    ]
