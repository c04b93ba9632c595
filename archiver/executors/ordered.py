"""One job for many things, in worker processes, with the results in the order of the things."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from typing import TypeVar

from archiver.executors.local import TaskFailed, WorkerPool

HERE = 2  # things that are done before a worker is asked: it takes longer to start
FAILURES = 3  # things that no worker could do, behind which none is asked any more
_T = TypeVar("_T")
_R = TypeVar("_R")


def in_order(
    pool: WorkerPool, ahead: int, job: Callable[[_T], _R], things: Iterable[_T]
) -> Iterator[_R]:
    """Yield what `job` makes of each thing; at most `ahead` of them are with the workers or wait for them.

    What no worker could do (it died, or needed too much) is done here, and raises what it raises.
    Raises Abandoned when the process was told to stop.
    """
    rest = iter(things)
    yield from map(job, islice(rest, HERE))
    waiting: deque[tuple[_T, Future[_R]]] = deque()
    failures = 0
    while failures < FAILURES:
        for thing in islice(rest, ahead - len(waiting)):
            waiting.append((thing, pool.submit(job, thing)))
        if not waiting:
            return
        thing, future = waiting.popleft()
        try:
            made = future.result()
        except TaskFailed:
            failures += 1
            made = job(thing)
        yield made
    yield from (job(thing) for thing, _ in waiting)
    yield from map(job, rest)
