"""What is work and no part of the archive: what is due, runs, the pace of endpoints, alarms, and what is told.

It lies in ``runs.db`` (see `archiver.store.runs`), which may be lost: then all is due at once, and what had
been told of runs and alarms is forgotten. Datetimes are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from archiver.types import Kind


class RunState(StrEnum):
    """How a run stands, or how it ended."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed_out"  # it took longer than the source's `max_run`
    INTERRUPTED = "interrupted"  # by Ctrl-C or SIGTERM
    KILLED = "killed"  # its process ended without a word
    SKIPPED_RUNNING = "skipped_running"  # another run was under way


class AlarmKind(StrEnum):
    """What an alarm is of, the most specific cause first; see ``docs/schedules.md``."""

    UNREACHABLE = "unreachable"
    STALE = "stale"
    THIN = "thin"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Due:
    """A source, and since when or from when on it is due."""

    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A feed, sitemap or hub of a source: how often it is asked, and what it has brought.

    `brought` counts visits that brought something new, the last of them `brought_at`; `changed_at` is the last
    visit that found it other than before; `longest_gap` is the longest that it has brought nothing and
    then something; `failing_since` is the first of the visits that failed in a row up to the last one.
    """

    url: str
    kind: Kind
    interval: timedelta
    next_due_at: datetime
    polled_at: datetime | None = None
    brought_at: datetime | None = None
    changed_at: datetime | None = None
    failing_since: datetime | None = None
    longest_gap: timedelta = timedelta(0)
    polls: int = 0
    brought: int = 0

    def visited(
        self, at: datetime, *, brought: bool = False, changed: bool = False, failed: bool = False
    ) -> Endpoint:
        """Return the same after a visit at `at`; when the next one is due, who calls decides."""
        new = replace(self, polled_at=at, polls=self.polls + 1)
        if failed:
            return replace(new, failing_since=self.failing_since or at)
        new = replace(new, failing_since=None)
        if changed or brought:
            new = replace(new, changed_at=at)
        if not brought:
            return new
        gap = at - self.brought_at if self.brought_at else timedelta(0)
        longest = max(self.longest_gap, gap)
        return replace(new, brought_at=at, brought=self.brought + 1, longest_gap=longest)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run counted.

    `requests` are those that were sent, whether or not an answer came; `not_modified` were answered by 304,
    `failed` by nothing or an error (a page that is gone is no error); `refused` were not sent. `pages` are the article
    pages that came with a body, `read` those of them that were read as articles; `bytes` is what was received.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    restored: int = 0
    requests: int = 0
    not_modified: int = 0
    failed: int = 0
    refused: int = 0
    pages: int = 0
    read: int = 0
    bytes: int = 0

    @property
    def reached(self) -> bool:
        """Whether any request was answered; True where none was sent."""
        return not self.failed or self.failed < self.requests


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a source; `reason` is a sentence where it did not end well."""

    id: int
    source: str
    due_at: datetime
    began_at: datetime
    ended_at: datetime | None
    state: RunState
    reason: str = ""
    pid: int = 0
    counts: Counts = Counts()


@dataclass(frozen=True, slots=True)
class Totals:
    """What all runs of a source counted together, also those whose rows are gone; `done` came to their end."""

    runs: int = 0
    done: int = 0
    new: int = 0
    changed: int = 0
    requests: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong with a source, or was; `what` is a sentence for the user."""

    source: str
    kind: AlarmKind
    raised_at: datetime
    what: str
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell: alarm, cleared, match or failure. `uid` is the same at each attempt to tell it.

    `told` names those that have been told; `tries` counts the attempts that failed.
    """

    uid: str
    at: datetime
    kind: str
    source: str
    data: Mapping[str, Any] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """A search whose new matches are told."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Watched:
    """How far a watch has come: the id of the last version it has looked at, how much matched, and when last."""

    watch: Watch
    after_id: int
    matched: int = 0
    matched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who is told of events, as ``sources.toml`` says: a command, an address, and files; or nobody."""

    command: tuple[str, ...] = ()
    webhook: str = ""
    lines: Path | None = None
    atom: Path | None = None
    metrics: Path | None = None
