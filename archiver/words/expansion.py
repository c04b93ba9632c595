"""What a searched word stands for: all its forms in the archive, and words it may have been meant for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from archiver.words import arabic_forms
from archiver.words.stems import stem, stem_language


class Vocabulary(Protocol):
    """What an index knows of the words in it."""

    def languages(self) -> Sequence[str]:
        """Return the stem languages that occur."""
        ...

    def documents(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return how many documents hold each term; one that is absent is in none."""
        ...

    def sharing(self, stems: Collection[tuple[str, str]]) -> Mapping[str, int]:
        """Return the terms that have one of these (language, stem), and how many documents hold each."""
        ...


def expand(term: str, vocabulary: Vocabulary, limit: int = 64) -> list[str]:
    """Return the forms in the archive that a searched word stands for: itself, then the most frequent.

    The word is folded, and comes back even where the archive does not hold it.
    """
    stems = {
        (found, stem(term, found))
        for language in vocabulary.languages()
        if (found := stem_language(term, language))
    }
    others = [pair for pair in stems if pair[0] != "ar"]
    forms = dict(vocabulary.sharing(others)) if others else {}
    if len(others) < len(stems):
        forms |= arabic_forms.forms(term, vocabulary)
    forms.pop(term, None)
    ordered = sorted(forms, key=lambda form: (-forms[form], form))
    return [term, *ordered][:limit]


def nearest(term: str, vocabulary: Vocabulary, limit: int = 3) -> list[str]:
    """Return words of the archive that are one edit away from a folded word, the most frequent first.

    An edit is a letter left out, changed or added, or two that changed places.
    """
    if len(term) > _LONGEST:
        return []
    known = vocabulary.documents(set(_edits(term)) - {term, ""})
    found = [word for word, count in known.items() if count > 0]
    return sorted(found, key=lambda word: (-known[word], word))[:limit]


_LONGEST = 32  # letters; the edits of a longer word are too many to ask for
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґў",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "אבגדהוזחטיכלמנסעפצקרשתךםןףץ",
)


def _edits(term: str) -> Iterator[str]:
    letters = next((a for a in _ALPHABETS if not set(a).isdisjoint(term)), "")
    for at in range(len(term) + 1):
        head, tail = term[:at], term[at:]
        yield from (head + letter + tail for letter in letters)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in letters)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
