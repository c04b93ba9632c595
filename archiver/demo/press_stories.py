"""Which stories each of the five papers has: the shipped ones shared out, and more made of them.

More are made by joining paragraphs under titles of our own. Within one paper no paragraph stands
twice, so that no line of a story looks like furniture of the site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from archiver.demo.datelines import date_line
from archiver.demo.press_wording import NOTICES, TITLES
from archiver.demo.stories import Story, load_stories

DAYS = 30
BULLETINS = 60
_FIRST_BULLETIN = 401
_NIGHT_OWLS = 12  # one story in so many may come at night


@dataclass(frozen=True, slots=True)
class Masthead:
    """What a paper is like, whatever happens in the news.

    `validators` is what its pages are dressed with: "both", "date", "none", or "constant", which is
    "both" with one ETag on the feed for ever. Days are counted from the begin of the trial.
    """

    name: str
    language: str
    zone: str
    turns: tuple[int, ...]  # which of five shipped stories in a row it takes
    joined: int  # how many further stories are made, of `size` paragraphs each
    size: int
    first: int  # the id of the first of them
    feed: bool
    sitemap: str  # "news", "index", or "" for none
    validators: str
    cut: int = 0  # so many last paragraphs of shipped stories are left to the joined ones
    feed_dies_on: int | None = None
    down_on: int | None = None


MASTHEADS = (
    Masthead("harbour", "ar", "Asia/Beirut", (0, 1), 22, 3, 101, True, "news", "both"),
    Masthead("gulf", "ar", "Asia/Dubai", (2, 3), 22, 3, 201, True, "", "constant"),
    Masthead("anchor-en", "en", "Europe/London", (0, 1, 2, 3, 4), 12, 4, 301, True, "news", "none",
             cut=2, down_on=17),
    Masthead("fanus", "fa", "Asia/Tehran", (0, 1, 2, 3, 4), 0, 0, 0, True, "", "both",
             feed_dies_on=12),
    Masthead("cedar", "ar", "Africa/Cairo", (4,), 7, 4, 351, True, "index", "date"),
)  # fmt: skip


def fraction(*what: object) -> float:
    """Return a number from 0 to below 1 that is always the same for the same things."""
    return int.from_bytes(sha256(repr(what).encode()).digest()[:4]) / 2**32


def stories_of(paper: Masthead, begin: datetime) -> tuple[Story, ...]:
    """Return a paper's stories in order of publication, dated around the begin of the trial."""
    shipped = [story for story in load_stories() if story.language == paper.language]
    own = [
        replace(story, modified_at=None, withdrawn_on=None, paragraphs=story.paragraphs[:-paper.cut or None])
        for place, story in enumerate(shipped)
        if place % 5 in paper.turns
    ]  # fmt: skip
    kept = {paragraph for story in own for paragraph in story.paragraphs}
    spare = [(s, p) for s in shipped for p in s.paragraphs if p not in kept]
    titles = _titles(paper)
    joined = [
        _joined(paper.first + place, f"round-up-{paper.first + place}", titles[place], pieces)
        for place, pieces in enumerate(_dealt(spare, paper.joined, paper.size))
    ]
    dated = _dated(paper, [*own, *joined], begin)
    old = _bulletins(paper, spare[paper.joined * paper.size :], begin)
    return tuple(sorted((*dated, *old), key=lambda story: story.published_at))


def is_bulletin(story: Story) -> bool:
    """Tell whether a story is of the old archive, which only a sitemap names."""
    return _FIRST_BULLETIN <= story.id < _FIRST_BULLETIN + BULLETINS


def _titles(paper: Masthead) -> Sequence[str]:
    """Return the titles that no paper before it has taken."""
    before = MASTHEADS[: MASTHEADS.index(paper)]
    taken = sum(other.joined for other in before if other.language == paper.language)
    return TITLES[paper.language][taken : taken + paper.joined]


Piece = tuple[Story, str]  # a paragraph and where it is from


def _dealt(pieces: Sequence[Piece], heaps: int, size: int) -> Iterator[Sequence[Piece]]:
    """Deal pieces out to heaps, so that neighbours lie in different ones."""
    return (pieces[heap : heaps * size : heaps] for heap in range(heaps))


def _joined(number: int, slug: str, title: str, pieces: Sequence[Piece]) -> Story:
    model = pieces[0][0]
    paragraphs = tuple(paragraph for _, paragraph in pieces)
    return replace(model, id=number, slug=slug, title=title, paragraphs=paragraphs,
                   photo=None, modified_at=None, withdrawn_on=None)  # fmt: skip


def _bulletins(paper: Masthead, spare: Sequence[Piece], begin: datetime) -> Iterator[Story]:
    """Make the bulletins of sixty days a year ago, for a paper with a sitemap index."""
    if paper.sitemap != "index":
        return
    for place, pieces in enumerate(_dealt(spare, BULLETINS, 2)):
        day = (begin - timedelta(days=365 + place)).astimezone(ZoneInfo(paper.zone))
        at = day.replace(hour=9, minute=place % 50, second=0, microsecond=0)
        date, _, _ = date_line(at, paper.language, 0).partition(" - ")
        title = NOTICES[paper.language].bulletin.format(date=date)
        number, slug = _FIRST_BULLETIN + place, f"bulletin-{at:%Y-%m-%d}"
        yield replace(_joined(number, slug, title, pieces), published_at=at)


def _dated(paper: Masthead, stories: Sequence[Story], begin: datetime) -> Iterator[Story]:
    """Give each story its time: a third before the begin, the rest at an uneven pace after it."""
    early = len(stories) // 3
    last_day = paper.feed_dies_on or DAYS
    pace = last_day / (len(stories) - early)  # days from one to the next
    mixed = sorted(stories, key=lambda story: fraction("order", story.id))
    for place, story in enumerate(mixed, start=-early):
        day = (place + fraction("day", story.id)) * pace
        at = _by_day(begin + timedelta(days=day), paper.zone, story.id)
        if place < 0:
            at -= timedelta(days=at >= begin)
        else:
            at += timedelta(days=(at <= begin) - (at >= begin + timedelta(days=last_day)))
        yield replace(story, published_at=at)


def _by_day(at: datetime, zone: str, number: int) -> datetime:
    """Move a time into the hours from 7 to 22 of its day in a zone, but for a few."""
    local = at.astimezone(ZoneInfo(zone)).replace(second=number % 60, microsecond=0)
    if fraction("night", number) < 1 / _NIGHT_OWLS:
        return local
    minutes = 7 * 60 + (local.hour * 60 + local.minute) * 15 // 24
    return local.replace(hour=minutes // 60, minute=minutes % 60)
