"""Events as an Atom feed (RFC 4287). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from archiver.urls import is_web_address
from archiver.work import Event

ENTRIES = 100
NAMESPACE = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # XML 1.0, section 2.2


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
    _text(entry, "id", f"urn:uuid:{event.uid}")
    _text(entry, "title", title(event))
    _text(entry, "updated", _time(event.at))
    SubElement(entry, "category", term=_clean(event.kind))
    url = str(event.data.get("url", ""))
    if is_web_address(url):
        SubElement(entry, "link", rel="alternate", href=url)
    _text(entry, "content", "\n".join(f"{name}: {value}" for name, value in event.data.items()))


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
