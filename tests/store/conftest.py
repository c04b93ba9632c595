from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.types import Outcome
from tests.samples import Shelf


class Desk:
    """A store, and a way to put pages in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path)
        self._shelf = Shelf()
        self._index = None

    def add(
        self, reading: Any = None, url: str = "https://news.example/a/1", **more: Any
    ) -> Outcome:
        with self.store.transaction():
            return self.store.index(self._shelf.snapshot(url, **more), reading)

    def keep(self, kept: Any) -> Outcome:
        with self.store.transaction():
            return self.store.index(kept, None)

    def rows(self, sql: Any, *values: Any) -> list[Any]:
        return [tuple(row) for row in self.store._connection.execute(sql, values)]

    @property
    def index(self) -> Index:
        self._index = self._index or Index(self.path)
        return self._index

    def close(self) -> None:
        self.store.close()
        if self._index:
            self._index.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "index.db")
    yield desk
    desk.close()
