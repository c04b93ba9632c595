"""From a query's tree to what FTS5 is asked, and to what is marked in the texts found.

Nothing that a user wrote gets to FTS5 but folded words in quotes and tags, inside the columns they are
meant for: so no query can be an error of FTS5's language, nor find a tag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from math import isqrt
from typing import NamedTuple

from archiver import clock, query, words
from archiver.errors import QueryError
from archiver.query import All, Dates, Either, Node, Not, Tag, Words
from archiver.store import tags
from archiver.store.rowids import first_id
from archiver.store.vocabulary import Vocabulary

FORMS = 64  # forms that one word is looked for in
MOST_FORMS = 512  # and all words of a query together
PREFIX = 1_000_000  # places of words that begin so, in all articles; FTS5 gathers them before it can be stopped
BEGUN = 1000  # words that begin so, in a query, which are looked for each by itself
# The same where nothing else is looked for: beside another word FTS5 goes through them again and again.
# It keeps 4 kB for each.
BEGUN_ALONE = 4000
COLUMNS = {"": "{title text}", "title": "title", "text": "text", "author": "author", "url": "url"}
_TAGS: dict[str, Callable[[str], str]] = {
    "source": tags.source, "lang": tags.language, "has": tags.has,
}  # fmt: skip
GROUPED = 12  # forms from which on they are asked for in groups
END = 1 << 62  # above every rowid


class Pattern(NamedTuple):
    """Words that were looked for where they follow each other, each in some forms, the one that was asked first.

    `prefix` says that the last one goes on; `begun` are the words that begin so, where it is one and they are few.
    """

    forms: tuple[tuple[str, ...], ...]
    prefix: bool = False
    begun: tuple[str, ...] = ()

    def within(self, column: str) -> str:
        """Return the expression for what has it in a column."""
        if len(self.forms) == 1 and (self.begun or not self.prefix):
            return any_of(self.begun or self.forms[0], column)
        star = " *" if self.prefix else ""
        return f"{column} : ({_quoted(' '.join(forms[0] for forms in self.forms))}{star})"


class Match(NamedTuple):
    """What to look for: an expression of FTS5 ("" for everything) and the rowids from `low` up to `high`."""

    fts: str = ""
    low: int = 0
    high: int = END
    patterns: tuple[Pattern, ...] = ()
    choices: bool = False  # a hit need not have all of the patterns

    def select(self) -> tuple[str, tuple[object, ...]]:
        """Return the statement that selects its rowids, and the values of it."""
        if self.fts:
            return _SELECT, (self.fts, self.low, self.high)
        return _SELECT_ALL, (self.low, self.high)

    def below(self, rowid: int | None) -> Match:
        """Return what matches before `rowid`, where one is given."""
        return self if rowid is None else self._replace(high=min(self.high, rowid))

    def above(self, rowid: int | None) -> Match:
        """Return what matches behind `rowid`, where one is given."""
        return self if rowid is None else self._replace(low=max(self.low, rowid + 1))


_SELECT = "SELECT rowid FROM article_text WHERE article_text MATCH ? AND rowid >= ? AND rowid < ?"
_SELECT_ALL = "SELECT id AS rowid FROM search_doc WHERE id >= ? AND id < ?"


def compile_query(
    text: str, vocabulary: Vocabulary, days: tuple[date, date], filters: Sequence[Tag] = ()
) -> Match:
    """Compile what a user wrote, with filters that go for all of it.

    `days` are the first and the last day that the index knows. Raises QueryError where it cannot be meant, or holds no
    word to look for.
    """
    node = query.parse(text, clock.now().date())
    return _Compiler(text, vocabulary, days).match(node, filters)


def any_of(forms: Iterable[str], column: str = COLUMNS[""]) -> str:
    """Return an expression for what has one of some folded words, phrases or tags in a column.

    For each hit FTS5 looks at all parts of an OR, and it makes one OR of those inside each other. So many forms
    go in groups that it leaves apart, each without what no article has: then it looks at the groups, and into one.
    """
    quoted = list(map(_quoted, forms))
    if len(quoted) < GROUPED:
        return f"{column} : ({' OR '.join(quoted)})"
    size = isqrt(len(quoted))
    groups = (" OR ".join(quoted[n : n + size]) for n in range(0, len(quoted), size))
    apart = (f"({column} : ({group}) NOT tags : {_quoted(tags.NONE)})" for group in groups)
    return f"({' OR '.join(apart)})"


class _Compiler:
    def __init__(self, text: str, vocabulary: Vocabulary, days: tuple[date, date]) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self._days = days
        self._left = MOST_FORMS
        self._places = PREFIX
        self._beginnings = BEGUN_ALONE
        self._found: dict[Words, list[str]] = {}
        self._begun: dict[Words, tuple[str, ...]] = {}

    def match(self, node: Node | None, filters: Sequence[Tag]) -> Match:
        """Compile a whole query: the dates that all of it must have become a range of rowids."""
        wanted = query.positive(node)
        if len(wanted) > 1:
            self._beginnings = BEGUN
        parts = node.parts if isinstance(node, All) else (node,) if node else ()
        spans = [part for part in parts if isinstance(part, Dates)]
        rest = [part for part in parts if not isinstance(part, Dates)]
        fts = self._all([*rest, *filters])
        if node and not spans and not any(map(self._can_be_found, rest)):
            raise QueryError(
                "there is no word to look for",
                query=self._text,
                at=0,
                remedy="signs are not searched for; write a word",
            )
        low = max((first_id(span.since) for span in spans if span.since), default=0)
        high = min((first_id(span.until) for span in spans if span.until), default=END)
        marked = [self._pattern(part) for part in wanted]
        patterns = tuple(pattern for pattern in marked if pattern)
        return Match(fts, low, high, patterns, choices=any(map(_has_choices, parts)))

    def _expression(self, node: Node) -> str:
        """Return a node as an expression, or "" where nothing of it can be looked for."""
        match node:
            case Words():
                return self._words(node)
            case Tag():
                return any_of([_TAGS[node.field](node.value)], "tags")
            case Dates():
                return self._dates(node)
            case All():
                return self._all(node.parts)
            case Either():
                return joined(map(self._expression, node.parts), " OR ")
            case Not():
                return self._all([node])

    def _can_be_found(self, node: Node) -> bool:
        """Tell whether a node holds anything to look for: what is only signs does not."""
        match node:
            case Words():
                return bool(_terms(node))
            case All(parts) | Either(parts):
                return any(map(self._can_be_found, parts))
            case Not(part):
                return self._can_be_found(part)
        return True

    def _all(self, parts: Sequence[Node]) -> str:
        """Return what holds all of `parts`: what must not be there is taken from the rest."""
        there: list[str] = []
        away: list[str] = []
        script = next(filter(None, map(self._script, parts)), "")
        for part in parts:
            if isinstance(part, Not):
                away.append(self._expression(part.part))
            elif script and isinstance(part, Tag) and part.field == "lang":
                own, others = self._in_language(part.value, script)
                there.append(own)
                away.append(others)
            else:
                there.append(self._expression(part))
        wanted = joined(there, " AND ")
        unwanted = joined(away, " OR ")
        if not unwanted:
            return wanted
        return f"({wanted or any_of([tags.ALL], 'tags')} NOT {unwanted})"

    def _in_language(self, code: str, script: str) -> tuple[str, str]:
        """Return what an article in a language has and lacks, of those that have a word in a script.

        One of the two, whichever fewer articles have, for FTS5 goes through most of what it is asked for. So Arabic
        words in English articles are looked for among the few that have any.
        """
        counts = dict(self._vocabulary.spelled(script))
        (own,) = tags.spelled(code, frozenset([script]))
        if counts.pop(own, 0) > sum(counts.values()):
            return "", any_of(counts, "tags") if counts else ""
        return any_of([own], "tags"), ""

    def _script(self, node: Node) -> str:
        """Return the script in which an article must have a word to match, "" where that is not known."""
        if not isinstance(node, Words) or node.field in ("author", "url"):
            return ""
        terms = _terms(node)
        forms = self._forms(node, terms) if terms and not node.prefix else terms[:1]
        scripts = set(map(words.script, forms))
        return scripts.pop() if len(scripts) == 1 else ""

    def _words(self, node: Words) -> str:
        terms = _terms(node)
        if not terms:
            return ""
        column = COLUMNS[node.field]
        if node.prefix:
            return self._prefix(terms, node, column)
        return any_of(self._forms(node, terms), column)

    def _forms(self, node: Words, terms: list[str]) -> list[str]:
        """Return the words that a word stands for; a phrase, a name and a URL stand for themselves."""
        if len(terms) > 1 or node.exact or node.field in ("author", "url"):
            return [" ".join(terms)]
        if node not in self._found:
            limit = max(1, min(FORMS, self._left))
            self._found[node] = words.expand(terms[0], self._vocabulary, limit) or terms
            self._left -= len(self._found[node])
        return self._found[node]

    def _prefix(self, terms: list[str], node: Words, column: str) -> str:
        """Return what begins so: where they are few as words, which FTS5 reads from the newest article on."""
        if len(terms) == 1 and node.field not in (
            "author",
            "url",
        ):  # whose words are counted nowhere
            begun = self._vocabulary.beginning(terms[0], self._beginnings + 1)
            if len(begun) <= self._beginnings:
                self._beginnings -= len(begun)
                self._begun[node] = tuple(begun)
                return any_of(begun or terms, column)
        self._places -= self._vocabulary.places(terms[-1])
        if self._places < 0:
            raise QueryError(
                f"{node.text}* would be half the archive", query=self._text, at=node.at,
                remedy="give more letters before the *",
            )  # fmt: skip
        return f"{column} : ({_quoted(' '.join(terms))} *)"

    def _dates(self, node: Dates) -> str:
        """Return days as tags: where they are one of several choices they are no range."""
        first, last = self._days[0], min(self._days[1], date.max - timedelta(days=1))
        since = max(node.since.date(), first) if node.since else first
        until = (
            min(node.until.date(), last + timedelta(days=1))
            if node.until
            else last + timedelta(days=1)
        )
        return any_of(list(tags.days(since, until)) or [tags.NONE], "tags")

    def _pattern(self, node: Words) -> Pattern | None:
        terms = _terms(node)
        if not terms or node.field in ("author", "url"):
            return None
        if len(terms) == 1 and not node.exact and not node.prefix:
            return Pattern((tuple(self._forms(node, terms)),))
        return Pattern(tuple((term,) for term in terms), node.prefix, self._begun.get(node, ()))


def _has_choices(node: Node) -> bool:
    return isinstance(node, Either) or (
        isinstance(node, All) and any(map(_has_choices, node.parts))
    )


def _terms(node: Words) -> list[str]:
    folded = words.fold_url(node.text) if node.field == "url" else words.fold(node.text)
    return folded.split()


def _quoted(terms: str) -> str:
    return f'"{terms}"'  # neither folded words nor tags hold a quote


def joined(expressions: Iterable[str], by: str) -> str:
    """Return expressions, but for empty ones, as one."""
    some = [expression for expression in expressions if expression]
    return some[0] if len(some) == 1 else f"({by.join(some)})" if some else ""
