"""A reader that has the index open while all else goes wrong beside it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

from archiver.errors import ArchiveError
from archiver.store.search import Index
from archiver.types import Query


class Onlooker:
    """Searches again and again, by one connection; to wait for a lock is a failure."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.wrong: list[str] = []
        self.looks = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> list[str]:
        """Look no more; returns what went wrong."""
        self._over.set()
        self._thread.join()
        return self.wrong

    def _look(self) -> None:
        index = self._opened()
        if index is None:
            return
        most = 0
        try:
            index._connection.execute("PRAGMA busy_timeout = 0")
            while not self._over.wait(0.01):
                count = sum(1 for _ in index.stream(Query()))
                index.search(Query("harbour master"))
                if count < most:
                    self.wrong.append(f"a reader saw {most} articles, then {count}")
                most = count
                self.looks += 1
        except Exception as error:
            self.wrong.append(f"a reader was disturbed: {error!r}")
        finally:
            index.close()

    def _opened(self) -> Index | None:
        """Return the index, once there is one with its tables."""
        while not self._over.wait(0.01):
            try:
                return Index(self._path)
            except ArchiveError:
                continue
        return None
