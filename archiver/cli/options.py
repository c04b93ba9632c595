"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver import clock
from archiver.cli import terminal
from archiver.documents import Query
from archiver.layout import Layout
from archiver.timestamps import day, to_utc

if TYPE_CHECKING:
    # What sources.toml says is asked only where no archive is named: a search need not wait for it.
    from archiver.config import Config
    from archiver.store.search import Index

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command works: the sources file and the archive folder, as far as they were named."""

    archive: Path | None
    config: Path | None

    @property
    def config_path(self) -> Path:
        """The sources file: the named one, else the archive's own, else the one in this folder."""
        from archiver.config import ARCHIVE_NAME, CONFIG_NAME

        if self.config:
            return self.config
        own = (self.archive or Path(ARCHIVE_NAME)) / CONFIG_NAME
        return own if own.is_file() else Path(CONFIG_NAME)

    def configuration(self, *, needed: bool = False) -> Config:
        """Read the sources file; without one, an empty configuration unless it was named or `needed`."""
        from archiver.config import load_or_empty

        return load_or_empty(self.config_path, named=needed or self.config is not None)

    def layout(self, config: Config | None = None) -> Layout:
        """Return the archive: the named one, else what the sources file says, else ``archive``."""
        return Layout(self.archive or (config or self.configuration()).archive)

    def existing(self) -> Layout:
        """Return the archive. Raises ArchiveError where there is none."""
        layout = self.layout()
        layout.check()
        return layout


def place(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--archive`` and ``--config``, handed on as one `Place`."""

    def gather(archive: Path | None, config: Path | None, **rest: Any) -> Any:
        return command(place=Place(archive, config), **rest)

    return _decorate(
        command,
        gather,
        click.option(
            "--archive",
            type=click.Path(path_type=Path),
            envvar="ARCHIVER_ARCHIVE",
            help="The archive folder (or set ARCHIVER_ARCHIVE).  [default: archive]",
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            envvar="ARCHIVER_CONFIG",
            help="The sources file (or set ARCHIVER_CONFIG).  [default: sources.toml in the archive"
            " folder, else here]",
        ),
    )


def opened(layout: Layout) -> Index:
    """Open the index of an archive for searching; a person is told where its words are folded otherwise."""
    from archiver.store import schema
    from archiver.store.search import Index

    index = Index(layout.index)
    if index.outdated:
        terminal.say(
            f"archiver: the text index was made by analyser {index.analyser}, this archiver has {schema.ANALYSER}:"
            " words may be missed (run 'archiver reindex')"
        )
    return index


_MINUS = "\ue0ff"  # stands for the minus of a word while click looks for options
_WORD = re.compile("-(?=[^-h]|h.)")


class WordsCommand(click.Command):
    """A command of whose arguments those with one minus (-sport) are words; all its options have two."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide the minus of each word from click, which would take it for an option."""
        return super().parse_args(
            ctx, [_WORD.sub(_MINUS, arg, count=1) if _WORD.match(arg) else arg for arg in args]
        )


def _words(
    ctx: click.Context, parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(re.sub(f"^{_MINUS}", "-", word) for word in words)


words: Decorator = click.argument("words", nargs=-1, callback=_words)


def _decorate(
    command: Callable[..., Any], gather: Callable[..., Any], *options: Decorator
) -> Callable[..., Any]:
    """Put `gather` before `command`, with the options of both."""
    decorated: Callable[..., Any] = functools.wraps(command)(gather)
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Write JSON lines.")
allow_host: Decorator = click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST:PORT",
    callback=lambda context, parameter, hosts: _checked(hosts),
    help="Let this private or loopback host be asked. May be given again.",
)


def _checked(hosts: tuple[str, ...]) -> tuple[str, ...]:
    from archiver.config import HOST_PORT

    for host in hosts:
        if not HOST_PORT.fullmatch(host):
            raise click.BadParameter(f"'{host}' is no HOST:PORT; write it as in 127.0.0.1:8000")
    return hosts


class Day(click.ParamType[datetime]):
    """A day: 2026-03-14, today, yesterday, or 7d for seven days ago. Midnight UTC."""

    name = "DATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the day or fail with what would be right."""
        if isinstance(value, datetime):
            return value
        found = day(str(value), clock.now().date())
        if found is None:
            self.fail(f"'{value}' is no day: write 2026-03-14, today, yesterday or 7d", param, ctx)
        return found


_AGO = re.compile(r"(\d{1,5})\s*(m|h|d|w)")
_TIMED = re.compile(r"\d[T ]\d", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class When(click.ParamType[datetime]):
    """A point in time: so long ago (30m, 24h, 7d, 2w), a date as searches know it, or a date with its time, UTC.

    Of a whole day or month it is the beginning, with `end` the end.
    """

    name = "WHEN"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the time or fail with what would be right."""
        from archiver.query import days

        if isinstance(value, datetime):
            return value
        now = clock.now()
        try:
            if ago := _AGO.fullmatch(value.strip().lower()):
                return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            if _TIMED.search(value):
                return to_utc(datetime.fromisoformat(value))
            since, until = days.bounds("date", value, now.date())
            if since and ".." not in value:
                return until if self._end and until else since
        except (ValueError, OverflowError):
            pass
        wanted = "24h, 7d, 2026-03-14, 2026-03, today, yesterday or 2026-03-14T10:00"
        self.fail(f"'{value}' is no time: write {wanted}", param, ctx)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of search and export as the options gave them."""

    source: str
    language: str
    since: datetime | None
    until: datetime | None

    def query(self, texts: tuple[str, ...], **more: Any) -> Query:
        """Return the query for `texts`, joined by spaces, under these filters; ``--to`` counts its whole day in."""
        # The last day that there is has none behind it.
        bounded = self.until is not None and self.until.date() < date.max
        until = self.until + timedelta(days=1) if self.until and bounded else None
        return Query(
            words=" ".join(texts),
            source=self.source,
            language=self.language,
            since=self.since,
            until=until,
            **more,
        )

    @property
    def empty(self) -> bool:
        """Whether no filter was given."""
        return not (self.source or self.language or self.since or self.until)


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--source``, ``--lang``, ``--from`` and ``--to``, handed on as one `Filters`."""

    def gather(
        source: str, language: str, since: datetime | None, until: datetime | None, **rest: Any
    ) -> Any:
        return command(filters=Filters(source, language, since, until), **rest)

    return _decorate(
        command,
        gather,
        click.option("--source", default="", metavar="NAME", help="Only this source."),
        click.option(
            "--lang",
            "language",
            default="",
            metavar="CODE",
            help="Only this language: ar, en, fa ...",
        ),
        click.option("--from", "since", type=Day(), help="Published on this day or later."),
        click.option("--to", "until", type=Day(), help="Published on this day or earlier."),
    )
