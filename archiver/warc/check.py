"""Check one WARC file by itself: framing and digests, and that each exchange of ours is whole.

What a record must be held against in other files (the original of a revisit, its row in the index) is
told as `Seen` and `Entry`, for who has seen all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archiver.content import decode_body, read_head
from archiver.timestamps import iso
from archiver.types import Damage, Entry, Fault, KeptFailure, Redacted, Seen, Snapshot
from archiver.warc import records
from archiver.warc.exchanges import exchanges, redacted, spelled, target, without_chunks_of
from archiver.warc.walk import Record, matches, walk
from archiver.warc.writer import OPEN, is_ours

DAMAGED, EXCHANGE, PAYLOAD, WARCINFO = "damaged", "exchange", "payload", "warcinfo"
UNDECODABLE, UNREADABLE = "undecodable", "unreadable"
Found = Fault | Damage | Seen | Redacted | tuple[Entry, bool]


def check(path: Path, *, deep: bool = False) -> Iterator[Found]:
    """Yield what is wrong with a WARC file, what is damaged, and what is in it.

    What it keeps is told as an entry and whether it is a failure. With `deep`, the content coding of
    each body is taken off too. A file that cannot be read is a fault.
    """
    name = path.name.removesuffix(OPEN)
    file = _File(name)
    try:
        with path.open("rb", buffering=256 * 1024) as stream:
            for kept in exchanges(file.watch(walk(stream, name)), name):
                yield from file.told()
                if not isinstance(kept, Damage | Redacted):
                    yield from _kept(kept, deep)
    except OSError as error:
        yield from file.told()
        yield Fault(UNREADABLE, name, None, "", f"cannot be read: {error.strerror}")
        return
    file.end()
    yield from file.told()


def _kept(kept: Snapshot | KeptFailure, deep: bool) -> Iterator[Found]:
    where = kept.location
    place = (where.filename, where.offset, where.length)
    if isinstance(kept, KeptFailure):
        failure = kept.failure
        yield Entry(failure.url, iso(failure.at), 0, "", "", *place, False, where.record_id), True
        return
    capture, head = kept.capture, read_head(kept.capture.head)
    revisit = kept.original is not None
    yield (
        Entry(
            capture.url, iso(capture.at), head.status, head.mime, kept.digest, *place, revisit,
            where.record_id,
        ),
        False,
    )  # fmt: skip
    if deep and capture.body and not capture.truncated:
        _, note = decode_body(head, capture.body)
        if note:
            yield Fault(
                UNDECODABLE, *place[:2], capture.url, f"its body as sent: {note}", note=True
            )


@dataclass(slots=True)
class _Begun:
    """An exchange of ours, as far as its records have come."""

    record: Record
    lacks: list[str] = field(default_factory=lambda: ["request", "metadata"])


class _File:
    """Watches the records of one file go by, and gathers what there is to tell of them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ours = is_ours(name)
        self._empty = True
        self._begun: _Begun | None = None
        self._excused = False  # what damage has taken away need not be told again
        self._told: deque[Found] = deque()

    def watch(self, found: Iterable[Record | Damage]) -> Iterator[Record | Damage]:
        """Look at each record and hand it on."""
        for item in found:
            if isinstance(item, Damage):
                self._damage(item)
            else:
                self._record(item)
            self._empty = False
            yield item

    def told(self) -> Iterator[Found]:
        """Yield what was gathered since it was last asked for."""
        while self._told:
            yield self._told.popleft()

    def end(self) -> None:
        """Say what is missing at the end of the file."""
        self._whole()
        if self._empty:
            self._told.append(Fault(DAMAGED, self._name, 0, "", "holds no record"))

    def _fault(self, kind: str, record: Record, what: str) -> None:
        self._told.append(Fault(kind, self._name, record.offset, target(record), what))

    def _damage(self, damage: Damage) -> None:
        begun, self._begun = self._begun, None
        url = damage.url or (target(begun.record) if begun and begun.lacks else "")
        self._told.append(Damage(self._name, damage.offset, damage.length, damage.reason, url))
        self._excused = True

    def _record(self, record: Record) -> None:
        kind = record.get("warc-type")
        if kind == "warcinfo":  # it tells of the records behind it, up to the next (section 6.2)
            self._ours = is_ours(self._name) or b"software: archiver\r\n" in record.block
        elif self._empty and self._ours:
            self._fault(WARCINFO, record, "the file does not begin with a warcinfo record")
        self._told.append(self._seen(record, kind))
        if gone := redacted(record, self._name):
            self._told.append(gone)
        if not payload_holds(record, kind):
            self._fault(PAYLOAD, record, "its payload does not match its digest")
        if self._ours:
            self._turn(record, kind)

    def _seen(self, record: Record, kind: str) -> Seen:
        get = record.get
        return Seen(
            filename=self._name,
            offset=record.offset,
            name=get("warc-record-id"),
            type=kind,
            url=target(record),
            date=get("warc-date"),
            digest=spelled(get("warc-payload-digest")),
            alike=get("warc-block-digest"),
            ours=self._ours,
            refers_to=get("warc-refers-to"),
            refers_url=get("warc-refers-to-target-uri").strip("<>"),
            refers_date=get("warc-refers-to-date"),
            profile=get("warc-profile"),
        )

    def _turn(self, record: Record, kind: str) -> None:
        """Hold a record of ours against the exchange that has begun."""
        belongs = record.get("warc-concurrent-to")
        if kind in ("response", "revisit"):
            self._whole()
            self._begun, self._excused = _Begun(record), False
        elif not belongs:
            self._whole()
            self._excused = False
        elif self._begun and belongs == self._begun.record.get("warc-record-id"):
            self._join(self._begun, record, kind)
        elif not self._excused:
            self._whole()
            self._fault(EXCHANGE, record, f"the response of this {kind} record is not before it")

    def _join(self, begun: _Begun, record: Record, kind: str) -> None:
        if kind in begun.lacks:
            begun.lacks.remove(kind)
        if record.get("warc-date") != begun.record.get("warc-date"):
            self._fault(EXCHANGE, record, f"this {kind} record has not the date of its response")

    def _whole(self) -> None:
        """Close the exchange that has begun."""
        begun, self._begun = self._begun, None
        if begun and begun.lacks:
            lacks = " and ".join(begun.lacks)
            self._fault(EXCHANGE, begun.record, f"its {lacks} record is not behind it")


def payload_holds(record: Record, kind: str) -> bool:
    """Tell whether the payload is what its digest says; True where that cannot be known.

    Some archives keep the chunked coding and take the digest with it, others without it.
    """
    told = record.get("warc-payload-digest")
    http = "http" in record.get("content-type")
    if not (told and http and record.whole) or kind not in ("response", "request"):
        return True
    if record.get("warc-truncated"):
        return True
    head, body = records.split_block(record.block)
    return matches(told, body) or matches(told, without_chunks_of(head, body))
