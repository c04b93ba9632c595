from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver import dates
from archiver.content import read_head
from archiver.extract import metadata, page
from archiver.types import Moment
from tests.extract.pages import AT, link, linked_data, parse

HEAD = read_head(b"HTTP/1.1 200 OK\r\n\r\n")
H1 = "<h1>Harbour office opens again</h1>"
PROSE = f"<p>{'The harbour office opened its doors again this morning. ' * 5}</p>"


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def article(kind: str = "NewsArticle", **told: str) -> str:
    fields = "".join(f', "{name}": "{value}"' for name, value in told.items())
    return linked_data(f'{{"@type": "{kind}"{fields}}}')


def published(markup: str, **known: Moment | None) -> Moment | None:
    return metadata.published(parse(markup), link(**known), AT)


def modified(markup: str, **known: Moment | None) -> Moment | None:
    return metadata.modified(parse(markup), link(**known), AT)


def day(moment: Moment | None) -> str | None:
    return moment.at.date().isoformat() if moment else None


JSON_LD = article(datePublished="2026-03-01", dateModified="2026-03-11")
META = meta("article:published_time", "2026-03-02") + meta("article:modified_time", "2026-03-12")
PAGE = article("WebPage", datePublished="2026-03-03", dateModified="2026-03-13")
NAMED = meta("w-published-date", "2026-03-04")
FEED = {
    "published": dates.parse("2026-03-05", "feed"),
    "modified": dates.parse("2026-03-15", "feed"),
}
TITLE = "<title>Harbour office opens again | The Sea | 6 March 2026</title>"
TIME = f'{H1}<p><time datetime="2026-03-07T10:00+02:00">today</time></p>'
LINE = f'{H1}<div class="date">8 مارس 2026</div>'
BELOW = f"{H1}{PROSE * 9}<p>نشر في: 9 مارس 2026</p>"


@pytest.mark.parametrize(
    ("markup", "known", "last", "origin"),
    [
        (JSON_LD + META + PAGE + TIME, FEED, 1, "json-ld"),
        (META + PAGE + NAMED + TIME, FEED, 2, "meta"),
        (PAGE + NAMED + TIME, FEED, 3, "json-ld"),
        (NAMED + TIME, FEED, 4, "meta"),
        (TITLE + TIME, FEED, 5, "feed"),
        (TITLE + TIME, {}, 6, "text"),
        (TIME, {}, 7, "time"),
        (LINE, {}, 8, "text"),
        (BELOW, {}, 9, "text"),
        (meta("date", "03/04/2026") + TIME, {}, 7, "time"),
    ],
)
def test_the_best_told_date_wins(
    markup: str, known: dict[str, Moment | None], last: int, origin: str
) -> None:
    moment = published(markup, **known)
    assert moment is not None
    assert (moment.at.day, moment.origin) == (last, origin)


@pytest.mark.parametrize(
    "printed",
    [
        "<p>5 May 2026</p>",
        "<p><span>Published</span> <span>May 5, 2026</span></p>",
        "<p>Updated May 9, 2026 | Published May 5, 2026</p>",
        "<div>Published</div><div>5 May 2026</div><div>Updated</div><div>9 May 2026</div>",
        "<p>Ann Lee, our woman in the harbour and its many offices - Published: 5 May 2026</p>",
        "<footer>By Ann Lee <b>5 May 2026</b></footer>",
        "text beside it<br>5 May 2026",
        "<figure><figcaption>The office on 1 May 2026</figcaption></figure><p>5 May 2026</p>",
        "<ul><li>5 May 2026</li></ul><p>Next: 7 May 2026</p>",
        '<time class="updated" datetime="2026-05-09">9 May</time><time datetime="2026-05-05">5 May</time>',
    ],
)
def test_the_date_by_the_headline_is_the_articles(printed: str) -> None:
    teaser = '<nav><time datetime="2026-05-20">20 May</time></nav><div>19 May 2026</div>'
    filler = "<div></div>" * 30
    markup = f"{teaser}{filler}{H1}{printed}{PROSE * 9}<p>21 May 2026</p>"
    assert day(published(markup)) == "2026-05-05"


def test_it_may_stand_in_front_of_the_headline() -> None:
    assert day(published(f"<p>1 May 2026</p><p>5 May 2026</p>{H1}{PROSE}")) == "2026-05-05"


def test_a_date_right_above_the_headline_is_nearer_than_one_far_below() -> None:
    menu = "".join(f"<div>Pier {name}</div>" for name in "ABCDEFGHIJKL")
    assert day(published(f"<p>5 May 2026</p>{H1}{menu}<p>9 May 2026</p>")) == "2026-05-05"
    assert day(published(f"<p>5 May 2026</p>{H1}<p>9 May 2026</p>{menu}")) == "2026-05-09"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<h3>Published</h3><p><time>5 May 2026</time></p>", "2026-05-05"),
        ("<div><b>Published on</b>: <i>5 May 2026</i></div>", "2026-05-05"),
        ("<h3>Published</h3><p>in the old harbour</p><p>5 May 2026</p>", None),
        ("<h3>Opened</h3><p>5 May 2026</p>", None),
    ],
)
def test_a_label_far_below_may_stand_in_an_element_of_its_own(
    markup: str, expected: str | None
) -> None:
    assert day(published(f"{H1}{PROSE * 9}{markup}")) == expected


@pytest.mark.parametrize(
    "markup",
    [
        "<p>x</p>",
        f"{H1}<p>افتتح المتحف في 5 مايو 1948.</p>",
        f"{H1}<p>It opened on 5 May 1948, and has had no rest since that day!</p>",
        "<h1>The storm of 5 May 2026</h1><p>A look back</p>",
        meta("date", "2026-02-30"),
        meta("article:expiration_time", "2026-05-01"),
        f"{H1}<p>© 2026</p>",
        f"{H1}<p>1998 - 2012</p>",
        f"{H1}<p>Updated: 5 May 2026</p>",
        f"{H1}<div>Last updated</div><div>5 May 2026</div>",
        f"{H1}{PROSE * 9}<p>Next match: 5 May 2026</p>",
        article(datePublished="2026-06-09"),
    ],
)
def test_no_date_is_made_up(markup: str) -> None:
    assert published(markup) is None


def test_a_day_ahead_of_the_capture_is_not_believed() -> None:
    ahead = dates.parse("2026-06-04", "feed")
    assert published(f"{H1}<p>5 May 2026</p>", published=ahead) is not None
    assert day(published(f"{H1}<p>5 May 2026</p>", published=ahead)) == "2026-05-05"
    assert modified(H1, modified=ahead) is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2 May 2019", "2019-05-02"),  # the page was moved to a new system
        ("4 May 2026", "2026-05-05"),  # another zone
        ("9 May 2026", "2026-05-05"),
        ("3 days ago", "2026-05-05"),
        ("It all began in the harbour on the morning of 2 May 2019", "2026-05-05"),
    ],
)
def test_an_older_printed_date_outdoes_what_markup_tells(printed: str, expected: str) -> None:
    markup = f"{article(datePublished='2026-05-05T08:00:00Z')}{H1}<p>{printed}</p>{PROSE}"
    assert day(published(markup)) == expected


SCHEMA = article(datePublished="2019-05-05", dateModified="2026-05-15T22:00:00Z")
OPEN_GRAPH = meta("article:published_time", "2019-05-05") + meta(
    "article:modified_time", "2026-05-15"
)


@pytest.mark.parametrize(
    ("markup", "line", "expected"),
    [
        # Readers are told one day, and the older one stands in schema.org's data alone.
        (SCHEMA, "15 May 2026", "2026-05-15"),
        (SCHEMA + meta("datePublished", "2019-05-05"), "16 May 2026", "2026-05-16"),
        (SCHEMA, '<time class="changed" datetime="2026-05-15T22:00Z">15 May</time>', "2026-05-15"),
        (SCHEMA, "Updated: 15 May 2026", "2019-05-05"),
        (SCHEMA, "Updated: <time datetime='2026-05-15'>15 May 2026</time>", "2019-05-05"),
        (SCHEMA, "<div>Updated</div><div>15 May 2026</div>", "2019-05-05"),
        (SCHEMA, "5 May 2019 <p>15 May 2026</p>", "2019-05-05"),
        (SCHEMA, "17 days ago", "2019-05-05"),
        (SCHEMA + OPEN_GRAPH, "15 May 2026", "2019-05-05"),
        (OPEN_GRAPH, "15 May 2026", "2019-05-05"),
        # A day that is neither was set by hand.
        (SCHEMA, "3 March 2024", "2024-03-03"),
        (OPEN_GRAPH, "3 March 2024", "2024-03-03"),
        (SCHEMA + OPEN_GRAPH, "3 March 2024", "2019-05-05"),
        (SCHEMA, "25 May 2026", "2019-05-05"),  # later than the last change
        (article(datePublished="2019-05-05"), "3 March 2024", "2019-05-05"),
        # Two that agree outvote one.
        (SCHEMA + meta("date", "2024-03-03"), "3 March 2024", "2024-03-03"),
        (SCHEMA + meta("date", "2024-03-03"), "9 April 2024", "2019-05-05"),
    ],
)
def test_a_newer_printed_date_is_believed_where_little_is_against_it(
    markup: str, line: str, expected: str
) -> None:
    assert day(published(f"{markup}{H1}<div>{line}</div>{PROSE}")) == expected


def test_a_label_decides_where_markup_contradicts_itself() -> None:
    torn = article(datePublished="2026-05-25") + meta("article:published_time", "2026-05-02")
    below = f"{H1}{PROSE * 9}<div>Published <time>5 May 2026</time></div>"
    assert day(published(torn + below)) == "2026-05-05"
    assert day(published(torn + H1)) == "2026-05-25"
    assert day(published(article(datePublished="2026-05-25") + below)) == "2026-05-25"


@pytest.mark.parametrize(
    ("told", "printed", "path", "expected"),
    [
        ("2026-05-06T02:41:00Z", "5 May 2026", "/2026/05/05/x", ("2026-05-05", "text")),
        ("2026-05-04T20:10:00Z", "5 May 2026", "/2026/05/05/x", ("2026-05-05", "text")),
        (
            "2026-05-06T02:41:00Z",
            '<time datetime="2026-05-05T19:41-07:00">5 May</time>',
            "/2026/05/05/x",
            ("2026-05-06", "time"),
        ),
        ("2026-05-06T02:41:00Z", "5 May 2026", "/x", ("2026-05-06", "json-ld")),
        ("2026-05-06T02:41:00Z", "5 May 2026", "/2026/05/06/x", ("2026-05-06", "json-ld")),
        ("2026-05-05T22:41:00+02:00", "6 May 2026", "/2026/05/06/x", ("2026-05-05", "json-ld")),
        ("2026-05-05T08:00:00Z", "5 May 2026", "/2026/05/05/x", ("2026-05-05", "json-ld")),
    ],
)
def test_the_day_in_the_sites_zone_is_the_one_printed_and_in_the_address(
    told: str, printed: str, path: str, expected: tuple[str, str]
) -> None:
    markup = f"{article(datePublished=told)}{H1}<p>{printed}</p>{PROSE}"
    found = page.parse(markup, f"http://www.post.com{path}", HEAD)
    assert found is not None
    moment = metadata.published(found, link(), AT)
    assert (day(moment), moment and moment.origin) == expected


def test_zone_and_precision_are_kept() -> None:
    moment = published(article(datePublished="2026-05-05T00:30:00+03:00"))
    assert moment == Moment(datetime(2026, 5, 4, 21, 30, tzinfo=UTC), "second", "+03:00", "json-ld")
    exact = published(f'{H1}<p>Published <time datetime="2026-05-05T10:00Z">5 May 2026</time></p>')
    assert exact == Moment(datetime(2026, 5, 5, 10, tzinfo=UTC), "minute", "+00:00", "time")


def test_relative_words_are_read_against_the_capture() -> None:
    moment = published(f"{H1}<p>2 days ago</p>")
    assert (day(moment), moment and moment.origin) == ("2026-05-30", "relative")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/2026/05/05/harbour", "2026-05-05"),
        ("/news/2026-5-5-harbour", "2026-05-05"),
        ("/20260505/harbour", "2026-05-05"),
        ("/2026/may/05/harbour", "2026-05-05"),
        ("/2026/May/5/harbour", "2026-05-05"),
        ("/2026/sea/05/harbour", None),
        ("/2027/may/05/harbour", None),
        ("/2026/13/05/harbour", None),
        ("/2027/05/05/harbour", None),
        ("/a/12026050512", None),
    ],
)
def test_the_address_is_asked_last(path: str, expected: str | None) -> None:
    found = page.parse(H1, f"http://www.post.com{path}", HEAD)
    assert found is not None
    moment = metadata.published(found, link(), AT)
    assert (day(moment), moment.origin if moment else "url") == (expected, "url")


@pytest.mark.parametrize(
    ("markup", "known", "last"),
    [
        (JSON_LD + META, FEED, 11),
        (META + PAGE, FEED, 12),
        (PAGE, FEED, 13),
        (f"{H1}<p>Updated: 14 March 2026</p>", FEED, 14),
        ("<p>", FEED, 15),
    ],
)
def test_the_change_date_is_told_too(
    markup: str, known: dict[str, Moment | None], last: int
) -> None:
    moment = modified(markup, **known)
    assert moment is not None
    assert moment.at.day == last


@pytest.mark.parametrize("markup", ["<div>" * 3000 + "5 May 2026", "<p>5 May 2026</p>" * 9000])
def test_no_markup_breaks_it(markup: str) -> None:
    published(f"{H1}{markup}")
    modified(f"{markup}{H1}")
