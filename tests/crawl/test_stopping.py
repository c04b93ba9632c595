"""A crawl that cannot keep what it fetches stops and says so; Ctrl-C loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.crawl import Task, crawl
from archiver.errors import ArchiveError, LockedError
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.locking import locked
from archiver.rebuild import rebuild
from archiver.store.writing import Store
from archiver.types import Source
from archiver.warc.writer import WarcWriter
from tests.crawl import warcs
from tests.crawl.conftest import Crawl, config
from tests.crawl.site import Site, Talk, reply, story

ROOT = Path(__file__).parents[2]


def test_a_full_disk_stops_the_crawl(
    site: Site, crawl_site: Crawl, monkeypatch: pytest.MonkeyPatch, archive: Path
) -> None:
    append, count = WarcWriter.append, 0

    def failing(self: WarcWriter, capture: object) -> object:
        nonlocal count
        count += 1
        if count > 4:
            raise ArchiveError("cannot write: No space left on device", where="x.warc.gz")
        return append(self, capture)  # type: ignore[arg-type]

    monkeypatch.setattr(WarcWriter, "append", failing)
    paths = [f"/{number}" for number in range(60)]
    site.stories(*paths)
    result = crawl_site(settings={"concurrency": 2})
    assert "No space left on device" in result.stopped
    assert len(site.asked) < 40
    assert len(warcs.records(archive, "response")) == 4
    assert len(warcs.rows(archive, "SELECT id FROM exchanges")) == 4


def test_an_index_that_cannot_be_written_stops_the_crawl(
    site: Site, crawl_site: Crawl, monkeypatch: pytest.MonkeyPatch, archive: Path
) -> None:
    index, count = Store.index, 0

    def failing(self: Store, *arguments: object) -> object:
        nonlocal count
        count += 1
        if count > 4:
            raise ArchiveError("cannot be written: database or disk is full", where="index.db")
        return index(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "index", failing)
    site.stories(*[f"/{number}" for number in range(60)])
    result = crawl_site(settings={"concurrency": 2})
    assert "disk is full" in result.stopped
    assert len(site.asked) < 40
    monkeypatch.undo()
    # What is in the WARC and not in the index comes back with the next start.
    told: list[str] = []
    Ingest(Layout(archive), {}, tell=told.append).close()
    kept = len(warcs.records(archive, "response"))
    assert len(warcs.rows(archive, "SELECT id FROM exchanges")) == kept > 0


def test_two_writers_are_one_too_many(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/a")
    Layout(archive).create()
    with locked(Layout(archive)), pytest.raises(LockedError, match="another archiver is writing"):
        crawl_site()
    assert site.asked == []
    assert crawl_site().articles == 1  # and the lock is free again


def test_an_archive_that_is_a_file(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ArchiveError, match="is a file, not a folder"):
        crawl([Task(Source("s", site.url()))], config(site.origin), tmp_path / "file")
    assert site.asked == []


def test_a_crawl_after_a_crawl_adds_to_the_archive(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a", "/b")
    assert crawl_site().outcomes["new"] == 2
    site.answers["/b"] = reply(story("/other"))
    assert crawl_site().outcomes == {"unchanged": 1, "changed": 1, "kept": 2}
    assert len(warcs.records(archive, "warcinfo")) == 2


@pytest.mark.parametrize(
    ("delay", "number"), [(0, signal.SIGINT), (2, signal.SIGINT), (0, signal.SIGTERM)]
)
def test_ctrl_c_keeps_what_came(
    site: Site, tmp_path: Path, delay: int, number: signal.Signals
) -> None:
    site.stories("/slow", *(f"/{number}" for number in range(20)))
    held = reply(story("/slow"))

    def stall(talk: Talk) -> None:
        talk.send(held[:-100])
        talk.hold()

    site.answers["/slow"] = stall
    (tmp_path / "sources.toml").write_text(
        f'delay = {delay}\nallow_hosts = ["{site.address}"]\n[sources.slow]\nhome = "{site.url()}"\n'
        f'sitemaps = ["{site.url("/sitemap.xml")}"]\n',
        "utf-8",
    )
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        [sys.executable, "-m", "archiver", "crawl"], cwd=tmp_path, text=True,
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            assert site.holding.wait(20)
            process.send_signal(number)
            out, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 130, errors
    assert "all that was fetched is kept" in errors
    assert "Traceback" not in out + errors
    archive = tmp_path / "archive"
    names = [file.name for file in (archive / "warcs").iterdir()]
    assert all(name.endswith(".warc.gz") for name in names)
    kept = warcs.records(archive, "response")
    assert kept[-1].url == site.url("/slow")
    assert kept[-1].truncated == "time"
    assert kept[-1].block == held[:-100]
    # Where the machine is too slow to read the last page in time, the next start does it.
    following = Ingest(Layout(archive), {})
    following.hurried = True
    following.close()
    assert len(warcs.rows(archive, "SELECT id FROM exchanges")) == len(kept)
    before = warcs.tables(archive)
    assert before.pop("profiles")  # to be learned from is left to the next run
    rebuild(Layout(archive), (Source("slow", site.url()),))
    after = warcs.tables(archive)
    assert before == {name: after[name] for name in before}


def test_ctrl_c_before_the_first_request_is_not_forgotten(site: Site, archive: Path) -> None:
    site.stories(*(f"/{number}" for number in range(5)))
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    sent: list[bool] = []

    def press(_: object) -> None:
        if not sent:
            sent.append(True)
            os.kill(os.getpid(), signal.SIGINT)

    task = Task(Source("s", site.url(), sitemaps=(site.url("/sitemap.xml"),)))
    try:
        (result,) = crawl([task], config(site.origin), archive, progress=press)
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    assert result.interrupted
    assert result.articles == 0
