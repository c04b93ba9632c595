"""Write articles as a WACZ (Web Archive Collection Zipped, 1.1.1): their records, an index, a list of pages.

What reads one is `archiver.warc.wacz`. The ZIP is written once from front to back, its WARC files stored as they
are, so that a browser can replay it from any web server that answers Range requests. Nothing in it depends on the
clock or on chance: ``created`` is the time of the newest capture. One that was killed goes on behind the last WARC
file that is whole in it (see `archiver.remains`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
from zlib import compressobj

from archiver import __version__
from archiver.excerpts import Copied, Progress, copy, gather, part_name, writing
from archiver.layout import Layout
from archiver.remains import GATHERED, PART, Tell, Told, check, gathered, has, keep
from archiver.store.gathering import Gathering
from archiver.store.search import Index
from archiver.types import Article
from archiver.warc import cdxj
from archiver.warc.copying import Parts
from archiver.warc.writer import MAX_BYTES, sync_folder

VERSION = "1.1.1"
PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
_PAGES = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
_KEPT = ("header_offset", "CRC", "extract_version", "create_version")  # of a file that stays
_LINES = 3000  # of the index in one gzip member, as cdxj-indexer makes them


def write(
    articles: Iterable[Article],
    index: Index,
    layout: Layout,
    path: Path,
    *,
    title: str = "",
    text: bool = False,
    visits: bool = False,
    without: Collection[str] = (),
    max_bytes: int = MAX_BYTES,
    progress: Progress = lambda copied: None,
    tell: Tell = lambda message: None,
) -> Copied:
    """Write the WACZ `path`, which appears only when it is whole; each article is a page of it.

    With `text` the pages have the articles' clean text, by which replayweb.page searches; with `visits` every exchange
    of each article comes in, but those of versions that declare one of `without`. `max_bytes` bounds each WARC file
    in it. Damaged records are left out, and told in the result. Raises what `excerpts.write_warcs` does.
    """
    done = Copied()
    part = path.with_name(f"{path.name}{PART}")

    def tidy(kept: int) -> None:
        if not kept:
            part.unlink(missing_ok=True)

    journal = path.with_name(f"{path.name}{GATHERED}")
    with writing(path), gathered(journal, layout, max_bytes, tidy=tidy, tell=tell) as gathering:
        gather(
            articles, index, gathering, done, visits=visits, without=without,
            page=lambda a: page(a, text=text),
        )  # fmt: skip
        with _continued(part, gathering, layout.warcs, tell) as (stream, kept):
            with _zipped(stream, kept) as package:
                name = part_name(path.stem)
                parts = Parts(name, package.warc, max_bytes=max_bytes, names=package.names)
                copy(
                    gathering, layout.warcs, parts, done, package.settled, progress=progress,
                    add=lambda entry: gathering.add_line(cdxj.line(entry)),
                )  # fmt: skip
                package.index(gathering)
                package.pages(gathering)
                package.describe(title or path.stem, done.newest)
            stream.flush()
            os.fsync(stream.fileno())
        check(gathering, layout, max_bytes)
        os.replace(part, path)
        sync_folder(path.parent)
    return done


@contextmanager
def _continued(
    part: Path, gathering: Gathering, warcs: Path, tell: Tell
) -> Iterator[tuple[BinaryIO, list[Told]]]:
    """Open the ZIP that is to be written, cut behind the WARC files of it that can stay, and tell of these."""
    part.touch()
    with part.open("r+b") as stream:

        def whole(told: Told) -> bool:
            return has(stream, told["end"] - told["bytes"], told)

        kept = keep(gathering, warcs, whole, tell)
        stream.truncate(kept[-1]["end"] if kept else 0)
        stream.seek(0, os.SEEK_END)
        yield stream, kept


def page(article: Article, *, text: bool = False) -> bytes:
    """Return the line of an article in ``pages.jsonl``: where and when it was captured, what it is called."""
    told = {
        "id": f"{article.id}-{article.version}",
        "url": article.fetched_url,
        "ts": article.captured_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "title": article.document.title,
    }
    return _json(told | {"text": article.document.text} if text else told) + b"\n"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


class _Hashed:
    """A file of the ZIP that is being written; its size and SHA-256 are told when it is closed."""

    def __init__(self, stream: IO[bytes], told: Callable[[int, str], None]) -> None:
        self._stream = stream
        self._told = told
        self._size = 0
        self._sha256 = sha256()

    def write(self, data: bytes) -> int:
        self._size += len(data)
        self._sha256.update(data)
        return self._stream.write(data)

    def close(self) -> None:
        self._stream.close()
        self._told(self._size, self._sha256.hexdigest())

    def abandon(self) -> None:
        with suppress(OSError, RuntimeError):
            self._stream.close()


@contextmanager
def _zipped(stream: BinaryIO, kept: list[Told]) -> Iterator[_Package]:
    """Open a ZIP that is written to `stream`, behind the WARC files that are in it."""
    with ZipFile(stream, "w") as archive:
        package = _Package(archive, stream, kept)
        try:
            yield package
        except BaseException:
            package.abandon()
            raise


class _Package:
    """The files of a WACZ as they are written, and what its ``datapackage.json`` says of them."""

    def __init__(self, archive: ZipFile, stream: BinaryIO, kept: list[Told]) -> None:
        self._archive = archive
        self._stream = stream
        self._resources: list[dict[str, Any]] = [told["resource"] for told in kept]
        self._archive.infolist().extend(map(_restored, kept))
        self._ends: dict[str, int] = {}  # where each file ends
        self._main: dict[str, str] = {}
        self._begun: _Hashed | None = None

    @property
    def names(self) -> list[str]:
        """The names of its files so far, without their folders."""
        return [info.filename.rpartition("/")[2] for info in self._archive.infolist()]

    def settled(self, name: str) -> Told:
        """Put a WARC file on the disk, and return what must be known to go on behind it."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        info = self._archive.getinfo(f"archive/{name}")
        resource = next(one for one in self._resources if one["path"] == info.filename)
        return {
            "resource": resource, "hash": resource["hash"], "bytes": info.file_size,
            "zip": {field: getattr(info, field) for field in _KEPT},
            "end": self._ends[info.filename],
        }  # fmt: skip

    def warc(self, name: str, room: int) -> _Hashed:
        """Begin a WARC file, which may come to `room` bytes."""
        return self._file(f"archive/{name}", size=room)

    def index(self, gathering: Gathering) -> None:
        """Write the index as compressed blocks of lines, and where each of them begins (ZipNum).

        So a reader of a large one loads a block, and not all of it.
        """
        blocks, offset = list[bytes](), 0
        compressed = self._file("indexes/index.cdx.gz", size=gathering.size_of("lines"))
        for first, block in _blocks(gathering.lines()):
            about = {
                "offset": offset,
                "length": len(block),
                "digest": f"sha256:{sha256(block).hexdigest()}",
            }
            blocks.append(b"%s %s\n" % (first, _json(about)))
            offset += compressed.write(block)
        compressed.close()
        where = self._file("indexes/index.idx")
        about = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
        where.write(b"!meta 0 %s\n" % _json(about))
        for line in blocks:
            where.write(line)
        where.close()

    def pages(self, gathering: Gathering) -> None:
        """Write the list of pages; the first is the main one."""
        listed = self._file("pages/pages.jsonl", ZIP_DEFLATED, size=gathering.size_of("pages"))
        listed.write(_json(_PAGES) + b"\n")
        for line in gathering.pages():
            if not self._main:
                first = json.loads(line)
                self._main = {"mainPageUrl": first["url"], "mainPageDate": first["ts"]}
            listed.write(line)
        listed.close()

    def describe(self, title: str, created: str) -> None:
        """Write what is in the WACZ, and the digest of that."""
        told = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": title,
            "software": f"archiver {__version__}",
            "created": f"{created[:19]}Z",
            **self._main,
            "resources": self._resources,
        }
        package = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
        self._archive.writestr(_info(PACKAGE), package)
        digest = {"path": PACKAGE, "hash": f"sha256:{sha256(package).hexdigest()}"}
        self._archive.writestr(_info(DIGEST), json.dumps(digest, indent=2).encode() + b"\n")

    def _file(self, path: str, how: int = ZIP_STORED, size: int = 0) -> _Hashed:
        """Begin a file; `size` is what it will have, if that may be more than 2 GiB."""
        info = _info(path, how)
        info.file_size = size

        def told(size: int, digest: str) -> None:
            self._ends[path] = self._stream.tell()
            name = path.rpartition("/")[2].lower()
            self._resources.append(
                {"name": name, "path": path, "hash": f"sha256:{digest}", "bytes": size}
            )

        self._begun = _Hashed(self._archive.open(info, "w"), told)
        return self._begun

    def abandon(self) -> None:
        """End the file that was begun: a ZIP will not be closed before that."""
        if self._begun is not None:
            self._begun.abandon()


def _info(path: str, how: int = ZIP_STORED) -> ZipInfo:
    info = ZipInfo(path)  # of 1980, the first day that a ZIP knows
    info.compress_type = how
    info.create_system, info.external_attr = 3, 0o644 << 16  # Unix, wherever it is written
    return info


def _restored(told: Told) -> ZipInfo:
    """Return what the ZIP says of a file that stays in it."""
    info = _info(told["resource"]["path"])
    info.file_size = info.compress_size = told["bytes"]
    for name, value in told["zip"].items():
        setattr(info, name, value)
    return info


def _blocks(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield gzip members of so many lines, each with the key and time of its first line."""
    held: list[bytes] = []
    for line in lines:
        held.append(line)
        if len(held) == _LINES:
            yield _block(held)
            held = []
    if held:
        yield _block(held)


def _block(lines: list[bytes]) -> tuple[bytes, bytes]:
    packer = compressobj(wbits=31)
    return lines[0].partition(b" {")[0], packer.compress(b"".join(lines)) + packer.flush()
