"""What is learned from a site's pages changes how all of them are read, whatever came first."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.search import Index
from archiver.types import Capture, Query, Rules, Source
from tests.samples import AT, capture, tables

pytestmark = pytest.mark.usefixtures("lent_worker")
SITE = "https://post.example"
JUNK = "The Post is made by people of the harbour, and it has been read there since 1931."
SOURCE = Source("news", f"{SITE}/")


def sentences(n: int) -> list[str]:
    return [
        f"The council of district {n} met on the quay to speak of bridge number {n}{m}, which has"
        f" been closed since the storm; {m} members wanted it open again before the winter."
        for m in range(1, 5)
    ]


def html(n: int, *, box: str = "story-text", extra: str = "", junk: str = JUNK) -> bytes:
    told = "".join(f"<p>{line}</p>" for line in sentences(n))
    return (
        f"<html><head><title>Bridge {n} stays closed | The Post</title>"
        '<meta property="og:type" content="article"></head><body><div class="page">'
        f'<h1>Bridge {n} stays closed</h1><div class="{box}">{told}{extra}<p>{junk}</p></div>'
        "</div></body></html>"
    ).encode()


def page(n: int, day: int = 0, source: str = "news", **more: Any) -> Capture:
    url = f"{SITE}/story/{n}"
    return capture(url, source=source, at=AT + timedelta(days=day, minutes=n), body=html(n, **more))


def _sources(rules: Rules | None) -> list[Source]:
    return [Source("news", f"{SITE}/", rules=rules)] if rules else []


def write(
    folder: Path, pages: Sequence[Capture], rules: Rules | None = None, hurried: bool = False
) -> list[str]:
    """Archive `pages` in one run; returns what was told."""
    told: list[str] = []
    layout = Layout(folder)
    ingest = Ingest(layout, {}, sources=_sources(rules), workers=2, tell=told.append)
    with ingest.store.transaction():
        ingest.store.set_sources([SOURCE])
    for each in pages:
        ingest.write(each)
    ingest.hurried = hurried
    ingest.close()
    return told


def texts(folder: Path) -> dict[str, str]:
    with Index(Layout(folder).index) as index:
        return {a.url: a.document.text for a in index.stream(Query())}


def clean(numbers: Sequence[int]) -> dict[str, str]:
    return {f"{SITE}/story/{n}": "\n\n".join(sentences(n)) for n in numbers}


def test_a_line_that_repeats_goes_once_the_profile_stands(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 4)])
    assert all(JUNK in text for text in texts(tmp_path).values())
    told = write(tmp_path, [page(n) for n in range(4, 8)])
    assert texts(tmp_path) == clean(range(1, 8))
    assert told == ["news: learned from 7 pages; 7 pages read anew"]


def test_only_pages_that_would_read_otherwise_are_read_anew(tmp_path: Path) -> None:
    pages = [
        page(n, junk=JUNK if n < 4 else f"Of bridge {n} the mayor said no more.")
        for n in range(1, 9)
    ]
    # The site is named as its address is: so no headline waits for the profile to be cut.
    pages = [replace(each, body=each.body.replace(b"| The Post", b"| Post")) for each in pages]
    told = write(tmp_path, pages)
    assert told == ["news: learned from 8 pages; 3 pages read anew"]
    assert [JUNK in text for text in texts(tmp_path).values()] == [False] * 8
    layout = Layout(tmp_path)
    before = tables(layout.index)
    rebuild(layout, [SOURCE], workers=2)
    assert tables(layout.index) == before


def test_names_learned_of_the_site_are_cut_off_headlines_read_before(tmp_path: Path) -> None:
    def untitled(n: int) -> Capture:
        body = html(n, junk=f"Of bridge {n} the mayor said no more.").replace(b"h1>", b"b>")
        return capture(
            f"{SITE}/b/{n}",
            source="news",
            at=AT,
            body=body.replace(b"The Post", b"Sea and Quay Today"),
        )

    write(tmp_path, [untitled(n) for n in range(1, 8)])
    with Index(Layout(tmp_path).index) as index:
        titles = {article.document.title for article in index.stream(Query())}
    assert titles == {f"Bridge {n} stays closed" for n in range(1, 8)}


def test_reading_anew_makes_no_versions(tmp_path: Path) -> None:
    for day in range(3):
        write(tmp_path, [page(n, day) for n in range(1, 7)])
    with Index(Layout(tmp_path).index) as index:
        assert {article.version for article in index.stream(Query())} == {1}


def test_nothing_is_read_anew_where_nothing_new_was_learned(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 13)])
    assert write(tmp_path, [page(n, 1) for n in range(1, 14)]) == []
    assert texts(tmp_path) == clean(range(1, 14))


def test_an_edit_stays_a_version(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 5)])
    write(tmp_path, [page(1, 1, extra="<p>It will open on Monday, said the mayor today.</p>")])
    write(tmp_path, [page(n, 2) for n in range(5, 9)])
    with Index(Layout(tmp_path).index) as index:
        article = index.article(f"{SITE}/story/1")
        assert article is not None
        assert article.version == 2
        assert JUNK not in article.document.text
        assert article.document.text.endswith("It will open on Monday, said the mayor today.")


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_pages_does_not_matter(tmp_path: Path, seed: int) -> None:
    pages = [page(n) for n in range(1, 13)]
    random.Random(seed).shuffle(pages)
    for start in range(0, 12, 4):
        write(tmp_path, pages[start : start + 4])
    assert texts(tmp_path) == clean(range(1, 13))


def test_a_rebuild_makes_the_same_rows(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 4)])
    write(tmp_path, [page(n, 1) for n in range(2, 9)])
    layout = Layout(tmp_path)
    before = tables(layout.index)
    rebuild(layout, [SOURCE], workers=2)
    assert tables(layout.index) == before
    layout.index.unlink()
    rebuild(layout, [SOURCE], workers=2)
    assert tables(layout.index) == before


def test_who_is_in_a_hurry_leaves_it_to_the_next_run(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 8)], hurried=True)
    assert all(JUNK in text for text in texts(tmp_path).values())
    told = write(tmp_path, [])
    assert told == ["news: learned from 7 pages; 7 pages read anew"]
    assert texts(tmp_path) == clean(range(1, 8))


def test_a_new_layout_is_told_and_learned(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 8)])
    other = "Letters to The Post reach the editors at the old customs house, first floor."
    fresh = [page(n, 40, box="prose", junk=other) for n in range(20, 27)]
    told = write(tmp_path, fresh)
    assert told == ["news: new page layout since 2026-04-10, learned; 14 pages read anew"]
    assert texts(tmp_path) == clean([*range(1, 8), *range(20, 27)])


def test_rules_go_before_what_is_learned_and_hold_for_old_pages(tmp_path: Path) -> None:
    write(tmp_path, [page(n) for n in range(1, 8)])
    write(tmp_path, [], Rules(body=("div.page",), drop=("//div[@class='story-text']/p[2]",)))
    for n in range(1, 8):
        one, _, *others = sentences(n)
        assert texts(tmp_path)[f"{SITE}/story/{n}"] == "\n\n".join([one, *others])
    write(tmp_path, [])
    assert texts(tmp_path) == clean(range(1, 8))


def test_sources_that_share_an_article_are_read_anew_together(tmp_path: Path) -> None:
    write(tmp_path, [page(1, source="other"), *(page(n) for n in range(1, 8))])
    assert texts(tmp_path) == clean(range(1, 8))
    layout = Layout(tmp_path)
    before = tables(layout.index)
    rebuild(layout, [SOURCE], workers=2)
    assert tables(layout.index) == before


def test_rules_reach_old_pages_that_teach_nothing(tmp_path: Path) -> None:
    def short(n: int) -> Capture:
        told = "".join(f"<p>{line}</p>" for line in sentences(n)[:2])
        told += "<p class=promo>The Post is read at the quay.</p>"
        body = html(n).partition(b'<div class="story-text">')[0] + f"{told}</div>".encode()
        return capture(f"{SITE}/short/{n}", source="news", at=AT, body=body)

    write(tmp_path, [short(n) for n in range(1, 4)])
    told = write(tmp_path, [], Rules(drop=("p.promo",)))
    assert told == ["news: read by other rules; 3 pages read anew"]
    wanted = {f"{SITE}/short/{n}": "\n\n".join(sentences(n)[:2]) for n in range(1, 4)}
    assert texts(tmp_path) == wanted


def test_lessons_lean_on_no_rules(tmp_path: Path) -> None:
    rules = Rules(byline=("h1",), date=("h1",), title=("div.page",))
    write(tmp_path, [page(n) for n in range(1, 4)])
    write(tmp_path, [page(n) for n in range(4, 9)], rules)
    layout = Layout(tmp_path)
    before = tables(layout.index)
    rebuild(layout, [Source("news", f"{SITE}/", rules=rules)], workers=2)
    assert tables(layout.index) == before
