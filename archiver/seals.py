"""The log of what was taken down: ``takedowns.jsonl`` in the archive's folder, one JSON object a line.

A line is written, and lasts, before anything of what it tells is done; a second one says that it is done. So the
log is at once the journal by which a takedown that was killed is finished, the record of who took what down and
why, and what a rebuild, an import and a crawl ask what may not come back. It never holds a text: what is sealed is
known by SHA-256 hashes. ``docs/takedown.md`` tells its fields.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from archiver.documents import Document
from archiver.errors import ArchiveError, DamagedError, SpaceError
from archiver.files import sync_folder
from archiver.urls import normalise

NAME = "takedowns.jsonl"
SEALED = "sealed"  # what the index calls such a page
_HASHED = "urn:sha256:"  # in the place of a URL that is not to be named


@dataclass(frozen=True, slots=True)
class Taken:
    """One record that is taken out of a WARC file, and the row of the index that it had.

    `sha256` is that of the bytes that lie at `offset`. `url`, `kind`, `source`, `at` and `digest` are those of the
    row, empty where it had none (`row`). `left` says why the bytes could not be taken out, "" where they can.
    """

    file: str
    offset: int
    length: int
    type: str
    record_id: str
    sha256: str = ""
    row: bool = False
    failure: bool = False
    url: str = ""
    kind: str = ""
    source: str = ""
    at: str = ""
    digest: str = ""
    left: str = ""


@dataclass(frozen=True, slots=True)
class Takedown:
    """One takedown, as the log tells it.

    `articles` are ids; `urls` are those that are never asked for again, `canonical` those that named an article,
    both as SHA-256 in hex; `named` are the same URLs in words, none where they are not to be named. `digests`
    are payload digests of pages that showed it, `titles` and `texts` hashes of its versions (see `hashed`). `spared`
    are places (file, offset) at its URLs whose bytes stay: an error page that others share.
    """

    id: str
    at: str
    operator: str
    reason: str
    articles: tuple[int, ...] = ()
    named: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    records: tuple[Taken, ...] = ()
    spared: tuple[tuple[str, int], ...] = ()
    done: str = ""

    @property
    def with_url(self) -> bool:
        """Whether the URL itself is sealed, too."""
        return not self.named

    @property
    def left(self) -> tuple[Taken, ...]:
        """The records whose bytes could not be taken out."""
        return tuple(taken for taken in self.records if taken.left)


def hashed(text: str) -> str:
    """Return the SHA-256 of a text in hex, by which it is known again."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def redaction_id(takedown: str, filename: str, offset: int) -> str:
    """Return the WARC-Record-ID of the redaction at a place: always the same one."""
    return f"<urn:uuid:{uuid5(UUID(takedown), f'{filename} {offset}')}>"


def unnamed(url: str) -> str:
    """Return what stands in the place of a URL that is not to be named, the same however it is written."""
    return url if url.startswith(_HASHED) else _HASHED + hashed(normalise(url) or url)


@dataclass(slots=True)
class Seals:
    """What the log says must not come back."""

    takedowns: dict[str, Takedown] = field(default_factory=dict)
    _urls: dict[str, Takedown] = field(default_factory=dict)
    _canonical: dict[str, Takedown] = field(default_factory=dict)
    _digests: dict[str, Takedown] = field(default_factory=dict)
    _places: dict[tuple[str, int], Taken] = field(default_factory=dict)
    _spared: set[tuple[str, int]] = field(default_factory=set)
    _articles: dict[int, Takedown] = field(default_factory=dict)

    def add(self, takedown: Takedown) -> None:
        """Take a takedown in, or more of one."""
        self.takedowns[takedown.id] = takedown
        for held, keys in (
            (self._urls, takedown.urls),
            (self._canonical, takedown.canonical),
            (self._digests, takedown.digests),
        ):
            held.update(dict.fromkeys(keys, takedown))
        self._articles.update(dict.fromkeys(takedown.articles, takedown))
        self._spared.update(takedown.spared)
        for taken in takedown.records:
            # Bytes that were left the first time may have been taken out the second.
            self._places[taken.file, taken.offset] = taken

    def __bool__(self) -> bool:
        return bool(self.takedowns)

    @property
    def pending(self) -> list[Takedown]:
        """The takedowns that were begun and not finished."""
        return [takedown for takedown in self.takedowns.values() if not takedown.done]

    def url(self, url: str) -> Takedown | None:
        """Return the takedown that sealed `url`, if one did; however another crawler has written it."""
        if not self._urls:
            return None
        if url.startswith(_HASHED):
            return self._urls.get(url.removeprefix(_HASHED))
        return self._urls.get(hashed(url)) or self._urls.get(hashed(normalise(url)))

    def article(self, article_id: int) -> Takedown | None:
        """Return the takedown that sealed the article with this id, if one did."""
        return self._articles.get(article_id)

    def find(self, wanted: str) -> Takedown | None:
        """Return the takedown of an article that is asked for by id or URL."""
        if wanted.isdecimal() and len(wanted) < 19:
            return self.article(int(wanted))
        return self.url(wanted) or self._canonical.get(hashed(wanted))

    def exchange(self, url: str, digest: str, place: tuple[str, int]) -> Takedown | None:
        """Return the takedown that sealed an exchange, by its URL or its body; those that were spared are not."""
        if not self.takedowns or place in self._spared:
            return None
        return self.url(url) or self._digests.get(digest)

    def taken(self, place: tuple[str, int]) -> Taken | None:
        """Return what the log says of the record that lay at a place (file, offset)."""
        return self._places.get(place)

    def places(self) -> Mapping[tuple[str, int], Taken]:
        """Return all records of the log by their places."""
        return self._places

    def document(self, url: str, document: Document) -> tuple[Takedown | None, Document]:
        """Tell whether a page that was read at `url` would have been a sealed article; else what it is.

        By the rule by which pages join an article: its canonical URL names it, and it was read from there, or has its
        headline or its text. Another story, on a site that declares one canonical URL on every page, keeps its own.
        """
        takedown = self._canonical.get(hashed(document.url)) if self._canonical else None
        if takedown is None:
            return None, document
        title, text = document.title, document.text
        same = (title and hashed(title) in takedown.titles) or (
            text and hashed(text) in takedown.texts
        )
        if document.url == url or same:
            return takedown, document
        return None, replace(document, url=url)

    def written(self, url: str) -> str:
        """Return `url` as the index may hold it: not named, where it was sealed with the URL itself."""
        takedown = self.url(url)
        return unnamed(url) if takedown is not None and takedown.with_url else url


def read(path: Path) -> Seals:
    """Read the log; where there is none, nothing was taken down.

    A last line without an end is one that a power cut has torn, and tells nothing: what it would have
    told was not begun. Raises DamagedError for any other that is none.
    """
    seals = Seals()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return seals
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
        try:
            _take(seals, json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DamagedError(
                f"line {number} is none of its own: {error}",
                where=str(path),
                remedy="bring the log back from a copy: without it what was taken down may come back",
            ) from error
    return seals


def _take(seals: Seals, line: dict[str, Any]) -> None:
    event, number = line.pop("event"), line["id"]
    if event == "done":
        seals.add(replace(seals.takedowns[number], done=line["at"]))
    elif event == "begun":
        seals.add(_takedown(line))
    elif event == "more":
        before, records = seals.takedowns[number], _takens(line["records"])
        merged = {(one.file, one.offset): one for one in (*before.records, *records)}
        seals.add(replace(before, records=tuple(merged.values()), done=""))
    else:
        raise ValueError(f"event {event!r}")


def _takedown(line: dict[str, Any]) -> Takedown:
    records = _takens(line.pop("records"))
    spared = tuple((str(file), int(offset)) for file, offset in line.pop("spared"))
    plain: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in line.items()}
    return Takedown(**plain, records=records, spared=spared)


def _takens(found: Iterable[dict[str, Any]]) -> tuple[Taken, ...]:
    return tuple(Taken(**one) for one in found)


def begin(path: Path, takedown: Takedown) -> None:
    """Write down what is about to be done, and make it last."""
    told = asdict(takedown)
    told.pop("done")
    told["records"] = [_short(taken) for taken in takedown.records]
    _append(path, {"event": "begun", **told})


def more(path: Path, number: str, records: Iterable[Taken], at: str) -> None:
    """Write down that more records of a takedown are about to be taken out, and make it last."""
    _append(path, {"event": "more", "id": number, "at": at, "records": list(map(_short, records))})


def end(path: Path, number: str, at: str) -> None:
    """Write down that a takedown is done, and make it last."""
    _append(path, {"event": "done", "id": number, "at": at})


def _short(taken: Taken) -> dict[str, Any]:
    """Return a record without what is empty."""
    needed = ("file", "offset", "length", "type", "record_id")
    return {name: value for name, value in asdict(taken).items() if value or name in needed}


def _append(path: Path, line: dict[str, Any]) -> None:
    """Add a line, behind a torn one that is cut off first. Call with the archive locked."""
    written = json.dumps(line, ensure_ascii=True).encode() + b"\n"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.ftruncate(fd, path.read_bytes().rfind(b"\n") + 1)
            while written:
                written = written[os.write(fd, written) :]
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(path.parent)
    except OSError as error:
        kind = SpaceError if error.errno in (errno.ENOSPC, errno.EDQUOT) else ArchiveError
        what = f"cannot be written: {error.strerror}"
        raise kind(what, where=str(path), remedy="nothing was taken down; make room") from error
