"""robots.txt and the sitemaps: the news sitemap, the index, and one list for each language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from archiver.demo.addresses import (
    DEAD_LINK,
    NEWS_SITEMAP,
    SITEMAP_INDEX,
    SITEMAPS,
    story_path,
)
from archiver.demo.furniture import lines
from archiver.demo.stories import Story
from archiver.demo.wording import WORDINGS

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def robots(origin: str, named: Sequence[str] = (NEWS_SITEMAP, SITEMAP_INDEX)) -> str:
    """Return robots.txt, which names the sitemaps at the given paths."""
    told = "".join(f"Sitemap: {origin}{path}\n" for path in named)
    return f"User-agent: *\nDisallow: /private/\n\n{told}"


def news_sitemap(stories: Sequence[Story], origin: str) -> str:
    """Return a Google news sitemap of the given stories."""
    return f"""{_DECLARATION}
<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">
{lines(_news_entry(story, origin) for story in stories)}
</urlset>
"""


def _news_entry(story: Story, origin: str) -> str:
    return f"""<url>
<loc>{escape(origin + story_path(story))}</loc>
<lastmod>{story.changed_at.isoformat()}</lastmod>
<news:news>
<news:publication><news:name>{escape(WORDINGS[story.language].paper)}</news:name>\
<news:language>{story.language}</news:language></news:publication>
<news:publication_date>{story.published_at.isoformat()}</news:publication_date>
<news:title>{escape(story.title)}</news:title>
</news:news>
</url>"""


def sitemap_index(stories: Sequence[Story], origin: str) -> str:
    """Return the sitemap index; a child's lastmod is its newest story's."""
    changed = {code: [s.changed_at for s in stories if s.language == code] for code in SITEMAPS}
    return index_of(((path, max(changed[code])) for code, path in SITEMAPS.items()), origin)


def index_of(children: Iterable[tuple[str, datetime]], origin: str) -> str:
    """Return a sitemap index of paths, each with its lastmod."""
    entries = (_entry(origin + path, at.isoformat(), "sitemap") for path, at in children)
    return f"""{_DECLARATION}
<sitemapindex xmlns="{_SITEMAP}">
{lines(entries)}
</sitemapindex>
"""


def sitemap(language: str, stories: Sequence[Story], origin: str) -> str:
    """Return the plain sitemap of one language, the English one with a dead link."""
    own = [story for story in stories if story.language == language]
    dead = [f"<url><loc>{origin}{DEAD_LINK}</loc></url>"] if language == "en" else []
    return urlset(own, origin, dead)


def urlset(stories: Sequence[Story], origin: str, further: Sequence[str] = ()) -> str:
    """Return a plain sitemap of the given stories, and of `further` entries."""
    own = (_entry(origin + story_path(s), s.changed_at.isoformat()) for s in stories)
    entries = lines([*own, *further])
    return f'{_DECLARATION}\n<urlset xmlns="{_SITEMAP}">\n{entries}\n</urlset>\n'


def _entry(url: str, lastmod: str, element: str = "url") -> str:
    return f"<{element}><loc>{escape(url)}</loc><lastmod>{lastmod}</lastmod></{element}>"
