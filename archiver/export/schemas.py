"""The row's schema in the languages of others: JSON Schema, Arrow, Frictionless, and a table for people."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.export.rows import FIELDS, Field

if TYPE_CHECKING:
    import pyarrow

FILE = Path(__file__).with_name("schema.json")  # what `json_schema` returns, for who has no Python
_JSON = {"time": "string", "list": "array"}
_NEVER_EMPTY = ("integer", "boolean", "time")
_FRICTIONLESS = {"time": "datetime", "list": "array"}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a row."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A version of an article, as archiver exports it",
        "type": "object",
        "properties": {field.name: _property(field) for field in FIELDS},
        "required": [field.name for field in FIELDS],
        "additionalProperties": False,
    }


def json_schema_text() -> str:
    """Return the same as a file has it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _property(field: Field) -> dict[str, Any]:
    name = _JSON.get(field.type, field.type)
    found: dict[str, Any] = {"type": [name, "null"] if field.nullable else name}
    if field.type == "list":
        found["items"] = {"type": "string"}
    if field.type == "time":
        found["format"] = "date-time"
    return found | {"description": field.description}


@cache
def arrow_schema() -> pyarrow.Schema:
    """Return the Arrow schema of a row; its descriptions are the fields' metadata."""
    import pyarrow as pa  # takes a while, and is needed for Parquet and folders only

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
        # Parquet has no other name for it, and so a schema that was written comes back the same.
        "list": pa.list_(pa.field("element", pa.string(), nullable=False)),
    }
    return pa.schema(
        pa.field(field.name, types[field.type], field.nullable, {"description": field.description})
        for field in FIELDS
    )


def frictionless(*, lists_as_text: bool = False) -> dict[str, Any]:
    """Return the Table Schema (Frictionless) of a row; in CSV a list is one text."""
    return {
        "fields": [
            {
                "name": field.name,
                "type": "string" if lists_as_text and field.type == "list" else
                        _FRICTIONLESS.get(field.type, field.type),
                "description": field.description,
                # An empty text is a missing one to Frictionless, and is none to us.
                "constraints": {"required": not field.nullable and field.type in _NEVER_EMPTY},
            }
            for field in FIELDS
        ]
    }  # fmt: skip


def table() -> list[str]:
    """Return the fields as lines of a Markdown table."""
    lines = ["| field | type | is |", "|---|---|---|"]
    for field in FIELDS:
        kind = {"list": "list of strings"}.get(field.type, field.type)
        kind += " or null" if field.nullable else ""
        lines.append(f"| `{field.name}` | {kind} | {field.description} |")
    return lines
