"""What was read from pages and what a search returns: documents, articles, queries, hits.

They stand by themselves, and not in `archiver.types`, because a search is made of them alone and each
class of the others would take half a millisecond of its start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Completeness(StrEnum):
    """How much of a page could be kept and read."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    RAW_ONLY = "raw_only"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as a page told it.

    `at` is aware UTC, the start of the span that `precision` (year, month, day, hour, minute,
    second) names; `zone` is the offset the page gave ("+02:00"), None where it gave none and UTC was
    taken; `origin` says where it was read (json-ld, meta, time, feed, sitemap, url, text, rule), or
    "relative" for words ("two hours ago") that were held against the time of the capture.
    """

    at: datetime
    precision: str
    zone: str | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Where a record lies: file name inside the archive, byte offset and compressed length.

    `original` is where the body lies, where the record is a revisit and the index has found it.
    """

    filename: str
    offset: int
    length: int
    record_id: str
    original: RecordLocation | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What the extractor read from one article page.

    `text` is the article's paragraphs, each separated by an empty line; `rights` the reservations
    the page declares (noarchive, noai, tdm-reserved ...), `flags` what kind of article it is (paywall,
    live, gallery, video), both in alphabetical order.
    """

    url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    modified: Moment | None = None
    language: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    extractor: str = ""
    extractor_version: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A search: words (see ``docs/searching.md``), filters and order.

    `since` and `until` (without it) bound the time of publication, in UTC and to the minute; `after` is the
    id of the article behind which the page of `limit` hits begins.
    """

    words: str = ""
    source: str = ""
    language: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "date"
    limit: int = 20
    after: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """The latest version of an article as the index holds it, with where its bytes lie.

    `rights` are the reservations that hold for it: those of its document, and those of the latest capture.
    `robots_allowed` tells whether robots.txt allowed the fetch of this version, None where nobody asked it.
    """

    id: int
    url: str
    source: str
    fetched_url: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    version: int
    text_hash: str
    document: Document
    completeness: Completeness
    status: int
    mime: str
    captured_at: datetime
    location: RecordLocation
    digest: str
    rights: tuple[str, ...]
    versions: int = 1
    robots_allowed: bool | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; `title` and `snippet` have the found words between the two marks."""

    article: Article
    title: str
    snippet: str


MARK_START, MARK_END = "\ue000", "\ue001"  # private-use characters, which no stored text needs
