"""WARC/1.1 records as bytes (ISO 28500): the few lines that decide fidelity.

warcio's writer parses and re-serialises HTTP headers, percent-encodes them, and adds payload digests
where the standard wants none. A record here is its fields, in order, and a block that nobody touches.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from archiver.dates import parse
from archiver.timestamps import iso
from archiver.types import Capture, Kind, Link, Moment, Original

Fields = Sequence[tuple[str, str]]

REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
CONFORMS_TO = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
MAX_HEAD = 256 * 1024  # bytes of an HTTP head
_KINDS = {kind.value: kind for kind in Kind}
_ROBOTS = {"allowed": True, "disallowed": False}
_HOPS = re.compile("[A-Z]{1,500}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
# The value may go on in the next line, after white space.
_CODED = re.compile(
    rb"^transfer-encoding(?=[ \t]*:(?:[^\r\n]|\r?\n[ \t])*chunked)", re.IGNORECASE | re.MULTILINE
)
_LENGTH = re.compile(rb"^content-length(?=[ \t]*:)", re.IGNORECASE | re.MULTILINE)


def digest(data: bytes) -> str:
    """Return the digest of `data` as Common Crawl and pywb write it: ``sha1:`` and base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def fields_text(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return ``application/warc-fields``: one field a line, UTF-8, no control characters."""
    return "".join(f"{name}: {one_line(value)}\r\n" for name, value in fields).encode()


def one_line(value: str) -> str:
    """Return `value` as it can be a field, and as it is read back: no control characters."""
    return _UNSAFE.sub(" ", value).strip()


def member(fields: Fields, block: bytes) -> bytes:
    """Return one record as one gzip member: version line, `fields`, Content-Length, `block`."""
    head = fields_text([*fields, ("Content-Length", str(len(block)))])
    # Deterministic: no file name and no time in the gzip header.
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    pieces = (b"WARC/1.1\r\n", head, b"\r\n", block, b"\r\n\r\n")
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def stored_head(capture: Capture) -> bytes:
    """Return the response head as it is stored.

    The body is stored without its transfer coding, so a ``Transfer-Encoding: chunked`` is renamed
    ``x-orig-transfer-encoding`` and a Content-Length is appended. Not one other byte changes, but
    for a Content-Length that stood beside it, which counts for nothing (RFC 9112, section 6.3) and
    would cut the body for a reader: it is renamed too.
    """
    head, coded = _CODED.subn(b"x-orig-transfer-encoding", capture.head)
    if not coded:
        return head
    head = _LENGTH.sub(b"x-orig-content-length", head)
    end = _HEAD_END.search(head)
    keep = head[: end.start()] if end else head.rstrip(b"\r\n")
    return keep + b"\r\nContent-Length: %d\r\n\r\n" % len(capture.body)


def split_block(block: bytes) -> tuple[bytes, bytes]:
    """Split an ``application/http`` block into head (with its empty line) and body.

    A head that has no end within `MAX_HEAD` bytes ends there.
    """
    found = _HEAD_END.search(block, 0, MAX_HEAD)
    end = found.end() if found else MAX_HEAD
    return block[:end], block[end:]


def context(link: Link, took_ms: int | None = None, failure: str = "") -> bytes:
    """Return the metadata block: what a rebuild must know and the HTTP bytes do not say."""
    fields = [("via", link.via)] if link.via else []
    fields.append(("hopsFromSeed", str(link.hops)))
    if took_ms is not None:
        fields.append(("fetchTimeMs", str(took_ms)))
    fields += [("archiver-source", link.source), ("archiver-kind", link.kind.value)]
    for name, moment in (("published", link.published), ("modified", link.modified)):
        if moment is not None:
            fields.append((f"archiver-{name}", _moment_text(moment)))
    if link.told:
        fields.append(("archiver-feed-lines", link.told))
    fields += [("archiver-robots", word) for word, told in _ROBOTS.items() if told is link.robots]
    if failure:
        fields.append(("archiver-failure", failure))
    return fields_text(fields)


def read_context(block: bytes, url: str) -> tuple[Link, dict[str, str]]:
    """Read a metadata block back; returns the link and all its fields."""
    # Not splitlines(): it also breaks at U+0085 and U+2028, which a URL on the web may hold.
    lines = block.decode("utf-8", "replace").split("\n")
    fields = {n.strip(): v.strip() for n, _, v in (line.partition(":") for line in lines) if v}
    return (
        Link(
            url=url,
            kind=_KINDS.get(fields.get("archiver-kind", ""), Kind.ARTICLE),
            source=fields.get("archiver-source", ""),
            via=fields.get("via", ""),
            hops=_hops(fields.get("hopsFromSeed", "")),
            published=_read_moment(fields.get("archiver-published", "")),
            modified=_read_moment(fields.get("archiver-modified", "")),
            told=fields.get("archiver-feed-lines", ""),
            robots=_ROBOTS.get(fields.get("archiver-robots", "")),
        ),
        fields,
    )


def _hops(text: str) -> int:
    """Return how many hops a field tells: as a number, or as Heritrix does, with a letter for each."""
    return len(text) if _HOPS.fullmatch(text) else number(text)


def number(text: str) -> int:
    """Return the whole number that a field holds, 0 where it holds none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _moment_text(moment: Moment) -> str:
    return f"{iso(moment.at)} {moment.precision} {moment.zone or '-'} {moment.origin or '-'}"


def _read_moment(text: str) -> Moment | None:
    parts = text.split(" ")
    stamp = parse(parts[0]) if len(parts) == 4 else None
    if stamp is None:
        return None
    zone, origin = (None if parts[2] == "-" else parts[2]), ("" if parts[3] == "-" else parts[3])
    return Moment(stamp.at, parts[1], zone, origin)


def response_fields(
    capture: Capture, record_id: str, info_id: str, block: bytes, body_digest: str
) -> Fields:
    """Return the fields of a response record, in the order they are written."""
    fields = [
        ("WARC-Type", "response"),
        *_exchange_fields(capture, record_id, info_id),
        ("Content-Type", "application/http;msgtype=response"),
        ("WARC-Block-Digest", digest(block)),
        ("WARC-Payload-Digest", body_digest),
    ]
    return [*fields, ("WARC-Truncated", capture.truncated)] if capture.truncated else fields


def revisit_fields(
    capture: Capture, record_id: str, info_id: str, body_digest: str, original: Original
) -> Fields:
    """Return the fields of a revisit record, whose block is the response's head (section 6.7).

    Where the server has said that nothing changed, the payload is that of the original, too (6.7.3), and
    no part of the answer is left out.
    """
    told = capture.standing is not None
    return [
        ("WARC-Type", "revisit"),
        *_exchange_fields(capture, record_id, info_id),
        ("WARC-Profile", NOT_MODIFIED if told else REVISIT),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.url),
        *([("WARC-Refers-To-Date", _as_dated(original.at))] if original.at else []),
        ("Content-Type", "application/http;msgtype=response"),
        ("WARC-Block-Digest", digest(capture.head)),
        *([("WARC-Payload-Digest", body_digest)] if body_digest else []),
        *([] if told else [("WARC-Truncated", "length")]),
    ]


def _as_dated(at: datetime) -> str:
    """Return a record's date as it stands there: ours have microseconds, many others whole seconds."""
    return iso(at) if at.microsecond else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def request_fields(capture: Capture, record_id: str, response_id: str, info_id: str) -> Fields:
    """Return the fields of the request record that belongs to a response."""
    return [
        ("WARC-Type", "request"),
        *_exchange_fields(capture, record_id, info_id),
        ("WARC-Concurrent-To", response_id),
        ("Content-Type", "application/http;msgtype=request"),
        ("WARC-Block-Digest", digest(capture.request)),
        ("WARC-Payload-Digest", digest(split_block(capture.request)[1])),
    ]


def metadata_fields(
    url: str, at: datetime, record_id: str, info_id: str, block: bytes, response_id: str = ""
) -> Fields:
    """Return the fields of a metadata record; without `response_id` it stands for a failure."""
    concurrent = [("WARC-Concurrent-To", response_id)] if response_id else []
    return [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", iso(at)),
        ("WARC-Target-URI", url),
        *concurrent,
        ("WARC-Warcinfo-ID", info_id),
        ("Content-Type", "application/warc-fields"),
        ("WARC-Block-Digest", digest(block)),
    ]


def _exchange_fields(capture: Capture, record_id: str, info_id: str) -> Fields:
    address = [("WARC-IP-Address", capture.ip)] if capture.ip else []
    return [
        ("WARC-Record-ID", record_id),
        ("WARC-Date", iso(capture.at)),
        ("WARC-Target-URI", capture.url),
        *address,
        ("WARC-Warcinfo-ID", info_id),
    ]
