"""Text as it is compared: one form for each digit, letter, dash and space that mean the same."""

from __future__ import annotations

import re
import unicodedata

# Latin, Cyrillic, Hebrew and Arabic marks above and below letters, and the nukta of Indic scripts.
# Not the vowels of Thai or Hindi: of two Thai months one such sign is the only difference.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u093c\u09bc"
    # Marks of direction and joiners.
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_LETTERS = {
    **dict.fromkeys(map(ord, "\u06cc\u0649\u06d2\u06d0\u06cd"), "\u064a"),  # forms of ya
    **dict.fromkeys(map(ord, "\u06a9\u06aa"), "\u0643"),  # of kaf
    **dict.fromkeys(map(ord, "\u0629\u06c1\u06be\u06c3\u06d5"), "\u0647"),  # of ha
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500"), "-"),
    **dict.fromkeys(map(ord, "\u060c\u3001"), ","),
    **dict.fromkeys(map(ord, '\u2018\u2019\u02bc\u2032\u05f3\u05f4\u0060\u00b4"'), "'"),
    ord("\u0131"): "i",
    ord("\u2044"): "/",
    ord("\u3002"): ".",
    ord("\u06d4"): ".",
}
# The zeros of the scripts that news is written in; what NFKD folds (full-width digits) is not here.
_ZEROS = (
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810,
)  # fmt: skip
_DIGITS = {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
_FOLDED = {**_DIGITS, **_LETTERS, **dict.fromkeys(range(0xE000, 0xF900), " ")}


def fold(text: str) -> str:
    """Return `text` in its compared form, with its capitals; white space becomes single spaces.

    Private-use characters, which mean something in what is made of this, become spaces.
    """
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", text).translate(_FOLDED)
    return " ".join(text.split())
