"""How an editor changes a story after it is out. Pure: a story in, a story out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archiver.demo.press_stories import fraction
from archiver.demo.press_wording import ADDED, HEADLINES, NOTICES
from archiver.demo.stories import Story

# Two or three digits of any script that are no part of a longer number, of a time or of a year.
_NUMBER = re.compile(r"(?<![\d.,:٬/])\d{2,3}(?![\d.,:٬/])")
_ZEROS = "0٠۰"


def edited(story: Story, kind: str, turn: int) -> Story:
    """Return a story after an edit: "text", "headline", "both" or "minor".

    `turn` counts the edits of the press; it chooses the words, so that two edits differ.
    """
    if kind == "minor":
        return replace(story, paragraphs=_touched_up(story, turn))
    title = story.title if kind == "text" else _headline(story, turn)
    paragraphs = story.paragraphs if kind == "headline" else _rewritten(story, turn)
    return replace(story, title=title, paragraphs=paragraphs)


def _headline(story: Story, turn: int) -> str:
    choices = HEADLINES[story.language]
    return choices[turn % len(choices)].format(title=story.title)


def _rewritten(story: Story, turn: int) -> tuple[str, ...]:
    """Add a paragraph, put one in another's place, correct a number, or let one run on."""
    old, news = story.paragraphs, _sentence(story, turn)
    way = turn % 4
    if way == 0:
        return (*old[:2], news, *old[2:])
    if way == 1:
        return (*old[:-1], news)
    if way == 2 and (corrected := _corrected(old)) != old:
        return corrected
    return (*old[:-1], f"{old[-1]} {news}")


def _sentence(story: Story, turn: int) -> str:
    choices = ADDED[story.language]
    number = str(11 + int(fraction("number", story.id, turn) * 80))
    return choices[turn % len(choices)].format(n=_in_digits_of(story.text, number))


def _corrected(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Correct the first number that can be corrected."""
    for place, paragraph in enumerate(paragraphs):
        if found := _NUMBER.search(paragraph):
            number = _in_digits_of(found[0], str(int(found[0]) + 7))
            changed = paragraph[: found.start()] + number + paragraph[found.end() :]
            return (*paragraphs[:place], changed, *paragraphs[place + 1 :])
    return tuple(paragraphs)


def _in_digits_of(text: str, number: str) -> str:
    """Write a number in the digits that a text has."""
    first = next((c for c in text if c.isdecimal()), "0")
    zero = max((z for z in _ZEROS if ord(z) <= ord(first)), key=ord)
    return "".join(chr(ord(zero) + int(digit)) for digit in number)


def _touched_up(story: Story, turn: int) -> tuple[str, ...]:
    """Set a comma, or a second space, behind the third word of the second paragraph."""
    mark = " " if turn % 3 == 0 else NOTICES[story.language].comma
    words = story.paragraphs[1].split(" ")
    touched = " ".join([*words[:2], words[2] + mark, *words[3:]])
    return (story.paragraphs[0], touched, *story.paragraphs[2:])
