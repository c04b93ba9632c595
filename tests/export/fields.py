"""The table of fields in ``docs/export.md`` and the JSON Schema in the package, written from the fields.

``python -m tests.export.fields docs/export.md`` writes both; tests compare.
"""

from __future__ import annotations

import sys
from pathlib import Path

from archiver.export import schemas


def written(page: str) -> str:
    """Return a page with the table of now in the place of the one it has."""
    lines, table = page.split("\n"), schemas.table()
    first = lines.index(table[0])
    last = next(n for n in range(first, len(lines)) if not lines[n].startswith("|"))
    return "\n".join([*lines[:first], *table, *lines[last:]])


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(written(target.read_text("utf-8")), "utf-8")
    schemas.FILE.write_text(schemas.json_schema_text(), "utf-8")
