"""A file that a stopped process left: its torn tail goes to quarantine, all else stays."""

import gzip
from dataclasses import replace
from pathlib import Path

import fastwarc
import pytest

from archiver.types import Damage, Kept, Snapshot
from archiver.warc import reader
from archiver.warc.recovery import recover
from archiver.warc.writer import WarcWriter
from tests.samples import AT, capture, failure, ids, link


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, list[Kept]]:
    """A file of three exchanges, and what it keeps."""
    folder = tmp_path / "warcs"
    writer = WarcWriter(folder, {}, now=lambda: AT, new_id=ids())
    kept: list[Kept] = [
        writer.append(capture(body=b"first")),
        writer.append_failure(failure(reason="time-out")),
        writer.append(capture(body=b"last" * 20)),
    ]
    writer.close()
    return next(folder.iterdir()), kept


def test_whole_exchanges_stay_wherever_the_last_was_cut(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    data, start = path.read_bytes(), kept[-1].location.offset
    path.unlink()
    torn = path.with_name(path.name + ".open")
    for end in range(start, len(data)):
        quarantine = tmp_path / f"quarantine-{end}"
        torn.write_bytes(data[:end])
        assert recover(torn, quarantine) == end - start
        assert not torn.exists()
        assert path.read_bytes() == data[:start]
        assert list(reader.kept(path)) == kept[:-1]
        tail = quarantine / f"{torn.name}.{start}.tail"
        assert (tail.read_bytes() if end > start else b"") == data[start:end]
        path.unlink()


def test_a_tail_is_never_written_over_another(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, _ = made
    size = path.stat().st_size
    for tail in (b"one", b"two"):
        with path.open("ab") as stream:
            stream.write(tail)
        assert recover(path, tmp_path / "q") == 3
    assert path.stat().st_size == size
    assert sorted(p.read_bytes() for p in (tmp_path / "q").iterdir()) == [b"one", b"two"]


def test_whole_exchanges_behind_damage_are_no_tail(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    data = bytearray(path.read_bytes())
    data[kept[0].location.offset + 40] ^= 255
    path.write_bytes(data)
    assert recover(path, tmp_path / "q") == 0
    assert path.read_bytes() == data


def test_damage_where_nothing_has_a_row_is_taken_out_and_the_rest_closes_up(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    data = bytearray(path.read_bytes())
    first, second = kept[0].location.offset, kept[1].location.offset
    data[first + 40] ^= 255
    path.write_bytes(data)
    assert recover(path, tmp_path / "q", close_up=True) == second - first
    assert path.read_bytes() == data[:first] + data[second:]
    assert [type(k) for k in reader.kept(path)] == [type(k) for k in kept[1:]]
    (tail,) = (tmp_path / "q").iterdir()
    assert tail.read_bytes() == data[first:]


def test_damage_before_the_last_row_stays_and_what_follows_keeps_its_place(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    data = bytearray(path.read_bytes())
    data[kept[0].location.offset + 40] ^= 255
    path.write_bytes(data + b"torn")
    assert recover(path, tmp_path / "q", kept[1].location.offset, close_up=True) == 4
    assert path.read_bytes() == data


def test_the_last_record_that_has_a_row_stays_where_it_is(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    data = path.read_bytes()[:-5]  # of the metadata record behind it
    path.write_bytes(data)
    assert recover(path, tmp_path / "q", committed=kept[-1].location.offset) == 0
    assert path.read_bytes() == data
    assert recover(path, tmp_path / "q") == len(data) - kept[-1].location.offset


def test_of_others_files_each_whole_record_stays(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    where = kept[-1].location
    end = where.offset + where.length
    path.write_bytes(path.read_bytes()[: end + 9])
    theirs = path.rename(path.with_name("their.warc.gz"))
    assert recover(theirs, tmp_path / "q") == 9
    assert theirs.stat().st_size == end


def test_the_file_is_clean_for_others(made: tuple[Path, list[Kept]], tmp_path: Path) -> None:
    path, _ = made
    path.write_bytes(path.read_bytes()[:-1])
    torn = path.rename(path.with_name(path.name + ".open"))
    assert recover(torn, tmp_path / "quarantine") > 0
    assert gzip.decompress(path.read_bytes())
    with path.open("rb") as stream:
        assert len(list(fastwarc.ArchiveIterator(stream))) == 1 + 3 + 1


def test_a_whole_file_is_only_renamed(made: tuple[Path, list[Kept]], tmp_path: Path) -> None:
    path, _ = made
    data = path.read_bytes()
    assert recover(path.rename(f"{path}.open"), tmp_path / "q") == 0
    assert path.read_bytes() == data
    assert not (tmp_path / "q").exists()


def test_no_file_is_left_without_a_record(tmp_path: Path) -> None:
    torn = tmp_path / "a.warc.gz.open"
    torn.write_bytes(b"\x1f\x8b\x08")
    assert recover(torn, tmp_path / "q") == 3
    assert [p.name for p in tmp_path.iterdir()] == ["q"]


def test_what_has_its_rows_is_not_cut_even_where_it_is_damaged(
    made: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    path, kept = made
    data = bytearray(path.read_bytes())
    data[kept[0].location.offset + 40] ^= 255
    path.unlink()
    torn = path.with_name(path.name + ".open")
    torn.write_bytes(data)
    assert recover(torn, tmp_path / "q", committed=kept[1].location.offset) == 0
    assert path.read_bytes() == data


def test_a_damaged_request_takes_nothing_else_with_it(made: tuple[Path, list[Kept]]) -> None:
    path, kept = made
    data = bytearray(path.read_bytes())
    where = kept[0].location
    data[where.offset + where.length + 30] ^= 255  # the record behind the response
    path.write_bytes(data)
    first, damage, *rest = reader.kept(path)
    assert isinstance(first, Snapshot)
    assert isinstance(kept[0], Snapshot)
    told = replace(kept[0].capture, request=b"")  # the metadata record is read all the same
    assert first == replace(kept[0], capture=told)
    assert isinstance(damage, Damage)
    assert rest == kept[1:]
    assert reader.exchange_at(path.parent, where) == first


def test_an_address_that_names_a_failure_is_none(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, {}, now=lambda: AT, new_id=ids())
    word = "https://news.example/?archiver-failure: x"
    snapshot = writer.append(capture(link=link(via=word)))
    writer.close()
    (path,) = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[snapshot.location.offset + 40] ^= 255  # the response; its metadata record is whole
    path.write_bytes(data)
    assert [type(item) for item in reader.kept(path)] == [Damage]
