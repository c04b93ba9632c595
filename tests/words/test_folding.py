from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver import words
from archiver.words.folding import flat, flat_of_any
from archiver.words.scripts import COMMON

# All of Unicode, and often what is awkward: marks, joiners, halves of letters, what becomes many letters.
AWKWARD = st.sampled_from(
    "\u0301\u0345\u0308\u3099\u0e38\u0e48\u093c\u094d\u0653\u0651\u064e\u05b0\u200d\u200c\u00ad\ufeff\ufe0f"
    "\u0621\u0640\u1100\u1161\u11a8\u3131\u314f\uff76\uff9e\uff9f\ufdfa\ufdf2\u00bd\u2122\u0130\u0131\u1e9e"
    "\u309b\u00a8\u037a\u0149\ud800\udc00\ue000\0 .=<\u0338_'aZ9\u05d1\u0915\u09c7\u09be\u0f73\u0f71\u4e00\uac00"
)
TEXT = st.text(st.one_of(AWKWARD, st.characters(), st.characters(categories=["L", "M", "Cf"])))


@settings(max_examples=600)
@given(TEXT)
@example("\u200fماء\u200f، كتابٌ")
@example("か\u200d\u3099か゛")
@example("=\u0338\u093c\u0915\u093c")
@example("\uff9e" * 40 + "\u3099" * 40)
def test_places_and_words_agree_and_folding_again_changes_nothing(text: str) -> None:
    found = list(words.spans(text))
    assert [token.term for token in found] == words.tokens(text) == words.fold(text).split()
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert words.fold(words.fold(text)) == words.fold(text) == " ".join(words.tokens(text))


@settings(max_examples=300)
@given(st.text(st.sampled_from(COMMON)))
def test_the_short_way_for_common_letters_leads_to_the_same(text: str) -> None:
    assert len(COMMON) == len(set(COMMON)) < 256
    assert flat(text) == flat_of_any(text)


@settings(max_examples=300)
@given(TEXT)
def test_a_word_has_only_letters_numbers_and_marks(text: str) -> None:
    for term in words.tokens(text):
        for char in term:
            assert re.match("[a-z0-9]", char) or (
                char > "\x7f" and unicodedata.category(char)[0] in "LMN"
            )


@settings(max_examples=300)
@given(TEXT, TEXT)
def test_a_separator_keeps_texts_apart(one: str, other: str) -> None:
    assert words.tokens(f"{one}\n{other}") == words.tokens(one) + words.tokens(other)
    apart = words.spans(f"{one}\n{other}", len(one) + 1)
    assert [token.term for token in apart] == words.tokens(other)


@settings(max_examples=300)
@given(TEXT)
def test_the_form_of_a_text_makes_no_difference(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert words.fold(unicodedata.normalize(form, text)) == words.fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("l'homme l’homme lʼhomme", "l homme l homme l homme"),
        ("snake_case e-mail a.b", "snake case e mail a b"),
        ("COVID19 covid-19", "covid19 covid 19"),
        ("İstanbul ISPARTA ısparta", "istanbul isparta isparta"),
        ("Straße STRASSE Łódź Ørsted Đà Nẵng œuvre Ægir", "strasse strasse lodz orsted da nang oeuvre aegir"),
        ("ＡＢＣ１２３ ﬁnal ①", "abc123 final 1"),
        ("٢٠١٤ ۲۰۱۴ २०१४ 2014", "2014 2014 2014 2014"),
        ("5½ Apple™", "5 1 2 apple"),
        ("Ἀθῆναι ΣΟΦΌΣ σοφός", "αθηναι σοφοσ σοφοσ"),
        ("Мой мои Ёлка елка Україна", "мой мои елка елка україна"),
        ("שָׁלוֹם שלום צה״ל", "שלום שלום צה ל"),
        ("हिन्दी தமிழ் বাংলা", "हिन्दी தமிழ் বাংলা"),
        ("東京タワー ｶﾞ 々", "東 京 タ ワ ー ガ 々"),
        ("서울 \u1109\u1165\u110b\u116e\u11af", "서 울 서 울"),
        ("สวัสดี iPhone15รุ่น", "ส วั ส ดี iphone15 รุ่ น"),
        ("ﷲ ﻻ صلى ﷺ", "الله لا صلي صلي الله عليه وسلم"),
        ("go😀stop 1️⃣ 👨\u200d👩", "go stop 1"),
        ("a\ue000b\ud800c\0d", "a b c d"),
        ("\u0301a \u0651", "a"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_becomes_of(text: str, folded: str) -> None:
    assert words.fold(text) == folded


def test_places_are_those_of_the_original() -> None:
    text = "«وَقَالَ\u200f» الوزيرُ: ٥ﷲ!"
    assert [(text[t.start : t.end], t.term) for t in words.spans(text)] == [
        ("وَقَالَ\u200f", "وقال"),
        ("الوزيرُ", "الوزير"),
        ("٥ﷲ", "5الله"),
    ]


def test_heaped_marks_take_no_time() -> None:
    heap = "a" + "\u0e38\u0e48\u3099\u093c" * 100_000  # minutes, if they were sorted one by one
    assert words.fold(heap)[0] == "a"
    assert len(words.tokens("ﷺ" * 100_000)) == 4 + 99_999 * 3


def test_no_letter_that_can_be_composed_is_changed_by_folding_again() -> None:
    """Composing comes last, so what it makes must stand as it is."""
    for code in range(0x110000):
        char = chr(code)
        parts = unicodedata.normalize("NFD", char)
        if len(parts) > 1 and unicodedata.normalize("NFC", char) == char:
            folded = words.fold(parts)
            assert words.fold(folded) == folded == words.fold(char)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("市政府今天宣布一项新的教育计划。", "教育"),
        ("東京都は新しい計画を発表した", "計画"),
        ("ﾃﾚﾋﾞを見た", "テレビ"),
        ("รัฐบาลประกาศแผนการศึกษาใหม่", "การศึกษา"),
        ("सरकार ने शिक्षा के लिए योजना बनाई", "शिक्षा"),
        ("הממשלה הודיעה עַל תָּכְנִית", "תכנית"),
        ("정부는 오늘 새로운 교육계획을 발표했다", "교육"),
        ("ປະເທດລາວ", "ລາວ"),
        ("ရန်ကုန်မြို့", "ကုန်"),
        ("ភ្នំពេញ", "ពេញ"),
    ],
)
def test_a_word_is_a_phrase_of_the_text_that_holds_it(text: str, word: str) -> None:
    held, wanted = words.tokens(text), words.tokens(word)
    assert wanted
    assert wanted in [held[n : n + len(wanted)] for n in range(len(held))]


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("port", "latn"), ("ميناء", "arab"), ("порт", "cyrl"), ("λιμανι", "grek"), ("נמל", "hebr"),
        ("港", "hani"), ("항", "hang"), ("みなと", "kana"), ("ท่าเรือ", "thai"), ("बंदरगाह", "deva"), ("նավ", "armn"),
        ("2026", ""), ("٢", ""), ("", ""), ("\ue009", ""), ("ⴰ", ""),
    ],
)  # fmt: skip
def test_a_word_is_of_the_script_that_it_begins_in(term: str, name: str) -> None:
    assert words.script(term) == name
