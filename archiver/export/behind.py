"""Work that is done behind one's back, one thing after the other: rows are read while others are compressed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

_MOST = 2  # things that wait, each of which takes memory


class Behind:
    """One thread. What it raises is raised where the next thing is given to it, or at the end."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._thread = ThreadPoolExecutor(1, "writing")
        self._waiting: deque[Future[Any]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        try:
            while self._waiting and kind is None:
                self._waiting.popleft().result()
        finally:
            self._thread.shutdown(cancel_futures=True)

    def do(self, work: Callable[..., Any], *given: Any) -> None:
        """Have something done; waits while too much is waiting."""
        self._waiting.append(self._thread.submit(work, *given))
        while len(self._waiting) > _MOST:
            self._waiting.popleft().result()
