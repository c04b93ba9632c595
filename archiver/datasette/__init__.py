"""The plugin for Datasette: our SQL functions, names and descriptions, and searches, for any index it opens.

It makes no HTML: what comes from the web is escaped by Datasette, and our marks are plain text. See
docs/datasette.md.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

from datasette import hookimpl

from archiver.store import functions

# The names under which each Datasette has opened an index.
_indexes: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@hookimpl
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """Add the functions to a connection to an index."""
    if functions.is_index(conn):
        functions.register(conn)
        _indexes.setdefault(datasette, set()).add(database)


@hookimpl
def startup(datasette: Any) -> Callable[[], Awaitable[None]]:
    """Open each database once, so that the first page that is asked for has its descriptions."""

    async def opened() -> None:
        for database in datasette.databases.values():
            await database.execute_fn(lambda connection: None)

    return opened


@hookimpl
def get_metadata(datasette: Any) -> dict[str, Any]:
    """Describe each index; what the user's own metadata says goes before it."""
    # Made anew each time: Datasette writes the user's own into it.
    return {"databases": {name: _described() for name in _indexes.get(datasette, ())}}


def _described() -> Any:
    text = (files(__name__) / "metadata.json").read_text("utf-8")
    return json.loads(text)["databases"]["index"]


@hookimpl
def extra_css_urls(datasette: Any, database: str | None) -> list[str]:
    """Let each cell run in the direction of its own text."""
    if database not in _indexes.get(datasette, ()):
        return []
    return [datasette.urls.static_plugins(_name(), "cells.css")]


def _name() -> str:
    """Return what Datasette calls this plugin: the name of the distribution that it came with, if any."""
    from datasette.plugins import get_plugins  # which is what imports this module

    ours = str(files(__name__) / "static")
    return next(str(one["name"]) for one in get_plugins() if one["static_path"] == ours)
