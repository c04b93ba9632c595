"""Extraction: from a captured page to an article's clean text, or the word that it is none.

Runs in worker processes. The only room that uses trafilatura.
"""

from __future__ import annotations

from archiver import content, urls
from archiver.extract import body, language, metadata, page, verdict
from archiver.types import Capture, Completeness, Document, Kind, Reading

MAX_BODY = 16 * 1024 * 1024  # bytes as received; what is larger is kept and not read
HTML = ("text/html", "application/xhtml+xml", "")


def is_page(capture: Capture) -> bool:
    """Tell whether `capture` is a page to be read: asked for as an article, answered with HTML."""
    if capture.link.kind is not Kind.ARTICLE:
        return False
    head = content.read_head(capture.head)
    return head.status == 200 and head.mime in HTML


def read(capture: Capture) -> Reading:
    """Read one captured page. Never raises for what a page may hold."""
    head = content.read_head(capture.head)
    raw, note = content.decode_body(head, capture.body)
    completeness = Completeness.WHOLE
    if capture.truncated or note:
        completeness = Completeness.TRUNCATED
        note = note or f"cut by {capture.truncated}"
    text, _ = content.decode_text(raw, head.get("content-type"))
    if len(text) > page.MAX_HTML:
        completeness, note = Completeness.TRUNCATED, note or "read to its first 5 MiB"
    parsed = page.parse(body.carry(text), capture.url, head)
    if parsed is None:
        return Reading(note=note or "empty page", completeness=completeness)
    document = _document(parsed, capture)
    if not document.text:
        return Reading("hub", completeness=completeness, note=note or "no text found")
    if not verdict.is_article(parsed, document, capture.link):
        return Reading("hub", completeness=completeness, note=note)
    return Reading("article", document, completeness, note)


def _document(parsed: page.Page, capture: Capture) -> Document:
    title = metadata.title(parsed)
    lines = body.paragraphs(parsed.tree, capture.url, title)
    text = "\n\n".join(filter(None, (_clean(line) for line in lines)))
    declared = parsed.first("//link[@rel='canonical']/@href")
    return Document(
        url=urls.canonical(declared, capture.url),
        title=_clean(title),
        text=text,
        authors=tuple(map(_clean, metadata.authors(parsed))),
        published=metadata.published(parsed, capture.link),
        modified=metadata.modified(parsed, capture.link),
        language=language.detect(text, metadata.language(parsed)),
        section=_clean(metadata.section(parsed)),
        tags=tuple(map(_clean, metadata.tags(parsed))),
        rights=metadata.rights(parsed),
        extractor=body.NAME,
        extractor_version=body.VERSION,
    )


def _clean(text: str) -> str:
    """Return `text` as it is stored: joiners back, controls out, NFC."""
    return content.storable(body.restore(text)).strip()
