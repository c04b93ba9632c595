"""The people who wrote an article: never its site, an agency, an editorial office or a file name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from archiver.extract import lexicon, nearby
from archiver.extract import site as sites
from archiver.extract.nearby import Line
from archiver.extract.page import Page, types
from archiver.extract.site import Site
from archiver.extract.title import plain
from archiver.extract.title import title as headline

MOST = 12  # people
_META = ("author", "article:author", "citation_author", "twitter:data1")
_NO_NAME = re.compile(
    r"https?:|www\.|[@<>{}\[\]\"“”«»#=_©]|\d|\.(?:html?|aspx?|php|com|net|org)\b", re.IGNORECASE
)
_ROLE = re.compile(r"\s[|•·–—-]\s|\s?[|•]")
_AND = r"\s+(?:and|und|et|och|og|en|ja|ve|и|و|&|\+|y|e|i)\s+"
_LIST = re.compile(rf"\s*,(?:{_AND}|\s*)|\s*[;؛،、/]\s*|(?P<and>{_AND})")
_SMALL = re.compile(
    r"a[lp]|ben|bin|d[aeiou]|das|del|della|den|der|dos|el|ibn|l[ae]|las|los|te[nr]|van|von|vom|zu[mr]?"
)
# What people are, where no comma stands before it or no lexicon could list it all.
_WHAT = re.compile(
    r"\b(?:director|manager|expert|(?:co-)?founder|ceo|president|specialist|consultant|officer|analyst"
    r"|attorney|professor|advis[eo]r|team|staff|desk|department|bio|editors?|editorial|journalism)\b",
    re.IGNORECASE,
)
# A word that stands in sentences and in no name, in tongues without capitals.
_PROSE = re.compile(
    r"\b(?:في|على|عن|من|إلى|الى|أن|ان|مع|هذا|هذه|التي|الذي|در|از|به|با|که|را|این|است)\b"
)
_RUN_ON = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CALLED = re.compile(r"by-?line|author|writer|contributor|reporter|journalist", re.IGNORECASE)


def authors(page: Page, title: str = "") -> tuple[str, ...]:
    """Return the authors' names: JSON-LD's, else the meta tags', else those printed by the headline.

    `title` is the headline where it is known.
    """
    site = sites.of(page)
    tagged = (page.meta[name] for name in _META if name in page.meta)
    for told in (_of_data(page), tagged):
        if names := [name for text in told for name in _people(text, site)]:
            return _once(names)
    return _once(_printed(page, title, site))


def people(text: str) -> tuple[str, ...]:
    """Return the names in a byline."""
    return _once(_people(text, Site(frozenset())))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    found = {lexicon.fold(name): name for name in reversed(list(names))}
    return tuple(reversed(found.values()))[:MOST]


def _of_data(page: Page) -> list[str]:
    nodes = {node["@id"]: node for node in page.linked_data if isinstance(node.get("@id"), str)}
    return list(_names(page.article_data.get("author"), nodes))


def _names(value: Any, nodes: dict[str, dict[str, Any]], depth: int = 0) -> Iterator[str]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value[:MOST]:
            yield from _names(item, nodes, depth + 1)
    elif isinstance(value, dict):
        told = value if "name" in value else nodes.get(str(value.get("@id")), value)
        if "Organization" not in types(told):
            yield from _names(told.get("name"), nodes, depth + 1)
    elif isinstance(value, str):
        yield value


def _people(text: str, site: Site) -> list[str]:
    """Return the people that a byline names, without what they are and where they were."""
    text = _ROLE.split(_unlabelled(plain(text)))[0]
    parts = [(text[a:b].strip(" .,:;-–—|"), joined) for a, b, joined in _spans(text)]
    if turned := _turned([part for part, joined in parts if not joined]):
        return [turned] if _is_name(turned, site) else []
    if not _is_name(parts[0][0], site):
        return []
    # Of one word, behind a comma, is a town or a degree.
    return [
        part
        for n, (part, joined) in enumerate(parts)
        if _is_name(part, site) and (n == 0 or joined or _is_whole(part))
    ]


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each part of a list stands, and whether an "and" joins it to the one before."""
    start, joined = 0, False
    for match in _LIST.finditer(text):
        yield start, match.start(), joined
        start, joined = match.end(), match["and"] is not None
    yield start, len(text), joined


def _turned(parts: list[str]) -> str:
    """Return "Ann Lee" for "Lee, Ann", else ""."""
    if len(parts) != 2 or " " in parts[0] or not 0 < len(parts[1].split()) < 3:
        return ""
    return f"{parts[1]} {parts[0]}" if parts[0].isascii() and not parts[1].isupper() else ""


def _unlabelled(text: str) -> str:
    """Return a byline without the word that makes it one."""
    begun = lexicon.opens(text, "bylines")
    rest = text[len(begun) :].lstrip(" :：")
    return rest if begun and rest else text


def _is_name(text: str, site: Site) -> bool:
    words = text.split()
    if not 2 <= len(text) <= 60 or len(words) > 6 or _NO_NAME.search(text) or site.owns(text):
        return False
    if _is_office(text, words) or _PROSE.search(text):
        return False
    if text.islower() and text.isascii():  # a name that its owner writes so, or a login
        return len(words) == 2
    return not words[0][0].islower() and all(
        not w[0].islower() or _SMALL.fullmatch(w) for w in words
    )


def _is_office(text: str, words: list[str]) -> bool:
    """Tell the names of offices and agencies, and what people are instead of who."""
    return (
        any(lexicon.matches(text, kind) for kind in ("staff", "byline_ends", "bylines", "lines"))
        or any(lexicon.matches(word, "byline_ends") for word in words)
        or lexicon.matches(words[-1], "staff")
        or bool(_WHAT.search(text))
    )


def _printed(page: Page, title: str, site: Site) -> Iterator[str]:
    """Yield the names in the first line that has some, and in those right behind it like it."""
    before, called = "", None
    for line in nearby.lines(page, title or headline(page)):
        same = called in (None, line.element.get("class") or "")
        if same and (names := _byline(line, before, site)):
            yield from names
            called = line.element.get("class") or ""
        elif called is not None and len(line.text) > 3:
            return
        before = line.text


def _byline(line: Line, before: str, site: Site) -> list[str]:
    """Return the names in a line that a link, a label or a class name makes a byline."""
    if len(line.element) > MOST:
        return _labelled(line.pieces, before, site)  # a text of many lines, in one element
    links = (a for a in line.element.iter("a") if "author" in (a.get("rel") or ""))
    linked = ["".join(link.itertext()) for link in links]
    if linked:
        return _whole(_until_other(linked, site))
    if names := _labelled(line.pieces, before, site):
        return names
    around = (line.element, line.element.getparent(), *line.element)
    if any(_CALLED.search(e.get("class") or "") for e in around):
        return _whole(_until_other(line.pieces, site))
    return []


def _labelled(pieces: Sequence[str], before: str, site: Site) -> list[str]:
    """Return the names behind a label; a colon makes it sure, and a single word a name."""
    if lexicon.matches(before, "bylines"):
        return _whole(_until_other(pieces, site))
    for n, piece in enumerate(pieces[:MOST]):
        if begun := lexicon.opens(piece, "bylines"):
            names = _until_other(pieces[n:], site)
            sure = piece[len(begun) :].lstrip()[:1] in (":", "：")
            if names := names if sure else _whole(names):
                return names
    return []


def _whole(names: list[str]) -> list[str]:
    """Return the names that are more than one word, where a script parts words."""
    return [name for name in names if _is_whole(name) and not (name.isascii() and name.islower())]


def _is_whole(name: str) -> bool:
    return " " in name or bool(_RUN_ON.match(name))


def _until_other(pieces: Iterable[str], site: Site) -> list[str]:
    """Return the names in the first pieces of a line that are names."""
    found: list[str] = []
    for piece in pieces:
        label = lexicon.matches(piece, "bylines")
        if label and found:
            break
        if label or len(piece) <= 3:
            continue
        if not (names := _people(piece, site)) or (found and not _whole(names)):
            break
        found += names
    return found
