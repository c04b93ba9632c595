"""Eleven more layouts of a news page, as Arabic sites of different ages and systems make them.

For `bench.seed`, for tests and for training. Each is a whole page: the story, and what stands around
it (see `Layout`); the sites, their names and what they say are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from lxml import html as markup

from archiver.demo.stories import Story
from bench import layouts_new, layouts_old, layouts_systems
from bench.layouts_parts import VISITED, Sheet
from bench.layouts_words import Outlet

__all__ = ["VISITED", "Layout", "Page", "furniture", "pages", "render"]


class Layout(StrEnum):
    """How a page is built, and what makes it hard to read."""

    WEBFORMS = "webforms"  # one form, ids like ctl00_..., <br /><br />, headline in a <span>
    FONTS = "fonts"  # tables three deep, <font>, the Hijri date beside our own
    PRESS = "press"  # like WordPress: sharing, related posts, newsletter inside the content
    FIELDS = "fields"  # like Drupal: paragraphs and related links are both div.field-item
    UTILITY = "utility"  # utility classes, sections, cards with teasers and dates
    INLINE = "inline"  # related links are <p><a> between the paragraphs; prints no date
    THREADS = "threads"  # long comments in <article> elements, with dates
    SPLIT = "split"  # the body in two containers, advertisement and most read between them
    LEAD = "lead"  # the first paragraph is an <h2> in the header
    AMP = "amp"  # amp-* elements, an accordion of related stories
    LEGACY = "legacy"  # windows-1256, <p> never closed, a title that says nothing


class Page(NamedTuple):
    """A rendered page. `name` is its layout's, `dated` whether it tells its date of publication."""

    name: str
    html: str
    url: str
    charset: str
    dated: bool

    @property
    def body(self) -> bytes:
        """The page in its own charset."""
        return self.html.encode(self.charset, "xmlcharrefreplace")


_LAYOUTS: dict[Layout, tuple[Callable[[Sheet], str], Outlet]] = {
    Layout.WEBFORMS: (
        layouts_old.webforms,
        Outlet(
            "مرآة التلال",
            "صوت القرى والمدن",
            "http://www.tilal.example/news/details.aspx?id=48213&lang=ar",
        ),
    ),
    Layout.FONTS: (
        layouts_old.fonts,
        Outlet(
            "جريدة قنديل الجسر",
            "يومية سياسية جامعة",
            "http://www.qandil.example/news.php?op=show&sid=48213",
        ),
    ),
    Layout.PRESS: (
        layouts_systems.press,
        Outlet("دفتر الساحل", "حكاية كل يوم", "https://daftar.example/?p=48213"),
    ),
    Layout.FIELDS: (
        layouts_systems.fields,
        Outlet("وكالة سدرة الوادي", "الخبر من أهله", "https://sidra.example/ar/node/48213"),
    ),
    Layout.UTILITY: (
        layouts_new.utility,
        Outlet("ضفاف الرمل", "أخبار بلا ضجيج", "https://dhifaf.example/news/48213"),
    ),
    Layout.INLINE: (
        layouts_old.inline,
        Outlet("نوافذ القلعة", "نشرة الحي", "http://nawafidh.example/news/48213.html"),
    ),
    Layout.THREADS: (
        layouts_new.threads,
        Outlet("صوت البيدر", "رأيك يهمنا", "https://baydar.example/articles/48213"),
    ),
    Layout.SPLIT: (
        layouts_new.split,
        Outlet("بوابة المنحدر", "أول بأول", "https://munhadar.example/story/48213"),
    ),
    Layout.LEAD: (
        layouts_new.lead,
        Outlet("ميزان البحر", "قراءة في الخبر", "https://mizan.example/politics/48213"),
    ),
    Layout.AMP: (
        layouts_systems.amp,
        Outlet("خيمة الأخبار", "أسرع", "https://khayma.example/amp/48213"),
    ),
    Layout.LEGACY: (
        layouts_old.legacy,
        Outlet("أوراق الزعتر", "منذ 1998", "http://www.zaatar.example/show.asp?n=48213"),
    ),
}
_UNDATED = frozenset([Layout.INLINE])
_CHARSETS = {Layout.LEGACY: "windows-1256"}


def render(layout: Layout, story: Story, related: Sequence[Story]) -> str:
    """Return the page of an Arabic story; `Page.charset` says what it is to be encoded in."""
    make, outlet = _LAYOUTS[layout]
    return make(Sheet(story, related, outlet))


def pages(story: Story, related: Sequence[Story]) -> Iterator[Page]:
    """Yield the page of an Arabic story in each layout."""
    for layout, (_, outlet) in _LAYOUTS.items():
        html = render(layout, story, related)
        charset = _CHARSETS.get(layout, "utf-8")
        yield Page(layout, html, outlet.url, charset, layout not in _UNDATED)


def furniture(html: str, story: Story) -> list[str]:
    """Return every piece of text that a page shows besides its story."""
    tree = markup.document_fromstring(html)
    own = (story.title, *story.paragraphs)
    shown: Any = tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    pieces = dict.fromkeys(" ".join(text.split()) for text in shown)
    return [piece for piece in pieces if piece and not any(piece in text for text in own)]
