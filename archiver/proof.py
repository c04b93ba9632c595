"""Prove an article: read its record again, make its row again from those bytes, and hold both against the index.

Nothing is written. What is wrong is told and never raised, so that one damaged record leaves the rest to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from archiver import extract
from archiver.content import read_head
from archiver.diff import compare
from archiver.errors import DamagedError
from archiver.executors.local import TaskFailed, WorkerPool
from archiver.layout import Layout
from archiver.learning import key_of
from archiver.store.rows import hashed
from archiver.store.search import Index
from archiver.timestamps import iso
from archiver.types import (
    Article,
    Capture,
    Document,
    Moment,
    Reading,
    RecordLocation,
    Rules,
    Snapshot,
    Source,
)
from archiver.warc import picking, reader, records
from archiver.warc.check import payload_holds
from archiver.warc.exchanges import whole

UNREAD = "cannot be read"
_ROBOTS = {True: "allowed", False: "disallowed", None: ""}
_STEP = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One thing as the index says it and as the bytes do; `detail` says more where they differ."""

    what: str
    index: str
    bytes: str
    agrees: bool
    detail: str = ""


@dataclass(slots=True)
class Held:
    """One record as it lies there: its fields as far as they can be read, and the SHA-256 of its bytes as stored.

    `trouble` says what is wrong with it, "" for nothing.
    """

    where: RecordLocation
    path: str
    type: str = ""
    url: str = ""
    date: str = ""
    ip: str = ""
    sha256: str = ""
    trouble: str = ""


@dataclass(slots=True)
class Proof:
    """What was found of one version of an article.

    `records` are its own and, where that is a revisit, the one with its body. The digests are of the body as stored;
    the heads are as they were sent and received. `because` says what explains the differences, where something does.
    """

    article: Article
    records: list[Held] = field(default_factory=list)
    body_sha1: str = ""
    body_sha256: str = ""
    request_head: bytes = b""
    response_head: bytes = b""
    extractor_version: str = extract.VERSION
    checks: list[Check] = field(default_factory=list)
    because: str = ""

    @property
    def differs(self) -> list[Check]:
        """What does not agree."""
        return [check for check in self.checks if not check.agrees]


def prove(layout: Layout, index: Index, article: Article, sources: Sequence[Source]) -> Proof:
    """Hold one version of an article against its bytes, read with what the pages of its source are read with."""
    proof = Proof(article)
    proof.checks += _itself(article)
    snapshot = _snapshot(layout.warcs, proof)
    if snapshot is None:
        proof.because = "its bytes are not what was archived"
        proof.checks.append(Check("row", _told(article.document.title), UNREAD, False))
        return proof
    capture = snapshot.capture
    proof.checks += _captured(article, snapshot)
    if not capture.link.source:
        capture = replace(capture, link=replace(capture.link, source=article.source))
    name = capture.link.source
    rules = next((source.rules for source in sources if source.name == name), Rules())
    profile, read_with = index.read_with(name)
    reading = _read(capture, profile, rules)
    proof.checks += _row(article, capture, reading)
    if proof.differs:
        proof.because = _because(proof, read_with == key_of(profile, rules))
    return proof


def _itself(article: Article) -> Iterator[Check]:
    """Hold the row against itself: its hash is that of its own title and text."""
    own = hashed(article.document.title, article.document.text)
    fine = own == article.text_hash
    told = "" if fine else "the second is that of title and text as they stand in the index"
    yield Check("hash of the row", article.text_hash, own, fine, told)


def _snapshot(warcs: Path, proof: Proof) -> Snapshot | None:
    """Read the record and that with its body; None where there is no whole body to be read."""
    where, digest = proof.article.location, proof.article.digest
    held, picked = _held(warcs, where)
    proof.records.append(held)
    proof.checks.append(_whole("record", held))
    found = next(whole(picked.group, where.filename), None) if picked and picked.group else None
    if not isinstance(found, Snapshot):
        return None
    proof.response_head = found.capture.head
    proof.request_head = records.split_block(found.capture.request)[0]
    if where.original is not None:
        original, _ = _held(warcs, where.original)
        proof.records.append(original)
        proof.checks.append(_whole("record of the body", original))
        try:
            found = reader.with_body(warcs, found, where.original)
        except DamagedError as error:
            proof.checks.append(Check("payload digest", digest, error.what, False))
            return None
    body = found.capture.body
    proof.body_sha1, proof.body_sha256 = records.digest(body), sha256(body).hexdigest()
    return found


def _held(warcs: Path, where: RecordLocation) -> tuple[Held, picking.Picked | None]:
    held = Held(where, str(warcs / where.filename))
    try:
        path = reader.locate(warcs, where.filename)
        held.path, held.sha256 = str(path), _sha256(path, where)
        picked = picking.exchange(warcs, where)
    except DamagedError as error:
        held.trouble = error.what
        return held, None
    except OSError as error:
        held.trouble = f"the file cannot be read: {error.strerror}"
        return held, None
    held.trouble = "; ".join(
        damage.reason
        for damage in picked.damages
        if damage.offset or not where.offset or picked.group is None  # not the file's warcinfo
    )
    main = picked.group.main if picked.group else None
    if main is not None:
        held.type, held.url, held.date, held.ip = (
            main.get(name)
            for name in ("warc-type", "warc-target-uri", "warc-date", "warc-ip-address")
        )
        if main.length != where.length:
            held.trouble = f"it has {main.length} bytes, and the index says {where.length}"
        elif not payload_holds(main, held.type):
            held.trouble = "its payload does not match its digest"
    return held, picked


def _sha256(path: Path, where: RecordLocation) -> str:
    """Return the SHA-256 of a record's bytes as they lie in the file."""
    found, left = sha256(), where.length
    with path.open("rb") as stream:
        stream.seek(where.offset)
        while left and (piece := stream.read(min(_STEP, left))):
            found.update(piece)
            left -= len(piece)
    return found.hexdigest()


def _whole(what: str, held: Held) -> Check:
    where = held.where
    place = f"{where.filename} offset {where.offset}, {where.length} bytes, {where.record_id}"
    fine = "whole: checksum, block digest, payload digest and record id hold"
    return Check(what, place, held.trouble or fine, not held.trouble)


def _captured(article: Article, snapshot: Snapshot) -> Iterator[Check]:
    """Yield what the index says of the exchange itself."""
    capture, head = snapshot.capture, read_head(snapshot.capture.head)
    # A revisit's digest is that of the body which it leaves out; that one was held against it.
    for what, told, found in (
        ("payload digest", article.digest, snapshot.digest),
        ("fetched url", article.fetched_url, capture.url),
        ("time of capture", iso(article.captured_at), iso(capture.at)),
        ("status", str(article.status), str(head.status)),
        ("mime", article.mime, head.mime),
        ("robots.txt", _ROBOTS[article.robots_allowed], _ROBOTS[capture.link.robots]),
    ):
        yield Check(what, told, found, told == found)


def _read(capture: Capture, profile: str, rules: Rules) -> Reading:
    """Read the page again, in a worker: it may be hostile."""
    pool = WorkerPool(1)
    try:
        reading: Reading = pool.submit(extract.read, capture, profile, rules).result()
        return reading
    except TaskFailed as error:
        return Reading(note=str(error))
    finally:
        pool.close()


def _row(article: Article, capture: Capture, reading: Reading) -> Iterator[Check]:
    """Yield each field that was read from the page."""
    old, new = article.document, reading.document
    if new is None:
        what = (
            f"no article: {reading.page or 'nothing'}{'; ' + reading.note if reading.note else ''}"
        )
        yield Check("row", _told(old.title), what, False)
        return
    found = hashed(new.title, new.text)
    yield Check("text hash", article.text_hash, found, article.text_hash == found)
    yield Check("title", old.title, new.title, old.title == new.title)
    yield _text(old, new)
    # Where its canonical URL named another story, a page was given its own.
    named = new.url if article.url not in (new.url, capture.url) else article.url
    yield Check("canonical url", article.url, named, article.url == named)
    told = article.completeness.value, reading.completeness.value
    yield Check("completeness", *told, told[0] == told[1])
    for name in (
        "authors",
        "published",
        "modified",
        "language",
        "section",
        "tags",
        "rights",
        "flags",
    ):
        one, other = (_shown(getattr(document, name)) for document in (old, new))
        yield Check(name, one, other, one == other)


def _text(old: Document, new: Document) -> Check:
    one, other = (
        f"{len(text.split())} words, {len(text)} characters" for text in (old.text, new.text)
    )
    if old.text == new.text:
        return Check("text", one, other, True)
    diff = compare((old.title, old.text), (new.title, new.text))
    first = next((part for part in diff.paragraphs if part.kind != "same"), None)
    detail = f"{diff.words('gone')} words only in the index, {diff.words('new')} only in the bytes"
    if first is not None:
        detail += f"; first where the index has {_told(first.old)!r} and the bytes have {_told(first.new)!r}"
    return Check("text", one, other, False, detail)


def _told(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _shown(value: str | Moment | tuple[str, ...] | None) -> str:
    if isinstance(value, Moment):
        return " ".join(filter(None, (iso(value.at), value.precision, value.zone, value.origin)))
    return "; ".join(value) if isinstance(value, tuple) else value or ""


def _because(proof: Proof, same_rules: bool) -> str:
    """Return what explains the differences."""
    version = proof.article.document.extractor_version
    broken = {"record", "record of the body", "payload digest"} & {c.what for c in proof.differs}
    if broken:
        return "its bytes are not what was archived"
    if any(check.what == "hash of the row" for check in proof.differs):
        return "the row was changed after it was written: its text has not its hash"
    if any(
        c.what in ("fetched url", "time of capture", "status", "mime", "robots.txt")
        for c in proof.differs
    ):
        return "the index says of the exchange what its record does not"
    if version != extract.VERSION:
        return f"it was read by {proof.article.document.extractor} {version}, and this is {extract.VERSION}"
    if not same_rules:
        return "the rules in sources.toml, or what was learned of the source, are others than it was read with"
    return (
        "neither another extractor nor other rules explain it: the row is not what these bytes say"
    )
