"""The pieces that the newspaper's pages share: links, the frame, what stands around a story."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import shorten
from urllib.parse import quote

from archiver.demo.addresses import HOMES, photo_path, section_path, story_path
from archiver.demo.datelines import date_line
from archiver.demo.stories import LANGUAGES, SECTIONS, Story
from archiver.demo.wording import WORDINGS, Wording

MAILBOX = "mailto:post@anchorage.example"
Link = tuple[str, str]  # address and label, both unescaped

_CSS = """
body { max-width: 60rem; margin: 0 auto; padding: 0 1rem; color: #222; background: #fff;
  font: 1.05rem/1.8 Georgia, "Noto Serif", "Noto Naskh Arabic", "Amiri", serif; }
a { color: #0b4f7a; text-decoration: none; }
img { max-width: 100%; height: auto; }
h1 { line-height: 1.4; }
figure { margin: 1rem 0; }
figcaption, small, .muted { color: #666; font-size: .85rem; }
input, textarea { display: block; width: 100%; max-width: 24rem; margin-bottom: .5rem; }
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A story and what an article template says around it.

    `charset` is the one that the page itself declares; with "" it declares none. `notices` are
    further `<meta>` names and contents.
    """

    story: Story
    origin: str
    related: Sequence[Story]
    charset: str
    notices: Sequence[tuple[str, str]]

    @property
    def words(self) -> Wording:
        """The wording in the story's language."""
        return WORDINGS[self.story.language]

    @property
    def url(self) -> str:
        """The canonical URL."""
        return self.origin + story_path(self.story)

    @property
    def full_title(self) -> str:
        """The title as a browser shows it."""
        return f"{self.story.title} - {self.words.paper}"

    @property
    def date_line(self) -> str:
        """The date of publication in words."""
        return date_line(self.story.published_at, self.story.language, self.story.id)

    @property
    def byline(self) -> str:
        """Who wrote it."""
        return f"{self.words.byline} {self.story.author}"

    @property
    def caption(self) -> str:
        """What the picture shows."""
        return self.story.photo or self.words.photo


def document(
    words: Wording,
    title: str,
    head: Iterable[str],
    body: str,
    *,
    css: str = "",
    doctype: str = "html",
) -> str:
    """Return a whole HTML page; everything but the title is markup already."""
    return f"""<!DOCTYPE {doctype}>
<html lang="{words.language}" dir="{words.direction}">
<head>
{lines(head)}
<title>{escape(title)}</title>
<style>{_CSS}{css}</style>
</head>
<body>
{body}
</body>
</html>
"""


def lines(pieces: Iterable[str]) -> str:
    """Put pieces of markup on lines of their own."""
    return "\n".join(pieces)


def paragraphs(texts: Iterable[str]) -> list[str]:
    """Return each text as a `<p>`."""
    return [f"<p>{escape(text)}</p>" for text in texts]


def meta(name: str, content: str) -> str:
    """Return a `<meta>` by name."""
    return f'<meta name="{escape(name)}" content="{escape(content)}">'


def og(name: str, content: str) -> str:
    """Return a `<meta>` by property, as Open Graph has them."""
    return f'<meta property="{escape(name)}" content="{escape(content)}">'


def link(address: str, label: str) -> str:
    """Return one `<a>`."""
    return f'<a href="{escape(address)}">{escape(label)}</a>'


def links(targets: Iterable[Link], between: str = " ") -> str:
    """Return several `<a>` in a row."""
    return between.join(link(*target) for target in targets)


def bullets(targets: Iterable[Link]) -> str:
    """Return several `<a>` as a list."""
    return "<ul>\n" + lines(f"<li>{link(*target)}</li>" for target in targets) + "\n</ul>"


def teaser(story: Story, width: int = 160) -> str:
    """Return the beginning of a story, as plain text."""
    return shorten(story.paragraphs[0], width, placeholder="…")


def navigation(language: str) -> list[Link]:
    """Return the links to home and sections, then to the other languages."""
    words = WORDINGS[language]
    here = [(section_path(language, name), words.sections[name]) for name in SECTIONS]
    others = [(HOMES[code], WORDINGS[code].name) for code in LANGUAGES if code != language]
    return [(HOMES[language], words.home), *here, *others]


def footer_links(language: str) -> list[Link]:
    """Return the links that stand below everything: none of them is the newspaper's own page."""
    words = WORDINGS[language]
    return [("http://social.example/anchorage", words.follow), (MAILBOX, words.contact)]


def section_link(story: Story) -> Link:
    """Return the link to a story's section."""
    name = WORDINGS[story.language].sections[story.section]
    return section_path(story.language, story.section), name


def breadcrumb(sheet: Sheet) -> str:
    """Return home › section › the word for a story page."""
    trail = [(HOMES[sheet.story.language], sheet.words.home), section_link(sheet.story)]
    return f"{links(trail, ' › ')} › <span>{escape(sheet.words.story)}</span>"


def share_links(sheet: Sheet) -> list[Link]:
    """Return the share bar's links: other hosts, mail and print."""
    page = quote(sheet.url, safe="")
    networks = [(f"http://social.example/{n}?u={page}", n) for n in sheet.words.networks]
    return [*networks, (f"{MAILBOX}?body={page}", "@"), ("javascript:print()", sheet.words.print)]


def related_links(sheet: Sheet) -> list[Link]:
    """Return the links to the related stories."""
    return [(story_path(story), story.title) for story in sheet.related]


def more_link(sheet: Sheet) -> str:
    """Return the link to more of the section."""
    return link(section_link(sheet.story)[0], sheet.words.more)


def tags(sheet: Sheet) -> str:
    """Return the tags: the section as a link, the others as words."""
    places = " ".join(f"<span>{escape(place)}</span>" for place in sheet.words.places)
    return f"{escape(sheet.words.tags)} {link(*section_link(sheet.story))} {places}"


def picture(story: Story, width: int = 640) -> str:
    """Return the story's `<img>`."""
    height = width * 9 // 16
    return f'<img src="{photo_path(story)}" alt="" width="{width}" height="{height}">'


def interrupted(sheet: Sheet, blocks: Sequence[str]) -> list[str]:
    """Return the blocks of a body with a "read also" paragraph in the middle."""
    middle = len(blocks) // 2
    links_to = related_links(sheet)[-1:]
    aside = [f"<p>{escape(sheet.words.read_also)} {link(*target)}</p>" for target in links_to]
    return [*blocks[:middle], *aside, *blocks[middle:]]


def comment_fields(words: Wording, prefix: str = "") -> str:
    """Return the fields of the comment form, without the form."""
    name, mail, text = (escape(label) for label in words.fields)
    return f"""<label>{name}<input name="{prefix}Name"></label>
<label>{mail}<input name="{prefix}Email" type="email"></label>
<label>{text}<textarea name="{prefix}Text" rows="4"></textarea></label>
<input type="submit" value="{escape(words.send)}">"""
