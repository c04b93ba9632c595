"""Runs archiver again and again, each time in a process of its own, which does as it is told to go wrong.

``python -m tests.faults.launcher`` imports archiver once and forks for each line of JSON on standard
input, so that a crawl costs what it does and not what its imports do. It answers with two lines: the
process id, and how the process ended. The keys of a line:

- ``arguments``, ``folder``, ``archive``, ``out``: the command line, where it runs, which folder's files
  are meant below, and the file that takes its output;
- ``die``: ``[n, how, what]``, kill -9 at the n-th point (a write, a sync, a rename, a commit; ``what``
  may say that only one of these counts): ``before`` it, ``after`` it, or in its ``midst`` with half of
  the bytes written;
- ``full``: n, from the n-th write of a WARC on the disk takes half of it and then nothing;
- ``stuck``: and what was written cannot be taken back either;
- ``limit``: bytes that a file may have (RLIMIT_FSIZE);
- ``record``: a file that takes all points, with the bytes written and the index at each commit.
"""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import pickle
import resource
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tests.faults.points import Point


@dataclass(slots=True)
class Plan:
    """What is to go wrong, and what has been done so far."""

    archive: str
    die: Sequence[Any] = (0, "", "")
    full: int = 0
    stuck: bool = False
    record: BinaryIO | None = None
    count: int = 0
    writes: int = 0
    lock: Any = field(default_factory=threading.RLock)

    def run(self, point: Point, act: Callable[[], Any], half: Callable[[], Any] = int) -> Any:
        """Do `act`, unless it is now that the process must die."""
        with self.lock:
            number, how, what = self.die
            counts = what in ("", point.what)
            self.count += counts
            now = how if counts and number == self.count else ""
            if now == "midst":
                half()
            if now in ("before", "midst"):
                os.kill(os.getpid(), signal.SIGKILL)
            result = act()
            if self.record:
                pickle.dump(point, self.record)
                self.record.flush()
            if now:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

    def inside(self, name: str) -> bool:
        """Tell whether `name` is a path in the archive."""
        return name.startswith(self.archive + os.sep) or name == self.archive


def _name(where: Any) -> str:
    """Return the path of a descriptor or a path, "" for a pipe or a socket."""
    if isinstance(where, int):
        try:
            where = Path(f"/proc/self/fd/{where}").readlink()
        except OSError:
            return ""
    return str(Path(os.fsdecode(where)).absolute())


def patch(plan: Plan) -> None:
    """Put the plan between archiver and the operating system."""
    _patch_write(plan)
    _patch_open(plan)
    for name, what in {
        "fdatasync": "sync",
        "fsync": "sync",
        "unlink": "unlink",
        "remove": "unlink",
    }.items():
        _patch_one(plan, name, what)
    for name in ("rename", "replace"):
        _patch_rename(plan, name)
    _patch_sqlite(plan)


def _patch_write(plan: Plan) -> None:
    write, truncate = os.write, os.ftruncate

    def writing(fd: int, data: Any, /) -> int:
        name = _name(fd)
        if not plan.inside(name):
            return write(fd, data)
        plan.writes += 1
        if plan.full and plan.writes >= plan.full:
            if plan.writes == plan.full:
                write(fd, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        point = Point("write", name, size=os.fstat(fd).st_size, data=bytes(data))
        return plan.run(point, lambda: write(fd, data), lambda: write(fd, data[: len(data) // 2]))

    def truncating(fd: int, size: int, /) -> None:
        if plan.stuck:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        plan.run(Point("truncate", _name(fd), size=size), lambda: truncate(fd, size))

    os.write, os.ftruncate = writing, truncating


def _patch_open(plan: Plan) -> None:
    real = os.open

    def opening(path: Any, flags: int, *more: Any, **named: Any) -> int:
        name = _name(path)
        if flags & os.O_CREAT and flags & os.O_EXCL and plan.inside(name):
            return plan.run(Point("create", name), lambda: real(path, flags, *more, **named))
        return real(path, flags, *more, **named)

    os.open = opening


def _patch_one(plan: Plan, called: str, what: str) -> None:
    real = getattr(os, called)

    def acting(where: Any, *more: Any, **named: Any) -> Any:
        name = _name(where)
        if not plan.inside(name):
            return real(where, *more, **named)
        return plan.run(Point(what, name), lambda: real(where, *more, **named))

    setattr(os, called, acting)


def _patch_rename(plan: Plan, called: str) -> None:
    real = getattr(os, called)

    def renaming(old: Any, new: Any, **named: Any) -> None:
        point = Point("rename", _name(old), _name(new))
        if plan.inside(point.path):
            plan.run(point, lambda: real(old, new, **named))
        else:
            real(old, new, **named)

    setattr(os, called, renaming)


def _patch_sqlite(plan: Plan) -> None:
    real = sqlite3.connect

    class Watched(sqlite3.Connection):
        path = ""
        full = False

        def execute(self, sql: str, *values: Any) -> Any:
            act = super().execute
            words = sql.upper().replace("=", " ").split()
            if words[:2] == ["PRAGMA", "SYNCHRONOUS"]:
                self.full = words[2] in ("FULL", "EXTRA")
            if words != ["COMMIT"]:
                return act(sql, *values)
            point = Point("commit", self.path, lasting=self.full)

            def commit() -> Any:
                done = act(sql)
                if plan.record:
                    log = Path(self.path + "-wal")
                    point.data = log.read_bytes() if log.exists() else b""
                    point.base = Path(self.path).read_bytes()
                return done

            return plan.run(point, commit)

    def connecting(name: Any, **options: Any) -> sqlite3.Connection:
        if options.get("uri"):
            return real(name, **options)
        connection = real(name, factory=Watched, **options)
        connection.path = _name(name)
        return connection

    sqlite3.connect = connecting


def run(task: dict[str, Any], patch_workers: Callable[[], None]) -> int:
    """Run one command line in this process, which was made for it; returns its exit code."""
    out = os.open(task["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(task["folder"])
    patch_workers()
    if limit := task.get("limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    die = task.get("die", (0, ""))
    plan = Plan(
        task["archive"],
        (*die, "")[:3],
        task.get("full", 0),
        task.get("stuck", False),
    )
    if "record" in task:
        plan.record = Path(task["record"]).open("ab")  # noqa: SIM115 - open until the process ends
    patch(plan)
    from archiver.cli import main

    sys.argv = ["archiver", *task["arguments"]]
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _prepare() -> Callable[[], None]:
    """Import archiver, and start the process that the workers will be forked from."""
    from multiprocessing import forkserver, resource_tracker

    import archiver.cli.crawl
    import archiver.cli.rebuild
    import archiver.crawl
    import archiver.executors.local

    multiprocessing.set_forkserver_preload(["tests.faults.preload"])
    forkserver.ensure_running()
    resource_tracker.ensure_running()
    real = multiprocessing.get_context

    def patch_workers() -> None:
        # Its workers are processes as ever, of a server that has done their imports.
        forkserver._forkserver.ensure_running = lambda: None
        multiprocessing.get_context = lambda method=None: real("forkserver")
        archiver.executors.local.worker_count = lambda: 1

    return patch_workers


def main() -> None:
    """Run what comes in, one after the other."""
    patch_workers = _prepare()
    print("ready", flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = run(task, patch_workers)
            except BaseException:
                import traceback

                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(code)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
