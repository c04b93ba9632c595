"""The pages of the press that are no plain stories: what stands in a story's place, what ticks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html import escape
from http import HTTPStatus

from archiver.demo.addresses import HOMES
from archiver.demo.furniture import document, lines
from archiver.demo.hubs import render_message
from archiver.demo.press_wording import NOTICES
from archiver.demo.replies import Page
from archiver.demo.stories import Story
from archiver.demo.wording import WORDINGS

_TICKING = 4  # one story in so many has a line that changes with each minute
_MARK = re.compile(rb"@@(ago|views) (\d+) (\w+)@@")
_CHARSET = '<meta charset="utf-8">'


def stand_in(kind: str, story: Story, origin: str) -> Page:
    """Return what is at a story's address instead: "home", "missing", "consent" or "shell"."""
    words, notices = WORDINGS[story.language], NOTICES[story.language]
    if kind == "home":
        html = render_message(words, words.moved, (HOMES[story.language], words.home))
        location = ("Location", origin + HOMES[story.language])
        return Page(html.encode(), status=HTTPStatus.FOUND, headers=(location,))
    if kind == "missing":
        return Page(render_message(words, words.missing).encode())
    if kind == "consent":
        heading, sentence = notices.consent
        buttons = lines(f"<button>{escape(label)}</button>" for label in notices.choices)
        body = f"<main><h1>{escape(heading)}</h1>\n<p>{escape(sentence)}</p>\n{buttons}</main>"
        return Page(document(words, heading, [_CHARSET], body).encode())
    body = f"""<div id="root"></div>
<noscript>{escape(notices.no_script)}</noscript>
<script src="/app.js" defer></script>"""
    return Page(document(words, words.paper, [_CHARSET], body).encode())


def teased(story: Story) -> Story:
    """Return what a paywall lets through: the first paragraph, and what it wants."""
    subscribe = NOTICES[story.language].subscribe
    return replace(story, paragraphs=(story.paragraphs[0], subscribe))


def ticks(story: Story) -> bool:
    """Tell whether a story's page has a line that changes with each minute."""
    return story.id % _TICKING == 1 and not (story.language == "ar" and story.id > 1000)


def with_ticking_line(html: str, story: Story) -> str:
    """Put the line before the first paragraph, with marks for what is said when it is asked for."""
    stamp = f"{int(story.changed_at.timestamp())} {story.language}@@"
    line = NOTICES[story.language].ticking.format(ago=f"@@ago {stamp}", views=f"@@views {stamp}")
    tag = ("p", "div")[story.id // _TICKING % 2]
    first = f"<p>{escape(story.paragraphs[0])}</p>"
    return html.replace(first, f'<{tag} class="updated">{line}</{tag}>\n{first}', 1)


def ticked(page: Page, at: datetime) -> Page:
    """Fill the marks in for an instant."""
    if b"@@" not in page.body:
        return page
    return replace(page, body=_MARK.sub(_filling(at), page.body))


def _filling(at: datetime) -> Callable[[re.Match[bytes]], bytes]:
    def fill(mark: re.Match[bytes]) -> bytes:
        since = int(mark[2])
        minutes = max(0, int(at.timestamp()) - since) // 60
        if mark[1] == b"views":
            return str(40 + since % 50 + 3 * minutes).encode()
        return _ago(minutes, mark[3].decode()).encode()

    return fill


def _ago(minutes: int, language: str) -> str:
    if language == "ar":
        return f"{minutes} {'دقائق' if 3 <= minutes % 100 <= 10 else 'دقيقة'}"
    return f"{minutes} دقیقه" if language == "fa" else f"{minutes} minutes"
