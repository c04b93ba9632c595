"""Take an article down: out of index, exports and search, and its bytes out of the WARC files.

Nothing is changed before the log says what will be; from then on it is done, by this process or by
the next that writes (see `archiver.sealing`). What was taken down cannot be brought back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from archiver import clock, sealing, seals
from archiver.errors import NothingFound, SpaceError, UsageError
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.seals import Takedown, Taken
from archiver.seeking import Search, quarantined, search
from archiver.store.sealing import Meant, hashes
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.types import Source


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be taken down (an article's id, or a URL), why, and by whom; `with_url` seals the URL, too."""

    wanted: str
    reason: str
    operator: str
    with_url: bool = False


def take_down(
    layout: Layout,
    sources: Sequence[Source],
    order: Order,
    *,
    agreed: Callable[[Meant], bool] = lambda meant: True,
    workers: int | None = None,
    tell: Callable[[str], None] = lambda message: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Takedown | None, Meant]:
    """Take down what `order` says, under the archive's lock; returns what the log says of it, and what it meant.

    None where `agreed`, which is asked first, says no: then nothing was changed. What was taken down before is
    returned as it was. `progress` is told how many bytes of how many were looked through.
    Raises NothingFound where there is no such article, UsageError where it was taken down before and its address is to
    go only now, SpaceError where there is no room for the copy of a WARC
    file, LockedError while another process writes.
    """
    layout.check()
    ingest = Ingest(layout, {}, sources=sources, workers=workers, tell=tell)
    try:
        if before := ingest.store.seals.find(order.wanted):
            if order.with_url and not before.with_url:
                raise UsageError(
                    f"it was taken down on {before.at[:10]} without its address, which redactions and log name",
                    remedy="--with-url works the first time only",
                )
            return before, Meant()
        meant = _meant(layout, ingest, order)
        if not agreed(meant):
            return None, meant
        takedown = _written(layout, order, meant, progress)
        ingest.store.heed()
        sealing.finish(layout, ingest.readers, tell)
        return ingest.store.seals.takedowns[takedown.id], meant
    except BaseException:
        ingest.hurried = True
        raise
    finally:
        ingest.close()


def carry_on(
    layout: Layout,
    sources: Sequence[Source],
    *,
    workers: int | None = None,
    tell: Callable[[str], None] = lambda message: None,
) -> None:
    """Finish what was begun, and take out what has come since; any command that writes does that, too."""
    layout.check()
    Ingest(layout, {}, sources=sources, workers=workers, tell=tell).close()


def _meant(layout: Layout, ingest: Ingest, order: Order) -> Meant:
    with Index(layout.index) as index:
        article = index.article(order.wanted)
        known = article is not None or index.exchange(order.wanted) is not None
    if not known:
        raise NothingFound(
            f"no article {order.wanted}, and nothing was fetched from there",
            remedy="'archiver search' shows ids",
        )
    return ingest.store.selection.of(
        article.id if article else None, order.wanted, with_url=order.with_url
    )


def _written(
    layout: Layout, order: Order, meant: Meant, progress: Callable[[int, int], None]
) -> Takedown:
    """Find the records and write into the log what will be done."""
    number, at = str(uuid4()), iso(clock.now())
    wanted = Search.of(meant, number, at, with_url=order.with_url)
    records = search(layout, wanted, None, progress)
    _check_room(layout, records)
    takedown = Takedown(
        id=number,
        at=at,
        operator=order.operator,
        reason=order.reason,
        articles=tuple(article.id for article in meant.articles),
        named=() if order.with_url else tuple(sorted({*meant.urls, *meant.canonical})),
        urls=hashes([*meant.urls, *meant.spellings]),
        canonical=hashes(meant.canonical),
        digests=tuple(meant.digests),
        titles=hashes(meant.titles),
        texts=hashes(meant.texts),
        records=(*records, *quarantined(layout, wanted)),
        spared=tuple((taken.file, taken.offset) for taken in meant.spared),
    )
    seals.begin(layout.takedowns, takedown)
    return takedown


def _check_room(layout: Layout, records: Sequence[Taken]) -> None:
    """Raise SpaceError where the largest file to be written anew finds no room beside itself."""
    names = {taken.file for taken in records if not taken.left}
    needed = max(((layout.warcs / name).stat().st_size for name in names), default=0)
    if layout.free < needed:
        raise SpaceError(
            "there is no room for the copy of a WARC file, and nothing was changed",
            where=str(layout.root),
            remedy=f"make {needed // 1_000_000 + 1} MB free",
        )
