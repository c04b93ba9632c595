"""Files as other crawlers write them, made byte by byte."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path

import zstandard

from archiver.warc.records import digest

DATE = "2021-05-06T07:08:09Z"
NUMBERS = iter(range(10**9))


def http(body: bytes, head: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\n" + head + b"\r\n" + body


def record(
    kind: str,
    block: bytes,
    url: str = "",
    version: str = "1.0",
    end: bytes = b"\r\n",
    **fields: str,
) -> bytes:
    """One record; `fields` are those of WARC, with _ for -, and go before what is usual."""
    number = next(NUMBERS)
    given = {"type": kind, "record-id": f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>",
             "date": DATE, **({"target-uri": url} if url else {}),
             **{name.replace("_", "-"): value for name, value in fields.items()}}  # fmt: skip
    content_type = given.pop("content-type", {
        "response": "application/http; msgtype=response", "revisit": "application/http; msgtype=response",
        "request": "application/http; msgtype=request",
    }.get(kind, "application/warc-fields"))  # fmt: skip
    lines = [f"WARC/{version}", *(f"WARC-{n.title()}: {v}" for n, v in given.items() if v),
             f"Content-Type: {content_type}", f"Content-Length: {len(block)}"]  # fmt: skip
    head = b"".join(line.encode() + end for line in lines)
    return head + end + block + end + end


def response(url: str, body: bytes, head: bytes = b"", **fields: str) -> bytes:
    block = http(body, head)
    return record("response", block, url, **{"block_digest": digest(block), **fields})


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def arc(url: str, body: bytes, date: str = "20050607080910") -> bytes:
    block = http(body)
    return f"{url} 192.0.2.1 {date} text/html {len(block)}\n".encode() + block + b"\n"


def arc_start() -> bytes:
    block = b"1 0 Example\nURL IP-address Archive-date Content-type Archive-length\n"
    return b"filedesc://a.arc 0.0.0.0 20050607080910 text/plain %d\n" % len(block) + block + b"\n"


def packed(records: Sequence[bytes]) -> bytes:
    """As .warc.gz has it: a member for each record."""
    return b"".join(gzip.compress(r, mtime=0) for r in records)


def frames(records: Sequence[bytes], dictionary: bytes = b"", packed_too: bool = False) -> bytes:
    """As .warc.zst has it: a frame for each record, the dictionary before them."""
    if not dictionary:
        return b"".join(zstandard.ZstdCompressor().compress(r) for r in records)
    held = zstandard.ZstdCompressionDict(dictionary)
    packer = zstandard.ZstdCompressor(dict_data=held)
    first = zstandard.ZstdCompressor().compress(dictionary) if packed_too else dictionary
    start = b"\x5d\x2a\x4d\x18" + len(first).to_bytes(4, "little") + first
    return start + b"".join(packer.compress(r) for r in records)


def wacz(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("pages/pages.jsonl", '{"format":"json-pages-1.0"}\n')
        for name, data in files.items():
            archive.writestr(name, data)
    return path
