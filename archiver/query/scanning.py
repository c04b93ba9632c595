"""From a query's characters to its tokens. All that is lenient about the language is here.

Indexes are those of the query as typed, also where characters of it were passed over.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from typing import NamedTuple

from archiver.errors import QueryError
from archiver.query.pointing import quoted

LENGTH = 1000  # characters
FIELDS = ("title", "text", "source", "lang", "author", "url", "before", "after", "date", "has")

# Bidi marks, embeddings, isolates and the byte order mark: terminals and web pages leave them behind.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# What is white space here; lone surrogates are bytes of an argument that were no UTF-8.
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\ud800-\udfff]")
_SEPARATORS = frozenset(" ،؛，、。；")
_JOINERS = "\u200c\u200d"  # part of a Persian word, nothing at its edges
_OPEN, _CLOSE = "(（", ")）"
_DASHES = "-－"
_STARS = "*＊"
_STAR = re.compile(f"[{_STARS}]")
_ADDRESS = re.compile("https?://", re.IGNORECASE | re.ASCII)
_FIELD = re.compile(f"({'|'.join(FIELDS)})[:：]", re.IGNORECASE | re.ASCII)
_EQUALS = re.compile(rf"({'|'.join(FIELDS)})=(?=\S)")

# Two Hebrew letters with a straight quote between them are an acronym, and the quote a part of it.
_STRAIGHT = re.compile('(?<![\u0590-\u05ff])["＂]|["＂](?![\u0590-\u05ff])')
# What may close a quote; compiled when there is one. A single one before a letter is an apostrophe.
_QUOTES = {
    '"': _STRAIGHT.pattern, "＂": _STRAIGHT.pattern, "“": "[“”]", "”": "[“”]", "„": "[“”]", "«": "»",
    "‹": "›", "‚": r"[‘’](?!\w)", "「": "」", "『": "』",
}  # fmt: skip


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    PHRASE = auto()
    FIELD = auto()
    MINUS = auto()
    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()


class Token(NamedTuple):
    """One token; `text` is a word's or phrase's own, or a field's name. `star` stood behind a word."""

    kind: Kind
    text: str
    at: int
    star: bool = False


def scan(query: str) -> list[Token]:
    """Return the tokens of `query`; a word or phrase of nothing but punctuation is none.

    Raises `QueryError` for what is too long, a star that ends no word, ``source=`` for ``source:``, and
    for a query that is not empty and holds no token.
    """
    if len(query) > LENGTH:
        raise QueryError(
            f"the query has {len(query)} characters, and may have {LENGTH}",
            query=query, at=LENGTH, remedy="leave words out, or search in parts",
        )  # fmt: skip
    return _Scanner(query).tokens()


def is_address(text: str) -> bool:
    """Tell whether `text` begins as a web address does."""
    return bool(_ADDRESS.match(text))


class _Scanner:
    def __init__(self, query: str) -> None:
        self._query = query
        self._places = [n for n, c in enumerate(query) if not _UNSEEN.match(c)]
        self._text = _BLANK.sub(" ", "".join(query[n] for n in self._places))
        self._n = 0
        self._tokens: list[Token] = []
        self._held = False  # the next token hangs on the one before: a value on its field, a word on its minus

    def tokens(self) -> list[Token]:
        while self._skip():
            self._next()
        if not self._tokens and self._text.strip():
            start = len(self._text) - len(self._text.lstrip())
            raise self._error(
                "there is no word to look for",
                start,
                "punctuation is not searched for; write a word",
            )
        return self._tokens

    def _skip(self) -> bool:
        """Go to where the next token begins; tell whether there is one."""
        while (c := self._peek()) in _SEPARATORS or c in _JOINERS:
            self._held &= c in _JOINERS
            self._n += 1
        return self._n < len(self._text)

    def _next(self) -> None:
        c = self._peek()
        if c in _QUOTES:
            self._phrase()
        elif c in _OPEN:
            self._add(Kind.OPEN, "(", 1)
        elif c in _CLOSE:
            self._add(Kind.CLOSE, ")", 1)
        elif c in _DASHES and self._begins(self._n + 1) and self._peek(1) not in _DASHES:
            self._add(Kind.MINUS, "-", 1, held=True)
        elif not self._held_by_field() and (field := self._field()):
            self._add(Kind.FIELD, field[1].lower(), len(field[0]), held=self._begins(field.end()))
        else:
            self._word()

    def _peek(self, ahead: int = 0) -> str:
        """Return a character, or at the end a line feed, which the text has none of."""
        return self._text[self._n + ahead : self._n + ahead + 1] or "\n"

    def _begins(self, n: int) -> bool:
        """Tell whether something to look for stands at `n`: no end, separator or closing bracket."""
        return (
            n < len(self._text) and self._text[n] not in _SEPARATORS and self._text[n] not in _CLOSE
        )

    def _held_by_field(self) -> bool:
        return self._held and self._tokens[-1].kind is Kind.FIELD

    def _field(self) -> re.Match[str] | None:
        """Return the field that is named here.

        In capitals it wants its value at once: "Source: ..." is how a headline begins.
        """
        if mistake := _EQUALS.match(self._text, self._n):
            name = mistake[1]
            raise self._error(
                f"{quoted(mistake[0])} is not how a field is written", self._n,
                f"write {name}: with a colon, or put the word in quotes",
            )  # fmt: skip
        found = _FIELD.match(self._text, self._n)
        return found if found and (found[1].islower() or self._begins(found.end())) else None

    def _phrase(self) -> None:
        start = self._n
        end, after = self._closing(start)
        words = (word.strip(_JOINERS) for word in self._text[start + 1 : end].split())
        text = " ".join(filter(None, words))
        self._n = after
        if self._peek() in _STARS:
            raise self._error(
                "a star cannot stand behind a phrase", after, "it ends a word: elect*"
            )
        self._keep(Kind.PHRASE, text, start)

    def _closing(self, start: int) -> tuple[int, int]:
        """Return where the phrase ends and where its quotes do; one that nothing closes runs to the end."""
        found = re.compile(_QUOTES[self._text[start]]).search(self._text, start + 1)
        if not found and self._text[start] in "“”„":
            found = _STRAIGHT.search(self._text, start + 1)
        return found.span() if found else (len(self._text), len(self._text))

    def _word(self) -> None:
        start = self._n
        held_by_field = self._held_by_field()
        address = is_address(self._text[start:]) or (
            held_by_field and self._tokens[-1].text == "url"
        )
        self._n = self._address_end() if address else self._word_end()
        text = self._text[start : self._n].strip(_JOINERS)
        star = text.endswith(tuple(_STARS))
        text = text.rstrip(_STARS).rstrip(_JOINERS)
        stray = None if address else _STAR.search(text)
        if stray or (star and not _says_something(text)):
            raise self._error(
                f"a star can only end a word, and not so in {quoted(self._text[start : self._n])}",
                start + (stray.start() if stray else 0), "write a word with the star behind it: elect*",
            )  # fmt: skip
        if not self._held and not star and text in ("AND", "OR", "NOT"):
            self._tokens.append(Token(Kind[text], text, self._places[start]))
        else:
            self._keep(Kind.WORD, text, start, star)

    def _word_end(self) -> int:
        n = self._n
        while n < len(self._text) and not self._ends_word(n):
            n += 1
        return n

    def _ends_word(self, n: int) -> bool:
        c = self._text[n]
        if c in '"＂':
            return bool(_STRAIGHT.match(self._text, n))
        return c in _SEPARATORS or c in _OPEN or c in _CLOSE or c in _QUOTES

    def _address_end(self) -> int:
        """Return where a web address ends: brackets in pairs and commas belong to it."""
        n, opened = self._n, 0
        while n < len(self._text) and self._text[n] != " " and self._text[n] not in _QUOTES:
            opened += (self._text[n] in _OPEN) - (self._text[n] in _CLOSE)
            if opened < 0:
                break
            n += 1
        return n

    def _keep(self, kind: Kind, text: str, start: int, star: bool = False) -> None:
        """Add a word or phrase, if it says something; else the minus before it goes too."""
        if _says_something(text):
            self._tokens.append(Token(kind, text, self._places[start], star))
        elif self._held and self._tokens[-1].kind is Kind.MINUS:
            self._tokens.pop()
        self._held = False

    def _add(self, kind: Kind, text: str, length: int, held: bool = False) -> None:
        self._tokens.append(Token(kind, text, self._places[self._n]))
        self._n += length
        self._held = held

    def _error(self, what: str, n: int, remedy: str) -> QueryError:
        return QueryError(what, query=self._query, at=self._places[n], remedy=remedy)


def _says_something(text: str) -> bool:
    """Tell whether `text` has letters, digits or pictures: anything but punctuation and signs."""
    return any((kind := unicodedata.category(c))[0] in "LN" or kind == "So" for c in text)
