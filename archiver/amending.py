"""Watches put into ``sources.toml`` and taken out of it, one line; all else stays as it is, to the letter.

Lines are found by how they look, and what comes of it is read and compared: a file in which anything but the one
watch would be another is not written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archiver import config
from archiver.errors import ConfigError, UsageError
from archiver.work import Watch

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"\ufeff?\s*\[\s*watches\s*\]\s*(#.*)?\s*")
_TABLE = re.compile(r"\s*\[")
_NOTHING = re.compile(r"\s*(#.*)?\s*")
_OPERATOR = re.compile(r"\b(AND|OR|NOT)\b")
_BOM = "\ufeff"


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
            config.replace_file(path, "".join(changed).encode())
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
            config.replace_file(path, "".join(changed).encode())
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
