"""Jobs for the workers, which import them by name."""

import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any, Never

_hoarded: list[bytearray] = []


def double(number: int) -> int:
    return number * 2


def fail(text: str) -> Never:
    raise ValueError(text)


def loop() -> None:
    while True:
        pass


def use_memory(size: int) -> int:
    return len(bytearray(size))


def hoard(size: int) -> int:
    """Use memory and keep it, as a fragmented heap does."""
    _hoarded.append(bytearray(size))
    return size


def die(counter: str) -> None:
    """Count how often this was tried, and take the worker down."""
    with Path(counter).open("a") as file:
        file.write("x")
    os._exit(1)


def die_once(counter: str) -> str:
    if not Path(counter).exists():
        die(counter)
    return "alive"


def leave() -> None:
    sys.exit(3)


def unpicklable() -> Any:
    return lambda: None


def double_here(number: int) -> int:
    """Double where workers are started; in one of them, take it down."""
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return 2 * number


def where(_: object) -> int:
    return os.getpid()


def inverse(number: int) -> float:
    return 1 / number
