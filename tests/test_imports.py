"""What other crawlers have kept becomes part of the archive, once, and the same after a rebuild."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.demo.stories import Story, load_stories
from archiver.demo.templates import render_article, template_of
from archiver.errors import ArchiverError, DamagedError, LockedError, NothingFound, SpaceError
from archiver.imports import Imported, find, import_files
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.locking import locked
from archiver.rebuild import rebuild
from archiver.store.search import Index
from archiver.types import Kind, Snapshot, Source
from archiver.warc import reader
from archiver.warc.writer import WarcWriter
from tests import foreign
from tests.foreign import DATE, arc, arc_start, chunked, http, packed, record, response
from tests.samples import capture, failure, link, tables

ROOT = Path(__file__).parents[1]
ORIGIN = "https://paper.example.org"
SOURCES = (Source("paper", f"{ORIGIN}/"),)
ARABIC = [story for story in load_stories() if story.language == "ar"]
PICTURE = b"Content-Type: image/png\r\n"


def url(story: Story) -> str:
    return f"{ORIGIN}/a/{story.id}"


def page(story: Story, charset: str = "utf-8") -> bytes:
    html = render_article(story, template_of(story), ORIGIN, ARABIC[-4:])
    return html.replace("utf-8", charset).encode(charset, "xmlcharrefreplace")


def picture(number: int, body: bytes = b"\x89PNG", **fields: str) -> bytes:
    """An exchange that is indexed without a worker."""
    block = b"HTTP/1.1 200 OK\r\n" + PICTURE + b"\r\n" + body
    return record("response", block, f"{ORIGIN}/{number}.png", **fields)


def taken(layout: Layout, *paths: Path, sources: tuple[Source, ...] = (), **more: Any) -> Imported:
    return import_files(find(paths, layout), layout, sources, workers=2, **more)


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def rows(layout: Layout, query: str = "SELECT * FROM exchanges ORDER BY id") -> list[Any]:
    with closing(sqlite3.connect(layout.index)) as connection:
        return connection.execute(query).fetchall()


def same_after_a_rebuild(layout: Layout, sources: tuple[Source, ...] = ()) -> None:
    before = tables(layout.index)
    rebuild(layout, sources, workers=2)
    after = tables(layout.index)
    for name, content in before.items():
        assert after[name] == content, name


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "archive")


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files from many crawlers; in each, stories of the newspaper."""
    folder = tmp_path_factory.mktemp("collection")
    s = ARABIC
    gz = b"Content-Encoding: gzip\r\n"
    wget = [
        record("request", b"GET / HTTP/1.1\r\n\r\n", f"<{url(s[0])}>"),
        record("response", http(chunked(page(s[0])), b"Transfer-Encoding: chunked\r\n"), f"<{url(s[0])}>"),
        record("request", b"GET / HTTP/1.1\r\n\r\n", f"<{url(s[1])}>"),
        record("response", http(page(s[1], "windows-1256")), f"<{url(s[1])}>"),
    ]  # fmt: skip
    write(folder / "a" / "wget.warc.gz", packed(wget))
    heritrix = [record("warcinfo", b"software: Heritrix\r\n"),
                record("response", b"1 IN A", "dns:paper.example.org", content_type="text/dns"),
                response(url(s[2]), gzip.compress(page(s[2])), gz)]  # fmt: skip
    write(folder / "b-heritrix.warc", b"".join(heritrix))
    news = [response(url(s[3]), page(s[3]), b"X-Crawler-Content-Encoding: gzip\r\n"),
            response(url(s[4]), page(s[4]), gz)]  # fmt: skip
    write(folder / "c-news.warc.gz", gzip.compress(b"".join(news)))
    write(folder / "d.arc.gz", packed([arc_start(), arc(url(s[5]), page(s[5]))]))
    write(
        folder / "e.warc.zst", foreign.frames([response(url(s[6]), page(s[6]))], page(s[7])[:9000])
    )
    browsertrix = [
        response(url(s[7]), page(s[7])),
        picture(1),
        record("resource", b"{}", "urn:pageinfo:x"),
    ]
    foreign.wacz(folder / "f.wacz", {"archive/data.warc.gz": packed(browsertrix)})
    write(folder / "g.txt", b"no WARC")
    return folder


@pytest.fixture(scope="module")
def brought(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, Imported]:
    layout = Layout(tmp_path_factory.mktemp("archive"))
    return layout, taken(layout, collection, sources=SOURCES)


def test_everything_is_found_and_read(brought: tuple[Layout, Imported]) -> None:
    layout, done = brought
    names = [Path(file.name.split(": ")[0]).name for file in done.files]
    assert names == ["wget.warc.gz", "b-heritrix.warc", "c-news.warc.gz", "d.arc.gz", "e.warc.zst",
                     "f.wacz"]  # fmt: skip
    assert {file.state for file in done.files} == {"imported"}
    assert not any(file.damages.count for file in done.files)
    assert sum(file.outcomes["new"] for file in done.files) == 8
    assert sum(file.exchanges for file in done.files) == 9
    assert [file.resources for file in done.files] == [0, 0, 0, 0, 0, 1]
    passed = [dict(file.passed_over) for file in done.files]
    assert passed == [{}, {"dns": 1}, {}, {}, {}, {"resource": 1}]
    with Index(layout.index) as index:
        for story in ARABIC[:8]:
            article = index.article(url(story))
            assert article is not None
            assert (article.source, article.document.title) == ("paper", story.title)
            assert article.completeness.value == "whole"
            shown = reader.response_at(layout.warcs, article.location)
            assert shown[0].startswith(b"HTTP/1.1 200 OK")


def test_a_rebuild_makes_the_same_rows(brought: tuple[Layout, Imported]) -> None:
    same_after_a_rebuild(brought[0], SOURCES)


def test_copies_are_the_bytes_that_were_there(
    brought: tuple[Layout, Imported], collection: Path
) -> None:
    layout, done = brought
    for file in done.files:
        kept = (layout.warcs / file.filename).read_bytes()
        if ".wacz" in file.name:
            with zipfile.ZipFile(collection / "f.wacz") as archive:
                assert kept == archive.read("archive/data.warc.gz")
        elif "c-news" in file.name:
            assert gzip.decompress(kept) == gzip.decompress(Path(file.name).read_bytes())
        else:
            assert kept == Path(file.name).read_bytes()


def test_nothing_is_added_twice_in_whatever_disguise(
    brought: tuple[Layout, Imported], collection: Path, tmp_path: Path
) -> None:
    layout = Layout(shutil.copytree(brought[0].root, tmp_path / "archive"))
    before = tables(layout.index)
    files = sorted(path.name for path in layout.warcs.iterdir())
    done = taken(layout, collection, sources=SOURCES)
    assert {file.state for file in done.files} == {"known"}
    assert sorted(path.name for path in layout.warcs.iterdir()) == files
    shutil.copy(collection / "a" / "wget.warc.gz", tmp_path / "other name.warc.gz")
    assert taken(layout, tmp_path / "other name.warc.gz", sources=SOURCES).files[0].state == "known"
    plain = gzip.decompress((collection / "a" / "wget.warc.gz").read_bytes())
    disguised = [
        write(tmp_path / "plain.warc", plain),
        write(tmp_path / "one.warc.gz", gzip.compress(plain)),
        foreign.wacz(tmp_path / "w.wacz", {"archive/x.warc.gz": packed([plain[:-1], b"\n"])}),
    ]
    done = taken(layout, *disguised, sources=SOURCES)
    assert [dict(file.outcomes) for file in done.files] == [{"duplicate": 2}] * 3
    assert tables(layout.index) == before
    same_after_a_rebuild(layout, SOURCES)


def test_what_robots_said_is_known_of_our_own_fetches_alone(tmp_path: Path, layout: Layout) -> None:
    writer = WarcWriter(tmp_path / "theirs", {})
    for number, said in enumerate((True, False, None)):
        ours = link(f"{ORIGIN}/{number}", source="theirs", robots=said)
        writer.append(capture(ours.url, link=ours))
    writer.close()
    about = record("metadata", b"via: x\r\narchiver-robots: allowed\r\n", f"{ORIGIN}/1.png")
    other = write(tmp_path / "a.warc", picture(1) + about)
    taken(layout, tmp_path / "theirs", other, sources=SOURCES)
    told = dict(rows(layout, "SELECT url, robots_allowed FROM exchanges WHERE source = 'theirs'"))
    assert told == {f"{ORIGIN}/0": 1, f"{ORIGIN}/1": 0, f"{ORIGIN}/2": None}
    others = rows(layout, "SELECT robots_allowed FROM exchanges WHERE source <> 'theirs'")
    assert others == [(None,)]
    same_after_a_rebuild(layout, SOURCES)


def test_an_archive_of_our_own_brings_its_sources_and_kinds(tmp_path: Path, layout: Layout) -> None:
    writer = WarcWriter(tmp_path / "theirs", {})
    writer.append(capture(f"{ORIGIN}/robots.txt?x", kind=Kind.ROBOTS, source="theirs"))
    writer.append_failure(failure(f"{ORIGIN}/none", source="theirs"))
    writer.close()
    (file,) = taken(layout, tmp_path / "theirs").files
    assert file.outcomes == {"kept": 1, "failed": 1}
    assert rows(layout, "SELECT kind, source FROM exchanges") == [("robots", "theirs")]
    again = gzip.decompress(next((tmp_path / "theirs").iterdir()).read_bytes())
    (file,) = taken(layout, write(tmp_path / "again.warc", again)).files
    assert file.outcomes == {"duplicate": 2}
    same_after_a_rebuild(layout)


def test_exchanges_of_others_belong_to_the_source_or_site(tmp_path: Path, layout: Layout) -> None:
    made = [picture(1), record("response", http(b""), "https://www.else.example.co.uk/x.png")]
    taken(layout, write(tmp_path / "a.warc", b"".join(made)), sources=SOURCES)
    assert rows(layout, "SELECT source FROM exchanges ORDER BY id") == [
        ("paper",),
        ("example.co.uk",),
    ]
    assert ("example.co.uk", "") in rows(layout, "SELECT * FROM sources")


BODY = b"\x89PNG" * 300


def revisit(number: int, date: str = "2022-01-01T00:00:00Z", **fields: str) -> bytes:
    block = b"HTTP/1.1 200 OK\r\n" + PICTURE + b"\r\n"
    return record("revisit", block, f"{ORIGIN}/{number}.png", date=date, **fields)


UNRESOLVED = "SELECT count(*) FROM exchanges WHERE revisit AND original_id IS NULL"


@pytest.mark.parametrize(
    "fields",
    [
        {"payload_digest": foreign.digest(BODY)},
        {"refers_to_target_uri": f"{ORIGIN}/1.png", "refers_to_date": DATE},
        {"payload_digest": foreign.digest(BODY).lower().replace("sha1", "SHA-1")},
    ],
)
def test_revisits_find_their_originals(
    tmp_path: Path, layout: Layout, fields: dict[str, str]
) -> None:
    made = write(tmp_path / "a.warc", picture(1, BODY) + revisit(2, **fields))
    (file,) = taken(layout, made).files
    assert file.unresolved == 0
    assert rows(layout, "SELECT id, original_id FROM exchanges") == [(1, None), (2, 1)]
    (file,) = taken(layout, write(tmp_path / "b.warc", revisit(3, **fields))).files
    third = "SELECT original_id FROM exchanges WHERE id = 3"
    assert (file.unresolved, rows(layout, third)) == (0, [(1,)])
    same_after_a_rebuild(layout)


def test_an_original_may_come_later_or_never(tmp_path: Path, layout: Layout) -> None:
    story = ARABIC[0]
    body = page(story)
    early = record("revisit", http(b""), url(story), payload_digest=foreign.digest(body))
    never = revisit(9, payload_digest=foreign.digest(b"never"))
    first = write(tmp_path / "a.warc", early + never)
    (file,) = taken(layout, first).files
    assert (
        file.unresolved,
        file.outcomes["unread"],
        len(rows(layout, "SELECT id FROM articles")),
    ) == (2, 1, 0)
    later = response(f"{url(story)}?copy", body, date="2023-01-01T00:00:00Z")
    taken(layout, write(tmp_path / "b.warc", later))
    assert rows(layout, UNRESOLVED) == [(1,)]
    found = rows(layout, "SELECT id, versions FROM articles")
    assert found[0] == (1, 1)
    same_after_a_rebuild(layout)
    with Index(layout.index) as index:
        article = index.article("1")
        assert article is not None
        assert article.document.title == story.title
        assert reader.response_at(layout.warcs, article.location)[1] == body


def damaged_middle() -> bytes:
    members = [packed([picture(n)]) for n in range(7)]
    broken = bytearray(members[3])
    broken[len(broken) // 2] ^= 0xFF
    return b"".join([*members[:3], bytes(broken), *members[4:]])


def test_past_a_damaged_member(tmp_path: Path, layout: Layout) -> None:
    (file,) = taken(layout, write(tmp_path / "a.warc.gz", damaged_middle())).files
    assert (file.state, file.exchanges, file.damages.count) == ("imported", 6, 1)
    (damage,) = file.damages.first
    assert damage.filename == file.filename
    assert damage.offset == sum(len(packed([picture(n)])) for n in range(3)) or damage.offset > 0
    same_after_a_rebuild(layout)


@pytest.mark.parametrize(
    ("name", "data", "state"),
    [
        ("a.warc.gz", b"", "empty"),
        ("a.warc.gz", gzip.compress(b"", mtime=0), "empty"),
        ("a.warc.gz", b"\x1f\x8b\x08" + b"x" * 99, "unread"),
        ("a.warc.gz", packed([picture(1)])[:60], "unread"),
        ("a.warc.zst", b"\x28\xb5\x2f\xfd\xff", "unread"),
        ("a", b"no WARC at all", "unread"),
        ("a.wacz", b"PK\x03\x04 and nothing", "unread"),
    ],
)
def test_what_is_nothing_to_import(
    tmp_path: Path, layout: Layout, name: str, data: bytes, state: str
) -> None:
    (file,) = taken(layout, write(tmp_path / name, data)).files
    assert (file.state, bool(file.reason)) == (state, True)
    assert list(layout.warcs.iterdir()) == []


def test_a_wacz_without_warc_files_and_one_that_is_damaged(tmp_path: Path, layout: Layout) -> None:
    empty = foreign.wacz(tmp_path / "a.wacz", {})
    odd = foreign.wacz(
        tmp_path / "b.wacz", {"archive/1.warc": picture(1), "archive/2.warc": picture(2)}
    )
    odd.write_bytes(odd.read_bytes().replace(b"\x89PNG", b"\x89PNX", 1))
    files = taken(layout, empty, odd).files
    assert [file.state for file in files] == ["empty", "unread", "imported"]
    assert "cannot be unpacked" in files[1].reason
    assert [path.suffix for path in layout.warcs.iterdir()] == [".warc"]


def test_folders_are_searched_and_the_archive_itself_is_not(tmp_path: Path, layout: Layout) -> None:
    for name in ("z/b.warc", "z/a/c.arc.gz", "z/notes.gz", "a.wacz", "archive/warcs/own.warc"):
        write(tmp_path / name, picture(1))
    found = [str(path.relative_to(tmp_path)) for path in find([tmp_path], layout)]
    assert found == ["a.wacz", "z/a/c.arc.gz", "z/b.warc"]
    with pytest.raises(NothingFound, match="no WARC"):
        find([layout.warcs], layout)


def test_in_place_only_a_link_is_kept(tmp_path: Path, layout: Layout) -> None:
    made = write(tmp_path / "a.warc.gz", packed([picture(1), picture(2)]))
    crowded = write(tmp_path / "b.warc.gz", gzip.compress(picture(3) + picture(4)))
    zipped = foreign.wacz(tmp_path / "c.wacz", {"archive/1.warc": picture(5)})
    files = taken(layout, made, crowded, zipped, in_place=True).files
    assert [file.state for file in files] == ["imported", "unread", "unread"]
    assert all("without --in-place" in file.reason for file in files[1:])
    (link,) = layout.warcs.iterdir()
    assert link.readlink() == made.resolve()
    assert taken(layout, made, in_place=True).files[0].state == "known"
    same_after_a_rebuild(layout)
    location = next(k.location for k in reader.kept(link) if isinstance(k, Snapshot))
    made.unlink()
    with pytest.raises(DamagedError, match=r"is gone.*a\.warc\.gz"):
        reader.response_at(layout.warcs, location)
    (damage,) = rebuild(layout, (), workers=1).damaged
    assert "cannot be read" in str(damage)
    assert str(made) in str(damage)
    Ingest(layout, {}, workers=1).close()


def test_names_come_behind_a_crawl_and_before_the_next(tmp_path: Path, layout: Layout) -> None:
    def crawl(number: int) -> None:
        ingest = Ingest(layout, {}, workers=1)
        ingest.write(capture(f"{ORIGIN}/robots.txt?{number}", kind=Kind.ROBOTS))
        ingest.close()

    crawl(1)
    taken(layout, write(tmp_path / "a.warc", picture(1)), write(tmp_path / "0.warc", picture(2)))
    crawl(2)
    by_id = [row[0] for row in rows(layout, "SELECT filename FROM exchanges ORDER BY id")]
    assert by_id == sorted(by_id)
    assert len(set(by_id)) == 4
    same_after_a_rebuild(layout)


def test_only_with_the_archive_to_itself(tmp_path: Path, layout: Layout) -> None:
    layout.create()
    made = write(tmp_path / "a.warc", picture(1))
    with locked(layout), pytest.raises(LockedError):
        taken(layout, made)
    assert taken(layout, made).files[0].exchanges == 1


def test_a_disk_without_room(
    tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write(tmp_path / "a.warc", picture(1))
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SpaceError, match="no room"):
        taken(layout, made)
    monkeypatch.undo()
    assert taken(layout, made).files[0].exchanges == 1


ALIVE = [packed([picture(1), picture(2)]), picture(1), arc_start() + arc(f"{ORIGIN}/x.png", b"x"),
         foreign.frames([picture(1)], b"WARC/1.0 WARC-Type: response" * 50),
         gzip.compress(picture(1) + picture(2))]  # fmt: skip
NAMES = st.sampled_from(["a.warc.gz", "a.warc", "a.warc.zst", "a.arc", "a.wacz", "a"])


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Bytes that were a file once: some changed, some cut out, some put in."""
    data = bytearray(draw(st.sampled_from(ALIVE)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 30))] = draw(st.binary(max_size=30))
    return bytes(data)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, st.binary(max_size=300) | broken())
def test_any_bytes_are_imported_or_told(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes
) -> None:
    layout = Layout(tmp_path_factory.mktemp("any"))
    made = write(layout.root / "in" / name, data)
    try:
        (file,) = taken(layout, made).files
    except ArchiverError:
        return
    if file.state == "unread":
        assert file.reason
    elif file.state == "imported":
        same_after_a_rebuild(layout)


def command(folder: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ARCHIVER_ARCHIVE": str(folder / "archive"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "archiver", *map(str, arguments)],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with command(tmp_path, *arguments) as process:
            out, err = process.communicate(timeout=90)
        assert "Traceback" not in err, err
        return process.returncode, out, err

    return run


def test_a_page_in_windows_1256_is_found_by_its_words(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    story = ARABIC[1]
    head = b"X: y\r\n"
    made = response(url(story), page(story, "windows-1256"), head)
    dns = record("response", b"x", "dns:paper.example.org", content_type="text/dns")
    write(tmp_path / "in" / "a.warc.gz", packed([made, dns]))
    code, out, err = run("import", "in")
    assert code == 0, err
    assert "1 files imported" in out
    assert "articles: 1 new" in out
    assert "passed over: 1 records (dns)" in out
    word = max(story.title.split(), key=len)
    code, out, _ = run("search", word, "--source", "example.org", "--json")
    assert [json.loads(line)["title"] for line in out.splitlines()] == [story.title]
    code, out, _ = run("sources")
    assert code == 0
    assert "example.org" in out
    code, out, _ = run("import", "in", "--json")
    (told,) = map(json.loads, out.splitlines())
    assert (code, told["state"], told["exchanges"]) == (0, "known", 0)


def test_exit_codes(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("import")[0] == 2
    assert run("import", "nowhere")[0] == 2
    assert not (tmp_path / "archive").exists()
    (tmp_path / "empty").mkdir()
    assert run("import", "empty")[0] == 3
    write(tmp_path / "empty.warc", b"")
    assert run("import", "empty.warc")[0] == 3
    write(tmp_path / "a.warc.gz", damaged_middle())
    code, out, err = run("import", "a.warc.gz")
    assert (code, "6 exchanges" in out) == (6, True)
    assert "damaged: ARCHIVER-" in err
    assert ": offset " in err
    write(tmp_path / "evil\x1b[31m.warc", b"junk")
    code, out, err = run("import", "evil\x1b[31m.warc")
    assert (code, "\x1b" in out + err) == (6, False)
    assert "holds no whole WARC or ARC record" in err


STOPPED = """
import signal, sys
from pathlib import Path
from archiver import imports
from archiver.layout import Layout
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
def progress(so_far):
    print(so_far.pages, flush=True)
    if so_far.pages == {stop}:
        sys.stdin.read()  # until this process is killed
imports.import_files([Path(sys.argv[1])], Layout(Path(sys.argv[2])), (), workers=2, progress=progress)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_stopped_goes_on(
    tmp_path: Path, layout: Layout, sign: signal.Signals
) -> None:
    stories = ARABIC[:3]
    made = [picture(n) for n in range(60)] + [response(url(s), page(s)) for s in stories]
    made += [picture(n) for n in range(100, 160)]
    path = write(tmp_path / "a.warc.gz", packed(made))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED.format(stop=40), path, layout.root], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert any(line == b"40\n" for line in process.stdout)
        process.send_signal(sign)
        process.wait(60)
    assert process.returncode != 0
    before = len(rows(layout))
    assert 40 <= before < len(made) + (sign is signal.SIGINT)
    told: list[str] = []
    (file,) = taken(layout, path, tell=told.append).files
    assert file.state == "known"
    assert any("that an earlier run had left" in line for line in told)
    found = rows(layout, "SELECT url FROM exchanges ORDER BY id")
    assert [row[0] for row in found] == [f"{ORIGIN}/{n}.png" for n in range(60)] + [
        url(s) for s in stories] + [f"{ORIGIN}/{n}.png" for n in range(100, 160)]  # fmt: skip
    assert len(rows(layout, "SELECT id FROM articles")) == len(stories)
    same_after_a_rebuild(layout)


INTERRUPTED = """
import os, signal, sys
from archiver import imports
from archiver.cli import main
run = imports.import_files
def interrupted(*arguments, progress, **more):
    def told(so_far):
        progress(so_far)
        if so_far.pages == 5:
            os.kill(os.getpid(), signal.SIGINT)
    return run(*arguments, progress=told, **more)
imports.import_files = interrupted
sys.argv = ["archiver", "import", "a.warc", "--archive", "archive"]
main()
"""


def test_ctrl_c_ends_the_command_with_one_line(tmp_path: Path) -> None:
    made = write(tmp_path / "a.warc", b"".join(picture(n) for n in range(200)))
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=90,
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert "the same command goes on" in done.stderr
    assert "Traceback" not in done.stderr
    layout = Layout(tmp_path / "archive")
    assert 5 <= len(rows(layout)) < 200
    assert taken(layout, made).files[0].state == "known"
    assert len(rows(layout)) == 200
