from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from archiver.demo.stories import Story, load_stories
from archiver.demo.templates import Template, render_article
from archiver.demo.wording import WORDINGS

ORIGIN = "http://127.0.0.1:1"
VOID = {"br", "img", "input", "link", "meta"}
Stories = dict[int, Story]

every_template = pytest.mark.parametrize("template", list(Template))


class Nesting(HTMLParser):
    """Raises where a page closes what it has not opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()


def render(story: Story, template: Template) -> str:
    others = [s for s in load_stories() if s.language == story.language and s.id != story.id]
    return render_article(story, template, ORIGIN, others[:4])


@every_template
@pytest.mark.parametrize("visit", [1, 2])
def test_every_story_is_whole(template: Template, visit: int) -> None:
    for story in load_stories(visit):
        page = unescape(render_article(story, template, ORIGIN, []))
        missing = [p for p in (story.title, story.author, *story.paragraphs) if p not in page]
        assert not missing, story.id


@every_template
@pytest.mark.parametrize("number", [1001, 1036, 2001, 3001])
def test_every_page_has_its_furniture(template: Template, number: int, stories: Stories) -> None:
    html = render(stories[number], template)
    words = WORDINGS[stories[number].language]
    assert Nesting(html).open == []
    for label in (words.home, words.share, words.credit, words.tags, words.more, *words.fields):
        assert label in html
    assert html.count(words.related) == html.count(words.add_comment) == 1
    assert html.count('rel="canonical"') == 1
    body = html.partition(stories[number].paragraphs[0])[2]
    assert len(re.findall(r'href="(?:/news-details/|/en/story/|/fa/khabar/)', body)) >= 4
    assert f'lang="{words.language}" dir="{words.direction}"' in html


@every_template
def test_hostile_text_stays_text(template: Template, stories: Stories) -> None:
    evil = '</script><script>alert("x")</script> & <b>'
    story = replace(stories[2001], title=evil, author=evil, photo=evil, paragraphs=(evil, "&amp;"))
    html = render_article(story, template, ORIGIN, [story])
    assert "<script>" not in html
    assert Nesting(html).open == []
    assert "&amp;amp;" in html


def test_templates_give_dates_in_their_own_ways(stories: Stories) -> None:
    story = stories[1001]
    iso = story.published_at.isoformat()
    marks = {
        Template.PLAIN: f'<time datetime="{iso}">',
        Template.DIVS: f'<meta property="article:published_time" content="{iso}">',
        Template.TABLE: f'<meta name="date" content="{iso}">',
        Template.CARDS: f'<time itemprop="datePublished" datetime="{iso}">',
    }
    for template, mark in marks.items():
        assert mark in render(story, template)
    assert iso not in render(story, Template.ASPNET)
    assert "14 مارس 2026" in render(story, Template.ASPNET)
    assert stories[3001].published_at.isoformat() in render(stories[3001], Template.ASPNET)


def test_open_graph_is_not_everywhere(stories: Stories) -> None:
    marked = [t for t in Template if 'content="article"' in render(stories[1001], t)]
    assert marked == [Template.PLAIN, Template.DIVS, Template.CARDS]


def test_two_templates_interrupt_the_body(stories: Stories) -> None:
    def interrupted(template: Template) -> bool:
        _, _, body = render(stories[1001], template).partition(stories[1001].paragraphs[0])
        return "اقرأ أيضا:" in body.partition(stories[1001].paragraphs[-1])[0]

    assert [t for t in Template if interrupted(t)] == [Template.DIVS, Template.ASPNET]


def test_json_ld(stories: Stories) -> None:
    html = render(stories[2005], Template.PLAIN)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    data = json.loads(found[1])
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == stories[2005].title
    assert data["datePublished"] == data["dateModified"] == stories[2005].published_at.isoformat()


@every_template
def test_a_page_declares_the_charset_it_is_told(template: Template, stories: Stories) -> None:
    story = stories[1036]
    assert "charset=windows-1256" in render_article(
        story, template, ORIGIN, [], "windows-1256"
    ).replace('"', "")
    assert "charset=" not in render_article(story, template, ORIGIN, [], "")


@every_template
def test_notices(template: Template, stories: Stories) -> None:
    html = render_article(stories[2001], template, ORIGIN, [], notices=[("robots", "noarchive")])
    assert '<meta name="robots" content="noarchive">' in html
