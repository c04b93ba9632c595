"""Files that are an index, and files that are not."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Never

import pytest

from archiver.errors import ArchiveError, DamagedError
from archiver.store import schema
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Query
from tests.store.conftest import Desk


def set_version(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {number}")


def test_a_new_index_has_the_newest_schema_and_a_log(tmp_path: Path) -> None:
    with closing(schema.connect(tmp_path / "index.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.SCHEMA
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    Store(path).close()
    before = path.read_bytes()
    Store(path).close()
    Index(path).close()
    assert path.read_bytes() == before


def test_tables_are_made_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "index.db"

    def fails(connection: Any) -> Never:
        connection.execute("CREATE TABLE half (id)")
        raise sqlite3.OperationalError("no")

    monkeypatch.setattr(schema, "_create_tables", fails)
    with pytest.raises(DamagedError):
        schema.connect(path)
    monkeypatch.undo()
    schema.connect(path).close()
    with closing(schema.connect_readonly(path)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "half" not in names


@pytest.mark.parametrize("opener", [Index, Store])
@pytest.mark.parametrize("number", [0, 1])
def test_an_older_schema_is_to_be_rebuilt(tmp_path: Path, opener: Any, number: int) -> None:
    path = tmp_path / "index.db"
    Store(path).close()
    set_version(path, number)
    with pytest.raises(ArchiveError, match="archiver rebuild"):
        opener(path)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    Store(path).close()
    with (
        closing(schema.connect_readonly(path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM articles")


def test_a_reader_sees_what_a_writer_beside_it_commits(desk: Desk) -> None:
    assert list(desk.index.stream(Query())) == []
    with desk.store.transaction():
        desk.store._see_source("news")
    assert [s.name for s in desk.index.sources()] == ["news"]


def test_odd_characters_in_the_path(tmp_path: Path) -> None:
    path = tmp_path / "50% what?#now" / "index.db"
    path.parent.mkdir()
    Store(path).close()
    Index(path).close()
    assert path.is_file()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("place", ["none.db", "."])
def test_no_index_yet(tmp_path: Path, place: Any) -> None:
    with pytest.raises(ArchiveError, match=r"no index yet.*archiver crawl"):
        Index(tmp_path / place)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("opener", [Index, Store])
def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path, opener: Any) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"This is a letter, not a database. " * 100)
    with pytest.raises(DamagedError, match="rebuild"):
        opener(path)
    assert path.read_bytes() == b"This is a letter, not a database. " * 100


@pytest.mark.parametrize("opener", [Index, Store])
def test_a_newer_schema_is_refused(tmp_path: Path, opener: Any) -> None:
    path = tmp_path / "index.db"
    Store(path).close()
    set_version(path, schema.SCHEMA + 1)
    with pytest.raises(ArchiveError, match="newer archiver"):
        opener(path)


def test_an_older_schema_is_not_read(tmp_path: Path) -> None:
    set_version(tmp_path / "index.db", 0)
    (tmp_path / "index.db").touch()
    with pytest.raises(ArchiveError, match="run 'archiver rebuild'"):
        Index(tmp_path / "index.db")


@pytest.mark.parametrize("ask", [lambda i: i.search(Query()), lambda i: list(i.stream(Query()))])
def test_a_database_without_our_tables_is_damaged(tmp_path: Path, ask: Any) -> None:
    path = tmp_path / "index.db"
    set_version(path, schema.SCHEMA)
    with closing(Index(path)) as index, pytest.raises(DamagedError, match="cannot be read"):
        ask(index)
