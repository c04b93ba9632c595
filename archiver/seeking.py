"""Look through WARC files for every record of what is taken down, whether the index knows of it or not.

The index tells where what it has read lies. A request that stands far from its response, the same exchange in
a second file, a conversion of the page: only the files tell of these. So each file is walked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from archiver.errors import ArchiveError
from archiver.layout import Layout
from archiver.seals import Taken, unnamed
from archiver.store.sealing import Meant
from archiver.timestamps import iso
from archiver.types import Damage
from archiver.warc import reader, redaction
from archiver.warc.exchanges import FAILURE, date, redacted, spelled, target, tells_failure
from archiver.warc.redaction import Removal
from archiver.warc.walk import Record, walk
from archiver.warc.writer import OPEN

TYPES = ("response", "revisit", "request", "metadata", "resource", "conversion", "continuation")
_BODIES = ("response", "revisit", "resource")
_LONG = 12  # letters of a title from which on it is looked for in quarantine
Place = tuple[str, int]


@dataclass(slots=True)
class Search:
    """What is looked for, and under which takedown (its id and time) it will go."""

    takedown: str
    at: str
    with_url: bool
    rows: dict[Place, Taken] = field(default_factory=dict)
    urls: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    _ids: set[str] = field(default_factory=set)
    _keys: set[tuple[str, str]] = field(default_factory=set)
    _kept_ids: set[str] = field(default_factory=set)
    _kept_keys: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, meant: Meant, takedown: str, at: str, *, with_url: bool) -> Search:
        """Return the search for all that a takedown means."""
        search = cls(takedown, at, with_url, urls=frozenset([*meant.urls, *meant.spellings]),
                     digests=frozenset(meant.digests), titles=tuple(meant.titles))  # fmt: skip
        search.add(meant.rows)
        search._kept_ids = {taken.record_id for taken in meant.spared}
        search._kept_keys = {(taken.url, taken.at) for taken in meant.spared}
        return search

    def add(self, rows: Iterable[Taken]) -> None:
        """Look for the records of these rows, and for what belongs to them."""
        for taken in rows:
            self.rows[taken.file, taken.offset] = taken
            self._ids.add(taken.record_id)
            if not taken.failure:
                self._keys.add((taken.url, taken.at))

    def means(self, name: str, record: Record) -> bool:
        """Tell whether a record of the file `name` is to go."""
        kind, url = record.get("warc-type"), target(record)
        if (name, record.offset) in self.rows:
            return True
        if kind == "warcinfo" or redacted(record, name) is not None:
            return False
        key = (url, iso(date(record.get("warc-date"))))
        beside = set(record.get("warc-concurrent-to").split())
        names = {record.get("warc-record-id"), *beside}
        if names & self._kept_ids or key in self._kept_keys:
            return False
        if names & self._ids or key in self._keys:
            return True
        if kind != "revisit" and record.get("warc-refers-to") in self._ids - {""}:
            return True
        if url in self.urls:
            return self.with_url or not (kind == "metadata" and tells_failure(record))
        return kind in _BODIES and spelled(record.get("warc-payload-digest")) in self.digests

    def taken(self, path: Path, record: Record) -> Taken:
        """Return what the log is to say of a record that goes, and why it cannot where it cannot."""
        name = path.name.removesuffix(OPEN)
        kind = record.get("warc-type")
        if kind == "metadata" and tells_failure(record):
            kind = FAILURE
        row = self.rows.get((name, record.offset))
        url = target(record) or record.get("warc-target-uri")
        found = replace(row, type=kind) if row else Taken(
            name, record.offset, record.length, kind if kind in TYPES else "other",
            record.get("warc-record-id"), url=url,
        )  # fmt: skip
        if self.with_url:
            found = replace(found, url=unnamed(found.url) if found.url else "")
        sha256 = redaction.sha256_at(path, record.offset, record.length)
        found = replace(found, length=record.length, sha256=sha256)
        return replace(found, left=self._why_not(path, record, found))

    def _why_not(self, path: Path, record: Record, taken: Taken) -> str:
        if why := redaction.why_not(path, record):
            return why
        try:
            removal = removal_of(self.takedown, self.at, taken)
            redaction.replacement(removal, taken.file, redaction.magic_of(path))
        except ArchiveError as error:
            return error.what
        return ""

    def damaged(self, damage: Damage) -> Taken | None:
        """Return what the log is to say of damaged bytes that may hold something; None where nothing says so."""
        row = self.rows.get((damage.filename, damage.offset))
        if row is None and damage.url not in self.urls:
            return None
        why = f"{damage.length} damaged bytes, which may hold some of it: {damage.reason}"
        base = row or Taken(damage.filename, damage.offset, damage.length, "damaged", "")
        url = unnamed(base.url) if self.with_url and base.url else base.url
        return replace(base, url=url, left=why)


def removal_of(takedown: str, at: str, taken: Taken) -> Removal:
    """Return what is to be done to a record's bytes."""
    url = "" if taken.url.startswith("urn:") else taken.url
    return Removal(
        takedown, taken.offset, taken.length, taken.type, taken.record_id, taken.sha256, at, url
    )


def search(
    layout: Layout,
    wanted: Search,
    files: Sequence[Path] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Taken]:
    """Return every record that is meant, in the order of the files; `progress` is told bytes done, and of how many.

    Where a row is meant and its record is not found, that is told too.
    """
    paths = reader.files(layout.warcs) if files is None else list(files)
    sizes = [path.stat().st_size if path.exists() else 0 for path in paths]
    found: list[Taken] = []
    for number, path in enumerate(paths):
        if path.exists():
            found += _in(path, wanted, sum(sizes[:number]), sum(sizes), progress)
    here = {(taken.file, taken.offset) for taken in found}
    for place, row in sorted(wanted.rows.items()):
        if place not in here:
            url = unnamed(row.url) if wanted.with_url else row.url
            found.append(replace(row, url=url, left="its record is not there"))
    return found


def _in(
    path: Path, wanted: Search, before: int, total: int, progress: Callable[[int, int], None]
) -> Iterator[Taken]:
    name = path.name.removesuffix(OPEN)
    with path.open("rb", buffering=256 * 1024) as stream:
        # A record whose digest is wrong holds its words all the same.
        for item in walk(stream, name, check=False):
            progress(before + item.offset, total)
            if isinstance(item, Damage):
                if (damaged := wanted.damaged(item)) is not None:
                    yield damaged
            elif wanted.means(name, item):
                yield wanted.taken(path, item)


def quarantined(layout: Layout, wanted: Search) -> list[Taken]:
    """Return what in quarantine may hold some of it: nothing there is the archive's to change."""
    words = [*wanted.urls, *(title for title in wanted.titles if len(title) >= _LONG)]
    needles = [word.encode("utf-8", "replace") for word in words]
    why = "may hold some of it; look into it, and remove it yourself"
    return [
        Taken(f"quarantine/{path.name}", 0, path.stat().st_size, "quarantine", "", left=why)
        for path in sorted(layout.quarantine.glob("*"))
        if path.is_file() and _holds(path, wanted, needles)
    ]


def _holds(path: Path, wanted: Search, needles: Sequence[bytes]) -> bool:
    if path.name.partition(".tail")[1]:
        with path.open("rb") as stream:
            return any(
                item.url in wanted.urls if isinstance(item, Damage) else wanted.means("", item)
                for item in walk(stream, "tail.warc.gz", check=False)
            )
    longest = max(map(len, needles), default=1)
    with path.open("rb") as stream:
        behind = b""
        while piece := stream.read(1 << 20):
            data = behind + piece
            if any(needle in data for needle in needles):
                return True
            behind = data[-longest:]
    return False
