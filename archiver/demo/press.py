"""Five newspapers for thirty days, by a clock that can be turned: the press of a trial.

Stories come out, are edited, removed and restored; a feed has one ETag for ever, another dies, a
server is down for a day. All of it is the same in every trial, and `Press.events` tells of it.
`python -m archiver.demo.press --speed 3600` serves it to be looked at, and tells what happens.
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from archiver.demo.addresses import FEEDS, HOMES, NEWS_SITEMAP, SITEMAP_INDEX
from archiver.demo.newspaper import respond
from archiver.demo.press_events import Event, happenings
from archiver.demo.press_site import PaperSite, Truth
from archiver.demo.press_stories import DAYS, MASTHEADS, Masthead, stories_of
from archiver.demo.replies import Reply
from archiver.demo.server import Exchange, Listener

_LOOK = 0.02  # seconds between looks at the clock
_SITEMAPS = {"news": NEWS_SITEMAP, "index": SITEMAP_INDEX}

__all__ = ["Event", "Paper", "Press", "Request", "Truth"]


class Request(NamedTuple):
    """A request that a paper has answered: `at` is by the turned clock."""

    at: datetime
    method: str
    target: str
    status: int
    conditional: bool


class Paper:
    """One newspaper on a port of its own, which is held also while its server is down.

    `feeds`, `sitemaps` and `home` are absolute. `requests` and `log` (the exact bytes) grow by one
    before the last bytes of an answer are sent.
    """

    def __init__(self, masthead: Masthead, now: Callable[[], datetime]) -> None:
        """Take a port of 127.0.0.1; nobody listens at it yet."""
        self.name = masthead.name
        self.requests: list[Request] = []
        self.log: list[Exchange] = []
        self._now = now
        self._lock = threading.Lock()
        self._listener: Listener | None = None
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind(("127.0.0.1", 0))
        self._port = self._holder.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self._port}"
        self.home = self.origin + HOMES[masthead.language]
        self.feeds = (self.origin + FEEDS[masthead.language][0],)
        named = [masthead.sitemap] if masthead.sitemap else []
        self.sitemaps = tuple(self.origin + _SITEMAPS[kind] for kind in named)

    def publish(self, site: PaperSite, events: Sequence[Event]) -> None:
        """Take what is to be served, and when the server is down."""
        self._site = site
        self._switches = [event for event in events if event.kind in ("down", "up")]

    def truth_at(self, story_id: int, at: datetime) -> Truth:
        """Return what a story's page says at an instant, if the server is up."""
        return self._site.truth_at(story_id, at)

    def is_up(self, at: datetime) -> bool:
        """Tell whether the server is to answer at an instant."""
        return [event.kind for event in self._switches if event.at <= at][-1:] != ["down"]

    def settle(self) -> None:
        """Open or close the port, as the clock says."""
        with self._lock:
            up = self.is_up(self._now())
            if up and not self._listener:
                self._listener = Listener(self._port, self)
                self._listener.begin()
            elif not up:
                self._close()

    def leave(self) -> None:
        """Close the port and let it go."""
        with self._lock:
            self._close()
            self._holder.close()

    def _close(self) -> None:
        if self._listener:
            self._listener.end()
            self._listener = None

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Reply:
        """Return the reply by the present clock; a server that is down hangs up."""
        at = self._now()
        if not self.is_up(at):
            raise ConnectionAbortedError(f"{self.name} is down")
        reply = respond(lambda asked: self._site.page(asked, at), method, target, headers)
        names = {name.lower() for name in headers}
        conditional = not names.isdisjoint({"if-none-match", "if-modified-since"})
        self.requests.append(Request(at, method, target, int(reply.status), conditional))
        return reply

    def record(self, exchange: Exchange) -> None:
        """Append to the log."""
        self.log.append(exchange)

    def time(self) -> float:
        """Return the time by the turned clock, for the `Date` of replies."""
        return self._now().timestamp()


class Press:
    """Five papers that serve within a `with` block.

    `events` are in order of time and include the publications before `begin`. After `days` (30 at
    most) nothing happens any more. After turning the clock call `settle`, or wait some hundredths
    of a second: only then are the ports of servers that went down or came up closed or open.
    """

    def __init__(self, now: Callable[[], datetime], begin: datetime, days: int = DAYS) -> None:
        """Take the ports and decide all that will happen; `now` and `begin` are aware."""
        if not 0 < days <= DAYS:
            raise ValueError(f"days must be from 1 to {DAYS}, not {days}")
        self.begin, self.end = begin, begin + timedelta(days=days)
        self.papers = tuple(Paper(masthead, now) for masthead in MASTHEADS)
        stories = {masthead.name: stories_of(masthead, begin) for masthead in MASTHEADS}
        origins = {paper.name: paper.origin for paper in self.papers}
        events = happenings(MASTHEADS, stories, begin, origins)
        self.events = tuple(event for event in events if event.at < self.end)
        for paper, masthead in zip(self.papers, MASTHEADS, strict=True):
            own = [event for event in self.events if event.paper == paper.name]
            paper.publish(PaperSite(masthead, paper.origin, stories[paper.name], own), own)
        self._left = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to serve, and to watch the clock."""
        self.settle()
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End all connections and close the ports."""
        self._left.set()
        self._watcher.join()
        for paper in self.papers:
            paper.leave()

    def paper(self, name: str) -> Paper:
        """Return the paper of that name; raises `KeyError` if there is none."""
        return {paper.name: paper for paper in self.papers}[name]

    def truth_at(self, paper: Paper | str, story_id: int, at: datetime) -> Truth:
        """Return what a story's page says at an instant, whether or not the server is up."""
        return (self.paper(paper) if isinstance(paper, str) else paper).truth_at(story_id, at)

    def settle(self) -> None:
        """Open and close the ports that the clock says, before returning."""
        for paper in self.papers:
            paper.settle()

    def _watch(self) -> None:
        while not self._left.wait(_LOOK):
            self.settle()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the press until Ctrl-C, and tell what happens in it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--days", type=int, default=DAYS, help="how long something happens")
    parser.add_argument("--speed", type=float, default=3600, help="how much too fast the clock is")
    options = parser.parse_args(arguments)
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    started = time.monotonic()

    def now() -> datetime:
        return begin + timedelta(seconds=(time.monotonic() - started) * options.speed)

    with Press(now, begin, options.days) as press, suppress(KeyboardInterrupt):
        for paper in press.papers:
            print(f"{paper.name}: {paper.home}", flush=True)
        _tell(press, now, options.speed)
        threading.Event().wait()
    return 0


def _tell(press: Press, now: Callable[[], datetime], speed: float) -> None:
    """Print each event when it happens."""
    for event in press.events:
        if event.at >= press.begin:
            time.sleep(max(0.0, (event.at - now()).total_seconds() / speed))
            words = (f"{event.at:%Y-%m-%d %H:%M}", event.paper, event.kind, event.detail, event.url)
            print(" ".join(word for word in (*words, event.title) if word), flush=True)


if __name__ == "__main__":
    sys.exit(main())
