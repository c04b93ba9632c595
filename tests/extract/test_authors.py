from __future__ import annotations

import pytest

from archiver.extract import metadata
from tests.extract.pages import linked_data, parse

SITE = '<meta property="og:site_name" content="Bay Herald">'
H1 = "<h1>Harbour office opens again</h1>"


def meta(author: str) -> str:
    return f'<meta name="author" content="{author}">'


def article(author: str, more: str = "") -> str:
    return linked_data(f'{{"@graph": [{{"@type": "NewsArticle", "author": {author}}}{more}]}}')


def person(name: str) -> str:
    return f'{{"@type": "Person", "name": "{name}"}}'


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        (article(f'[{person("Ann Lee")}, {{"@type": "Organization", "name": "Agency"}}, "ann lee", "Bo Ek"]'),
         ("Ann Lee", "Bo Ek")),
        (article('{"@id": "#ann"}', f', {{"@id": "#ann", {person("Ann Lee")[1:]}'), ("Ann Lee",)),
        (article(person("Ann Lee")) + meta("Bo Ek"), ("Ann Lee",)),
        (article(person("admin")) + meta("Bo Ek"), ("Bo Ek",)),
        (article("5") + f"{H1}<p>By Ann Lee</p>", ("Ann Lee",)),
        (meta("Bo Ek") + f"{H1}<p>By Ann Lee</p>", ("Bo Ek",)),
    ],
)  # fmt: skip
def test_who_is_asked_first(markup: str, authors: tuple[str, ...]) -> None:
    assert metadata.authors(parse(markup)) == authors


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee", ("Ann Lee",)),
        ("Written by: Ann Lee", ("Ann Lee",)),
        ("Ann Lee and Bo Ek", ("Ann Lee", "Bo Ek")),
        ("Ann Lee, Bo Ek, and Cy Dahl", ("Ann Lee", "Bo Ek", "Cy Dahl")),
        ("von Ann Lee und Bo Ek, Nairobi", ("Ann Lee", "Bo Ek")),
        ("Par Ann Lee et Bo Ek", ("Ann Lee", "Bo Ek")),
        ("بقلم: سليم الحاج و هدى ناصر", ("سليم الحاج", "هدى ناصر")),
        ("سليم الحاج، هدى ناصر", ("سليم الحاج", "هدى ناصر")),
        ("Ann Lee/Bo Ek", ("Ann Lee", "Bo Ek")),
        ("Lee, Ann", ("Ann Lee",)),
        ("Ann Lee, Staff Writer", ("Ann Lee",)),
        ("Ann Lee, MD", ("Ann Lee",)),
        ("Ann Lee | Bay Herald", ("Ann Lee",)),
        ("Ann Lee - Senior Correspondent", ("Ann Lee",)),
        ("Ann van der Lee &amp; Bo O'Ek-Dahl", ("Ann van der Lee", "Bo O'Ek-Dahl")),
        ("山田太郎、鈴木花子", ("山田太郎", "鈴木花子")),
        ("Staff", ()),
        ("Reuters", ()),
        ("Newsroom Team", ()),
        ("أسرة التحرير", ()),
        ("https://post.com/ann", ()),
        ("ann@post.com", ()),
        ("page.aspx", ()),
        ("5 May 2026", ()),
        ("The Office for Boats and Ships", ()),
        ("", ()),
    ],
)
def test_a_byline_names_people(byline: str, names: tuple[str, ...]) -> None:
    assert metadata.people(byline) == names


@pytest.mark.parametrize(
    ("printed", "authors"),
    [
        ("<p>By Ann Lee</p>", ("Ann Lee",)),
        ("<p>بقلم: سليم الحاج</p>", ("سليم الحاج",)),
        ("<div>Written by</div><div>Ann Lee</div>", ("Ann Lee",)),
        ("<p>By <a>Ann Lee</a> in <a>Sea News</a> May 5, 2026</p>", ("Ann Lee",)),
        ("<p><a rel='author'>Ann Lee</a> <a rel='author'>Bo Ek</a></p>", ("Ann Lee", "Bo Ek")),
        ("<p class='byline'><b>Ann Lee</b> <b>Bo Ek</b></p>", ("Ann Lee", "Bo Ek")),
        ("<div class='author'>Ann Lee</div><div class='author'>Bo Ek</div><p>The office</p>",
         ("Ann Lee", "Bo Ek")),
        ("<p>Written by Ann Lee <i>Edited by</i> <b>Cy Dahl</b></p>", ("Ann Lee",)),
        ("<div><span>14 March 2026</span> <span>By: Ann Lee</span> <b>Print</b></div>", ("Ann Lee",)),
        ("<div>5 مايو 2026 <b>بقلم: سليم الحاج</b></div>", ("سليم الحاج",)),
        ("<label>نص التعقيب</label>", ()),
        ("<p class='author'>About the author</p>", ()),
        ("<p class='author-links'>Share</p>", ()),
        ("<p>Text Size</p>", ()),
        ("<p>Stand by me</p>", ()),
        ("<p>كتب الوزير على صفحته</p>", ()),
        ("<p>By Bay Herald</p>", ()),
        ("<p>By the harbour, where the boats are</p>", ()),
    ],
)  # fmt: skip
def test_authors_are_read_beside_the_headline(printed: str, authors: tuple[str, ...]) -> None:
    assert metadata.authors(parse(SITE + H1 + printed)) == authors


@pytest.mark.parametrize("markup", [article("[" * 90 + "]" * 90), meta("Ann, " * 90_000)])
def test_no_markup_breaks_it(markup: str) -> None:
    assert len(metadata.authors(parse(markup))) <= 12
