"""Layouts of content management systems: a blog engine, one of fields, AMP."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from archiver.demo.furniture import bullets, comment_fields, lines, link, links, meta, og, teaser
from archiver.demo.stories import Story
from bench.layouts_parts import (
    WORDS,
    Sheet,
    comments,
    each,
    egypt,
    foot,
    frame,
    halves,
    levant,
    linked,
    maghreb,
    menu,
    more,
    news_article,
    photo,
    read_also,
    share,
    trail,
)
from bench.layouts_words import (
    ABOUT,
    ADVERT,
    AGREE,
    BIOGRAPHY,
    CAPTION,
    COOKIES,
    CREDIT,
    LATEST,
    MOST_READ,
    NEWSLETTER,
    REPLY,
    SUBSCRIBE,
)

_CHARSET = '<meta charset="utf-8">'
_AMP = '<!doctype html>\n<html ⚡ lang="ar" dir="rtl">'


def press(sheet: Sheet) -> str:
    """Like WordPress: named classes, and plugins for sharing and related posts inside the content."""
    story = sheet.story
    head = [
        _CHARSET,
        og("og:type", "article"),
        og("og:title", story.title),
        og("og:site_name", sheet.outlet.name),
        og("article:published_time", sheet.at.isoformat()),
        news_article(sheet),
    ]
    menu_items = bullets(menu()).replace("<li>", '<li class="menu-item">')
    body = f"""<body class="rtl post-template-default single single-post postid-48213">
<header id="masthead" class="site-header"><p class="site-title">{link("/", sheet.outlet.name)}</p>
<p class="site-description">{escape(sheet.outlet.motto)}</p>
<nav class="main-navigation">{menu_items}</nav></header>
<div id="primary" class="content-area"><main id="main" class="site-main">
<div id="breadcrumbs">{trail(sheet)}</div>
<article id="post-48213" class="post-48213 post type-post status-publish hentry">
<header class="entry-header"><h1 class="entry-title">{escape(story.title)}</h1>
<div class="entry-meta"><span class="byline">{escape(sheet.byline)}</span>
<time class="entry-date published" datetime="{sheet.at.isoformat()}">{maghreb(sheet.at)}</time></div>
</header>
<div class="entry-content">{_press_content(sheet)}</div>
<footer class="entry-footer"><span class="cat-links">{escape(WORDS.tags)} {link(*sheet.section)}\
</span></footer></article>
{_press_below(sheet)}</main></div>
<aside id="secondary" class="widget-area"><section class="widget widget_popular">
<h2 class="widget-title">{escape(WORDS.most_read)}</h2>{bullets(MOST_READ)}</section></aside>
<footer id="colophon" class="site-footer"><p>{escape(ABOUT)}</p>{foot()}
<div class="site-info">{escape(sheet.rights)}</div></footer></body>"""
    return frame(f"{sheet.outlet.name} | {story.title}", head, body)


def _press_content(sheet: Sheet) -> str:
    first, second = halves(sheet.story.paragraphs)
    opening = f"<p>{linked(first[0], sheet.section[0])}</p>"
    return f"""<figure class="wp-caption aligncenter">{photo(sheet.story)}
<figcaption class="wp-caption-text">{escape(CAPTION)} ({escape(CREDIT)})</figcaption></figure>
<div class="sharing-plugin"><h3 class="share-title">{escape(WORDS.share)}</h3>{share(sheet)}</div>
{lines([opening, *each("<p>*</p>", first[1:])])}
<p>{read_also(sheet)}</p>
{lines(each("<p>*</p>", second))}
<div class="related-posts-plugin"><h3>{escape(WORDS.related)}</h3>
<ul>{lines(map(_press_card, sheet.related))}</ul>{more(sheet)}</div>
<div class="newsletter-plugin"><p>{escape(NEWSLETTER)}</p><button>{escape(SUBSCRIBE)}</button></div>
"""


def _press_card(story: Story) -> str:
    return f"""<li>{photo(story)}<a href="/?p={story.id}"><span>{escape(story.title)}</span></a>
<p>{escape(teaser(story))}</p></li>"""


def _press_below(sheet: Sheet) -> str:
    readers = lines(
        f"""<li class="comment"><div class="comment-body"><b class="fn">{escape(c.name)}</b>
<div class="comment-metadata">{maghreb(at)}</div>
<div class="comment-content"><p>{escape(c.text)}</p></div>
<div class="reply">{link("#respond", REPLY)}</div></div></li>"""
        for c, at in comments(sheet)
    )
    return f"""<div class="author-box"><h4>{escape(sheet.story.author)}</h4>
<p>{escape(BIOGRAPHY)}</p></div>
<div id="comments" class="comments-area"><h2 class="comments-title">{escape(WORDS.comments)}</h2>
<ol class="comment-list">{readers}</ol>
<div id="respond"><h3 id="reply-title">{escape(WORDS.add_comment)}</h3>
<form id="commentform">{comment_fields(WORDS)}</form></div></div>"""


def fields(sheet: Sheet) -> str:
    """Like Drupal: all is a field, each paragraph a div.field-item, and so is each related link."""
    head = [
        _CHARSET,
        meta("dcterms.created", sheet.at.isoformat()),
        meta("generator", "Nodes and Fields 7"),
    ]
    body = f"""<body class="html not-front page-node page-node-48213 node-type-news">
<div id="page"><div class="region region-header"><div id="site-name">{escape(sheet.outlet.name)}</div>
<div id="site-slogan">{escape(sheet.outlet.motto)}</div></div>
<div class="region region-menu">{bullets(menu())}</div>
<div class="breadcrumb">{trail(sheet, " › ")}</div>
<div id="content" class="column"><div class="region region-content">
<div id="node-48213" class="node node-news node-full clearfix">
<h2 class="node-title">{escape(sheet.story.title)}</h2>
<div class="content">{_fields(sheet)}</div>
<ul class="links inline"><li class="comment-add">{link("/comment/48213", WORDS.add_comment)}</li>
<li class="print">{link("/print/48213", WORDS.print)}</li></ul></div></div></div>
<div class="region region-sidebar"><div class="block block-views">
<h2 class="block-title">{escape(WORDS.most_read)}</h2>
{lines(f'<div class="views-row">{link(*target)}</div>' for target in MOST_READ)}</div></div>
<div class="region region-footer"><p>{escape(ABOUT)}</p>{foot(" | ")} {escape(sheet.rights)}</div>
</div></body>"""
    return frame(WORDS.story, head, body)


def _fields(sheet: Sheet) -> str:
    day = f'<span class="date-display-single">{escape(levant(sheet.at))}</span>'
    picture = f"""{photo(sheet.story)}<blockquote class="image-field-caption">{escape(CAPTION)} -
{escape(CREDIT)}</blockquote>"""
    return lines(
        [
            _field("date", "datetime", [day]),
            _field("author", "text", [escape(sheet.byline)]),
            _field("image", "image", [picture]),
            _field("share", "addthis", [f"{escape(WORDS.share)} {share(sheet)}"]),
            _field("body", "text-long", map(escape, sheet.story.paragraphs)),
            _field("tags", "taxonomy", map(escape, WORDS.places), WORDS.tags),
            _field("related", "node-reference", _fields_related(sheet), WORDS.related),
            _field("ad", "text-long", [escape(ADVERT)]),
        ]
    )


def _fields_related(sheet: Sheet) -> list[str]:
    return [*(link(*target) for target in sheet.related_links), more(sheet)]


def _field(name: str, kind: str, items: Iterable[str], label: str = "") -> str:
    shown = f'<div class="field-label">{escape(label)}&nbsp;</div>' if label else ""
    rows = (
        f'<div class="field-item {("even", "odd")[n % 2]}">{item}</div>'
        for n, item in enumerate(items)
    )
    return f"""<div class="field field-name-field-{name} field-type-{kind}">{shown}
<div class="field-items">{lines(rows)}</div></div>"""


def amp(sheet: Sheet) -> str:
    """AMP: amp-* elements, related stories in an accordion, a list that is loaded later."""
    story = sheet.story
    head = [
        _CHARSET,
        '<script async src="https://cdn.example/v0.js"></script>',
        "<style amp-boilerplate>body{visibility:hidden}</style>",
        news_article(sheet),
    ]
    body = f"""<body>
<header class="amp-bar"><button on="tap:menu.toggle">☰</button> {link("/", sheet.outlet.name)}</header>
<amp-sidebar id="menu" layout="nodisplay">{bullets(menu())}</amp-sidebar>
<main><div class="crumbs">{trail(sheet, " / ")}</div>
<h1>{escape(story.title)}</h1>
<div class="who">{escape(sheet.byline)}</div><div class="when">{egypt(sheet.at)}</div>
<amp-img src="/photo/{story.id}.jpg" width="600" height="338" layout="responsive"></amp-img>
<div class="cap">{escape(CAPTION)} <small>{escape(CREDIT)}</small></div>
<div class="text">{_amp_text(sheet)}</div>
<amp-social-share type="system"></amp-social-share>
{_amp_accordion(sheet)}
<amp-list src="/latest.json"><div placeholder>{escape(LATEST)}</div></amp-list></main>
<footer>{foot()}<p>{escape(sheet.rights)}</p></footer>
<amp-consent id="consent"><div><p>{escape(COOKIES)}</p><button>{escape(AGREE)}</button></div>
</amp-consent>
<amp-analytics><script type="application/json">{{"vars": {{"id": 48213}}}}</script></amp-analytics>
</body>"""
    return frame(f"{story.title} - {sheet.outlet.name}", head, body, _AMP)


def _amp_text(sheet: Sheet) -> str:
    first, second = halves(sheet.story.paragraphs)
    return f"""{lines(each("<p>*</p>", first))}
<amp-ad width="300" height="250" type="house"><div fallback>{escape(ADVERT)}</div></amp-ad>
<p class="also">{read_also(sheet)}</p>
{lines(each("<p>*</p>", second))}"""


def _amp_accordion(sheet: Sheet) -> str:
    stories = lines(
        f"<section><h4>{escape(other.title)}</h4><div><p>{escape(teaser(other, 300))}</p>"
        f"{link(f'/amp/{other.id}', WORDS.more)}</div></section>"
        for other in sheet.related
    )
    return f"""<h3>{escape(WORDS.related)}</h3>
<amp-accordion expand-single-section>{stories}
<section><h4>{escape(WORDS.most_read)}</h4><div>{links(MOST_READ, "<br>")}</div></section>
<section><h4>{escape(WORDS.add_comment)}</h4><form>{comment_fields(WORDS)}</form></section>
</amp-accordion>"""
