"""The archive that the crawlers of one process share: opened by the first, closed by the last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from archiver.config import Config, Layout, warc_info
from archiver.ingest import Ingest

_shared: dict[Path, SharedArchive] = {}


class SharedArchive:
    """One `Ingest` for all crawlers that write to the same folder."""

    def __init__(self, root: Path) -> None:
        """Prepare; nothing is opened before somebody joins."""
        self._root = root
        self._info: dict[str, str] = {}
        self._members = 0
        self._guard = threading.Lock()
        self._ingest: Ingest | None = None

    def describe(self, info: dict[str, str]) -> None:
        """Set what the warcinfo of the next file that is opened says."""
        self._info = info

    @property
    def ingest(self) -> Ingest:
        """The open archive. Only between `join` and `leave`."""
        if self._ingest is None:
            raise RuntimeError("the archive is not open: join() it first")
        return self._ingest

    def join(self, tell: Callable[[str], None] = lambda message: None) -> None:
        """Open the archive, unless somebody has. Raises LockedError when another process has."""
        with self._guard:
            if self._ingest is None:
                self._ingest = Ingest(Layout(self._root), self._info, tell=tell)
            self._members += 1

    def leave(self) -> None:
        """Leave; the last to leave closes the archive."""
        with self._guard:
            self._members -= 1
            if self._members == 0 and self._ingest is not None:
                self._ingest.close()
                self._ingest = None


def shared(settings: BaseSettings) -> SharedArchive:
    """Return the archive that ``ARCHIVER_ARCHIVE`` names, the same object for the same folder."""
    root = Path(str(settings["ARCHIVER_ARCHIVE"])).absolute()
    archive = _shared.setdefault(root, SharedArchive(root))
    archive.describe(_info(settings))
    return archive


def _info(settings: BaseSettings) -> dict[str, str]:
    config = Config(
        Path(),
        contact=str(settings.get("ARCHIVER_CONTACT") or ""),
        operator=str(settings.get("ARCHIVER_OPERATOR") or ""),
    )
    agent: Any = settings.get("USER_AGENT")
    return warc_info(config) | {"http-header-user-agent": str(agent or "")}
