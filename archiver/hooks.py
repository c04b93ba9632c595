"""Hooks: who is told of alarms, their ends, matches and failures.

Each event is told at least once to each hook, and has the same `id` every time, by which a receiver can tell that it
has it. What fails is tried again with a later tick, after waits that grow; after `TRIES` attempts it is given up.
Nothing that a hook does can crash or hang a run: a command and a web server get some seconds, and what they raise
is told.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver import __version__, atom
from archiver.errors import ArchiverError
from archiver.files import write_whole
from archiver.stopping import Abandoned
from archiver.store.runs import Runs
from archiver.timestamps import iso
from archiver.work import Event, Hooks

TRIES = 20  # about three days
AT_ONCE = 1000  # events that are told in one tick
COMMAND_SECONDS, WEBHOOK_SECONDS = 30.0, 10.0
BUDGET = 30.0  # seconds that a web server gets in one tick
# What a terminal or a reader of lines would obey, and what is no text: written as \uXXXX.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
Tell = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """Which events a hook has been told (`told`), which it failed at (`failed`), and why."""

    told: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    why: str = ""


Sink = Callable[[Sequence[Event]], Outcome]


def deliver(runs: Runs, hooks: Hooks, now: datetime, tell: Tell = lambda message: None) -> int:
    """Tell each hook the events that it has not been told; returns how many all have been told now.

    Problems go to `tell`, a sentence each. Raises ArchiveError where runs.db cannot be read or written.
    """
    events = runs.events.untold(now, AT_ONCE)
    if not events:
        return 0
    sinks = _sinks(runs, hooks)
    outcomes = {}
    for name, sink in sinks.items():
        outcomes[name] = _told(sink, [event for event in events if name not in event.told])
        if outcomes[name].why:
            tell(f"hook {name}: {outcomes[name].why}")
    return sum(_settle(runs, event, outcomes, now, tell) for event in events)


def _told(sink: Sink, events: Sequence[Event]) -> Outcome:
    if not events:
        return Outcome()
    try:
        return sink(events)
    except Abandoned:  # the process was told to stop
        raise
    except Exception as error:  # whatever a hook does, a run goes on
        return _failed(events, str(error) or repr(error))


def _failed(events: Sequence[Event], why: str) -> Outcome:
    return Outcome(failed={event.uid for event in events}, why=why)


def _all(events: Sequence[Event]) -> Outcome:
    return Outcome(told={event.uid for event in events})


def _settle(
    runs: Runs, event: Event, outcomes: Mapping[str, Outcome], now: datetime, tell: Tell
) -> bool:
    """Write down who has been told an event; returns whether all have."""
    told = event.told | {name for name, outcome in outcomes.items() if event.uid in outcome.told}
    failed = [name for name, outcome in outcomes.items() if event.uid in outcome.failed]
    everybody = told >= outcomes.keys()
    tries = event.tries + bool(failed)
    given_up = not everybody and tries >= TRIES
    if given_up:
        tell(
            f"hook {', '.join(failed)}: event {event.uid} ({event.kind} of {event.source}) is given up"
        )
    runs.events.settle(replace(event, told=told, tries=tries), now, done=everybody or given_up)
    return everybody


def _sinks(runs: Runs, hooks: Hooks) -> dict[str, Sink]:
    sinks: dict[str, Sink] = {}
    if hooks.lines:
        path = hooks.lines
        sinks["lines"] = lambda events: _lines(path, events)
    if hooks.atom:
        feed = hooks.atom
        sinks["atom"] = lambda events: _atom(feed, runs, events)
    if hooks.command:
        sinks["command"] = lambda events: _command(hooks.command, events)
    if hooks.webhook:
        sinks["webhook"] = lambda events: _webhook(hooks.webhook, events)
    return sinks


def as_object(event: Event) -> dict[str, Any]:
    """Return an event as it is told: its own fields last, so that nothing in its data can stand in their place."""
    own = {"id": event.uid, "at": iso(event.at), "kind": event.kind, "source": event.source}
    return own | dict(event.data) | own


def as_json(event: Event) -> bytes:
    """Return an event as one line of JSON, UTF-8, without its end."""
    text = json.dumps(as_object(event), ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def _lines(path: Path, events: Sequence[Event]) -> Outcome:
    # NONBLOCK: a pipe that nobody reads must not hold a run; for a file it means nothing.
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o644)
    done = Outcome()
    try:
        for event in events:
            before, line = os.fstat(fd), as_json(event) + b"\n"
            if os.write(fd, line) != len(line):
                if stat.S_ISREG(before.st_mode):
                    os.ftruncate(fd, before.st_size)
                raise OSError(f"{path}: no room for a whole line")
            done.told.add(event.uid)
    except OSError as error:
        done.failed = {event.uid for event in events} - done.told
        done.why = str(error)
    finally:
        os.close(fd)
    return done


def _atom(path: Path, runs: Runs, events: Sequence[Event]) -> Outcome:
    try:
        write_whole(path, atom.feed(runs.events.latest(atom.ENTRIES), path))
    except ArchiverError as error:
        return _failed(events, str(error))
    return _all(events)


def _command(words: Sequence[str], events: Sequence[Event]) -> Outcome:
    given = b"".join(as_json(event) + b"\n" for event in events)
    with tempfile.TemporaryFile() as said:
        # A session of its own, so that all that it starts can be ended with it; no pipe that could fill.
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            process.communicate(given, timeout=COMMAND_SECONDS)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return _failed(events, f"{words[0]} was ended after {COMMAND_SECONDS:.0f} seconds")
        if process.returncode:
            said.seek(max(said.seek(0, os.SEEK_END) - 200, 0))
            last = ascii(said.read().decode(errors="replace").strip())[1:-1]
            return _failed(events, f"{words[0]} ended with {process.returncode}: {last}")
    return _all(events)


def _webhook(url: str, events: Sequence[Event]) -> Outcome:
    """Tell a web server one event after the other, until it fails or has had its time."""
    done, end = Outcome(), time.monotonic() + BUDGET
    for event in events:
        if time.monotonic() > end:
            break  # the next tick goes on
        done.why = _posted(url, as_json(event))
        if done.why:
            done.failed.add(event.uid)
            break
        done.told.add(event.uid)
    return done


def _posted(url: str, data: bytes) -> str:
    """Post `data`; returns "", or what went wrong."""
    said: list[str] = []
    # In a thread, because the time-out of a socket is one for each read: a server may drip.
    thread = threading.Thread(target=lambda: said.append(_answer(url, data)), daemon=True)
    thread.start()
    thread.join(WEBHOOK_SECONDS)
    return said[0] if said else f"no answer within {WEBHOOK_SECONDS:.0f} seconds"


def _answer(url: str, data: bytes) -> str:
    headers = {"Content-Type": "application/json", "User-Agent": f"archiver/{__version__}"}
    request = urllib.request.Request(url, data, headers, method="POST")
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=WEBHOOK_SECONDS):
            return ""  # urllib raises for all but 2xx
    except Exception as error:
        return ascii(str(error) or repr(error))[1:-1][:200]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what is posted goes where the user said, and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Refuse; urllib raises the answer as an error then."""
