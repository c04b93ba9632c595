from __future__ import annotations

import pytest

from archiver import dates
from archiver.extract import metadata
from tests.extract.pages import link, linked_data, parse


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


SITE = meta("og:site_name", "The Post")


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>Storm over the bay | The Post</title><h1> Storm over\n the bay </h1>", "Storm over the bay"),
        (meta("og:title", "Storm over the bay | Post") + "<h1>X</h1><h2>Storm over the bay</h2>", "Storm over the bay"),
        (SITE + "<title>The Post - Storm over the bay</title><h1>The Post</h1>", "Storm over the bay"),
        (SITE + "<title>Storm - The Post</title>", "Storm"),
        ("<title>news-details</title><h1>news-details</h1><h2>Storm over the bay</h2>", "Storm over the bay"),
        (linked_data('{"@type": "NewsArticle", "headline": "Storm: two"}') + "<title>Post</title>", "Storm: two"),
        ("<title>A-Z of the bay</title>", "A-Z of the bay"),
        ("<h1>Storm</h1>", "Storm"),
        ("<p>no title</p>", ""),
    ],
)  # fmt: skip
def test_the_title_is_the_headline(markup: str, title: str) -> None:
    assert metadata.title(parse(markup)) == title


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        (meta("author", "By Ann Lee"), ("Ann Lee",)),
        ("<p class='byline'>Written by: Ann Lee</p>", ("Ann Lee",)),
        ("<body><p>بقلم: سليم الحاج</p>", ("سليم الحاج",)),
        ("<body><p>5 May 2026 - By Ann Lee</p>", ("Ann Lee",)),
        (linked_data('{"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Ann Lee"},'
                     ' {"@type": "Organization", "name": "Agency"}, "ann lee", "Bo Ek"]}'), ("Ann Lee", "Bo Ek")),
        (SITE + meta("author", "The Post"), ()),
        (meta("author", "https://post.com/ann"), ()),
        (meta("author", "ann@post.com"), ()),
        (meta("author", "page.aspx"), ()),
        ("<p>Stand by me</p>", ()),
    ],
)  # fmt: skip
def test_authors_are_names_of_people(markup: str, authors: tuple[str, ...]) -> None:
    assert metadata.authors(parse(markup)) == authors


JSON_LD = linked_data(
    '{"@type": "NewsArticle", "datePublished": "2026-03-01", "dateModified": "2026-03-11"}'
)
META = meta("article:published_time", "2026-03-02") + meta("article:modified_time", "2026-03-12")
TIME = '<time datetime="2026-03-03">today</time>'
LINE = '<div class="date">5 مارس 2026</div>'
FEED = {
    "published": dates.parse("2026-03-04", "feed"),
    "modified": dates.parse("2026-03-14", "feed"),
}


@pytest.mark.parametrize(
    ("markup", "known", "day", "origin"),
    [
        (JSON_LD + META + TIME + LINE, FEED, 1, "json-ld"),
        (META + TIME + LINE, FEED, 2, "meta"),
        (TIME + LINE, FEED, 3, "time"),
        (LINE, FEED, 4, "feed"),
        (LINE, {}, 5, "text"),
        ("<p>نشر في: 6 مارس 2026</p>", {}, 6, "text"),
        (meta("date", "03/04/2026") + TIME, {}, 3, "time"),
        ("<time>a while ago</time><time>7 March 2026</time>", {}, 7, "time"),
    ],
)
def test_the_best_told_date_wins(
    markup: str, known: dict[str, object], day: int, origin: str
) -> None:
    moment = metadata.published(parse(markup), link(**known))
    assert moment is not None
    assert (moment.at.day, moment.origin) == (day, origin)


@pytest.mark.parametrize(
    "markup",
    ["<p>x</p>", "<p>افتتح المتحف في 5 مايو 1948.</p>", "<p>It opened on 5 May 1948!</p>",
     meta("date", "2026-02-30"), "<p>© 2026</p>"],
)  # fmt: skip
def test_no_date_is_made_up(markup: str) -> None:
    assert metadata.published(parse(markup), link()) is None


@pytest.mark.parametrize(
    ("markup", "known", "day"), [(JSON_LD + META, FEED, 11), (META, FEED, 12), ("<p>", FEED, 14)]
)
def test_the_change_date_is_told_too(markup: str, known: dict[str, object], day: int) -> None:
    moment = metadata.modified(parse(markup), link(**known))
    assert moment is not None
    assert moment.at.day == day


@pytest.mark.parametrize(
    ("markup", "section", "tags"),
    [
        (
            linked_data('{"@type": "Report", "articleSection": ["Sport"], "keywords": "bay، storm, bay"}'),
            "Sport",
            ("bay", "storm"),
        ),
        (
            linked_data('{"@graph": [{"@type": "http://schema.org/NewsArticle", "keywords": ["bay", 5]}]}'),
            "",
            ("bay",),
        ),
        (
            meta("article:section", "Sport") + meta("keywords", "bay; storm") + meta("article:tag", "sea"),
            "Sport",
            ("bay", "storm", "sea"),
        ),
        (meta("news_keywords", "bay") + meta("keywords", "other"), "", ("bay",)),
        (meta("keywords", "x" * 61 + ",a"), "", ()),
    ],
)  # fmt: skip
def test_section_and_tags(markup: str, section: str, tags: tuple[str, ...]) -> None:
    page = parse(markup)
    assert (metadata.section(page), metadata.tags(page)) == (section, tags)


@pytest.mark.parametrize(
    ("markup", "headers", "rights"),
    [
        ("<p>", "", ()),
        (meta("robots", "index, NOARCHIVE") + meta("googlebot", "nosnippet"), "", ("noarchive", "nosnippet")),
        ("<p>", "X-Robots-Tag: noai\r\nX-Robots-Tag: bot: noindex\r\n", ("noai", "noindex")),
        (meta("tdm-reservation", "1"), "", ("tdm-reserved",)),
        ("<p>", "TDM-Reservation: 1\r\n", ("tdm-reserved",)),
        (meta("tdm-reservation", "0"), "", ()),
    ],
)  # fmt: skip
def test_reservations_are_read(markup: str, headers: str, rights: tuple[str, ...]) -> None:
    assert metadata.rights(parse(markup, headers)) == rights


@pytest.mark.parametrize(
    ("markup", "headers", "language"),
    [
        ("<html lang='ar-PS'><body>", "Content-Language: en\r\n", "ar-PS"),
        (meta("og:locale", "fa_IR"), "Content-Language: en\r\n", "fa_IR"),
        ("<p>", "Content-Language: en\r\n", "en"),
        ("<p>", "", ""),
    ],
)
def test_the_declared_language(markup: str, headers: str, language: str) -> None:
    assert metadata.language(parse(markup, headers)) == language
