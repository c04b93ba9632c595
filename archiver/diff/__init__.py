"""What changed between two versions of an article: word by word, and whether a reader would call it a change.

    cutting (words, signs, gaps) > alignment (what stands in both) > comparison (paragraphs, then words in them)
    essence, ticking > verdict (headline, text, or nothing but trifles)

Pure: texts in, pieces out. A version is a title and a text, whose paragraphs are parted by empty lines.
"""

from archiver.diff.comparison import compare
from archiver.diff.pieces import Diff, Paragraph, Piece
from archiver.diff.verdict import HEADLINE, TEXT, kind

__all__ = ["HEADLINE", "TEXT", "Diff", "Paragraph", "Piece", "compare", "kind"]
