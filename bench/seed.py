"""Set a text into the five templates of the demo newspaper and see what extraction makes of it.

`python -m bench.seed FILE` reads a news text copied from a web page as it stood there: a line of
breadcrumb, the headline, paragraphs, and the page's own lines below them. Exit code 1 when a
template's text is not the paragraphs and nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver import extract
from archiver.demo.addresses import story_path
from archiver.demo.stories import Story, load_stories
from archiver.demo.templates import Template, render_article
from archiver.demo.wording import WORDINGS
from archiver.types import Capture, Kind, Link

ORIGIN = "http://127.0.0.1:8000"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
LANGUAGE = "ar"
RELATED = 4
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seed:
    """The text: what is the article, and the lines around it that are not."""

    title: str
    paragraphs: tuple[str, ...]
    around: tuple[str, ...]

    @property
    def story(self) -> Story:
        """The text as a story of the newspaper; only title and paragraphs matter."""
        return Story(
            id=1,
            slug="seed",
            language=LANGUAGE,
            section="local",
            title=self.title,
            author="-",
            published_at=NOW,
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


def check(seed: Seed, template: Template, related: Sequence[Story]) -> dict[str, bool]:
    """Return what is right about the text that is read from `seed` in `template`."""
    document = extract.read(_capture(seed.story, template, related)).document
    text, title = (document.text, document.title) if document else ("", "")
    words = WORDINGS[LANGUAGE]
    unwanted = {*seed.around, words.story, words.related, words.add_comment, words.more}
    unwanted |= {story.title for story in related}
    return {
        "body whole": all(paragraph in text for paragraph in seed.paragraphs),
        "body exact": text == "\n\n".join(seed.paragraphs),
        "title right": title == seed.title,
        "no boilerplate": not any(line in text for line in unwanted),
    }


def _capture(story: Story, template: Template, related: Sequence[Story]) -> Capture:
    html = render_article(story, template, ORIGIN, related)
    url = ORIGIN + story_path(story)
    link = Link(url, Kind.ARTICLE, "seed")
    return Capture(link, url, NOW, "127.0.0.1", b"", HEAD, html.encode(), 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each template; returns 1 when something is wrong in one of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.seed", description=main.__doc__)
    parser.add_argument("file", type=Path, help="a text such as news-details.ar.txt")
    seed = read_seed(parser.parse_args(arguments).file.read_text("utf-8-sig"))
    related = [story for story in load_stories() if story.language == LANGUAGE][:RELATED]
    print(f"{len(seed.paragraphs)} paragraphs, {len(seed.around)} lines around them")
    right = True
    for template in Template:
        found = check(seed, template, related)
        said = ", ".join(name if held else f"NOT {name}" for name, held in found.items())
        print(f"{'ok  ' if all(found.values()) else 'FAIL'} {template:7} {said}")
        right = right and all(found.values())
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
