"""What a feed tells of some pages puts right how all pages of its site are read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from archiver.discover import discover
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.search import Index
from archiver.types import Capture, Kind, Link, Query, Source
from tests.samples import AT, HEAD, capture, tables

pytestmark = pytest.mark.usefixtures("lent_worker")
SITE = "https://post.example"
SOURCE = Source("news", f"{SITE}/")
PLACES = ["harbour", "museum", "library", "theatre", "station", "market", "school", "bridge",
          "garden", "hospital", "stadium", "mill"]  # fmt: skip
PAGES = range(10)
IN_FEED = range(6)


def sentences(n: int) -> list[str]:
    place = PLACES[n]
    return [
        f"The {place} will close its doors for {n + 3} weeks from Monday, the council said, so that"
        " its roof can be mended before the autumn rains.",
        f"Work on the roof was first asked for in {1990 + n}, when water came through the ceiling of"
        f" the {place} and ruined a part of what was kept there.",
        f'"We have waited long enough, and so have the people who come to the {place} each day,"'
        " the head of the works department told the meeting.",
        f"Some {n + 2} firms have offered to do the work; the cheapest of them asks for {n + 4}"
        " million crowns, which is more than the town has put aside.",
        f"Members of the opposition said that the {place} had been forgotten for years, and that"
        " nobody had counted what its closing would cost the shops nearby.",
        f"The {place} is to open again on the {n + 11}th of October, with a feast to which all who"
        " live in the quarter are invited.",
    ]


def walk(n: int) -> str:
    """A paragraph that reads like the others, and sells the travel club of the paper."""
    place = PLACES[n % len(PLACES)]
    return (
        f"Few know the old {place} better than the guides of our travel club, who walk with readers"
        f" through its cellars on {n + 2} evenings this year; the walk begins at the gate and ends"
        " with soup and a glass of wine."
    )


def page(n: int) -> str:
    """A story with boxes of the travel club between its paragraphs."""
    told = [f"<p>{line}</p>" for line in sentences(n)]
    for at in (4, 2):
        box = "".join(f"<p>{walk(5 * n + at + k)}</p>" for k in range(2))
        told.insert(at, f'<div class="walks">{box}</div>')
    title = f"Roof of the {PLACES[n]} to be mended"
    return (
        f"<html><head><title>{title}</title></head><body><div class='page'><h1>{title}</h1>"
        f"<div class='tale'>{''.join(told)}</div></div></body></html>"
    )


def feed(numbers: Sequence[int], *, whole: bool = True) -> str:
    """RSS with the stories' text as their publisher has it, less what an editor forgot."""
    name = "content:encoded" if whole else "description"
    items = "".join(
        f"<item><link>{SITE}/story/{n}</link><{name}>"
        + escape(
            "".join(f"<p>{line}</p>" for line in sentences(n))
            + f"<p>The post on the {PLACES[n]} and its roof appeared first on The Harbour Post.</p>"
        )
        + f"</{name}></item>"
        for n in numbers
    )
    return (
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"{items}</channel></rss>"
    )


def found_in(text: str) -> dict[str, Link]:
    """What discovery finds in a feed."""
    taken = capture(
        f"{SITE}/feed",
        kind=Kind.FEED,
        head=HEAD.replace(b"text/html", b"application/rss+xml"),
        body=text.encode(),
    )
    return {link.url: link for link in discover(taken, SOURCE).links}


def captures(told: str, pages: Sequence[int] = PAGES) -> list[Capture]:
    """Captures of the pages, by the links of the feed `told` where it has them."""
    links = found_in(told)
    made = []
    for n in pages:
        url = f"{SITE}/story/{n}"
        one = capture(url, at=AT + timedelta(minutes=n), body=page(n).encode())
        made.append(replace(one, link=links.get(url, one.link)))
    return made


def write(folder: Path, pages: Sequence[Capture]) -> None:
    ingest = Ingest(Layout(folder), {}, workers=2)
    with ingest.store.transaction():
        ingest.store.set_sources([SOURCE])
    for each in pages:
        ingest.write(each)
    ingest.close()


def texts(folder: Path) -> dict[str, str]:
    with Index(Layout(folder).index) as index:
        return {a.url: a.document.text for a in index.stream(Query())}


CLEAN = {f"{SITE}/story/{n}": "\n\n".join(sentences(n)) for n in PAGES}


@pytest.mark.parametrize("told", [feed([]), feed(IN_FEED, whole=False)])
def test_without_whole_texts_every_page_is_read_wrong(tmp_path: Path, told: str) -> None:
    write(tmp_path, captures(told))
    read = texts(tmp_path)
    assert read.keys() == CLEAN.keys()
    assert all("travel club" in text for text in read.values())


def test_what_a_feed_tells_of_some_pages_puts_all_right(tmp_path: Path) -> None:
    write(tmp_path, captures(feed(IN_FEED)))
    assert texts(tmp_path) == CLEAN


def test_too_few_labels_decide_nothing(tmp_path: Path) -> None:
    write(tmp_path, captures(feed(IN_FEED[:2])))
    assert texts(tmp_path) != CLEAN


@pytest.mark.parametrize("seed", [1])
def test_the_order_of_the_pages_does_not_matter(tmp_path: Path, seed: int) -> None:
    pages = captures(feed(IN_FEED))
    random.Random(seed).shuffle(pages)
    for start in range(0, len(pages), 4):
        write(tmp_path, pages[start : start + 4])
    assert texts(tmp_path) == CLEAN


def test_a_rebuild_knows_what_the_feed_told(tmp_path: Path) -> None:
    write(tmp_path, captures(feed(IN_FEED), PAGES[:5]))
    write(tmp_path, captures(feed(IN_FEED), PAGES[5:]))
    layout = Layout(tmp_path)
    before = tables(layout.index)
    layout.index.unlink()
    rebuild(layout, [SOURCE], workers=2)
    assert tables(layout.index) == before
    assert texts(tmp_path) == CLEAN
