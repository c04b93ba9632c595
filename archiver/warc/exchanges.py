"""Put records together again to the exchanges that they were: response, request and metadata.

The records of one exchange stand side by side in every archive, in an order of their own: our
writer and Heritrix put the response first, wget and Common Crawl the request. What belongs together
says so in ``WARC-Concurrent-To``, or has the same target and date.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archiver import dates, urls
from archiver.content import read_head
from archiver.timestamps import iso
from archiver.types import (
    Capture,
    Damage,
    Failure,
    Kept,
    KeptFailure,
    Kind,
    Link,
    Original,
    RecordLocation,
    Redacted,
    Snapshot,
)
from archiver.warc import records
from archiver.warc.walk import Record

HTML = ("text/html", "application/xhtml+xml", "")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,500})?\r?\n")
_CODED = re.compile(
    rb"^transfer-encoding[ \t]*:(?:[^\r\n]|\r?\n[ \t])*chunked", re.IGNORECASE | re.MULTILINE
)
_MAX_ASIDE = 1024 * 1024  # bytes of a request or metadata block that are looked at
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}(?=:)")
_FAILURE = re.compile(rb"^archiver-failure:", re.MULTILINE)
REDACTION = "archiver-redaction"  # the field of a record that lies where another was taken out
FAILURE = "failure"  # what it calls a metadata record that stood for a fetch without a response
MAIN = ("response", "revisit", FAILURE)  # the records that have a row
_REDACTION = re.compile(
    rb"^archiver-redaction: (?:([0-9a-f-]{36}) )?([a-z]{1,20})\r?$", re.MULTILINE
)
_NOT_URL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(slots=True)
class Group:
    """The records of one exchange, as far as they have come; `damages` stood among them.

    Of a request or metadata record no more of the block is there than is looked at.
    """

    main: Record | None = None
    request: Record | None = None
    about: Record | None = None
    damages: list[Damage] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """The records in the order of the file."""
        found = [record for record in (self.main, self.request, self.about) if record is not None]
        return sorted(found, key=lambda record: record.offset)


def exchanges(found: Iterable[Record | Damage], name: str) -> Iterator[Kept | Damage]:
    """Yield what the records of the file `name` keep, in their order, and what is damaged."""
    for group in groups(found, name):
        if not isinstance(group, Group):
            yield group
            continue
        yield from whole(group, name)
        yield from group.damages
        del group  # or its block would wait beside the next one


def groups(found: Iterable[Record | Damage], name: str) -> Iterator[Group | Damage | Redacted]:
    """Yield the records of each exchange together, in their order, and what is damaged or was redacted between them."""
    group = Group()
    for record in found:
        if isinstance(record, Damage):
            if group.main is None:
                yield record
            else:  # behind it, the metadata of the same exchange may be whole
                group.damages.append(record)
            continue
        kind = record.get("warc-type")
        gone = redacted(record, name)
        if gone is not None or not _joins(group, record, kind):
            yield group
            group = Group()
        if gone is not None:
            if gone.type in MAIN:
                yield gone
        elif kind in ("response", "revisit"):
            group.main = record
        elif kind == "request":
            group.request = _cut(record)
        elif kind == "metadata":
            group.about = _cut(record)
            if b"archiver-kind" in group.about.block:  # ours: nothing of its exchange follows
                yield group
                group = Group()
    yield group


def _cut(record: Record) -> Record:
    """Return a record that stands beside an exchange with no more of its block than is looked at."""
    if len(record.block) <= _MAX_ASIDE:
        return record
    return replace(record, block=record.block[:_MAX_ASIDE])


def redacted(record: Record, name: str) -> Redacted | None:
    """Return what a record of the file `name` says of one that was taken out there; None for any other."""
    if record.get("warc-type") != "metadata":
        return None
    found = _REDACTION.search(record.block, 0, 1024)
    if found is None:
        return None
    at = iso(date(record.get("warc-date")))
    return Redacted(
        (found[1] or b"").decode(), found[2].decode(), location(name, record), target(record), at
    )


def passed_over(record: Record) -> str:
    """Return in a word what a record holds that becomes no row, or "" where it does or belongs to one."""
    kind = record.get("warc-type")
    if kind in ("resource", "conversion", "continuation"):
        return kind
    if kind not in ("response", "revisit") or _is_http(record):
        return ""
    scheme = _SCHEME.match(record.get("warc-target-uri").lstrip("<").lower())
    return scheme[0] if scheme and not target(record) else "not HTTP"


def _is_http(record: Record) -> bool:
    return bool(target(record)) and "http" in (record.get("content-type") or "http")


def _joins(group: Group, record: Record, kind: str) -> bool:
    """Tell whether `record` belongs to the exchange that `group` has begun."""
    if kind in ("response", "revisit"):
        return group.main is None and (group.request is None or _related(group.request, record))
    if kind == "request":
        return group.request is None and (group.main is None or _related(group.main, record))
    if kind == "metadata":
        return group.about is None and group.main is not None and _related(group.main, record)
    return False


def _related(one: Record, other: Record) -> bool:
    ids = one.get("warc-record-id"), other.get("warc-record-id")
    if ids[0] in other.get("warc-concurrent-to").split() or (
        ids[1] and ids[1] in one.get("warc-concurrent-to").split()
    ):
        return True
    named = ("warc-target-uri", "warc-date")
    return all(one.get(field) and one.get(field) == other.get(field) for field in named)


def whole(group: Group, name: str) -> Iterator[Kept]:
    """Yield the exchange of a group; nothing where it has no HTTP response."""
    if group.main is None:
        if group.about is not None and tells_failure(group.about):
            yield _failure(group.about, name)
        return
    if _is_http(group.main):
        yield _snapshot(group.main, group, name, target(group.main))


def tells_failure(about: Record) -> bool:
    """Tell whether a metadata record of ours stands for a fetch without a response.

    By its field, not by its bytes: an address that led there may hold any word.
    """
    return bool(_FAILURE.search(about.block))


def target(record: Record) -> str:
    """Return the http(s) URL of a record as it can be a key, or "".

    Some writers put it in angle brackets; a fragment and control characters are no part of it.
    """
    told = record.get("warc-target-uri").removeprefix("<").removesuffix(">").partition("#")[0]
    if not told.lower().startswith(("http://", "https://")):
        return ""
    url = _NOT_URL.sub("", told)
    try:
        parts = urlsplit(url)
        return url if parts.hostname and parts.port != 0 else ""
    except ValueError:
        return ""


def _failure(about: Record, name: str) -> KeptFailure:
    url = target(about)
    link, context = records.read_context(about.block, url)
    reason = context.get("archiver-failure", "unknown")
    failure = Failure(link, url, date(about.get("warc-date")), reason)
    return KeptFailure(failure, location(name, about))


def _snapshot(main: Record, group: Group, name: str, url: str) -> Snapshot:
    head, body = records.split_block(main.block)
    truncated = main.get("warc-truncated")
    original = None
    if main.get("warc-type") == "revisit":
        body, truncated, original = b"", "", _original(main)
    elif not main.whole or main.get("warc-segment-number"):
        truncated = truncated or "length"  # the rest is in records of type continuation
    body = without_chunks_of(head, body)
    link, took = _link(group.about, url, head)
    capture = Capture(
        link=link,
        url=url,
        at=date(main.get("warc-date")),
        ip=main.get("warc-ip-address"),
        request=group.request.block if group.request else b"",
        head=head,
        body=body,
        took_ms=took,
        truncated=truncated,
    )
    digest = spelled(main.get("warc-payload-digest")) if original else records.digest(body)
    return Snapshot(capture, location(name, main), digest, original)


def _original(main: Record) -> Original:
    referred = main.get("warc-refers-to-date")
    return Original(
        url=main.get("warc-refers-to-target-uri").strip("<>") or target(main),
        at=date(referred) if referred else None,
        record_id=main.get("warc-refers-to"),
    )


def _link(about: Record | None, url: str, head: bytes) -> tuple[Link, int]:
    """Return the link and the milliseconds of a fetch: told by our metadata, else guessed."""
    if about is not None:
        link, context = records.read_context(about.block, url)
        took = records.number(context.get("fetchTimeMs", ""))
        if "archiver-kind" in context:
            return link, took
        return Link(url, _kind(url, head), "", via=urls.normalise(link.via), hops=link.hops), took
    return Link(url, _kind(url, head), ""), 0


def _kind(url: str, head: bytes) -> Kind:
    told = read_head(head)
    if url.partition("://")[2].partition("/")[2] == "robots.txt":
        return Kind.ROBOTS
    page = told.mime in HTML or told.status >= 300
    return Kind.ARTICLE if page and urls.is_page(url) else Kind.RESOURCE


def location(name: str, record: Record) -> RecordLocation:
    """Return where `record` of the file `name` lies."""
    return RecordLocation(name, record.offset, record.length, record.get("warc-record-id"))


def date(text: str) -> datetime:
    """Return a WARC date (ISO 8601, section 5.4), or an ARC's fourteen digits; 1970 for neither."""
    try:
        if text.endswith("Z"):
            return datetime.fromisoformat(text).astimezone(UTC)
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        moment = dates.parse(text)
        return moment.at if moment else datetime(1970, 1, 1, tzinfo=UTC)


def without_chunks_of(head: bytes, body: bytes) -> bytes:
    """Take the chunked coding off, where `head` tells of one (RFC 9112, section 7.1).

    Many archives keep both; some keep the header only, and then the body stays as it is.
    """
    return _without_chunks(body) if body and _CODED.search(head) else body


def _without_chunks(body: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        if not size:
            return b"".join(pieces)
        pieces.append(body[match.end() : match.end() + size])
        at = match.end() + size
        if body[at : at + 2] == b"\r\n":
            at += 2
        elif body[at : at + 1] == b"\n":
            at += 1
        elif at < len(body):
            return body
    return b"".join(pieces) if pieces and at >= len(body) else body


def spelled(digest: str) -> str:
    """Return a SHA-1 digest as archiver spells it: ``sha1:`` and base32; others as they are."""
    name, _, value = digest.partition(":")
    if name.lower().replace("-", "") != "sha1":
        return digest
    if re.fullmatch("[0-9a-fA-F]{40}", value):
        value = base64.b32encode(bytes.fromhex(value)).decode()
    return f"sha1:{value.upper()}"
