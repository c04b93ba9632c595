"""The small newspaper that is crawled again and again, and crawls of it that end as they may."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.crawl.site import Site, Talk, moved, reply, robots, story

ROOT = Path(__file__).parents[2]
STORIES = 14
PATIENCE = 120.0  # seconds until a process that hangs fails the test


def publish(site: Site) -> None:
    """Put stories, a feed, a section and all that is odd on `site`."""
    paths = [f"/news/story-{number}" for number in range(1, STORIES + 1)]
    odd = ["/news/moved", "/news/gone", "/news/copy", "/news/packed", "/news/hangs-up"]
    site.stories(*paths[2:], *odd)
    items = "".join(
        f"<item><title>Story</title><link>{site.url(path)}</link></item>" for path in paths[:6]
    )
    site.answers |= {
        "/robots.txt": robots("User-agent: *\nDisallow: /private/\n"),
        "/feed.xml": reply(
            f'<rss version="2.0"><channel><title>Town</title>{items}</channel></rss>',
            "Content-Type: application/rss+xml",
        ),
        paths[0]: reply(story(paths[0])),
        paths[1]: reply(story(paths[1])),
        "/news/moved": moved(site.url("/news/new-place")),
        "/news/new-place": reply(story("/news/new-place")),
        "/news/gone": reply("<p>gone</p>", status="410 Gone"),
        "/news/copy": reply(story(paths[3])),  # the same bytes: a revisit record
        "/news/packed": reply(gzip.compress(story("packed").encode()), "Content-Encoding: gzip"),
        "/news/hangs-up": Talk.hang_up,
    }


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code, negative for a signal, and what it said."""

    code: int
    said: str

    @property
    def killed(self) -> bool:
        return self.code == -9


class Launcher:
    """The process that starts all others (see `tests.faults.launcher`); one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launcher"],
            cwd=ROOT, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._line() == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.stdout.close()

    def start(self, *arguments: str, town: Town, **faults: Any) -> Running:
        """Start ``archiver ARGUMENTS`` in the folder of `town`."""
        self._number += 1
        out = self._folder / f"said-{self._number}.txt"
        task = {"arguments": arguments, "folder": str(town.folder), "archive": str(town.archive),
                "out": str(out), **faults}  # fmt: skip
        assert self._process.stdin
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return Running(int(self._line()), out, self)

    def run(self, *arguments: str, town: Town, **faults: Any) -> Ended:
        """Run ``archiver ARGUMENTS`` to its end."""
        return self.start(*arguments, town=town, **faults).wait()

    def _line(self) -> str:
        assert self._process.stdout
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            return self._process.stdout.readline().strip()
        finally:
            watch.cancel()

    def ended(self) -> int:
        return int(self._line())


@dataclass(slots=True)
class Running:
    """A process that runs; `kill` is harmless once it has ended, until `wait` was called."""

    pid: int
    out: Path
    launcher: Launcher
    over: bool = False

    def kill(self, number: int = 9) -> None:
        if not self.over:
            with suppress(ProcessLookupError):  # it has ended, and nobody has said so yet
                os.kill(self.pid, number)

    def wait(self) -> Ended:
        code = self.launcher.ended()
        self.over = True
        return Ended(code, self.out.read_text("utf-8"))


def environment() -> dict[str, str]:
    """Return the environment in which another process imports this project."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


@dataclass(frozen=True, slots=True)
class Town:
    """A folder with a ``sources.toml`` of the small newspaper, and the archive that is made in it."""

    folder: Path
    site: Site

    @classmethod
    def at(cls, folder: Path, site: Site) -> Town:
        folder.mkdir(parents=True)
        (folder / "sources.toml").write_text(
            f'contact = "town@news.example"\nallow_hosts = ["{site.address}"]\n'
            "delay = 0\nconcurrency = 4\nmin_free = 0\n[sources.town]\n"
            f'home = "{site.url()}"\nfeeds = ["{site.url("/feed.xml")}"]\n'
            f'sitemaps = ["{site.url("/sitemap.xml")}"]\n',
            "utf-8",
        )
        return cls(folder, site)

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def index(self) -> Path:
        return self.archive / "index.db"

    def clear(self) -> None:
        """Remove the archive, once it is known to be good."""
        shutil.rmtree(self.archive)
