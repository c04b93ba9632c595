from __future__ import annotations

import re
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import words
from archiver.demo.stories import load_stories
from archiver.words import arabic

VOCABULARY = sorted(
    {
        token.term: story.text[token.start : token.end]
        for story in load_stories()
        if story.language == "ar"
        for token in words.spans(story.text)
        if re.match("[\u0600-\u06ff]", token.term)
    }.values()
)
# How the same letter comes from other keyboards, from old encodings, and from habit.
OTHERWISE = {
    "ا": "أإآٱ\ufe8e\ufe8d", "و": "ؤ\ufeed", "ي": "ىئیے\ufef2\ufef3", "ه": "ةہھەۃۀ\ufeea",
    "ك": "کڪ\ufedb", "ن": "ں\ufee7",
    "ف": "ڤ\ufed3", "ل": "\ufedf", "م": "\ufee3", "ب": "\ufe91",
}  # fmt: skip
BETWEEN = "\u0640\u064b\u064e\u0650\u0651\u0652\u0670\u0653\u200c\u200d\u200f\u202b\u2067\u00ad\ufeff\u0610\u06d6"


@given(st.data())
def test_every_spelling_of_a_word_is_one_word(data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(VOCABULARY))
    folded = words.fold(original)
    written = "".join(
        data.draw(st.sampled_from(letter + OTHERWISE.get(letter, "")))
        + data.draw(st.text(BETWEEN, max_size=2))
        for letter in folded
    )
    assert words.fold(written) == folded
    assert words.fold(unicodedata.normalize("NFD", original)) == folded
    assert words.fold(original.replace("ء", "")) == folded
    assert [token.term for token in words.spans(f"«{written}»،")] == folded.split()


@pytest.mark.parametrize(
    "forms",
    [
        "حكومة الحكومة والحكومة للحكومة حكومات حكومته بالحكومات حكومتها كالحكومة فالحكومة",
        "مسؤول المسؤولين مسؤولون والمسؤولون للمسؤولين مسؤولا مسؤولة",
        "لغة لغات اللغة لغته لغتها لغتين باللغة",
        "بيت البيت بيته بيتها بيتا بيوت البيوت بيوتهم",
        "قانون القانون قانونا قوانين بالقوانين قوانينها",
        "التزام الالتزام بالالتزام التزامات التزاما",
        "وزير الوزير وزراء الوزراء وزراؤه وزرائها",
        "أعلن أعلنت أعلنوا",
        "كويتي الكويتية كويتيين الكويتيون كويتيا",
        "ألف آلاف الآلاف ألفا ألفين",
    ],
)  # fmt: skip
def test_forms_of_one_word_have_one_stem(forms: str) -> None:
    assert len({words.stem(form, "ar") for form in words.tokens(forms)}) == 1


@pytest.mark.parametrize(
    "apart",
    [
        "كويت كويتي", "لبنان لبن", "سوريا سوري", "بنك نك", "خطة خط", "إلى إلي ال", "بداية بدأ", "عمل عملية",
        "والد دين", "درهم در",
    ],
)  # fmt: skip
def test_other_words_have_other_stems(apart: str) -> None:
    stems = {words.stem(word, "ar") for word in words.tokens(apart)}
    assert len(stems) == len(set(words.tokens(apart)))


@given(st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=1))
def test_a_stem_is_never_empty(word: str) -> None:
    assert arabic.stem(word)


def test_each_listed_word_tells_something() -> None:
    """The list is for what the endings do not tell."""
    text = (files("archiver.words") / "irregular.txt").read_text("utf-8")
    lines = [line.partition(":") for line in text.splitlines() if not line.startswith("#")]
    assert len({word for word, _, _ in lines}) == len(lines) > 600
    for word, _, others in lines:
        stem = arabic.stem(words.fold(word))
        for form in words.tokens(others):
            assert form.startswith("ال") or form == stem or arabic.regular_stem(form) != stem, form


@pytest.mark.parametrize(
    ("word", "other"), [("الله", "له"), ("الله", "لهم"), ("الرياض", "رياضة"), ("الرياض", "الرياضة")]
)
def test_what_only_looks_like_an_article_stays(word: str, other: str) -> None:
    assert arabic.stem(words.fold(word)) != arabic.stem(words.fold(other))


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("الله", "لله"),
        ("مسؤول", "مسئول"),
        ("المسؤولين", "المسئولين"),
        ("شؤون", "شئون"),
        ("الشؤون", "الشئون"),
    ],
)
def test_one_word_in_two_spellings(word: str, other: str) -> None:
    assert arabic.stem(words.fold(word)) == arabic.stem(words.fold(other))
