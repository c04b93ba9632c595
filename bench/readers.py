"""Whether those whom exports are for read them: ``datasets``, pandas and duckdb, as programs of their own.

`python -m bench.readers FOLDER ...` opens dataset folders that `archiver export ... -o FOLDER/` wrote, each of jsonl,
jsonl.zst, csv or parquet, and compares what the three have with each other and with the manifest of the card. It is run
by hand, with a Python that has them (`pip install datasets pandas duckdb zstandard`), and asks no network for anything.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

_TIMES = ("published_at", "modified_at", "first_seen", "last_seen", "removed_at", "captured_at")


def hugging(folder: Path) -> dict[str, Any]:
    """Return the splits as ``datasets`` reads them from the card."""
    import datasets

    found: dict[str, Any] = datasets.load_dataset(str(folder))
    return found


def pandas(path: Path, media: str) -> list[tuple[int, str]]:
    """Return id and text of each row as pandas reads a file."""
    import pandas as pd

    if media == "text/csv":
        frame = pd.read_csv(path, keep_default_na=False)
    elif media.endswith("parquet"):
        frame = pd.read_parquet(path)
    else:
        frame = pd.read_json(path, lines=True, compression="infer")
    return [(int(number), text) for number, text in zip(frame["id"], frame["text"], strict=True)]


def duck(path: Path, media: str) -> list[tuple[int, str]]:
    """Return the same as duckdb reads it."""
    import duckdb

    call = {"text/csv": "read_csv", "application/vnd.apache.parquet": "read_parquet"}.get(
        media, "read_json"
    )
    more = ", header = true" if call == "read_csv" else ""
    return duckdb.sql(f"SELECT id, text FROM {call}('{path}'{more})").fetchall()


def compare(folder: Path) -> str:
    """Read a folder with all three; returns what was the same, raises AssertionError where something was not."""
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    names = [field["name"] for field in package["resources"][0]["schema"]["fields"]]
    splits = hugging(folder)
    rows = 0
    for name, split in splits.items():
        assert split.column_names == names, (name, split.column_names)
        told = [one for one in package["resources"] if one["split"] == name]
        assert split.num_rows == sum(one["rows"] for one in told), name
        ours = [(int(row["id"]), row["text"] or "") for row in split.select_columns(["id", "text"])]
        for read in (pandas, duck):
            theirs = [row for one in told for row in read(folder / one["path"], one["mediatype"])]
            assert [(n, t or "") for n, t in theirs] == ours, (name, read.__name__)
        rows += split.num_rows
    kinds = {str(next(iter(splits.values())).features[name].dtype) for name in _TIMES}
    return f"{folder}: {rows} rows in {', '.join(splits)}; times are {', '.join(sorted(kinds))}"


def main() -> None:
    """Compare each folder."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as home:
        os.environ["HF_HOME"] = home
        for folder in map(Path, sys.argv[1:]):
            print(compare(folder))


if __name__ == "__main__":
    main()
