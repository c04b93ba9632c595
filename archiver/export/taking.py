"""What is taken into an export and what is left out, and the counts of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from archiver.documents import Query
from archiver.export.formats import STYLE, Style
from archiver.export.rows import NAMES, RESERVATIONS, Row, rows
from archiver.export.splits import Split
from archiver.store.selecting import Selection

SHARD = 256_000_000  # bytes
GROUP = (
    2000  # rows that are written at once, and letters of their texts, whichever is reached first
)
LETTERS = 8_000_000
_RIGHTS_AT = NAMES.index("rights")
_RIGHTS = ("noarchive", "noai", "tdm_reserved", "paywalled")

Progress = Callable[[int, int], None]  # is told how many versions of how many were looked at


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export, and how.

    `reserved` takes what is reserved from mining, too; `dedupe`, "exact" or "near", one of each of the copies.
    """

    query: Query
    format: str = "jsonl"
    versions: str = "latest"
    reserved: bool = False
    style: Style = STYLE
    splits: tuple[Split, ...] = ()
    shard_size: int = SHARD
    dedupe: str = ""

    @property
    def without(self) -> tuple[str, ...]:
        """What no row that is taken declares."""
        return () if self.reserved else RESERVATIONS


@dataclass(slots=True)
class Tally:
    """What was taken: rows by month of publication ("" without a date), source, language, rights, extractor and split.

    `reserved` counts rows left out for noai and tdm-reserved, `outside` those that are in no split, `undated`
    those of them without a date; `long` are cells that Excel would cut; `uncompared`, where there are splits, articles
    of the archive of which it is not known whether they are copies.
    """

    rows: int = 0
    reserved: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    outside: int = 0
    undated: int = 0
    long: int = 0
    uncompared: int = 0
    months: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    rights: Counter[str] = field(default_factory=Counter)
    extractors: Counter[tuple[str, str]] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row, split: str = "") -> None:
        """Count a row that is taken."""
        self.rows += 1
        self.months[(row["published_at"] or "")[:7]] += 1
        self.sources[row["source"]] += 1
        self.languages[row["language"]] += 1
        self.extractors[row["extractor"], row["extractor_version"]] += 1
        self.splits[split] += 1
        for name in _RIGHTS:
            self.rights[name] += row[name]

    def leave_out(self, reserved: Iterable[str]) -> None:
        """Count a row that is left out, for what reserves it."""
        self.left_out += 1
        self.reserved.update(reserved)


def taken(selection: Selection, wanted: Wanted, tally: Tally, progress: Progress) -> Iterator[Row]:
    """Yield the rows of a selection that may be taken, and count those that may not in `tally`."""
    total = selection.count()

    def allowed() -> Iterator[tuple[object, ...]]:
        for number, record in enumerate(selection.records(NAMES)):
            if number % GROUP == 0:
                progress(number, total)
            reserved = reservations(record[_RIGHTS_AT])
            if reserved and not wanted.reserved:
                tally.leave_out(reserved)
            else:
                yield record

    return rows(allowed())


def keys(selection: Selection, wanted: Wanted) -> Iterator[tuple[int, str | None, int | None]]:
    """Yield id, time of publication and cluster of what `taken` yields."""
    for *key, rights in selection.records(("id", "published_at", "cluster_id", "rights")):
        if wanted.reserved or not reservations(rights):
            yield tuple(key)  # type: ignore[misc]


def reservations(rights: object) -> list[str]:
    """Return what reserves a version from mining; `rights` is its JSON list."""
    if rights == "[]":  # as most are
        return []
    return [name for name in RESERVATIONS if f'"{name}"' in str(rights)]


class Group:
    """Gathers rows into the groups in which they are written: of bounded memory, and always the same."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: list[Row] = []
        self._letters = 0

    def add(self, row: Row) -> list[Row]:
        """Add a row; returns the group that it has filled, or nothing."""
        self._rows.append(row)
        self._letters += len(row["text"])
        return self.rest() if len(self._rows) == GROUP or self._letters >= LETTERS else []

    def rest(self) -> list[Row]:
        """Return what is there, and begin anew."""
        full, self._rows, self._letters = self._rows, [], 0
        return full


def grouped(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows in groups."""
    group = Group()
    for row in rows:
        if full := group.add(row):
            yield full
    if rest := group.rest():
        yield rest
