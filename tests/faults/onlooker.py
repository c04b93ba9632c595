"""A reader that has the index open while all else goes wrong beside it.

A process of its own, as a reader is: POSIX locks are a process's, and whoever reads the bytes of an
index in the process that has it open takes that process's locks away.
"""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path
from typing import Self

from archiver.errors import ArchiveError
from archiver.store.search import Index
from archiver.types import Query
from tests.faults.town import PATIENCE, ROOT, environment


class Onlooker:
    """Searches again and again, by one connection; to wait for a lock is a failure."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.onlooker", str(path)],
            cwd=ROOT, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.looks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def close(self) -> list[str]:
        """Look no more; returns what went wrong."""
        out, _ = self._process.communicate(timeout=PATIENCE)
        *wrong, looks = out.splitlines()
        self.looks = int(looks)
        return wrong


def _over() -> bool:
    """Tell whether standard input was closed; waits a moment for it."""
    return bool(select.select([sys.stdin], [], [], 0.01)[0])


def _look(index: Index) -> int:
    index._connection.execute("PRAGMA busy_timeout = 0")
    looks = most = 0
    while not _over():
        count = sum(1 for _ in index.stream(Query()))
        index.search(Query("harbour master"))
        if count < most:
            print(f"a reader saw {most} articles, then {count}")
        most = count
        looks += 1
    return looks


def main() -> None:
    """Print what goes wrong, and in the end how often was looked."""
    looks = 0
    while not _over():
        try:
            index = Index(Path(sys.argv[1]))
        except ArchiveError:
            continue  # there is none yet
        try:
            looks = _look(index)
        except Exception as error:
            print(f"a reader was disturbed: {error!r}")
        index.close()
        break
    print(looks)


if __name__ == "__main__":
    main()
