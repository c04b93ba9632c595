"""A text in which words are marked, on lines of so many cells. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from archiver.cli.terminal import plain, width
from archiver.documents import MARK_END, MARK_START

# What says to a terminal which way a line runs, where its own first letter would say otherwise.
RIGHT, LEFT = "\u200f", "\u200e"


def wrapped(text: str, cells: int) -> list[str]:
    """Return `text` on lines of at most `cells` cells, parted at spaces; a longer word is cut.

    Marks take no cell; what is marked on both sides of a line's end is marked on both lines.
    """
    lines, line, used = [], "", 0
    for word in text.split(" "):
        for piece in _pieces(word, cells):
            wide = width(plain(piece))
            if line and used + 1 + wide > cells:
                lines.append(line)
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + wide) if line else (piece, wide)
    return list(_closed([*lines, line]))


def window(text: str, cells: int, most: int) -> list[str]:
    """Return at most `most` lines of `text`, wrapped, so that the first found word is on one of them.

    Each begins with the mark of the direction in which the whole text runs.
    """
    lines = wrapped(text, cells)
    if len(lines) > most:
        lines = wrapped(text, cells - 2)  # room for two "…"
    found = next((number for number, line in enumerate(lines) if MARK_START in line), 0)
    start = max(0, found - most + 1)
    shown = lines[start : start + most]
    if start:
        shown[0] = "…" + shown[0]
    if start + most < len(lines):
        shown[-1] += "…"
    mark = direction(text)
    return [mark + line for line in shown]


def direction(text: str) -> str:
    """Return the mark (RLM, LRM) of the direction that the first letter of `text` gives it (UAX 9, P2), or ""."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "R" | "AL":
                return RIGHT
            case "L" if character not in (MARK_START, MARK_END):
                return LEFT
    return ""


def _pieces(word: str, cells: int) -> Iterator[str]:
    """Yield `word` in pieces of at most `cells` cells; a combining mark stays with its letter."""
    piece, used = "", 0
    for character in word:
        wide = width(plain(character))
        if used + wide > cells:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + wide
    yield piece


def _closed(lines: list[str]) -> Iterator[str]:
    """Close each mark on its line, and open it again on the next."""
    open_ = False
    for line in lines:
        line = MARK_START * open_ + line
        open_ = line.rfind(MARK_START) > line.rfind(MARK_END)
        yield line + MARK_END * open_
