"""The heads of records: WARC's named fields, and the one line that ARC has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

MAX_HEAD = 64 * 1024  # bytes; the fields of a real record take one
_VERSION = re.compile(rb"WARC/\d\.\d{1,2}\r?\n")
_BLANK = re.compile(rb"\r?\n\r?\n")
# ARC 1.0: URL, IP address, date, type, length; version 2 has five more before the length. The URL may
# hold spaces, and its end is looked for once, so that no line takes long to read.
_MAX_LINE = 10_000  # bytes
_ARC = re.compile(rb"[^\s\x00:]{1,20}:[^\r\n\x00]*\r?\n")
_ARC_MIDDLE = re.compile(rb" (\S{1,64}) (\d{8,14}) ")
_ARC_LENGTH = re.compile(rb"(\d{1,15})\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class RecordHead:
    """The fields of a record by lower-case name, how long its head is, and how long its block."""

    fields: dict[str, str]
    length: int
    block: int


def begins(data: bytes) -> bool:
    """Tell whether `data` begins a record, WARC or ARC."""
    return _VERSION.match(data) is not None or _arc(data) is not None


def read(data: bytes) -> RecordHead | None:
    """Read the head with which `data` begins; None where there is no whole one.

    Raises ValueError, with the reason, for a head that cannot be right.
    """
    if data.startswith(b"WARC/"):
        return _warc(data)
    return _arc(data)


def _warc(data: bytes) -> RecordHead | None:
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD) + 4
    if end < 4 or b"\n\n" in data[:end]:
        blank = _BLANK.search(data, 0, MAX_HEAD)
        if blank is None:
            if len(data) >= MAX_HEAD:
                raise ValueError("its head has no end")
            return None
        end = blank.end()
    text = data[:end].decode("utf-8", "replace")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    fields: dict[str, str] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        name = name.rstrip().lower()
        if not colon or not name:
            continue
        if "\r" in value:
            value = value.partition("\r")[0]
        if name == "warc-concurrent-to" and name in fields:  # the one field that may stand twice
            value = f"{fields[name]} {value.strip()}"
        fields[name] = value.strip()
    told = fields.get("content-length", "")
    if not told.isdecimal() or len(told) > 18:
        raise ValueError(f"its Content-Length is {told[:20]!r}")
    return RecordHead(fields, end, int(told))


def _arc(data: bytes) -> RecordHead | None:
    line = _ARC.match(data, 0, _MAX_LINE)
    middle = _ARC_MIDDLE.search(data, 0, line.end()) if line else None
    if line is None or middle is None:
        return None
    last = max(data.rfind(b" ", 0, line.end()) + 1, middle.end())
    size = _ARC_LENGTH.match(data, last, line.end())
    if size is None:
        return None
    parts = (data[: middle.start()], middle[1], middle[2], data[middle.end() : last], size[1])
    url, ip, date, told, length = (part.decode("utf-8", "replace").rstrip() for part in parts)
    # Named by what it is, so that it has the same name whenever it is read.
    name = f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{date} {url}')}>"
    fields = {
        "warc-type": "warcinfo" if url.startswith("filedesc:") else "response",
        "warc-record-id": name,
        "warc-target-uri": url,
        "warc-date": date.ljust(14, "0") if len(date) != 8 else f"{date}000000",
        "warc-ip-address": "" if ip in ("0.0.0.0", "-") else ip,
        "content-type": "application/http;msgtype=response" if url.startswith("http") else told,
        "content-length": length,
    }
    return RecordHead(fields, line.end(), int(length))
