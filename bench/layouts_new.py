"""Layouts of today: utility classes, comments as articles, a divided body, a lead in the header."""

from __future__ import annotations

import json
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
    photo,
    read_also,
    share,
    trail,
)
from bench.layouts_words import (
    ABOUT,
    ADVERT,
    AGREE,
    CAPTION,
    COOKIES,
    CREDIT,
    LATEST,
    MOST_READ,
    NEWSLETTER,
    POLICY,
    REPLY,
    SUBSCRIBE,
)

_HEAD = ('<meta charset="utf-8">', meta("viewport", "width=device-width, initial-scale=1"))
_COOKIE_NOTICE = f"""<div role="dialog"><p>{escape(COOKIES)}</p>
<button>{escape(AGREE)}</button></div>"""


def utility(sheet: Sheet) -> str:
    """Utility classes that name nothing; the body in sections, a newsletter and cards among them."""
    title = f"{sheet.story.title} - {sheet.outlet.name}"
    data = json.dumps({"props": {"id": sheet.story.id}, "page": "/news/[id]"})
    body = f"""<body class="bg-white antialiased"><div id="__next">
<div class="sticky top-0 z-50 flex items-center justify-between px-4 py-3 shadow">
<a class="text-xl font-black" href="/">{escape(sheet.outlet.name)}</a>
<div class="hidden gap-4 text-sm md:flex">{links(menu())}</div></div>
<div class="mx-auto max-w-3xl px-4 py-6">
<div class="mb-3 text-xs text-gray-500">{trail(sheet, " / ")}</div>
<div class="text-3xl font-bold leading-snug">{escape(sheet.story.title)}</div>
<div class="mt-3 flex gap-2 text-sm text-gray-500"><span>{escape(sheet.byline)}</span>
<span>{egypt(sheet.at)}</span></div>
<div class="my-4 flex gap-2">{share(sheet)}</div>
<div class="my-6">{photo(sheet.story, ' class="w-full rounded-lg"')}
<div class="mt-1 text-xs text-gray-500">{escape(CAPTION)} · {escape(CREDIT)}</div></div>
{_utility_sections(sheet)}
<section class="my-10 border-t pt-6"><div class="mb-2 font-bold">{escape(WORDS.add_comment)}</div>
<form class="space-y-2">{comment_fields(WORDS)}</form></section></div>
<div class="bg-gray-900 px-4 py-8 text-sm text-gray-300"><p class="mb-2">{escape(ABOUT)}</p>{foot()}
<p class="mt-4">{escape(sheet.rights)}</p></div>
<div class="fixed bottom-0 flex gap-4 p-4">{_COOKIE_NOTICE}</div></div>
<script id="__NEXT_DATA__" type="application/json">{data}</script></body>"""
    return frame(title, _HEAD, body)


def _utility_sections(sheet: Sheet) -> str:
    first, second = (
        lines(each('<p class="mb-5 text-lg leading-8 text-gray-800">*</p>', texts))
        for texts in halves(sheet.story.paragraphs)
    )
    return f"""<section class="mb-8">{first}</section>
<section class="mb-8 rounded-xl bg-sky-50 p-6"><p class="mb-3 text-lg">{escape(NEWSLETTER)}</p>
<a class="rounded bg-sky-700 px-4 py-2 text-white" href="/join">{escape(SUBSCRIBE)}</a></section>
<section class="mb-8">{second}</section>
<section class="mb-8"><div class="mb-4 text-xl font-bold">{escape(WORDS.related)}</div>
<div class="grid gap-6 md:grid-cols-2">{lines(map(_utility_card, sheet.related))}</div>
<div class="mt-4 text-sky-700">{more(sheet)}</div></section>"""


def _utility_card(story: Story) -> str:
    return f"""<a class="block rounded-lg shadow" href="/news/{story.id}">{photo(story)}
<div class="p-4"><div class="font-bold">{escape(story.title)}</div>
<p class="mt-2 text-sm leading-6 text-gray-600">{escape(teaser(story, 200))}</p>
<span class="text-xs text-gray-400">{egypt(story.published_at)}</span></div></a>"""


def threads(sheet: Sheet) -> str:
    """Readers' comments, as long as paragraphs, in `<article>` elements below the body."""
    head = [*_HEAD, og("og:type", "article"), og("og:title", sheet.story.title)]
    body = f"""<body>
<header class="site"><a href="/">{escape(sheet.outlet.name)}</a><nav>{links(menu())}</nav></header>
<main class="page">
<nav class="crumbs">{trail(sheet)}</nav>
<article class="story">
<h1>{escape(sheet.story.title)}</h1>
<div class="info"><span class="writer">{escape(sheet.byline)}</span>
<time>{escape(levant(sheet.at))}</time></div>
<figure>{photo(sheet.story)}<figcaption>{escape(CAPTION)} {escape(CREDIT)}</figcaption></figure>
{lines(each("<p>*</p>", sheet.story.paragraphs))}
<div class="sharing">{escape(WORDS.share)} {share(sheet)}</div></article>
<aside><h2>{escape(WORDS.related)}</h2>{bullets(sheet.related_links)}{more(sheet)}</aside>
{_threads_comments(sheet)}</main>
<footer class="site">{foot()}<p>{escape(sheet.rights)}</p></footer></body>"""
    return frame(f"{sheet.outlet.name} | {sheet.story.title}", head, body)


def _threads_comments(sheet: Sheet) -> str:
    readers = lines(
        f"""<article id="c{n}"><header><b>{escape(c.name)}</b>
<time datetime="{at.isoformat()}">{escape(levant(at))}</time></header>
<div><p>{escape(c.text)}</p></div><footer><a href="#c{n}">{escape(REPLY)}</a></footer></article>"""
        for n, (c, at) in enumerate(comments(sheet))
    )
    return f"""<section><h2>{escape(WORDS.comments)}</h2>
{readers}
<h2>{escape(WORDS.add_comment)}</h2><p>{escape(POLICY)}</p>
<form>{comment_fields(WORDS)}</form></section>"""


def split(sheet: Sheet) -> str:
    """A body in two containers, an advertisement and a box of links between them."""
    first, second = (lines(each("<p>*</p>", texts)) for texts in halves(sheet.story.paragraphs))
    body = f"""<body>
<div class="container"><div class="navbar"><a class="navbar-brand" href="/">\
{escape(sheet.outlet.name)}</a>{bullets(menu())}</div>
<ol class="breadcrumb"><li>{trail(sheet, "</li><li>")}</li></ol>
<div class="row"><div class="col-sm-8">
<h2 class="story-headline">{escape(sheet.story.title)}</h2>
<p class="story-info">{escape(sheet.byline)} | {escape(maghreb(sheet.at))}</p>
<div class="thumbnail">{photo(sheet.story)}<div class="caption">{escape(CAPTION)} - {escape(CREDIT)}\
</div></div>
<div class="story-part">{first}</div>
<div class="ad-slot"><small>إعلان</small><p>{escape(ADVERT)}</p></div>
<div class="panel panel-default"><div class="panel-heading">{escape(WORDS.most_read)}</div>
{bullets(MOST_READ)}</div>
<div class="row"><div class="col-sm-12"><div class="story-part">{second}</div></div></div>
<div class="btn-group">{escape(WORDS.share)} {share(sheet)}</div></div>
<div class="col-sm-4"><div class="panel panel-info"><div class="panel-heading">\
{escape(WORDS.related)}</div>{bullets(sheet.related_links)}<p>{more(sheet)}</p></div>
<div class="well"><p>{escape(NEWSLETTER)}</p><a class="btn" href="/join">{escape(SUBSCRIBE)}</a></div>
</div></div>
<div class="well"><h4>{escape(WORDS.add_comment)}</h4><form>{comment_fields(WORDS)}</form></div>
<div class="footer">{foot(" | ")}<p>{escape(sheet.rights)}</p></div></div></body>"""
    return frame(f"{sheet.story.title} - {sheet.outlet.name}", _HEAD, body)


def lead(sheet: Sheet) -> str:
    """The first paragraph as an `<h2>` in the header, outside the container of the others."""
    first, *others = sheet.story.paragraphs
    head = [*_HEAD, meta("description", first), meta("pubdate", sheet.at.isoformat())]
    body = f"""<body>
<div class="top">{link("/", sheet.outlet.name)} <span>{escape(sheet.outlet.motto)}</span></div>
<div class="menu">{links(menu())}</div>
<div class="wrap"><header class="story-head">
<div class="path">{trail(sheet)}</div>
<h1>{escape(sheet.story.title)}</h1>
<h2 class="lead">{escape(first)}</h2>
<div class="signature">{escape(sheet.byline)} <span class="date">{egypt(sheet.at)}</span></div>
</header>
<figure class="hero">{photo(sheet.story)}<figcaption>{escape(CAPTION)}. {escape(CREDIT)}</figcaption>
</figure>
<div class="tools">{escape(WORDS.share)} {share(sheet)}</div>
<div class="body-text">{_lead_text(sheet, others)}</div>
<div class="tags">{escape(WORDS.tags)} {link(*sheet.section)}</div>
<div class="list"><h3>{escape(WORDS.related)}</h3>{bullets(sheet.related_links)}{more(sheet)}</div>
<div class="list"><h3>{escape(LATEST)}</h3>{bullets(MOST_READ)}</div>
<div class="reply"><h3>{escape(WORDS.add_comment)}</h3><form>{comment_fields(WORDS)}</form></div>
</div>
<div class="bottom">{foot()}<p>{escape(ABOUT)}</p><p>{escape(sheet.rights)}</p></div>
{_COOKIE_NOTICE}</body>"""
    return frame(f"{sheet.story.title} - {sheet.outlet.name}", head, body)


def _lead_text(sheet: Sheet, others: list[str]) -> str:
    first, second = halves(others)
    return f"""{lines(each("<p>*</p>", first[:-1]))}
{lines(f"<p>{linked(text, sheet.section[0])}</p>" for text in first[-1:])}
<div class="also">{read_also(sheet)}</div>
{lines(each("<p>*</p>", second))}"""
