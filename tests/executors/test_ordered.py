"""Many things are done in their order, whatever becomes of the workers."""

import os
from collections.abc import Iterator

import pytest

from archiver.executors.local import WorkerPool
from archiver.executors.ordered import FAILURES, HERE, in_order
from tests.executors import jobs
from tests.executors.test_local import pool_of


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with pool_of(2) as pool:
        yield pool


def test_results_come_in_the_order_of_the_things(pool: WorkerPool) -> None:
    assert list(in_order(pool, 3, jobs.double, range(20))) == list(range(0, 40, 2))


def test_few_things_are_done_here_and_the_others_elsewhere(pool: WorkerPool) -> None:
    done = list(in_order(pool, 2, jobs.where, range(HERE + 2)))
    assert done[:HERE] == [os.getpid()] * HERE
    assert os.getpid() not in done[HERE:]


def test_no_more_things_are_taken_than_may_be_under_way(pool: WorkerPool) -> None:
    taken = []
    results = in_order(pool, 3, jobs.double, (taken.append(n) or n for n in range(100)))
    for number, _ in enumerate(results):
        assert len(taken) <= max(HERE, number + 3)
    assert len(taken) == 100


def test_what_no_worker_could_do_is_done_here() -> None:
    with pool_of(1) as pool:
        things = range(HERE + FAILURES + 4)
        assert list(in_order(pool, 2, jobs.double_here, things)) == [2 * n for n in things]


def test_what_cannot_be_done_here_either_is_raised(pool: WorkerPool) -> None:
    results = in_order(pool, 2, jobs.inverse, [*range(1, HERE + 1), 0])
    assert len([next(results) for _ in range(HERE)]) == HERE
    with pytest.raises(ZeroDivisionError):
        next(results)
