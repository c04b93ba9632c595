from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest

from archiver import words
from bench import lemmas


class Archive:
    """A vocabulary in memory, which counts how often it is asked."""

    def __init__(self, documents: Mapping[str, int], *languages: str) -> None:
        self.counts = {words.fold(term): count for term, count in documents.items()}
        self.spoken = languages or ("ar", "en")
        self.asked = 0

    def languages(self) -> Sequence[str]:
        return self.spoken

    def documents(self, terms: Collection[str]) -> Mapping[str, int]:
        self.asked += 1
        return {term: self.counts[term] for term in terms if term in self.counts}

    def sharing(self, stems: Collection[tuple[str, str]]) -> Mapping[str, int]:
        self.asked += 1
        return {
            term: count
            for term, count in self.counts.items()
            if any(
                (words.stem_language(term, s), words.stem(term, s)) in stems for s in self.spoken
            )
        }


def test_the_word_comes_first_then_the_most_frequent() -> None:
    archive = Archive({"houses": 3, "housing": 9, "house": 2, "horse": 50})
    assert words.expand("house", archive) == ["house", "housing", "houses"]
    assert words.expand("house", archive, limit=2) == ["house", "housing"]
    assert words.expand("مرحبا", archive) == ["مرحبا"]
    assert words.expand("house", Archive({"houses": 3}, "ar")) == ["house"]


@pytest.mark.parametrize("asked", ["مدينة", "المدن", "بمدينة"])
def test_prepositions_are_taken_off_where_the_rest_is_common(asked: str) -> None:
    archive = Archive(
        {"مدينة": 40, "المدينة": 90, "المدن": 30, "بمدينة": 9, "ولمدينتنا": 2, "مدني": 7}
    )
    found = set(words.expand(words.fold(asked), archive))
    assert found == set(words.tokens("مدينة المدينة المدن بمدينة ولمدينتنا"))


def test_a_first_letter_stays_where_the_word_has_the_article() -> None:
    archive = Archive({"طاقة": 40, "بطاقة": 9, "البطاقة": 5, "بطاقات": 3, "لطاقة": 1})
    assert set(words.expand("طاقه", archive)) == set(words.tokens("طاقة لطاقة"))
    assert set(words.expand("بطاقه", archive)) == set(words.tokens("بطاقة البطاقة بطاقات"))


def test_a_first_letter_stays_where_the_rest_is_rare() -> None:
    archive = Archive({"كاس": 1, "لكاس": 30})
    assert words.expand("كاس", archive) == ["كاس"]
    assert words.expand("لكاس", archive) == ["لكاس"]


@pytest.mark.parametrize("asked", ["قال", "تقول", "وقالت", "سيقول"])
def test_past_and_present_of_a_verb_find_each_other(asked: str) -> None:
    archive = Archive(
        {
            "قال": 90,
            "قالت": 40,
            "وقالت": 9,
            "يقول": 30,
            "تقول": 9,
            "سيقول": 2,
            "قول": 9,
            "القول": 20,
        }
    )
    found = set(words.expand(words.fold(asked), archive))
    assert found == set(words.tokens("قال قالت وقالت يقول تقول سيقول"))


@pytest.mark.parametrize("asked", ["ارتفع", "يستطيع", "رفض", "وصلوا", "تضيف"])
def test_a_verb_is_known_by_its_shape_or_by_its_persons(asked: str) -> None:
    pairs = [
        "ارتفع ترتفع يرتفع",
        "استطاع يستطيع تستطيع",
        "رفض يرفض ترفض",
        "وصلوا يصل وصل",
        "اضاف اضافت يضيف تضيف",
    ]
    verb = next(pair.split() for pair in pairs if asked in pair.split())
    archive = Archive({"ارتفاع": 9} | {form: 3 for pair in pairs for form in pair.split()})
    assert set(words.expand(asked, archive)) == set(verb)


def test_a_noun_is_no_verb() -> None:
    archive = Archive({"عليم": 9, "تعليم": 40, "التعليم": 60, "يعلم": 9, "علم": 9})
    assert set(words.expand("تعليم", archive)) == set(words.tokens("تعليم التعليم"))


def test_my_and_the_plural_before_a_noun_are_no_adjective() -> None:
    archive = Archive({"موظفون": 9, "موظفي": 3, "وطن": 9, "وطني": 8, "الوطني": 8})
    assert set(words.expand("موظف", archive)) == set(words.tokens("موظف موظفون موظفي"))
    assert words.expand("وطن", archive) == ["وطن"]


def test_near_words_are_suggested_by_one_question() -> None:
    archive = Archive(
        {"كتاب": 9, "كتب": 30, "كاتب": 4, "كتبت": 1, "حكومة": 7, "minister": 5, "школа": 3}
    )
    assert words.nearest("كتاب", archive) == ["كتب", "كاتب"]
    assert words.nearest("حكوم", archive) == ["حكومه"]
    assert words.nearest("minsiter", archive) == ["minister"]
    assert words.nearest("шкоал", archive) == ["школа"]
    assert words.nearest("шкоал" * 20, archive) == []
    assert archive.asked == 4


def test_few_questions_are_asked_of_the_index() -> None:
    archive = Archive({"مدينة": 40, "المدينة": 90, "وبمدينة": 1})
    words.expand(words.fold("وبمدينة"), archive)
    assert archive.asked <= 8


def test_forms_of_lemmas_are_found() -> None:
    """The figures themselves are printed by `python -m bench.lemmas`."""
    forms = lemmas.lemmas()
    counts = {form: 900 // (place + 1) for name in forms for place, form in enumerate(forms[name])}
    recall, precision = lemmas.measure(forms, counts, "and guards")
    assert len(forms) > 300
    assert recall > 0.8
    assert precision > 0.75


def test_a_hamza_before_a_pronoun_is_the_one_that_ends_the_word() -> None:
    forms = (
        "ميناء الميناء ميناؤها ميناءها ميناؤه ميناؤهم مينائها مينائه وبميناء"
        " بمينائها لمينائه وبالميناء"
    )
    archive = Archive({"ميناء": 40} | dict.fromkeys(forms.split()[1:], 3))
    for asked in ("ميناء", "ميناؤها", "مينائه"):
        assert set(words.expand(words.fold(asked), archive)) == set(words.tokens(forms))


def test_a_feminine_noun_that_only_looks_like_his_stays_by_itself() -> None:
    archive = Archive({"بدا": 40, "بداية": 9, "البداية": 9, "وبداية": 3, "بداياتها": 2})
    assert words.expand("بدا", archive) == ["بدا"]
    assert "بدا" not in words.expand("بدايه", archive)
