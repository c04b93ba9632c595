"""A made set of articles: originals, copies of them of each kind, and others that only look like copies.

Originals are stories of the demo newspaper, and stories spun from them: a walk from word to word that goes on as
the stories do, and often leaps elsewhere. So all of them share names, phrases and topics. Nothing in a set is
left to chance but by its seed.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archiver.demo.stories import LANGUAGES, load_stories
from bench.copies_forms import FORMS

Paragraphs = tuple[str, ...]
_LEAP = 0.4  # of the words of a spun text do not go on as a story does
_MARKS = "\u064e\u064f\u0650\u0652\u0651"
_PERSIAN = str.maketrans({"ك": "ک", "ي": "ی", "ى": "ی"})
_PLAIN = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي"})
_ENGLISH = str.maketrans({"'": "\u2019", '"': "\u201c", "-": "\u2010"})


@dataclass(frozen=True, slots=True)
class Item:
    """An article of the set. Those of one `story` are copies of one text; `kind` says how it was made."""

    story: int
    kind: str
    language: str
    title: str
    paragraphs: Paragraphs

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between them."""
        return "\n\n".join(self.paragraphs)


class Spinner:
    """Spins texts of one language."""

    def __init__(self, language: str, rng: random.Random) -> None:
        """Learn how the demo's stories go on."""
        self.random = rng
        stories = [story for story in load_stories() if story.language == language]
        self.words = " ".join(story.text for story in stories).split()
        self._next: defaultdict[str, list[str]] = defaultdict(list)
        for word, following in zip(self.words, self.words[1:], strict=False):
            self._next[word].append(following)

    def sentence(self, length: int) -> str:
        """Return a sentence of so many words."""
        word = self.random.choice(self.words)
        said = [word]
        while len(said) < length:
            leap = self.random.random() < _LEAP or not self._next[word]
            word = self.random.choice(self.words if leap else self._next[word])
            said.append(word)
        return " ".join(said).strip(" .،,؛;") + "."

    def paragraph(self, sentences: int = 3) -> str:
        """Return a paragraph."""
        return " ".join(self.sentence(self.random.randint(9, 26)) for _ in range(sentences))

    def story(self) -> Paragraphs:
        """Return four paragraphs to nine."""
        count = self.random.randint(4, 9)
        return tuple(self.paragraph(self.random.randint(1, 4)) for _ in range(count))

    def title(self) -> str:
        """Return a headline."""
        return self.sentence(self.random.randint(5, 10)).rstrip(".")


class Copier:
    """Makes copies of a text, as other outlets would."""

    def __init__(self, spinner: Spinner, language: str) -> None:
        """Take new words from `spinner`."""
        self._spin, self._random, self._language = spinner, spinner.random, language
        self._outlets = [tuple(spinner.paragraph(2) for _ in range(2)) for _ in range(6)]

    def kinds(self) -> dict[str, Callable[[Paragraphs], Paragraphs]]:
        """Return how each kind of copy is made."""
        return {
            "another headline": tuple,
            "light edits": self.edited,
            "cut to 1/3..2/3": self.cut,
            "a middle part": self.middle,
            "other spellings": self.spelled,
            "reordered": self.reordered,
            "another intro": self.introduced,
            "boilerplate added": self.dressed,
            "cut, edited, respelled": lambda text: self.spelled(self.edited(self.cut(text))),
            "edited and dressed": lambda text: self.dressed(self.edited(text)),
        }

    def edited(self, text: Paragraphs) -> Paragraphs:
        """Change, drop, add or swap 3 to 8 words of a hundred."""
        rate = self._random.uniform(0.03, 0.08)
        return tuple(" ".join(self._edited(paragraph.split(), rate)) for paragraph in text)

    def _edited(self, words: list[str], rate: float) -> Iterator[str]:
        for word in words:
            if self._random.random() >= rate:
                yield word
                continue
            other = self._random.choice(self._spin.words)
            yield from self._random.choice(([other], [], [word, other], [other, word]))

    def cut(self, text: Paragraphs) -> Paragraphs:
        """Keep a third of the words to two thirds, from the beginning."""
        return _first(text, self._random.uniform(1 / 3, 2 / 3))

    def middle(self, text: Paragraphs) -> Paragraphs:
        """Keep 45 to 70 words of a hundred, from anywhere."""
        words = "\n".join(text).split(" ")
        length = int(len(words) * self._random.uniform(0.45, 0.7))
        begin = self._random.randint(0, len(words) - length)
        return tuple(" ".join(words[begin : begin + length]).split("\n"))

    def spelled(self, text: Paragraphs) -> Paragraphs:
        """Write the same words otherwise: hamza, ة, ى, tatweel, vowel signs, Persian letters, punctuation."""
        return tuple(" ".join(map(self._spelled, paragraph.split(" "))) for paragraph in text)

    def _spelled(self, word: str) -> str:
        if self._language == "en":
            return word.translate(_ENGLISH) if self._random.random() < 0.7 else word.upper()
        way = self._random.randrange(5)
        if way == 0:
            return word.translate(_PLAIN)
        if way == 1:
            return word.translate(_PERSIAN)
        if way == 2 and len(word) > 3 and word.isalpha():
            return f"{word[:2]}ـ{word[2:]}"
        if way == 3 and word.isalpha():
            return "".join(letter + self._random.choice(_MARKS) for letter in word)
        return word

    def reordered(self, text: Paragraphs) -> Paragraphs:
        """Put the paragraphs into another order."""
        return tuple(self._random.sample(text, len(text)))

    def introduced(self, text: Paragraphs) -> Paragraphs:
        """Put one sentence of the outlet's own in the place of the first."""
        _, dot, rest = text[0].partition(". ")
        own = self._spin.sentence(self._random.randint(8, 20))
        return (f"{own} {rest}", *text[1:]) if dot else (own, *text[1:])

    def dressed(self, text: Paragraphs) -> Paragraphs:
        """Put an outlet's own lines before and behind."""
        before, behind = self._random.choice(self._outlets)
        return before, *text, behind


class Deceiver:
    """Makes articles that look like copies, and are none."""

    def __init__(self, spinner: Spinner, language: str, outlets: Sequence[Paragraphs]) -> None:
        """Take new words from `spinner`, and lines that pages of an outlet share from `outlets`."""
        self._spin, self._random, self._language = spinner, spinner.random, language
        self._outlets = outlets

    def kinds(self) -> dict[str, Callable[[Paragraphs], Paragraphs]]:
        """Return how each kind of other story is made."""
        return {
            "same topic": self.topic,
            "same quote": self.quoting,
            "follow-up": self.following,
            "short follow-up": self.following_shortly,
            "round-up": self.rounding,
            "template": self.template,
            "same boilerplate": self.dressed,
        }

    def topic(self, text: Paragraphs) -> Paragraphs:
        """Tell another story in the same words: sentences of the same vocabulary, the first one the same."""
        words = " ".join(text).split()
        mixed = [" ".join(self._pairs(words, self._random.randint(10, 25))) for _ in range(8)]
        return text[0].split(". ")[0] + ".", *mixed

    def _pairs(self, words: list[str], length: int) -> Iterator[str]:
        """Yield pairs of words that stand together in the text."""
        for _ in range(length // 2):
            begin = self._random.randrange(len(words) - 1)
            yield from words[begin : begin + 2]

    def quoting(self, text: Paragraphs) -> Paragraphs:
        """Quote one paragraph, the longest, in a story of four others."""
        others = [self._spin.paragraph() for _ in range(4)]
        return *others[:2], max(text, key=len), *others[2:]

    def following(self, text: Paragraphs) -> Paragraphs:
        """Tell what came after in three paragraphs, then two of the background as they were."""
        new = [self._spin.paragraph() for _ in range(3)]
        return *new, *text[-2:]

    def following_shortly(self, text: Paragraphs) -> Paragraphs:
        """Tell what came after in as many words as the two paragraphs of background that stand behind them."""
        background = text[-2:]
        wanted = sum(len(paragraph.split()) for paragraph in background)
        return self._spin.sentence(wanted // 2), self._spin.sentence(wanted // 2), *background

    def rounding(self, text: Paragraphs) -> Paragraphs:
        """Tell four stories, the beginning of this one among them."""
        others = [self._spin.paragraph(4) for _ in range(3)]
        return others[0], text[0], *others[1:]

    def template(self, _text: Paragraphs) -> Paragraphs:
        """Fill a form as is used day by day: a match, the weather, prices."""
        form = self._random.choice(FORMS[self._language])
        return tuple(re.sub(r"[#@]", self._filled, line) for line in form)

    def _filled(self, place: re.Match[str]) -> str:
        return str(self._random.randint(1, 99)) if place[0] == "#" else self._name()

    def _name(self) -> str:
        return self._random.choice([word for word in self._random.choices(self._spin.words, k=9) if len(word) > 3]
                                   or ["x"]).strip(".،,")  # fmt: skip

    def dressed(self, text: Paragraphs) -> Paragraphs:
        """Tell little between the lines that all pages of an outlet have."""
        before, behind = self._random.choice(self._outlets)
        return before, self._spin.paragraph(4), behind


def _first(text: Paragraphs, share: float) -> Paragraphs:
    """Return the first sentences of a text, until so much of its words is told."""
    left = share * sum(len(paragraph.split()) for paragraph in text)
    kept: list[str] = []
    for paragraph in text:
        own = []
        for sentence in re.split(r"(?<=[.؟!]) ", paragraph):
            if left > 0:
                own.append(sentence)
                left -= len(sentence.split())
        if own:
            kept.append(" ".join(own))
    return tuple(kept)


def items(seed: int, spun: int) -> Iterator[Item]:
    """Yield a set: the demo's stories and so many spun ones, each with one copy and one other story of each kind."""
    rng = random.Random(seed)
    spinners = {language: Spinner(language, rng) for language in LANGUAGES}
    copiers = {code: Copier(spinner, code) for code, spinner in spinners.items()}
    deceivers = {
        code: Deceiver(own, code, copiers[code]._outlets) for code, own in spinners.items()
    }
    originals = [("demo", s.language, s.title, s.paragraphs) for s in load_stories()]
    for _ in range(spun):
        code = rng.choice(LANGUAGES)
        originals.append(("spun", code, spinners[code].title(), spinners[code].story()))
    story = 0
    for origin, code, title, text in originals:
        story += 1
        own = story
        yield Item(own, f"original, {origin}", code, title, text)
        for kind, made in copiers[code].kinds().items():
            yield Item(own, kind, code, spinners[code].title(), made(text))
        for kind, made in deceivers[code].kinds().items():
            story += 1
            yield Item(
                story, f"not: {kind}", code, title if kind != "template" else kind, made(text)
            )
