"""The archive that the crawlers of one process share: opened by the first, closed by the last."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from scrapy.http import Headers
from scrapy.settings import BaseSettings

from archiver import __version__
from archiver.ingest import Ingest
from archiver.layout import Layout
from archiver.types import Source

Result = TypeVar("Result")
_shared: dict[Path, SharedArchive] = {}


class SharedArchive:
    """One `Ingest` for all crawlers that write to the same folder."""

    def __init__(self, root: Path) -> None:
        """Prepare; nothing is opened before somebody joins."""
        self._root = root
        self._members = 0
        self._guard = threading.Lock()
        self._ingest: Ingest | None = None

    @property
    def warcs(self) -> Path:
        """The folder of the WARC files."""
        return Layout(self._root).warcs

    @property
    def ingest(self) -> Ingest:
        """The open archive. Only between `join` and `leave`."""
        if self._ingest is None:
            raise RuntimeError("the archive is not open: join() it first")
        return self._ingest

    def join(
        self,
        settings: BaseSettings,
        sources: Sequence[Source] | None = None,
        tell: Callable[[str], None] = lambda message: None,
    ) -> None:
        """Open the archive, unless somebody has, and read pages by the rules of `sources`.

        Raises LockedError when another process has it open.
        """
        with self._guard:
            if self._ingest is None:
                self._ingest = Ingest(
                    Layout(self._root), warc_info(settings), sources=sources, tell=tell
                )
            self._members += 1

    def leave(self) -> None:
        """Leave; the last to leave closes the archive."""
        with self._guard:
            self._members = max(self._members - 1, 0)
            if self._members == 0 and self._ingest is not None:
                ingest, self._ingest = self._ingest, None
                ingest.close()


def shared(settings: BaseSettings) -> SharedArchive:
    """Return the archive that ``ARCHIVER_ARCHIVE`` names, the same object for the same folder."""
    root = Path(str(settings["ARCHIVER_ARCHIVE"])).absolute()
    return _shared.setdefault(root, SharedArchive(root))


async def result_of(future: Future[Result]) -> Result:
    """Wait for what a thread will bring.

    Not by `asyncio.wrap_future`: its future and what it waits for hold each other, so a result that
    holds a body of 32 MiB stays in memory until the collector comes by.
    """
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def tell(done: Future[Result]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(wake)

    future.add_done_callback(tell)
    await waiter
    return future.result()


def warc_info(settings: BaseSettings) -> dict[str, str]:
    """Return what the warcinfo records of a crawl under `settings` say (WARC/1.1, section 6.2)."""
    headers = Headers(settings.getdict("DEFAULT_REQUEST_HEADERS"))
    contact = str(settings.get("ARCHIVER_CONTACT") or "")
    return {
        "software": f"archiver/{__version__}",
        "operator": str(settings.get("ARCHIVER_OPERATOR") or "") or contact,
        "isPartOf": "archiver",
        "description": "news pages and the feeds, sitemaps and sections that led to them",
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "http-header-user-agent": str(settings.get("USER_AGENT") or ""),
        "http-header-from": (headers.get("From") or b"").decode("latin-1"),
    }
