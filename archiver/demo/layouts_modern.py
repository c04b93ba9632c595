"""The article templates with HTML of today: PLAIN, DIVS and CARDS."""

from __future__ import annotations

import json
from html import escape

from archiver.demo.addresses import HOMES, story_path
from archiver.demo.furniture import (
    Sheet,
    breadcrumb,
    bullets,
    comment_fields,
    document,
    footer_links,
    interrupted,
    lines,
    link,
    links,
    meta,
    more_link,
    navigation,
    og,
    paragraphs,
    picture,
    related_links,
    share_links,
    tags,
    teaser,
)
from archiver.demo.stories import Story

_PLAIN_CSS = """
header, footer { border-bottom: 3px double #0b4f7a; padding: .5rem 0; }
header a { margin-inline-end: 1rem; }
aside, section { border-top: 1px solid #ccc; margin-top: 2rem; }
"""
_DIVS_CSS = """
.navbar { background: #0b4f7a; padding: .5rem 1rem; }
.navbar a { color: #fff; margin-inline-end: .8rem; }
.row { display: flex; flex-wrap: wrap; gap: 2rem; }
.col-md-8 { flex: 2 1 24rem; } .col-md-4 { flex: 1 1 12rem; }
.widget-title { font-weight: bold; margin-top: 1rem; }
.share-bar a { background: #eef; padding: .1rem .6rem; border-radius: 1rem; }
"""
_CARDS_CSS = """
.bar { border-bottom: 1px solid #ddd; padding: .6rem 0; }
.bar a { margin-inline-end: .9rem; }
section > div { display: inline-block; width: 13rem; vertical-align: top; margin: .4rem; }
section img { border-radius: .5rem; } section h3 { margin: .2rem 0; font-size: 1rem; }
section p { font-size: .85rem; color: #555; margin: 0; }
.thread { background: #f6f6f2; padding: .5rem 1rem; }
"""


def plain(sheet: Sheet) -> str:
    """Lay out semantic HTML 5 with JSON-LD, Open Graph and a `<time>`."""
    story = sheet.story
    head = [
        *_head(sheet),
        meta("description", teaser(story)),
        *_open_graph(sheet),
        og("article:published_time", story.published_at.isoformat()),
        *_modified(story),
        f'<script type="application/ld+json">{_json_ld(sheet)}</script>',
    ]
    return document(sheet.words, sheet.full_title, head, _plain_body(sheet), css=_PLAIN_CSS)


def _plain_body(sheet: Sheet) -> str:
    story, words = sheet.story, sheet.words
    return f"""<header><strong>{link(HOMES[story.language], words.paper)}</strong>
<nav>{links(navigation(story.language))}</nav></header>
<main>
<nav aria-label="breadcrumb">{breadcrumb(sheet)}</nav>
<article>
<h1>{escape(story.title)}</h1>
<p class="byline muted"><span rel="author">{escape(sheet.byline)}</span>
<time datetime="{story.published_at.isoformat()}">{escape(sheet.date_line)}</time></p>
<figure>{picture(story)}
<figcaption>{escape(sheet.caption)} <small>{escape(words.credit)}</small></figcaption></figure>
{lines(paragraphs(story.paragraphs))}
<footer><p class="tags">{tags(sheet)}</p>
<p class="share">{escape(words.share)} {links(share_links(sheet))}</p></footer>
</article>
<aside><h2>{escape(words.related)}</h2>
{bullets(related_links(sheet))}
{more_link(sheet)}</aside>
<section id="comment"><h2>{escape(words.add_comment)}</h2>
{_comment_form(sheet)}</section>
</main>
<p class="muted">{escape(words.rights)} {links(footer_links(story.language))}</p>"""


def _json_ld(sheet: Sheet) -> str:
    story = sheet.story
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "mainEntityOfPage": sheet.url,
        "inLanguage": story.language,
        "datePublished": story.published_at.isoformat(),
        "dateModified": story.changed_at.isoformat(),
        "author": [{"@type": "Person", "name": story.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": sheet.words.paper},
    }
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def divs(sheet: Sheet) -> str:
    """Lay out nested divs with framework classes; the share bar is inside the body's container."""
    story = sheet.story
    head = [
        *_head(sheet),
        *_open_graph(sheet),
        og("article:published_time", story.published_at.isoformat()),
        *_modified(story),
    ]
    return document(sheet.words, sheet.full_title, head, _divs_body(sheet), css=_DIVS_CSS)


def _divs_body(sheet: Sheet) -> str:
    story, words = sheet.story, sheet.words
    return f"""<div class="navbar navbar-expand">{links(navigation(story.language))}</div>
<div class="container"><div class="row">
<div class="col-md-8"><div class="panel">
<div class="breadcrumb">{breadcrumb(sheet)}</div>
<div class="page-header"><h1>{escape(story.title)}</h1></div>
<div class="post-meta muted"><span class="author">{escape(sheet.byline)}</span> |
<span class="date">{escape(sheet.date_line)}</span></div>
<div class="post-content">
<div class="post-thumb">{picture(story)}<div class="muted">{escape(sheet.caption)}</div>
<div class="muted">{escape(words.credit)}</div></div>
<div class="share-bar">{escape(words.share)} {links(share_links(sheet))}</div>
{lines(interrupted(sheet, paragraphs(story.paragraphs)))}
<div class="tags">{tags(sheet)}</div>
</div></div></div>
<div class="col-md-4"><div class="widget"><div class="widget-title">{escape(words.related)}</div>
{bullets(related_links(sheet))}
<div class="more">{more_link(sheet)}</div></div></div>
</div>
<div class="row"><div class="well"><div class="widget-title">{escape(words.add_comment)}</div>
{_comment_form(sheet)}</div></div>
<div class="muted">{escape(words.rights)} {links(footer_links(story.language))}</div>
</div>"""


def cards(sheet: Sheet) -> str:
    """Lay out a body followed by teaser cards in a bare `<section>` and the readers' comments."""
    head = [*_head(sheet), *_open_graph(sheet)]
    return document(sheet.words, sheet.full_title, head, _cards_body(sheet), css=_CARDS_CSS)


def _cards_body(sheet: Sheet) -> str:
    story, words = sheet.story, sheet.words
    return f"""<div class="bar">{links(navigation(story.language))}</div>
<div itemscope itemtype="http://schema.org/NewsArticle">
<small>{breadcrumb(sheet)}</small>
<h1 itemprop="headline">{escape(story.title)}</h1>
<div class="muted"><span itemprop="author">{escape(sheet.byline)}</span> -
<time itemprop="datePublished" datetime="{story.published_at.isoformat()}">\
{escape(sheet.date_line)}</time></div>
<div>{picture(story)}<br><small>{escape(sheet.caption)} ({escape(words.credit)})</small></div>
{lines(paragraphs(story.paragraphs))}
<section><h2>{escape(words.related)}</h2>
{lines(_card(other) for other in sheet.related)}
</section>
<div class="muted">{tags(sheet)}</div>
<div>{escape(words.share)} {links(share_links(sheet), " · ")}</div>
</div>
<div>{more_link(sheet)}</div>
<div class="thread"><h2>{escape(words.comments)}</h2>
{_thread(sheet)}
<h3>{escape(words.add_comment)}</h3>
{_comment_form(sheet)}</div>
<p class="muted">{escape(words.rights)} {links(footer_links(story.language))}</p>"""


def _card(story: Story) -> str:
    return f"""<div>{picture(story, 208)}
<h3>{link(story_path(story), story.title)}</h3>
<p>{escape(teaser(story, 60))}</p></div>"""


def _thread(sheet: Sheet) -> str:
    readers = sheet.words.readers
    first = sheet.story.id % len(readers)
    chosen = (*readers[first:], *readers[:first])[:3]
    return lines(f"<div><b>{escape(n)}</b><p>{escape(text)}</p></div>" for n, text in chosen)


def _head(sheet: Sheet) -> list[str]:
    declared = [f'<meta charset="{escape(sheet.charset)}">'] if sheet.charset else []
    canonical = f'<link rel="canonical" href="{escape(sheet.url)}">'
    notices = (meta(name, content) for name, content in sheet.notices)
    return [*declared, meta("viewport", "width=device-width"), canonical, *notices]


def _open_graph(sheet: Sheet) -> list[str]:
    return [
        og("og:type", "article"),
        og("og:title", sheet.story.title),
        og("og:url", sheet.url),
        og("og:site_name", sheet.words.paper),
        og("og:description", teaser(sheet.story)),
    ]


def _modified(story: Story) -> list[str]:
    at = story.modified_at
    return [og("article:modified_time", at.isoformat())] if at else []


def _comment_form(sheet: Sheet) -> str:
    action = escape(story_path(sheet.story))
    return f'<form method="post" action="{action}">\n{comment_fields(sheet.words)}\n</form>'
