"""The found words of a query in an article's own text. Pure.

FTS5 holds folded words only, so what it found is looked for again in the text: once, and up to a limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archiver import words
from archiver.documents import MARK_END, MARK_START
from archiver.store.matching import Pattern

MAX_READ = 200_000  # characters of a text that are looked through
MAX_SPANS = 200  # found places of a text that are weighed for the snippet
BEFORE, LENGTH = 60, 250  # characters of a snippet before its first found word, and of all of it


class Span(NamedTuple):
    """A found word or phrase: characters from `start` up to `end`, by which of the patterns."""

    start: int
    end: int
    pattern: int


def find(text: str, patterns: Sequence[Pattern], limit: int = MAX_READ) -> Iterator[Span]:
    """Yield where the patterns are found in the first `limit` characters, in their order."""
    if not patterns:
        return
    tokens = list(words.spans(text, 0, limit))
    terms = [token.term for token in tokens]
    begins = _Beginnings(patterns)
    for number, term in enumerate(terms):
        for which in begins.of(term):
            pattern = patterns[which]
            count = len(pattern.forms)
            if number + count <= len(terms) and all(
                _fits(pattern, n, terms[number + n]) for n in range(1, count)
            ):
                yield Span(tokens[number].start, tokens[number + count - 1].end, which)


class _Beginnings:
    """Which patterns a word can begin."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._whole: dict[str, list[int]] = {}
        self._open: list[int] = []  # those of one word that goes on
        for which, pattern in enumerate(patterns):
            if pattern.prefix and len(pattern.forms) == 1:
                self._open.append(which)
                continue
            for form in pattern.forms[0]:
                self._whole.setdefault(form, []).append(which)
        self._patterns = patterns

    def of(self, term: str) -> list[int]:
        found = self._whole.get(term, [])
        if self._open:
            found = found + [n for n in self._open if _fits(self._patterns[n], 0, term)]
        return found


def _fits(pattern: Pattern, number: int, term: str) -> bool:
    forms = pattern.forms[number]
    if pattern.prefix and number == len(pattern.forms) - 1:
        return term.startswith(forms)
    return term in forms


def marked(text: str, patterns: Sequence[Pattern]) -> str:
    """Return `text` with the found words between the two marks."""
    return _mark(text, 0, len(text), list(find(text, patterns, len(text))))


def _mark(text: str, start: int, end: int, spans: Sequence[Span]) -> str:
    """Return the characters of `text` from `start` up to `end`; places that touch are marked as one."""
    pieces, at = [], start
    for begin, stop in _runs(span for span in spans if start <= span.start < end):
        stop = min(stop, end)
        pieces += [text[at:begin], MARK_START, text[begin:stop], MARK_END]
        at = stop
    return "".join([*pieces, text[at:end]])


def _runs(spans: Iterator[Span]) -> Iterator[tuple[int, int]]:
    begin = stop = -1
    for span in spans:
        if span.start <= stop:
            stop = max(stop, span.end)
            continue
        if stop > begin:
            yield begin, stop
        begin, stop = span.start, span.end
    if stop > begin:
        yield begin, stop


def snippet(text: str, patterns: Sequence[Pattern]) -> str:
    """Return the piece of `text` in which most of the patterns are found, with what was found marked."""
    spans = list(find(text, patterns))
    first = _best(spans[:MAX_SPANS])
    start = _word_start(text, first.start - BEFORE) if first else 0
    end = _word_end(text, start + max(LENGTH, min(first.end - start, 2 * LENGTH) if first else 0))
    piece = _mark(text, start, end, spans).strip()
    return ("…" if start else "") + piece + ("…" if end < len(text) else "")


def _best(spans: Sequence[Span]) -> Span | None:
    """Return the place from which a snippet shows most of the patterns; of equals the first."""
    best, most = None, 0
    for number, span in enumerate(spans):
        shown = {span.pattern}
        for other in spans[number + 1 :]:
            if other.end > span.start - BEFORE + LENGTH:
                break
            shown.add(other.pattern)
        if len(shown) > most:
            best, most = span, len(shown)
    return best


def _word_start(text: str, position: int) -> int:
    """Return the beginning of the word after `position`."""
    if position <= 0:
        return 0
    space = text.find(" ", position, position + 40)
    return space + 1 if space >= 0 else position


def _word_end(text: str, position: int) -> int:
    """Return the end of the word before `position`."""
    if position >= len(text):
        return len(text)
    space = text.rfind(" ", position - 40, position)
    return space if space >= 0 else position
