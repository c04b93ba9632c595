"""Which letters are one letter, which are left out, and which are words by themselves."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category


def _span(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


def _each(letters: str, becomes: str) -> dict[str, str]:
    return dict.fromkeys(letters, becomes)


# Letters that keep their mark, since it makes another letter of them, with a key of its own and
# other words: Russian мой is one thing of mine, мои are many.
# Not so the dots of ё, which most Russian texts leave out.
THEMSELVES = frozenset("йїўѓќ")

_MARKS = _span(
    (0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0xFE20, 0xFE2F),  # on any letter
    (0x0483, 0x0489), (0xA66F, 0xA672), (0xA674, 0xA67D), (0xA69E, 0xA69F),  # Cyrillic
    (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5), (0x05C7, 0x05C7),  # Hebrew points
    (0xFB1E, 0xFB1E),
    (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E8),  # Arabic vowels
    (0x06EA, 0x06ED), (0x0898, 0x089F), (0x08CA, 0x08E1), (0x08E3, 0x08FF), (0x10EAB, 0x10EAC),
    (0x10EFD, 0x10EFF),
    (0x0711, 0x0711), (0x0730, 0x074A),  # Syriac vowels
)  # fmt: skip
_JOINERS = _span(
    (0x00AD, 0x00AD), (0x200C, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x206F),
    (0x061C, 0x061C), (0xFEFF, 0xFEFF), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF),
    (0xE0001, 0xE0001), (0xE0020, 0xE007F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0x115F, 0x1160), (0x3164, 0x3164), (0xFFA0, 0xFFA0), (0x17B4, 0x17B5),  # fillers of Hangul and Khmer
)  # fmt: skip
_HAMZA_AND_TATWEEL = "\u0621\u0640\u0674"
# A zero width space is not among them: it stands between words.
DROPPED = frozenset(_MARKS + _JOINERS + _HAMZA_AND_TATWEEL)

SPELLINGS = {
    # Arabic, and the letters that Persian, Urdu and Kurdish keyboards give for the same ones
    **_each("أإآٱٲٳ", "ا"), **_each("ؤ", "و"), **_each("ئىیےې", "ي"), **_each("ةہھەۃۀۂ", "ه"),
    **_each("کڪ", "ك"), **_each("ں", "ن"), **_each("ڤ", "ف"),
    "ﷲ": "الله", "ﷳ": "اكبر",
    # Latin letters whose mark is part of the sign, and ligatures
    "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ŋ": "n", "ə": "e", "ĸ": "k",
    # Signs that compatibility would glue to the word before them
    "™": " ", "℠": " ",
    # Malayalam and Bengali letters that are also written with a joiner, which is left out
    "ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൿ": "ക്", "ৎ": "ত্",
    "װ": "וו", "ױ": "וי", "ײ": "יי",
    # Apostrophes and their kind that count as letters elsewhere: l'homme is two words in each
    **_each(_span((0x02B9, 0x02DF), (0x02E5, 0x02FF)), " "),
}  # fmt: skip


# By their names in ISO 15924; of the others, and of digits, nothing is told.
_NAMED = (
    ("a", "\u024f", "latn"), ("\u0370", "\u03ff", "grek"), ("\u0400", "\u052f", "cyrl"),
    ("\u0530", "\u058f", "armn"), ("\u0590", "\u05ff", "hebr"), ("\u0600", "\u06ff", "arab"),
    ("\u0900", "\u097f", "deva"), ("\u0e00", "\u0e7f", "thai"), ("\u3040", "\u30ff", "kana"),
    ("\u3400", "\u9fff", "hani"), ("\uac00", "\ud7af", "hang"),
)  # fmt: skip


def script(term: str) -> str:
    """Return in which script a folded word begins: a name of ISO 15924 in lower case, or ""."""
    return _script(term[:1])


@lru_cache(4096)
def _script(letter: str) -> str:
    if not letter.isalpha():
        return ""
    return next((name for first, last, name in _NAMED if first <= letter <= last), "")


def _letters(first: int, last: int) -> str:
    """Return what is no mark in a block."""
    return "".join(char for char in _span((first, last)) if category(char)[0] != "M")


# Scripts without spaces between words, and Hangul, whose spaces tell too little: each letter is a
# word, with the marks on it. The inside of a character class.
SINGLE = "".join([
    _letters(0x0E00, 0x0EFF),  # Thai, Lao
    _letters(0x1000, 0x109F), _letters(0xA9E0, 0xA9FF), _letters(0xAA60, 0xAA7F),  # Myanmar
    _letters(0x1780, 0x17FF),  # Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff",  # Hangul
    "\u3041-\u3098\u309b-\u312f\u31a0-\u31ff\U0001aff0-\U0001afff\U0001b000-\U0001b16f",  # Kana, Bopomofo
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",  # Han
    "\U00020000-\U0003ffff",
])  # fmt: skip

# The letters of most texts here: fewer than 256, NUL first, and none that another could be composed with
# to a letter that is folded otherwise than both.
COMMON = "".join([
    _span((0x00, 0x00), (0x09, 0x0D), (0x20, 0x7E)),
    _span((0x0621, 0x063A), (0x0640, 0x0655), (0x0660, 0x066C), (0x0670, 0x0671), (0x06F0, 0x06F9)),
    "پچژکگیہھەےںڤ،؛؟۔«»–—‘’“”…•·°€\u00a0\u00ad\u200c\u200d\u200e\u200f\ufeff",
    "áàâäãçéèêëíîïñóôöúùûüÉÀÇ",
])  # fmt: skip
