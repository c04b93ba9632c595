"""Which words are forms of one word: stems, by the script of the word and the language of its article."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from archiver.words import arabic

# Stored with an index that keeps stems: another version asks for them to be made anew, of its words.
STEMMER = "2"

# Snowball's names. What is missing has no stemmer, or none that reads folded words.
_LATIN = {
    "ca": "catalan", "da": "danish", "de": "german", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_OTHERS = {
    "ru": "russian", "sr": "serbian", "el": "greek",
    "hy": "armenian", "hi": "hindi", "ne": "nepali", "ta": "tamil",
}  # fmt: skip
_NAMES = _LATIN | _OTHERS
# Endings that Snowball knows by their accents, which folding takes off, and what it makes of them.
_UNACCENTED = {
    "fr": (("ees", "e"), ("ee", "e")),
    "pt": (("oes", "ao"),),
}
# A script tells the language, but for those who write theirs with it too.
_SCRIPTS = (
    ("\u0600", "\u06ff", "ar", frozenset([
        "azb", "bal", "ckb", "fa", "glk", "kk", "ks", "ku", "ky", "lrc", "ms", "mzn", "pnb", "prs", "ps",
        "sd", "skr", "tt", "ug", "ur", "uz",
    ])),
    ("\u0400", "\u052f", "ru", frozenset([
        "ab", "av", "ba", "be", "bg", "bs", "ce", "cnr", "cv", "kk", "ky", "mk", "mn", "os", "rue", "tg",
        "tt", "uk", "uz",
    ])),
    ("\u0370", "\u03ff", "el", frozenset[str]()),
    ("\u0530", "\u058f", "hy", frozenset[str]()),
    ("\u0900", "\u097f", "hi", frozenset(
        ["bho", "brx", "doi", "kok", "ks", "mai", "mr", "new", "sa"]
    )),
    ("\u0b80", "\u0bff", "ta", frozenset[str]()),
)  # fmt: skip
_OWN = {("sr", "ru"), ("ne", "hi")}  # have a stemmer of their own, where the script's is another's


def stem(term: str, language: str) -> str:
    """Return the stem of a folded term in an article of a language ("" or a code such as "pt-br")."""
    found = stem_language(term, language)
    if found == "ar":
        return arabic.stem(term)
    for ending, instead in _UNACCENTED.get(found, ()):
        if term.endswith(ending) and len(term) > len(ending) + 2:
            term = term.removesuffix(ending) + instead
            break
    return _snowball(_NAMES[found])(term) if found else term


def stem_language(term: str, language: str) -> str:
    """Return whose stemmer reads a folded term in an article of a language; "" where there is none.

    The script decides first, so an Arabic name in an English article has its Arabic stem.
    """
    return _read_by(term[:1], language)


@lru_cache(4096)
def _read_by(letter: str, language: str) -> str:
    spoken = language.replace("_", "-").partition("-")[0].lower()
    if letter <= "\u024f":
        return spoken if spoken in _LATIN and letter.isalpha() else ""
    for first, last, found, sharing in _SCRIPTS:
        if first <= letter <= last:
            return _of_script(found, sharing, spoken)
    return ""


def _of_script(found: str, sharing: frozenset[str], spoken: str) -> str:
    if spoken in sharing:
        return ""
    return spoken if (spoken, found) in _OWN else found


@cache
def _snowball(name: str) -> Callable[[str], str]:
    """Load a stemmer when the first word asks for it."""
    from Stemmer import Stemmer

    stemmer: Callable[[str], str] = Stemmer(name).stemWord
    return stemmer
