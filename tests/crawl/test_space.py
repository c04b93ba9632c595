"""A disk that fills up, or is too full already: nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.crawl import Task, crawl
from archiver.errors import SpaceError
from archiver.layout import Layout
from archiver.types import Source
from tests.crawl import warcs
from tests.crawl.conftest import Crawl, config
from tests.crawl.site import Site, reply, story

ROOT = Path(__file__).parents[2]
PAGES = 40
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 3 MB, which `grow` makes larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root can mount a small file system")
    options = ["-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a small file system be mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)


def noisy(name: str, size: int) -> bytes:
    """Return a story with a comment that no compression makes smaller."""
    noise = random.Random(name).randbytes(size // 2).hex()
    return reply(story(name).replace("</head>", f"<!-- {noise} --></head>"))


def command(folder: Path, *words: str) -> tuple[int, str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "archiver", *words], cwd=folder, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": path}, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def write_sources(folder: Path, site: Site, more: str) -> None:
    (folder / "sources.toml").write_text(
        f'delay = 0\nconcurrency = 4\n{more}\nallow_hosts = ["{site.address}"]\n'
        f'[sources.site]\nhome = "{site.url()}"\nsitemaps = ["{site.url("/sitemap.xml")}"]\n',
        "utf-8",
    )


def record_ids(archive: Path) -> list[tuple[object, ...]]:
    return [(r.fields["WARC-Record-ID"],) for r in warcs.answers(archive)]


def test_a_disk_that_fills_up_loses_nothing(site: Site, small_disk: Path) -> None:
    for number in range(PAGES):
        site.answers[f"/{number}"] = noisy(str(number), 200_000)
    site.stories(*(f"/{number}" for number in range(PAGES)))
    write_sources(small_disk, site, "min_free = 0")
    archive = small_disk / "archive"
    code, out, errors = command(small_disk, "crawl")
    assert code == 7, errors
    assert "make room on the disk" in errors
    assert "Traceback" not in out + errors
    grow(small_disk)
    rows = warcs.rows(archive, "SELECT record_id FROM exchanges ORDER BY id")
    kept = record_ids(archive)
    assert rows == kept[: len(rows)]
    assert 0 < len(rows) < PAGES
    code, out, errors = command(small_disk, "crawl")
    assert code == 0, errors
    rows = warcs.rows(archive, "SELECT record_id FROM exchanges ORDER BY id")
    assert rows == record_ids(archive)
    assert len(warcs.rows(archive, "SELECT id FROM articles")) == PAGES


def test_a_disk_that_is_too_full_is_not_begun_on(site: Site, small_disk: Path) -> None:
    site.stories("/a")
    write_sources(small_disk, site, "min_free = 50")
    code, _, errors = command(small_disk, "crawl")
    assert code == 7
    assert "MB are free, and 50 are to stay so" in errors
    assert site.asked == []
    assert not (small_disk / "archive").exists()


def test_too_little_room_stops_a_crawl_under_way(
    site: Site, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [10**10]

    def usage(folder: Path) -> Usage:
        return Usage(10**11, 0, free[0])

    monkeypatch.setattr(shutil, "disk_usage", usage)
    site.stories(*(f"/{number}" for number in range(200)))
    task = Task(Source("site", site.url(), sitemaps=(site.url("/sitemap.xml"),)))
    configured = config(site.origin, min_free=500)

    def fill(results: object) -> None:
        if len(site.asked) > 3:
            free[0] = 10**6

    (result,) = crawl([task], configured, archive, progress=fill)
    assert result.no_room
    assert "only 1 MB are free, and 500 are to stay so" in result.stopped
    assert len(site.asked) < 200
    rows = warcs.rows(archive, "SELECT record_id FROM exchanges ORDER BY id")
    assert rows == record_ids(archive)
    with pytest.raises(SpaceError):
        crawl([task], configured, archive)
    free[0] = 10**10
    (result,) = crawl([task], configured, archive)
    assert not result.stopped
    assert result.articles + result.had == 200


def test_no_floor_is_no_check(
    site: Site, crawl_site: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1, 1, 0))
    site.stories("/a")
    assert crawl_site(settings={"min_free": 0}).articles == 1
    with pytest.raises(SpaceError, match="only 0 MB are free"):
        crawl_site(settings={"min_free": 1})


def test_room_is_looked_for_where_the_archive_will_be(tmp_path: Path) -> None:
    assert Layout(tmp_path / "not" / "yet").free > 0
