"""The errors of archiver, one tree with one base.

    ArchiverError           (exit 1)
    ├── ConfigError         sources.toml or a setting is wrong (exit 4)
    ├── UsageError          a request that cannot be meant (exit 2)
    │   └── QueryError      what is searched for is not written in the query language
    ├── NothingFound        no such article, no match (exit 3)
    ├── AlarmOpen           something is wrong with a source (exit 8)
    └── ArchiveError        the archive folder cannot be used (exit 1)
        ├── LockedError     another process writes to it
        ├── SpaceError      there is no room on the disk (exit 7)
        └── DamagedError    bytes are not what the archive says they are (exit 5)

Each message says what is wrong, where, and what to do. Errors of other libraries are wrapped once, in
the module that uses the library, and caught once, in the command line.
"""

from __future__ import annotations


class ArchiverError(Exception):
    """The base of all errors that a user is told in one line."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.what}{remedy}"


class ConfigError(ArchiverError):
    """``sources.toml`` or a setting is wrong; `where` names file and key."""

    exit_code = 4


class UsageError(ArchiverError):
    """The command cannot be meant as it was given."""

    exit_code = 2


class QueryError(UsageError):
    """A search that is not written in the query language; `at` is the index in `query` of the place.

    ``query.pointed(query, at)`` shows it; `query` is as it was typed, and hostile to a terminal.
    """

    def __init__(self, what: str, *, query: str, at: int, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.query = query
        self.at = at


class NothingFound(ArchiverError):
    """No article or match for what was asked."""

    exit_code = 3


class AlarmOpen(ArchiverError):
    """Something is wrong with a source: it is silent, or cannot be reached; see ``docs/schedules.md``."""

    exit_code = 8


class ArchiveError(ArchiverError):
    """The archive folder cannot be used; `where` is its path."""


class LockedError(ArchiveError):
    """Another process is writing to the archive."""


class SpaceError(ArchiveError):
    """There is no room on the disk, or less than the operator wants left."""

    exit_code = 7


class DamagedError(ArchiveError):
    """A record or row is not what the archive says it is; `where` is file and offset."""

    exit_code = 5
