from __future__ import annotations

import pytest
from lxml import html

from archiver.extract import boilerplate
from tests.extract.pages import PARAGRAPHS

TEASERS = "".join(
    f'<li><a href="/{n}">Another story of the day, number {n}</a></li>' for n in range(4)
)
ARTICLE = "\n".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def pruned(body: str) -> str:
    tree = html.document_fromstring(f"<html><body>{body}</body></html>")
    boilerplate.prune(tree)
    return " ".join(" ".join(tree.itertext()).split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Read  More:", "read more"),
        ("إقرأ أيضاً", "اقرا ايضا"),
        ("المـــزيد..", "المزيد"),
        ("نص ٤", "نص"),
        ("بیشتر بخوانید", "بيشتر بخوانيد"),
        ("مكتبة", "مكتبه"),
    ],
)
def test_spellings_of_one_line_fold_together(one: str, other: str) -> None:
    assert boilerplate.fold(one) == boilerplate.fold(other)


@pytest.mark.parametrize(
    "line",
    ["Share", "SHARE:", "اقرأ أيضاً", "إضافة تعقيب", "المزيد..", "همچنین بخوانید", "***", "12", "",
     "Read also: the other story of today", "تصوير: سليم الحاج", "Photo: A. Lee"],
)  # fmt: skip
def test_furniture_is_known(line: str) -> None:
    assert boilerplate.is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["Share of the market rose.", "شارك في السباق عشرون عداء", "The source: a spring in the hills",
     "Source: " + "a long paragraph that only begins so " * 10, "More and more boats come in",
     "مشاركة المدينة في الاحتفال"],
)  # fmt: skip
def test_no_word_inside_a_sentence_is_furniture(line: str) -> None:
    assert not boilerplate.is_furniture(line)


@pytest.mark.parametrize("heading", ["Related news", "أخبار ذات صلة", "مطالب مرتبط"])
@pytest.mark.parametrize("tag", ["h2", "div", "strong"])
def test_a_list_under_its_heading_is_cut(heading: str, tag: str) -> None:
    block = f"<div><{tag}>{heading}</{tag}><ul>{TEASERS}</ul></div>"
    assert pruned(ARTICLE + block) == " ".join(PARAGRAPHS)


def test_a_heading_beside_its_list_takes_the_list_along() -> None:
    assert pruned(f"<div>{ARTICLE}<h3>Related</h3><ul>{TEASERS}</ul></div>") == " ".join(PARAGRAPHS)


def test_a_heading_over_prose_takes_no_prose() -> None:
    prose = " ".join(PARAGRAPHS)
    assert pruned(f"<div><h2>Comments</h2><p>{prose}</p></div>") == prose


def test_readers_comments_and_the_foot_below_them_are_cut() -> None:
    thread = "<div><h2>Comments</h2><div><b>Ann</b><p>I saw it too.</p></div></div>"
    foot = '<p>All rights reserved <a href="/a">Write to us</a> <a href="/b">Follow us</a></p>'
    assert pruned(ARTICLE + thread + foot) == " ".join(PARAGRAPHS)


def test_prose_below_the_comments_stays() -> None:
    thread = "<div><h2>Comments</h2><p>I saw it too.</p></div>"
    assert PARAGRAPHS[0] in pruned(thread + ARTICLE)


def test_a_comment_form_is_cut() -> None:
    form = "<form><label>Who are you?</label><textarea>Say it</textarea></form>"
    assert pruned(ARTICLE + form) == " ".join(PARAGRAPHS)


def test_one_form_around_the_whole_page_stays() -> None:
    page = f"<form>{ARTICLE}<textarea></textarea></form>"
    assert pruned(page) == " ".join(PARAGRAPHS)


def test_blocks_of_nothing_but_links_are_known_by_their_lines() -> None:
    tree = html.document_fromstring(
        '<p><a href="/1">Another story</a></p><p>See <a href="/2">the map</a> of it.</p>'
    )
    assert boilerplate.link_lines(tree) == {"another story"}


def test_a_comments_heading_above_a_short_article_cuts_none_of_it() -> None:
    paragraphs = "".join(
        f"<p>{'The council met on Monday and spoke of boats. ' * 4}</p>" for _ in range(2)
    )
    tree = html.document_fromstring(f"<div><h2>Comments</h2>{paragraphs}</div>")
    boilerplate.prune(tree)
    assert len(tree.findall(".//p")) == 2
