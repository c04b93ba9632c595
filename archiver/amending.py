"""``sources.toml`` begun, and changed a little; all else in it stays as it is, to the letter.

Sources and rules are appended. A watch is one line: lines are found by how they look, and what comes of it is read
and compared: a file in which anything but the one watch would be another is not written.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archiver import config
from archiver.errors import ConfigError, UsageError
from archiver.types import Rules, Source
from archiver.work import Watch

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"\ufeff?\s*\[\s*watches\s*\]\s*(#.*)?\s*")
_TABLE = re.compile(r"\s*\[")
_NOTHING = re.compile(r"\s*(#.*)?\s*")
_OPERATOR = re.compile(r"\b(AND|OR|NOT)\b")
_BOM = "\ufeff"

TEMPLATE = """\
# The sources of this archive. 'archiver add URL' writes a source for you; by hand it looks like this:
#
#   [sources.example]
#   home = "https://news.example/"
#   feeds = ["https://news.example/rss.xml"]          # optional, as are the rest
#   sitemaps = ["https://news.example/news-sitemap.xml"]
#   sections = ["https://news.example/politics/"]
#   allow = ["/news-details/"]                        # regular expressions: only these are articles
#   deny = ["/live/"]                                 # and these are never asked for
#   schedule = "*/20 6-22 * * *"                      # this and its kind: see below
#   [sources.example.rules]                           # CSS or XPath, where reading needs help
#   body = "div.article-body"                         # also: drop, title, byline, date

# Who runs this crawler: a web page or an e-mail address that the sites you crawl can turn to.
contact = {contact}
# And who that is; it is written into each WARC file.
# operator = "The Archive of ..."

# Where the archive is, seen from this file. Without it: 'archive' in the folder you work in.
# archive = "archive"

# Seconds between two requests to one host, and how many may run at once.
delay = 1.0
concurrency = 2

# A crawl stops before less than so many megabytes are free on the disk; 0 for no such limit.
# min_free = 500

# Private and loopback addresses are refused, except these ("host:port").
allow_hosts = []

# When 'archiver run --due' asks a source. Each of these may also stand with a source, for it alone.
# "auto" (as often as each feed, sitemap and hub brings something), "every 30m", or cron: "0 6 * * *".
# schedule = "auto"
# timezone = "UTC"                                    # of cron texts, as in "Africa/Cairo"
# fastest = "15m"                                     # "auto" asks no more often than this
# slowest = "1d"                                      # and no more seldom
# max_run = "1h"                                      # the longest that one run of a source may take
# revisit = ["1h", "6h", "24h", "7d", "30d"]          # the ages at which articles are fetched again; [] for never
# silent_after = "2d"                                 # no new article for so long is an alarm; without it: learned

# Who is told of alarms and matches (docs/schedules.md). Paths are seen from this file.
# [hooks]
# command = ["notify.sh", "--news"]                   # gets JSON lines on its standard input
# webhook = "https://chat.example/hook"               # gets each event as JSON, by POST
# lines = "events.jsonl"                              # JSON lines, one for each event
# atom = "events.atom"                                # a feed of the last 300 events
# metrics = "/var/lib/node_exporter/archiver.prom"    # Prometheus text, written anew after each run

# Words to watch: each run tells the hooks of new articles that match. 'archiver watch add QUERY' writes them.
# [watches]
# floods = "فيضان OR سيول"                            # a search, as docs/searching.md describes them
"""


def create(path: Path, contact: str = "") -> bool:
    """Write a commented ``sources.toml``; returns False where there is one already."""
    if path.exists():
        return False
    import tomli_w  # only needed to write

    quoted = tomli_w.dumps({"contact": contact}).partition("=")[2].strip()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEMPLATE.format(contact=quoted), "utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return True


def add_source(path: Path, source: Source) -> None:
    """Append `source` to the file at `path`; what stands in it stays as it is written."""
    table: dict[str, str | list[str]] = {"home": source.home}
    table |= {name: list(value) for name in config.LISTS if (value := getattr(source, name))}
    _append(path, source.name, {"sources": {source.name: table}})


def add_rules(path: Path, name: str, rules: Rules) -> None:
    """Append the selectors `rules` for the source `name` to the file at `path`."""
    table = {kind: list(value) for kind in config.RULES if (value := getattr(rules, kind))}
    _append(path, f"{name}.rules", {"sources": {name: {"rules": table}}})


def _append(path: Path, what: str, tables: dict[str, Any]) -> None:
    text = config.read(path)
    import tomli_w

    block = tomli_w.dumps(tables)
    written = f"{text.rstrip()}\n\n{block}"
    try:
        config.checked(path, tomllib.loads(written))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"cannot take [sources.{what}]: {error}",
            where=str(path),
            remedy="is there one of that name, or a 'sources = {...}' on one line?",
        ) from error
    replace_file(path, written.encode())


def replace_file(path: Path, written: bytes) -> None:
    """Put `written` in the place of a sources.toml. Raises ConfigError where that cannot be."""
    # Whole or not at all: a half-written sources.toml would stop every later command.
    target = path.resolve()  # behind a link, if it is one
    fresh = target.with_name(target.name + ".new")
    try:
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "it is read-only")
        fresh.write_bytes(written)
        shutil.copymode(target, fresh)
        os.replace(fresh, target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error


def add_watch(path: Path, watch: Watch) -> None:
    """Write `watch` behind those that are there.

    Raises ConfigError where that cannot be, or could not be read again; UsageError for a name that is none, or taken.
    """
    if not config.NAME.fullmatch(watch.name):
        raise UsageError(
            f"'{watch.name}' is no name for a watch", remedy="use a-z, 0-9, '.', '_' and '-'"
        )
    lines, data = _read(path)
    if watch.name in data.get("watches", {}):
        raise UsageError(
            f"there is a watch '{watch.name}' already",
            where=str(path),
            remedy="give another --name",
        )
    wanted = _with(data, watch.name, watch.query)
    line = _line(watch)
    for changed in (_inserted(lines, line), _appended(lines, line)):
        if _says(changed, wanted):
            config.checked(path, wanted)
            replace_file(path, "".join(changed).encode())
            return
    raise ConfigError(
        "cannot take another watch by itself", where=str(path),
        remedy=f"write it under [watches]: {line}",
    )  # fmt: skip


def remove_watch(path: Path, name: str) -> None:
    """Take out the line of a watch. Raises ConfigError where there is none, or it is not on a line of its own."""
    lines, data = _read(path)
    if name not in data.get("watches", {}):
        raise ConfigError(
            f"no watch called '{name}'", where=str(path), remedy="'archiver watch' lists them"
        )
    wanted = _with(data, name, None)
    quoted = re.escape(name)
    own = re.compile(rf"""\s*(watches\s*\.\s*)?({quoted}|"{quoted}"|'{quoted}')\s*=""")
    for number in (n for n, line in enumerate(lines) if own.match(line)):
        changed = [*lines[:number], *lines[number + 1 :]]
        if _says(changed, wanted):
            replace_file(path, "".join(changed).encode())
            return
    raise ConfigError(
        f"'watches.{name}' is not on a line of its own", where=str(path),
        remedy="take it out by hand",
    )  # fmt: skip


def name_for(query: str, taken: Sequence[str]) -> str:
    """Return a name for a watch: the Latin letters of its query, or watch-1; with a number where it is taken."""
    query = _OPERATOR.sub(" ", query).lower()
    words = re.sub(r"[^a-z0-9]+", "-", query).strip("-")[:40].strip("-")
    name, number = words or "watch-1", 1
    while name in taken:
        number += 1
        name = f"{words or 'watch'}-{number}"
    return name


def _read(path: Path) -> tuple[list[str], dict[str, Any]]:
    """Return the lines of a file with their ends, and what it says."""
    config.load(path)  # says what is wrong with it
    lines = _LINE.findall(path.read_bytes().decode())
    return lines, tomllib.loads("".join(lines).removeprefix(_BOM))


def _with(data: dict[str, Any], name: str, query: str | None) -> dict[str, Any]:
    """Return what a file is to say: with a watch, or without the one of that name."""
    watches = {key: value for key, value in data.get("watches", {}).items() if key != name}
    return data | {"watches": watches | ({name: query} if query is not None else {})}


def _says(lines: Sequence[str], wanted: dict[str, Any]) -> bool:
    try:
        found = tomllib.loads("".join(lines).removeprefix(_BOM))
    except tomllib.TOMLDecodeError:
        return False
    return {"watches": {}} | found == wanted


def _line(watch: Watch) -> str:
    import tomli_w  # only needed to write

    try:
        watch.query.encode()
    except UnicodeError as error:
        raise UsageError("the query is not UTF-8", remedy="type it anew") from error
    return tomli_w.dumps({watch.name: watch.query}).rstrip("\n")


def _inserted(lines: Sequence[str], line: str) -> list[str]:
    """Return `lines` with `line` behind the last one of the table of watches; as they are where there is none."""
    start = next((n for n, old in enumerate(lines) if _HEADER.fullmatch(old)), None)
    if start is None:
        return list(lines)
    end = next((n for n in range(start + 1, len(lines)) if _TABLE.match(lines[n])), len(lines))
    while _NOTHING.fullmatch(lines[end - 1]):
        end -= 1
    return [*_ended(lines[:end]), line + _end(lines), *lines[end:]]


def _appended(lines: Sequence[str], line: str) -> list[str]:
    """Return `lines` with a table of watches behind them."""
    end = _end(lines)
    gap = [end] if lines else []
    return [*_ended(lines), *gap, f"[watches]{end}", line + end]


def _ended(lines: Sequence[str]) -> list[str]:
    """Return `lines`, the last one of them with its end."""
    ends = not lines or lines[-1].endswith("\n")
    return [*lines] if ends else [*lines[:-1], lines[-1] + _end(lines)]


def _end(lines: Sequence[str]) -> str:
    """Return how lines end in this file."""
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
