"""An archive that the exports are tried on: three sources, hostile titles, reserved texts, and versions."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.documents import Moment, Query
from archiver.export.files import write_file
from archiver.export.taking import Tally, Wanted
from archiver.layout import Layout
from archiver.store.search import Index
from tests.samples import AT, reading
from tests.store.conftest import Desk

HOSTILE = (
    "=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=1", "＝1+1", "nul \0 byte", "../../etc/passwd",
    "turned \u202e around \u2066", "two\u2028lines\u0085here\r\nand more", "خبر می\u200cرسد", "😀 \U0010ffff", "",
    "CON", '<script>alert("x")</script>', "; DROP TABLE articles; --",
)  # fmt: skip
SOURCES = ("herald", "mirror", "صحيفة")


def add(desk: Desk, number: int, title: str | None = None, text: str = "", **more: object) -> None:
    """Add an article that was published so many days after the beginning of 2026, none of it in others."""
    url = f"https://a.example/{number}"
    at = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=number)
    fields = {
        "published": Moment(at, "minute", "+03:00", "meta"), "language": ("en", "ar")[number % 2],
        "authors": ("Ann; Lee", "ليلى"), "extractor": "trafilatura", "extractor_version": "2.3", **more,
    }  # fmt: skip
    page = reading(
        f"Story {number}" if title is None else title,
        text or f"Rain, {number}.\n\nMore of it.",
        url,
        **fields,
    )
    desk.store.index(desk._shelf.snapshot(url, source=SOURCES[number % 3]), page)


def make(folder: Path, articles: int = 40, text: str = "") -> Path:
    """Make an archive in `folder` and return its path."""
    layout = Layout(folder / "archive")
    layout.create()
    with closing(Desk(layout.index)) as desk:
        with desk.store.transaction():
            for number in range(articles):
                add(desk, number, text=f"{text}{number}" if text else "")
            for number, title in enumerate(HOSTILE, articles):
                add(desk, number, title, "=1+1 of a text\n\n\tand more")
            add(desk, 900, rights=("noai",))
            add(desk, 901, rights=("noarchive", "tdm-reserved"), flags=("paywall",))
            add(desk, 902, rights=("noarchive",))
            add(desk, 903, published=None)
        desk.add(reading("Story 0", "Hail.", "https://a.example/0"), "https://a.example/0",
                 source="herald", at=AT + timedelta(days=90))  # fmt: skip
    return layout.root


def silent(_: int, __: int) -> None:
    """Show no progress."""


def exported(archive: Path, target: Path, **wanted: object) -> Tally:
    """Export all of an archive into a file."""
    with closing(Index(archive / "index.db")) as index:
        return write_file(index, Wanted(**{"query": Query(), **wanted}), target, silent)  # type: ignore[arg-type]
