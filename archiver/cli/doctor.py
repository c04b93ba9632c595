"""archiver doctor."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from archiver import __version__
from archiver.cli import options, terminal
from archiver.config import Config
from archiver.errors import ArchiverError, ConfigError
from archiver.layout import MEGABYTE, Layout
from archiver.locking import is_locked
from archiver.store import schema
from archiver.warc import reader

OK, LOOK, BAD = "ok", "look", "bad"
EXIT_CODES = {OK: 0, LOOK: 6, BAD: 5}
RELEASED = 2026  # a clock that is before this year is wrong
# The first versions without known holes, None where any will do.
NEEDED = {
    "scrapy": (2, 17),
    "lxml": (6, 1),
    "brotli": (1, 2),
    "trafilatura": None,
    "zlib-ng": None,
    "httpcore": None,
}
# https://sqlite.org/wal.html: until 3.51.3, a WAL database can be corrupted when two connections
# write and checkpoint at the same moment. Here one process writes, through one connection.
WAL_RESET = ((3, 7, 0), (3, 51, 2))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its state (ok, look, bad), and what to do where it is not ok."""

    name: str
    state: str
    what: str
    remedy: str = ""


@click.command()
@options.as_json
@options.place
def doctor(as_json: bool, place: options.Place) -> int:
    """Look whether everything is as it should be: versions, room, clock, lock, WARCs, index, sources.

    Changes nothing. Exit code 0: all is well; 6: something wants a look; 5: something is bad.
    """
    found = list(findings(place))
    for finding in found:
        if as_json:
            terminal.out_json(asdict(finding))
        else:
            _print(finding)
    worst = max((finding.state for finding in found), key=(OK, LOOK, BAD).index)
    if not as_json:
        said = {
            OK: "all is well",
            LOOK: "something wants a look",
            BAD: "something is bad",
        }[worst]
        terminal.say(said)
    return EXIT_CODES[worst]


def findings(place: options.Place) -> Iterator[Finding]:
    """Yield what is found, one thing after the other."""
    yield Finding("archiver", OK, f"{__version__}, Python {platform.python_version()}")
    for name, needed in NEEDED.items():
        yield library(name, needed)
    yield sqlite()
    config, finding = sources(place)
    yield finding
    layout = place.layout(config)
    yield room(layout, config.min_free)
    newest = _newest(layout)
    yield clock(datetime.now(UTC), newest)
    if not layout.root.is_dir():
        yield Finding("archive", LOOK, f"{layout.root}: no archive here", "archiver init")
        return
    held = is_locked(layout)
    yield Finding("lock", OK, "held: a crawl or a rebuild is under way" if held else "free")
    yield warcs(layout, held)
    yield quarantine(layout)
    yield index(layout, held)
    yield runs(layout)


def library(name: str, needed: tuple[int, ...] | None) -> Finding:
    """Look at the version of a library."""
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, BAD, "is not installed", "pip install archiver")
    if needed is None or _numbers(found) >= needed:
        return Finding(name, OK, found)
    least = ".".join(map(str, needed))
    return Finding(
        name, BAD, f"{found} has known holes", f"pip install --upgrade '{name}>={least}'"
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def sqlite() -> Finding:
    """Look at the version of SQLite that Python was built with."""
    # By name, because only the store may import it.
    found = str(import_module("sqlite3").sqlite_version)
    first, last = WAL_RESET
    note = (
        "; before 3.51.3 a WAL database can be corrupted by two connections that write at the same"
        " moment: archiver writes with one, let no other program write to index.db"
        if first <= _numbers(found) <= last
        else ""
    )
    return Finding("sqlite", OK, found + note)


def sources(place: options.Place) -> tuple[Config, Finding]:
    """Read sources.toml; returns an empty configuration where it cannot be read."""
    path = place.config_path
    if not path.exists():
        return Config(path), Finding("sources", LOOK, f"{path}: no such file", "archiver init")
    try:
        config = place.configuration()
    except ConfigError as error:
        return Config(path), Finding("sources", BAD, f"{path}: {error.what}", error.remedy)
    if not config.sources:
        return config, Finding("sources", LOOK, f"{path} has no sources yet", "archiver add URL")
    if not config.contact:
        return config, Finding(
            "sources", LOOK, f"{path} has no 'contact': sites cannot tell whom to turn to",
            "write a web page or an e-mail address under 'contact'",
        )  # fmt: skip
    return config, Finding("sources", OK, f"{path}: {len(config.sources)} sources")


def room(layout: Layout, floor: int) -> Finding:
    """Look at the room on the disk of the archive."""
    free = layout.free // MEGABYTE
    what = f"{free} MB free" + (f", {floor} are to stay so" if floor else "")
    if free < floor or not free:
        return Finding("room", BAD, what, "make room on the disk: no crawl will begin")
    if free < 2 * floor:
        return Finding("room", LOOK, what, "make room on the disk soon")
    return Finding("room", OK, what)


def clock(now: datetime, newest: datetime | None) -> Finding:
    """Look whether the clock can be right: not before this release, nor before the newest WARC."""
    told = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now.year < RELEASED:
        return Finding("clock", BAD, f"{told} is before this archiver was made", "set the clock")
    if newest and now + timedelta(minutes=1) < newest:
        what = f"{told} is before the newest WARC file ({newest:%Y-%m-%d %H:%M:%S} UTC)"
        return Finding("clock", LOOK, what, "set the clock, or wait: was it ahead before?")
    return Finding("clock", OK, told)


def _newest(layout: Layout) -> datetime | None:
    """Return the time in the name of the newest WARC file."""
    stamps = [
        found[1]
        for path in reader.files(layout.warcs)
        if (found := re.search(r"-(\d{14})", path.name))
    ]
    for stamp in sorted(stamps, reverse=True):
        with suppress(ValueError):
            return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return None


def warcs(layout: Layout, held: bool) -> Finding:
    """Look at the WARC files, and for one that a stopped process left open."""
    files = reader.files(layout.warcs)
    size = sum(path.stat().st_size for path in files) / MEGABYTE
    what = f"{len(files)} files, {size:.1f} MB"
    left = [path.name for path in files if path.name.endswith(".open")]
    if left and not held:
        what += f"; left open by a process that was stopped: {', '.join(left)}"
        return Finding("warcs", LOOK, what, "the next 'archiver crawl' closes it")
    return Finding("warcs", OK, what)


def quarantine(layout: Layout) -> Finding:
    """Look for what recovery put aside."""
    files = sorted(layout.quarantine.glob("*")) if layout.quarantine.is_dir() else []
    if not files:
        return Finding("quarantine", OK, "empty")
    size = sum(path.stat().st_size for path in files)
    what = f"{len(files)} files, {size} bytes that were no whole records"
    remedy = f"look into {layout.quarantine}; what nobody misses can be deleted"
    return Finding("quarantine", LOOK, what, remedy)


def index(layout: Layout, held: bool) -> Finding:
    """Look whether the index can be read, and holds all that the WARC files do."""
    if not layout.index.exists():
        if reader.files(layout.warcs):
            return Finding("index", LOOK, "is not there", "archiver rebuild")
        return Finding("index", OK, "nothing crawled yet")
    try:
        missing, made_by = _missing(layout), _made_by(layout)
    except ArchiverError as error:
        return Finding("index", BAD, error.what, error.remedy or "archiver rebuild")
    if missing and not held:
        what = f"{missing} exchanges at the end of the WARC files are not in it"
        return Finding("index", LOOK, what, "the next 'archiver crawl' indexes them")
    if made_by != schema.ANALYSER:
        what = f"its text index was made by analyser {made_by}, this archiver has {schema.ANALYSER}"
        return Finding("index", LOOK, what, "archiver reindex")
    return Finding("index", OK, "can be read" + ("" if held else ", and in step with the WARCs"))


def runs(layout: Layout) -> Finding:
    """Look whether the history of runs can be read."""
    from archiver.store.runs import Runs

    if not layout.runs.exists():
        return Finding("runs", OK, "nothing was run by a schedule yet")
    try:
        with Runs(layout.runs, readonly=True) as opened:
            count = len(opened.all())
    except ArchiverError as error:
        return Finding("runs", LOOK, f"{layout.runs.name} {error.what}", error.remedy)
    return Finding("runs", OK, f"{count} sources are planned")


def _made_by(layout: Layout) -> str:
    """Return the analyser that made the text index. Raises ArchiverError."""
    from archiver.store.search import Index

    with Index(layout.index) as opened:
        return opened.analyser


def _missing(layout: Layout) -> int:
    """Count the exchanges behind the last one that the index holds. Raises ArchiverError."""
    from archiver.store.search import Index
    from archiver.warc import reader

    with Index(layout.index) as opened:
        opened.sources()
        rows = opened._rows(
            "SELECT filename, max(offset) FROM (SELECT filename, offset FROM exchanges UNION ALL"
            " SELECT filename, offset FROM failures) GROUP BY filename ORDER BY 1 DESC LIMIT 1",
            [],
        )
    name, offset = tuple(rows[0]) if rows else ("", 0)
    if name:
        reader.locate(layout.warcs, name)
    missing = 0
    for path in reader.files(layout.warcs):
        final = path.name.removesuffix(".open")
        if final == name:
            missing += sum(1 for _ in reader.kept(path, offset)) - 1
        elif final > name:
            missing += sum(1 for _ in reader.kept(path))
    return missing


def _print(finding: Finding) -> None:
    state = f"{finding.state:<5}"
    state = terminal.green(state) if finding.state == OK else terminal.bold(state)
    terminal.out(f"{state} {finding.name:<12} {terminal.harmless(finding.what)}")
    if finding.remedy:
        terminal.out(f"{'':18} -> {terminal.harmless(finding.remedy)}")
