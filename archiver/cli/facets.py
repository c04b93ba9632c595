"""How many hits have which source, day, month, language or author: bars, and a line over time."""

from __future__ import annotations

from collections.abc import Sequence

from archiver.cli import terminal
from archiver.cli.wrapping import wrapped
from archiver.store.finding import Facet

IN_ORDER = ("day", "month")  # these are shown by their order, all others by their numbers
_PLURAL = {
    "source": "sources",
    "day": "days",
    "month": "months",
    "lang": "languages",
    "author": "authors",
}
_LEVELS = "▁▂▃▄▅▆▇█"
_EIGHTHS = "▏▎▍▌▋▊▉█"
_NAME = 40  # cells of a value at most
_BAR = 60  # and of a bar


def first(facet: Facet, by: str, limit: int) -> Sequence[tuple[str, int]]:
    """Return `limit` values: the most frequent, of days and months the last."""
    return facet.values[-limit:] if by in IN_ORDER else facet.values[:limit]


def table(values: Sequence[tuple[str, int]]) -> list[str]:
    """Return a line for each value: its name, how many have it, and a bar in proportion."""
    names = [_name(value) for value, _ in values]
    rows = terminal.table(
        [[name, f"{count:,}"] for name, (_, count) in zip(names, values, strict=True)]
    )
    most = max(count for _, count in values)
    room = max(min(terminal.size()[0] - max(map(terminal.width, rows)) - 5, _BAR), 8)
    # The space in front holds what isolates the name: terminals drop it where a line begins with it.
    return [
        f"  {row}  {bar(count / most, room)}" for row, (_, count) in zip(rows, values, strict=True)
    ]


def _name(value: str) -> str:
    name = wrapped(terminal.harmless(value), _NAME - 1)
    return terminal.field(name[0] + "…" * (len(name) > 1) or "(none)")


def bar(share: float, cells: int) -> str:
    """Return a bar of `share` (0 to 1) of so many cells, to an eighth of one; never nothing at all."""
    eighths = max(round(share * cells * 8), 1)
    rest = eighths % 8
    return "█" * (eighths // 8) + (_EIGHTHS[rest - 1] if rest else "")


def over_time(line: Facet) -> str:
    """Return the numbers as one line, from the first day (month, year) with a hit to the last.

    A space is a step without a hit. Where there are more steps than fit, neighbours are taken together.
    """
    begin, end = line.values[0][0], line.values[-1][0]
    if begin == end:
        return f"all of {begin}"
    room = max(terminal.size()[0] - len(begin) - len(end) - 3, 8)
    together = -(-len(line.values) // room)
    counts = [count for _, count in line.values]
    sums = [sum(counts[n : n + together]) for n in range(0, len(counts), together)]
    return f"{begin} {sparkline(sums)} {end}"


def sparkline(counts: Sequence[int]) -> str:
    """Return a sign for each number, the higher the more; a space for none."""
    most = max(counts)
    return "".join(
        _LEVELS[-(-count * len(_LEVELS) // most) - 1] if count else " " for count in counts
    )


def told(facet: Facet, by: str, shown: int) -> str:
    """Return a sentence: how many values there are, of which articles, and what is left out."""
    every = len(facet.values)
    of = f"{facet.articles:,} article{'s' * (facet.articles != 1)}"
    if facet.more:
        of = f"the newest {of} (there are more)"
    if shown < every:
        which = f"last {shown}" if by in IN_ORDER else f"{shown} most frequent"
        return f"the {which} of {every} {_PLURAL[by]} in {of}; --limit shows more"
    return f"{every} {_PLURAL[by] if every != 1 else _PLURAL[by].removesuffix('s')} in {of}"


def as_objects(facet: Facet, by: str, limit: int) -> list[dict[str, object]]:
    """Return the values as objects for JSON; "more" says that only the newest `of` articles were looked at."""
    return [
        {"by": by, "value": value, "count": count, "of": facet.articles, "more": facet.more}
        for value, count in first(facet, by, limit)
    ]
