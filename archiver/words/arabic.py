"""Arabic stems: a light stemmer over folded words, after Larkey's light10, with a list of what is irregular.

It takes off the article, with what is written before it, pronouns, and the endings of plural, dual,
feminine and past. The ending of adjectives of belonging stays (كويتي is not كويت), for it makes another word.
It knows no roots; plurals that are made inside a word are listed in `irregular.txt`.
Conjunctions and prepositions of one letter stay, since they may be the word's own;
`archiver.words.arabic_forms` takes them off where the archive's own words allow it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from archiver.words.folding import tokens

ARTICLES = ("وبال", "وكال", "فبال", "ولل", "وال", "فال", "بال", "كال", "فلل", "لل", "ال")
_SHORT = ("ال", "لل", "وال", "بال", "فال")  # behind which words of two letters stand: بالحق
_PRONOUNS = ("هما", "ها", "هم", "هن", "نا")
_FEMININE = ("تين", "تان", "ات")  # words of two letters end as in the singular instead
_ENDINGS = ("ان", "ون", "ين", "وا", "ت", "ا")
_OWN_T = frozenset([  # words of three letters whose ت is their own: بيته is his house
    "اخت", "بنت", "بيت", "تحت", "ثبت", "زيت", "سبت", "صمت", "صوت", "لفت", "موت", "نبت", "وقت",
])  # fmt: skip
_ACCUSATIVE = ("انا", "ونا", "ينا")  # the ن is the word's: قانونا, not "our قانو"
# Carriers of a hamza that is folded away at the end of a word, but not before a pronoun: بناؤها.
SEATS = ("او", "اي")
_LEAST = 3  # letters that stay before an ending; before a pronoun, and behind the article, one less


def stem(word: str) -> str:
    """Return the stem of a folded word."""
    known = irregular()
    shorter = word
    for shorter in _shorter(word):
        if shorter in known:
            return _irregular_stem(known[shorter])
    return shorter


def regular_stem(word: str) -> str:
    """Return the stem of a folded word by its endings alone."""
    return _last(_shorter(word))


def without_article(word: str) -> str:
    """Return a folded word without the article and what is written before that."""
    for article in ARTICLES:
        least = _LEAST - 1 if article in _SHORT else _LEAST
        if word.startswith(article) and len(word) - len(article) >= least:
            return word if word in irregular() else word[len(article) :]
    return word


def irregular() -> Mapping[str, str]:
    """Return irregular words, each with the word that it is a form of."""
    return _listed()[0]


@cache
def _irregular_stem(word: str) -> str:
    """Return the stem of a word that has irregular forms: itself, where it is listed as a form of itself."""
    return word if word in _listed()[1] else _last(_without_endings(word))


@cache
def _listed() -> tuple[Mapping[str, str], frozenset[str]]:
    """Return irregular words and those that are their own stems; read when the first Arabic stem is asked for."""
    text = Path(__file__).with_name("irregular.txt").read_text("utf-8")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    # All words at once, for folding is quick and calling it is not.
    folded = iter(tokens(" ".join(itertools.chain.from_iterable(lines))))
    found: dict[str, str] = {}
    whole: set[str] = set()
    for line in lines:
        word, *forms = itertools.islice(folded, len(line))
        if word in forms:
            whole.add(word)
        # A hamza at the end is folded away, but not before a pronoun: اعضاء, but اعضاؤه and اعضائه.
        with_hamza = [
            form for form, other in zip(forms, line[1:], strict=True) if other.endswith("اء")
        ]
        forms += [form + letter for form in with_hamza for letter in "يو"]
        for form in (word, *forms):
            found.setdefault(form, word)
            if form.startswith("ال"):  # its own letters, behind a letter more too: والذي
                for letter in "وفبلك":
                    found.setdefault(letter + form, word)
    return found, frozenset(whole)


def _shorter(word: str) -> Iterator[str]:
    """Yield a word with less and less at its ends; the last is its stem, if it is regular."""
    yield word
    for _ in range(2):  # الالتزام and التزام, whose first letters are no article, have to meet
        word = without_article(word)
        yield word
    yield from _without_endings(word)


def _without_endings(word: str) -> Iterator[str]:
    rest = _without_pronoun(word)
    yield rest
    if len(rest) > _LEAST and rest.endswith(SEATS) and rest != word and rest != word[:-1]:
        yield from _without_endings(rest[:-1])
        return
    if rest != word and not rest.endswith("ات") and not word.endswith(_ACCUSATIVE):
        rest = _masculine(rest)
    for _ in range(2):
        yield rest
        rest = _without_ending(rest)
    yield rest


def _last(words: Iterator[str]) -> str:
    *_, last = words
    return last


def _without_pronoun(word: str) -> str:
    if word.endswith(_ACCUSATIVE):
        return word[:-1]
    if word.endswith("ه"):
        return word[:-1] if len(word) > _LEAST else word
    for pronoun in _PRONOUNS:
        least = _LEAST if pronoun == "نا" else _LEAST - 1
        if word.endswith(pronoun) and len(word) - len(pronoun) >= least:
            return word[: -len(pronoun)]
    return word


def _masculine(word: str) -> str:
    """Take the ت off that ه becomes before a pronoun; words of two letters keep it, as ه."""
    if not word.endswith("ت") or len(word) < _LEAST or word in _OWN_T:
        return word
    return word[:-1] if len(word) > _LEAST else f"{word[:-1]}ه"


def _without_ending(word: str) -> str:
    for ending in _FEMININE:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _LEAST - 1:
            return rest if len(rest) >= _LEAST else f"{rest}ه"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            return word[: -len(ending)]
    return word
