"""The language of ``archiver search``: from what a user types to a tree, and nothing further.

    text > scanning (tokens) > parsing (the grammar; `days` reads its dates) > nodes (the tree)

It knows no index: what a word folds to, and whether anything of it is left, is its compiler's to say.
``docs/searching.md`` is the language as users read it.
"""

from archiver.query.nodes import (
    HAS,
    All,
    Dates,
    Either,
    Node,
    Not,
    Tag,
    Words,
    positive,
)
from archiver.query.parsing import DEPTH, TERMS, parse
from archiver.query.pointing import pointed
from archiver.query.scanning import FIELDS, LENGTH

__all__ = [
    "DEPTH", "FIELDS", "HAS", "LENGTH", "TERMS", "All", "Dates", "Either", "Node", "Not", "Tag", "Words",
    "parse", "pointed", "positive",
]  # fmt: skip
