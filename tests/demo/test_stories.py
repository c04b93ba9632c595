from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from archiver.demo.stories import LANGUAGES, SECTIONS, Story, load_stories, parse_story

FILE = """\
id: 7
slug: tide-table
section: science
title: The tide: a table
author: A. Sailor
published: 2026-03-14T09:30:00+02:00
withdrawn: 2

First paragraph.

Second: with a colon.
"""


def test_a_file_is_read() -> None:
    story = parse_story(FILE, "en")
    assert (story.id, story.slug, story.language, story.section) == (
        7,
        "tide-table",
        "en",
        "science",
    )
    assert story.title == "The tide: a table"
    assert story.published_at == datetime(2026, 3, 14, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert (story.modified_at, story.photo, story.withdrawn_on) == (None, None, 2)
    assert story.text == "First paragraph.\n\nSecond: with a colon."


@pytest.mark.parametrize("visit", [1, 2])
def test_all_stories_are_whole(visit: int) -> None:
    stories = load_stories(visit)
    ids = [story.id for story in stories]
    assert ids == sorted(set(ids))
    assert {story.language for story in stories} == set(LANGUAGES)
    assert {story.section for story in stories} == set(SECTIONS)
    for story in stories:
        assert story.published_at.tzinfo
        assert story.title
        assert story.author
        assert all(p == p.strip() != "" for p in story.paragraphs), story.id


def test_the_second_visit_finds_edited_stories(stories: dict[int, Story]) -> None:
    later = {story.id: story for story in load_stories(2)}
    edited = [number for number in stories if stories[number] != later[number]]
    assert later.keys() == stories.keys()
    assert edited
    for number in edited:
        assert later[number].text != stories[number].text
        assert later[number].changed_at > stories[number].changed_at
    assert load_stories(3) == load_stories(2)
