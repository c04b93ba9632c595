"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from archiver.dates import day
from archiver.types import Query

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

archive: Decorator = click.option(
    "--archive",
    "archive",
    type=click.Path(path_type=Path),
    envvar="ARCHIVER_ARCHIVE",
    default="archive",
    show_default=True,
    help="The archive folder (or set ARCHIVER_ARCHIVE).",
)
config: Decorator = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    envvar="ARCHIVER_CONFIG",
    default=None,
    help="The sources file (or set ARCHIVER_CONFIG).  [default: sources.toml]",
)
as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Write JSON lines.")
allow_host: Decorator = click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST:PORT",
    help="Let this private or loopback host be asked. May be given again.",
)


class Day(click.ParamType[datetime]):
    """A day: 2026-03-14, today, yesterday, or 7d for seven days ago. Midnight UTC."""

    name = "DATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the day or fail with what would be right."""
        if isinstance(value, datetime):
            return value
        found = day(str(value), datetime.now(UTC).date())
        if found is None:
            self.fail(f"'{value}' is no day: write 2026-03-14, today, yesterday or 7d", param, ctx)
        return found


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of search and export as the options gave them."""

    source: str
    language: str
    since: datetime | None
    until: datetime | None

    def query(self, words: tuple[str, ...], **more: Any) -> Query:
        """Return the query for `words` under these filters; ``--to`` counts its whole day in."""
        until = self.until + timedelta(days=1) if self.until else None
        return Query(
            words=" ".join(words),
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

    gather.__name__, gather.__doc__ = command.__name__, command.__doc__
    gather.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    options: list[Decorator] = [
        click.option("--source", default="", metavar="NAME", help="Only this source."),
        click.option("--lang", "language", default="", metavar="CODE", help="Only this language: ar, en, fa ..."),
        click.option("--from", "since", type=Day(), help="Published on this day or later."),
        click.option("--to", "until", type=Day(), help="Published on this day or earlier."),
    ]  # fmt: skip
    decorated: Callable[..., Any] = gather
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
