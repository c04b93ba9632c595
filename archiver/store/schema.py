"""Connections and tables.

The number of the schema stands in SQLite's own ``user_version``. There are no steps from one schema
to the next: an index of another is made anew from the WARC files.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver import words
from archiver.errors import ArchiveError, DamagedError

SCHEMA = 7
# Folded words come to it with a space between them (see archiver.words): it only takes them apart there.
TOKENIZER = "ascii"
MERGES = {"automerge": 4, "crisismerge": 16}  # FTS5's own
BODILESS = "revisit AND original_id IS NULL"  # exchanges whose body has not come
CACHE = 32_768  # KiB of its pages that a writer keeps in memory, at most; SQLite's own is 2,000
# Tables of the text index, which are made together.
TEXT_INDEX = (
    "article_text", "search_doc", "search_origin", "search_facet", "search_term", "search_count", "search_state",
)  # fmt: skip
ANALYSER = f"{words.ANALYSER} stems-{words.STEMMER}"  # what the text index is made by


def connect(path: Path) -> sqlite3.Connection:
    """Open the index for writing, creating it where there is none.

    Raises ArchiveError when it is of another schema, DamagedError when it is no index.
    """
    with _opened(path, str(path), isolation_level=None, check_same_thread=False) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL is enough: what a power cut takes from the index is still in the WARC.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE}")
        # Pages that are written again and again are folded into the file less often than SQLite's 1,000 would have it.
        connection.execute(f"PRAGMA wal_autocheckpoint = {CACHE // 4}")
        _create(connection, path)
    return connection


def connect_readonly(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """Open the index for reading only; a writer beside it is not disturbed.

    With `any_thread`, who calls sees to it that no two threads use it at once.

    Raises ArchiveError when there is none, DamagedError when it is no index.
    """
    if not path.is_file():
        raise ArchiveError(
            "no index yet", where=str(path), remedy="run 'archiver crawl', or 'archiver rebuild'"
        )
    # as_uri() quotes what a path may hold (%, ?, #).
    name = f"{path.absolute().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        # SQLite wants to write beside a database in WAL mode; here nobody can, and nobody writes.
        name += "&immutable=1"
    with _opened(path, name, uri=True, check_same_thread=not any_thread) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA:
            raise _other_version(path, version)
    return connection


def state(path: Path) -> str:
    """Return "" for an index that can be read, else what it is: missing, older or damaged.

    Raises ArchiveError when that cannot be known, or it is one of a newer archiver.
    """
    if not path.is_file():
        return "missing"
    try:
        with _opened(path, f"{path.absolute().as_uri()}?mode=ro", uri=True) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.close()
    except DamagedError:
        return "damaged"
    if version > SCHEMA:
        raise _other_version(path, version)
    return "older" if version < SCHEMA else ""


@contextmanager
def _opened(path: Path, name: str, **options: Any) -> Iterator[sqlite3.Connection]:
    """Open a connection; it stays open unless the block inside fails."""
    connection = None
    try:
        connection = sqlite3.connect(name, **options)
        connection.row_factory = sqlite3.Row
        yield connection
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise _unusable(path, error) from error
        raise


def _unusable(path: Path, error: sqlite3.Error) -> ArchiveError:
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(("SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR")):
        return ArchiveError(
            f"cannot be used: {error}",
            where=str(path),
            remedy="look at the room on the disk and who may write there",
        )
    return DamagedError(
        f"cannot be used as an index: {error}",
        where=str(path),
        remedy="'archiver rebuild' makes a new one from the WARC files",
    )


def _other_version(path: Path, version: int) -> ArchiveError:
    newer = version > SCHEMA
    return ArchiveError(
        f"the index has schema {version}, this archiver has {SCHEMA}",
        where=str(path),
        remedy="use a newer archiver" if newer else "run 'archiver rebuild'",
    )


def _create(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA:
        return
    if version or connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise _other_version(path, version)
    connection.execute("BEGIN IMMEDIATE")
    _create_tables(connection)
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


def _create_tables(connection: sqlite3.Connection) -> None:
    """Create sources, exchanges, failures, articles, versions, the text index, clusters, and what is learned."""
    from sqlite_utils import Database  # slow to import, and only needed to write

    from archiver.store import clusters

    db = Database(connection)
    db.table("sources").create({"name": str, "home": str}, pk="name", not_null={"home"})
    db.table("articles").create(
        {
            "id": int, "url": str, "source": str, "version_id": int, "versions": int,
            "first_seen": str, "last_seen": str, "gone_at": str, "sort_at": str, "rights": str,
        },
        pk="id",
        not_null={"url", "source", "first_seen", "last_seen", "sort_at", "rights"},
        defaults={"rights": "[]"},
    ).create_index(["url"], unique=True).create_index(["sort_at"]).create_index(["source", "first_seen"])  # fmt: skip
    db.table("exchanges").create(
        {
            "id": int, "url": str, "at": str, "status": int, "mime": str, "kind": str,
            "source": str, "via": str, "hops": int, "ip": str, "took_ms": int, "truncated": str,
            "digest": str, "filename": str, "offset": int, "length": int, "record_id": str,
            "page": str, "completeness": str, "note": str, "article_id": int, "version": int,
            "revisit": int, "original_id": int, "etag": str, "last_modified": str,
            "leads_to": str, "robots_allowed": int,
        },
        pk="id",
        not_null={"url", "at", "status", "filename", "offset", "length", "record_id", "digest",
                  "revisit"},
        foreign_keys=[("article_id", "articles", "id"), ("original_id", "exchanges", "id")],
    ).create_index(["url", "at"]).create_index(["article_id", "at"]).create_index(["source"]).create_index(
        ["filename", "offset"], unique=True
    ).create_index(["digest"])  # fmt: skip
    # Few articles ever go: what was removed and came back is looked for among these.
    connection.execute("CREATE INDEX exchanges_gone ON exchanges (article_id) WHERE page = 'gone'")
    connection.execute("CREATE INDEX exchanges_sealed ON exchanges (id) WHERE page = 'sealed'")
    # Each body that comes is looked for among them, and some bodies come by the million: the empty one.
    connection.execute(f"CREATE INDEX exchanges_bodiless ON exchanges (digest) WHERE {BODILESS}")
    db.table("failures").create(
        {
            "id": int, "url": str, "at": str, "kind": str, "source": str, "via": str,
            "reason": str, "filename": str, "offset": int, "length": int, "record_id": str,
        },
        pk="id",
        not_null={"url", "at", "reason", "filename", "offset", "length"},
    ).create_index(["filename", "offset"], unique=True).create_index(["url", "at"])  # fmt: skip
    db.table("versions").create(
        {
            "id": int, "article_id": int, "number": int, "exchange_id": int, "text_hash": str,
            "title": str, "text": str, "authors": str, "published_at": str,
            "published_precision": str, "published_zone": str, "published_origin": str,
            "modified_at": str, "modified_precision": str, "modified_zone": str,
            "modified_origin": str, "language": str, "section": str, "tags": str, "rights": str,
            "flags": str, "completeness": str, "extractor": str, "extractor_version": str,
            "first_seen": str, "last_seen": str,
        },
        pk="id",
        not_null={"article_id", "number", "exchange_id", "text_hash", "title", "text"},
        foreign_keys=[("article_id", "articles", "id"), ("exchange_id", "exchanges", "id")],
    ).create_index(["article_id", "number"], unique=True).create_index(["first_seen"]).create_index(
        ["article_id", "first_seen"]
    )  # fmt: skip
    create_text_index(connection)
    create_stem_index(connection)
    clusters.create(connection)
    # What the pages of a source teach of its layout, and what was learned (see extract.profile).
    db.table("lessons").create(
        {"source": str, "layout": str, "rank": str, "at": str, "data": bytes},
        pk=("source", "layout", "rank"),
        not_null={"at", "data"},
    )
    db.table("profiles").create(
        {"source": str, "profile": str, "read_with": str, "stale": int},
        pk="source",
        not_null={"profile", "read_with", "stale"},
    )
    # Crawls that are under way or were stopped (see store.rounds): work, and no part of the archive.
    db.table("rounds").create(
        {"source": str, "began_at": str, "after_id": int},
        pk="source",
        not_null={"began_at", "after_id"},
    )


def create_text_index(connection: sqlite3.Connection) -> None:
    """Create the text index (see `store.textindex`), empty; one that is there is dropped.

    `create_stem_index` belongs to it: before the first row, or behind the last of many.
    """
    for name in TEXT_INDEX:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(
        "CREATE VIRTUAL TABLE article_text USING"
        f" fts5(title, text, often, author, url, tags, content = '', tokenize = '{TOKENIZER}')"
    )
    # FTS5's own values, told: so an index does not tell how it was made.
    set_merges(connection, **MERGES)
    # Of 50,000 articles at once FTS5 makes one segment; with its own size, 1 MiB, one of 800.
    connection.execute(
        "INSERT INTO article_text (article_text, rank) VALUES ('hashsize', 67108864)"
    )
    # The rowid of each article in it, and what is told of a hit.
    connection.execute(
        "CREATE TABLE search_doc (id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL UNIQUE,"
        " version_id INTEGER NOT NULL, sort_at TEXT NOT NULL, source TEXT NOT NULL,"
        " language TEXT NOT NULL, authors TEXT NOT NULL, has TEXT NOT NULL)"
    )
    # What hits are told apart by, in a few bytes for each: 10,000 of them are read for a facet.
    connection.execute(
        "CREATE TABLE search_origin (id INTEGER PRIMARY KEY, source TEXT NOT NULL,"
        " language TEXT NOT NULL, UNIQUE (source, language))"
    )
    connection.execute(
        "CREATE TABLE search_facet (id INTEGER PRIMARY KEY, origin_id INTEGER NOT NULL)"
    )
    # Each word of titles and texts, by the language it is stemmed in. In how many articles it stands has short rows
    # of its own: that changes with every article.
    connection.execute(
        "CREATE TABLE search_term (term TEXT, language TEXT, stem TEXT NOT NULL, id INTEGER NOT NULL,"
        " PRIMARY KEY (term, language)) WITHOUT ROWID"
    )
    connection.execute(
        "CREATE TABLE search_count (id INTEGER PRIMARY KEY, documents INTEGER NOT NULL)"
    )
    connection.execute("CREATE TABLE search_state (analyser TEXT NOT NULL)")
    connection.execute("INSERT INTO search_state VALUES (?)", (ANALYSER,))


def create_stem_index(connection: sqlite3.Connection) -> None:
    """Create the index by which the words of one stem are found."""
    connection.execute("CREATE INDEX search_stem ON search_term (language, stem)")


def set_merges(connection: sqlite3.Connection, automerge: int, crisismerge: int) -> None:
    """Set how many segments FTS5 merges as it goes, and from how many on it does so at once."""
    for option, value in (("automerge", automerge), ("crisismerge", crisismerge)):
        connection.execute(
            "INSERT INTO article_text (article_text, rank) VALUES (?, ?)", (option, value)
        )


def analyser(connection: sqlite3.Connection) -> str:
    """Return by which version of the analyser the text index was made (`ANALYSER` is this one)."""
    (name,) = connection.execute("SELECT analyser FROM search_state").fetchone() or ("",)
    return str(name)
