"""Where an archive keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveError, SpaceError

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an archive keeps its files: WARCs (the truth), index (rebuildable), quarantine."""

    root: Path

    @property
    def warcs(self) -> Path:
        """The folder of the WARC files."""
        return self.root / "warcs"

    @property
    def index(self) -> Path:
        """The SQLite index."""
        return self.root / "index.db"

    @property
    def cdxj(self) -> Path:
        """The folder of the CDXJ files, one for each closed WARC file."""
        return self.root / "cdxj"

    @property
    def lock(self) -> Path:
        """The file that the one writing process holds locked."""
        return self.root / ".lock"

    @property
    def takedowns(self) -> Path:
        """The log of what was taken down (see `archiver.seals`): with the WARC files, the truth."""
        return self.root / "takedowns.jsonl"

    @property
    def runs(self) -> Path:
        """The SQLite file of what is due, of runs and of alarms: work, and no part of the archive."""
        return self.root / "runs.db"

    @property
    def run_lock(self) -> Path:
        """The file that the one process which does what is due holds locked."""
        return self.root / ".run.lock"

    @property
    def quarantine(self) -> Path:
        """The folder of what recovery and repair took out of WARC files and the index."""
        return self.root / "quarantine"

    def create(self) -> None:
        """Make the folders. Raises ArchiveError where that cannot be."""
        self._check_folder()
        try:
            self.warcs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(f"cannot be used: {error.strerror}", where=str(self.root)) from error

    def check(self) -> None:
        """Raise ArchiveError when there is no archive here."""
        self._check_folder()
        if not self.root.exists():
            raise ArchiveError(
                "no archive here", where=str(self.root), remedy="'archiver init' makes one"
            )

    @property
    def free(self) -> int:
        """How many bytes this user may still write to the disk of the archive."""
        folder = self.root.absolute()
        while not folder.exists():
            folder = folder.parent
        import shutil  # takes a while, and searching does not need it

        return shutil.disk_usage(folder).free

    def check_room(self, floor: int) -> None:
        """Raise SpaceError when less than `floor` megabytes (of a million bytes) are free; 0: never."""
        free = self.free // MEGABYTE if floor else 0
        if free < floor:
            raise SpaceError(
                f"only {free} MB are free, and {floor} are to stay so",
                where=str(self.root),
                remedy="make room on the disk, or set 'min_free' in sources.toml",
            )

    def _check_folder(self) -> None:
        if self.root.exists() and not self.root.is_dir():
            raise ArchiveError(
                "is a file, not a folder", where=str(self.root), remedy="name another --archive"
            )
