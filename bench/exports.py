"""How fast an archive is exported, and in how much memory, beside a bare SELECT written by pyarrow or orjson alone.

`python -m bench.exports FILE [--articles N] [--bytes N] [--rounds N]` makes an index of made-up articles (see
`bench.search`) where FILE is none, and prints for each format what archiver and what a bare loop of a few lines take
for all of them: rows a second of wall time, seconds of CPU, the most memory (VmHWM), each in a process of its own, one
after the other. The bare loop writes the columns as they are stored: it makes no paragraphs, reads no lists, knows no
rights, and needs no index to be at rest. The best of the rounds counts, for both.

With `--shares` it prints for each single file what of its export is reading rows and making JSON lines of them, which
an export that goes on behind the lines that are there would have to do again to know that they are right.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from archiver.documents import Query
from archiver.export import NAMES
from archiver.store.schema import connect
from archiver.store.search import Index
from archiver.store.selecting import COLUMNS

LEVEL, GROUP = 3, 2000  # as archiver has them
STORED = [name for name in NAMES if name in COLUMNS and COLUMNS[name] != "NULL"]
BARE = (
    f"SELECT {', '.join(COLUMNS[name] for name in STORED)} FROM articles a JOIN versions v ON v.id = a.version_id"
    " JOIN exchanges e ON e.id = v.exchange_id ORDER BY a.id"
)


def make(path: Path, count: int, size: int) -> None:
    """Write an index of `count` articles, without a text index."""
    from bench.search import Press, insert

    with closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        for article in Press(size).articles(count):
            insert(connection, article)
        connection.execute("COMMIT")


def groups(path: Path) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows of a bare SELECT in groups."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(BARE)
        while rows := found.fetchmany(GROUP):
            yield rows


def bare_parquet(path: Path, target: Path) -> None:
    """Write them by pyarrow alone."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    numbers = {"id", "version", "versions", "status", "warc_offset", "warc_length"}
    schema = pa.schema([(n, pa.int64() if n in numbers else pa.string()) for n in STORED])
    with ParquetWriter(target, schema, compression="zstd", compression_level=LEVEL) as writer:
        for rows in groups(path):
            columns = zip(*rows, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def bare_lines(path: Path, target: Path) -> None:
    """Write them by orjson and zstandard alone."""
    import orjson
    import zstandard

    compressor = zstandard.ZstdCompressor(level=LEVEL)
    with target.open("wb") as raw, compressor.stream_writer(raw) as stream:
        for rows in groups(path):
            for row in rows:
                stream.write(orjson.dumps(dict(zip(STORED, row, strict=True))) + b"\n")


def ours(path: Path, target: Path, format_name: str) -> None:
    """Write them as `archiver export` does."""
    from archiver.export.files import write_file
    from archiver.export.taking import Wanted

    with closing(Index(path)) as index:
        write_file(index, Wanted(Query(), format_name), target, lambda *_: None)


def reading(path: Path) -> None:
    """Make rows and their lines as `archiver export` does, and write nothing."""
    from archiver.export.lines import encoded
    from archiver.export.taking import Tally, Wanted, grouped, taken

    wanted = Wanted(Query())
    with closing(Index(path)) as index, index.selection(wanted.query) as selection:
        for group in grouped(taken(selection, wanted, Tally(), lambda *_: None)):
            encoded(group)


def one(kind: str, format_name: str, path: Path) -> None:
    """Do one of them in this process, and print what it took as JSON."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        target, began = Path(folder, "out"), time.perf_counter()
        if kind == "archiver":
            ours(path, target, format_name)
        elif kind == "reading":
            target.touch()
            reading(path)
        else:
            {"parquet": bare_parquet, "jsonl.zst": bare_lines}[format_name](path, target)
        took = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_SELF)
        lines = Path("/proc/self/status").read_text().splitlines()
        memory = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        print(json.dumps({
            "seconds": took, "cpu": used.ru_utime + used.ru_stime, "mb": memory / 1000, "bytes": target.stat().st_size,
        }))  # fmt: skip


def child(kind: str, format_name: str, path: Path) -> dict[str, float]:
    """Do one of them in a process of its own."""
    command = [sys.executable, "-m", "bench.exports", "--one", kind, format_name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def compare(path: Path, rounds: int) -> None:
    """Print what each takes, and archiver's share of the bare loop's rows a second."""
    with closing(sqlite3.connect(path)) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    for format_name in ("parquet", "jsonl.zst"):
        best: dict[str, dict[str, float]] = {}
        for _ in range(rounds):
            for kind in ("bare", "archiver"):
                took = child(kind, format_name, path)
                if kind not in best or took["seconds"] < best[kind]["seconds"]:
                    best[kind] = took
        for kind, took in best.items():
            print(
                f"{format_name:>10} {kind:>9}: {rows / took['seconds']:>7,.0f} rows/s, CPU {took['cpu']:6.1f} s,"
                f" {took['mb']:4.0f} MB of memory, {took['bytes'] / 1e6:,.0f} MB written"
            )
        print(
            f"{format_name:>10}     ratio: {best['bare']['seconds'] / best['archiver']['seconds']:.2f}"
        )


def shares(path: Path, rounds: int) -> None:
    """Print what each single file takes, and what of it is reading."""

    def best(kind: str, format_name: str) -> dict[str, float]:
        return min((child(kind, format_name, path) for _ in range(rounds)), key=lambda t: t["cpu"])

    again = best("reading", "jsonl")
    for format_name in ("jsonl", "jsonl.zst", "csv", "parquet", "sqlite"):
        took = best("archiver", format_name)
        print(
            f"{format_name:>10}: {took['seconds']:5.1f} s, CPU {took['cpu']:5.1f} s; reading again"
            f" {again['seconds']:5.1f} s, CPU {again['cpu']:5.1f} s: {again['cpu'] / took['cpu']:.0%}"
        )


def main() -> None:
    """Make an index where there is none, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--bytes", type=int, default=2800)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--shares", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one[0], given.one[1], Path(given.one[2]))
        return
    path = given.file.resolve()
    if not path.exists():
        make(path, given.articles, given.bytes)
    (shares if given.shares else compare)(path, given.rounds)


if __name__ == "__main__":
    main()
