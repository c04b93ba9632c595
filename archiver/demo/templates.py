"""Article pages: one story in one of five templates that have little in common but their text."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from archiver.demo import layouts_classic, layouts_modern
from archiver.demo.addresses import is_archived
from archiver.demo.furniture import Sheet
from archiver.demo.stories import Story


class Template(StrEnum):
    """How an article page is built; the order is the one in which stories take turns."""

    PLAIN = "plain"  # semantic HTML 5, JSON-LD, Open Graph, <time>
    DIVS = "divs"  # nested divs, Open Graph, share bar and "read also" within the body
    ASPNET = "aspnet"  # one form around everything, "read also", no Open Graph, date in words
    TABLE = "table"  # nested tables, <font>, <br><br>, <meta name=date>
    CARDS = "cards"  # microdata, teaser cards right after the body, readers' comments


_LAYOUTS = {
    Template.PLAIN: layouts_modern.plain,
    Template.DIVS: layouts_modern.divs,
    Template.ASPNET: layouts_classic.aspnet,
    Template.TABLE: layouts_classic.table,
    Template.CARDS: layouts_modern.cards,
}


def render_article(
    story: Story,
    template: Template,
    origin: str,
    related: Sequence[Story],
    charset: str = "utf-8",
    notices: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page of any story, also of one that the newspaper does not have.

    `charset` is what the page declares about itself, nothing if it is empty; encoding is up to the
    caller. `notices` are `<meta>` names and contents to add, such as `("robots", "noarchive")`.
    """
    return _LAYOUTS[template](Sheet(story, origin, related, charset, notices))


def template_of(story: Story) -> Template:
    """Return the template that a story of the newspaper has: in turn by id, the archive by two."""
    if is_archived(story):
        return Template.ASPNET if story.id % 2 else Template.TABLE
    return tuple(Template)[story.id % len(Template)]
