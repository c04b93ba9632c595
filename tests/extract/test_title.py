from __future__ import annotations

import pytest

from archiver.content import read_head
from archiver.extract import metadata, page
from tests.extract.pages import linked_data, parse

HEAD = read_head(b"HTTP/1.1 200 OK\r\n\r\n")


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def og(title: str) -> str:
    return meta("og:title", title)


def news(headline: str) -> str:
    return linked_data(f'{{"@type": "NewsArticle", "headline": "{headline}"}}')


SITE = meta("og:site_name", "Bay Herald")
STORM = "Storm over the bay"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        (f"<title>{STORM} | Bay Herald</title><h1> Storm over\n the bay </h1>", STORM),
        (f"{og(STORM + ' | Post')}<h1>Our bay in spring</h1><h2>{STORM}</h2>", STORM),
        (f"{og(STORM)}<h1>Weather</h1><h1>{STORM}</h1><h1>Most read</h1>", STORM),
        (f"{SITE}<title>Bay Herald - {STORM}</title><h1>Bay Herald</h1>", STORM),
        (f"{SITE}<title>Bay Herald: {STORM}</title>", STORM),
        (f"{SITE}<title>{STORM} » Weather » Bay Herald</title>", STORM),
        (f"<title>{STORM} :: post.com</title>", STORM),
        (f"<title>{STORM} — Sea Now</title>", STORM),
        (f"<title>news-details</title><h1>news-details</h1><h2>{STORM}</h2>", STORM),
        (f"<title>الرئيسية</title><h1>{STORM}</h1>", STORM),
        (f"{news('Storm: two')}<title>Post</title>", "Storm: two"),
        ("<title>A-Z of the bay</title>", "A-Z of the bay"),
        ("<title>港口重新开放_财经_海湾网</title><h1>港口重新开放</h1>", "港口重新开放"),
        ("<h1>Storm</h1>", "Storm"),
        ("<p>no title</p>", ""),
        ("<title>Home</title><h1>Home</h1><h2>Home</h2>", ""),
    ],
)
def test_the_title_is_the_headline_without_the_site(markup: str, title: str) -> None:
    assert metadata.title(parse(markup)) == title


@pytest.mark.parametrize(
    ("h1", "title"),
    [
        ("Storm<br>over the bay", STORM),
        ("Storm over the b\u00ADay\u200b", STORM),
        ("Storm &amp;amp; calm", "Storm & calm"),
        ("<span>Storm</span><span>: over the bay</span>", "Storm: over the bay"),
        ("<script>var x</script>Storm over the bay", STORM),
        ("Storm over the bay | Weather", STORM),
        ("A week of storms: what the harbour says", "A week of storms: what the harbour says"),
    ],
)  # fmt: skip
def test_markup_inside_the_headline_leaves_its_words(h1: str, title: str) -> None:
    assert metadata.title(parse(f"<h1>{h1}</h1>")) == title


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        # Where only an og:title differs, its editors cut a kicker or a tail off.
        (f"{og('Harbour opens again')}{news('Bay: Harbour opens again')}<h1>Bay: Harbour opens again</h1>",
         "Harbour opens again"),
        (f"{og('A quite different story')}{news(STORM)}<title>{STORM}</title><h1>{STORM}</h1>", STORM),
        # Two of them against the h1.
        (f"{og('Ferries: ' + STORM)}{news('Ferries: ' + STORM)}<h1>{STORM}</h1>", f"Ferries: {STORM}"),
        # A title made for search engines stands in og:title and <title> alike.
        (f"{og('Best storms 2026')}<title>Best storms 2026</title><h1>The best storms of spring</h1>",
         "The best storms of spring"),
        (f"<title>{STORM}</title><h1>{STORM} <small>5 May, 08:49</small></h1>", STORM),
        (f"<title>{STORM}</title><h1>{STORM.upper()}</h1>", STORM),
        (f"{og(chr(39) + 'Storm' + chr(39))}<title>'Storm' - Sea Today</title><h1>‘Storm’</h1>", "'Storm'"),
    ],
)  # fmt: skip
def test_what_marks_agree_on_mends_the_headline(markup: str, title: str) -> None:
    assert metadata.title(parse(markup)) == title


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/2026/03/harbour-office-open-again", "Harbour office open again"),
        ("/2026/03/the-winter-is-over", "The winter is over"),
    ],
)
def test_the_address_tells_which_title_is_meant(path: str, title: str) -> None:
    markup = "<title>Harbour office open again</title><h1>The winter is over</h1>"
    found = page.parse(markup, f"http://www.post.com{path}", HEAD)
    assert found is not None
    assert metadata.title(found) == title


def test_learned_parts_are_cut_and_are_never_the_title() -> None:
    names = frozenset(["sea today", "day 7"])
    assert metadata.title(parse(f"<title>Sea Today - {STORM}</title>"), names) == STORM
    assert metadata.title(parse("<title>Sea Today</title><h1>Sea Today</h1>"), names) == ""
    assert metadata.title(parse("<h1>Day 8</h1>"), names) == "Day 8"
    told = metadata.title_parts(parse(f"<title>{STORM} | Sea Today</title>"))
    assert told == ("sea today", "storm over the bay")


@pytest.mark.parametrize(
    "markup",
    [
        "<h1>" + "<b>" * 3000 + "Storm",
        "<title>" + "Post | " * 5000 + "</title>",
        "<h1>" + "<i>x</i>" * 20000 + "</h1><title>x</title>",
        "<h1>x</h1>" * 5000,
        "<h1><title><![CDATA[</h1>",
        news("\\u0000") + og("&#0;&#x110000;"),
    ],
)
def test_no_markup_breaks_it(markup: str) -> None:
    assert isinstance(metadata.title(parse(markup)), str)


def test_a_page_whose_marks_say_nothing_tells_its_headline_by_what_it_is_called() -> None:
    links = "<h2>أخبار ذات صلة</h2><ul><li><a href='/2'>خبر آخر من أخبار المدينة</a></li></ul>"
    called = "<span class='newsTitle'>جسر المدينة القديم يفتح من جديد</span>"
    head = "<html><head><title>news-details</title></head><body>"
    assert (
        metadata.title(parse(f"{head}{links}{called}<p>نص</p>"))
        == "جسر المدينة القديم يفتح من جديد"
    )
    second = "<h2>جسر المدينة القديم يفتح من جديد</h2>"
    assert metadata.title(parse(f"{head}{second}{links}")) == "جسر المدينة القديم يفتح من جديد"


def test_a_site_named_first_is_cut_where_the_headline_stands_on_the_page() -> None:
    markup = (
        "<html><head><title>مرآة التلال | جسر المدينة القديم يفتح من جديد</title></head><body>"
        "<div id=top>مرآة التلال</div><span>جسر المدينة القديم يفتح من جديد</span><p>نص</p>"
    )
    assert metadata.title(parse(markup)) == "جسر المدينة القديم يفتح من جديد"
