"""``runs.db``: what is due when, what runs did, the pace of endpoints, alarms, and what is to be told.

The one process that holds ``Layout.run_lock`` changes what is due; others read, or say that they were skipped.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path

from archiver import schedules
from archiver.errors import ArchiveError
from archiver.store.outbox import Alarms, Events
from archiver.store.watches import Watches
from archiver.store.workfile import WorkFile
from archiver.timestamps import from_iso, iso
from archiver.types import Kind, Source
from archiver.work import Counts, Due, Endpoint, Run, RunState, Totals

__all__ = ["Counts", "Due", "Endpoint", "Run", "RunState", "Runs"]

KEPT = timedelta(days=400)  # how long what is over stays: a year, and to see what was before it
TOLD = timedelta(days=30)  # and how long an event does that all were told, but for the last 100
_DUE_AT = "coalesce((SELECT next_due_at FROM due WHERE source = ?1), ?2)"


class Runs:
    """The work of one archive. Not for two threads at once.

    `alarms`, `events` and `watches` are in the same file. Every method may raise ArchiveError (SpaceError,
    DamagedError) as `WorkFile` says. Methods that write are whole or not at all, and several are within `transaction`.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        """Open the file at `path`, creating it where there is none; with `readonly`, none is an empty one."""
        self._file = WorkFile(path, readonly=readonly)
        self.transaction = self._file.transaction
        self.events = Events(self._file)
        self.alarms = Alarms(self._file, self.events)
        self.watches = Watches(self._file)

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # What is due

    def plan(self, sources: Iterable[Source], now: datetime) -> None:
        """Make what is due fit `sources`: new ones are due now, those that are gone are forgotten.

        Where a schedule or its zone has changed the time is made anew, but for what is due already.
        """
        with self.transaction():
            before = {row["source"]: row for row in self._file.rows("SELECT * FROM due")}
            for source in sources:
                row = before.pop(source.name, None)
                self._plan(source, row, now)
            for name in before:
                for table in ("due", "endpoints"):
                    self._file.run(f"DELETE FROM {table} WHERE source = ?", (name,))
                self.alarms.forget(name, now)

    def _plan(self, source: Source, row: sqlite3.Row | None, now: datetime) -> None:
        timing = source.timing
        if row and (row["schedule"], row["zone"]) == (timing.schedule, timing.zone):
            return
        at = now
        if row and from_iso(row["next_due_at"]) <= now:
            at = from_iso(row["next_due_at"])
        elif row and timing.schedule.lower() != schedules.AUTO:
            at = schedules.next_after(timing.schedule, timing.zone, source.name, now)
        self._file.run(
            "INSERT OR REPLACE INTO due (source, next_due_at, schedule, zone) VALUES (?, ?, ?, ?)",
            (source.name, iso(at), timing.schedule, timing.zone),
        )

    def due(self, now: datetime) -> Sequence[Due]:
        """Return the sources that are due, the longest first."""
        return [due for due in self.all() if due.at <= now]

    def all(self) -> Sequence[Due]:
        """Return all sources and when each is due, in that order."""
        rows = self._file.rows("SELECT * FROM due ORDER BY next_due_at, source")
        return [Due(row["source"], from_iso(row["next_due_at"])) for row in rows]

    def set_due(self, source: str, at: datetime) -> None:
        """Set when a planned source is due."""
        with self.transaction():
            self._file.run("UPDATE due SET next_due_at = ? WHERE source = ?", (iso(at), source))

    # The pace of endpoints

    def endpoints(self, source: str) -> Sequence[Endpoint]:
        """Return the endpoints of a source, by URL."""
        sql = "SELECT * FROM endpoints WHERE source = ? ORDER BY url"
        return [_endpoint(row) for row in self._file.rows(sql, (source,))]

    def set_endpoints(self, source: str, endpoints: Iterable[Endpoint]) -> None:
        """Make `endpoints` all that the source has."""
        with self.transaction():
            self._file.run("DELETE FROM endpoints WHERE source = ?", (source,))
            for endpoint in endpoints:
                self._file.insert("endpoints", {"source": source} | _columns(endpoint))

    # Runs

    def claim(self, names: Iterable[str], now: datetime, pid: int) -> dict[str, int]:
        """Begin a run of each source, but of those that have one under way; returns the runs' ids."""
        claimed = {}
        with self.transaction():
            self._prune(now)
            for name in names:
                done = self._file.run(
                    "INSERT INTO runs (source, due_at, began_at, state, reason, pid, counts)"
                    f" SELECT ?1, {_DUE_AT}, ?2, 'running', '', ?3, '{{}}' WHERE NOT EXISTS"
                    " (SELECT 1 FROM runs WHERE source = ?1 AND state = 'running')",
                    (name, iso(now), pid),
                )
                if done:
                    claimed[name] = int(self._file.rows("SELECT last_insert_rowid()")[0][0])
        return claimed

    def withdraw(self, run_id: int) -> None:
        """Take a claim back: the run could not even begin."""
        with self.transaction():
            self._file.run("DELETE FROM runs WHERE id = ?", (run_id,))

    def skip(self, name: str, due_at: datetime, now: datetime, reason: str) -> bool:
        """Say that a source was due and another run under way; once for each time that it is due."""
        with self.transaction():
            done = self._file.run(
                "INSERT OR IGNORE INTO runs (source, due_at, began_at, ended_at, state, reason, pid, counts)"
                " VALUES (?1, ?2, ?3, ?3, 'skipped_running', ?4, 0, '{}')",
                (name, iso(due_at), iso(now), reason),
            )
        return bool(done)

    def kill_left(self, now: datetime) -> Sequence[str]:
        """Say of runs under way that their process is gone; returns their sources. Needs the run lock."""
        with self.transaction():
            rows = self._file.rows("SELECT DISTINCT source FROM runs WHERE state = 'running'")
            self._file.run(
                "UPDATE runs SET state = 'killed', ended_at = ?, reason = ? WHERE state = 'running'",
                (iso(now), "its process ended without a word"),
            )
        return sorted(row["source"] for row in rows)

    def finish(
        self,
        run_id: int,
        state: RunState,
        counts: Counts,
        reason: str,
        now: datetime,
        next_due_at: datetime | None,
    ) -> None:
        """End a run, and set when its source is due next; None leaves that as it is."""
        told = {name: value for name, value in asdict(counts).items() if value}
        with self.transaction():
            done = self._file.rows(
                "UPDATE runs SET state = ?, counts = ?, reason = ?, ended_at = ? WHERE id = ?"
                " RETURNING source",
                (state.value, json.dumps(told), reason, iso(now), run_id),
            )
            if not done:
                raise ArchiveError(f"there is no run {run_id}")
            self._add(done[0]["source"], state, counts)
            if next_due_at is not None:
                self.set_due(done[0]["source"], next_due_at)

    def _add(self, source: str, state: RunState, counts: Counts) -> None:
        """Add a run to the totals of its source."""
        names = [each.name for each in fields(Totals)]
        more = {"runs": 1, "done": int(state is RunState.DONE)}
        values = [more.get(name, getattr(counts, name, 0)) for name in names]
        sums = ", ".join(f"{name} = {name} + excluded.{name}" for name in names)
        self._file.run(
            f"INSERT INTO totals (source, {', '.join(names)}) VALUES (?{', ?' * len(names)})"
            f" ON CONFLICT (source) DO UPDATE SET {sums}",
            (source, *values),
        )

    def totals(self) -> dict[str, Totals]:
        """Return what all runs of each source counted together."""
        rows = self._file.rows("SELECT * FROM totals ORDER BY source")
        return {row["source"]: Totals(*tuple(row)[1:]) for row in rows}

    def list(
        self, source: str = "", limit: int | None = 20, since: datetime | None = None
    ) -> Sequence[Run]:
        """Return runs, the newest first: of one source or all, those that began at or after `since`."""
        rows = self._file.rows(
            "SELECT * FROM runs WHERE (?1 = '' OR source = ?1) AND began_at >= ?2"
            " ORDER BY began_at DESC, id DESC LIMIT ?3",
            (source, iso(since) if since else "", -1 if limit is None else limit),
        )
        return [_run(row) for row in rows]

    def count(self, source: str, states: Iterable[RunState], since: datetime) -> int:
        """Count the runs of a source that began at or after `since` and ended in one of `states`."""
        names = [state.value for state in states]
        rows = self._file.rows(
            f"SELECT count(*) FROM runs WHERE source = ? AND began_at >= ? AND state IN"
            f" ({', '.join('?' * len(names))})",
            (source, iso(since), *names),
        )
        return int(rows[0][0])

    def last_success(self, source: str) -> Run | None:
        """Return the last run of a source that came to its end."""
        sql = "SELECT * FROM runs WHERE source = ? AND state = 'done' ORDER BY began_at DESC, id DESC LIMIT 1"
        rows = self._file.rows(sql, (source,))
        return _run(rows[0]) if rows else None

    def _prune(self, now: datetime) -> None:
        """Forget what has long been over, but the last success of each source."""
        before = iso(now - KEPT)
        self._file.run(
            "DELETE FROM runs WHERE began_at < ?1 AND state <> 'running' AND id NOT IN"
            " (SELECT max(id) FROM runs WHERE state = 'done' GROUP BY source)",
            (before,),
        )
        self._file.run("DELETE FROM alarms WHERE cleared_at < ?", (before,))
        self._file.run(
            "DELETE FROM events WHERE told_at < ? AND id NOT IN"
            " (SELECT id FROM events ORDER BY id DESC LIMIT 100)",
            (iso(now - TOLD),),
        )


def _endpoint(row: sqlite3.Row) -> Endpoint:
    times = {
        name: from_iso(row[name]) if row[name] else None
        for name in ("polled_at", "brought_at", "changed_at", "failing_since")
    }
    return Endpoint(
        url=row["url"],
        kind=Kind(row["kind"]),
        interval=timedelta(seconds=row["interval_s"]),
        next_due_at=from_iso(row["next_due_at"]),
        longest_gap=timedelta(seconds=row["longest_gap_s"]),
        polls=row["polls"],
        brought=row["brought"],
        **times,
    )


def _columns(endpoint: Endpoint) -> dict[str, str | float | None]:
    values = asdict(endpoint)
    interval, gap = values.pop("interval"), values.pop("longest_gap")
    stamps = {name: iso(value) for name, value in values.items() if isinstance(value, datetime)}
    lengths = {"interval_s": interval.total_seconds(), "longest_gap_s": gap.total_seconds()}
    return values | stamps | lengths | {"kind": endpoint.kind.value}


def _run(row: sqlite3.Row) -> Run:
    known = {each.name for each in fields(Counts)}
    counts = {name: value for name, value in json.loads(row["counts"]).items() if name in known}
    return Run(
        id=row["id"],
        source=row["source"],
        due_at=from_iso(row["due_at"]),
        began_at=from_iso(row["began_at"]),
        ended_at=from_iso(row["ended_at"]) if row["ended_at"] else None,
        state=RunState(row["state"]),
        reason=row["reason"],
        pid=row["pid"],
        counts=Counts(**counts),
    )
