"""Pages that are no articles: home, sections, and short messages such as 404."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from archiver.demo.addresses import DRAFTS, FEEDS, HOMES, section_path, story_path
from archiver.demo.datelines import date_line
from archiver.demo.furniture import (
    Link,
    bullets,
    document,
    footer_links,
    lines,
    link,
    links,
    navigation,
    og,
    picture,
    teaser,
)
from archiver.demo.stories import LANGUAGES, Story
from archiver.demo.wording import WORDINGS, Wording

PER_PAGE = 12
_CHARSET = '<meta charset="utf-8">'
_CSS = """
header { border-bottom: 3px double #0b4f7a; } header a { margin-inline-end: 1rem; }
.teaser { display: flex; gap: 1rem; border-bottom: 1px solid #ddd; padding: .6rem 0; }
.teaser img { flex: none; width: 9rem; } .teaser h2 { margin: 0; font-size: 1.15rem; }
.teaser p { margin: 0; } .most-read { background: #f2f6f8; padding: .5rem 1rem; }
"""


@dataclass(frozen=True, slots=True)
class Hub:
    """One list of stories, newest first: a home page, or a section's if `section` is not empty."""

    language: str
    section: str
    stories: Sequence[Story]
    most_read: Sequence[Story]

    @property
    def path(self) -> str:
        """The path of the first page."""
        if self.section:
            return section_path(self.language, self.section)
        return HOMES[self.language]

    @property
    def last_page(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-len(self.stories) // PER_PAGE))


def render_hub(hub: Hub, number: int, origin: str) -> str:
    """Return page `number` (1, 2, ...) of a hub."""
    words = WORDINGS[hub.language]
    heading = words.sections[hub.section] if hub.section else words.tagline
    shown = hub.stories[(number - 1) * PER_PAGE : number * PER_PAGE]
    body = f"""<header><h1>{link(HOMES[hub.language], words.paper)}</h1>
<nav>{links(navigation(hub.language))}</nav></header>
<main><h2>{escape(heading)}</h2>
{lines(_teaser(story) for story in shown)}
<p class="pages">{links(_page_links(hub, number), " · ")}</p></main>
<div class="most-read"><h2>{escape(words.most_read)}</h2>
{bullets((story_path(story), story.title) for story in hub.most_read)}</div>
<footer><p>{links(_footer_links(hub), " · ")}</p>
<p class="muted">{escape(words.rights)}</p></footer>"""
    title = words.paper if not hub.section else f"{heading} - {words.paper}"
    return document(words, title, _head(hub, origin), body, css=_CSS)


def _head(hub: Hub, origin: str) -> list[str]:
    pieces = [_CHARSET, og("og:type", "website"), og("og:url", origin + hub.path)]
    if hub.section:
        return pieces
    feed, media_type = FEEDS[hub.language]
    others = (code for code in LANGUAGES if code != hub.language)
    return [
        *pieces,
        f'<link rel="alternate" type="{media_type}" href="{feed}">',
        *(f'<link rel="alternate" hreflang="{code}" href="{HOMES[code]}">' for code in others),
    ]


def _teaser(story: Story) -> str:
    date = date_line(story.published_at, story.language, story.id)
    return f"""<div class="teaser">{picture(story, 144)}
<div><h2>{link(story_path(story), story.title)}</h2>
<span class="muted">{escape(date)}</span><p>{escape(teaser(story))}</p></div></div>"""


def _page_links(hub: Hub, number: int) -> list[Link]:
    words = WORDINGS[hub.language]
    steps = ((number - 1, words.previous_page), (number + 1, words.next_page))
    return [
        (hub.path if page == 1 else f"{hub.path}?page={page}", label)
        for page, label in steps
        if 1 <= page <= hub.last_page
    ]


def _footer_links(hub: Hub) -> list[Link]:
    words = WORDINGS[hub.language]
    own = [] if hub.section else [(DRAFTS, words.drafts)]
    return [*own, *footer_links(hub.language), ("javascript:print()", words.print)]


def render_drafts() -> str:
    """Return the page that robots.txt keeps crawlers from."""
    words = WORDINGS["ar"]
    return render_message(words, (words.drafts, words.tagline))


def render_message(words: Wording, message: tuple[str, str], further: Link | None = None) -> str:
    """Return a page with a heading, a sentence and a link: home, unless another is given."""
    heading, sentence = message
    body = f"""<h1>{escape(heading)}</h1>
<p>{escape(sentence)}</p>
<p>{link(*further or (HOMES[words.language], words.back))}</p>"""
    return document(words, f"{heading} - {words.paper}", [_CHARSET], body)
