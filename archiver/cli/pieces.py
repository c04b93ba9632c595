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
_Unit = list[Piece]
_FORMS = {"gone": ("[-", "-]"), "new": ("{+", "+}")}


def line(pieces: Sequence[Piece]) -> str:
    """Return pieces as one field, in which what went and what came stands out."""
    return _row(_units(pieces), direction(_whole(pieces)))


def lines(pieces: Sequence[Piece], cells: int) -> list[str]:
    """Return the same as lines of at most `cells` cells, parted at spaces, each a field with one direction.

    A terminal would part words, and may turn each line by itself. Some draw an isolate as a box: there is room for it.
    """
    cells -= 3
    turn, rows, used = direction(_whole(pieces)), list[list[_Unit]]([[]]), 0
    for unit in _units(pieces):
        wide = sum(map(_cells, unit))
        if rows[-1] and used + 1 + wide > cells:
            rows.append([])
        used = used + 1 + wide if rows[-1] else wide
        rows[-1].append(unit)
    return [_row(row, turn) for row in rows]


def _units(pieces: Sequence[Piece]) -> list[_Unit]:
    """Return what no space parts: words with their signs, each stretch with its kind; all of it harmless."""
    units: list[_Unit] = [[]]
    before = ""
    for piece in pieces:
        text = harmless(piece.text)
        if not text.strip(" ") and piece.kind == "gone":
            continue  # white space that went: that of the new text is shown
        if before == "gone" and piece.kind == "new":
            units.append([])
        for number, part in enumerate(text.split(" ")):
            if number:
                units.append([])
            if part:
                units[-1].append(Piece(piece.kind, part))
        before = piece.kind
    return [unit for unit in units if unit]


def _cells(piece: Piece) -> int:
    marks = (
        0 if piece.kind == "same" or terminal.coloured() else 2 + sum(map(len, _FORMS[piece.kind]))
    )
    return terminal.width(piece.text) + marks


def _row(units: Sequence[_Unit], turn: str) -> str:
    """Return units as one field; neighbours of one kind are marked as one."""
    runs: list[tuple[str, Piece]] = []  # the space before each, and it
    for unit in units:
        for number, piece in enumerate(unit):
            space = " " * (not number and bool(runs))
            if runs and runs[-1][1].kind == piece.kind:
                before, last = runs[-1]
                runs[-1] = before, Piece(piece.kind, f"{last.text}{space}{piece.text}")
            else:
                runs.append((space, piece))
    shown = "".join(space + _marked(piece.text, piece.kind, turn) for space, piece in runs)
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
