"""What makes a line of an article, and what a line is known by, wherever it was read.

A publisher's feed and the page itself are cut into lines at the same tags, and a line is looked for
by the hash of its letters: so what a feed told of an article fits into one field, and can be found
again on its page. The hashes are no secret and no proof; they only compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from unicodedata import normalize

SKIPPED = frozenset([
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "canvas", "video", "audio", "select", "option", "datalist", "button", "input", "textarea",
    "head", "title", "link", "meta", "map", "area", "progress", "meter",
])  # fmt: skip
INLINE = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "picture", "q", "rb", "rp", "rt", "rtc", "ruby",
    "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
])  # fmt: skip
CELLS = frozenset(["td", "th"])

LEAST = 40  # letters and digits of a line that is looked for; shorter ones may stand anywhere
FEWEST = 3  # such lines that make a text; fewer are a teaser
MOST = 64  # lines that are told of one text
_KEY_BYTES = 5  # a page has some hundred lines, so 40 bits never confuse two of them
_KEY = re.compile(f"[0-9a-f]{{{2 * _KEY_BYTES}}}")
_GOES_ON = "+"
_HEAP = re.compile(r"[\W_]{30,}")  # sorting marks that are heaped on a letter takes their square


@dataclass(frozen=True, slots=True)
class Told:
    """The keys of a text's lines, in order and each once; `goes_on` where there may be more."""

    keys: tuple[str, ...] = ()
    goes_on: bool = False


def key(line: str) -> str:
    """Return what a whole line is known by (10 hex digits), "" for one that is too short.

    Case, form (NFC), spaces, punctuation and vowel marks make no difference.
    """
    plain = _HEAP.sub(" ", " ".join(line.split())).casefold()
    # Not NFKC, which makes 18 letters of one: minutes, on a page that is made of it.
    folded = "".join(filter(str.isalnum, normalize("NFC", plain)))
    if len(folded) < LEAST:
        return ""
    return blake2b(folded.encode(), digest_size=_KEY_BYTES).hexdigest()


def write(lines: Iterable[str], *, goes_on: bool = False) -> str:
    """Return the keys of `lines` as one short text (ASCII, at most 705 characters), "" for a teaser.

    It ends with " +" where the text went on, or may have.
    """
    keys = list(dict.fromkeys(filter(None, map(key, lines))))
    if len(keys) < FEWEST:
        return ""
    goes_on = goes_on or len(keys) > MOST
    return " ".join([*keys[:MOST], *([_GOES_ON] if goes_on else [])])


def read(text: str) -> Told:
    """Read what `write` wrote; what is no key is passed over, for an archive may hold anything."""
    words = text[: (2 * _KEY_BYTES + 1) * (MOST + 1)].split(" ")
    keys = dict.fromkeys(filter(_KEY.fullmatch, words))
    return Told(tuple(keys)[:MOST], _GOES_ON in words)
