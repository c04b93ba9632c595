"""The words of dates in many languages, each folded to one private-use character: its mark.

A line of text in which the known words are marks is short enough for a few regular expressions
that hold in every language: "السبت 23 آذار/مارس 2019" and "Saturday, 23 March/March 2019" are the
same line. The words themselves are data, in ``words.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from archiver.dates.folding import fold

# Ranges for character classes; what a character stands for is its distance from the first.
MONTHS = "\ue001-\ue00d"  # January ... December, and "ago": August in Spanish, a word in English
SOLAR = "\ue011-\ue01c"  # Farvardin ... Esfand, by their Iranian or their Afghan names
LUNAR = "\ue021-\ue02c"  # Muharram ... Dhu al-Hijja
WEEKDAYS = "\ue031-\ue037"  # Monday ... Sunday
NUMBERS = "\ue041-\ue04a"  # one ... ten
SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = "\ue051\ue052\ue053\ue054\ue055\ue056\ue057"
HOUR_SIGN, MINUTE_SIGN, SECOND_SIGN = "\ue061\ue062\ue063"  # 14h, 14 Uhr, 14时30分
YEAR_SIGN, MONTH_SIGN, DAY_SIGN = "\ue064\ue065\ue066"  # 年 月 日
AM, PM, NOON, NIGHT, MEEM = "\ue071\ue072\ue073\ue074\ue075"  # م is p.m., and A.D. after a year
TODAY, YESTERDAY, BEFORE_YESTERDAY = "\ue081\ue082\ue083"
AGO, SINCE, EITHER = "\ue084\ue085\ue086"  # after a length of time, before one, either
PUBLISHED, UPDATED, OTHER = "\ue091\ue092\ue093"  # labels; other: born, until, event
FILL, AT, RANGE, AND = "\ue0a1\ue0a2\ue0a3\ue0a4"
INTRO, ISSUE = "\ue0a5\ue0a6"  # "by the time of" a city; the number of an issue or a page
HEGIRA, BUDDHIST, MINGUO = "\ue0b1\ue0b2\ue0b3"
REIWA, HEISEI, SHOWA, FIRST = "\ue0b4\ue0b5\ue0b6\ue0b7"
ZONES = "\ue100-\ue1ff"
CLOCKS = "\ue200-\ue2ff"  # a clock that was read, then a date: their places in a list
DATES = "\ue300-\ue3ff"
AUGUST_OR_AGO = "\ue00d"

_UNITS = {
    "second": SECOND,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": WEEK,
    "month": MONTH,
    "year": YEAR,
}
_KEYS = {
    **_UNITS,
    **{f"one_{name}": NUMBERS[0] + unit for name, unit in _UNITS.items()},
    **{f"two_{name}": chr(ord(NUMBERS[0]) + 1) + unit for name, unit in _UNITS.items()},
    **{f"since_one_{name}": SINCE + NUMBERS[0] + unit for name, unit in _UNITS.items()},
    **{f"one_{name}_ago": NUMBERS[0] + unit + AGO for name, unit in _UNITS.items()},
    **{f"{name}_ago": unit + AGO for name, unit in _UNITS.items()},
    "hour_sign": HOUR_SIGN,
    "minute_sign": MINUTE_SIGN,
    "second_sign": SECOND_SIGN,
    "year_sign": YEAR_SIGN,
    "month_sign": MONTH_SIGN,
    "day_sign": DAY_SIGN,
    "am": AM,
    "pm": PM,
    "noon": NOON,  # 12 is noon, 1 to 4 are after it
    "night": NIGHT,  # 6 to 11 are before midnight, 1 to 4 after it; 12 could be either day's
    "meem": MEEM,
    "today": TODAY,
    "yesterday": YESTERDAY,
    "before_yesterday": BEFORE_YESTERDAY,
    "ago": AGO,
    "since": SINCE,
    "either": EITHER,
    "published": PUBLISHED,
    "updated": UPDATED,
    "other": OTHER,
    "fill": FILL,
    "at": AT,
    "range": RANGE,  # from, to; and what makes a length inexact: about, more than, and a half
    "and": AND,
    "intro": INTRO,
    "issue": ISSUE,
    "hegira": HEGIRA,
    "buddhist": BUDDHIST,
    "minguo": MINGUO,
    "reiwa": REIWA,
    "heisei": HEISEI,
    "showa": SHOWA,
    "first": FIRST,
    "nothing": "x",  # names of newspapers that have one of these words in them
}
_LENGTHS = frozenset(_UNITS.values())
_LISTS = {
    "months": MONTHS[0],
    "solar": SOLAR[0],
    "lunar": LUNAR[0],
    "days": WEEKDAYS[0],
    "numbers": NUMBERS[0],
}
WORD = re.compile(
    "([^\\W\\d_](?:[^\\W\\d_]|[\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0981-\u0983\u09be-\u09d7])*)"
)


@dataclass(frozen=True, slots=True)
class Words:
    """The marks of folded words and phrases, as one language sees them.

    `starts` are the first words of phrases; `run_on` finds the words that stand without spaces
    around them, whose marks are in `marks` too; `zones` has what each zone's mark means.
    """

    marks: dict[str, str]
    starts: frozenset[str]
    run_on: re.Pattern[str]
    zones: tuple[str, ...]


def words(language: str = "") -> Words:
    """Return the words as `language` (ISO 639, two letters) sees them; any other as "" does."""
    return _words(language if language in _load()[1] else "")


@cache
def _words(language: str) -> Words:
    shared, own, run_on, zones = _load()
    marks = {**shared, **own.get(language, {})}
    starts = frozenset(phrase.split(" ", 1)[0] for phrase in marks if " " in phrase)
    found = "|".join(map(re.escape, sorted(run_on, key=len, reverse=True)))
    return Words(marks, starts, re.compile(found), zones)


@cache
def _load() -> tuple[dict[str, str], dict[str, dict[str, str]], set[str], tuple[str, ...]]:
    """Return the shared marks, each language's own, the run-on words and the zones."""
    data = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    zones = data.pop("zones")
    tables = {language: dict(_entries(table)) for language, table in data.items()}
    shared = _shared(list(tables.values()))
    for place, names in enumerate(zones.values()):
        for name in names.split("|"):
            shared[_key(name, keep_case=" " not in name)] = chr(ord(ZONES[0]) + place)
    own = {
        language: {word: mark for word, mark in table.items() if shared[word] != mark}
        for language, table in tables.items()
    }
    run_on = {
        word for language in tables if "run_on" in data[language] for word in tables[language]
    }
    return shared, own, run_on, tuple(zones)


def _shared(tables: list[dict[str, str]]) -> dict[str, str]:
    """Return what words mean where the language is not known: months first, then first come.

    A word for an hour here and a year there (година) means nothing then.
    """
    entries = [entry for table in tables for entry in table.items()]
    shared = {word: mark for word, mark in reversed(entries) if mark <= LUNAR[-1]}
    for word, mark in entries:
        known = shared.setdefault(word, mark)
        if known != mark and {known, mark} <= _LENGTHS:
            shared[word] = "x"
    shared["ago"] = AUGUST_OR_AGO
    return shared


def _entries(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each folded word of one language with its mark; the first of two meanings holds."""
    groups = [
        (names, chr(ord(first) + place))
        for key, first in _LISTS.items()
        for place, names in enumerate(table.get(key, ()))
    ]
    groups += [(table[key], mark) for key, mark in _KEYS.items() if key in table]
    seen: set[str] = set()
    for names, mark in groups:
        for name in filter(None, names.split("|")):
            for prefix in {"", table.get("prefix", "") if mark <= MONTHS[-1] else ""}:
                word = _word(prefix + name, "run_on" in table)
                if word not in seen:
                    seen.add(word)
                    yield word, mark


def _word(name: str, run_on: bool) -> str:
    return fold(name).casefold() if run_on else _key(name)


def _key(name: str, *, keep_case: bool = False) -> str:
    key = " ".join(WORD.findall(fold(name)))
    return key if keep_case else key.casefold()
