"""Pages dressed as HTTP replies, in every way that real servers do.

Which page gets which coding, framing and oddity depends on its path and query alone, so that each
visit and each test meets the same ones.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha1
from http import HTTPStatus
from zlib import crc32

GZIP_FILE = "application/x-gzip"
Headers = tuple[tuple[str, str], ...]

_ODDITIES: Headers = (
    ("x-Powered-BY", "Anchorage/1"),
    ("Set-Cookie", "visitor=anchored; Path=/"),
    ("Set-Cookie", "edition=morning; Path=/; HttpOnly"),
    ("Link", '</>; rel="start"'),
    ("Link", '</feed.xml>; rel="alternate"; type="application/rss+xml"'),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands at a URL, before HTTP dresses it; `modified_at` makes it revalidatable.

    Its ETag is then made of the body, unless `etag` names another, or none with "".
    """

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = HTTPStatus.OK
    headers: Headers = ()
    modified_at: datetime | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply; `body` has its content coding on, its transfer coding not yet."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    chunked: bool


def dress(page: Page, target: str, asked: Mapping[str, str]) -> Reply:
    """Return the reply with a page, to a request whose header names are in lower case."""
    mark = crc32(target.encode())
    validators = _validators(page)
    if _is_known(dict(validators), asked):
        return Reply(HTTPStatus.NOT_MODIFIED, "Not Modified", validators, b"", False)
    body, coding = _encode(page, asked, mark)
    chunked = mark % 3 == 0
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    headers = (("Content-Type", page.media_type), *page.headers, *validators, *coding, framing)
    if mark % 5 == 0:
        headers += _ODDITIES
    if mark % 7 == 0:
        headers = tuple((name.swapcase(), value) for name, value in headers)
    return Reply(page.status, _reason(page, mark), headers, body, chunked)


def _validators(page: Page) -> Headers:
    at, etag = page.modified_at, page.etag
    if etag is None and at:
        etag = f'W/"{sha1(page.body).hexdigest()[:16]}"'
    dated = (("Last-Modified", format_datetime(at.astimezone(UTC), usegmt=True)),) if at else ()
    return ((("ETag", etag),) if etag else ()) + dated


def _is_known(validators: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Tell whether the client has this already; an ETag outweighs a date (RFC 9110, 13.2.2)."""
    if etags := asked.get("if-none-match"):
        return validators.get("ETag", "\0") in etags
    since, modified = asked.get("if-modified-since"), validators.get("Last-Modified")
    if not since or not modified:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # no date, or one without an offset: it is as if not asked
        return False


def _encode(page: Page, asked: Mapping[str, str], mark: int) -> tuple[bytes, Headers]:
    if mark % 2 or page.media_type == GZIP_FILE:
        return page.body, ()
    if "gzip" not in asked.get("accept-encoding", ""):
        return page.body, (("Vary", "Accept-Encoding"),)
    coding = ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")
    return gzip.compress(page.body, mtime=0), coding


def _reason(page: Page, mark: int) -> str:
    if page.status == HTTPStatus.OK and mark % 11 == 0:
        return "Tamam"
    return HTTPStatus(page.status).phrase
