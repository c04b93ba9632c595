"""Copies: which articles are one text, in other outlets and spellings, cut or dressed. See docs/copies.md."""

from archiver.copies.likeness import alike
from archiver.copies.reading import SHORT, Text, read
from archiver.copies.signature import KEYS, LEAST, METHOD, signature

__all__ = [
    "KEYS", "LEAST", "METHOD", "SHORT", "Text", "alike", "read", "signature",
]  # fmt: skip
