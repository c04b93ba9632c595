"""The grammar of the query language, by recursive descent; brackets alone nest, and not deeply.

    either   all { OR all }
    all      not { [AND] not }
    not      { NOT | - } value
    value    word | phrase | ( either ) | field: word | field: phrase | field:( either )

AND goes before OR, as in most languages of its kind: a b OR c is (a b) OR c.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from archiver.errors import QueryError
from archiver.query import days
from archiver.query.nodes import HAS, All, Dates, Either, Node, Not, Tag, Words
from archiver.query.pointing import quoted
from archiver.query.scanning import Kind, Token, is_address, scan

TERMS = 64  # words, those of phrases among them, and values of other fields
DEPTH = 20  # brackets inside brackets
_VALUES = (Kind.WORD, Kind.PHRASE, Kind.OPEN)
_STARTS = (*_VALUES, Kind.FIELD, Kind.MINUS, Kind.NOT)


def parse(text: str, today: date) -> Node | None:
    """Read a query; None is the empty one, which everything answers to. `today` is the day in UTC.

    Raises `QueryError`, and nothing else, whatever `text` is.
    """
    tokens = scan(text)
    return _Parser(text, tokens, today).whole() if tokens else None


class _Parser:
    def __init__(self, query: str, tokens: list[Token], today: date) -> None:
        self._query = query
        self._tokens = tokens
        self._today = today
        self._n = 0
        self._terms = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either(None, None)
        if self._n < len(self._tokens):  # only a bracket ends an expression
            raise self._stray()
        return node

    def _either(self, before: Token | None, field: Token | None) -> Node:
        """Read parts between ORs. `before` is what they stand behind, `field` what their words belong to."""
        parts = [self._all(before, field)]
        while token := self._take(Kind.OR):
            parts.append(self._all(token, field))
        return _joined(Either, parts)

    def _all(self, before: Token | None, field: Token | None) -> Node:
        parts = [self._not(before, field)]
        while (token := self._take(Kind.AND)) or self._next_is(_STARTS):
            parts.append(self._not(token, field))
        return _joined(All, parts)

    def _not(self, before: Token | None, field: Token | None) -> Node:
        no = False
        while token := self._take(Kind.NOT, Kind.MINUS):
            before, no = token, not no
        node = self._value(before, field)
        if no:
            return node.part if isinstance(node, Not) else Not(node)
        return node

    def _value(self, before: Token | None, field: Token | None) -> Node:
        if token := self._take(Kind.FIELD):
            if field:
                raise self._error(
                    f"{_named(token)} stands inside the brackets of {_named(field)}", token,
                    "give each field brackets of its own",
                )  # fmt: skip
            if not self._next_is(_VALUES):
                raise self._error(
                    f"nothing stands behind {_named(token)}", token, _example(token.text)
                )
            return self._value(token, token)
        if token := self._take(Kind.OPEN):
            return self._group(token, field)
        if token := self._take(Kind.WORD, Kind.PHRASE):
            return self._leaf(token, field)
        raise self._missing(before)

    def _group(self, opened: Token, field: Token | None) -> Node:
        self._depth += 1
        if self._depth > DEPTH:
            raise self._error(f"brackets stand more than {DEPTH} deep", opened, "take some out")
        node = self._either(opened, field)
        if not self._take(Kind.CLOSE):
            first = self._tokens[self._tokens.index(opened) + 1]
            raise self._error(
                f"'(' before {_named(first)} is never closed", opened, "put ')' where it ends"
            )
        self._depth -= 1
        return node

    def _leaf(self, token: Token, field: Token | None) -> Node:
        self._terms += len(token.text.split())
        if self._terms > TERMS:
            raise self._error(
                f"{_named(token)} goes over the {TERMS} words that a query may have", token,
                "leave some out, or search in parts",
            )  # fmt: skip
        name = field.text if field else ""
        if name in ("before", "after", "date"):
            return self._dates(token, name)
        if name in ("source", "lang", "has"):
            return self._tag(token, name)
        exact = token.kind is Kind.PHRASE
        if not name and not exact and is_address(token.text):
            name = "url"
        return Words(token.text, name, exact, token.star, token.at)

    def _dates(self, token: Token, field: str) -> Dates:
        try:
            since, until = days.bounds(field, token.text + "*" * token.star, self._today)
        except days.Unreadable as error:
            raise self._error(error.what, token, error.remedy) from error
        return Dates(since, until, token.at)

    def _tag(self, token: Token, field: str) -> Tag:
        if token.star:
            raise self._error(f"'{field}:' takes no star", token, "write the whole name")
        value = token.text if field == "source" else token.text.lower()
        if field == "has" and value not in HAS:
            raise self._error(
                f"'has:' knows no {quoted(value)}", token, f"it knows {', '.join(HAS)}"
            )
        return Tag(field, value, token.at)

    def _missing(self, before: Token | None) -> QueryError:
        """Tell that something should have come behind `before` (None: at the beginning), and did not."""
        here = self._tokens[self._n] if self._n < len(self._tokens) else None
        if here and here.kind is Kind.CLOSE and before and before.kind is Kind.OPEN:
            return self._error(
                "there is nothing between '(' and ')'", before, "put words there, or take them out"
            )
        if here and here.kind in (Kind.AND, Kind.OR):
            where = (
                "before"
                if before is None or before.kind is Kind.OPEN
                else f"between {_named(before)} and"
            )
            return self._error(f"nothing stands {where} {_named(here)}", here, _example(here.text))
        if here and before is None:
            return self._stray()
        before = before or self._tokens[-1]
        return self._error(f"nothing stands behind {_named(before)}", before, _example(before.text))

    def _stray(self) -> QueryError:
        here = self._tokens[self._n]
        behind = f" behind {_named(self._tokens[self._n - 1])}" if self._n else ""
        return self._error(f"')'{behind} closes nothing", here, "take it out, or open it with '('")

    def _take(self, *kinds: Kind) -> Token | None:
        if not self._next_is(kinds):
            return None
        self._n += 1
        return self._tokens[self._n - 1]

    def _next_is(self, kinds: Sequence[Kind]) -> bool:
        return self._n < len(self._tokens) and self._tokens[self._n].kind in kinds

    def _error(self, what: str, token: Token, remedy: str) -> QueryError:
        return QueryError(what, query=self._query, at=token.at, remedy=remedy)


def _joined(kind: type[All] | type[Either], parts: list[Node]) -> Node:
    """Return the one part, or all of them, with those of inner nodes of the same kind."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _named(token: Token) -> str:
    return quoted(f"{token.text}:" if token.kind is Kind.FIELD else token.text)


def _example(text: str) -> str:
    """Return how what stands alone is meant to be used."""
    match text:
        case "has":
            return f"it knows {', '.join(HAS)}"
        case "source" | "lang" | "date" | "before" | "after":
            value = {"source": "NAME", "lang": "ar"}.get(text, "2019-03")
            return f"write {text}:{value}, or -{text}:{value} to leave it out"
        case "title" | "text" | "author" | "url":
            return f"write {text}:word, or -{text}:word to leave it out"
        case "-" | "NOT":
            return "write -word or NOT word"
        case "(":
            return "put words in the brackets"
    return f'write word {text} word; the word itself stands in quotes: "{text.lower()}"'
