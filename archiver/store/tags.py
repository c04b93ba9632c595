"""What a search filters by, as words of the text index's column `tags`. Pure.

Each begins with a private-use character, which no folded word has, so that no word of a text can be
mistaken for a tag. What FTS5's tokenizer would break at is replaced by such characters, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

ALL = "\ue000"  # every article has it
NONE = "\ue007"  # no article has it
BREAK = "\ue008"  # stands between two names: no phrase goes from the one to the other
_BREAKS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]")


def source(name: str) -> str:
    """Return the tag of a source, the same for upper and lower case."""
    return "\ue001" + _whole(name)


def language(code: str) -> str:
    """Return the tag of a language."""
    return "\ue002" + _whole(code)


def has(what: str) -> str:
    """Return the tag of what an article has."""
    return "\ue003" + _whole(what)


def in_script(script: str) -> str:
    """Return what the tags of articles with words in a script begin with (see `words.script`)."""
    return "\ue009" + script


@lru_cache(4096)
def spelled(code: str, scripts: frozenset[str]) -> tuple[str, ...]:
    """Return the tags of an article in a language that has words in some scripts: one for each."""
    return tuple(in_script(script) + language(code) for script in sorted(scripts) if script)


def _whole(name: str) -> str:
    """Return `name` as FTS5's tokenizer leaves it whole. Ends of names are marked: a tag is no prefix."""
    name = name.encode("utf-8", "replace").decode()  # argv may hold halves of characters
    return _BREAKS.sub(lambda match: chr(0xE100 + ord(match[0])), name.casefold())


def of(name: str, code: str, what: str, day: int) -> str:
    """Return all tags of an article; `what` it has, and the ordinal of the day it is sorted under."""
    return f"{_own(name, code, what)} {_of_day(day)}"


@lru_cache(4096)
def _own(name: str, code: str, what: str) -> str:
    return " ".join([ALL, source(name), language(code), *map(has, what.split())])


@lru_cache(1024)
def _of_day(day: int) -> str:
    at = date.fromordinal(day)
    return f"{_year(at)} {_month(at)} {_day(at)}"


def _year(at: date) -> str:
    return f"\ue004{at.year:04}"


def _month(at: date) -> str:
    return f"\ue005{at.year:04}{at.month:02}"


def _day(at: date) -> str:
    return f"\ue006{at.year:04}{at.month:02}{at.day:02}"


def days(since: date, until: date) -> Iterator[str]:
    """Yield tags one of which every day from `since` up to and without `until` has, as few as there are."""
    at = since
    while at < until:
        year, month = date(at.year, 1, 1), at.replace(day=1)
        after_year = date(at.year + 1, 1, 1) if at.year < date.max.year else date.max
        after_month = (
            (month + timedelta(days=31)).replace(day=1) if at < date(9999, 12, 1) else date.max
        )
        if at == year and after_year <= until:
            yield _year(at)
            at = after_year
        elif at == month and after_month <= until:
            yield _month(at)
            at = after_month
        else:
            yield _day(at)
            at += timedelta(days=1)
