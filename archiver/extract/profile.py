"""What an archive knows of a site that no single page shows, learned from the site's own pages.

Each page that is read leaves a *lesson*: its lines, and for each place of its layout how sure the
judge was of what stood there. A *profile* is a function of the lessons of one source and of nothing
else, in no order: where in the layout articles stand, which lines repeat from page to page, what part
of every title is the site's name, where headline, byline and date are found.

A place is the path of the four elements nearest to a block, with the names that carry no number.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from lxml.html import HtmlElement

from archiver.extract.blocks import Block

VERSION = 1  # of what is learned and how; profiles of another version are learned anew
ENOUGH = 5  # pages of a layout from which on it is believed
REPEATS = 3  # pages on which a line stands before it is held to be the site's
SHARE = 0.1  # of the pages of its layouts, for a short line
LONG_SHARE = 0.3  # and for a long one: stories that go on repeat whole paragraphs
CLEAR = 0.8  # share of article from which on, or of other text, a place says something
NEVER = 0.003  # share of a place that feeds say is apart; no share counts for more
WEIGHT = 2.0  # of a place's log-odds beside the block's own
DEEP = 4  # elements in the path of a place
MAX_LINES = 600  # of one page
_KEPT_WHOLE = 80  # characters of a line in a lesson; the rest as a hash
_WHOLE_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")
_HASHED = re.compile("… [0-9a-f]{12}$")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the layout: on about how many pages it was seen, what share of it was article."""

    pages: int
    share: float


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of a site's pages, known by the path to its articles' text."""

    pages: int
    first_at: str
    last_at: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a site. `lines` maps the key of a repeated line to its pages."""

    pages: int = 0
    places: Mapping[str, Where] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    title: str = ""
    byline: str = ""
    date: str = ""
    layouts: Mapping[str, Layout] = field(default_factory=dict)

    def holds(self, place: str) -> bool:
        """Tell whether articles stand in `place`."""
        where = self.places.get(place)
        return where is not None and where.share > 0.5

    def lean(self, place: str) -> float:
        """Return what is added to the log-odds of a block that stands in `place`."""
        where = self.places.get(place)
        if where is None:
            return 0.0
        return WEIGHT * _odds(where.share) * where.pages / (where.pages + 3)


def _odds(share: float) -> float:
    share = min(max(share, NEVER), 1 - NEVER)
    return math.log(share / (1 - share))


def place(element: HtmlElement) -> str:
    """Return the path that names where in the layout `element` stands."""
    return places([element])[0]


def places(elements: Sequence[HtmlElement]) -> list[str]:
    """Return the place of each element; elements that stand together share the work."""
    called: dict[HtmlElement, str] = {}
    known: dict[HtmlElement, str] = {}
    for element in elements:
        if element not in known:
            known[element] = _path(element, called)
    return [known[element] for element in elements]


def _path(element: HtmlElement, called: dict[HtmlElement, str]) -> str:
    path: list[str] = []
    node: HtmlElement | None = element
    while node is not None and len(path) < DEEP and node.tag != "html":
        name = called.get(node)
        if name is None:
            name = called[node] = _called(node)
        path.append(name)
        node = node.getparent()
    return " > ".join(reversed(path))


def _called(element: HtmlElement) -> str:
    """Return an element as a selector: its tag, its id and the names that carry no number."""
    number, names = element.get("id"), element.get("class")
    own = f"#{number}" if number and _WHOLE_NAME.fullmatch(number) else ""
    return f"{element.tag}{own}{_class_names(names[:400]) if names else ''}"


@lru_cache(maxsize=8192)
def _class_names(told: str) -> str:
    """Return the names of a class attribute that count: a site's come again and again."""
    kept = list(filter(_WHOLE_NAME.fullmatch, told.split()))
    return "".join(f".{name}" for name in sorted(kept[:3]))


def line_key(text: str) -> str:
    """Return what a line is known by in lessons and profiles."""
    if len(text) <= _KEPT_WHOLE:
        return text
    return f"{text[:60]}… {blake2b(text.encode(), digest_size=6).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a lesson is made of: a page's blocks, and what the judge and the metadata made of them.

    `stands` are the places of the blocks; `sure` maps the numbers of those that were looked at to the
    probability that they are the article; `told` is the same with what the publisher's feed says (see
    `publisher.labels`), None where it says nothing, and `apart` the blocks that it says are none.
    `headline`, `byline` and `date` are numbers of blocks, None where none was found.
    """

    blocks: Sequence[Block]
    stands: Sequence[str]
    sure: Mapping[int, float]
    titles: Sequence[str]
    headline: int | None = None
    byline: int | None = None
    date: int | None = None
    told: Mapping[int, float] | None = None
    apart: Collection[int] = ()

    @property
    def taught(self) -> Mapping[int, float]:
        """How sure it is of each block that it is the article, all things known."""
        return self.sure if self.told is None else self.told


def lesson(seen: Seen, layout: str, at: str) -> bytes:
    """Return what the page teaches, packed."""
    stands = seen.stands
    # Whoever takes a line for the article: a publisher's own request for money is in the feed too.
    sayings = (*seen.sure.items(), *seen.taught.items())
    near = {line_key(seen.blocks[n].text) for n, sure in sayings if sure > 0.2}
    keys = dict.fromkeys(line_key(block.text) for block in seen.blocks)
    lines = sorted(keys, key=lambda key: key not in near)[:MAX_LINES]
    kept = "\n".join(seen.blocks[n].text for n, sure in seen.taught.items() if sure > 0.5)
    data = {
        "layout": layout,
        "at": at,
        "text": blake2b(kept.encode(), digest_size=8).hexdigest(),
        "places": _shares(seen, stands),
        "near": [key for key in lines if key in near],
        "lines": [key for key in lines if key not in near],
        "titles": list(seen.titles),
        **({} if seen.told is None else {"apart": sorted({stands[n] for n in seen.apart})}),
        **{
            name: stands[number]
            for name in ("headline", "byline", "date")
            if (number := getattr(seen, name)) is not None
        },
    }
    return zlib.compress(json.dumps(data, ensure_ascii=False).encode(), 1)


def _shares(seen: Seen, stands: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return for each place how much stood there (at the most 1) and how surely it was article."""
    size: defaultdict[str, float] = defaultdict(float)
    sure: defaultdict[str, float] = defaultdict(float)
    for number, (block, stand) in enumerate(zip(seen.blocks, stands, strict=True)):
        length = min(len(block.text), 300)
        size[stand] += length
        sure[stand] += length * seen.taught.get(number, 0.0)
    return {s: (round(min(1, n / 100), 2), round(sure[s] / n, 3)) for s, n in size.items()}


def learn(lessons: Iterable[bytes]) -> Profile:
    """Return the profile that `lessons` teach, whatever their order; an empty one of too few."""
    taught = [json.loads(text) for text in sorted(set(map(zlib.decompress, lessons)))]
    # Copies of one article under several addresses would make all its lines repeat.
    taught = list({page["text"]: page for page in taught}.values())
    if len(taught) < ENOUGH:
        return Profile()
    return Profile(
        pages=len(taught),
        places=_places(taught),
        lines=_lines(taught),
        names=_names(taught),
        title=_usual(taught, "headline"),
        byline=_usual(taught, "byline"),
        date=_usual(taught, "date"),
        layouts=_layouts(taught),
    )


def _places(taught: Sequence[dict[str, Any]]) -> dict[str, Where]:
    """Return the places that say something; where feeds tell enough of one, they go before the judge."""
    pages, shares = _weighed(taught)
    told = [page for page in taught if "apart" in page]
    told_pages, told_shares = _weighed(told)
    shares |= {stand: told_shares[stand] for stand, n in told_pages.items() if n >= ENOUGH}
    clear = {stand: _clearly(share) for stand, share in shares.items()}
    # The judge may be as sure as can be of a place where no publisher's text ever stands.
    apart = Counter(stand for page in told for stand in page["apart"])
    clear |= {s: NEVER for s, n in apart.items() if n >= ENOUGH and clear[s] == _clearly(0)}
    return {
        stand: Where(_about(pages[stand]), share)
        for stand in sorted(pages)
        if pages[stand] >= REPEATS and (share := clear[stand]) is not None
    }


def _weighed(taught: Iterable[dict[str, Any]]) -> tuple[Counter[str], dict[str, float]]:
    """Return on how many pages each place was seen, and what share of it was article."""
    pages: Counter[str] = Counter()
    weight: defaultdict[str, float] = defaultdict(float)
    sure: defaultdict[str, float] = defaultdict(float)
    for page in taught:
        for stand, (size, share) in page["places"].items():
            pages[stand] += 1
            weight[stand] += size
            sure[stand] += size * share
    return pages, {stand: sure[stand] / weight[stand] for stand in pages}


def _clearly(share: float) -> float | None:
    """Return the share that stands for all clear ones, None for one that says little.

    Coarse on purpose, as `_about` is: a page more in the sample must not change how all are read.
    """
    return 0.95 if share >= CLEAR else 0.05 if share <= 1 - CLEAR else None


def _about(pages: int) -> int:
    """Return the round number below `pages`."""
    return max(number for number in (3, 5, 10, 20, 40) if number <= pages)


def _lines(taught: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return the lines that repeat, of those that could be taken for the article's."""
    of_layout = Counter(page["layout"] for page in taught)
    layouts: defaultdict[str, set[str]] = defaultdict(set)
    pages: Counter[str] = Counter()
    for page in taught:
        for line in (*page["near"], *page["lines"]):
            pages[line] += 1
            layouts[line].add(page["layout"])
    near = {line for page in taught for line in page["near"]}
    return {
        line: pages[line]
        for line in sorted(near)
        if pages[line] >= REPEATS
        and pages[line] >= _share(line) * sum(of_layout[name] for name in layouts[line])
    }


def _share(line: str) -> float:
    return LONG_SHARE if _HASHED.search(line) else SHARE


def _names(taught: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Return the parts that stand in the titles of many pages: the site's and its sections' names."""
    parts = Counter(part for page in taught for part in set(page["titles"]))
    usual = (part for part, pages in parts.items() if pages >= max(REPEATS, len(taught) / 5))
    return frozenset(usual)


def _usual(taught: Sequence[dict[str, Any]], name: str) -> str:
    """Return the place where most pages have their headline, byline or date, or ""."""
    found = Counter(page[name] for page in taught if name in page)
    if not found:
        return ""
    stand, pages = min(found.items(), key=lambda item: (-item[1], item[0]))
    return stand if pages >= max(REPEATS, sum(found.values()) / 2) else ""


def _layouts(taught: Sequence[dict[str, Any]]) -> dict[str, Layout]:
    times: defaultdict[str, list[str]] = defaultdict(list)
    for page in taught:
        times[page["layout"]].append(page["at"])
    return {
        name: Layout(len(at), min(at), max(at))
        for name, at in sorted(times.items())
        if len(at) >= ENOUGH
    }


def dumps(profile: Profile) -> str:
    """Return `profile` as JSON text; equal profiles give equal texts."""
    data = {
        "version": VERSION,
        "pages": profile.pages,
        "places": {stand: [w.pages, w.share] for stand, w in profile.places.items()},
        "lines": dict(profile.lines),
        "names": sorted(profile.names),
        "title": profile.title,
        "byline": profile.byline,
        "date": profile.date,
        "layouts": {n: [x.pages, x.first_at, x.last_at] for n, x in profile.layouts.items()},
    }
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def decisive(text: str) -> str:
    """Return what of a profile's text decides how pages are read; the rest is only shown."""
    known = loads(text)
    if not known.pages:
        return ""
    places = {stand: [where.pages, where.share] for stand, where in known.places.items()}
    told = [VERSION, places, sorted(known.lines), sorted(known.names)]
    told += [known.title, known.byline, known.date]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=64)
def loads(text: str) -> Profile:
    """Read what `dumps` wrote; a profile of another version is an empty one."""
    data = json.loads(text) if text else {}
    if data.get("version") != VERSION:
        return Profile()
    return Profile(
        pages=data["pages"],
        places={stand: Where(*told) for stand, told in data["places"].items()},
        lines=data["lines"],
        names=frozenset(data["names"]),
        title=data["title"],
        byline=data["byline"],
        date=data["date"],
        layouts={name: Layout(*told) for name, told in data["layouts"].items()},
    )


def difference(before: Profile, after: Profile) -> str:
    """Say in words what is new: the first profile, another layout, or only more of the same."""
    if not after.pages:
        return "forgotten" if before.pages else "read by other rules"
    if not before.pages:
        return f"learned from {after.pages} pages"
    if dumps(before) == dumps(after):
        return "read by other rules"
    if fresh := after.layouts.keys() - before.layouts.keys():
        since = min(after.layouts[name].first_at for name in fresh)[:10]
        return f"new page layout since {since}, learned"
    return f"learned more, from {after.pages} pages"
