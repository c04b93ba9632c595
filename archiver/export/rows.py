"""The row: what an export says of one version of an article, the same in every format.

`FIELDS` is the one table of it. The JSON Schema, the Arrow schema, the Frictionless fields and the table in
``docs/export.md`` are made of it or held against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from archiver.documents import Article, Moment
from archiver.errors import DamagedError
from archiver.timestamps import iso

Row = dict[str, Any]  # as JSON has it: times are UTC text with microseconds
Type = Literal["string", "integer", "boolean", "time", "list"]  # a list is one of strings

NOAI, RESERVED, NOARCHIVE, PAYWALL = "noai", "tdm-reserved", "noarchive", "paywall"
RESERVATIONS = (NOAI, RESERVED)  # what reserves a version from text and data mining


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the row. Where it is not `nullable`, what is not known is "" or an empty list."""

    name: str
    type: Type
    description: str
    nullable: bool = False


def _moment_fields(name: str, what: str) -> tuple[Field, ...]:
    return (
        Field(f"{name}_at", "time", f"when it says it was {what}, UTC; null where it says nothing", True),
        Field(f"{name}_zone", "string", "the offset from UTC that was given (+03:00); null for none", True),
        Field(f"{name}_precision", "string",
              "how exact that is: year, month, day, hour, minute or second", True),
        Field(f"{name}_origin", "string",
              "where it was read: json-ld, meta, time, feed, sitemap, url, text, rule, or relative (words such as"
              ' "two hours ago", held against the time of the capture)', True),
    )  # fmt: skip


FIELDS = (
    Field("id", "integer", "the article's id in this archive"),
    Field("url", "string", "the address that was fetched"),
    Field("canonical_url", "string", "the address that names the article"),
    Field("source", "string", "the source's name"),
    Field("title", "string", "the headline"),
    Field("authors", "list", "the names in the byline"),
    *_moment_fields("published", "published"),
    *_moment_fields("modified", "changed last"),
    Field("language", "string", "ISO 639 code; empty where it could not be told"),
    Field("section", "string", "the section it says it stands in; empty for none"),
    Field("tags", "list", "the keywords it gives itself"),
    Field("text", "string", "the clean text; paragraphs are separated by an empty line"),
    Field("paragraphs", "list", "the same text, one string a paragraph"),
    Field("text_hash", "string", "SHA-256 of title, two line feeds and text, in UTF-8"),
    Field("version", "integer", "the number of this version, 1 for the first that was indexed"),
    Field("versions", "integer", "how many versions of the article the archive has"),
    Field("first_seen", "time", "when the article was first fetched, UTC"),
    Field("last_seen", "time", "when the article was last fetched, UTC"),
    Field("removed_at", "time", "when its page was first found gone, UTC; null where it is there", True),
    Field("cluster_id", "integer",
          "the id of the first of the articles that tell the same text; null where no clusters were made", True),
    Field("completeness", "string",
          "whole, or truncated where the body was cut or could not be decoded to its end"),
    Field("rights", "list",
          "all reservations that page and headers declared when this version was captured, or when the article"
          " was last: noarchive, noai, noimageai, noindex, nosnippet, tdm-reserved"),
    Field("robots_allowed", "boolean",
          "whether robots.txt allowed the fetch that this version was read from; null where nobody asked it,"
          " or the WARC file does not say (those of other crawlers, and of older versions of archiver)", True),
    Field("noarchive", "boolean", "whether page or headers say noarchive"),
    Field("noai", "boolean", "whether page or headers say noai"),
    Field("tdm_reserved", "boolean",
          "whether page or headers reserve text and data mining (tdm-reservation: 1)"),
    Field("paywalled", "boolean", "whether the page says that it shows a beginning only"),
    Field("flags", "list", "what kind of article it is: gallery, live, paywall, video"),
    Field("captured_at", "time", "when the exchange began that this version was read from, UTC"),
    Field("status", "integer", "the HTTP status of that exchange"),
    Field("mime", "string", "the media type that it was read as; null where none was told", True),
    Field("warc_filename", "string", "the WARC file in which its response record lies"),
    Field("warc_offset", "integer", "the byte at which the record begins in that file"),
    Field("warc_length", "integer", "the record's length in that file, in bytes, compressed"),
    Field("warc_record_id", "string", "the record's WARC-Record-ID"),
    Field("warc_payload_digest", "string", "the record's WARC-Payload-Digest: sha1: and base32"),
    Field("extractor", "string", "what read the page"),
    Field("extractor_version", "string", "which version of it"),
)  # fmt: skip
NAMES = tuple(field.name for field in FIELDS)
_SAID = (("noarchive", NOARCHIVE), ("noai", NOAI), ("tdm_reserved", RESERVED))
_STORED = tuple(
    field.name for field in FIELDS if field.type == "list" and field.name != "paragraphs"
)


def row(article: Article, cluster_id: int | None = None) -> Row:
    """Return a version of an article as a row; `FIELDS` describes it."""
    document, location = article.document, article.location
    return {
        "id": article.id,
        "url": article.fetched_url,
        "canonical_url": article.url,
        "source": article.source,
        "title": document.title,
        "authors": list(document.authors),
        **_moment("published", document.published),
        **_moment("modified", document.modified),
        "language": document.language,
        "section": document.section,
        "tags": list(document.tags),
        "text": document.text,
        "paragraphs": document.text.split("\n\n") if document.text else [],
        "text_hash": article.text_hash,
        "version": article.version,
        "versions": article.versions,
        "first_seen": iso(article.first_seen),
        "last_seen": iso(article.last_seen),
        "removed_at": iso(article.gone_at) if article.gone_at else None,
        "cluster_id": cluster_id,
        "completeness": article.completeness.value,
        "rights": list(article.rights),
        "robots_allowed": article.robots_allowed,
        "noarchive": NOARCHIVE in article.rights,
        "noai": NOAI in article.rights,
        "tdm_reserved": RESERVED in article.rights,
        "paywalled": PAYWALL in document.flags,
        "flags": list(document.flags),
        "captured_at": iso(article.captured_at),
        "status": article.status,
        "mime": article.mime,
        "warc_filename": location.filename,
        "warc_offset": location.offset,
        "warc_length": location.length,
        "warc_record_id": location.record_id,
        "warc_payload_digest": article.digest,
        "extractor": document.extractor,
        "extractor_version": document.extractor_version,
    }


def rows(records: Iterable[tuple[object, ...]]) -> Iterator[Row]:
    """Yield the rows of what ``Selection.records(NAMES)`` yields.

    They are those that `row` makes of its articles, in a third of the time. Their lists are
    shared, so nobody changes them.
    """
    for record in records:
        found: Row = dict(zip(NAMES, record, strict=True))
        for name in _STORED:
            found[name] = _list(found[name])
        found["paragraphs"] = found["text"].split("\n\n") if found["text"] else []
        for name, right in _SAID:
            found[name] = right in found["rights"]
        found["paywalled"] = PAYWALL in found["flags"]
        if found["robots_allowed"] is not None:
            found["robots_allowed"] = bool(found["robots_allowed"])  # SQLite has numbers
        yield found


@lru_cache(maxsize=4096)  # the same few names, rights and flags come again and again
def _list(text: str) -> list[str]:
    """Read a list of the index; half a character, which no format can hold, is told as such.

    Raises DamagedError where it is none.
    """
    try:
        found: list[str] = json.loads(text)
    except ValueError as error:
        raise DamagedError(
            f"a row of the index was changed or is damaged: {text[:60]!r} is no list",
            remedy="'archiver rebuild' makes it again from the WARC files",
        ) from error
    if "\\ud" in text:
        found = [one.encode("utf-8", "replace").decode() for one in found]
    return found


def _moment(name: str, moment: Moment | None) -> dict[str, str | None]:
    return {
        f"{name}_at": iso(moment.at) if moment else None,
        f"{name}_zone": moment.zone if moment else None,
        f"{name}_precision": moment.precision if moment else None,
        f"{name}_origin": moment.origin if moment else None,
    }
