"""The three feeds: RSS 2.0 in Arabic, Atom in English, JSON Feed in Persian."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape

from archiver.demo.addresses import FEEDS, HOMES, short_path, story_path
from archiver.demo.furniture import lines, paragraphs, teaser
from archiver.demo.stories import Story
from archiver.demo.wording import WORDINGS

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_SHORT_LINKS = 3  # so many of the newest entries of the RSS feed link to their short paths


def rss(stories: Sequence[Story], origin: str, short_links: int = _SHORT_LINKS) -> str:
    """Return RSS 2.0, every second story (by id) with its whole text in `content:encoded`."""
    words = WORDINGS["ar"]
    items = lines(
        _rss_item(story, origin + (short_path(story) if rank < short_links else story_path(story)))
        for rank, story in enumerate(stories)
    )
    return f"""{_DECLARATION}
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{escape(words.paper)}</title>
<link>{origin}{HOMES["ar"]}</link>
<description>{escape(words.tagline)}</description>
<language>ar</language>
{items}
</channel>
</rss>
"""


def _rss_item(story: Story, url: str) -> str:
    encoded = f"<content:encoded>{escape(lines(paragraphs(story.paragraphs)))}</content:encoded>\n"
    return f"""<item>
<title>{escape(story.title)}</title>
<link>{escape(url)}</link>
<guid isPermaLink="false">{_tag(story)}</guid>
<pubDate>{format_datetime(story.published_at)}</pubDate>
<dc:creator>{escape(story.author)}</dc:creator>
<description>{escape(teaser(story))}</description>
{"" if story.id % 2 else encoded}</item>"""


def atom(stories: Sequence[Story], origin: str) -> str:
    """Return an Atom feed (RFC 4287) with summaries."""
    words = WORDINGS["en"]
    newest = max(story.changed_at for story in stories)
    return f"""{_DECLARATION}
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>{escape(words.paper)}</title>
<id>tag:anchorage.example,2026:en</id>
<updated>{newest.isoformat()}</updated>
<link rel="alternate" type="text/html" href="{origin}{HOMES["en"]}"/>
<link rel="self" type="application/atom+xml" href="{origin}{FEEDS["en"][0]}"/>
{lines(_atom_entry(story, origin) for story in stories)}
</feed>
"""


def _atom_entry(story: Story, origin: str) -> str:
    return f"""<entry>
<title>{escape(story.title)}</title>
<id>{_tag(story)}</id>
<link rel="alternate" type="text/html" href="{escape(origin + story_path(story))}"/>
<published>{story.published_at.isoformat()}</published>
<updated>{story.changed_at.isoformat()}</updated>
<author><name>{escape(story.author)}</name></author>
<summary>{escape(teaser(story))}</summary>
</entry>"""


def json_feed(stories: Sequence[Story], origin: str) -> str:
    """Return a JSON Feed 1.1 with whole texts."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": WORDINGS["fa"].paper,
        "home_page_url": origin + HOMES["fa"],
        "feed_url": origin + FEEDS["fa"][0],
        "language": "fa",
        "items": [_json_item(story, origin) for story in stories],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(story: Story, origin: str) -> dict[str, object]:
    modified = story.modified_at
    return {
        "id": _tag(story),
        "url": origin + story_path(story),
        "title": story.title,
        "summary": teaser(story),
        "content_text": story.text,
        "date_published": story.published_at.isoformat(),
        **({"date_modified": modified.isoformat()} if modified else {}),
        "authors": [{"name": story.author}],
    }


def _tag(story: Story) -> str:
    return f"tag:anchorage.example,2026:{story.id}"
