"""What stands beside the files of a dataset, so that people and programs know what it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from archiver import __version__
from archiver.export import card, picture, schemas
from archiver.export.shards import JOURNAL, Shard, by_split, manifest, write_lasting
from archiver.export.taking import Tally, Wanted

_MEDIA = {
    "jsonl": ("jsonl", "application/jsonl"), "jsonl.zst": ("jsonl", "application/zstd"), "csv": ("csv", "text/csv"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
}  # fmt: skip


def describe(folder: Path, wanted: Wanted, tally: Tally, shards: Sequence[Shard]) -> None:
    """Write schemas, picture, card, ``datapackage.json`` and, last, the manifest. No time stands in any of them."""
    splits = by_split(shards, wanted)
    write_lasting(folder / "schema.json", schemas.json_schema_text())
    write_lasting(folder / "schema.arrow", schemas.arrow_schema().serialize().to_pybytes())
    write_lasting(folder / "counts.svg", picture.drawn(tally))
    write_lasting(folder / "README.md", card.written(wanted, tally, splits))
    if wanted.format in _MEDIA:
        told = json.dumps(package(wanted, shards), indent=1, ensure_ascii=False) + "\n"
        write_lasting(folder / "datapackage.json", told)
    lines = (f"{digest}  {name}\n" for name, _, digest in manifest(folder) if name != JOURNAL)
    write_lasting(folder / "MANIFEST.sha256", "".join(lines))


def package(wanted: Wanted, shards: Sequence[Shard]) -> dict[str, object]:
    """Return the Frictionless data package of some shards."""
    kind, media = _MEDIA[wanted.format]
    schema = schemas.frictionless(lists_as_text=kind == "csv")
    extra: dict[str, object] = {"profile": "tabular-data-resource"} if kind == "csv" else {}
    if wanted.format == "jsonl.zst":
        extra = {"compression": "zst"}
    resources = [
        {
            "name": Path(shard.path).name.split(".")[0], "path": shard.path, "format": kind, "mediatype": media,
            "encoding": "utf-8", "bytes": shard.size, "hash": f"sha256:{shard.sha256}", "rows": shard.rows,
            "split": shard.split, **extra, "schema": schema,
        }
        for some in by_split(shards, wanted).values() for shard in some
    ]  # fmt: skip
    return {
        "name": "articles",
        "title": card.title(wanted),
        "description": "See README.md.",
        "version": __version__,
        "created_by": f"archiver {__version__}",
        "resources": resources,
    }
