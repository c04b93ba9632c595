"""The tree of a query. `at` is always an index into the query as it was typed, and no part of equality."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

HAS = ("author", "date", "versions", "gone")  # what 'has:' may ask for


@dataclass(frozen=True, slots=True)
class Words:
    """One bare word, or a quoted phrase (`exact`), to be found in `field`.

    `text` is as typed: not folded, quotes and star taken off, white space as single spaces. A bare word
    may turn out to be several tokens ("news-details"), which stand together, or none. `field` is title,
    text, author, url, or "" for wherever words are looked for; a bare web address has url. `prefix` asks
    for all words that begin so, and never stands with `exact`.
    """

    text: str
    field: str = ""
    exact: bool = False
    prefix: bool = False
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """`field` is source, lang or has; `value` is as typed, but for has (one of `HAS`) and lang in lower case."""

    field: str
    value: str
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Dates:
    """From `since` on, and before `until`: midnights of UTC, aware; None is an open end, never both."""

    since: datetime | None
    until: datetime | None
    at: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """All but `part`, which is no `Not` itself."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """Two or more parts, none of them an `All`, that must all be so."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Two or more parts, none of them an `Either`, of which one is enough."""

    parts: tuple[Node, ...]


Node = Words | Tag | Dates | Not | All | Either


def positive(node: Node | None) -> list[Words]:
    """Return the words of `node` that a hit can show, in their order: all that stand under no `Not`."""
    match node:
        case Words():
            return [node]
        case All(parts) | Either(parts):
            return [words for part in parts for words in positive(part)]
    return []
