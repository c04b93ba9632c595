"""Write a tree as a query again, for tests that what was read can be read again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from archiver.query import All, Dates, Either, Node, Not, Tag, Words

# Quotes, and what must not stand between them.
_QUOTES = {
    '""': '"(?![\u0590-\u05ff])|(?<![\u0590-\u05ff])"|＂', "«»": "»", "‹›": "›", "「」": "」", "『』": "』",
    "“”": "[“”]", "‚‘": r"[‘’](?!\w)",
}  # fmt: skip


def show(node: Node) -> str:
    match node:
        case Words():
            return _field(node.field) + _words(node)
        case Tag(field, value):
            return f"{field}:{_phrase(value)}"
        case Dates(since, until):
            return _dates(since, until)
        case Not(part):
            return f"NOT {_inside(part)}"
        case All(parts):
            return " ".join(map(_inside, parts))
        case Either(parts):
            return " OR ".join(map(_inside, parts))


def _inside(node: Node) -> str:
    return f"({show(node)})" if isinstance(node, All | Either) else show(node)


def _field(field: str) -> str:
    return field and f"{field}:"


def _words(words: Words) -> str:
    if words.exact:
        return _phrase(words.text)
    if not words.field and words.text in ("AND", "OR", "NOT") and not words.prefix:
        return f"NOT -{words.text}"  # a minus makes a word of it
    return words.text + "*" * words.prefix


def _phrase(text: str) -> str:
    pair = next(pair for pair, closes in _QUOTES.items() if not re.search(closes, text))
    return f"{pair[0]}{text}{pair[1]}"


def _dates(since: datetime | None, until: datetime | None) -> str:
    if since and until:
        return f"date:{since.date()}..{(until - timedelta(1)).date()}"
    return f"after:{since.date()}" if since else f"before:{until.date()}"
