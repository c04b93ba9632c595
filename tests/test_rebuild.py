"""The index is a function of the WARC files and the sources: the promise, tested."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import rebuild as module
from archiver.clusters import cluster
from archiver.demo.stories import Story, load_stories
from archiver.demo.templates import Template, render_article, template_of
from archiver.errors import ArchiveError, LockedError
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.rebuild import Rebuilt, rebuild
from archiver.types import Capture, Failure, Kind, Source
from archiver.warc.writer import WarcWriter
from tests.samples import AT, capture, failure, tables

ORIGIN = "https://demo.example"
SOURCES = [Source("demo", f"{ORIGIN}/"), Source("unvisited", "https://other.example/")]
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def visit(number: int, stories: Any) -> Iterator[Capture | Failure]:
    """What a crawl of the demo newspaper brings in on one visit."""
    at = AT + timedelta(days=number)
    yield capture(f"{ORIGIN}/robots.txt", kind=Kind.ROBOTS, source="demo", at=at, status=404)
    for story in stories:
        url = f"{ORIGIN}/a/{story.id}"
        if story.withdrawn_on and number >= story.withdrawn_on:
            yield capture(url, source="demo", at=at, status=404)
            continue
        related = [s for s in stories if s.language == story.language and s is not story][:4]
        page = render_article(story, template_of(story), ORIGIN, related)
        yield capture(url, source="demo", at=at, head=CHUNKED, body=page.encode())
    yield failure(f"{ORIGIN}/a/none", source="demo")
    yield capture(f"{ORIGIN}/a/lost", source="elsewhere", at=at)


def chosen(number: int) -> list[Story]:
    """Some stories of a visit: those that change or go, and one of each template."""
    now, then = load_stories(number), {story.id: story for story in load_stories(2)}
    moving = {s.id for s in load_stories(1) if s.withdrawn_on or then[s.id].text != s.text}
    each = {template_of(s): s.id for s in now if s.id not in moving}
    return [s for s in now if s.id in {*sorted(moving)[:8], *each.values()}]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: Any) -> Layout:
    """An archive of two visits to the newspaper."""
    layout = Layout(tmp_path_factory.mktemp("archive"))
    for number in (1, 2):
        ingest = Ingest(layout, {}, workers=2)
        with ingest.store.transaction():
            ingest.store.set_sources(SOURCES)
        taken = [ingest.write(item) for item in visit(number, chosen(number))]
        ingest.close()
        assert all(t.result().outcome.result() for t in taken)
    return layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A small archive without pages."""
    layout = Layout(tmp_path)
    ingest = Ingest(layout, {}, workers=1)
    for number in range(4):
        ingest.write(capture(f"{ORIGIN}/robots.txt?{number}", kind=Kind.ROBOTS))
    ingest.close()
    return layout


def text_index(path: Path) -> list[Any]:
    """What the text index knows: each term, where it stands."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, article_text, instance)"
        )
        return connection.execute("SELECT * FROM temp.v").fetchall()


def urls(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT url FROM exchanges ORDER BY id")]


def test_the_crawl_was_worth_a_rebuild(crawled: Layout) -> None:
    with closing(sqlite3.connect(crawled.index)) as connection:
        changed = connection.execute("SELECT count(*) FROM versions WHERE number = 2")
        assert changed.fetchone()[0] >= 1
        gone = connection.execute("SELECT count(*) FROM articles WHERE gone_at IS NOT NULL")
        assert gone.fetchone()[0] >= 1
    rows = {name: len(content) for name, content in tables(crawled.index).items()}
    assert rows["articles"] >= 8
    assert (rows["failures"], rows["sources"]) == (2, 3)
    assert len(set(map(template_of, chosen(1)))) == len(Template)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_row_of_every_table_is_the_same_again(crawled: Layout, workers: int) -> None:
    before, terms = tables(crawled.index), text_index(crawled.index)
    done = rebuild(crawled, SOURCES, workers=workers)
    after = tables(crawled.index)
    assert list(after) == list(before)
    for name, rows in before.items():
        assert after[name] == rows, name
    assert text_index(crawled.index) == terms
    assert (done.files, done.damaged) == (2, ())
    assert done.exchanges == len(before["exchanges"]) + len(before["failures"])
    assert done.articles == len(before["articles"])


def test_copies_are_found_again_where_they_were_before(crawled: Layout, tmp_path: Path) -> None:
    layout, told = Layout(tmp_path / "archive"), list[str]()
    shutil.copytree(crawled.root, layout.root)
    rebuild(layout, SOURCES, workers=1, tell=told.append)
    assert not any("copies" in line for line in told)
    cluster(layout)
    before = tables(layout.index)
    rebuild(layout, SOURCES, workers=1, tell=told.append)
    assert tables(layout.index) == before
    assert len(before["clusters"]) == len(before["articles"])
    assert before["keys"]
    assert any("copies" in line for line in told)


def test_no_index_is_needed(layout: Layout) -> None:
    before = tables(layout.index)
    layout.index.unlink()
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before


def test_a_source_that_is_no_longer_configured_is_forgotten(layout: Layout) -> None:
    rebuild(layout, SOURCES, workers=1)
    rebuild(layout, SOURCES[:1], workers=1)
    assert [row[0] for row in tables(layout.index)["sources"]] == ["demo", "news"]


def test_damage_is_reported_and_the_rest_is_read(layout: Layout) -> None:
    (path,) = layout.warcs.iterdir()
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    ingest_later = WarcWriter(layout.warcs, {})
    ingest_later.append(capture(f"{ORIGIN}/robots.txt?4", kind=Kind.ROBOTS))
    ingest_later.close()
    done = rebuild(layout, [], workers=1)
    assert len(done.damaged) == 1
    assert str(done.damaged[0]).startswith(f"{path.name}: offset ")
    # Only what the record beside it said of the exchange is lost.
    assert (done.files, done.exchanges) == (2, 5)
    assert urls(layout.index) == [f"{ORIGIN}/robots.txt?{n}" for n in range(5)]


def test_what_a_stopped_process_left_open_is_mended_first(layout: Layout) -> None:
    writer = WarcWriter(layout.warcs, {})
    writer.append(capture(f"{ORIGIN}/a/last", source="demo"))
    left = next(layout.warcs.glob("*.open"))
    with left.open("ab") as stream:
        stream.write(b"\x1f\x8b torn")
    told: list[str] = []
    rebuilt = rebuild(layout, SOURCES, tell=told.append)
    assert not rebuilt.damaged
    assert len(told) == 1
    assert "7 torn bytes" in told[0]
    assert not list(layout.warcs.glob("*.open"))


def test_the_old_index_stays_when_the_rebuild_fails(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(layout.index)
    monkeypatch.setattr(module.Store, "index", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(layout, [], workers=1)
    assert tables(layout.index) == before
    monkeypatch.undo()
    assert rebuild(layout, [], workers=1).exchanges == 4
    assert tables(layout.index) == before
    assert not layout.index.with_name("index.new.db").exists()


def test_a_damaged_index_and_its_log_are_replaced(layout: Layout) -> None:
    before = tables(layout.index)
    for suffix in ("", "-wal", "-shm"):
        layout.index.with_name(f"index.db{suffix}").write_bytes(b"nonsense" * 1000)
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before


def test_progress_is_told_for_each_exchange(layout: Layout) -> None:
    seen = []
    rebuild(layout, [], workers=1, progress=lambda done: seen.append(done.exchanges))
    assert seen == [1, 2, 3, 4]


def test_it_waits_for_nobody(layout: Layout) -> None:
    ingest = Ingest(layout, {}, workers=1)
    try:
        with pytest.raises(LockedError):
            rebuild(layout, [], workers=1)
    finally:
        ingest.close()


def test_without_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive here"):
        rebuild(Layout(tmp_path / "none"), [])


def test_an_archive_without_captures(tmp_path: Path) -> None:
    assert rebuild(Layout(tmp_path), SOURCES, workers=1) == Rebuilt()
