"""Extraction: from a captured page to an article's clean text, or the word that it is none.

Runs in worker processes. The only room that uses trafilatura and resiliparse.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import unescape

from archiver import content, dates, selectors, urls
from archiver.extract import (
    blocks,
    body,
    explain,
    language,
    leaning,
    lexicon,
    metadata,
    page,
    profile,
    publisher,
    road,
    verdict,
)
from archiver.extract.body import VERSION
from archiver.extract.explain import Explained
from archiver.extract.features import Hints
from archiver.extract.profile import Profile, Seen
from archiver.extract.road import STEPS, Walk
from archiver.timestamps import iso
from archiver.types import (
    Capture,
    Completeness,
    Document,
    Kind,
    Lesson,
    Moment,
    Reading,
    Rules,
)

__all__ = [
    "MAX_BODY",
    "STEPS",
    "VERSION",
    "Extraction",
    "decisive",
    "explained",
    "extract",
    "is_page",
    "learn",
    "news_of",
    "read",
    "stays",
]

MAX_BODY = 16 * 1024 * 1024  # bytes as received; what is larger is kept and not read
ENOUGH_TEXT = 400  # characters from which a page teaches something
LABEL = 200  # characters of a line that can be headline, byline or date
HTML = ("text/html", "application/xhtml+xml", "")
_NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Told:
    """Headline, authors and time of publication as a page tells them."""

    title: str
    authors: tuple[str, ...]
    published: Moment | None


@dataclass(frozen=True, slots=True)
class Extraction:
    """A page that was read: its document, and the way there block by block.

    `alone` is what the page tells by itself, without what is known of its site and the user's rules.
    """

    page: page.Page
    alone: Told
    document: Document
    way: Walk


def is_page(capture: Capture) -> bool:
    """Tell whether `capture` is a page to be read: asked for as an article, answered with HTML."""
    if capture.link.kind is not Kind.ARTICLE:
        return False
    head = content.read_head(capture.head)
    return head.status == 200 and head.mime in HTML


def read(
    capture: Capture,
    known: str = "",
    rules: Rules = _NO_RULES,
    without: Collection[str] = (),
) -> Reading:
    """Read one captured page. Never raises for what a page may hold.

    `known` is the profile of its site as text (see `profile.dumps`), `rules` the user's selectors;
    the steps of the road named in `without` are left out.
    """
    text, completeness, note = _text(capture)
    found = _extract(text, capture, profile.loads(known), rules, without)
    if found is None:
        return Reading(note=note or "empty page", completeness=completeness)
    kind = verdict.kind(found.page, found.document, found.way.blocks, capture.link)
    if not found.document.text and kind == "hub":
        note = note or "no text found"
    document = found.document if kind == "article" else None
    leans = leaning.dumps(found.way.leaning, profile.loads(known))
    return Reading(kind, document, completeness, note, _lesson(found, capture), leans)


def extract(
    capture: Capture,
    known: str = "",
    rules: Rules = _NO_RULES,
    without: Collection[str] = (),
) -> Extraction | None:
    """Read one captured page whatever it is, with the fate of each block; None where it is empty."""
    return _extract(_text(capture)[0], capture, profile.loads(known), rules, without)


def explained(capture: Capture, known: str = "", rules: Rules = _NO_RULES) -> list[Explained]:
    """Return what became of each block of a page, and why."""
    found = extract(capture, known, rules)
    return explain.explain(found.way) if found else []


def learn(lessons: Sequence[bytes]) -> str:
    """Return the profile that the lessons of one site teach, as text; "" where they are too few."""
    learned = profile.learn(lessons)
    return profile.dumps(learned) if learned.pages else ""


def decisive(known: str) -> str:
    """Return what of a profile decides how pages are read; equal ones read alike."""
    return profile.decisive(known)


def stays(leans: bytes, known: str) -> bool:
    """Tell whether a page whose reading leaned on `leans` is read alike with the profile `known`.

    True is sure; False only says that the page must be read to know. The rules must be the same.
    """
    return leaning.holds(leans, profile.loads(known))


def news_of(before: str, after: str) -> str:
    """Say in words what a newly learned profile changes."""
    return profile.difference(profile.loads(before), profile.loads(after))


def _text(capture: Capture) -> tuple[str, Completeness, str]:
    """Return the page as text, how much of it there is, and what is wrong with it."""
    head = content.read_head(capture.head)
    raw, note = content.decode_body(head, capture.body)
    completeness = Completeness.WHOLE
    if capture.truncated or note:
        completeness = Completeness.TRUNCATED
        note = note or f"cut by {capture.truncated}"
    text, _ = content.decode_text(raw, head.get("content-type"))
    if len(text) > page.MAX_HTML:
        completeness, note = Completeness.TRUNCATED, note or "read to its first 5 MiB"
    return text, completeness, note


def _extract(
    text: str, capture: Capture, known: Profile, rules: Rules, without: Collection[str]
) -> Extraction | None:
    parsed = page.parse(text, capture.url, content.read_head(capture.head))
    if parsed is None:
        return None
    named: set[str] = set()
    alone = _alone(parsed, capture, named)
    headline = _told(parsed, rules.title) or (
        metadata.title(parsed, known.names, named) if known.names else alone.title
    )
    way = road.walk(parsed, _hints(parsed, alone), headline, known, rules, without)
    way.leaning.named = named
    return Extraction(
        parsed, alone, _document(parsed, capture, alone, headline, way, known, rules), way
    )


def _alone(parsed: page.Page, capture: Capture, named: set[str]) -> Told:
    headline = metadata.title(parsed, asked=named)
    return Told(
        headline,
        metadata.authors(parsed, headline),
        metadata.published(parsed, capture.link, capture.at, headline),
    )


def _told(parsed: page.Page, chosen: Sequence[str]) -> str:
    """Return the text of the first element that the user's selectors name, or ""."""
    for element in selectors.find(parsed.tree, chosen):
        if text := " ".join("".join(element.itertext()).split()):
            return text
    return ""


def _hints(parsed: page.Page, alone: Told) -> Hints:
    told = parsed.article_data.get("articleBody")
    about = parsed.meta.get("og:description") or parsed.meta.get("description") or ""
    return Hints(
        title=lexicon.fold(alone.title),
        authors=frozenset(map(lexicon.fold, alone.authors)),
        body=lexicon.fold_text(told) if isinstance(told, str) else "",
        description=lexicon.fold(about[:500]),
        site=_site_names(parsed),
    )


def _site_names(parsed: page.Page) -> frozenset[str]:
    told = lexicon.fold(parsed.meta.get("og:site_name", "")[:60])
    label = urls.site(parsed.url).partition(".")[0]
    return frozenset(name for name in (told, label) if len(name) > 3)


def _document(
    parsed: page.Page,
    capture: Capture,
    alone: Told,
    headline: str,
    way: Walk,
    known: Profile,
    rules: Rules,
) -> Document:
    text = "\n\n".join(filter(None, map(_clean, way.lines or _told_lines(parsed))))
    if not headline:
        headline = next(iter(_sought("title", known, way)), "")
    spoken = language.detect(text or headline, metadata.language(parsed))
    return Document(
        url=urls.canonical(parsed.first("//link[@rel='canonical']/@href"), capture.url),
        title=_clean(headline),
        text=text,
        authors=tuple(map(_clean, _names(parsed, alone, way, known, rules))),
        published=_date(parsed, capture, rules, spoken)
        or alone.published
        or _known_date(way, known, capture, spoken),
        modified=metadata.modified(parsed, capture.link, capture.at, headline),
        language=spoken,
        section=_clean(metadata.section(parsed)),
        tags=tuple(map(_clean, metadata.tags(parsed))),
        rights=metadata.rights(parsed),
        flags=verdict.flags(parsed, headline, text, way.blocks),
        extractor=body.NAME,
        extractor_version=body.VERSION,
    )


def _names(
    parsed: page.Page, alone: Told, way: Walk, known: Profile, rules: Rules
) -> tuple[str, ...]:
    """Return the authors: the user's selectors, the page, the place where its site prints them."""
    named = metadata.people(_told(parsed, rules.byline)) or alone.authors
    return named or metadata.people(next(iter(_sought("byline", known, way)), ""))


def _known_date(way: Walk, known: Profile, capture: Capture, spoken: str) -> Moment | None:
    """Return the date that stands where the site prints it, for a page that tells none itself."""
    for line in _sought("date", known, way):
        if moment := dates.parse(line, "text", language=spoken, now=capture.at):
            return moment
    return None


def _sought(name: str, known: Profile, way: Walk) -> list[str]:
    """Return the lines that stand where the site prints what the page itself does not tell."""
    way.leaning.sought.add(name)
    stand: str = getattr(known, name)
    return way.at(stand) if stand else []


def _told_lines(parsed: page.Page) -> list[str]:
    """Return the article's lines from its JSON-LD: some pages show theirs only with JavaScript."""
    told = parsed.article_data.get("articleBody")
    if not isinstance(told, str):
        return []
    if "<" in told:  # some put markup into it
        inner = page.parse(told, parsed.url, parsed.head)
        return [block.text for block in blocks.split(inner.tree)] if inner else []
    return [" ".join(unescape(line).split()) for line in told.splitlines()]


def _date(parsed: page.Page, capture: Capture, rules: Rules, spoken: str) -> Moment | None:
    """Return the date that the user's selectors name."""
    for element in selectors.find(parsed.tree, rules.date):
        told = element.get("datetime") or " ".join("".join(element.itertext()).split())
        if moment := dates.parse(told, "rule", language=spoken, now=capture.at):
            return moment
    return None


def _lesson(found: Extraction, capture: Capture) -> Lesson | None:
    """Return what a page teaches of its site, if it has text enough.

    Only what the page tells, what its feed told and what the judge says by itself counts: a lesson
    must lean neither on what was learned before nor on the user's rules, or it would depend on the
    order of the pages.
    """
    way = found.way
    told = publisher.labels(way.blocks, way.sure, capture.link.told)
    sure = told.sure if told else way.sure
    if sum(len(way.blocks[n].text) for n in sure if sure[n] > 0.5) < ENOUGH_TEXT:
        return None
    short = [block.text if len(block.text) <= LABEL else "" for block in way.blocks]
    folded = list(map(lexicon.fold, short))
    seen = Seen(
        blocks=way.blocks,
        stands=way.stands,
        sure=way.sure,
        told=told.sure if told else None,
        apart=told.apart if told else frozenset(),
        titles=metadata.title_parts(found.page),
        headline=_first(folded, {lexicon.fold(found.alone.title)}),
        byline=_first(folded, set(map(lexicon.fold, found.alone.authors))),
        date=_date_block(short, found.alone.published),
    )
    layout = way.layout
    return Lesson(layout, profile.lesson(seen, layout, iso(capture.at)))


def _first(folded: Sequence[str], wanted: Collection[str]) -> int | None:
    return next((n for n, line in enumerate(folded) if line and line in wanted), None)


def _date_block(lines: Sequence[str], published: Moment | None) -> int | None:
    """Return the first short line that tells the day of publication."""
    if published is None:
        return None
    for number, line in enumerate(lines):
        if len(line) <= road.DATELINE and any(map(str.isdigit, line)):
            told = dates.parse(line)
            if told is not None and abs((told.at - published.at).total_seconds()) < 86_400:
                return number
    return None


def _clean(text: str) -> str:
    """Return `text` as it is stored: controls out, NFC."""
    return content.storable(text).strip()
