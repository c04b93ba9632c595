"""What the lab reads and writes: the pages of a set with their gold, and what was read from them."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Trouble(Exception):
    """Why the lab cannot do what it was asked for, in one line."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page and its gold: empty where the gold does not tell.

    `url` is None where it is not known; `dates` are all that count as right, ISO 8601.
    """

    id: str
    path: Path
    url: str | None
    site: str
    language: str
    body: str
    title: str
    dates: tuple[str, ...]
    authors: tuple[str, ...]

    def html(self) -> bytes:
        """Return the page, in UTF-8."""
        try:
            return gzip.decompress(self.path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise Trouble(f"{self.path}: {error}") from error


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor read from one page; `date` is ISO 8601, `page` what archiver took it for."""

    text: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    page: str = ""
    error: str = ""

    def with_title(self) -> Found:
        """Return the same with the title above the text, as some gold has it."""
        return replace(self, text=f"{self.title}\n\n{self.text}")


def load(folder: Path, limit: int | None = None) -> list[Page]:
    """Return the pages of a set, the first `limit` of them."""
    try:
        lines = (folder / "gold.jsonl").read_text("utf-8").split("\n")
        pages = [_page(folder, json.loads(line)) for line in lines[:limit] if line.strip()]
    except OSError as error:
        raise Trouble(f"{folder} is no set: {error}") from error
    except (ValueError, KeyError) as error:
        raise Trouble(f"{folder / 'gold.jsonl'} is not as it should be: {error!r}") from error
    if not pages:
        raise Trouble(f"{folder / 'gold.jsonl'} names no page")
    for page in pages:
        if not page.path.is_file():
            raise Trouble(f"{page.path} is missing")
    return pages


def _page(folder: Path, gold: dict[str, Any]) -> Page:
    return Page(
        id=gold["id"],
        path=folder / gold["html"],
        url=gold.get("url"),
        site=gold.get("site") or "",
        language=gold.get("lang") or "",
        body=gold["body"],
        title=gold.get("title") or "",
        dates=tuple(filter(None, (gold.get("date") or "").split("|"))),
        authors=tuple(gold.get("authors") or ()),
    )


def save(path: Path, pages: Sequence[Page], founds: Sequence[Found]) -> None:
    """Write what was read as the corpus's own score.py takes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for page, found in zip(pages, founds, strict=True):
            line = json.dumps({"id": page.id, **asdict(found)}, ensure_ascii=False)
            stream.write(line + "\n")


def watched(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield `items`, and count them on stderr when a person looks on."""
    shown = sys.stderr.isatty()
    for number, item in enumerate(items, 1):
        yield item
        if shown and (number % 10 == 0 or number == total):
            print(f"\r\x1b[K{label} {number}/{total}", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
