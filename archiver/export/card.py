"""The card of a dataset: its README, with a head in YAML that Hugging Face's ``datasets`` reads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence

from archiver import __version__
from archiver.export import schemas
from archiver.export.formats import SUFFIXES
from archiver.export.rows import FIELDS
from archiver.export.shards import DATA, Shard
from archiver.export.taking import SHARD, Tally, Wanted

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"))  # fmt: skip
_DTYPES = {
    "string": "string", "integer": "int64", "boolean": "bool", "time": "timestamp[us, tz=UTC]",
}  # fmt: skip
_MOST = 50  # lines of a list of sources


def title(wanted: Wanted) -> str:
    """Return what the dataset is called."""
    words = " ".join(wanted.query.words.split())
    return f"News articles: {words}" if words else "News articles"


def written(wanted: Wanted, tally: Tally, splits: Mapping[str, Sequence[Shard]]) -> str:
    """Return the card. It says nothing of where or when it was written."""
    parts = [
        *_front(wanted, tally, splits), "", f"# {_plain(title(wanted))}", "",
        f"{tally.rows:,} {'versions of articles' if wanted.versions == 'all' else 'articles'} from an archive of"
        f" archiver {__version__}.", "",
        "![Counts by month, source and language](counts.svg)", "",
        "## How it was made", "", *_made(wanted, tally), "",
        "## Files", "", *_files(wanted, splits), "",
        "## Rights", "", *_rights(wanted, tally), "",
        "## Counts", "", *_counts(tally), "",
        "## Fields", "", *schemas.table(), "",
    ]  # fmt: skip
    return "\n".join(parts)


def _front(wanted: Wanted, tally: Tally, splits: Mapping[str, Sequence[Shard]]) -> Iterator[str]:
    """Yield the YAML; texts stand in it as JSON has them, which YAML reads as well."""
    yield "---"
    yield f"pretty_name: {json.dumps(title(wanted))}"
    if languages := sorted(name for name in tally.languages if name.isascii() and name.isalpha()):
        yield f"language: {json.dumps(languages)}"
    yield "license: unknown"
    yield f"size_categories: [{json.dumps(next((name for n, name in _SIZES if tally.rows < n), 'n>10M'))}]"
    if wanted.format != "txt":
        suffix = SUFFIXES[wanted.format]
        yield from ("configs:", "- config_name: default", "  data_files:")
        for name in splits:
            yield from (f"  - split: {name}", f"    path: {json.dumps(f'{DATA}/{name}-*{suffix}')}")
        yield from ("dataset_info:", "  features:")
        for field in FIELDS:
            yield f"  - name: {field.name}"
            yield _feature(field.type, wanted.format)
    yield "---"


def _feature(kind: str, format_name: str) -> str:
    if kind == "list" and format_name != "csv":
        return "    list: string"
    if format_name == "csv" and kind in (
        "list",
        "time",
    ):  # texts there, and pandas reads no times by itself
        kind = "string"
    return f"    dtype: {_DTYPES[kind]}"


def _made(wanted: Wanted, tally: Tally) -> Iterator[str]:
    yield (
        "With the same archive and the same versions of archiver and its libraries, this makes it again, byte for"
        " byte:"
    )
    yield from ("", f"    {command(wanted)}", "")  # in a fence, a query could end it
    yield f"- query: {_code(wanted.query.words) or 'everything'}"
    yield f"- versions of each article: {wanted.versions}"
    if wanted.dedupe:
        yield f"- of {wanted.dedupe} copies one, that of the first publisher where it is among them"
    if wanted.splits:
        yield (
            "- all versions of an article, and all articles of a cluster of copies, are in the earliest split that one"
            " of them is in"
        )
    if tally.uncompared:
        yield (
            f"- {tally.uncompared:,} articles of the archive were not compared with the others: a copy of one of them"
            " may be in another split"
        )
    for (name, version), count in sorted(tally.extractors.items()):
        yield f"- read by {_plain(f'{name} {version}') or '(not told)'}: {count:,} rows"
    yield f"- written by {_writer(wanted.format)}"


def _writer(format_name: str) -> str:
    """Return what decides, with the rows, which bytes a file has."""
    if format_name == "parquet":
        import pyarrow

        return f"archiver {__version__}, pyarrow {pyarrow.__version__}"
    if format_name == "jsonl.zst":
        import zstandard

        return f"archiver {__version__}, zstd {'.'.join(map(str, zstandard.ZSTD_VERSION))}"
    return f"archiver {__version__}"


def command(wanted: Wanted) -> str:
    """Return the command that makes a folder of what is wanted."""
    query, words = wanted.query, ["archiver", "export", "--format", wanted.format]
    given = {
        "--query": query.words, "--source": query.source, "--lang": query.language,
        "--from": f"{query.since:%Y-%m-%d}" if query.since else "",
        "--versions": wanted.versions if wanted.versions != "latest" else "",
        "--dedupe": wanted.dedupe,
        "--split": ",".join(map(str, wanted.splits)),
        "--shard-size": str(wanted.shard_size // 1_000_000) if wanted.shard_size != SHARD else "",
    }  # fmt: skip
    if query.until:  # the day before it is the last that counts
        from datetime import timedelta

        given["--to"] = f"{query.until - timedelta(days=1):%Y-%m-%d}"
    words += (part for name, value in given.items() if value for part in (name, value))
    style = wanted.style
    flags = {"--include-reserved": wanted.reserved, "--raw": style.raw, "--excel": style.excel}
    words += (name for name, on in flags.items() if on)
    return shlex.join([*words, "-o", "FOLDER/"]).replace("\n", " ")


def _files(wanted: Wanted, splits: Mapping[str, Sequence[Shard]]) -> Iterator[str]:
    yield from ("| split | files | rows | bytes |", "|---|---:|---:|---:|")
    for name, shards in splits.items():
        rows, size = sum(one.rows for one in shards), sum(one.size for one in shards)
        yield f"| {name} | {len(shards):,} | {rows:,} | {size:,} |"
    yield ""
    if wanted.format == "txt":
        yield (
            "One file an article: title, empty line, text; its SHA-256 is the row's `text_hash`. `rows.jsonl` in each"
            " folder has the other fields, and `file`."
        )
        yield ""
    yield (
        "`schema.json` (JSON Schema) and `schema.arrow` describe the rows; `sha256sum -c MANIFEST.sha256` checks every"
        " file."
    )


def _rights(wanted: Wanted, tally: Tally) -> Iterator[str]:
    yield (
        "The articles belong to whoever published them; archiver gives no licence to them. What their pages declare"
        " stands in each row:"
    )
    yield from ("", "| says | rows here |", "|---|---:|")
    for name in ("noarchive", "noai", "tdm_reserved", "paywalled"):
        yield f"| {name} | {tally.rights[name]:,} |"
    yield ""
    if wanted.reserved:
        yield "What is reserved from text and data mining (noai, tdm-reserved) was taken, too: `--include-reserved`."
    else:
        yield f"Left out, for noai or a reservation of text and data mining: {tally.left_out:,}."
    if tally.outside:
        yield ""
        yield f"In no split, and so left out: {tally.outside:,}, of which {tally.undated:,} have no date."


def _counts(tally: Tally) -> Iterator[str]:
    for name, counts in (("source", tally.sources), ("language", tally.languages)):
        yield from (f"| {name} | rows |", "|---|---:|")
        ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        for value, count in ordered[:_MOST]:
            yield f"| {_plain(value) or '(not told)'} | {count:,} |"
        if rest := ordered[_MOST:]:
            yield f"| {len(rest):,} more | {sum(count for _, count in rest):,} |"
        yield ""
    months = sorted(name for name in tally.months if name)
    if months:
        yield f"Published from {months[0]} to {months[-1]}; {tally.months['']:,} have no date."
    else:
        yield "None has a date of publication."


def _plain(text: str) -> str:
    """Return a text on one line of Markdown, in which it means nothing."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+!|&" else c for c in " ".join(line.split()))


def _code(text: str) -> str:
    """Return a text as code on one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"`` {line.replace('`', ' ')} ``" if line else ""
