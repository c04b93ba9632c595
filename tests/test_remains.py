"""An export of records that is killed goes on, and makes the bytes of one that never was."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import excerpts, remains, wacz
from archiver.errors import ArchiveError, LockedError, NothingFound
from archiver.excerpts import Copied
from archiver.layout import Layout
from archiver.remains import GATHERED
from archiver.store.gathering import Gathering
from archiver.store.search import Index
from archiver.takedown import Order, take_down
from archiver.types import Query
from archiver.warc import reader
from tests.samples import AT, capture
from tests.test_verify import PAGE, SITE
from tests.visits import article, damage, fill

KINDS = ("warc", "wacz")
SMALL, PAIRS = (
    1700,
    3500,
)  # bytes of a part: the six exchanges of the archive lie one, or two by two, in a part
both = pytest.mark.parametrize("kind", KINDS)


def write(kind: str, layout: Layout, out: Path, query: str = "", **more: Any) -> Copied:
    given = {"visits": True, "max_bytes": SMALL, **more}
    with Index(layout.index) as index:
        articles = index.stream(Query(query))
        if kind == "wacz":
            return wacz.write(articles, index, layout, out / "found.wacz", text=True, **given)
        return excerpts.write_warcs(articles, index, layout, out, "found", **given)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def killed(prepare: Callable[[], Any], kind: str, layout: Layout, out: Path, **more: Any) -> None:
    """Export in a process of its own, which kills itself where `prepare` has put that."""

    def work() -> None:
        prepare()
        write(kind, layout, out, **more)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not any(path.suffix != ".part" for path in out.iterdir() if "journal" not in path.name)


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_exchange(number: int) -> Callable[[Copied], None]:
    """Die when so many exchanges have been looked at in this run."""
    left = [number]

    def progress(copied: Copied) -> None:
        left[0] -= 1
        if left[0] == 0:
            die()

    return progress


def nothing() -> None:
    """Prepare nothing."""


def going_on(number: int, of: str = "") -> str:
    return f"going on with an earlier export: {number}{of} files of it are whole"


@both
@pytest.mark.parametrize("after", range(1, 7))
def test_killed_behind_each_exchange(layout: Layout, tmp_path: Path, kind: str, after: int) -> None:
    out, said, looked = tmp_path / "out", [], []
    out.mkdir()
    whole = write(kind, layout, tmp_path / "whole", max_bytes=PAIRS)
    killed(nothing, kind, layout, out, max_bytes=PAIRS, progress=at_exchange(after))
    before = {path.name: path.stat().st_ino for path in out.iterdir()}
    done = write(kind, layout, out, tell=said.append, max_bytes=PAIRS, progress=looked.append)
    assert contents(out) == contents(tmp_path / "whole")
    assert (done, len(done.files)) == (whole, 3)
    kept = (after - 1) // 2
    assert said == ([going_on(kept)] if kept else [])
    assert len(looked) == 6 - 2 * kept
    if kind == "warc":
        assert all(
            (out / name).stat().st_ino == before[f"{name}.part"] for name in whole.files[:kept]
        )


def in_order(monkeypatch: pytest.MonkeyPatch, where: str) -> Callable[[], None]:
    """Return what makes a process die at a place."""
    real = Gathering.end_part

    def after(self: Gathering, *given: Any) -> None:
        real(self, *given)
        if len(self.ended) == 3:
            die()

    def before(self: Gathering, *given: Any) -> None:
        if len(self.ended) == 2:
            die()
        real(self, *given)

    return {
        "before a part is noted": lambda: monkeypatch.setattr(Gathering, "end_part", before),
        "after a part is noted": lambda: monkeypatch.setattr(Gathering, "end_part", after),
        "before all is named": lambda: [
            monkeypatch.setattr(module, "check", die) for module in (excerpts, wacz)
        ],
        "while it goes on": lambda: monkeypatch.setattr(Gathering, "keep", die),
    }[where]  # type: ignore[return-value]


@both
def test_killed_again_and_again(
    layout: Layout, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, said = tmp_path / "out", list[str]()
    out.mkdir()
    for where in (
        "while it goes on", "before a part is noted", "while it goes on", "after a part is noted",
        "while it goes on", "before all is named",
    ):  # fmt: skip
        # Each in a process of its own: none of what it patches reaches this one.
        killed(in_order(monkeypatch, where), kind, layout, out)
    done = write(kind, layout, out, tell=said.append)
    whole = write(kind, layout, tmp_path / "whole")
    assert said == [going_on(5)]
    assert done == whole
    assert contents(out) == contents(tmp_path / "whole")


@both
def test_what_was_left_out_is_told_again(layout: Layout, tmp_path: Path, kind: str) -> None:
    lost = article(layout, f"{SITE}/a/2")
    damage(layout, lost)
    (tmp_path / "out").mkdir()
    killed(nothing, kind, layout, tmp_path / "out", progress=at_exchange(5))
    said = list[str]()
    done = write(kind, layout, tmp_path / "out", tell=said.append)
    assert said[0].startswith("going on")
    assert [(d.filename, d.offset) for d in done.damages] == [
        (lost.location.filename, lost.location.offset)
    ]
    assert done == write(kind, layout, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_what_is_whole_again_is_no_longer_left_out(layout: Layout, tmp_path: Path) -> None:
    lost = article(layout, f"{SITE}/a/1")
    path = reader.locate(layout.warcs, lost.location.filename)
    assert path == reader.files(layout.warcs)[1]
    held = path.read_bytes()
    damage(layout, lost)
    (tmp_path / "out").mkdir()
    killed(nothing, "wacz", layout, tmp_path / "out", progress=at_exchange(6))
    path.write_bytes(held)
    os.utime(path, ns=(0, 0))
    assert compared("wacz", layout, tmp_path / "out") == [going_on(3, " of 4")]


def test_a_zip_of_large_files_goes_on(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        zipfile, "ZIP64_LIMIT", 1740
    )  # bytes, instead of 2 GiB: more than a file has, less than it may
    (tmp_path / "out").mkdir()
    killed(nothing, "wacz", layout, tmp_path / "out", progress=at_exchange(5))
    said = list[str]()
    write("wacz", layout, tmp_path / "out", tell=said.append)
    assert said[0].startswith("going on")
    write("wacz", layout, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    with zipfile.ZipFile(tmp_path / "out" / "found.wacz") as zipped:
        assert zipped.testzip() is None


def leave(kind: str, layout: Layout, out: Path) -> None:
    """Leave an export that was killed: four of its six files are whole."""
    out.mkdir()
    killed(nothing, kind, layout, out, progress=at_exchange(5))


def compared(kind: str, layout: Layout, out: Path, **more: Any) -> list[str]:
    """Export over what was left, hold it against an export that was not killed; returns what was said."""
    said = list[str]()
    write(kind, layout, out, tell=said.append, **more)
    write(kind, layout, out.with_name(f"{out.name}-whole"), **more)
    assert contents(out) == contents(out.with_name(f"{out.name}-whole"))
    return said


@pytest.fixture
def out(kind: str, layout: Layout, tmp_path: Path) -> Path:
    leave(kind, layout, tmp_path / "out")
    return tmp_path / "out"


def text_of(path: Path) -> bytes:
    """All that is in an export, unpacked."""
    if path.suffix != ".wacz":
        return gzip.decompress(path.read_bytes())
    with zipfile.ZipFile(path) as zipped:
        return b"".join(
            gzip.decompress(zipped.read(name)) if name.endswith(".gz") else zipped.read(name)
            for name in zipped.namelist()
        )


def test_what_was_taken_down_since_is_not_in_it(layout: Layout, tmp_path: Path) -> None:
    for kind in KINDS:
        leave(kind, layout, tmp_path / kind)
    assert b"Snow" in text_of(tmp_path / "warc" / "found-00002.warc.gz.part")
    take_down(layout, (), Order(f"{SITE}/a/2", "an order", "desk"), workers=1)
    for kind in KINDS:
        (said,) = compared(kind, layout, tmp_path / kind)
        assert said.startswith("an earlier export is begun anew: something was taken down since")
        assert not any(b"Snow" in text_of(path) for path in (tmp_path / kind).iterdir())


def test_what_is_taken_down_meanwhile_makes_it_fail(layout: Layout, tmp_path: Path) -> None:
    def take(copied: Copied) -> None:
        if copied.exchanges == 5:
            take_down(layout, (), Order(f"{SITE}/a/2", "an order", "desk"), workers=1)

    def inner(copied: Copied) -> None:
        if copied.exchanges == 3:
            with pytest.raises(ArchiveError, match="taken down meanwhile"):
                write("warc", layout, tmp_path / "warc", progress=take)

    with pytest.raises(ArchiveError, match="taken down meanwhile"):
        write("wacz", layout, tmp_path / "wacz", progress=inner)
    assert not any(any((tmp_path / kind).iterdir()) for kind in KINDS)


def test_new_articles_are_put_behind_what_is_there(layout: Layout, tmp_path: Path) -> None:
    for kind in KINDS:
        leave(kind, layout, tmp_path / kind)
    new = capture(f"{SITE}/a/9", body=PAGE.replace(b"Rain", b"Fog"), at=AT + timedelta(days=1))
    fill(layout, new)
    for kind in KINDS:
        assert compared(kind, layout, tmp_path / kind) == [going_on(4)]


@both
def test_what_is_before_the_first_change_stays(kind: str, layout: Layout, out: Path) -> None:
    # What the fourth part has is not wanted any more, so nobody knows where the third would end.
    assert compared(kind, layout, out, query="-Hail") == [going_on(2, " of 4")]


@both
def test_a_part_that_would_be_larger_now_is_made_anew(kind: str, layout: Layout, out: Path) -> None:
    assert compared(kind, layout, out, query="-Snow") == [
        "an earlier export is begun anew: other records are wanted than before"
    ]


@both
def test_files_that_were_changed_are_read_anew(kind: str, layout: Layout, out: Path) -> None:
    first, second = reader.files(layout.warcs)
    os.utime(second, ns=(0, 0))
    assert compared(kind, layout, out) == [going_on(3, " of 4")]
    shutil.rmtree(out)
    leave(kind, layout, out)
    os.utime(first, ns=(0, 0))
    assert compared(kind, layout, out) == [
        f"an earlier export is begun anew: {first.name} was changed"
    ]


@both
def test_a_part_whose_bytes_are_others_is_made_anew(kind: str, layout: Layout, out: Path) -> None:
    path = min(out.glob("found*z.part"))
    data = bytearray(path.read_bytes())
    data[600] ^= 1
    path.write_bytes(data)
    assert compared(kind, layout, out) == [
        "an earlier export is begun anew: its files are not what they were"
    ]


@both
def test_parts_that_are_gone_or_cut_are_made_anew(kind: str, layout: Layout, out: Path) -> None:
    path = max(out.glob("found*z.part"))  # of a row of files the fifth, which was not whole
    if kind == "warc":
        path = path.with_name("found-00003.warc.gz.part")
        path.unlink()
    else:
        os.truncate(path, 4500)
    assert compared(kind, layout, out) == [going_on(2, " of 4")]


@both
@pytest.mark.parametrize(
    "how", ["none", "DROP TABLE made_by", "UPDATE parts SET told = '{' WHERE number = 2"]
)
def test_a_journal_that_cannot_be_read(how: str, kind: str, layout: Layout, out: Path) -> None:
    (journal,) = out.glob(f"*{GATHERED}")
    if how == "none":
        journal.write_bytes(b"no database" * 1000)
    else:
        with closing(sqlite3.connect(journal)) as connection, connection:
            connection.execute(how)
    assert compared(kind, layout, out) == [
        "an earlier export is begun anew: its journal cannot be read"
    ]


@both
def test_where_nothing_matches_any_more_nothing_is_left(
    kind: str, layout: Layout, out: Path
) -> None:
    with pytest.raises(NothingFound):
        write(kind, layout, out, query="unheardof")
    assert list(out.iterdir()) == []


@both
@pytest.mark.parametrize(
    "stopped",
    [
        KeyboardInterrupt(),
        OSError(28, "No space left on device"),
        ArchiveError("it cannot be kept"),
    ],
)
def test_what_is_stopped_keeps_what_is_whole(
    layout: Layout, tmp_path: Path, kind: str, stopped: BaseException
) -> None:
    def export(until: int) -> list[str]:
        def progress(copied: Copied) -> None:
            if copied.exchanges == until:
                raise stopped

        said = list[str]()
        with pytest.raises((KeyboardInterrupt, ArchiveError)):
            write(kind, layout, out, progress=progress, tell=said.append)
        return said

    out = tmp_path / "out"
    assert export(1) == []
    assert list(out.iterdir()) == []
    assert export(4) == ["what is whole is kept: the same command goes on with it"]
    assert compared(kind, layout, out) == [going_on(3)]


@both
def test_a_full_disk_takes_nothing_away(
    kind: str, layout: Layout, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Gathering.__init__

    def full(self: Gathering, *given: Any) -> None:  # by now the index is open, which writes too
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        begun(self, *given)

    def work() -> None:
        monkeypatch.setattr(Gathering, "__init__", full)
        with pytest.raises(ArchiveError, match="cannot keep what was gathered"):
            write(kind, layout, out)
        os._exit(42)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == 42
    assert compared(kind, layout, out) == [going_on(4)]


@both
def test_two_do_not_write_one_export(layout: Layout, tmp_path: Path, kind: str) -> None:
    def progress(copied: Copied) -> None:
        with pytest.raises(LockedError, match="another export writes here"):
            write(kind, layout, tmp_path / "out")

    write(kind, layout, tmp_path / "out", progress=progress)
    assert compared(kind, layout, tmp_path / "out") == []


@both
def test_another_archiver_begins_anew(
    kind: str, layout: Layout, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remains, "__version__", "999")
    assert compared(kind, layout, out)[0].endswith("or it was another archiver")
