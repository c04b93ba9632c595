"""Events as an Atom feed (RFC 4287). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from archiver.urls import is_web_address
from archiver.work import Event

ENTRIES = 300  # more than one watch may find in one tick
NAMESPACE = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # XML 1.0, section 2.2
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def feed(events: Sequence[Event], path: Path) -> bytes:
    """Return a feed of `events`, the newest first. Its own id is that of `path`, where it will lie."""
    root = Element("feed", xmlns=NAMESPACE)
    _text(root, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, path.absolute().as_uri())}")
    _text(root, "title", "archiver")
    _text(root, "updated", _time(events[0].at if events else datetime(1970, 1, 1, tzinfo=UTC)))
    _text(SubElement(root, "author"), "name", "archiver")
    for event in events:
        _entry(SubElement(root, "entry"), event)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(entry: Element, event: Event) -> None:
    match = "watch" in event.data
    _text(entry, "id", f"urn:uuid:{event.uid}")
    _text(entry, "title", _headline(event) if match else title(event))
    _text(entry, "updated", _time(event.at))
    SubElement(entry, "category", term=_clean(event.kind))
    url = str(event.data.get("url", ""))
    if is_web_address(url):
        SubElement(entry, "link", rel="alternate", href=_clean(url))
    if match:
        _match(entry, event)
        return
    _text(entry, "content", "\n".join(f"{name}: {value}" for name, value in event.data.items()))


def _match(entry: Element, event: Event) -> None:
    """Tell of a match as of an article: who brought it, and a piece of its text."""
    data = event.data
    SubElement(entry, "category", term=_clean(str(data["watch"])))
    if event.source:
        _text(SubElement(entry, "author"), "name", event.source)
    if language := str(data.get("language") or ""):
        entry.set("xml:lang", _clean(language))
    # RFC 4287, 4.1.3: without a link there must be a content.
    name = "content" if entry.find("link") is None else "summary"
    told = str(data.get("snippet") or _headline(event))
    written = f'<p dir="auto">{escape(_safe(told))}</p>'
    SubElement(entry, name, type="html").text = _clean(written)


def _headline(event: Event) -> str:
    """Return the headline of a match, which keeps its own direction in whatever line it is shown."""
    data = event.data
    if "more" in data:
        return f"{data['watch']}: {data['more']} more"
    text = str(data.get("title") or data.get("url") or data["watch"])
    return f"\u2068{_safe(text)}\u2069" if _is_rtl(text) else _safe(text)


def _is_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def _safe(text: str) -> str:
    """Return `text` without what turns the line around in which it stands."""
    return _BIDI.sub("\ufffd", text)


def title(event: Event) -> str:
    """Return an event in one line."""
    what = str(event.data.get("title") or event.data.get("what") or event.data.get("reason") or "")
    kind = str(event.data.get("alarm") or "") if event.kind == "alarm" else event.kind
    return ": ".join(part for part in (event.source, kind, what) if part)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Return `text` without what XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
