from __future__ import annotations

import gzip
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import extract
from archiver.demo.addresses import section_path
from archiver.demo.newspaper import Newspaper
from archiver.demo.stories import LANGUAGES, SECTIONS, Story, load_stories
from archiver.demo.templates import Template, render_article
from archiver.types import Completeness, Document, Kind, Reading
from tests.extract.pages import PARAGRAPHS, capture, html, link, linked_data

ORIGIN = "http://www.post.com"
every_template = pytest.mark.parametrize("template", list(Template))


@cache
def stories() -> tuple[Story, ...]:
    return load_stories()


def render(story: Story, template: Template, charset: str = "utf-8") -> str:
    others = [s for s in stories() if s.language == story.language and s is not story]
    return render_article(story, template, ORIGIN, others[:4], charset)


def document(reading: Reading) -> Document:
    assert reading.page == "article", reading.note
    assert reading.document is not None
    return reading.document


def told(read: Document) -> tuple[object, ...]:
    day = read.published.at.date() if read.published else None
    return read.title, read.authors, read.language, day, read.text


def wanted(story: Story) -> tuple[object, ...]:
    day = story.published_at.date()
    return story.title, (story.author,), story.language, day, story.text


@every_template
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_demo_story_comes_out_exactly(template: Template, language: str) -> None:
    for story in (s for s in stories() if s.language == language):
        read = extract.read(capture(render(story, template)))
        assert read.completeness is Completeness.WHOLE
        assert told(document(read)) == wanted(story), story.id


@every_template
@pytest.mark.parametrize("declared", ["windows-1256", "utf-8", ""])
def test_windows_1256_bytes_are_read(template: Template, declared: str) -> None:
    story = stories()[0]
    body = render(story, template, declared).encode("windows-1256", "xmlcharrefreplace")
    assert told(document(extract.read(capture(body)))) == wanted(story)


def test_joiners_survive_in_text_title_and_author() -> None:
    title, text = (
        "خبر می\u200cرسد از بندر لنگرگاه",
        "او می\u200cنویسد که کشتی\u200cها می\u200cآیند. " * 9,
    )
    body = f"<article><h1>{title}</h1><p>{text}</p></article>"
    head = '<meta name="author" content="علی\u200cرضا نیک\u200cنام"><meta property="og:type" content="article">'
    read = document(extract.read(capture(html(body, head, title))))
    assert (read.title, read.authors) == (title, ("علی\u200cرضا نیک\u200cنام",))
    assert read.text == text.strip()


@pytest.mark.parametrize("body", ["", " \n ", "<!-- nothing -->"])
def test_an_empty_page_is_said(body: str) -> None:
    assert extract.read(capture(body)) == Reading(note="empty page")


def test_a_page_without_text_is_no_article() -> None:
    read = extract.read(capture("<html><body><script>app()</script></body></html>"))
    assert (read.page, read.document, read.note) == ("hub", None, "no text found")


def test_a_truncated_gzip_body_is_read_and_flagged() -> None:
    whole = gzip.compress(html().encode())
    read = extract.read(capture(whole[:-12], "Content-Encoding: gzip\r\n"))
    assert read.completeness is Completeness.TRUNCATED
    assert read.note == "compressed body is cut short"
    assert document(read).text.startswith(PARAGRAPHS[0])


def test_a_capture_that_was_cut_is_flagged() -> None:
    read = extract.read(capture(html(), truncated="length"))
    assert (read.completeness, read.note) == (Completeness.TRUNCATED, "cut by length")


@pytest.mark.parametrize("size", [40_000_000])
def test_a_bomb_is_stopped_and_flagged(size: int) -> None:
    read = extract.read(capture(gzip.compress(b" " * size), "Content-Encoding: gzip\r\n"))
    assert read.completeness is Completeness.TRUNCATED
    assert read.note == "larger than the limit when decoded"


def test_home_and_section_pages_are_hubs() -> None:
    paper = Newspaper.shipped(ORIGIN)
    for path in ("/", "/en/", "/fa/", *(section_path(n, s) for n in LANGUAGES for s in SECTIONS)):
        body = paper.respond("GET", path, {}, 1).body
        asked = replace(capture(body), url=ORIGIN + path)
        assert extract.read(asked).page == "hub", path


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": "NewsArticle", "author": ' + "[" * 700 + '"x"' + "]" * 700 + "}",
        "[" * 100_000,
        '{"@type": "NewsArticle", "n": ' + "9" * 5000 + "}",
        '{"@type": ["NewsArticle", {"a": 1}], "headline": 5, "datePublished": [1], "author": 7,'
        ' "keywords": {"a": 1}, "articleSection": [[1]], "inLanguage": {"name": "x"}}',
        '{"@type": "NewsArticle", "author": "Ann \\ud800 Lee", "keywords": "a\\u0000b"}',
        "not json",
    ],
)
def test_no_linked_data_costs_the_text(data: str) -> None:
    read = document(extract.read(capture(html(head=linked_data(data)))))
    assert read.text == "\n\n".join(PARAGRAPHS)
    for field in (*read.authors, *read.tags, read.section):
        field.encode()
        assert "\0" not in field


@pytest.mark.parametrize(
    "code", ["&#0;", "&#31;", "&#031", "&#x1F", "&#x1;", "&#xFFFE;", "&#xD800;", "\x1f", "\ufffe"]
)
def test_no_control_character_costs_the_page(code: str) -> None:
    markup = f"{code}{PARAGRAPHS[0]}<br><br>{PARAGRAPHS[1]}{code}<br><br>{PARAGRAPHS[2]}"
    head = linked_data('{"@type": "NewsArticle"}')
    read = document(extract.read(capture(html(f"<div>{markup}</div>", head))))
    assert [line.strip("\ufffd\ufffe") for line in read.text.split("\n\n")] == PARAGRAPHS[:3]


@settings(deadline=None, max_examples=60)
@given(st.text(), st.binary(max_size=60))
def test_reading_never_raises(text: str, data: bytes) -> None:
    tagged = text.replace("a", "<p>").replace("b", "</div>").replace("c", "<br><br>")
    body = html(f"<div>{tagged}</div>").encode("utf-8", "replace") + data
    assert isinstance(extract.read(capture(body)), Reading)


def test_a_sentence_with_a_date_is_no_date_line() -> None:
    lead = "The museum opened on 5 May 1948."
    text = "".join(f"<p>{p}</p>" for p in (lead, *PARAGRAPHS))
    read = document(extract.read(capture(html(f"<article>{text}</article>"))))
    assert read.text.startswith(lead)
    assert read.published is None


@pytest.mark.parametrize(
    ("echo", "kept"),
    [
        ("The harbour office is open again!", False),
        ("5 March 2026, 10:30", False),
        ("The harbour office is open again, they say in town.", True),
    ],
)
def test_headline_and_date_line_are_not_repeated_in_the_text(echo: str, kept: bool) -> None:
    text = "".join(f"<p>{p}</p>" for p in (echo, *PARAGRAPHS))
    read = document(extract.read(capture(html(f"<article>{text}</article>"))))
    assert (echo in read.text) is kept
    assert PARAGRAPHS[0] in read.text


def test_the_canonical_address_counts_within_the_site() -> None:
    for declared, url in (("/s/1", "http://www.post.com/s/1"), ("http://b.com/", link().url)):
        head = f'<link rel="canonical" href="{declared}">'
        assert document(extract.read(capture(html(head=head)))).url == url


def test_the_document_says_who_read_it() -> None:
    read = document(extract.read(capture(html())))
    assert read.extractor == "trafilatura"
    assert read.extractor_version


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, True),
        ({"link": replace(link(), kind=Kind.SECTION)}, False),
        ({"head": b"HTTP/1.1 404 Gone\r\nContent-Type: text/html\r\n\r\n"}, False),
        ({"head": b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"}, False),
        ({"head": b"HTTP/1.1 200 OK\r\n\r\n"}, True),
    ],
)
def test_which_captures_are_pages(change: dict[str, object], wanted: bool) -> None:
    assert extract.is_page(replace(capture(html()), **change)) is wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "piece", ["&#x&#xb;b;", "&#\x01xb;", "&#xff&#xb;ff;", "&#x&#x&#xb;b;b;" * 9]
)
def test_references_that_join_when_others_go_are_taken_out_too(piece: str) -> None:
    read = document(extract.read(capture(html(f"<p>{piece}{PARAGRAPHS[0]} {piece}</p>" * 9))))
    assert PARAGRAPHS[0] in read.text
