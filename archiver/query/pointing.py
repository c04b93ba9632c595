"""Where in a query something is wrong, shown: the query on one line, and a caret under the place.

The caret stands right where a terminal shows characters in the order they were typed in. Some turn
Arabic and Hebrew around, so no message leans on it: each names its words too (`quoted`).
"""

from __future__ import annotations

import unicodedata

CELLS = 72  # of the query line; more would wrap, and the caret with it
_BEFORE = 48  # cells kept in front of the caret where the line is cut
_LONGEST = 40  # characters of a word in a message
_CUT = "…"
_JOINERS = "\u200c\u200d"
_ISOLATE, _POP = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset(["R", "AL", "AN"])


def pointed(query: str, at: int) -> tuple[str, str]:
    """Return `query` on one harmless line of at most 72 cells, and a line with a caret under index `at`.

    Cells, not characters, are counted: wide characters take two, combining marks and joiners none.
    Control characters are pictures, bidi and other invisible characters are left out.
    """
    shown = [_harmless(c) for c in query]
    cells = [_cells(c) for c in shown]
    at = max(0, min(at, len(query)))
    while at and at < len(query) and shown[at] and not cells[at]:
        at -= 1  # a mark stands in the cell of its letter
    start, end = _window(cells, at)
    left, right = _CUT * (start > 0), _CUT * (end < len(query))
    caret = " " * (len(left) + sum(cells[start:at])) + "^"
    return left + "".join(shown[start:end]) + right, caret


def quoted(text: str) -> str:
    """Return `text` as a message names it: in quotes, short, isolated where it runs right to left."""
    text = "".join(map(_harmless, text))
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + _CUT
    if any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text):
        text = f"{_ISOLATE}{text}{_POP}"
    return f"'{text}'"


def _window(cells: list[int], at: int) -> tuple[int, int]:
    """Return the slice of the query that is shown: all, or what fits around `at`."""
    if sum(cells) <= CELLS:
        return 0, len(cells)
    start, taken = at, 0
    while start and taken + cells[start - 1] <= _BEFORE:
        start -= 1
        taken += cells[start]
    while start < at and not cells[start]:
        start += 1  # a mark whose letter was cut off
    end, room = start, CELLS - 2 * len(_CUT)
    while end < len(cells) and cells[end] <= room:
        room -= cells[end]
        end += 1
    return start, end


def _harmless(character: str) -> str:
    if character.isspace():
        return " "
    match unicodedata.category(character):
        case "Cc":
            return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\ufffd"
        case "Cs":
            return "\ufffd"
        case "Cf" if character not in _JOINERS:
            return ""
    return character


def _cells(character: str) -> int:
    if not character or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if "\u1160" <= character <= "\u11ff":  # Hangul vowels and finals join the letter before
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
