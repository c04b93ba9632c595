"""Two versions side by side as a web page that asks for nothing from anywhere and runs nothing."""

from __future__ import annotations

import os
import tempfile
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from html import escape
from pathlib import Path

from archiver.cli.terminal import harmless
from archiver.cli.wrapping import RIGHT, direction
from archiver.diff import Diff, Paragraph, Piece
from archiver.errors import ArchiveError
from archiver.types import Article, Version

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --quiet: #666; --line: #ddd;
  --gone: #ffd9d6; --gone-ink: #8a1108; --new: #d2f4d7; --new-ink: #0b5a1a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #161616; --quiet: #a0a0a0; --line: #3a3a3a;
  --gone: #4f1a16; --gone-ink: #ffb9b2; --new: #12401c; --new-ink: #a6f0b4; } }
body { font: 1rem/1.7 "Noto Naskh Arabic", "Noto Sans Arabic", "Noto Sans", system-ui, sans-serif;
  color: var(--ink); background: var(--paper); max-width: 80rem; margin: 1.5rem auto; padding: 0 1rem; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
td, th { vertical-align: top; padding: .3rem .9rem; border-block-end: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: normal; text-align: start; }
td + td, th + th { border-inline-start: 1px solid var(--line); }
h1, h2, p, dl { margin: 0; }
h1 { font-size: 1rem; font-weight: normal; color: var(--quiet); overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.4; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .8rem; font-size: .8rem; color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
tr.same p { color: var(--quiet); }
del { background: var(--gone); color: var(--gone-ink); text-decoration: line-through; }
ins { background: var(--new); color: var(--new-ink); text-decoration: underline; }
small { color: var(--quiet); }
@media print { :root { --ink: #000; --paper: #fff; --quiet: #444; --gone: #fff; --new: #fff;
    --gone-ink: #000; --new-ink: #000; }
  body { max-width: none; margin: 0; } tr { break-inside: avoid; } ins { font-weight: bold; } }
"""
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    f"{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)
_TIME = "%Y-%m-%d %H:%M:%S UTC"


def page(article: Article, old: Version, new: Version, found: Diff) -> str:
    """Return the page. All text on it is escaped, and what turns lines around is made visible."""
    turn = "rtl" if direction(new.title + new.text) == RIGHT else "ltr"
    rows = [_row("th", "", *(_facts(version) for version in (old, new)))]
    rows.append(
        _row(
            "td",
            "",
            *(f'<h2 dir="auto">{_side(found.title, kind)}</h2>' for kind in ("gone", "new")),
        )
    )
    rows += map(_paragraph, found.paragraphs)
    return "\n".join([
        "<!doctype html>",
        f'<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">',
        f"<title>{_text(new.title)}: versions {old.number} and {new.number}</title><style>{_STYLE}</style></head>",
        f'<body><h1 dir="ltr">{_text(article.source)}, article {article.id}: {_text(article.url)}</h1>',
        f'<table dir="{turn}">', *rows, "</table></body></html>", "",
    ])  # fmt: skip


def _facts(version: Version) -> str:
    where = version.location
    facts = {
        f"version {version.number}": f"first seen {version.first_seen:{_TIME}}, last {version.last_seen:{_TIME}}",
        "fetched": f"{version.captured_at:{_TIME}} from {version.url}",
        "WARC": f"{where.filename}, offset {where.offset}, {where.length} bytes",
        "record": where.record_id,
        "digest": version.digest,
    }
    listed = (f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in facts.items())
    return f'<dl dir="ltr">{"".join(listed)}</dl>'


def _paragraph(part: Paragraph) -> str:
    cells = []
    for kind in ("gone", "new"):
        here = part.kind in (kind, "same", "changed")
        note = "<small>(moved)</small> " if part.moved else ""
        cells.append(f'<p dir="auto">{_side(part.pieces, kind)}</p>{note}' if here else "")
    return _row("td", part.kind, *cells)


def _row(cell: str, name: str, old: str, new: str) -> str:
    return f'<tr class="{name}"><{cell}>{old}</{cell}><{cell}>{new}</{cell}></tr>'


def _side(pieces: tuple[Piece, ...], kind: str) -> str:
    """Return one side of pieces: what is the same, and what went or what came."""
    return "".join(
        _text(piece.text) if piece.kind == "same" else _marked(piece.text, kind)
        for piece in pieces
        if piece.kind in ("same", kind)
    )


def _marked(text: str, kind: str) -> str:
    """Return text that went or came as such; the spaces around it are not marked."""
    tag, text = {"gone": "del", "new": "ins"}[kind], _text(text)
    core = text.strip(" ")
    return text.replace(core, f"<{tag}>{core}</{tag}>", 1) if core else text


def _text(text: str) -> str:
    return escape(harmless(text))


def write(path: Path, text: str) -> None:
    """Write a page to the file `path`, which is there only when it is whole. Raises ArchiveError."""
    path = path.resolve()  # through a link to its target
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, "utf-8", "replace")  # a device or a pipe
            return
        number, part = tempfile.mkstemp(
            prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent
        )
        try:
            with os.fdopen(number, "w", encoding="utf-8", errors="replace") as stream:
                stream.write(text)
            Path(part).chmod(0o666 & ~_umask())
            os.replace(part, path)
        finally:
            with suppress(OSError):
                Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
