"""What a comparison gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archiver.diff.cutting import count

Kind = Literal["same", "gone", "new"]
PARTING = "\n\n"  # between the paragraphs of a text


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stands in both versions, only in the old one, or only in the new one."""

    kind: Kind
    text: str


def side(pieces: tuple[Piece, ...], left_out: Kind) -> str:
    """Return the text of one version: all pieces but those of the other one."""
    return "".join(piece.text for piece in pieces if piece.kind != left_out)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that is the same in both versions, gone, new, or in both and changed.

    `moved` says of one that is gone here that it is new elsewhere, letter by letter, and the other way round.
    """

    kind: Literal["same", "gone", "new", "changed"]
    pieces: tuple[Piece, ...]
    moved: bool = False

    @property
    def old(self) -> str:
        """The paragraph as the old version has it."""
        return side(self.pieces, "new")

    @property
    def new(self) -> str:
        """The paragraph as the new version has it."""
        return side(self.pieces, "gone")


@dataclass(frozen=True, slots=True)
class Diff:
    """Title and text of two versions as pieces, which join again to exactly what was compared."""

    title: tuple[Piece, ...]
    paragraphs: tuple[Paragraph, ...]

    @property
    def old(self) -> tuple[str, str]:
        """Title and text of the old version."""
        kept = (paragraph.old for paragraph in self.paragraphs if paragraph.kind != "new")
        return side(self.title, "new"), PARTING.join(kept)

    @property
    def new(self) -> tuple[str, str]:
        """Title and text of the new version."""
        kept = (paragraph.new for paragraph in self.paragraphs if paragraph.kind != "gone")
        return side(self.title, "gone"), PARTING.join(kept)

    def words(self, kind: Kind) -> int:
        """Return how many words of the text are of a kind; those of moved paragraphs count as the same."""
        return sum(
            count(piece.text)
            for paragraph in self.paragraphs
            for piece in paragraph.pieces
            if piece.kind == kind and not paragraph.moved
        )
