"""The counts of a dataset as a small picture: SVG that asks for nothing, in the colours of light and dark."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from archiver.export.taking import Tally

_WIDTH, _LINE, _LEFT, _MOST = 640, 18, 150, 12
_BARS = _WIDTH - _LEFT - 80
_MONTHS = 36  # more of them are drawn as years
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#222}.h{font-weight:600}.b{fill:#3b6ea5}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#7fb0e6}}"
)

Counts = Sequence[tuple[str, int]]


def drawn(tally: Tally) -> str:
    """Return the picture: rows by month (or year) of publication, by source and by language."""
    when, name = _times(tally.months)
    panels = ((name, when), ("Source", _top(tally.sources)), ("Language", _top(tally.languages)))
    body: list[str] = []
    y = 0
    for heading, counts in panels:
        body += _panel(heading, counts, y)
        y += (len(counts) + 2) * _LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}" role="img"'
        f' aria-label="Counts by time, source and language"><style>{_STYLE}</style>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _times(months: Mapping[str, int]) -> tuple[Counts, str]:
    """Return counts in the order of time, by years where months would be too many, and what they are called."""
    dated = {name: count for name, count in months.items() if name}
    name = "Month of publication"
    if len(dated) > _MONTHS:
        name, years = "Year of publication", dict[str, int]()
        for month, count in dated.items():
            years[month[:4]] = years.get(month[:4], 0) + count
        dated = years
    found = sorted(dated.items())
    if len(found) > _MONTHS:
        before = found[:-_MONTHS]
        found = [("before", sum(count for _, count in before)), *found[-_MONTHS:]]
    return [*found, *([("no date", months[""])] if months.get("") else [])], name


def _top(counts: Mapping[str, int]) -> Counts:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = [(name or "not told", count) for name, count in ordered[:_MOST]]
    rest = ordered[_MOST:]
    more = [(f"{len(rest)} more", sum(count for _, count in rest))] if rest else []
    return [*shown, *more]


def _panel(heading: str, counts: Counts, top: int) -> Iterator[str]:
    """Yield the lines of one list of bars."""
    most = max((count for _, count in counts), default=1)
    yield f'<text class="h" x="0" y="{top + _LINE - 4}">{heading}</text>'
    for number, (label, count) in enumerate(counts, 1):
        y, wide = top + number * _LINE, max(1, round(count / most * _BARS))
        yield _label(label, y + _LINE - 4)
        yield f'<rect class="b" x="{_LEFT}" y="{y + 4}" width="{wide}" height="{_LINE - 6}"/>'
        yield f'<text x="{_LEFT + wide + 6}" y="{y + _LINE - 4}">{count:,}</text>'


def _label(text: str, y: int) -> str:
    """Return a label that ends where the bars begin; one from right to left begins there."""
    clean = "".join(c for c in text if c.isprintable())
    cut = clean if len(clean) <= 20 else clean[:19] + "…"
    side = next(
        (
            unicodedata.bidirectional(c)
            for c in cut
            if unicodedata.bidirectional(c) in ("L", "R", "AL")
        ),
        "L",
    )
    turn = 'text-anchor="end"' if side == "L" else 'direction="rtl" text-anchor="start"'
    return f'<text x="{_LEFT - 8}" y="{y}" {turn}>{escape(cut)}</text>'
