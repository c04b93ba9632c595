"""How far each watch has looked, and what it has found."""

from __future__ import annotations

from collections.abc import Iterable

from archiver.store.workfile import WorkFile
from archiver.timestamps import from_iso, iso
from archiver.work import Watch, Watched


class Watches:
    """One row for each watch that has begun, by its name."""

    def __init__(self, file: WorkFile) -> None:
        self._file = file

    def all(self) -> dict[str, Watched]:
        """Return the watches that have begun, by name."""
        rows = self._file.rows("SELECT * FROM watches ORDER BY name")
        return {
            row["name"]: Watched(
                Watch(row["name"], row["query"]), row["after_id"], row["matched"],
                from_iso(row["matched_at"]) if row["matched_at"] else None,
            )
            for row in rows
        }  # fmt: skip

    def begin(self, watches: Iterable[Watch], after_id: int) -> None:
        """Let those of `watches` that are new, or have another query, look at what comes behind a version's id."""
        with self._file.transaction():
            for watch in watches:
                if not self.has(watch):
                    self.keep(Watched(watch, after_id))

    def has(self, watch: Watch) -> bool:
        """Tell whether a watch has begun, with the query that it has."""
        sql = "SELECT 1 FROM watches WHERE name = ? AND query = ?"
        return bool(self._file.rows(sql, (watch.name, watch.query)))

    def keep(self, watched: Watched) -> None:
        """Keep how far a watch has come."""
        at = iso(watched.matched_at) if watched.matched_at else None
        with self._file.transaction():
            self._file.run(
                "INSERT OR REPLACE INTO watches (name, query, after_id, matched, matched_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (watched.watch.name, watched.watch.query, watched.after_id, watched.matched, at),
            )

    def forget_others(self, names: Iterable[str]) -> None:
        """Forget all watches but those called `names`."""
        kept = set(names)
        with self._file.transaction():
            for name in self.all().keys() - kept:
                self._file.run("DELETE FROM watches WHERE name = ?", (name,))
