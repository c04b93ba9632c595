"""The demo newspaper's stories, read from the text files that ship with the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

LANGUAGES = ("ar", "en", "fa")
SECTIONS = ("local", "economy", "culture", "sport", "science")
_REVISION = ".visit2"


@dataclass(frozen=True, slots=True)
class Story:
    """One story as it stands at one visit; its dates are aware and keep their offset."""

    id: int
    slug: str
    language: str
    section: str
    title: str
    author: str
    published_at: datetime
    modified_at: datetime | None
    photo: str | None
    paragraphs: tuple[str, ...]
    withdrawn_on: int | None

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between them."""
        return "\n\n".join(self.paragraphs)

    @property
    def changed_at(self) -> datetime:
        """When the story was last touched: modified, or else published."""
        return self.modified_at or self.published_at


def load_stories(visit: int = 1) -> tuple[Story, ...]:
    """Return every story as it stands at a visit (1, 2, ...), in the order of the ids.

    Withdrawn stories are among them: `withdrawn_on` is the first visit that no longer finds them.
    """
    articles = files(__package__) / "articles"
    stories = [
        parse_story(file.read_text("utf-8"), language)
        for language in LANGUAGES
        for file in _story_files(articles / language, visit)
    ]
    return tuple(sorted(stories, key=lambda story: story.id))


def _story_files(folder: Traversable, visit: int) -> Iterator[Traversable]:
    texts = {file.name: file for file in folder.iterdir() if file.name.endswith(".txt")}
    for name, file in texts.items():
        if _REVISION not in name:
            revised = name.replace(".txt", f"{_REVISION}.txt")
            yield texts.get(revised, file) if visit >= 2 else file


def parse_story(text: str, language: str) -> Story:
    """Read one story file: `key: value` lines, a blank line, paragraphs between blank lines."""
    head, _, body = text.strip().partition("\n\n")
    field = {key: value.strip() for key, _, value in (s.partition(":") for s in head.splitlines())}
    modified, withdrawn = field.get("modified"), field.get("withdrawn")
    return Story(
        id=int(field["id"]),
        slug=field["slug"],
        language=language,
        section=field["section"],
        title=field["title"],
        author=field["author"],
        published_at=datetime.fromisoformat(field["published"]),
        modified_at=datetime.fromisoformat(modified) if modified else None,
        photo=field.get("photo"),
        paragraphs=tuple(re.split(r"\s*\n\s*\n\s*", body.strip())),
        withdrawn_on=int(withdrawn) if withdrawn else None,
    )
