from __future__ import annotations

import pytest

from archiver.extract import metadata
from tests.extract.pages import linked_data, parse


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


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
        (meta("robots", "index,follow") + meta("robots", "noai"), "", ("noai",)),  # as two plugins write it
        (meta("tdm-reservation", "0") + meta("TDM-Reservation", " 1 "), "", ("tdm-reserved",)),
        ("<p>", "TDM-Reservation: 1\r\nTDM-Reservation: 0\r\n", ("tdm-reserved",)),
        ("<meta http-equiv='X-Robots-Tag' content='noai; noarchive'>", "", ("noai", "noarchive")),
        ("<meta property='og:x' name='robots' content='noai'>", "", ("noai",)),
        (meta("robots", "none"), "", ("noindex",)),
        (meta("description", "noai, none") + meta("generator", "1"), "", ()),
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
