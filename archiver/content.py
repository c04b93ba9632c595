"""From received bytes to text: HTTP heads, content codings, charsets, and what may be stored.

Decoders are bounded: a bomb stops at the limit and says so. What cannot be decoded stays raw.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
import zlib
from dataclasses import dataclass

import brotli
import zstandard

MAX_DECODED = 32 * 1024 * 1024  # bytes; the same as the crawl's limit for a body
MAX_CODINGS = 5  # applied one over the other; more is an attack
_CHUNK = 64 * 1024
_ZSTD_CHUNK = 256  # bytes fed at a time; each block of 4 bytes can hold 128 KiB
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""")
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[A-Za-z!?]")  # how a page begins, or a feed
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ue000\ue001]")
# Labels that the web uses for their supersets (WHATWG Encoding, section 4.2).
_LABELS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-9": "cp1254", "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "x-sjis": "cp932", "windows-31j": "cp932",
    "windows-874": "cp874", "tis-620": "cp874", "iso-8859-11": "cp874", "iso-8859-8-i": "iso-8859-8",
}  # fmt: skip
# The encodings of the WHATWG standard by Python's names. Python knows more, and some of them
# (unicode_escape, zlib, idna) make anything of anything.
_WEB_CHARSETS = frozenset(
    ["cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "gb18030", "big5", "big5hkscs",
     "euc_jp", "iso2022_jp", "cp932", "cp949", "utf-16", "utf-16-le", "utf-16-be", "cp874",
     "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
     "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8",
     "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16"]
)  # fmt: skip
_CANDIDATES = [
    "cp1256", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1254", "cp1250", "cp1252", "cp932",
    "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """A response head, read: status code, reason phrase and fields in their order."""

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Return the last value of the field `name`, case ignored, or ""."""
        name = name.lower()
        return next((v for n, v in reversed(self.fields) if n.lower() == name), "")

    def all(self, name: str) -> list[str]:
        """Return all values of the field `name`, case ignored, in their order."""
        name = name.lower()
        return [v for n, v in self.fields if n.lower() == name]

    @property
    def mime(self) -> str:
        """The media type without its parameters, lower-case."""
        return self.get("content-type").partition(";")[0].strip().lower()


def read_head(head: bytes) -> Head:
    """Read a response head (status line and fields, ISO 8859-1); never raises."""
    # Not splitlines(), for which U+0085 ends a line: that is a byte of many an Arabic letter.
    # A line that begins with white space goes on from the one before (RFC 9112, section 5.2).
    lines = re.sub(r"\r?\n[ \t]+", " ", head.decode("latin-1")).replace("\r\n", "\n").split("\n")
    status = re.match(r"HTTP/\d(?:\.\d)?\s+(\d{3})\s*(.*)", lines[0] if lines else "")
    fields = [line.partition(":") for line in lines[1:] if ":" in line]
    return Head(
        int(status[1]) if status else 0,
        status[2] if status else "",
        tuple((name.strip(), value.strip()) for name, _, value in fields),
    )


def decode_body(head: Head, body: bytes, limit: int = MAX_DECODED) -> tuple[bytes, str]:
    """Take the content codings of `body` off, last applied first.

    Returns the bytes and a note: "" when all went well, else what is wrong with them (cut short,
    larger than `limit`, an unknown coding, which leaves the bytes as they are).
    """
    codings = [c.strip().lower() for v in head.all("content-encoding") for c in v.split(",")]
    codings = [c for c in codings if c not in ("", "identity")]
    if len(codings) > MAX_CODINGS:
        return body, f"{len(codings)} content codings, one over the other"
    notes = []
    for coding in reversed(codings):
        if coding not in _DECODERS:
            return body, f"unknown content coding {coding[:20]!r}"
        decoded, note = _DECODERS[coding](body, limit)
        if note and _PLAIN.match(body):
            # Some crawlers keep the body decoded, and the head as it came.
            decoded, note = body, ""
        body = decoded
        notes.append(note)
    return body, "; ".join(filter(None, notes))


def gunzip(data: bytes, limit: int = MAX_DECODED) -> tuple[bytes, str]:
    """Decode gzip bytes (every member); returns the bytes and a note as `decode_body` does."""
    parts: list[bytes] = []  # joined without a copy where there is one: it may be large
    left = limit
    while data.startswith(b"\x1f\x8b"):
        decoder = zlib.decompressobj(31)
        part, note = _inflate(decoder, data, left)
        parts.append(part)
        left -= len(part)
        if note:
            return b"".join(parts), note
        data = decoder.unused_data
    return (b"".join(parts), "") if any(parts) or not data else (data, "not gzip")


def _inflate(decoder: zlib._Decompress, data: bytes, limit: int) -> tuple[bytes, str]:
    try:
        out = decoder.decompress(data, max(limit, 1))  # 0 would be no limit
        more = b"" if decoder.eof else decoder.decompress(decoder.unconsumed_tail, 1)
    except zlib.error as error:
        return b"", f"broken compression ({str(error)[:60]})"
    if more or len(out) > limit:
        return out[:limit], "larger than the limit when decoded"
    return out, "" if decoder.eof else "compressed body is cut short"


def _deflate(data: bytes, limit: int) -> tuple[bytes, str]:
    """Decode both things that servers call deflate: zlib (RFC 1950) and raw (RFC 1951)."""
    out, note = _inflate(zlib.decompressobj(15), data, limit)
    if note.startswith("broken"):
        return _inflate(zlib.decompressobj(-15), data, limit)
    return out, note


def _brotli(data: bytes, limit: int) -> tuple[bytes, str]:
    decoder, out = brotli.Decompressor(), bytearray()
    try:
        part = decoder.process(data, output_buffer_limit=_CHUNK)
        while part or not decoder.can_accept_more_data():
            out += part
            if len(out) > limit:
                del out[limit:]
                return bytes(out), "larger than the limit when decoded"
            part = decoder.process(b"", output_buffer_limit=_CHUNK)
    except brotli.error:
        return bytes(out), "broken compression (brotli)"
    return bytes(out), "" if decoder.is_finished() else "compressed body is cut short"


def _zstd(data: bytes, limit: int) -> tuple[bytes, str]:
    """Decode every frame. Not by `stream_reader`, which takes a frame that is cut for its end."""
    frames = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    decoder, out, start = frames.decompressobj(), bytearray(), 0
    try:
        while start < len(data):
            if decoder.eof:
                decoder = frames.decompressobj()
            chunk = data[start : start + _ZSTD_CHUNK]
            out += decoder.decompress(chunk)
            start += len(chunk) - len(decoder.unused_data)
            if len(out) > limit:
                del out[limit:]
                return bytes(out), "larger than the limit when decoded"
    except zstandard.ZstdError:
        return bytes(out), "broken compression (zstd)"
    return bytes(out), "" if decoder.eof else "compressed body is cut short"


_DECODERS = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def decode_text(body: bytes, content_type: str = "") -> tuple[str, str]:
    """Decode the bytes of a page; returns the text and the charset that was used.

    The ladder: byte order mark, strict UTF-8, the declared charset where it decodes strictly and
    looks sane, UTF-8 with less than 0.1 % bad bytes, a detector, windows-1252.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if body.startswith(mark):
            return body.decode(name, "replace"), name.removesuffix("-sig")
    if wide := _wide(body[:100]):
        return body.decode(wide, "replace"), wide
    if (text := _strictly(body, "utf-8")) is not None:
        return text, "utf-8"
    declared = _declared(body, content_type)
    if declared and (text := _strictly(body, declared)) is not None and _sane(text, declared):
        return text, declared
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") < len(body) / 1000:
        return text, "utf-8"
    charset = _detect(body) or declared or "cp1252"
    return body.decode(charset, "replace"), charset


def _wide(start: bytes) -> str:
    """Return the name of UTF-16 without a mark: every second byte of its markup is NUL."""
    enough = max(len(start) // 8, 3)
    if start[1::2].count(0) > enough:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > enough else ""


def _strictly(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except (UnicodeError, LookupError):
        return None


def _declared(body: bytes, content_type: str) -> str:
    header = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    meta = _XML_CHARSET.search(body[:1024]) or _META_CHARSET.search(body[:4096])
    for label in (header[1] if header else "", meta[1].decode("ascii", "replace") if meta else ""):
        label = label.strip().lower()
        try:
            name = codecs.lookup(_LABELS.get(label, label)).name if label else ""
        except LookupError:
            continue
        if name in _WEB_CHARSETS:
            return name
    return ""


def _sane(text: str, charset: str) -> bool:
    """Doubt a Western charset in which a quarter of all letters would carry accents."""
    if charset not in ("cp1252", "iso8859-1", "iso8859-15", "cp1250", "cp1254"):
        return True
    sample = re.sub(r"<[^>]*>", " ", text[:20000])
    letters = [c for c in sample if c.isalpha()]
    return sum(c > "\x7f" for c in letters) * 4 <= len(letters)


def _detect(body: bytes) -> str:
    from charset_normalizer import from_bytes  # heavy, and rarely needed

    plain = re.sub(rb"<[^>]*>", b" ", body[:60000])
    best = from_bytes(plain, cp_isolation=_CANDIDATES, preemptive_behaviour=False).best()
    return best.encoding if best else ""


def storable(text: str) -> str:
    """Return `text` as it may be stored: NFC, no lone surrogates, no control characters, no marks.

    Line ends and tabs stay, and so do ZWNJ and ZWJ, which carry Persian and Arabic spelling.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))
