from __future__ import annotations

import subprocess
import sys

import pytest

from archiver import words


@pytest.mark.parametrize(
    ("term", "language", "expected"),
    [
        ("حكومه", "ar", "ar"), ("حكومه", "en", "ar"), ("حكومه", "", "ar"), ("دولت", "fa", ""), ("دولت", "ur-PK", ""),
        ("houses", "en", "en"), ("houses", "en_GB", "en"), ("casas", "pt-br", "pt"), ("houses", "ar", ""),
        ("houses", "", ""), ("2014", "en", ""), ("школа", "ru", "ru"), ("школа", "sr", "sr"), ("школа", "uk", ""),
        ("skola", "sr", ""), ("πολη", "en", "el"), ("किताब", "ne", "ne"), ("किताब", "mr", ""), ("शाला", "hi", "hi"),
        ("東", "zh", ""), ("", "en", ""), ("ܐܒܓ", "ar", ""),
    ],
)  # fmt: skip
def test_the_script_decides_then_the_language(term: str, language: str, expected: str) -> None:
    assert words.stem_language(term, language) == expected
    assert words.stem(term, language) or not term
    if not expected:
        assert words.stem(term, language) == term


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("fr", "mangé mangée mangées mangés manger"), ("fr", "économique économiques"), ("es", "canción canciones"),
        ("de", "Häuser Haus"), ("pt", "eleição eleições"), ("ru", "решение решения"), ("el", "πόλη πόλης"),
        ("tr", "şehir şehirler"), ("en", "minister ministers"),
    ],
)  # fmt: skip
def test_folded_forms_have_one_stem(language: str, forms: str) -> None:
    assert len({words.stem(form, language) for form in words.tokens(forms)}) == 1


def test_every_stemmer_that_is_named_is_there() -> None:
    from archiver.words.stems import _NAMES

    for language in _NAMES:
        assert words.stem("abc", language)


def test_the_stemmer_is_loaded_when_a_stem_is_asked_for() -> None:
    code = """
import sys
import archiver.words as words
words.fold("ab")
words.stem("حكومه", "ar")
assert "Stemmer" not in sys.modules
words.stem("ab", "en")
assert "Stemmer" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
