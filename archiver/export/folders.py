"""An export into a folder: files of bounded size, with a card, a description for programs, and a manifest.

It is made as ``NAME.part`` and is renamed when it is whole. What was killed goes on when the same is wanted again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import UsageError
from archiver.export.behind import Behind
from archiver.export.dataset import describe
from archiver.export.files import settle, take
from archiver.export.formats import unwritable
from archiver.export.shards import DATA, JOURNAL, ONLY, Changed, Journal, Series
from archiver.export.splits import Sorter
from archiver.export.taking import Group, Progress, Tally, Wanted, keys, taken
from archiver.store.search import Index

Tell = Callable[[str], None]


def write_folder(
    index: Index, wanted: Wanted, target: Path, progress: Progress, tell: Tell
) -> Tally:
    """Write what is wanted into the folder `target`, which appears only when it is whole and has a row.

    `tell` is told where an earlier export goes on, or why it does not. Raises UsageError where something is there
    already, ArchiveError where it cannot be written, LockedError where another process writes it now.
    """
    target = target.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("is there already", where=str(target), remedy="name a new folder")
    try:
        with _held(target.with_name(target.name + ".part")) as part:
            journal = Journal(part, wanted)
            _begin(journal, part, journal.resume(), tell)
            try:
                tally = _fill(index, wanted, part, journal, progress)
            except Changed:
                journal.shards = []
                _begin(journal, part, "what it had written has changed in the archive", tell)
                tally = _fill(index, wanted, part, journal, progress)
            _end(part, target, wanted, tally, journal)
    except OSError as error:
        raise unwritable(error, target) from error
    return tally


@contextmanager
def _held(part: Path) -> Iterator[Path]:
    """Make a folder and hold it: two that write into one would make none."""
    part.mkdir(exist_ok=True)
    fd = os.open(part, os.O_RDONLY | os.O_DIRECTORY)
    try:
        take(fd, part)
        yield part
    finally:
        os.close(fd)


def _begin(journal: Journal, part: Path, why_anew: str, tell: Tell) -> None:
    if journal.shards:
        rows = sum(shard.rows for shard in journal.shards)
        tell(
            f"going on with an earlier export: {rows:,} rows in {len(journal.shards)} files are whole"
        )
    elif why_anew:
        tell(f"an earlier export is begun anew: {why_anew}")
    journal.tidy()
    (part / DATA).mkdir(exist_ok=True)


def _fill(index: Index, wanted: Wanted, part: Path, journal: Journal, progress: Progress) -> Tally:
    """Write the shards, and count what is in them."""
    tally = Tally()
    names = [split.name for split in wanted.splits] or [ONLY]
    series = {name: Series(part, name, wanted, journal) for name in names}
    groups = {name: Group() for name in names}
    try:
        with (
            index.selection(
                wanted.query, wanted.versions, wanted.dedupe, wanted.without
            ) as selection,
            Behind() as behind,
        ):
            tally.uncompared = index.uncompared if wanted.splits else 0
            sorter = Sorter(wanted.splits, lambda: keys(selection, wanted))
            for row in taken(selection, wanted, tally, progress):
                split = sorter.split(row)
                if split is None:
                    tally.outside += 1
                    tally.undated += row["published_at"] is None
                    continue
                name = split or ONLY
                tally.add(row, name)
                if group := groups[name].add(row):
                    behind.do(series[name].write, group)
            for name in names:
                if rest := groups[name].rest():
                    behind.do(series[name].write, rest)
                behind.do(series[name].close)
    finally:
        for one in series.values():
            one.abandon()
    tally.long = sum(one.long for one in series.values())
    return tally


def _end(part: Path, target: Path, wanted: Wanted, tally: Tally, journal: Journal) -> None:
    """Describe what was written and give the folder its name; what has no row is taken away."""
    if not tally.rows:
        shutil.rmtree(part)
        return
    describe(part, wanted, tally, journal.shards)
    (part / JOURNAL).unlink()
    settle(part)
    part.rename(target)  # over an empty folder, too
    settle(target.parent)
