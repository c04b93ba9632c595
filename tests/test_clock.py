"""The clock can be turned, from inside the process, and goes right again afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from archiver import clock

THEN = datetime(2019, 3, 26, 4, 0, tzinfo=UTC)


def test_it_tells_the_time_of_the_machine() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.now().tzinfo is UTC


def test_a_turned_clock_holds_in_every_thread_and_ends_with_its_block() -> None:
    told: list[datetime] = []
    with clock.turned(lambda: THEN):
        thread = Thread(target=lambda: told.append(clock.now()))
        thread.start()
        thread.join()
    assert told == [THEN]
    assert clock.now() > THEN


def test_a_block_that_fails_turns_it_back() -> None:
    with pytest.raises(ValueError, match="stop"), clock.turned(lambda: THEN):
        raise ValueError("stop")
    assert clock.now() > THEN
