"""The language of an article: told by its letters, its script and its words, not by the page's word.

Pages declare the language of their system as often as their own. A long text is known by its words
(resiliparse's profiles of 101 languages); what is declared decides between languages that are close,
and speaks for a text too short to tell.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from resiliparse.parse.lang import detect_fast

from archiver.extract.page import Page

SAMPLE = 4000  # characters that are looked at
LONG = 200  # letters from which on words are believed more than what is declared
CLOSE = 1.05  # of the nearest profile's distance: so close, two languages are not told apart
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(f"[{span}]+"))
    for name, span in (
        ("latin", "A-Za-zÀ-ɏḀ-ỿ"),
        ("arabic", "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\ufb50-\ufefc"),
        ("cyrillic", "Ѐ-ӿ"),
        ("hebrew", "א-ת"),
        ("greek", "Ͱ-Ͽ"),
        ("devanagari", "ऀ-ॿ"),
        ("thai", "\u0e00-\u0e7f"),
        ("kana", "\u3041-\u30ff"),
        ("hangul", "가-힣"),
        ("han", "\u4e00-\u9fff"),
        ("bengali", "\u0980-\u09ff"),
        ("tamil", "\u0b80-\u0bff"),
        ("georgian", "\u10a0-\u10ff"),
        ("armenian", "\u0530-\u058f"),
        ("ethiopic", "\u1200-\u137f"),
        ("gurmukhi", "\u0a00-\u0a7f"),
        ("gujarati", "\u0a80-\u0aff"),
        ("telugu", "\u0c00-\u0c7f"),
        ("kannada", "\u0c80-\u0cff"),
        ("malayalam", "\u0d00-\u0d7f"),
        ("sinhala", "\u0d80-\u0dff"),
        ("lao", "\u0e80-\u0eff"),
        ("burmese", "\u1000-\u109f"),
        ("khmer", "\u1780-\u17ff"),
    )
)
_LANGUAGES = {
    "arabic": ("ar", "fa", "ur", "ps", "ckb", "ug", "sd"),
    "cyrillic": (
        "ru",
        "uk",
        "bg",
        "sr",
        "mk",
        "be",
        "kk",
        "ky",
        "mn",
        "tg",
        "tt",
        "ba",
        "ce",
        "cv",
    ),
    "hebrew": ("he", "yi"),
    "greek": ("el",),
    "devanagari": ("hi", "mr", "ne", "sa"),
    "thai": ("th",),
    "kana": ("ja",),
    "hangul": ("ko",),
    "han": ("zh", "ja"),
    "bengali": ("bn", "as"),
    "tamil": ("ta",),
    "georgian": ("ka",),
    "armenian": ("hy",),
    "ethiopic": ("am", "ti"),
    "gurmukhi": ("pa",),
    "gujarati": ("gu",),
    "telugu": ("te",),
    "kannada": ("kn",),
    "malayalam": ("ml",),
    "sinhala": ("si",),
    "lao": ("lo",),
    "burmese": ("my",),
    "khmer": ("km",),
}
_SCRIPT_OF = {code: script for script, codes in _LANGUAGES.items() for code in codes}
# Letters that, of the languages written in Arabic letters, only these have.
_LETTERS = {
    code: re.compile(f"[{letters}]")
    for code, letters in (
        ("ur", "ٹڈڑںےہ"),
        ("ckb", "ڕڵێ"),
        ("ps", "ټډړږښڼۍځڅ"),
        ("ug", "ۇۈۋڭ"),
        ("sd", "ڀٺڄڃڇڌڏڊڙڦڳڻ"),
    )
}
_PERSIAN = re.compile("[پچژگکی]")
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no"}


def declared(page: Page) -> str:
    """Return the language that the page declares, as it is written there, or ""."""
    told = page.article_data.get("inLanguage")
    return (
        page.tree.get("lang", "")
        or (told if isinstance(told, str) else "")
        or page.meta.get("og:locale", "")
        or page.meta.get("content-language", "")
        or page.head.get("content-language")
    )


def detect(text: str, declared: str) -> str:
    """Return an ISO 639 code, or "" where neither the text nor `declared` tells.

    `declared` is what the page says ("en-GB", "ar_PS"); it never outdoes another script.
    """
    sample = text[:SAMPLE]
    script, letters = _script(sample)
    code = _code(declared, script, letters)
    known = _by_letters(sample, letters) if script == "arabic" else ""
    if letters < LONG and code and (code != "ar" or known == "ar"):
        return code
    return known or _by_words(sample, script, code, letters)


def _code(declared: str, script: str, letters: int) -> str:
    """Return the declared language where it is written in `script`, else ""."""
    code = re.split(r"[-_]", declared.strip().lower())[0]
    code = _OLD_CODES.get(code, code)
    if code == "ja" and script == "han":
        return code if letters < LONG else ""  # a headline may have no kana, an article has
    return code if code.isalpha() and _SCRIPT_OF.get(code, "latin") == script else ""


def _script(sample: str) -> tuple[str, int]:
    """Return the script of most letters, and how many they are; "latin" where there are none."""
    if sample.isascii():
        return "latin", sum(map(str.isalpha, sample))
    counts: Counter[str] = Counter()
    for name, runs in _SCRIPTS:
        counts[name] = sum(map(len, runs.findall(sample)))
        if counts[name] * 2 > len(sample):
            break
    if counts["kana"] * 10 > counts["han"]:
        counts["kana"] += counts.pop("han", 0)
    script, letters = max(counts.items(), key=lambda item: item[1])
    if not letters and any(map(str.isalpha, sample)):
        return "another", sum(map(str.isalpha, sample))
    return script, letters


def _by_letters(sample: str, letters: int) -> str:
    """Return the language of a text in Arabic letters that its own letters give away, or ""."""
    shares = {code: len(own.findall(sample)) for code, own in _LETTERS.items()}
    code = max(shares, key=lambda code: shares[code])
    if shares[code] * 100 > letters:
        return code
    if len(_PERSIAN.findall(sample)) * 40 > letters:
        return "fa"
    return "ar" if letters < LONG else ""  # Persian may be typed with the ya and kaf of Arabic


def _by_words(sample: str, script: str, code: str, letters: int) -> str:
    """Return the language whose profile is nearest, or `code` where that is as near."""
    languages = _LANGUAGES.get(script, ())
    if len(languages) == 1 or script == "han":
        return languages[0]
    found: Any = detect_fast(sample, n_results=5, langs=languages or None)
    near = [name for name, distance in found if distance <= found[0][1] * CLOSE]
    if code and (code in near or len(near) != 1):
        return code
    return near[0] if near and (letters >= LONG or len(near) == 1) else ""
