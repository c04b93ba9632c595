"""The pieces that the layouts of `bench.layouts` share: the sheet, the frame, what stands around."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from archiver.demo.addresses import HOMES, photo_path, section_path
from archiver.demo.datelines import date_line
from archiver.demo.furniture import Link, lines, link, links, related_links, section_link
from archiver.demo.furniture import Sheet as DemoSheet
from archiver.demo.stories import SECTIONS, Story
from archiver.demo.wording import WORDINGS
from bench.layouts_words import COMMENTS, FOOT, MENU, RIGHTS, Comment, Outlet

VISITED = timedelta(days=40)  # after publication; pages that print today's date print that day
WORDS = WORDINGS["ar"]
_HEGIRA = date(622, 7, 19).toordinal()
_LUNAR_MONTHS = (
    "محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة",
    "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """An Arabic story, the stories related to it, and the site that prints them."""

    story: Story
    related: Sequence[Story]
    outlet: Outlet

    @property
    def at(self) -> datetime:
        """When the story was published."""
        return self.story.published_at

    @property
    def byline(self) -> str:
        """Who wrote it."""
        return f"{WORDS.byline} {self.story.author}"

    @property
    def rights(self) -> str:
        """The last line of the page."""
        return f"{RIGHTS} {self.outlet.name} © {(self.at + VISITED).year}"

    @property
    def related_links(self) -> list[Link]:
        """The links to the related stories."""
        return related_links(DemoSheet(self.story, "", self.related, "", ()))

    @property
    def section(self) -> Link:
        """The link to the story's section."""
        return section_link(self.story)


def frame(title: str, head: Iterable[str], body: str, opening: str = "<!DOCTYPE html>") -> str:
    """Return a whole page; everything but the title is markup already.

    `opening` is the doctype, with an `<html>` of its own where it has attributes to set.
    """
    root = "" if "<html" in opening.lower() else '\n<html lang="ar" dir="rtl">'
    return f"""{opening}{root}
<head>
{lines(head)}
<title>{escape(title)}</title>
</head>
{body}
</html>
"""


def menu() -> list[Link]:
    """Return the links to home, the sections, and what a site has besides."""
    sections = [(section_path("ar", name), WORDS.sections[name]) for name in SECTIONS]
    return [(HOMES["ar"], WORDS.home), *sections, *MENU]


def trail(sheet: Sheet, between: str = " » ") -> str:
    """Return the breadcrumb: home, section, the word for a story page."""
    above = links([(HOMES["ar"], WORDS.home), sheet.section], between)
    return f"{above}{between}<span>{escape(WORDS.story)}</span>"


def share(sheet: Sheet, between: str = " ") -> str:
    """Return the share bar's links."""
    page = sheet.outlet.url
    networks = [(f"https://social.example/{n}?u={page}", n) for n in WORDS.networks]
    return links([*networks, ("javascript:window.print()", WORDS.print)], between)


def foot(between: str = " ") -> str:
    """Return the links of the page's foot."""
    return links(FOOT, between)


def photo(story: Story, attributes: str = "") -> str:
    """Return the story's `<img>`."""
    return f'<img src="{photo_path(story)}" alt="" width="600" height="338"{attributes}>'


def read_also(sheet: Sheet) -> str:
    """Return "read also" and a link, as it stands within a body."""
    targets = sheet.related_links[-1:]
    return f"<strong>{escape(WORDS.read_also)}</strong> {links(targets)}"


def more(sheet: Sheet) -> str:
    """Return the link to more of the section."""
    return link(sheet.section[0], WORDS.more)


def each(template: str, texts: Iterable[str]) -> list[str]:
    """Set each text, escaped, in the place of the `*` in `template`."""
    return [template.replace("*", escape(text)) for text in texts]


def linked(text: str, address: str) -> str:
    """Return a paragraph's markup with its third and fourth word as a link."""
    words = text.split(" ")
    before, inside, after = (
        " ".join(words[part]) for part in (slice(2), slice(2, 4), slice(4, None))
    )
    return f"{escape(before)} {link(address, inside)} {escape(after)}"


def halves(texts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Divide the paragraphs in the middle."""
    middle = (len(texts) + 1) // 2
    return texts[:middle], texts[middle:]


def comments(sheet: Sheet) -> list[tuple[Comment, datetime]]:
    """Return what readers wrote, and when."""
    return [(comment, sheet.at + timedelta(days=comment.days)) for comment in COMMENTS]


def numbers(at: datetime, time: bool = False) -> str:
    """Return a date in figures, day first."""
    return f"{at:%d/%m/%Y - %H:%M}" if time else f"{at:%d/%m/%Y}"


def levant(at: datetime) -> str:
    """Return a date with the weekday, a month as in Damascus, and the time."""
    return date_line(at, "ar", 0)


def egypt(at: datetime) -> str:
    """Return a date with a month as in Cairo, in Arabic-Indic digits."""
    return date_line(at, "ar", 1)


def maghreb(at: datetime) -> str:
    """Return a date with a month as in Tunis, and the time."""
    return date_line(at, "ar", 2)


def both_calendars(at: datetime) -> str:
    """Return the Hijri date (tabular, civil epoch) and beside it our own."""
    days = at.toordinal() - _HEGIRA
    year = (30 * days + 10646) // 10631
    days -= 354 * (year - 1) + (3 + 11 * year) // 30
    month = (11 * days + 330) // 325
    day = days - 29 * (month - 1) - month // 2 + 1
    return f"{day} {_LUNAR_MONTHS[month - 1]} {year} هـ - {egypt(at)} م"


def news_article(sheet: Sheet) -> str:
    """Return the JSON-LD of a NewsArticle."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": sheet.story.title,
        "datePublished": sheet.at.isoformat(),
        "author": {"@type": "Person", "name": sheet.story.author},
        "publisher": {"@type": "Organization", "name": sheet.outlet.name},
    }
    told = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{told}</script>'
