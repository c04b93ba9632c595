"""How well a searched word finds the other forms of its lemma: `python -m bench.lemmas [--misses N] [--no-list]`.

`lemmas.txt` lists the forms of some hundred words of Arabic news, broken plurals and verbs too. Texts are made of
them (the earlier a form stands in its line, the more often; seeded), so that the archive's counts
are there which the guards ask for. Every form is searched once. Recall: how many of the forms of
its lemma were found, itself included; precision: how many of those found are of its lemma; summed over all searches.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from archiver import words
from archiver.words import arabic, arabic_forms

DOCUMENTS = 20_000
WORDS = 60
_SEED = 1

Search = Callable[[str, "Counts"], Collection[str]]


class Counts:
    """A vocabulary in memory: an index without a file."""

    def __init__(self, counts: Mapping[str, int], stem: Callable[[str], str]) -> None:
        self.counts = counts
        self._forms: dict[str, list[str]] = defaultdict(list)
        for term in counts:
            self._forms[stem(term)].append(term)

    def languages(self) -> Sequence[str]:
        """Return the one language."""
        return ["ar"]

    def documents(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return how many documents hold each."""
        return {term: self.counts[term] for term in terms if term in self.counts}

    def sharing(self, stems: Collection[tuple[str, str]]) -> Mapping[str, int]:
        """Return the terms with one of these stems."""
        return self.documents({term for _, s in stems for term in self._forms.get(s, ())})


def lemmas() -> dict[str, list[str]]:
    """Read the list: the folded forms of each lemma, each once, the most frequent first."""
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    listed = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {name: list(dict.fromkeys(map(words.fold, forms.split()))) for name, _, forms in listed}


def counted(forms: Mapping[str, Sequence[str]]) -> Counter[str]:
    """Make texts of the forms, and return how many of them hold each."""
    chance = random.Random(_SEED)
    names = chance.sample(sorted(forms), len(forms))
    drawn = [
        (form, 1 / (place + 8) / (rank + 1))
        for place, name in enumerate(names)
        for rank, form in enumerate(forms[name])
    ]
    terms, weights = zip(*drawn, strict=True)
    counts: Counter[str] = Counter(dict.fromkeys(terms, 1))
    for _ in range(DOCUMENTS):
        counts.update(set(chance.choices(terms, weights, k=WORDS)))
    return counts


def light10(word: str) -> str:
    """Stem as Lucene's ArabicStemmer does, which others are measured against."""
    for prefix in ("ال", "وال", "بال", "كال", "فال", "لل", "و"):
        if word.startswith(prefix) and len(word) >= len(prefix) + (3 if prefix == "و" else 2):
            word = word[len(prefix) :]
            break
    for suffix in ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"):
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


def _same(stem: Callable[[str], str]) -> Search:
    return lambda term, known: {term, *known.sharing([("ar", stem(term))])}


@cache
def _stem(term: str) -> str:
    return words.stem(term, "ar")


@cache
def _endings(term: str) -> str:
    return arabic.regular_stem(term)


WAYS: dict[str, tuple[Callable[[str], str], Search]] = {
    "folded only": (str, lambda term, known: {term}),
    "light10": (light10, _same(light10)),
    "longer list": (_endings, _same(_endings)),
    "and irregular": (_stem, _same(_stem)),
    "and guards": (_stem, lambda term, known: words.expand(term, known)),
}


def measure(
    forms: Mapping[str, Sequence[str]], counts: Mapping[str, int], way: str, misses: int = 0
) -> tuple[float, float]:
    """Search every form, print what went wrong with the first, and return recall and precision."""
    belongs: dict[str, set[str]] = defaultdict(set)
    for name, listed in forms.items():
        for form in listed:
            belongs[form].add(name)
    stem, search = WAYS[way]
    known = Counts(counts, stem)
    right = wanted = given = 0
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for term in belongs:
        relevant = {form for name in belongs[term] for form in forms[name]}
        found = set(search(term, known))
        right, wanted, given = (
            right + len(found & relevant),
            wanted + len(relevant),
            given + len(found),
        )
        missed.update(
            f"{name}: {form}" for name in belongs[term] for form in set(forms[name]) - found
        )
        wrong.update(f"{'|'.join(sorted(belongs[term]))}: {form}" for form in found - relevant)
    for title, told in (("missed", missed), ("wrong", wrong)):
        if misses:
            print(
                f"-- {way}, {title}:", ", ".join(f"{k} ({n})" for k, n in told.most_common(misses))
            )
    return right / wanted, right / given


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Recall and precision of forms of a lemma.")
    parser.add_argument("--misses", type=int, default=0, metavar="N")
    parser.add_argument("--no-list", action="store_true", help="leave the irregular words out")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.no_list:
        arabic.irregular = arabic_forms.irregular = dict
    forms = lemmas()
    counts = counted(forms)
    print(f"{len(forms)} lemmas, {len(counts)} forms")
    for way in WAYS:
        recall, precision = measure(forms, counts, way, options.misses)
        print(f"{way:14} recall {recall:.3f}  precision {precision:.3f}")


if __name__ == "__main__":
    main()
