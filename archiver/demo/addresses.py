"""What stands at which URL. Paths are percent-encoded, as they go on the wire."""

from __future__ import annotations

from urllib.parse import quote

from archiver.demo.stories import Story

HOMES = {"ar": "/", "en": "/en/", "fa": "/fa/"}
FEEDS = {
    "ar": ("/feed.xml", "application/rss+xml"),
    "en": ("/en/atom.xml", "application/atom+xml"),
    "fa": ("/fa/feed.json", "application/feed+json"),
}
SITEMAPS = {"ar": "/sitemap-ar.xml.gz", "en": "/sitemap-en.xml", "fa": "/sitemap-fa.xml"}
SITEMAP_INDEX = "/sitemap-index.xml"
NEWS_SITEMAP = "/news-sitemap.xml"
DEAD_LINK = "/en/story/gone-for-good"  # in the English sitemap, and nowhere on the site
DRAFTS = "/private/drafts.html"  # linked, and disallowed by robots.txt
ARCHIVE = "/archive/details.aspx"  # the old road to Arabic stories, by a query
_FIRST_ARCHIVED = 1033


def is_archived(story: Story) -> bool:
    """Tell whether a story is one of the old windows-1256 pages."""
    return story.language == "ar" and story.id >= _FIRST_ARCHIVED


def story_path(story: Story) -> str:
    """Return the canonical path of a story, with its query where it has one."""
    if is_archived(story):
        return f"{ARCHIVE}?id={story.id}&lang=ar"
    road = {
        "ar": f"/news-details/{story.id}/",
        "en": "/en/story/",
        "fa": f"/fa/khabar/{story.id}-",
    }
    return road[story.language] + quote(story.slug)


def short_path(story: Story) -> str:
    """Return the short path that answers 301 to the story."""
    return f"/n/{story.id}"


def old_path(story: Story) -> str:
    """Return the oldest path, which answers 302 to the short one."""
    return f"/old/{story.id}"


def photo_path(story: Story) -> str:
    """Return the path of the story's picture."""
    return f"/photo/{story.id}.svg"


def section_path(language: str, section: str) -> str:
    """Return the path of a section page."""
    return f"{HOMES[language]}section/{section}/"


def language_of(path: str) -> str:
    """Return the language that a path belongs to."""
    return next((code for code in ("en", "fa") if path.startswith(HOMES[code])), "ar")
