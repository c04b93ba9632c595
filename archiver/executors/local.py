"""Worker processes with a deadline and a memory limit, killed and replaced when they break it.

`concurrent.futures.ProcessPoolExecutor` cannot do this: it has no way to stop one task, and one
dead worker breaks the whole pool. Here each worker is one spawned process with a pipe, tended by one
thread that only waits.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any

from archiver.stopping import Abandoned, abandon_when_told

# Seconds of CPU a task may take. Not by the clock: on a loaded machine a good page would be given
# up, and a rebuild would not make the same rows.
DEADLINE = 10.0
# Bytes of address space a worker may map. The largest of 1,450 news pages took 172 MB with all that
# is loaded to read it, and a limit of 192 MB read them all. Two such workers and the crawl itself must
# stay under 600 MB more than a crawl of ordinary pages takes, whatever a site sends.
MEMORY = 320 * 1024**2
START = 60.0  # seconds a worker may take to start
PATIENCE = 6  # times the deadline by the clock: a task that waits uses no CPU
TOO_MUCH = "needed more memory than a worker may have"
STRIKES = 3  # dead workers before a task is given up
_PR_SET_PDEATHSIG = 1


class TaskFailed(Exception):
    """A task that no worker could finish; the message says why, in words for a user."""


def worker_count() -> int:
    """Return how many workers suit this machine: one for each core that may be used."""
    return max(1, len(os.sched_getaffinity(0)))


class WorkerPool:
    """Runs ``job(*arguments)`` in worker processes; `job` must be importable by name."""

    def __init__(
        self,
        workers: int | None = None,
        *,
        deadline: float = DEADLINE,
        memory: int = MEMORY,
    ) -> None:
        """Start no process yet: each starts with its first task. `deadline` is in seconds."""
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._workers = [_Worker(memory, deadline) for _ in range(workers or worker_count())]
        self._threads = [
            threading.Thread(target=self._tend, args=(worker,), name=f"worker-{n}", daemon=True)
            for n, worker in enumerate(self._workers)
        ]
        for thread in self._threads:
            thread.start()
        abandon_when_told(self)

    def submit(self, job: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Queue a task. Its future brings the result, or TaskFailed, or Abandoned."""
        future: Future[Any] = Future()
        # Running from the start: a waiter that is cancelled cannot cancel it under the thread.
        future.set_running_or_notify_cancel()
        self._tasks.put((future, job, arguments))
        return future

    def close(self) -> None:
        """Finish what was submitted and stop the workers."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def abandon(self) -> None:
        """Kill the workers: what is under way, and what is submitted later, raises Abandoned."""
        for worker in self._workers:
            worker.abandon()

    def _tend(self, worker: _Worker) -> None:
        while (task := self._tasks.get()) is not None:
            future, job, arguments = task
            try:
                result = worker.run(job, arguments)
            except (TaskFailed, Abandoned) as error:
                future.set_exception(error)
            except Exception as error:  # arguments that cannot be pickled
                future.set_exception(TaskFailed(f"{type(error).__name__}: {str(error)[:200]}"))
            else:
                future.set_result(result)
            # Let go before waiting: a frame that sleeps must not keep a page alive.
            del task, future, job, arguments
            result = None
        worker.stop()


_Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


class _Worker:
    """One process, started when it is first needed and again after each death."""

    def __init__(self, memory: int, deadline: float) -> None:
        self._memory = memory
        self._deadline = deadline
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._abandoned = False
        self._done = 0  # tasks that the process has finished

    def abandon(self) -> None:
        """Kill the process, from another thread; no other will be started."""
        self._abandoned = True
        process = self._process
        if process is not None:
            with contextlib.suppress(ValueError):  # closed in this moment
                process.kill()

    def run(self, job: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        for _ in range(STRIKES):
            try:
                pipe = self._started()
                pipe.send((job, arguments))
                # The start of a worker and its imports are not part of a task's time: on a loaded
                # machine they are slow, and no page is to blame.
                if not pipe.poll(START):
                    raise EOFError
                pipe.recv()
                if not pipe.poll(self._deadline * PATIENCE):
                    self._kill()
                    raise TaskFailed(f"took longer than {self._deadline:g} s")
                ok, value = pipe.recv()
            except (EOFError, OSError):
                code = self._kill()
                if self._abandoned:
                    raise Abandoned("the process was told to stop") from None
                if code == -signal.SIGPROF:
                    # A second try would stall the same way.
                    raise TaskFailed(f"took longer than {self._deadline:g} s") from None
                continue
            if ok:
                self._done += 1
                return value
            if value == TOO_MUCH and self._begin_anew():
                continue
            raise TaskFailed(value)
        raise TaskFailed("the worker died each time")

    def _begin_anew(self) -> bool:
        """Replace a process that ran out of memory; returns whether others had used some before.

        What a page needs must not depend on the pages that were read before it.
        """
        used = self._done > 0
        self._kill(wait=0)
        return used

    def stop(self) -> None:
        if self._process is not None and self._pipe is not None:
            with contextlib.suppress(OSError):
                self._pipe.send(None)
            self._process.join(2)
            self._kill()

    def _started(self) -> Connection:
        if self._abandoned:
            raise EOFError
        if self._pipe is None:
            spawn = multiprocessing.get_context("spawn")
            pipe, theirs = spawn.Pipe()
            process = spawn.Process(
                target=_serve,
                args=(theirs, self._memory, self._deadline, os.getpid()),
                daemon=True,
            )
            # The mask is inherited: Ctrl-C must not reach a worker that is still starting. The
            # tracker, which is started with the first worker, would lift it again.
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            process.start()
            theirs.close()
            self._process, self._pipe, self._done = process, pipe, 0
            if self._abandoned:  # while it started
                raise EOFError
        return self._pipe

    def _kill(self, wait: float = 0.5) -> int | None:
        """End the process, which may be ending; returns its exit code, negative for a signal."""
        code = None
        if self._process is not None and self._pipe is not None:
            self._process.join(wait)
            self._process.kill()
            self._process.join()
            code = self._process.exitcode
            self._pipe.close()
        self._process = self._pipe = None
        return code


def _serve(pipe: Connection, memory: int, deadline: float, parent: int) -> None:
    """Answer tasks until told to stop; the life of a worker process."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError, OSError):
        while (task := pipe.recv()) is not None:
            job, arguments = task
            pipe.send(None)  # begun
            # SIGPROF ends the process, also in the midst of C code.
            signal.setitimer(signal.ITIMER_PROF, deadline)
            try:
                answer = (True, job(*arguments))
            except MemoryError:
                answer = (False, TOO_MUCH)
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {str(error)[:200]}")
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send(answer)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that ends.

    By the end of its pipe a worker sees it only when it has finished its page. Linux alone can
    do it (prctl(2), PR_SET_PDEATHSIG); elsewhere the deadline of the task ends an orphan.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)
