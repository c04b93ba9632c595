"""Set a text into many layouts of a news page and see what extraction makes of it.

`python -m bench.seed FILE` reads a news text copied from a web page as it stood there: a line of
breadcrumb, the headline, paragraphs, and the page's own lines below them. The layouts are the five
templates of the demo newspaper and those of `bench.layouts`. Exit code 1 when what is read from one
of them is not the headline, the day, and the paragraphs and nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from archiver import extract
from archiver.demo.addresses import story_path
from archiver.demo.stories import Story, load_stories
from archiver.demo.templates import Template, render_article
from archiver.demo.wording import WORDINGS
from archiver.types import Capture, Document, Kind, Link
from bench.layouts import VISITED, Page, furniture, pages

ORIGIN = "http://127.0.0.1:8000"
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html%s\r\n\r\n"
LANGUAGE = "ar"
RELATED = 4
PUBLISHED = datetime(2019, 3, 23, 14, 5, tzinfo=timezone(timedelta(hours=2)))
SENTENCE = 20  # characters; a shorter piece of furniture may stand in a sentence by chance


@dataclass(frozen=True, slots=True)
class Seed:
    """The text: what is the article, and the lines around it that are not."""

    title: str
    paragraphs: tuple[str, ...]
    around: tuple[str, ...]

    @property
    def story(self) -> Story:
        """The text as a story of the newspaper, with a writer and a date of our own."""
        return Story(
            id=1,
            slug="seed",
            language=LANGUAGE,
            section="local",
            title=self.title,
            author="ليان البحراوي",
            published_at=PUBLISHED,
            modified_at=None,
            photo=None,
            paragraphs=self.paragraphs,
            withdrawn_on=None,
        )


def read_seed(text: str) -> Seed:
    """Read breadcrumb, headline, paragraphs, and the lines from the first known heading on."""
    lines = [line for raw in text.splitlines() if (line := " ".join(raw.split()))]
    words = WORDINGS[LANGUAGE]
    headings = {words.related, words.add_comment, words.more, words.comments}
    end = next((n for n, line in enumerate(lines) if line in headings), len(lines))
    if end < 3:
        raise SystemExit("bench: the file has no breadcrumb, headline and paragraphs")
    return Seed(lines[1], tuple(lines[2:end]), (lines[0], *lines[end:]))


def layouts(story: Story, related: Sequence[Story]) -> Iterator[Page]:
    """Yield the story's page in each template of the newspaper, then in each layout."""
    url = ORIGIN + story_path(story)
    for template in Template:
        html = render_article(story, template, ORIGIN, related)
        yield Page(template, html, url, "utf-8", dated=True)
    yield from pages(story, related)


def check(seed: Seed, page: Page, related: Sequence[Story]) -> dict[str, bool]:
    """Return what is right about what is read from `seed` on `page`."""
    document = extract.read(_capture(page)).document
    text, title = (document.text, document.title) if document else ("", "")
    words = WORDINGS[LANGUAGE]
    unwanted = {*seed.around, words.story, words.related, words.add_comment, words.more}
    unwanted |= {story.title for story in related}
    return {
        "body whole": all(paragraph in text for paragraph in seed.paragraphs),
        "body exact": text == "\n\n".join(seed.paragraphs),
        "title right": title == seed.title,
        "date right": _day(document) == (f"{PUBLISHED:%F}" if page.dated else ""),
        "no boilerplate": not any(line in text for line in unwanted),
        "no furniture": not _furniture_in(text, seed, page),
    }


def _day(document: Document | None) -> str:
    return f"{document.published.at:%F}" if document and document.published else ""


def _furniture_in(text: str, seed: Seed, page: Page) -> list[str]:
    """Return the pieces of the page's furniture that stand in `text` beside the paragraphs."""
    for paragraph in seed.paragraphs:
        text = text.replace(paragraph, "")
    lines = text.splitlines()
    pieces = furniture(page.html, seed.story)
    return [p for p in pieces if p in lines or (len(p) > SENTENCE and p in text)]


def _capture(page: Page) -> Capture:
    link = Link(page.url, Kind.ARTICLE, "seed")
    told = "; charset=utf-8" if page.charset == "utf-8" else ""  # the other page tells it itself
    head = (HEAD % told).encode()
    return Capture(link, page.url, PUBLISHED + VISITED, "127.0.0.1", b"", head, page.body, 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each layout; returns 1 when something is wrong in one of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.seed", description=main.__doc__)
    parser.add_argument("file", type=Path, help="a text such as news-details.ar.txt")
    seed = read_seed(parser.parse_args(arguments).file.read_text("utf-8-sig"))
    related = [story for story in load_stories() if story.language == LANGUAGE][:RELATED]
    print(f"{len(seed.paragraphs)} paragraphs, {len(seed.around)} lines around them")
    right = True
    for page in layouts(seed.story, related):
        found = check(seed, page, related)
        said = ", ".join(name if held else f"NOT {name}" for name, held in found.items())
        print(f"{'ok  ' if all(found.values()) else 'FAIL'} {page.name:8} {said}")
        right = right and all(found.values())
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
