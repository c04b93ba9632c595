"""CDXJ, the index by which replay tools find a record: ``urlkey timestamp {json}``, sorted by bytes.

The key is the URL's SURT (Sort-friendly URI Reordering Transform) as the Wayback Machine, pywb and
cdxj-indexer make it: host reversed, ``www.`` and session ids dropped, all in lower case. Each line is the
one that ``cdxj-indexer -s`` writes for the record.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote_from_bytes, unquote_to_bytes

from archiver.types import Entry

ENDING = ".cdxj"
REVISIT = "warc/revisit"
_URL = re.compile(rb"^([a-zA-Z][a-zA-Z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?")
_SAFE = b"!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # what a key holds unquoted
_PORTS = {b"http": 80, b"https": 443}
_AUTHORITY = re.compile(rb"(\[.*\]|[^:]*):?(.*)", re.DOTALL)
_WWW = re.compile(rb"^www\d*\.")
_SESSION_IN_PATH = [
    re.compile(rb"^(.*/)(\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^\?]+\.aspx.*)$", re.IGNORECASE),
    re.compile(rb"^(.*/)(\([0-9a-z]{24}\)/)([^\?]+\.aspx.*)$", re.IGNORECASE),
]
_SESSION_IN_QUERY = [
    re.compile(rb"^(.*)(?:" + name + rb")(?:&(.*))?$", re.IGNORECASE)
    for name in (
        rb"jsessionid=[0-9a-zA-Z]{32}",
        rb"phpsessid=[0-9a-zA-Z]{32}",
        rb"sid=[0-9a-zA-Z]{32}",
        rb"ASPSESSIONID[a-zA-Z]{8}=[a-zA-Z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
]


def lines(entries: Iterable[Entry]) -> list[bytes]:
    """Return the lines of one WARC file, each with its line end, sorted by bytes, none twice."""
    return sorted({line(entry) for entry in entries})


def line(entry: Entry) -> bytes:
    """Return the line of one response or revisit record."""
    told = {
        "url": entry.url,
        "mime": REVISIT if entry.revisit else entry.mime,
        "status": str(entry.status) if entry.status else "",
        "digest": entry.digest,
        "length": str(entry.length),
        "offset": str(entry.offset),
        "filename": entry.filename,
    }
    stamp = re.sub(r"\D", "", entry.at)[:14]
    known = json.dumps({name: value for name, value in told.items() if value})
    return f"{surt(entry.url)} {stamp} {known}\n".encode()


def read(text: bytes) -> tuple[bytes, dict[str, str]] | None:
    """Return key and timestamp of a line, and its fields; None for what is no line of a CDXJ."""
    key, brace, fields = text.partition(b" {")
    try:
        told = json.loads(brace + fields) if brace and key.count(b" ") == 1 else None
    except ValueError:
        return None
    return (key, told) if isinstance(told, dict) else None


def surt(url: str) -> str:
    """Return the key of an http(s) URL; what is none stays as it is."""
    match = _URL.match(url.encode("utf-8", "replace"))
    if match is None:
        return url
    scheme, authority, path, query = match.groups()
    host, port = _AUTHORITY.fullmatch(authority.rpartition(b"@")[2]).groups()  # type: ignore[union-attr]
    number = int(port or b"0") if (port or b"0").isdigit() and len(port) < 9 else 1 << 16
    if number >= 1 << 16:
        return url
    key = b",".join(reversed(_WWW.sub(b"", _host(host.strip(b"[]"))).split(b".")))
    if number not in (0, _PORTS.get(scheme.lower())):
        key += b":%d" % number
    key += b")" + _path(path)
    if query := _query(query or b""):
        key += b"?" + query
    return key.decode("ascii")


def _host(host: bytes) -> bytes:
    host = _unquoted(host)
    if not host.isascii():
        with suppress(ValueError):
            host = host.decode("utf-8", "ignore").encode("idna")
    host = host.replace(b"..", b".").strip(b".")
    if host.isdigit():  # an IPv4 address as one number
        return socket.inet_ntoa((int(host) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    return _quoted(host.lower()).lower()


def _path(path: bytes) -> bytes:
    path = _quoted(_without_dots(_unquoted(path))).lower()
    for pattern in _SESSION_IN_PATH:
        if match := pattern.match(path):
            path = match[1] + match[3]
    return path[:-1] if path.endswith(b"/") and len(path) > 1 else path


def _without_dots(path: bytes) -> bytes:
    """Take ``.``, ``..`` and empty segments out; one at the end is the slash there."""
    kept: list[bytes] = []
    for part in path.split(b"/")[1:]:
        if part == b"..":
            kept = kept[:-1] if kept else [part]
        elif part != b".":
            kept.append(part)
    return b"/" + b"".join(part + b"/" for part in kept[:-1] if part) + b"".join(kept[-1:])


def _query(query: bytes) -> bytes:
    query = _quoted(_unquoted(query))
    for pattern in _SESSION_IN_QUERY:
        if match := pattern.match(query):
            query = match[1] + (match[2] or b"")
    return b"&".join(
        b"=".join(pair) for pair in sorted(p.split(b"=", 1) for p in query.lower().split(b"&"))
    )


def _unquoted(text: bytes) -> bytes:
    """Take percent-encoding off until there is none."""
    while (plain := unquote_to_bytes(text)) != text:
        text = plain
    return text


def _quoted(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=_SAFE).encode("ascii")
