"""What a person sees: colour only where it is wanted, and text from the web made harmless."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

import click

from archiver.documents import MARK_END, MARK_START

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Embeddings, overrides and isolates turn the rest of a line around; marks (LRM, RLM) do not.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MOVING = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]"
)  # what does more than end a line or a page
_ISOLATE, POP = "\u2068", "\u2069"


def on_terminal() -> bool:
    """Tell whether standard output is a terminal."""
    return sys.stdout.isatty()


def bears(data: bytes) -> bool:
    """Tell whether a terminal can be given these bytes: text in UTF-8 without control characters."""
    try:
        return not _MOVING.search(data.decode())
    except UnicodeDecodeError:
        return False


def coloured() -> bool:
    """Tell whether to colour: a terminal, and no NO_COLOR (no-color.org)."""
    return on_terminal() and not os.environ.get("NO_COLOR")


def size() -> tuple[int, int]:
    """Return columns and rows of the terminal; where there is none, 80 and 24."""
    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return 80, 24
    return found.columns or 80, found.lines or 24


def harmless(text: str) -> str:
    """Return `text` on one line, with control and bidi override characters made visible."""
    text = re.sub(r"\s+", " ", text)
    return _BIDI.sub("\ufffd", _CONTROL.sub(lambda m: _picture(m[0]), text))


def _picture(character: str) -> str:
    """Return the Unicode picture of a control character (ESC is ␛)."""
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def field(text: str) -> str:
    """Return a text from the web as one field of a line: harmless, and isolated on a terminal.

    Without the isolate one Arabic title would turn the whole line around.
    """
    text = harmless(text)
    return isolated(text) if on_terminal() else text


def isolated(text: str) -> str:
    """Return a text that is harmless as an isolate, with the direction of its first letter."""
    return f"{_ISOLATE}{text}{POP}"


def plain(text: str) -> str:
    """Return `text` without the marks of found words."""
    return text.replace(MARK_START, "").replace(MARK_END, "")


def marked(text: str) -> str:
    """Return a field in which the found words stand out on a terminal."""
    if not coloured():
        return field(plain(text))
    if text.rfind(MARK_START) > text.rfind(MARK_END):
        text += MARK_END  # the mark may be the web's own, and must not colour what follows
    return field(text).replace(MARK_START, "\x1b[1;33m").replace(MARK_END, "\x1b[0m")


def headline(text: str) -> str:
    """Return a field in bold, in which the found words stand out on a terminal."""
    shown = marked(text)
    return bold(shown.replace("\x1b[0m", "\x1b[0;1m")) if coloured() else shown


def dim(text: str) -> str:
    """Return `text` in a quieter colour, where there is colour."""
    return f"\x1b[2m{text}\x1b[0m" if coloured() else text


def green(text: str) -> str:
    """Return `text` in green, where there is colour."""
    return f"\x1b[32m{text}\x1b[0m" if coloured() else text


def red(text: str) -> str:
    """Return `text` in red, where there is colour."""
    return f"\x1b[31m{text}\x1b[0m" if coloured() else text


def yellow(text: str) -> str:
    """Return `text` in yellow, where there is colour."""
    return f"\x1b[33m{text}\x1b[0m" if coloured() else text


def gone(text: str) -> str:
    """Return what is gone: red and struck through, where there is colour."""
    return f"\x1b[31;9m{text}\x1b[0m" if coloured() else text


def new(text: str) -> str:
    """Return what is new: green and bold, where there is colour."""
    return f"\x1b[1;32m{text}\x1b[0m" if coloured() else text


def bold(text: str) -> str:
    """Return `text` bold, where there is colour."""
    return f"\x1b[1m{text}\x1b[0m" if coloured() else text


def say(text: str) -> None:
    """Tell the person something: on standard error, out of the way of results."""
    click.echo(text, err=True)


def out(text: str) -> None:
    """Write a line of the result to standard output."""
    click.echo(text, color=coloured())


_LINES = {0x2028: "\\u2028", 0x2029: "\\u2029"}  # which some readers take for ends of lines


def out_json(value: dict[str, Any]) -> None:
    """Write one JSON line to standard output; what a terminal would obey is escaped in it."""
    text = json.dumps(value, ensure_ascii=False)
    click.echo(_BIDI.sub(_escaped, _CONTROL.sub(_escaped, text)).translate(_LINES))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def width(text: str) -> int:
    """Return how many cells `text` takes: marks and isolates none, wide characters two."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )  # fmt: skip


def table(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lay out `rows`: the first `left` columns to the left, numbers to the right."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(_pad(cell, w, n >= left) for n, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip()
            for row in rows]  # fmt: skip


def _pad(text: str, cells: int, right: bool) -> str:
    space = " " * (cells - width(text))
    return space + text if right else text + space


class Progress:
    """One line on a terminal's standard error, written over and over; nothing elsewhere."""

    def __init__(self) -> None:
        """Look whether anybody watches."""
        self._watched = sys.stderr.isatty()
        self._shown = False

    def show(self, text: str) -> None:
        """Show `text` in the place of what stood there."""
        if self._watched:
            columns = os.get_terminal_size(sys.stderr.fileno()).columns
            sys.stderr.write(f"\r\x1b[K{text[: max(columns - 1, 20)]}")
            sys.stderr.flush()
            self._shown = True

    def tell(self, text: str) -> None:
        """Say something that others may have worded, in the place of what stood there."""
        self.clear()
        say(harmless(text))

    def clear(self) -> None:
        """Leave an empty line for what comes next."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False
