"""A small archive in Arabic and English, and terminals to look at it in."""

from __future__ import annotations

import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import closing
from datetime import UTC, datetime
from fcntl import ioctl
from pathlib import Path

from archiver.layout import Layout
from archiver.types import Moment
from tests.cli.test_commands import environment
from tests.samples import reading
from tests.store.conftest import Desk

ESCAPE, OVERRIDE, POP = "\x1b]0;owned\x07\x1b[2J", "\u202e", "\u2069"
HOSTILE = f"Flood {ESCAPE}{OVERRIDE}{POP}\ue001 warning \ue000 in the port"
LONG = "كان الصيادون يصلحون شباكهم على الرصيف القديم قبل أن ترتفع المياه في الميناء. "

# url: (source, language, day of 2026, authors, title, text)
PAGES = [
    ("1", "herald", "en", "01-10", ("A. Lee",), "Flood in the harbour",
     "The flood rose at night. Heavy rain fell."),
    ("2", "herald", "en", "01-12", ("A. Lee", "B. Ode"), "Harbour repairs",
     "Repairs begin. The heavy crane fell in rain."),
    ("3", "mirror", "ar", "02-01", ("ليلى حسن",), "فيضان في الميناء",
     LONG * 3 + "ثم وصل الفيضان إلى المدينة القديمة."),
    ("4", "mirror", "ar", "02-03", ("ليلى حسن",), "مطر على المدينة",
     "هطل المطر على المدينة، ولم يحدث فيضان هذا العام."),
    ("5", "mirror", "ar", "03-20", (), "مباراة كرة القدم", "انتهت المباراة تحت المطر."),
    ("6", "gazette", "en", "03-21", (), HOSTILE, f"A flood {ESCAPE} of {OVERRIDE}\ue000 words."),
    ("7", "gazette", "en", None, (), "Undated note", "A note of a flood that nobody dated."),
]  # fmt: skip
STORY = (
    "Engineer Marlow said the turbine at Kestrel quay seized on Tuesday, and the viaduct stays closed until inspectors"
    " from Dunmore have measured each girder."
)


def make(folder: Path) -> Path:
    """Make an archive in `folder` and return its path."""
    layout = Layout(folder / "archive")
    layout.create()
    with closing(Desk(layout.index)) as desk:
        for name, source, language, day, authors, title, text in PAGES:
            at = datetime.fromisoformat(f"2026-{day}T00:00:00+00:00") if day else None
            published = Moment(at, "day", None, "meta") if at else None
            url = f"https://{source}.example/{name}"
            more = {"language": language, "authors": authors, "published": published}
            desk.add(reading(title, text, url, **more), url=url, source=source)
    return layout.root


def make_large(folder: Path, articles: int) -> Path:
    """Make an archive of so many articles about rain, one an hour."""
    layout = Layout(folder / "archive")
    layout.create()
    with closing(Desk(layout.index)) as desk, desk.store.transaction():
        for number in range(articles):
            at = datetime.fromtimestamp(1_600_000_000 + number * 3600, UTC)
            page = reading(f"Rain {number}", "It rained.", f"https://a.example/{number}",
                           published=Moment(at, "minute", None, "meta"))  # fmt: skip
            desk.store.index(desk._shelf.snapshot(f"https://a.example/{number}"), page)
    return layout.root


def on_terminal(
    folder: Path,
    *arguments: str,
    columns: int = 80,
    rows: int = 24,
    typed: bytes = b"",
    **variables: str,
) -> tuple[int, str]:
    """Run archiver on a terminal of its own; returns its exit code and all that the terminal was sent.

    `typed` is typed as soon as anything is shown.
    """
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    kept = {
        k: v for k, v in environment().items() if k not in ("NO_COLOR", "PAGER", "LESS", "COLUMNS")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver", *arguments], cwd=folder,
        env={**kept, "TERM": "xterm", **variables}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    sent, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            break
        sent += piece
        if typed and piece:
            os.write(ours, typed)
            typed = b""
    os.close(ours)
    return process.wait(timeout=10), sent.decode().replace("\r\n", "\n")


def make_similar(folder: Path) -> Path:
    """Make an archive in which two papers tell one story, among others."""
    layout = Layout(folder / "archive")
    layout.create()
    with closing(Desk(layout.index)) as desk:
        stories = [
            ("herald", "a", "Viaduct closed", STORY),
            ("mirror", "b", "Turbine trouble", f"On the quay: {STORY}"),
        ]
        others = [
            (f"o{n}", str(n), f"Weather {n}", f"Clouds {n} over hill {n}, and sun.")
            for n in range(30)
        ]
        for number, (source, name, title, text) in enumerate([*stories, *others]):
            url = f"https://{source}.example/{name}"
            published = Moment(
                datetime(2026, 1, 1 + min(number * 2, 20), tzinfo=UTC), "day", None, "meta"
            )
            desk.add(
                reading(title, text, url, language="en", published=published),
                url=url,
                source=source,
            )
    return layout.root
