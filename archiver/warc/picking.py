"""Find whole exchanges in one WARC file: all of their records, wherever these stand.

The index knows where a response lies. Its request may stand before it in the files of others, so those are
walked from their beginning; in our own the rest of an exchange is right behind the response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from archiver.errors import DamagedError
from archiver.types import Damage, RecordLocation, Redacted
from archiver.warc.exchanges import Group, groups, target
from archiver.warc.reader import locate
from archiver.warc.walk import Record, walk
from archiver.warc.writer import is_ours

Wanted = tuple[int, str]  # the offset of a response or revisit record, and its record id


@dataclass(slots=True)
class Picked:
    """What was found of the exchange at `offset`: its records, none where they are damaged.

    `info` is the warcinfo record that they stand under.
    """

    offset: int
    group: Group | None = None
    info: Record | None = None
    damages: list[Damage] = field(default_factory=list)


def exchange(folder: Path, where: RecordLocation) -> Picked:
    """Return what is there of one exchange. Raises DamagedError where there is no such file."""
    path = locate(folder, where.filename)
    with path.open("rb") as stream:
        return next(pick(stream, where.filename, [(where.offset, where.record_id)]))


def unreadable(
    filename: str, wanted: Iterable[Wanted], error: OSError | DamagedError
) -> Iterator[Picked]:
    """Yield that nothing is there of all that is wanted of a file."""
    told = error.what if isinstance(error, DamagedError) else f"cannot be read: {error.strerror}"
    damage = Damage(filename, 0, 0, told)
    for offset, _ in wanted:
        yield Picked(offset, damages=[damage])


def pick(stream: BinaryIO, name: str, wanted: Iterable[Wanted]) -> Iterator[Picked]:
    """Yield the exchanges at the places `wanted`, which rise, of the file `name`.

    `stream` may be moved while this waits.
    """
    if is_ours(name):
        return _each(stream, name, wanted)
    return _among(stream, name, iter(wanted))


def _each(stream: BinaryIO, name: str, wanted: Iterable[Wanted]) -> Iterator[Picked]:
    """Go to each place: nothing of an exchange of ours stands before its response."""
    first = next(walk(stream, name), None)
    info = first if isinstance(first, Record) and first.get("warc-type") == "warcinfo" else None
    lost = [first] if isinstance(first, Damage) else []
    for offset, record_id in wanted:
        found = next(_groups(walk(stream, name, offset), name))
        picked = Picked(offset, info=info, damages=lost)
        lost = []
        if isinstance(found, Damage):
            picked.damages.append(found)
        else:
            _take(picked, found, name, record_id)
            if not (found.request and found.about):
                picked.damages += found.damages
        yield picked


def _take(picked: Picked, found: Group, name: str, record_id: str) -> None:
    """Take a group where it is the exchange that is looked for, and can be copied."""
    main = found.main
    if main is None or (main.offset, main.get("warc-record-id")) != (picked.offset, record_id):
        reason = "the record is not where the index says"
        picked.damages.append(Damage(name, picked.offset, 0, reason))
    elif not main.alone:
        reason = "it shares a compressed member with other records"
        picked.damages.append(Damage(name, main.offset, main.length, reason, target(main)))
    else:
        picked.group = found


class _Infos:
    """Watches warcinfo records go by; a group is known only when the record behind it was seen."""

    def __init__(self) -> None:
        self._seen: list[Record] = []

    def watch(self, found: Iterable[Record | Damage]) -> Iterator[Record | Damage]:
        for item in found:
            if isinstance(item, Record) and item.get("warc-type") == "warcinfo" and item.alone:
                self._seen = [*self._seen[-1:], item]
            yield item

    def before(self, offset: int) -> Record | None:
        """Return the last one before a place."""
        return next((info for info in reversed(self._seen) if info.offset < offset), None)


def _among(stream: BinaryIO, name: str, wanted: Iterator[Wanted]) -> Iterator[Picked]:
    """Walk the file from its beginning to the last place that is wanted."""
    infos = _Infos()
    items = _flat(_groups(infos.watch(walk(stream, name)), name))
    item = next(items, None)
    for offset, record_id in wanted:
        picked = Picked(offset)
        while item is not None and _end(item) <= offset:
            item = next(items, None)
        if isinstance(item, Damage) and item.offset <= offset:
            picked.damages.append(item)
        elif isinstance(item, Group) and item.main is not None:
            _take(picked, item, name, record_id)
            picked.info = infos.before(item.records[0].offset)
            url = target(item.main)
            picked.damages += [damage for damage in item.damages if damage.url == url]
        else:
            picked.damages.append(Damage(name, offset, 0, "the record is not there"))
        yield picked


def _groups(found: Iterable[Record | Damage], name: str) -> Iterator[Group | Damage]:
    """Yield what `groups` does; what was taken out of a file cannot be copied."""
    for item in groups(found, name):
        if isinstance(item, Redacted):
            where = item.location
            yield Damage(name, where.offset, where.length, "it was taken down", item.url)
        else:
            yield item


def _flat(found: Iterable[Group | Damage]) -> Iterator[Group | Damage]:
    """Yield groups that have a response, and each damage in its place."""
    for item in found:
        if isinstance(item, Damage):
            yield item
        else:
            if item.main is not None:
                yield item
            yield from item.damages


def _end(item: Group | Damage) -> int:
    """Return the first offset at which neither a damage nor the response of a group can be."""
    if isinstance(item, Damage):
        return item.offset + item.length
    assert item.main is not None  # see _flat
    return item.main.offset + 1
