"""The heads of records: WARC's named fields, and the one line that ARC has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

MAX_HEAD = 64 * 1024  # bytes; the fields of a real record take one
_VERSION = re.compile(rb"WARC/\d\.\d{1,2}\r?\n")
_BLANK = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(r"^([^:\r\n]+):[ \t]*([^\r\n]*)", re.MULTILINE)
# ARC 1.0: URL, IP address, date, type, length; version 2 has five more before the length.
_ARC = re.compile(
    rb"([^\s\x00]{1,20}:[^\r\n\x00]{0,8000}?) (\S{1,64}) (\d{8,14}) ([^\r\n]{0,500}?) ?(\d{1,15})\r?\n"
)
_FOLD = re.compile(r"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class RecordHead:
    """The fields of a record by lower-case name, how long its head is, and how long its block."""

    fields: dict[str, str]
    length: int
    block: int


def begins(data: bytes) -> bool:
    """Tell whether `data` begins a record, WARC or ARC."""
    return _VERSION.match(data) is not None or _ARC.match(data) is not None


def read(data: bytes) -> RecordHead | None:
    """Read the head with which `data` begins; None where there is no whole one.

    Raises ValueError, with the reason, for a head that cannot be right.
    """
    if data.startswith(b"WARC/"):
        return _warc(data)
    match = _ARC.match(data)
    return _arc(match) if match else None


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
    found = [(name.rstrip().lower(), value.rstrip()) for name, value in _FIELD.findall(text)]
    fields = dict(found)
    if len(found) > len(fields):  # the one field that may stand twice
        concurrent = [value for name, value in found if name == "warc-concurrent-to"]
        fields["warc-concurrent-to"] = " ".join(concurrent)
    told = fields.get("content-length", "")
    if not told.isdecimal() or len(told) > 18:
        raise ValueError(f"its Content-Length is {told[:20]!r}")
    return RecordHead(fields, end, int(told))


def _arc(match: re.Match[bytes]) -> RecordHead:
    url, ip, date, told = (part.decode("utf-8", "replace") for part in match.group(1, 2, 3, 4))
    # Named by what it is, so that it has the same name whenever it is read.
    name = f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{date} {url}')}>"
    fields = {
        "warc-type": "warcinfo" if url.startswith("filedesc:") else "response",
        "warc-record-id": name,
        "warc-target-uri": url,
        "warc-date": date.ljust(14, "0") if len(date) != 8 else f"{date}000000",
        "warc-ip-address": "" if ip in ("0.0.0.0", "-") else ip,
        "content-type": "application/http;msgtype=response" if url.startswith("http") else told,
        "content-length": match[5].decode(),
    }
    return RecordHead(fields, match.end(), int(match[5]))
