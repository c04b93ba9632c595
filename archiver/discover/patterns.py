"""URL patterns: what a link trap (an endless calendar, session ids in paths) makes many of.

Pure: decides from URLs and from what their pages turned out to be.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from urllib.parse import urlsplit

RARE = 3  # times that a part of a path must occur on a page to count as a name of its own
MOST_BARREN = 20  # pages of one pattern that may turn out to be no articles
FEW = 10  # while not every tenth of the pattern is one


def pattern(url: str) -> str:
    """Return the pattern of `url`: its path without what tells one page from the next.

    Parts that hold a digit, the last part, and the values of the query do.
    """
    parts = urlsplit(url)
    path = [_folded(part) for part in parts.path.split("/")[1:]]
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
    return "/".join([*path[:-1], "*"]) + ("?" + "&".join(names) if names else "")


def _folded(part: str) -> str:
    return "0" if re.search(r"\d", part) else part


def fair(urls: Sequence[str], most: int) -> list[str]:
    """Return at most `most` of `urls`, taken in turns from each pattern, so that none crowds out others.

    Few enough come back as they are. Parts of paths that hardly occur twice (session ids) are
    taken for the same.
    """
    if len(urls) <= most:
        return list(urls)
    seen = Counter(part for url in urls for part in set(pattern(url).split("/")))
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number, url in enumerate(urls):
        parts = pattern(url).split("/")
        groups["/".join(p if seen[p] >= RARE else "~" for p in parts)].append(number)
    # The first of each pattern, then the second of each: as they stand on the page.
    turns = sorted((turn, number) for group in groups.values() for turn, number in enumerate(group))
    return [urls[number] for _, number in turns[:most]]


class Budget:
    """Counts for one source what the pages of each pattern turned out to be."""

    def __init__(self) -> None:
        """Begin with no page seen."""
        self._articles: Counter[str] = Counter()
        self._barren: Counter[str] = Counter()

    def count(self, url: str, article: bool) -> None:
        """Take note that the page at `url` was an article, or was none."""
        (self._articles if article else self._barren)[pattern(url)] += 1

    def spent(self, url: str) -> bool:
        """Tell whether so many pages like `url` were no articles that it is not worth asking for."""
        key = pattern(url)
        barren = self._barren[key]
        return barren >= MOST_BARREN and self._articles[key] * FEW < barren
