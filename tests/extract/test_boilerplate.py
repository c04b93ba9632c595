from __future__ import annotations

import pytest

from archiver.extract import boilerplate


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Share", "lines"),
        ("SHARE:", "lines"),
        ("إضافة تعقيب", "comments"),
        ("المزيد..", "lines"),
        ("أخبار ذات صلة", "related"),
        ("Read also: the other story of today", "openings"),
        ("تصوير: سليم الحاج", "openings"),
        ("المرفأ صباح اليوم - عدسة: سليم الحاج", "credits"),
        ("The harbour this morning (Photo: A. Lee)", "credits"),
        ("Published: 5 May 2026", "openings"),
    ],
)
def test_furniture_is_known(line: str, kind: str) -> None:
    assert boilerplate.furniture(line) == kind


@pytest.mark.parametrize(
    "line",
    [
        "Share of the market rose.",
        "شارك في السباق عشرون عداء",
        "The source: a spring in the hills",
        "He had one wish - that it would rain: soon, and for long.",
        "More and more boats come in",
        "مشاركة المدينة في الاحتفال",
        f"Read more: {'a long paragraph that goes on and on about the harbour ' * 7}",
        "***",
        "",
    ],
)
def test_no_word_inside_a_sentence_is_furniture(line: str) -> None:
    assert boilerplate.furniture(line) == ""
