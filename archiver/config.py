"""``sources.toml``: read, checked key by key, and added to."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver import __version__, clock, schedules, selectors, urls
from archiver.errors import ConfigError, QueryError
from archiver.types import Rules, Source, Timing
from archiver.work import Hooks, Watch

CONFIG_NAME = "sources.toml"
ARCHIVE_NAME = "archive"
HOST_PORT = re.compile(r"\S+:\d{1,5}")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LISTS = ("feeds", "sitemaps", "sections", "allow", "deny")
_RULES = ("body", "drop", "title", "byline", "date")
# The durations of a source's timing: the key, the field, and the shortest that may be given.
_DURATIONS = {
    "max_run": ("longest", timedelta(minutes=1)),
    "fastest": ("fastest", timedelta(minutes=1)),
    "slowest": ("slowest", timedelta(minutes=1)),
    "silent_after": ("silent_after", timedelta(minutes=1)),
}
_TIMING = ("schedule", "timezone", "revisit", *_DURATIONS)
_HOOK_FILES = ("lines", "atom", "metrics")
_SOURCE_KEYS = ("home", *_LISTS, "rules", *_TIMING)
_ROOT_KEYS = (
    "archive",
    "contact",
    "operator",
    "allow_hosts",
    "delay",
    "concurrency",
    "min_free",
    *_TIMING,
    "hooks",
    "watches",
    "sources",
)

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


@dataclass(frozen=True, slots=True)
class Config:
    """What ``sources.toml`` says. `delay` is in seconds, `min_free` in megabytes; `allow_hosts` holds ``host:port``."""

    path: Path
    archive: Path = Path(ARCHIVE_NAME)
    contact: str = ""
    operator: str = ""
    allow_hosts: frozenset[str] = frozenset()
    delay: float = 1.0
    concurrency: int = 2
    min_free: int = 500
    hooks: Hooks = field(default=Hooks())
    watches: tuple[Watch, ...] = field(default=())
    sources: tuple[Source, ...] = field(default=())

    @property
    def user_agent(self) -> str:
        """The User-Agent header: the product and where its operator can be reached."""
        return f"archiver/{__version__}" + (f" (+{self.contact})" if self.contact else "")

    def watch(self, name: str) -> Watch:
        """Return the watch called `name`. Raises ConfigError where there is none."""
        known = {watch.name: watch for watch in self.watches}
        if name not in known:
            close = _closest(name, known)
            hint = f"did you mean '{close}'?" if close else "'archiver watch' lists them"
            raise ConfigError(f"no watch called '{name}'", where=str(self.path), remedy=hint)
        return known[name]

    def chosen(self, names: Sequence[str]) -> tuple[Source, ...]:
        """Return the sources called `names`, all of them for no names at all.

        Raises ConfigError for a name that is not there.
        """
        known = {source.name: source for source in self.sources}
        for name in names:
            if name not in known:
                close = _closest(name, known)
                hint = f"did you mean '{close}'?" if close else "'archiver sources' lists them"
                raise ConfigError(f"no source called '{name}'", where=str(self.path), remedy=hint)
        return tuple(known[name] for name in dict.fromkeys(names)) if names else self.sources


def _closest(name: str, known: Iterable[str]) -> str:
    """Return the one of `known` that `name` may have been meant for, or ""."""
    import difflib  # only needed where something is wrong

    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")


def load(path: Path) -> Config:
    """Read and check `path`. Raises ConfigError with file, key and remedy."""
    try:
        data = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"is not valid TOML: {error}", where=str(path), remedy="mend the line it names"
        ) from error
    return checked(path, data)


def checked(path: Path, data: Mapping[str, Any]) -> Config:
    """Return what the keys of a parsed sources.toml say. Raises ConfigError with file, key and remedy."""
    return _Check(path).config(data)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            "no such file", where=str(path), remedy="'archiver init' makes one"
        ) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeError as error:
        raise ConfigError("cannot be read: it is not UTF-8", where=str(path)) from error


def load_or_empty(path: Path, named: bool) -> Config:
    """Read `path`; without such a file, an empty configuration unless the user `named` it."""
    return load(path) if named or path.exists() else Config(path)


class _Check:
    """Checks the parsed file key by key; every complaint names file and key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def config(self, data: Mapping[str, Any]) -> Config:
        self._known(data, _ROOT_KEYS, "")
        timing = self._timing(data, "", Timing())
        sources = self._typed(data, "sources", dict, {}, "", "a table [sources.NAME]")
        delay = self._typed(data, "delay", (int, float), 1.0, "", "a number of seconds")
        concurrency = self._typed(data, "concurrency", int, 2, "", "a whole number")
        if not 0 <= delay <= 3600:
            raise self._error("delay", f"{delay} is out of range", "give 0 to 3600 seconds")
        if not 1 <= concurrency <= 64:
            raise self._error("concurrency", f"{concurrency} is out of range", "give 1 to 64")
        min_free = self._typed(data, "min_free", int, 500, "", "a whole number of megabytes")
        if min_free < 0:
            raise self._error("min_free", f"{min_free} is out of range", "give 0 or more megabytes")
        folder = self._typed(data, "archive", str, "", "", "a folder")
        hosts = self._strings(data, "allow_hosts", "")
        for host in hosts:
            if not HOST_PORT.fullmatch(host):
                raise self._error(
                    "allow_hosts", f"'{host}' is no HOST:PORT", "write it as in 127.0.0.1:8000"
                )
        return Config(
            path=self._path,
            # As seen from the file, so that --config alone leads to the archive from anywhere.
            archive=self._path.parent / folder if folder else Path(ARCHIVE_NAME),
            contact=self._typed(data, "contact", str, "", "", "a web or e-mail address").strip(),
            operator=self._typed(data, "operator", str, "", "", "a name").strip(),
            allow_hosts=frozenset(host.lower() for host in hosts),
            delay=float(delay),
            concurrency=concurrency,
            min_free=min_free,
            hooks=self._hooks(data),
            watches=self._watches(data),
            sources=tuple(self._source(name, table, timing) for name, table in sources.items()),
        )

    def _source(self, name: str, table: Any, timing: Timing) -> Source:
        key = f"sources.{name}"
        if not NAME.fullmatch(name):
            raise self._error(key, "is no name for a source", "use a-z, 0-9, '.', '_' and '-'")
        if not isinstance(table, dict):
            raise self._error(key, "must be a table", f"write [sources.{name}]")
        self._known(table, _SOURCE_KEYS, key)
        if "home" not in table:
            raise self._error(f"{key}.home", "is missing", 'write home = "https://..."')
        home = self._url(f"{key}.home", self._typed(table, "home", str, "", key, "an address"))
        lists: dict[str, tuple[str, ...]] = {
            entry: self._strings(table, entry, key) for entry in _LISTS
        }
        for entry in ("feeds", "sitemaps", "sections"):
            lists[entry] = tuple(self._url(f"{key}.{entry}", url) for url in lists[entry])
        for entry in ("allow", "deny"):
            self._patterns(f"{key}.{entry}", lists[entry])
        return Source(
            name=name,
            home=home,
            rules=self._rules(f"{key}.rules", table),
            timing=self._timing(table, key, timing),
            **lists,
        )

    def _timing(self, table: Mapping[str, Any], under: str, default: Timing) -> Timing:
        """Read the keys of a timing; those that are not there are as in `default`."""
        given: dict[str, Any] = {}
        if "schedule" in table:
            given["schedule"] = self._schedule(table, under)
        if "timezone" in table:
            zone = self._typed(table, "timezone", str, "", under, "the name of a time zone")
            if wrong := schedules.zone_problem(zone):
                raise self._error(_at(under, "timezone"), wrong, 'write it as in "Africa/Cairo"')
            given["zone"] = zone
        if "revisit" in table:
            ages = self._strings(table, "revisit", under)
            read = {self._duration(_at(under, "revisit"), age) for age in ages}
            given["revisits"] = tuple(sorted(read))
        for name in set(_DURATIONS).intersection(table):
            field_name, shortest = _DURATIONS[name]
            told = self._typed(table, name, str, "", under, 'a duration as in "30m"')
            given[field_name] = self._duration(_at(under, name), told, shortest)
        timing = replace(default, **given)
        if timing.fastest > timing.slowest:
            key = _at(under, "fastest" if "fastest" in given else "slowest")
            what = f"makes 'fastest' longer than 'slowest' ({_bounds(timing)})"
            raise self._error(key, what, "give both, the shorter one as 'fastest'")
        return timing

    def _hooks(self, data: Mapping[str, Any]) -> Hooks:
        told = self._typed(data, "hooks", dict, {}, "", "a table [hooks]")
        self._known(told, ("command", "webhook", *_HOOK_FILES), "hooks")
        files = {
            name: self._path.parent / path
            for name in _HOOK_FILES
            if (path := self._typed(told, name, str, "", "hooks", "the path of a file"))
        }
        webhook = self._typed(told, "webhook", str, "", "hooks", "a web address").strip()
        if webhook and not urls.is_web_address(webhook):
            what = f"'{webhook[:80]}' is no web address that can be told something"
            raise self._error("hooks.webhook", what, "write https://HOST/PATH, without a password")
        return Hooks(command=self._command(told), webhook=webhook, **files)

    def _watches(self, data: Mapping[str, Any]) -> tuple[Watch, ...]:
        told = self._typed(data, "watches", dict, {}, "", "a table [watches]")
        return tuple(self._watch(name, told) for name in told)

    def _watch(self, name: str, told: Mapping[str, Any]) -> Watch:
        key = f"watches.{name}"
        if not NAME.fullmatch(name):
            raise self._error(key, "is no name for a watch", "use a-z, 0-9, '.', '_' and '-'")
        text = self._typed(told, name, str, "", "watches", "what to search for, as a text")
        if wrong := query_problem(text):
            raise self._error(key, *wrong)
        return Watch(name, text)

    def _command(self, told: Mapping[str, Any]) -> tuple[str, ...]:
        """Read a program and its arguments: a list, or a text that is parted as a shell would."""
        words = told.get("command", [])
        if isinstance(words, str):
            try:
                words = shlex.split(words)
            except ValueError as error:
                what = f"cannot be parted into words: {error}"
                raise self._error("hooks.command", what, "close the quotes") from error
        first, *rest = self._strings({"command": words}, "command", "hooks") or ("",)
        if (
            "/" in first
        ):  # seen from the file, as all paths are; else it is looked for as a shell does
            first = str(self._path.parent.absolute() / first)
        return (first, *rest) if first else ()

    def _schedule(self, table: Mapping[str, Any], under: str) -> str:
        schedule: str = self._typed(table, "schedule", str, "", under, "a text").strip()
        if wrong := schedules.problem(schedule):
            remedy = 'write "auto", "every 30m", or five fields as in "0 6 * * *"'
            raise self._error(_at(under, "schedule"), wrong, remedy)
        return schedule

    def _duration(self, key: str, text: str, shortest: timedelta = timedelta(0)) -> timedelta:
        remedy = 'write a number and one of s, m, h, d, w, as in "30m"'
        try:
            duration = schedules.parse_duration(text)
        except ValueError as error:
            raise self._error(key, str(error), remedy) from error
        if duration < shortest:
            least = schedules.duration_text(shortest)
            raise self._error(key, f"'{text}' is too short", f"give {least} or more")
        return duration

    def _rules(self, key: str, table: Mapping[str, Any]) -> Rules:
        told = self._typed(table, "rules", dict, {}, key.removesuffix(".rules"), "a table")
        self._known(told, _RULES, key)
        rules = {name: self._selectors(told, name, key) for name in told}
        return Rules(**rules)

    def _selectors(self, told: Mapping[str, Any], name: str, key: str) -> tuple[str, ...]:
        """Read one selector, or a list of them."""
        one = isinstance(told[name], str)
        found = (told[name],) if one else self._strings(told, name, key)
        for selector in found:
            if wrong := selectors.problem(selector):
                what = f"'{selector}' is no CSS or XPath selector: {wrong}"
                raise self._error(f"{key}.{name}", what, "mend it")
        return found

    def _known(self, table: Mapping[str, Any], keys: Sequence[str], under: str) -> None:
        for name in table:
            if name not in keys:
                close = _closest(name, keys)
                hint = f"did you mean '{close}'?" if close else f"known keys: {', '.join(keys)}"
                raise self._error(_at(under, name), "is not a known key", hint)

    def _typed(
        self, table: Mapping[str, Any], name: str, kind: Any, default: Any, under: str, what: str
    ) -> Any:
        value = table.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._error(_at(under, name), f"must be {what}", f"not {value!r}"[:80])
        return value

    def _strings(self, table: Mapping[str, Any], name: str, under: str) -> tuple[str, ...]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(_at(under, name), "must be a list of texts", 'write ["...", "..."]')
        return tuple(value)

    def _url(self, key: str, value: str) -> str:
        url = urls.normalise(value)
        if not url:
            raise self._error(
                key, f"'{value[:80]}' is no web address", "it begins with http:// or https://"
            )
        return url

    def _patterns(self, key: str, patterns: tuple[str, ...]) -> None:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise self._error(
                    key, f"'{pattern}' is no regular expression: {error}", "mend it"
                ) from error

    def _error(self, key: str, what: str, remedy: str) -> ConfigError:
        return ConfigError(f"'{key}' {what}", where=str(self._path), remedy=remedy)


def query_problem(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a query and what to do, where it cannot be watched; see ``docs/searching.md``."""
    from archiver import query  # only needed where something is watched

    try:
        if query.parse(text, clock.now().date()) is None:
            return "asks for nothing", "write what to search for"
    except QueryError as error:
        return f"cannot be searched for: {error.what}", error.remedy
    return None


def _at(under: str, name: str) -> str:
    """Return the whole name of a key."""
    return f"{under}.{name}".lstrip(".")


def _bounds(timing: Timing) -> str:
    return " and ".join(map(schedules.duration_text, (timing.fastest, timing.slowest)))


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


def add(path: Path, source: Source) -> None:
    """Append `source` to the file at `path`; what stands in it stays as it is written."""
    table: dict[str, str | list[str]] = {"home": source.home}
    table |= {name: list(value) for name in _LISTS if (value := getattr(source, name))}
    _append(path, source.name, {"sources": {source.name: table}})


def add_rules(path: Path, name: str, rules: Rules) -> None:
    """Append the selectors `rules` for the source `name` to the file at `path`."""
    table = {kind: list(value) for kind in _RULES if (value := getattr(rules, kind))}
    _append(path, f"{name}.rules", {"sources": {name: {"rules": table}}})


def _append(path: Path, what: str, tables: dict[str, Any]) -> None:
    text = _read(path)
    import tomli_w

    block = tomli_w.dumps(tables)
    written = f"{text.rstrip()}\n\n{block}"
    try:
        _Check(path).config(tomllib.loads(written))
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


def source_for(url: str, taken: Sequence[str] = ()) -> Source:
    """Return a source for `url`, named after its site, with a number where the name is taken."""
    site = urls.site(url).lower()
    name = re.sub(r"[^a-z0-9._-]+", "-", site).strip("-._")[:60] or "site"
    number = 2
    while name in taken:
        name = f"{name.removesuffix(f'-{number - 1}')}-{number}"
        number += 1
    return Source(name=name, home=url)


def allowing(config: Config, hosts: Sequence[str]) -> Config:
    """Return `config` with more hosts (``host:port``) that may be private."""
    return replace(config, allow_hosts=config.allow_hosts | {host.lower() for host in hosts})
