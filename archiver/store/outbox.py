"""Alarms, and the outbox of events: what is to be told, who has been told, and when it is tried again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from archiver.store.workfile import WorkFile
from archiver.timestamps import from_iso, iso
from archiver.work import Alarm, AlarmKind, Event

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=6)  # waits after attempts that failed


class Events:
    """The outbox. An event is in it from the transaction in which it came to be until all have been told."""

    def __init__(self, file: WorkFile) -> None:
        self._file = file

    def add(
        self, kind: str, source: str, data: Mapping[str, Any], now: datetime, uid: str = ""
    ) -> str:
        """Put an event into the outbox; returns its `uid`. `data` is what JSON can hold.

        With a `uid` that is there already nothing is added.
        """
        uid = uid or str(uuid4())  # and no number: those begin again when the file is lost
        written = json.dumps(data, sort_keys=True)  # ASCII: SQLite takes no lone surrogates
        row = {"uid": uid, "at": iso(now), "kind": kind, "source": source, "data": written}
        with self._file.transaction():
            if not self._file.rows("SELECT 1 FROM events WHERE uid = ?", (uid,)):
                self._file.insert("events", row | {"told": "[]", "tries": 0, "try_at": iso(now)})
        return uid

    def untold(self, now: datetime, limit: int = 100) -> Sequence[Event]:
        """Return the oldest events that somebody is to be told now."""
        sql = "SELECT * FROM events WHERE told_at IS NULL AND try_at <= ? ORDER BY id LIMIT ?"
        return [_event(row) for row in self._file.rows(sql, (iso(now), limit))]

    def waiting(self) -> int:
        """Count the events that not all have been told."""
        return int(self._file.rows("SELECT count(*) FROM events WHERE told_at IS NULL")[0][0])

    def latest(self, limit: int = 100) -> Sequence[Event]:
        """Return the newest events, told or not, the newest first."""
        sql = "SELECT * FROM events ORDER BY id DESC LIMIT ?"
        return [_event(row) for row in self._file.rows(sql, (limit,))]

    def settle(self, event: Event, now: datetime, *, done: bool) -> None:
        """Keep what `event` says of who was told and how often in vain; `done`: it is not tried again."""
        wait = min(_FIRST * 2 ** max(event.tries - 1, 0), _LONGEST) if event.tries else timedelta(0)
        told = json.dumps(sorted(event.told))
        with self._file.transaction():
            self._file.run(
                "UPDATE events SET told = ?, tries = ?, try_at = ?, told_at = ? WHERE uid = ?",
                (told, event.tries, iso(now + wait), iso(now) if done else None, event.uid),
            )


def forget(file: WorkFile, texts: Sequence[str]) -> int:
    """Delete the events that hold one of `texts` (titles, URLs), and leave no byte of them; returns how many."""
    count = 0
    for text in filter(None, texts):
        written = json.dumps(text)  # with its quotes: a title of one word is no part of another
        with file.transaction():
            count += file.run("DELETE FROM events WHERE instr(data, ?)", (written,))
    if count:
        file.purge()
    return count


class Alarms:
    """At most one alarm is open for a source."""

    def __init__(self, file: WorkFile, events: Events) -> None:
        self._file, self._events = file, events

    def open(self) -> dict[str, Alarm]:
        """Return the open alarms by source."""
        rows = self._file.rows("SELECT * FROM alarms WHERE cleared_at IS NULL ORDER BY source")
        return {row["source"]: _alarm(row) for row in rows}

    def of(self, source: str, limit: int = 20) -> Sequence[Alarm]:
        """Return the alarms of a source, the newest first."""
        sql = "SELECT * FROM alarms WHERE source = ? ORDER BY id DESC LIMIT ?"
        return [_alarm(row) for row in self._file.rows(sql, (source, limit))]

    def settle(self, source: str, wanted: tuple[AlarmKind, str] | None, now: datetime) -> str:
        """Make the open alarm of a source what is `wanted` (a kind and a sentence); tell of what changes.

        Returns "alarm" or "cleared" where an event was added, else "". An alarm that becomes one of another kind is
        still the same alarm: that is told nobody.
        """
        with self._file.transaction():
            before = self.open().get(source)
            if before and wanted:
                self._file.run(
                    "UPDATE alarms SET kind = ?, what = ? WHERE source = ? AND cleared_at IS NULL",
                    (wanted[0].value, wanted[1], source),
                )
            elif wanted:
                row = {"source": source, "kind": wanted[0].value, "what": wanted[1]}
                self._file.insert("alarms", row | {"raised_at": iso(now)})
                self._events.add(
                    "alarm", source, {"alarm": wanted[0].value, "what": wanted[1]}, now
                )
                return "alarm"
            elif before:
                self.forget(source, now)
                data = {
                    "alarm": before.kind.value,
                    "what": before.what,
                    "since": iso(before.raised_at),
                }
                self._events.add("cleared", source, data, now)
                return "cleared"
        return ""

    def forget(self, source: str, now: datetime) -> None:
        """Close the open alarm of a source without a word."""
        with self._file.transaction():
            self._file.run(
                "UPDATE alarms SET cleared_at = ? WHERE source = ? AND cleared_at IS NULL",
                (iso(now), source),
            )


def _event(row: sqlite3.Row) -> Event:
    return Event(
        uid=row["uid"],
        at=from_iso(row["at"]),
        kind=row["kind"],
        source=row["source"],
        data=json.loads(row["data"]),
        told=frozenset(json.loads(row["told"])),
        tries=row["tries"],
    )


def _alarm(row: sqlite3.Row) -> Alarm:
    return Alarm(
        source=row["source"],
        kind=AlarmKind(row["kind"]),
        raised_at=from_iso(row["raised_at"]),
        what=row["what"],
        cleared_at=from_iso(row["cleared_at"]) if row["cleared_at"] else None,
    )
