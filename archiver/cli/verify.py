"""archiver verify."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli import options, terminal
from archiver.errors import DamagedError
from archiver.types import Fault

if TYPE_CHECKING:
    from archiver.verify import Verified

# What the closing line calls each kind of fault.
KINDS = {
    "damaged": "damaged records",
    "exchange": "exchanges that are not whole",
    "payload": "payloads that do not match their digest",
    "warcinfo": "files without a warcinfo",
    "name": "names that two records have",
    "revisit": "revisits that do not lead to their body",
    "row": "rows of the index that do not lead to their record",
    "unindexed": "records without a row",
    "gone": "files that are gone",
    "unreadable": "files that cannot be read",
    "cdxj": "faults in CDXJ files",
    "index": "faults inside the index",
    "sealed": "records that were taken out otherwise than the log says",
    "text": "texts that are not what was indexed",
}


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE ...]", type=click.Path(path_type=Path))
@click.option(
    "--deep",
    is_flag=True,
    help="Decode each body too, open the original of each revisit, and look through the index.",
)
@options.as_json
@options.place
def verify(files: tuple[Path, ...], deep: bool, as_json: bool, place: options.Place) -> None:
    """Check every record of the WARC files, and that index and CDXJ say what they do.

    Checks framing, checksums and digests, that each exchange is whole, where each revisit leads,
    and where each row of the index and each line of a CDXJ leads. A FILE is a WARC file of the
    archive, or any other. Nothing is changed, and a crawl may go on meanwhile. Each fault is one
    line; the exit code is 5 when there is one.
    """
    from archiver.verify import Verification

    layout = place.layout()
    line = terminal.Progress()
    with Verification(
        layout, files, deep=deep, progress=lambda so_far: line.show(_progress(so_far))
    ) as verification:
        counts = tell(verification.faults(), as_json, line)
        done = verification.done
    line.clear()
    close(counts, done, as_json)
    if counts:
        raise DamagedError(
            f"{counts.total()} {'fault' if counts.total() == 1 else 'faults'}: {summary(counts)}",
            where=str(layout.root),
            remedy="'archiver repair' mends what can be mended",
        )


def _progress(so_far: Verified) -> str:
    return f"{so_far.files} of {so_far.of} files, {so_far.records} records"


def tell(faults: Iterable[Fault], as_json: bool, line: terminal.Progress) -> Counter[str]:
    """Write each fault and note on one line as it is found; returns how many faults of each kind."""
    counts: Counter[str] = Counter()
    for fault in faults:
        counts.update([] if fault.note else [fault.kind])
        line.clear()
        if as_json:
            terminal.out_json(as_row(fault))
        elif fault.note:
            terminal.say(f"note: {terminal.harmless(str(fault))}")
        else:
            terminal.out(terminal.harmless(str(fault)))
    return counts


def as_row(fault: Fault) -> dict[str, object]:
    """Return a fault as a JSON object."""
    return {
        "kind": fault.kind,
        "file": fault.filename,
        "offset": fault.offset,
        "url": fault.url,
        "what": fault.what,
        "note": fault.note,
    }


def close(counts: Counter[str], done: Verified, as_json: bool) -> None:
    """Write what was looked at, and how many faults there are of each kind."""
    if as_json:
        terminal.out_json({"files": done.files, "records": done.records, "faults": dict(counts)})
    elif not counts:
        terminal.out(f"{done.records} records in {done.files} WARC files: all is right")
    else:
        terminal.out(f"looked at {done.records} records in {done.files} WARC files")


def summary(counts: Counter[str]) -> str:
    """Return how many faults there are of each kind, in words."""
    return ", ".join(f"{count} {KINDS.get(kind, kind)}" for kind, count in counts.most_common())
