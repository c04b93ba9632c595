"""What of a profile a page's reading leans on: whether another profile would read the page otherwise.

A profile enters a reading at few points: names that are cut off headlines, places that lean a block's
odds, places whose blocks are looked at wherever they stand, lines that repeat, and the places of
headline, byline and date where the page itself tells none. At each of them what was asked is kept,
and the answer. All else is a function of the page; so a profile that answers the same makes the same reading.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from archiver.extract.profile import Profile
from archiver.extract.site import compact


@dataclass(slots=True)
class Leaning:
    """What is asked of a profile while a page is read.

    `named` are the compact words of which it was asked whether they name the site. `stands` maps each place of the
    page to the leans, above the first and up to the second, that leave its blocks kept and dropped as
    they are; `far` are places with blocks that are looked at only where the profile says that articles stand in
    them. `lines` are the keys of the lines that were kept, before those that repeat went.
    `sought` names the places that were looked for: title, byline, date.
    """

    named: set[str] = field(default_factory=set)
    stands: dict[str, tuple[float, float]] = field(default_factory=dict)
    far: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    sought: set[str] = field(default_factory=set)

    def look(self, stands: Sequence[str], near: Collection[int]) -> None:
        """Take in the places of a page's blocks, of which the `near` ones are looked at anyway."""
        self.stands = dict.fromkeys(stands, (-math.inf, math.inf))
        self.far = {stand for n, stand in enumerate(stands) if n not in near}

    def place(self, stand: str, odds: float, lean: float) -> None:
        """Take in a block that was looked at: its odds without the lean of its place."""
        above, up_to = self.stands[stand]
        if odds + lean > 0:
            above = max(above, -odds)
        else:
            up_to = min(up_to, -odds)
        self.stands[stand] = above, up_to


def dumps(leaning: Leaning, known: Profile) -> bytes:
    """Return what a reading with `known` leaned on, packed."""
    data = {
        "named": sorted(leaning.named),
        "owned": sorted(_owned(leaning.named, known)),
        "stands": leaning.stands,
        "far": {stand: known.holds(stand) for stand in sorted(leaning.far)},
        "lines": sorted(leaning.lines),
        "repeat": sorted(leaning.lines & known.lines.keys()),
        "sought": {name: _there(name, known, leaning.stands) for name in sorted(leaning.sought)},
    }
    return zlib.compress(json.dumps(data, ensure_ascii=False).encode(), 1)


def holds(packed: bytes, known: Profile) -> bool:
    """Tell whether `known` reads a page as it was read, for sure."""
    data = json.loads(zlib.decompress(packed))
    stands = data["stands"]
    return (
        all(above < known.lean(stand) <= up_to for stand, (above, up_to) in stands.items())
        and all(known.holds(stand) == held for stand, held in data["far"].items())
        and sorted({*data["lines"]} & known.lines.keys()) == data["repeat"]
        and sorted(_owned(data["named"], known)) == data["owned"]
        and all(_there(name, known, stands) == was for name, was in data["sought"].items())
    )


def _owned(named: Collection[str], known: Profile) -> set[str]:
    return set(map(compact, known.names)).intersection(named)


def _there(name: str, known: Profile, stands: Collection[str]) -> str:
    """Return the place that a profile names, if the page has it."""
    stand: str = getattr(known, name)
    return stand if stand in stands else ""
