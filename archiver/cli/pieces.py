"""How changed words are shown in a line: in colour, or as wdiff writes them, ``[-gone-] {+new+}``.

Arabic needs care. Marks and colours stand between words only, never in one; between a word that went and one that
came stands a space, or their letters would join. A paragraph is one isolate with the direction of its own words.
Without colour each mark has an isolate inside, so all of ``[-`` to ``+}`` has one direction, whatever letters and
numbers are in it, and no bracket is turned away from its word (UAX 9, N0 to N2, and what knows them not).
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.cli import terminal
from archiver.cli.terminal import POP, harmless
from archiver.cli.wrapping import RIGHT, direction
from archiver.diff import Piece

_RLI, _LRI = "\u2067", "\u2066"
_FORMS = {"gone": ("[-", "-]"), "new": ("{+", "+}")}


def line(pieces: Sequence[Piece]) -> str:
    """Return pieces as one field, in which what went and what came stands out."""
    turn = direction(_whole(pieces))
    shown, before, space = "", "", False
    for piece in pieces:
        text = harmless(piece.text)
        core = text.strip(" ")
        if not core:  # white space went, or came: that of the new text is shown
            space = space or piece.kind != "gone"
            continue
        if shown and (space or text[0] == " " or (before == "gone" and piece.kind == "new")):
            shown += " "
        shown += _marked(core, piece.kind, turn)
        before, space = piece.kind, text[-1] == " "
    return terminal.isolated(turn + shown) if terminal.on_terminal() else shown


def _whole(pieces: Sequence[Piece]) -> str:
    """Return what tells the direction: the new text, else the old one."""
    new = "".join(piece.text for piece in pieces if piece.kind != "gone")
    return new if direction(new) else "".join(piece.text for piece in pieces)


def _marked(text: str, kind: str, turn: str) -> str:
    if kind == "same":
        return text
    if terminal.coloured():
        return terminal.gone(text) if kind == "gone" else terminal.new(text)
    if terminal.on_terminal():
        text = f"{_RLI if turn == RIGHT else _LRI}{text}{POP}"
    before, behind = _FORMS[kind]
    return f"{before}{text}{behind}"


def first(pieces: Sequence[Piece], cells: int) -> list[Piece]:
    """Return the first change among pieces with a few words around it, in about so many cells."""
    place = next((n for n, piece in enumerate(pieces) if piece.kind != "same"), None)
    if place is None:
        return []
    around = [_end(pieces[place - 1], cells // 4)] if place else []
    left = cells - sum(len(piece.text) for piece in around)
    for piece in pieces[place:]:
        # What came in the place of what went must be seen too.
        room = min(cells // 2, left) if piece.kind == "gone" else left
        shown = _start(piece, max(room, 8))
        around.append(shown)
        left -= len(shown.text)
        if left <= 8 or (shown != piece and piece.kind != "gone"):
            break
    return around


def _start(piece: Piece, cells: int) -> Piece:
    if len(piece.text) <= cells:
        return piece
    cut = piece.text[:cells]
    return Piece(piece.kind, (cut.rpartition(" ")[0].rstrip() or cut) + " …")


def _end(piece: Piece, cells: int) -> Piece:
    if len(piece.text) <= cells:
        return piece
    cut = piece.text[-cells:]
    return Piece(piece.kind, "… " + (cut.partition(" ")[2] or cut))
