"""The language of an article: what the page declares where its script agrees, else the script's."""

from __future__ import annotations

import re
from collections import Counter

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(f"[{span}]"))
    for name, span in (
        ("arabic", "\u0620-\u064a\u066e-\u06d3\ufb50-\ufefc"),
        ("hebrew", "א-ת"),
        ("latin", "A-Za-zÀ-ɏ"),
        ("cyrillic", "Ѐ-ӿ"),
        ("greek", "Ͱ-Ͽ"),
        ("devanagari", "ऀ-ॿ"),
        ("thai", "\u0e00-\u0e7f"),
        ("kana", "\u3041-\u30ff"),
        ("hangul", "가-힣"),
        ("han", "\u4e00-\u9fff"),
    )
)
_LANGUAGES = {
    "arabic": ("ar", "fa", "ur", "ps", "ckb", "ug", "sd"),
    "hebrew": ("he", "yi"),
    "cyrillic": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn"),
    "greek": ("el",),
    "devanagari": ("hi", "mr", "ne"),
    "thai": ("th",),
    "kana": ("ja",),
    "hangul": ("ko",),
    "han": ("zh", "ja"),
}
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no"}


def detect(text: str, declared: str) -> str:
    """Return an ISO 639 code, or "" for a Latin text that declares nothing."""
    code = re.split(r"[-_]", declared.strip().lower())[0]
    code = _OLD_CODES.get(code, code)
    sample = text[:4000]
    counts = Counter({name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS})
    script = counts.most_common(1)[0][0] if counts.total() else "latin"
    if script == "han" and counts["kana"] * 10 > counts["han"]:
        script = "kana"
    if script == "latin":
        return code if code.isalpha() and not _script_of(code) else ""
    if code in _LANGUAGES[script]:
        return code
    return _arabic(sample) if script == "arabic" else _LANGUAGES[script][0]


def _script_of(code: str) -> str:
    return next((script for script, codes in _LANGUAGES.items() if code in codes), "")


def _arabic(sample: str) -> str:
    """Tell Arabic, Persian and Urdu apart by the letters that only some of them have."""
    if len(re.findall("[ٹڈڑںےہ]", sample)) * 100 > len(sample):
        return "ur"
    if len(re.findall("[پچژگکی]", sample)) * 50 > len(sample):
        return "fa"
    return "ar"
