"""Two versions held against each other: paragraphs first, then the words inside those that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from archiver.diff.alignment import Budget, Match, align
from archiver.diff.cutting import Token, cut
from archiver.diff.pieces import PARTING, Diff, Kind, Paragraph, Piece

# Two paragraphs are one that changed when so much of their words is common to both, else one went and one came.
LIKE = 0.4
# So many pairs of paragraphs between two that are the same are looked at; of more, the first with the first.
PAIRS = 2_500


def compare(old: tuple[str, str], new: tuple[str, str]) -> Diff:
    """Compare two versions, each a title and a text, word by word.

    What they have in common is exact up to `alignment.CELLS`, rows times columns, for all of it together, and
    coarser beyond. So the time grows with the length of the texts, whatever is in them.
    """
    budget = Budget()
    title = in_words(old[0], new[0], budget)
    return Diff(title, tuple(_moved(_paragraphs(_parted(old[1]), _parted(new[1]), budget))))


def _parted(text: str) -> list[str]:
    return text.split(PARTING) if text else []


def _paragraphs(old: list[str], new: list[str], budget: Budget) -> Iterator[Paragraph]:
    x = y = 0
    for same_x, same_y in [*align(old, new, budget), (len(old), len(new))]:
        yield from _between(old[x:same_x], new[y:same_y], budget)
        if same_x < len(old):
            yield Paragraph("same", _piece("same", old[same_x]))
        x, y = same_x + 1, same_y + 1


def _between(old: list[str], new: list[str], budget: Budget) -> Iterator[Paragraph]:
    """Yield what became of paragraphs none of which is the same."""
    x = y = 0
    for mate_x, mate_y in [*_mates(old, new), (len(old), len(new))]:
        yield from (Paragraph("gone", _piece("gone", text)) for text in old[x:mate_x])
        yield from (Paragraph("new", _piece("new", text)) for text in new[y:mate_y])
        if mate_x < len(old):
            yield Paragraph("changed", in_words(old[mate_x], new[mate_y], budget))
        x, y = mate_x + 1, mate_y + 1


def _piece(kind: Kind, text: str) -> tuple[Piece, ...]:
    return (Piece(kind, text),) if text else ()


def _mates(old: list[str], new: list[str]) -> list[Match]:
    """Return which paragraphs are the same ones, changed: pairs that rise on both sides and are most alike."""
    if not old or not new:
        return []
    here, there = list(map(_bag, old)), list(map(_bag, new))
    if len(old) * len(new) > PAIRS:
        return [
            (n, n) for n, both in enumerate(zip(here, there, strict=False)) if _alike(*both) >= LIKE
        ]
    return _best([[_alike(one, other) for other in there] for one in here])


def _bag(text: str) -> frozenset[str]:
    return frozenset(token.text.casefold() for token in cut(text) if token.is_word)


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much of the words of two texts is common to both, from 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def _best(likeness: list[list[float]]) -> list[Match]:
    """Return the rising pairs with the greatest sum of likeness, none of them below `LIKE`."""
    width = len(likeness[0])
    sums = [[0.0] * (width + 1)]
    for row in likeness:
        above, now = sums[-1], [0.0]
        for y, like in enumerate(row):
            paired = above[y] + like if like >= LIKE else 0.0
            now.append(max(paired, above[y + 1], now[y]))
        sums.append(now)
    found, x, y = [], len(likeness), width
    while x and y:
        if sums[x][y] == sums[x - 1][y]:
            x -= 1
        elif sums[x][y] == sums[x][y - 1]:
            y -= 1
        else:
            x, y = x - 1, y - 1
            found.append((x, y))
    return found[::-1]


def _moved(paragraphs: Iterator[Paragraph]) -> Iterator[Paragraph]:
    """Mark paragraphs that went from one place and came to another."""
    listed = list(paragraphs)
    went, came = (
        Counter(part.pieces[0].text for part in listed if part.kind == kind and part.pieces)
        for kind in ("gone", "new")
    )
    left = {"gone": went & came, "new": went & came}
    for part in listed:
        text = part.pieces[0].text if part.pieces else ""
        if part.kind in ("gone", "new") and left[part.kind][text] > 0:
            left[part.kind][text] -= 1
            part = Paragraph(part.kind, part.pieces, moved=True)
        yield part


def in_words(old: str, new: str, budget: Budget) -> tuple[Piece, ...]:
    """Return two texts as pieces: whole words and signs, with the white space before them."""
    if old == new:
        return _piece("same", old)
    a, b = cut(old), cut(new)
    matches = _firm(a, b, align([t.text for t in a], [t.text for t in b], budget))
    return tuple(_woven(a, b, matches))


def _firm(a: Sequence[Token], b: Sequence[Token], matches: list[Match]) -> list[Match]:
    """Leave out of what is common what stands alone in the middle of a change.

    A comma or an "in" that two sentences happen to share would tear both to shreds.
    """
    sums_a, sums_b = (list(accumulate((t.is_word for t in side), initial=0)) for side in (a, b))
    kept: list[Match] = []
    end_x = end_y = 0
    runs = _runs(matches)
    for number, run in enumerate(runs):
        (x, y), (last_x, last_y) = run[0], run[-1]
        next_x, next_y = runs[number + 1][0] if number + 1 < len(runs) else (last_x + 1, last_y + 1)
        before = max(sums_a[x] - sums_a[end_x], sums_b[y] - sums_b[end_y])
        behind = max(sums_a[next_x] - sums_a[last_x + 1], sums_b[next_y] - sums_b[last_y + 1])
        if 2 * (sums_a[last_x + 1] - sums_a[x]) >= min(before, behind):
            kept += run
            end_x, end_y = last_x + 1, last_y + 1
    return kept


def _runs(matches: list[Match]) -> list[list[Match]]:
    """Return matches in runs: each is one further than the one before, on both sides."""
    runs: list[list[Match]] = []
    for x, y in matches:
        if runs and runs[-1][-1] == (x - 1, y - 1):
            runs[-1].append((x, y))
        else:
            runs.append([(x, y)])
    return runs


def _woven(a: Sequence[Token], b: Sequence[Token], matches: list[Match]) -> Iterator[Piece]:
    """Yield pieces, in each change what went before what came."""
    pending: dict[Kind, list[str]] = {"same": [], "gone": [], "new": []}

    def flushed(*kinds: Kind) -> Iterator[Piece]:
        for kind in kinds:
            if text := "".join(pending[kind]):
                yield Piece(kind, text)
            pending[kind].clear()

    x = y = 0
    for match_x, match_y in matches:
        gone = [part for token in a[x:match_x] for part in token[:2]]
        new = [part for token in b[y:match_y] for part in token[:2]]
        one, other = a[match_x], b[match_y]
        if one.gap != other.gap:
            gone.append(one.gap)
            new.append(other.gap)
        if any(gone) or any(new):
            yield from flushed("same")
            pending["gone"], pending["new"] = gone, new
            yield from flushed("gone", "new")
        pending["same"] += [one.gap * (one.gap == other.gap), one.text]
        x, y = match_x + 1, match_y + 1
    yield from flushed("same")
