"""Workers do what they are told, or are told apart from those that do not."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Never

import pytest

from archiver.executors.local import STRIKES, TaskFailed, WorkerPool
from archiver.stopping import Abandoned
from tests.executors import jobs


@contextmanager
def pool_of(workers: int = 1, **more: Any) -> Iterator[WorkerPool]:
    pool = WorkerPool(workers, **more)
    try:
        yield pool
    finally:
        pool.close()


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with pool_of() as pool:
        yield pool


def test_results_come_back(pool: WorkerPool) -> None:
    assert [f.result() for f in [pool.submit(jobs.double, n) for n in range(5)]] == [0, 2, 4, 6, 8]


def test_an_exception_is_told_in_words_and_the_worker_goes_on(pool: WorkerPool) -> None:
    with pytest.raises(TaskFailed, match="ValueError: no such thing"):
        pool.submit(jobs.fail, "no such thing").result()
    assert pool.submit(jobs.double, 2).result() == 4


def test_a_job_that_does_not_end_is_ended() -> None:
    with pool_of(deadline=0.3) as pool:
        # The second one has a worker of its own: the first one's was killed.
        for future in [pool.submit(jobs.loop), pool.submit(jobs.loop)]:
            with pytest.raises(TaskFailed, match=r"took longer than 0\.3 s"):
                future.result()


def test_memory_has_a_limit_and_the_worker_goes_on() -> None:
    with pool_of(memory=1024**3) as pool:
        with pytest.raises(TaskFailed, match="more memory"):
            pool.submit(jobs.use_memory, 2 * 1024**3).result()
        assert pool.submit(jobs.use_memory, 10).result() == 10


def test_what_a_job_may_use_does_not_depend_on_those_before_it() -> None:
    with pool_of(memory=1024**3) as pool:
        assert pool.submit(jobs.hoard, 600 * 1024**2).result()
        assert pool.submit(jobs.use_memory, 600 * 1024**2).result()


def test_what_is_abandoned_says_so_and_the_pool_can_be_closed() -> None:
    with pool_of() as pool:
        assert pool.submit(jobs.double, 1).result() == 2
        waiting = [pool.submit(jobs.loop), pool.submit(jobs.double, 1)]
        pool.abandon()
        for future in [*waiting, pool.submit(jobs.double, 1)]:
            with pytest.raises(Abandoned):
                future.result()


def test_a_job_that_kills_its_workers_is_given_up(pool: WorkerPool, tmp_path: Path) -> None:
    counter = tmp_path / "tries"
    with pytest.raises(TaskFailed, match="died each time"):
        pool.submit(jobs.die, str(counter)).result()
    assert len(counter.read_text()) == STRIKES
    assert pool.submit(jobs.double, 1).result() == 2


def test_a_job_whose_worker_died_is_tried_again(pool: WorkerPool, tmp_path: Path) -> None:
    assert pool.submit(jobs.die_once, str(tmp_path / "tries")).result() == "alive"


@pytest.mark.parametrize(
    ("job", "arguments"),
    [(jobs.leave, ()), (jobs.unpicklable, ()), (jobs.double, (lambda: None,)), (lambda: None, ())],
)
def test_what_cannot_be_done_is_said(pool: WorkerPool, job: Any, arguments: Any) -> None:
    with pytest.raises(TaskFailed):
        pool.submit(job, *arguments).result()
    assert pool.submit(jobs.double, 1).result() == 2


def test_close_finishes_the_queue() -> None:
    with pool_of(2) as pool:
        futures = [pool.submit(jobs.double, n) for n in range(20)]
    assert [f.done() and f.result() for f in futures] == [n * 2 for n in range(20)]


def test_close_without_a_task() -> None:
    before = threading.active_count()
    with pool_of(3):
        assert threading.active_count() == before + 3
    assert threading.active_count() == before


def test_a_waiter_that_is_cancelled_does_not_stop_the_pool(pool: WorkerPool) -> None:
    async def give_up() -> None:
        waiter = asyncio.wrap_future(pool.submit(jobs.double, 1))
        waiter.cancel()
        await asyncio.wait([waiter])

    asyncio.run(give_up())
    assert pool.submit(jobs.double, 2).result() == 4


def test_a_worker_that_cannot_start_is_a_failed_task(monkeypatch: pytest.MonkeyPatch) -> None:
    import archiver.executors.local as local

    def no_process(method: Any) -> Never:
        raise OSError("out of processes")

    with pool_of() as pool:
        monkeypatch.setattr(local.multiprocessing, "get_context", no_process)
        with pytest.raises(TaskFailed):
            pool.submit(jobs.double, 1).result()
        monkeypatch.undo()
        assert pool.submit(jobs.double, 1).result() == 2
