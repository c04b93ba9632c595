"""Documents as rows and rows as articles. Pure."""

from __future__ import annotations

import json
from sqlite3 import Row
from typing import TYPE_CHECKING, Any

from archiver.documents import Article, Completeness, Document, Moment, RecordLocation
from archiver.errors import DamagedError
from archiver.timestamps import from_iso, iso

if TYPE_CHECKING:
    from archiver.types import Entry, Version

# The location of an exchange e, and of its original o where it is a revisit.
WHERE = """e.filename, e.offset, e.length, e.record_id, o.filename AS original_filename,
    o.offset AS original_offset, o.length AS original_length, o.record_id AS original_record_id"""
EXCHANGES = "exchanges e LEFT JOIN exchanges o ON o.id = e.original_id"
# Whether an exchange has a row. The index is named: SQLite would take that of a digest or a source, which millions
# of rows may share.
HELD = """SELECT 1 FROM exchanges INDEXED BY idx_exchanges_url_at
    WHERE url = ? AND at = ? AND digest = ? AND source = ? LIMIT 1"""
ENTRY = "url, at, status, mime, digest, filename, offset, length, revisit"
# The exchange that was written last of those that have a row.
_ORDER = "ORDER BY filename DESC, offset DESC LIMIT 1"  # an index has it
LAST = f"""SELECT * FROM (SELECT filename, offset FROM exchanges {_ORDER}) UNION ALL
    SELECT * FROM (SELECT filename, offset FROM failures {_ORDER}) {_ORDER}"""
# What reserves a version v: what its own capture declared, and what the latest of its article a does.
RIGHTS = """CASE WHEN a.rights IN ('[]', v.rights) THEN v.rights ELSE (SELECT json_group_array(value) FROM
    (SELECT value FROM json_each(v.rights) UNION SELECT value FROM json_each(a.rights) ORDER BY value)) END"""
# What `article` needs, from articles a, its latest version v and that version's exchange e.
COLUMNS = f"""a.id, a.url, a.source, a.first_seen, a.last_seen, a.gone_at, a.versions, v.number, v.text_hash,
    v.title, v.text, v.authors, v.published_at, v.published_precision, v.published_zone,
    v.published_origin, v.modified_at, v.modified_precision, v.modified_zone, v.modified_origin,
    v.language, v.section, v.tags, v.rights, v.flags, v.completeness, v.extractor, v.extractor_version,
    {RIGHTS} AS declared, e.url AS fetched_url, e.status, e.mime, e.at, e.digest, e.robots_allowed,
    {WHERE}"""
_BYTES = (
    """JOIN exchanges e ON e.id = v.exchange_id LEFT JOIN exchanges o ON o.id = e.original_id"""
)
TABLES = f"articles a JOIN versions v ON v.id = a.version_id {_BYTES}"
# The same of any version of an article.
EACH = f"articles a JOIN versions v ON v.article_id = a.id {_BYTES}"
# What `version` needs, from versions v and their exchanges e.
VERSION = f"""v.article_id, v.number, v.title, v.text, v.text_hash, v.language, v.flags, v.completeness,
    v.first_seen, v.last_seen, e.at, e.url, e.status, e.digest, {WHERE}"""
VERSIONS = f"versions v {_BYTES}"


def text_hash(document: Document) -> str:
    """Return the SHA-256 of title and text: what two versions of an article differ in."""
    return hashed(document.title, document.text)


def hashed(title: str, text: str) -> str:
    """Return the SHA-256 of a title and a text."""
    from hashlib import sha256  # searching needs none

    return sha256(f"{title}\n\n{text}".encode()).hexdigest()


def document_row(document: Document) -> dict[str, Any]:
    """Return the columns of a version that come from its document."""
    return {
        "text_hash": text_hash(document),
        "title": document.title,
        "text": document.text,
        "authors": as_list(document.authors),
        **_moment_row("published", document.published),
        **_moment_row("modified", document.modified),
        "language": document.language,
        "section": document.section,
        "tags": as_list(document.tags),
        "rights": as_list(document.rights),
        "flags": as_list(document.flags),
        "extractor": document.extractor,
        "extractor_version": document.extractor_version,
    }


def article(row: Row) -> Article:
    """Build an article from a row of `COLUMNS`. Raises DamagedError where it holds what nobody writes there."""
    try:
        return _article(row)
    except (ValueError, TypeError) as error:
        raise DamagedError(
            f"the row of article {row['id']} was changed or is damaged: {error}",
            remedy="'archiver rebuild' makes it again from the WARC files",
        ) from error


def _article(row: Row) -> Article:
    return Article(
        id=row["id"],
        url=row["url"],
        source=row["source"],
        fetched_url=row["fetched_url"],
        first_seen=from_iso(row["first_seen"]),
        last_seen=from_iso(row["last_seen"]),
        gone_at=from_iso(row["gone_at"]) if row["gone_at"] else None,
        version=row["number"],
        text_hash=row["text_hash"],
        document=_document(row),
        completeness=Completeness(row["completeness"]),
        status=row["status"],
        mime=row["mime"],
        captured_at=from_iso(row["at"]),
        location=location(row),
        digest=row["digest"],
        versions=row["versions"],
        rights=tuple(json.loads(row["declared"])),
        robots_allowed=None if row["robots_allowed"] is None else bool(row["robots_allowed"]),
    )


def version(row: Row) -> Version:
    """Build a version from a row of `VERSION`."""
    from archiver.types import Version  # searching needs none

    return Version(
        article_id=row["article_id"],
        number=row["number"],
        title=row["title"],
        text=row["text"],
        text_hash=row["text_hash"],
        language=row["language"],
        flags=tuple(json.loads(row["flags"])),
        completeness=Completeness(row["completeness"]),
        first_seen=from_iso(row["first_seen"]),
        last_seen=from_iso(row["last_seen"]),
        captured_at=from_iso(row["at"]),
        url=row["url"],
        status=row["status"],
        location=location(row),
        digest=row["digest"],
    )


def entry(row: Row) -> Entry:
    """Return the exchange in a row of `ENTRY`."""
    from archiver.types import Entry  # searching needs none

    return Entry(
        **{name: row[name] for name in ENTRY.split(", ")} | {"revisit": bool(row["revisit"])}
    )


def location(row: Row) -> RecordLocation:
    """Return the location in a row of `WHERE`."""
    original = _location(row, "original_") if row["original_filename"] else None
    return _location(row, "", original)


def _location(row: Row, prefix: str, original: RecordLocation | None = None) -> RecordLocation:
    name, offset, length, record_id = (
        row[prefix + part] for part in ("filename", "offset", "length", "record_id")
    )
    return RecordLocation(name, offset, length, record_id, original)


def _document(row: Row) -> Document:
    return Document(
        url=row["url"],
        title=row["title"],
        text=row["text"],
        authors=tuple(json.loads(row["authors"])),
        published=moment(row, "published"),
        modified=moment(row, "modified"),
        language=row["language"],
        section=row["section"],
        tags=tuple(json.loads(row["tags"])),
        rights=tuple(json.loads(row["rights"])),
        flags=tuple(json.loads(row["flags"])),
        extractor=row["extractor"],
        extractor_version=row["extractor_version"],
    )


def as_list(values: tuple[str, ...]) -> str:
    """Return texts as a column holds them: a JSON list."""
    return json.dumps(values, ensure_ascii=False)


def _moment_row(name: str, moment: Moment | None) -> dict[str, str | None]:
    if moment is None:
        return {f"{name}_{part}": None for part in ("at", "precision", "zone", "origin")}
    return {
        f"{name}_at": iso(moment.at),
        f"{name}_precision": moment.precision,
        f"{name}_zone": moment.zone,
        f"{name}_origin": moment.origin,
    }


def moment(row: Row, name: str) -> Moment | None:
    """Return the time called `name` (published, modified) in a row of a version."""
    at = row[f"{name}_at"]
    if at is None:
        return None
    return Moment(
        from_iso(at), row[f"{name}_precision"], row[f"{name}_zone"], row[f"{name}_origin"]
    )
