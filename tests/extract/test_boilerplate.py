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


@pytest.mark.parametrize(
    "line",
    [
        "Please read the comment guidelines of The Harbour Post before you write to us.",
        "Subscribe to our newsletter and read us with your breakfast.",
        "تطبق جريدة المرفأ سياسة التعليقات المعروفة.",
        "Síguenos en todas partes.",
        "Les commentaires sont modérés par la rédaction.",
        "Все комментарии проходят модерацию у редакторов.",
    ],
)
def test_a_notice_to_readers_is_known(line: str) -> None:
    assert boilerplate.is_notice(line)
    assert not boilerplate.is_notice(line + " ." * boilerplate.MAX_NOTICE)


@pytest.mark.parametrize(
    "line",
    [
        "The comments of the mayor came after the vote.",
        "The newsletter of the port was first printed in 1911.",
        "لم تصدر عن الوزارة تعليقات على الخبر.",
    ],
)
def test_news_of_comments_and_newsletters_is_no_notice(line: str) -> None:
    assert not boilerplate.is_notice(line)
