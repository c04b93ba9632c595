"""Command lines that a command proposes: what to type next, exactly."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from datetime import datetime
from typing import Any

import click
from click.core import ParameterSource

from archiver.cli import terminal


def next_page(ctx: click.Context, after: int) -> str:
    """Return the command line that was given, for the hits behind the article `after`."""
    options, words = _given(ctx, without=("after",))
    return _line([str(ctx.info_name), *options, "--after", str(after), *words])


def show(ctx: click.Context, article_id: int, query: str = "") -> str:
    """Return the command that shows an article of the same archive, and what `query` finds in it."""
    return command(ctx, "show", str(article_id), *(["--query", query] if query else []))


def command(ctx: click.Context, name: str, wanted: str, *more: str) -> str:
    """Return another command of the same archive."""
    where = [name for name in ("archive", "config") if name in ctx.params]
    options, _ = _given(ctx, only=where)
    return _line([name, wanted, *options, *more])


def _given(
    ctx: click.Context, *, only: Collection[str] | None = None, without: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """Return the options that stood on the command line, and the words."""
    options: list[str] = []
    words: list[str] = []
    for parameter in ctx.command.params:
        name = str(parameter.name)
        here = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not here or name in without or (only is not None and name not in only):
            continue
        value = ctx.params[name]
        if isinstance(parameter, click.Argument):
            words = list(value)
        else:
            options += _option(parameter, value)
    return options, ["--", *words] if any(word.startswith("--") for word in words) else words


def _option(parameter: click.Parameter, value: Any) -> list[str]:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [parameter.opts[0]]
    # A day that was told as "7d" is the day that it was: the next page is one of the same list.
    return [parameter.opts[0], f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)]


def _line(parts: list[str]) -> str:
    return terminal.harmless(shlex.join(["archiver", *parts]))
