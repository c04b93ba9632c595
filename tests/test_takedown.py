"""What is taken down is gone everywhere, and nothing else is: not a byte of another record, not a row."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import seals
from archiver.errors import ArchiveError, NothingFound, UsageError
from archiver.imports import import_files
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.lessons import rank_of
from archiver.store.outbox import Events
from archiver.store.search import Index
from archiver.store.workfile import WorkFile
from archiver.takedown import Order, carry_on, take_down
from archiver.types import Capture, Kind, Query
from archiver.verify import Verification
from archiver.warc import reader
from tests import foreign
from tests.samples import AT, HEAD, capture, failure, link, tables
from tests.test_repair import mend

pytestmark = pytest.mark.usefixtures("lent_worker")

SITE = "https://news.example"
# Words of the one article, in no other: a name for each place where they may stand.
WORDS = ("Quillfeather", "marrowbrook", "zinnober", "ouzelford")
OTHERS = ("harbour", "orchard", "tramway")


def page(title: str, word: str, extra: str = "") -> bytes:
    """A page with some paragraphs that are read as an article; `word` stands in each."""
    lines = "".join(
        f"<p>On day {n} the {word} was talked of in the old town, and the council met about it at"
        f" noon in the hall; nobody there had seen the {word} of {n + 40} years ago.{extra}</p>"
        for n in range(6)
    )
    return (
        f"<html><head><title>{title}</title><meta property='og:type' content='article'></head>"
        f"<body><article><h1>{title}</h1>{lines}</article></body></html>"
    ).encode()


FIRST = page("Quillfeather returns", "marrowbrook")
SECOND = page("Quillfeather returns", "marrowbrook", " The zinnober was new.")
MISSING = b"<html><body><p>There is nothing here.</p>" + b"<p>Look elsewhere.</p>" * 60


def items() -> list[Capture]:
    """The article in two versions, its bytes at another address, an error page that others share, and other news."""
    made: list[tuple[str, bytes, dict[str, Any]]] = [
        ("robots.txt", b"User-agent: *", {"kind": Kind.ROBOTS}),
        ("a/1", FIRST, {}),
        ("a/2", page("The harbour", "harbour"), {}),
        ("a/1", SECOND, {}),
        ("a/1?ref=x", FIRST, {}),  # a revisit of the first
        ("a/1", MISSING, {"status": 404}),
        ("a/9", MISSING, {"status": 404}),  # a revisit of that
        ("a/3", page("The orchard", "orchard"), {}),
        ("a/2", page("The harbour", "harbour"), {}),
        ("a/4", page("The tramway", "tramway"), {}),
    ]
    head = HEAD.replace(b"text/html", b"text/html; charset=utf-8")
    return [
        capture(
            f"{SITE}/{path}",
            body=body,
            at=AT + timedelta(hours=n),
            request=f"GET /{path} HTTP/1.1\r\nHost: news.example\r\n\r\n".encode(),
            **{"head": head.replace(b"200", b"404"), "kind": Kind.ARTICLE}
            if more.get("status")
            else {"head": head, **more},
        )
        for n, (path, body, more) in enumerate(made)
    ]


def write(layout: Layout, *captures: Any) -> None:
    ingest = Ingest(layout, {}, sources=[], workers=1)
    for item in captures:
        ingest.write(item).result().outcome.result()
    ingest.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """An archive of two crawls; the article is in both of its WARC files."""
    layout = Layout(tmp_path_factory.mktemp("made") / "archive")
    for part in (items()[:4], items()[4:]):
        write(layout, *part, failure(f"{SITE}/none"))
    return layout


def down(layout: Layout, wanted: str = f"{SITE}/a/1", **more: Any) -> seals.Takedown:
    done, _ = take_down(layout, [], Order(wanted, "a court's order", "Ops", **more), workers=1)
    assert done is not None
    return done


def faults(layout: Layout, *, notes: bool = False) -> list[str]:
    with Verification(layout, deep=True) as look:
        return [str(fault) for fault in look.faults() if fault.note == notes]


def members(path: Path) -> dict[int, bytes]:
    """Every gzip member by its offset, taken apart by the standard library alone."""
    data, offset, found = path.read_bytes(), 0, {}
    while offset < len(data):
        unpacker = zlib.decompressobj(31)
        unpacker.decompress(data[offset:])
        assert unpacker.eof
        end = len(data) - len(unpacker.unused_data)
        found[offset] = data[offset:end]
        offset = end
    return found


def everything(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """All bytes of all files, as they are and as they inflate."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()
            if path.name.endswith(".gz"):
                yield path, gzip.decompress(path.read_bytes())


def holding(folder: Path, *words: str) -> set[tuple[str, str]]:
    """Which words stand in which files, in any case, UTF-8, UTF-16 or escaped."""
    return {
        (path.name, word)
        for path, data in everything(folder)
        for word in words
        for written in (word.encode(), word.lower().encode(), word.encode("utf-16-le"))
        if written in data
    }


def search(layout: Layout, word: str) -> list[int]:
    with Index(layout.index) as index:
        return [hit.article.id for hit in index.search(Query(word))]


def test_it_is_gone_everywhere_and_all_else_is_as_it_was(layout: Layout) -> None:
    assert {word for _, word in holding(layout.root, *WORDS[:3])} == set(WORDS[:3])
    files = reader.files(layout.warcs)
    before = {path.name: members(path) for path in files}
    rows = tables(layout.index)
    done = down(layout)
    assert not done.left
    assert done.done
    assert holding(layout.root, *WORDS) == set()
    places = {(taken.file, taken.offset) for taken in done.records}
    assert (
        len(places) == 3 * 3
    )  # three exchanges of three records: two versions, and the revisit of one
    for path in reader.files(layout.warcs):
        after = members(path)
        assert list(after) == list(before[path.name])
        for offset, data in before[path.name].items():
            gone = (path.name, offset) in places
            assert (after[offset] != data) == gone
            assert len(after[offset]) == len(data)
    taken = {(one.file, one.offset): one.sha256 for one in done.records}
    for (name, offset), told in taken.items():
        assert hashlib.sha256(before[name][offset]).hexdigest() == told
    assert faults(layout) == []
    assert any(
        "9 records were taken out by 1 takedowns" in told for told in faults(layout, notes=True)
    )
    assert search(layout, "marrowbrook") == []
    assert len(search(layout, "orchard")) == 1
    kept = tables(layout.index)
    for name in ("articles", "versions"):
        gone = {row[0] for row in rows[name]} - {row[0] for row in kept[name]}
        assert len(gone) == 2 + (name == "versions")
        assert [row for row in kept[name] if row not in rows[name]] == []
    assert [row[0] for row in kept["exchanges"]] == [row[0] for row in rows["exchanges"]]
    with Index(layout.index) as index:
        assert [a.url for a in index.stream(Query(""))] == [f"{SITE}/a/{n}" for n in (2, 3, 4)]
        assert index.article(f"{SITE}/a/1") is None


@pytest.mark.parametrize("with_url", [False, True])
def test_a_rebuild_makes_the_same_rows(layout: Layout, with_url: bool) -> None:
    down(layout, with_url=with_url)
    before = tables(layout.index)
    rebuild(layout, [], workers=1)
    after = tables(layout.index)
    for name, rows in before.items():
        assert after[name] == rows, name
    assert faults(layout) == []
    assert holding(layout.root, *WORDS) == set()


def test_with_its_url_nothing_names_it(layout: Layout) -> None:
    assert holding(layout.root, "news.example/a/1")
    done = down(layout, with_url=True)
    assert holding(layout.root, "GET /a/1") == set()
    # The revisit of the shared error page, another address's own record, names where its body was.
    named = [
        data
        for path in reader.files(layout.warcs)
        for data in map(gzip.decompress, members(path).values())
        if b"news.example/a/1" in data
    ]
    assert [b"WARC-Refers-To-Target-URI: https://news.example/a/1\r\n" in d for d in named] == [
        True
    ]
    assert {name for name, _ in holding(layout.root, "news.example/a/1")} == {
        reader.files(layout.warcs)[1].name
    }
    assert done.named == ()
    assert seals.read(layout.takedowns).find(f"{SITE}/a/1") is not None
    # The error page of another address had its body there.
    assert any("its body was taken down" in told for told in faults(layout, notes=True))
    assert faults(layout) == []


def test_no_row_that_led_to_it_names_it(layout: Layout) -> None:
    """A redirect, and a page that was found on it: before the takedown and after it."""

    found = capture(f"{SITE}/a/2", body=page("The harbour", "harbour"))

    def more(number: int) -> None:
        at, moved = AT + timedelta(days=number), b"HTTP/1.1 301 Moved\r\nLocation: /a/1\r\n\r\n"
        write(
            layout,
            capture(f"{SITE}/short/{number}", head=moved, body=b"", at=at),
            replace(found, at=at, link=replace(found.link, via=f"{SITE}/a/1")),
        )

    more(9)
    down(layout, with_url=True)
    more(10)
    rows = tables(layout.index)["exchanges"]
    assert not [row for row in rows if f"{SITE}/a/1" in row]
    assert len([row for row in rows if seals.unnamed(f"{SITE}/a/1") in row[1:]]) > 4
    rebuild(layout, [], workers=1)
    assert tables(layout.index)["exchanges"] == rows


@pytest.mark.parametrize("with_url", [False, True])
def test_failed_fetches_go_with_the_url(layout: Layout, with_url: bool) -> None:
    write(layout, failure(f"{SITE}/a/1", reason="connection refused"))
    down(layout, with_url=with_url)
    before = tables(layout.index)
    urls = {row[1] for row in before["failures"]}
    assert (f"{SITE}/a/1" in urls) == (not with_url)
    assert faults(layout) == []
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before


def test_an_error_page_that_others_share_stays(layout: Layout) -> None:
    done = down(layout)
    assert len(done.spared) == 1
    with Index(layout.index) as index:
        where = index.exchange(f"{SITE}/a/9")
    assert where is not None
    assert reader.response_at(layout.warcs, where)[1] == MISSING


def test_nobody_brings_it_back(layout: Layout, tmp_path: Path) -> None:
    """Not the address, not its body elsewhere, not a page that says it is that article."""
    down(layout)
    canonical = f"<link rel='canonical' href='{SITE}/a/1'></head>".encode()
    body = page("Quillfeather returns", "ouzelford").replace(b"</head>", canonical)
    other = page("The ferry", "ferryboat").replace(b"</head>", canonical)
    at = AT + timedelta(days=9)
    write(
        layout,
        capture(f"{SITE}/a/1", body=page("Another", "ouzelford"), at=at),
        capture(f"{SITE}/b/1", body=FIRST, at=at),
        capture(f"{SITE}/b/2", body=body, at=at),
        capture(f"{SITE}/b/3", body=other, at=at),
    )
    with Index(layout.index) as index:
        assert index.article(f"{SITE}/a/1") is None
        assert index.article(f"{SITE}/b/1") is None
        assert index.article(f"{SITE}/b/2") is None
        assert index.article(f"{SITE}/b/3") is not None  # another story that names it wrongly
    assert holding(layout.root, *WORDS[:3]) <= {
        (p.name, "Quillfeather") for p in layout.warcs.iterdir()
    }
    before = tables(layout.index)
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before
    assert faults(layout) == []


def test_what_robots_said_of_it_goes_too(layout: Layout) -> None:
    wanted = f"{SITE}/a/1"
    again = [
        capture(wanted, body=FIRST, link=link(wanted, robots=True), at=AT + timedelta(days=n))
        for n in (8, 9)
    ]
    query = "SELECT robots_allowed FROM exchanges WHERE page = 'sealed'"
    write(layout, again[0])
    down(layout)
    write(layout, again[1])
    for _ in range(2):
        with closing(sqlite3.connect(layout.index)) as connection:
            assert set(connection.execute(query)) == {(None,)}
        rebuild(layout, [], workers=1)
    assert faults(layout) == []


RESPELLED = (
    "http://news.example/a/1",
    "https://www.news.example/a/1/",
    "https://news.example:443/a/1",
)


@pytest.mark.parametrize("first", [True, False])
def test_another_spelling_of_its_address_is_its_address(
    layout: Layout, tmp_path: Path, first: bool
) -> None:
    """http for https, with www., with a slash: where a site names no canonical URL, these showed the text again."""
    path = tmp_path / "theirs.warc.gz"
    bodies = [page("Quillfeather returns", "ouzelford", f" Copy {n}.") for n in range(3)]
    records = [foreign.response(url, body) for url, body in zip(RESPELLED, bodies, strict=True)]
    other = foreign.response("https://www.news.example/a/2", page("The ferry", "ferryboat"))
    path.write_bytes(b"".join(map(gzip.compress, [*records, other])))
    if not first:
        down(layout, with_url=True)
    import_files([path], layout, [], workers=1)
    if first:
        down(layout, with_url=True)
    assert (
        holding(layout.root, *WORDS, "http://news.example/a/1", "www.news.example/a/1", ":443")
        == set()
    )
    assert len(search(layout, "ferryboat")) == len(search(layout, "harbour")) == 1
    down(layout, f"{SITE}/a/2")  # there a spelling of the address shows another article
    assert len(search(layout, "ferryboat")) == 1
    assert faults(layout) == []
    before = tables(layout.index)
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before


def exported(folder: Path) -> Path:
    """A file of another crawler that has the article, and another one."""
    path = folder / "theirs.warc.gz"
    records = [
        foreign.record("warcinfo", b"software: other\r\n"),
        foreign.response(f"{SITE}/a/1", page("Quillfeather returns", "ouzelford")),
        foreign.record("request", b"GET /a/1 HTTP/1.1\r\n\r\n", f"{SITE}/a/1"),
        foreign.record("conversion", b"ouzelford", f"{SITE}/a/1", **{"content_type": "text/plain"}),
        foreign.response(f"{SITE}/z/1", page("The windmill", "windmill")),
    ]
    path.write_bytes(b"".join(map(gzip.compress, records)))
    return path


@pytest.mark.parametrize("first", [True, False])
def test_an_import_before_or_after(layout: Layout, tmp_path: Path, first: bool) -> None:
    path = exported(tmp_path)
    if not first:
        down(layout)
    import_files([path], layout, [], workers=1)
    if first:
        down(layout)
    assert holding(layout.root, *WORDS) == set()
    assert faults(layout) == []
    assert len(search(layout, "windmill")) == 1
    before = tables(layout.index)
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before
    assert b"ouzelford" in gzip.decompress(path.read_bytes())


def test_a_file_that_is_only_linked_is_left_and_named(layout: Layout, tmp_path: Path) -> None:
    path = exported(tmp_path)
    import_files([path], layout, [], in_place=True, workers=1)
    data = path.read_bytes()
    done = down(layout)
    assert path.read_bytes() == data
    assert {str(path) in taken.left for taken in done.left} == {True}
    assert len(done.left) == 3
    assert search(layout, "ouzelford") == []
    assert faults(layout) == []
    assert any("its bytes are still there" in told for told in faults(layout, notes=True))
    before = tables(layout.index)
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before
    with Index(layout.index) as index:
        assert index.article(f"{SITE}/a/1") is None


def test_what_repair_has_put_aside_is_named(layout: Layout) -> None:
    layout.quarantine.mkdir()
    (layout.quarantine / "index-rows-1.jsonl").write_text(f'{{"url": "{SITE}/a/1"}}')
    (layout.quarantine / "index-rows-2.jsonl").write_text(f'{{"url": "{SITE}/a/2"}}')
    done = down(layout)
    assert [taken.file for taken in done.left] == ["quarantine/index-rows-1.jsonl"]


def test_what_is_to_be_told_of_it_is_not(layout: Layout) -> None:
    with closing(WorkFile(layout.runs)) as file:
        events = Events(file)
        events.add("match", "news", {"title": "Quillfeather returns"}, AT)
        events.add("match", "news", {"url": f"{SITE}/a/1"}, AT)
        events.add("match", "news", {"title": "The harbour", "url": f"{SITE}/a/12"}, AT)
    down(layout)
    with closing(WorkFile(layout.runs)) as file:
        assert [event.data["title"] for event in Events(file).latest()] == ["The harbour"]
    assert holding(layout.root, *WORDS) == set()


def test_it_is_done_once(layout: Layout) -> None:
    done = down(layout)
    log = layout.takedowns.read_bytes()
    assert down(layout).id == done.id
    assert down(layout, str(done.articles[0])).id == done.id
    carry_on(layout, [], workers=1)
    with pytest.raises(UsageError, match="without its address"):
        down(layout, with_url=True)
    assert layout.takedowns.read_bytes() == log


def test_who_does_not_agree_changes_nothing(layout: Layout) -> None:
    before = {str(p): d for p, d in everything(layout.warcs)}
    order = Order(f"{SITE}/a/1", "why", "Ops")
    done, meant = take_down(layout, [], order, agreed=lambda _: False, workers=1)
    assert done is None
    assert {article.url for article in meant.articles} == {f"{SITE}/a/1", f"{SITE}/a/1?ref=x"}
    assert not layout.takedowns.exists()
    assert {str(p): d for p, d in everything(layout.warcs)} == before


def test_what_is_not_there_cannot_be_taken_down(layout: Layout) -> None:
    with pytest.raises(NothingFound):
        down(layout, f"{SITE}/nowhere")
    assert not layout.takedowns.exists()


def test_the_log_tells_all_but_the_text(layout: Layout) -> None:
    down(layout)
    lines = [json.loads(line) for line in layout.takedowns.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["begun", "done"]
    assert (lines[0]["reason"], lines[0]["operator"]) == ("a court's order", "Ops")
    assert f"{SITE}/a/1" in lines[0]["named"]
    assert not re.search("|".join(WORDS), layout.takedowns.read_text(), re.IGNORECASE)


def test_a_full_sample_of_lessons_takes_the_next_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rebuild would, which never saw the page: so what is learned of the site is the same."""
    for module in ("lessons", "sealing"):
        monkeypatch.setattr(f"archiver.store.{module}.KEEP", 3)
    layout = Layout(tmp_path / "archive")
    numbers = range(1, 9)
    write(
        layout, *(capture(f"{SITE}/n/{n}", body=page(f"Story {n}", f"word{n}x")) for n in numbers)
    )
    ranks = {rank_of(f"{SITE}/n/{n}"): n for n in numbers}
    sample = [n for _, n in sorted(ranks.items())]
    for number in (sample[1], sample[0]):
        down(layout, f"{SITE}/n/{number}")
        before = tables(layout.index)
        assert len(before["lessons"]) == 3
        rebuild(layout, [], workers=1)
        assert tables(layout.index) == before
        assert holding(layout.root, f"word{number}x") == set()


# Its journal.


def stop_at(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let the n-th call of a function of `os` fail, as if the process had ended there."""
    real, calls = getattr(os, name), iter(range(1, 10**6))

    def acting(*arguments: Any, **named: Any) -> Any:
        if next(calls) == number:
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(os, name, acting)


def test_a_torn_line_of_the_log_tells_nothing(layout: Layout) -> None:
    layout.takedowns.write_bytes(b'{"event": "begun", "id": "')
    assert not seals.read(layout.takedowns)
    down(layout)
    assert len(layout.takedowns.read_bytes().splitlines()) == 2


def test_a_damaged_log_stops_who_writes(layout: Layout) -> None:
    layout.takedowns.write_bytes(b"nonsense\n")
    with pytest.raises(ArchiveError, match="line 1"):
        write(layout)
    assert [told for told in faults(layout) if told.startswith("takedowns.jsonl")]


@pytest.mark.parametrize("finish", ["continue", "rebuild", "repair"])
def test_what_was_begun_is_finished(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, finish: str
) -> None:
    stop_at(monkeypatch, "replace", 2)  # the first file is done, the second is not
    with pytest.raises(KeyboardInterrupt):
        down(layout)
    monkeypatch.undo()
    assert faults(layout, notes=True)
    assert holding(layout.root, *WORDS[:3])
    if finish == "continue":
        carry_on(layout, [], workers=1)
    elif finish == "rebuild":
        rebuild(layout, [], workers=1)
    else:
        assert mend(layout) == []
    assert holding(layout.root, *WORDS) == set()
    assert faults(layout) == []
    assert not seals.read(layout.takedowns).pending
    before = tables(layout.index)
    rebuild(layout, [], workers=1)
    assert tables(layout.index) == before


def test_bytes_that_were_changed_meanwhile_are_not_touched(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, "replace", 1)
    with pytest.raises(KeyboardInterrupt):
        down(layout)
    monkeypatch.undo()
    path = reader.files(layout.warcs)[0]
    (place, *_) = [
        t for t in seals.read(layout.takedowns).pending[0].records if t.file == path.name
    ]
    data = bytearray(path.read_bytes())
    data[place.offset + 30] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="not those that were to be taken out"):
        carry_on(layout, [], workers=1)
    assert path.read_bytes() == data


def test_a_redaction_that_the_log_does_not_tell_of_is_a_fault(layout: Layout) -> None:
    done = down(layout)
    layout.takedowns.unlink()
    assert len([told for told in faults(layout) if "does not tell of it" in told]) == len(
        done.records
    )


def test_a_record_that_came_back_is_a_fault(layout: Layout, made: Layout) -> None:
    down(layout)
    path = reader.files(layout.warcs)[0]
    path.write_bytes((made.warcs / path.name).read_bytes())
    assert len([told for told in faults(layout) if "and it was not" in told]) == 6
