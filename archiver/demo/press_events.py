"""What happens in the press, and when: a list that depends on nothing but the begin of the trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archiver.demo.addresses import story_path
from archiver.demo.press_edits import edited
from archiver.demo.press_stories import DAYS, Masthead, fraction, is_bulletin
from archiver.demo.stories import Story

EDITS = ("text", "headline", "both", "minor")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a story, or with `story_id` 0 to a whole paper.

    `kind` is "published", "text", "headline", "both", "minor", "removed" (`detail` "410" or "404"),
    "restored" (`detail` "same" or "edited"), "moved_home", "soft" (`detail` "missing", "consent",
    "teaser" or "shell") and "healed", which ends it; of a paper "down", "up" and "feed_dies".
    `title` and `text` are what the page says of the story from then on, without furniture: of a
    teaser the first paragraph, and nothing where there is no story to be seen. Paragraphs have a
    blank line between them. `at` is in UTC.
    """

    at: datetime
    paper: str
    kind: str
    story_id: int = 0
    url: str = ""
    title: str = ""
    text: str = ""
    detail: str = ""


Step = tuple[timedelta, str, str]  # how long after publication, kind, detail
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def _once(after: timedelta, kind: str, detail: str = "") -> tuple[Step, ...]:
    return ((after, kind, detail),)


def _for_a_while(first: Step, days: int, kind: str, detail: str = "") -> tuple[Step, ...]:
    return (first, (first[0] + days * _DAY, kind, detail))


# How many stories fare so. The first ones are rare and choose first. Of some 150 stories, 23 change
# within a day (the last seven lines) and 9 get another headline.
_FATES: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (1, _once(2 * _DAY, "removed", "410")),
    (1, _for_a_while((5 * _DAY, "removed", "404"), 4, "restored", "same")),
    (1, _for_a_while((9 * _DAY, "removed", "410"), 3, "restored", "same")),
    (1, _for_a_while((1 * _DAY, "removed", "404"), 6, "restored", "edited")),
    (1, _once(4 * _DAY, "moved_home")),
    (1, _once(12 * _DAY, "moved_home")),
    (1, _for_a_while((1 * _DAY, "soft", "missing"), 2, "healed")),
    (1, _for_a_while((2 * _DAY, "soft", "consent"), 3, "healed")),
    (1, _for_a_while((3 * _DAY, "soft", "teaser"), 5, "healed")),
    (1, _for_a_while((6 * _HOUR, "soft", "shell"), 1, "healed")),
    (3, _once(20 * _DAY, "text")),
    (1, _once(10 * _DAY, "both")),
    (3, _once(10 * _DAY, "text")),
    (2, _once(3 * _DAY, "headline")),
    (4, _once(3 * _DAY, "text")),
    (2, _once(6 * _HOUR, "minor")),
    (2, _once(2 * _DAY, "minor")),
    (1, _once(8 * _DAY, "minor")),
    (2, ((5 * _HOUR, "text", ""), (3 * _DAY, "text", ""))),
    (3, _once(timedelta(minutes=40), "text")),
    (4, _once(3 * _HOUR, "text")),
    (5, _once(6 * _HOUR, "text")),
    (3, _once(20 * _HOUR, "text")),
    (3, _once(2 * _HOUR, "headline")),
    (3, _once(6 * _HOUR, "both")),
)


def happenings(
    papers: Sequence[Masthead],
    stories: Mapping[str, Sequence[Story]],
    begin: datetime,
    origins: Mapping[str, str],
) -> tuple[Event, ...]:
    """Return all that happens in thirty days, and the publications before them, in order of time.

    `stories` and `origins` are by the names of the papers.
    """
    whose = {story.id: name for name, own in stories.items() for story in own}
    every = [story for own in stories.values() for story in own]
    fates = _drawn([story for story in every if not is_bulletin(story)], begin)
    events = [event for paper in papers for event in _of_servers(paper, begin)]
    for number, story in enumerate(every):
        name = whose[story.id]
        told = _life(story, fates.get(story.id, ()), number)
        url = origins[name] + story_path(story)
        events += [replace(event, paper=name, story_id=story.id, url=url) for event in told]
    return tuple(sorted(events, key=lambda event: (event.at, event.paper, event.story_id)))


def _of_servers(paper: Masthead, begin: datetime) -> Iterator[Event]:
    at = begin.astimezone(UTC)
    if paper.feed_dies_on is not None:
        yield Event(at + paper.feed_dies_on * _DAY, paper.name, "feed_dies")
    if paper.down_on is not None:
        yield Event(at + paper.down_on * _DAY, paper.name, "down")
        yield Event(at + (paper.down_on + 1) * _DAY, paper.name, "up")


def _drawn(stories: Sequence[Story], begin: datetime) -> dict[int, tuple[Step, ...]]:
    """Give each fate to the first stories by lot to which all of it would happen in time."""
    left = sorted(stories, key=lambda story: fraction("draw", story.id))
    fates = {}
    for count, steps in _FATES:
        chosen = [story for story in left if _is_in_time(story, steps, begin)][:count]
        fates.update({story.id: steps for story in chosen})
        left = [story for story in left if story not in chosen]
    return fates


def _is_in_time(story: Story, steps: Sequence[Step], begin: datetime) -> bool:
    first, last = (story.published_at + steps[place][0] for place in (0, -1))
    return begin + _HOUR < first and last < begin + DAYS * _DAY - _HOUR


def _life(story: Story, steps: Sequence[Step], number: int) -> Iterator[Event]:
    """Yield what happens to one story; `number` chooses the words of the first edit."""
    yield _seen(story, story.published_at, "published")
    late = timedelta(minutes=1 + story.id % 9)  # nobody edits on the hour
    for turn, (after, kind, detail) in enumerate(steps, start=number):
        if kind in EDITS or detail == "edited":
            story = edited(story, kind if kind in EDITS else "text", turn)
        yield _seen(story, story.published_at + after + late, kind, detail)


def _seen(story: Story, at: datetime, kind: str, detail: str = "") -> Event:
    title, text = story.title, story.text
    if detail == "teaser":
        text = story.paragraphs[0]
    elif kind in ("removed", "moved_home", "soft"):
        title = text = ""
    return Event(at.astimezone(UTC), "", kind, title=title, text=text, detail=detail)
