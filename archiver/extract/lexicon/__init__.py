"""What news pages print around an article, in many languages; a file of phrases for each.

Phrases are compared with whole lines after folding, never with words inside a sentence (but for the
kinds that `inside` is asked about). In the files ``{a|b}`` stands for a or b, ``*`` for one to five
words, and ``#`` for a number; numbers are folded away.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

KINDS = (
    "related", "comments", "lines", "openings", "credits", "bylines", "byline_ends",
    "staff", "notices", "published", "modified", "paywall", "consent", "missing", "script", "live", "gallery",
    "video",
)  # fmt: skip
MAX_PHRASE = 200  # characters; no phrase is longer
MAX_STAR = 5  # words that * stands for
_BRACES = re.compile(r"\{([^{}]*)\}")
_NOTATION = re.compile(r"[{}|*]")
_OPENING = re.compile(r"^([^:：؛]{1,60})[:：؛]")
# One letter for all that are one to a reader of the language, or that typists mix up.
_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ہ": "ه",
     "ھ": "ه", "ۃ": "ه", "ı": "i"}
)  # fmt: skip


class _Folding(dict[int, str | None]):
    """What folding makes of each character, found out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code).translate(_LETTERS)
        category = unicodedata.category(letter)
        # Vowel signs of Indic scripts and Thai make words; accents, points and harakat do not.
        mark = category == "Mn" and not 0x0900 <= code <= 0x0EFF
        kept = letter.isalpha() or (category in ("Mn", "Mc") and not mark)
        self[code] = None if mark or category == "Cf" else letter if kept else " "
        return self[code]


_FOLDING = _Folding()


def fold_text(line: str) -> str:
    """Fold a text for comparison: case, marks, tatweel, hamza forms, digits and punctuation go."""
    if not line.isascii():
        line = unicodedata.normalize("NFKD", line.replace("ـ", ""))
    line = line.casefold()
    return " ".join(line.translate(_FOLDING).split())


@lru_cache(maxsize=8192)
def fold(line: str) -> str:
    """Fold a line, as `fold_text` does, and remember it: a site's lines come again."""
    return fold_text(line)


@dataclass(slots=True)
class _Phrases:
    """The phrases of one kind, folded: whole ones, and those with a ``*`` by a word they begin or end with."""

    whole: set[str] = field(default_factory=set)
    before: defaultdict[str, list[tuple[list[str], list[str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    behind: defaultdict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, phrase: str) -> None:
        if "*" not in phrase:
            if phrase:
                self.whole.add(phrase)
            return
        start, _, end = (part.strip() for part in phrase.partition("*"))
        if start:
            self.before[start.split()[0]].append((start.split(), end.split()))
        elif end:
            self.behind[end.split()[-1]].append(end.split())

    def match(self, folded: str) -> bool:
        if folded in self.whole:
            return True
        words = folded.split()
        if not words:
            return False
        for start, end in self.before.get(words[0], ()):
            rest = len(words) - len(start) - len(end)
            begins = 1 <= rest <= MAX_STAR and words[: len(start)] == start
            if begins and (not end or words[-len(end) :] == end):
                return True
        return any(
            1 <= len(words) - len(end) <= MAX_STAR and words[-len(end) :] == end
            for end in self.behind.get(words[-1], ())
        )


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, _Phrases]:
    lexicon = {kind: _Phrases() for kind in KINDS}
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            for kind, phrases in tomllib.loads(file.read_text("utf-8")).items():
                for phrase in phrases:
                    for each in _expanded(_folded(phrase)):
                        lexicon[kind].add(" ".join(each.split()))
    return lexicon


def _folded(phrase: str) -> str:
    """Fold a phrase and leave its notation."""
    if not _NOTATION.search(phrase):
        return fold_text(phrase)
    parts = re.split(r"([{}|*])", phrase.replace("#", " "))
    return "".join(part if part in "{}|*" else _spaced(part) for part in parts if part)


def _spaced(part: str) -> str:
    """Fold a part of a phrase, keeping that a space parted it from its neighbour."""
    left = " " if part and not part[0].isalnum() else ""
    right = " " if part and not part[-1].isalnum() else ""
    return f"{left}{fold_text(part)}{right}"


def _expanded(phrase: str) -> list[str]:
    braces = _BRACES.search(phrase) if "{" in phrase else None
    if braces is None:
        return [phrase]
    return [
        each
        for choice in braces[1].split("|")
        for each in _expanded(f"{phrase[: braces.start()]}{choice}{phrase[braces.end() :]}")
    ]


def matches(line: str, kind: str) -> bool:
    """Tell whether the whole `line` is a phrase of `kind`."""
    return len(line) <= MAX_PHRASE and _matches(line, kind)


@lru_cache(maxsize=8192)
def _matches(line: str, kind: str) -> bool:
    folded = fold(line)
    return bool(folded) and _lexicon()[kind].match(folded)


def opens(line: str, kind: str) -> str:
    """Return the phrase of `kind` that stands before the colon with which `line` begins, or ""."""
    phrases, line = _lexicon()[kind], line[:MAX_PHRASE]
    opening = _OPENING.match(line)
    if opening and phrases.match(fold(opening[1])):
        return opening[1].strip()
    if kind in ("bylines", "credits"):
        return next((begun for folded, begun in _beginnings(line) if folded in phrases.whole), "")
    return ""


@lru_cache(maxsize=8192)
def _beginnings(line: str) -> list[tuple[str, str]]:
    """Return the first three words of `line`, two and one, each folded and as they are."""
    words = line.split()[:3]
    begun = [" ".join(words[:size]) for size in range(len(words), 0, -1)]
    return [(fold(each), each) for each in begun]


def inside(line: str, kind: str, least: int = 1) -> bool:
    """Tell whether a phrase of `kind` with at `least` so many words stands in `line`, in a row."""
    return holds(fold_text(line).split(), kind, least)


def holds(words: Sequence[str], kind: str, least: int = 1) -> bool:
    """Tell the same of the folded words of a line."""
    single, lengths = _begun(kind)
    if least == 1 and not single.isdisjoint(words):
        return True
    pairs = list(pairwise(words))
    if lengths.keys().isdisjoint(pairs):  # most lines, and much faster than a look at each word
        return False
    whole = _lexicon()[kind].whole
    return any(
        " ".join(words[start : start + length]) in whole
        for start, pair in enumerate(pairs)
        for length in lengths.get(pair, ())
        if least <= length <= len(words) - start
    )


@lru_cache(maxsize=32)
def _begun(kind: str) -> tuple[set[str], dict[tuple[str, str], set[int]]]:
    """Return the phrases of one word, and how many words those have that begin with each two."""
    single: set[str] = set()
    lengths: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for phrase in _lexicon()[kind].whole:
        first, *more = phrase.split()
        if more:
            lengths[first, more[0]].add(1 + len(more))
        else:
            single.add(first)
    return single, dict(lengths)


def signs(line: str) -> bool:
    """Tell whether `line` only says who wrote or edited ("Reporting by ...", "... contributed")."""
    words = fold(line).split()
    begun, ended = _lexicon()["bylines"].whole, _lexicon()["byline_ends"].whole
    sizes = range(2, min(6, len(words)))  # one word alone ("By") begins a sentence as well
    for size in sizes:
        if " ".join(words[-size:]) in ended:
            return True
        if " ".join(words[:size]) in begun:
            return _names_people(line.split()[size:])
    return False


def _names_people(words: list[str]) -> bool:
    """Tell names from a sentence: by their capitals, where letters have them, else by their number."""
    long = [word.strip("(,;.") for word in words if len(word) > 3]
    capitals = sum(word[:1].isupper() for word in long)
    if any(word[:1].islower() or word[:1].isupper() for word in long):
        return capitals * 2 > len(long)
    return len(words) <= 8
