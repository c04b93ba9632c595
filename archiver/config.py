"""``sources.toml``: read, and checked key by key."""

from __future__ import annotations

import re
import shlex
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
LISTS = ("feeds", "sitemaps", "sections", "allow", "deny")
RULES = ("body", "drop", "title", "byline", "date")
# The durations of a source's timing: the key, the field, and the shortest that may be given.
_DURATIONS = {
    "max_run": ("longest", timedelta(minutes=1)),
    "fastest": ("fastest", timedelta(minutes=1)),
    "slowest": ("slowest", timedelta(minutes=1)),
    "silent_after": ("silent_after", timedelta(minutes=1)),
}
_TIMING = ("schedule", "timezone", "revisit", *_DURATIONS)
_HOOK_FILES = ("lines", "atom", "metrics")
_SOURCE_KEYS = ("home", *LISTS, "rules", *_TIMING)
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
        data = tomllib.loads(read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"is not valid TOML: {error}", where=str(path), remedy="mend the line it names"
        ) from error
    return checked(path, data)


def checked(path: Path, data: Mapping[str, Any]) -> Config:
    """Return what the keys of a parsed sources.toml say. Raises ConfigError with file, key and remedy."""
    return _Check(path).config(data)


def read(path: Path) -> str:
    """Return the text of the file at `path`. Raises ConfigError, with what to do, where it cannot be read."""
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
            entry: self._strings(table, entry, key) for entry in LISTS
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
        self._known(told, RULES, key)
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
