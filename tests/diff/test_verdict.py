"""What readers take for a change, and what they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.diff import kind
from archiver.diff.essence import essence
from archiver.diff.ticking import ticks

TRIFLES = [
    ("قال الوزير", "قال  الوزير\u00a0"),
    ("قال الوزير: لا", "قال الوزير، لا."),
    ("الخَبَرُ", "الخبر"),
    ("الخبـــر", "الخبر"),
    ("الخبر", "\u200fالخبر\u200e\u2067\u2069\ufeff"),
    ("ﺍﻟﺨﺒﺮ ﻻ", "الخبر لا"),
    ("المدينه", "المدينة"),
    ("احمد الى الأمم", "أحمد إلى الامم"),
    ("مستشفي", "مستشفى"),
    ("مسئول", "مسؤول"),
    ("عبدالله", "عبد الله"),
    ("می شود", "می‌شود"),
    ("کیلو", "كيلو"),
    ("بلغ ١٢٫٥", "بلغ 12.5"),
    ('"Storm" hits', "«Storm» hits"),
    ("Storm hits Town", "Storm Hits town"),
    ("don't", "don’t"),
    ("café", "cafe\u0301"),
    ("A - B", "A – B"),
    ("Wait | see", "Wait see"),
]
CHANGES = [
    ("مقتل 12", "مقتل 15"),
    ("مقتل ١٢", "مقتل ١٣"),
    ("يوافق", "لا يوافق"),
    ("ما قال", "ماء قال"),
    ("طلب ألا يسافر", "طلب إلا يسافر"),
    ("It is true", "It is not true"),
    ("not able", "notable"),
    ("5 dollars", "50 dollars"),
    ("$5", "€5"),
    ("5", "5%"),
    ("it was 5", "it was -5"),
    ("1.5", "15"),
    ("12 3", "1 23"),
    ("in 14 March", "in 15 March"),
    ("He left", "He left?"),
    ("بيت", "بنت"),
    ("año", "ano"),
    ("قرأ الكتاب", "قرأ كتابا"),
    ("", "x"),
]


@pytest.mark.parametrize(("old", "new"), TRIFLES)
def test_trifles_are_no_change(old: str, new: str) -> None:
    assert kind((old, f"{old} x"), (new, f"{new} x")) == ()


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_changes_are_told(old: str, new: str) -> None:
    assert kind((old, "x"), (new, "x")) == ("headline",)
    assert kind(("x", f"y\n\n{old}"), ("x", f"y\n\n{new}")) == ("text",)
    assert kind((old, old), (new, new)) == ("headline", "text")


def test_paragraphs_that_are_parted_otherwise_are_no_change_but_moved_ones_are() -> None:
    assert kind(("", "a b\n\nc d"), ("", "a b c d")) == ()
    assert kind(("", "a b\n\nc d"), ("", "c d\n\na b")) == ("text",)


TICKING = [
    "updated 3 minutes ago",
    "Last updated: 3 hours ago",
    "3 days ago",
    "about 2 hours ago",
    "just now",
    "Updated: 14 March 2026, 10:30 GMT",
    "آخر تحديث: قبل 5 دقائق",
    "منذ ساعتين",
    "قبل ٣ ساعات",
    "منذ دقائق",
    "آخر تحديث 14:30",
    "تم التحديث: الأحد 14 مارس 2026 10:30 ص",
    "منذ 3 ساعات و5 دقائق",
    "1,234 views",
    "1.2K views",
    "12 comments",
    "Comments (5)",
    "5 min read",
    "مدة القراءة: 3 دقائق",
    "المشاهدات: ١٢٣٤",
    "12 تعليقا",
    "۳ ساعت پیش",
    "5 منٹ قبل",
    "לפני 5 דקות",
    "4 dakika önce",
    "il y a 3 heures",
    "vor 5 Minuten",
    "hace 5 minutos",
    "há 2 horas",
    "2 часа назад",
    "πριν 5 λεπτά",
    "5 मिनट पहले",
    "1234次浏览",
    "2時間前",
    "3시간 전",
]
STANDING = [
    "12 dead",
    "مقتل 12",
    "14 March 2026",
    "Published 14 March 2026",
    "It happened 3 hours ago near the port",
    "1,234 votes",
    "لا",
    "not",
    "3",
    "10:30",
    "1-2",
    "خمسة منذ ساعتين",
    "12, 2 hours ago",
    "born 3 days ago",
    "ساعتين",
    "5 days",
    "2 killed 3 hours ago",
    "Update",
    "قتل 5 منذ ساعتين",
    "",
    " ",
]


@pytest.mark.parametrize("line", TICKING)
def test_lines_that_tick(line: str) -> None:
    assert ticks(line)
    story = "قال الوزير إن الميناء أغلق."
    for other in ("", "\n\nBy A. Lee", f"\n\nBy A. Lee | {line}"):
        assert (
            kind(("t", f"{story}\n\n{line}{other}"), ("t", story + other.partition(" |")[0])) == ()
        )
    assert kind(("t", f"{line} and a fire"), ("t", "and a fire")) == ("text",)


@pytest.mark.parametrize("line", STANDING)
def test_lines_that_do_not_tick(line: str) -> None:
    assert not ticks(line)


def test_beside_a_line_that_ticks_a_change_is_a_change() -> None:
    old, new = "منذ ساعتين\n\nمقتل 12", "منذ 3 ساعات\n\nمقتل 15"
    assert kind(("", old), ("", new)) == ("text",)
    assert kind(("", old), ("", new.replace("15", "12"))) == ()


@given(st.text(), st.text())
def test_any_text_has_an_essence(one: str, other: str) -> None:
    assert essence(one) == essence(f"  {one}\u200b ")
    assert kind((one, other), (one, other)) == ()
    assert kind((one, ""), (other, "")) == kind((other, ""), (one, ""))


@given(st.text("لاماءنأإةه 12-.،\u064b", max_size=8))
def test_a_no_is_never_a_trifle(text: str) -> None:
    assert kind(("", f"{text} لا {text}"), ("", f"{text} {text}")) == ("text",)
