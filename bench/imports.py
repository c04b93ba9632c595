"""How fast archives of others are taken in, beside bare trafilatura; and how fast WARC files are read, beside warcio.

`python -m bench.imports [--corpus FOLDER] [--pages N]` writes the pages (``html/*.html.gz`` of the folder,
else those of the demo newspaper) into a WARC file as warcio writes it, imports it, and rebuilds the index. All of it is
counted in CPU seconds of the process and its workers together, so a figure is pages a second per core.
Reading is done twice, of bodies as they are and of bodies that are gzip-coded, as a crawl brings them.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ORIGIN = "https://news.example.org"
RUNS = 3  # of each reading; the best counts
_JOB = """
import json, resource, sys
from pathlib import Path
from archiver.imports import import_files
from archiver.layout import Layout
from archiver.rebuild import rebuild
layout, told = Layout(Path(sys.argv[2])), []
if sys.argv[3] == "import":
    import_files([Path(sys.argv[1])], layout, (), tell=told.append)
else:
    rebuild(layout, (), tell=told.append)
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({"cpu": [u.ru_utime + u.ru_stime for u in used], "told": told}))
"""
_ALONE = """
import json, resource, sys
from pathlib import Path
from trafilatura import bare_extraction
from archiver import extract
from archiver.warc import reader
from archiver.content import decode_text
pages = [k.capture for k in reader.kept(Path(sys.argv[1]))]
def bare(page):
    bare_extraction(decode_text(page.body)[0], url=page.url, include_comments=False, with_metadata=True)
run = bare if sys.argv[2] == "bare" else extract.read
run(pages[0])
before = resource.getrusage(resource.RUSAGE_SELF)
for page in pages:
    run(page)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": [used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 0]}))
"""


def corpus(folder: Path | None) -> list[bytes]:
    """Return the pages of a folder, or of the demo newspaper."""
    if folder is not None:
        return [gzip.decompress(p.read_bytes()) for p in sorted(folder.glob("html/*.html.gz"))]
    from archiver.demo.stories import load_stories
    from archiver.demo.templates import render_article, template_of

    stories = load_stories()
    return [
        render_article(s, template_of(s), ORIGIN, [o for o in stories if o is not s][:4]).encode()
        for s in stories
    ]


def write(path: Path, pages: list[bytes], coded: bool = False) -> None:
    """Write a response and a request for each page, as warcio does."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True, warc_version="1.1")
        for number, page in enumerate(pages):
            url = f"{ORIGIN}/2024/05/{number}-story"
            fields = [("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx")]
            body = gzip.compress(page, mtime=0) if coded else page
            fields += [("Content-Encoding", "gzip")] if coded else []
            head = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
            asked = StatusAndHeaders(f"GET /2024/05/{number}-story HTTP/1.1", [("Host", "h")])
            made = writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=head)
            writer.write_request_response_pair(
                writer.create_warc_record(url, "request", http_headers=asked), made
            )


def job(code: str, *arguments: str | Path) -> dict[str, Any]:
    """Run a script in a process of its own; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def walking(path: Path, check: bool) -> int:
    """Read every record with archiver's walk."""
    from archiver.warc.walk import walk

    with path.open("rb", buffering=256 * 1024) as stream:
        return sum(1 for _ in walk(stream, path.name, check=check))


def with_warcio(path: Path, check: bool) -> int:
    """Read every record with warcio."""
    from warcio.archiveiterator import ArchiveIterator

    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests=check):
            record.raw_stream.read()
            count += 1
    return count


def with_fastwarc(path: Path, check: bool) -> int:
    """Read every record with FastWARC, which is written in C++."""
    from fastwarc.warc import ArchiveIterator

    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, verify_digests=check):
            record.reader.read()
            count += 1
    return count


READERS: list[tuple[str, Callable[[Path, bool], int], bool]] = [
    ("walk", walking, True),
    ("walk, no digests", walking, False),
    ("warcio", with_warcio, False),
    ("warcio, digests", with_warcio, True),
    ("FastWARC", with_fastwarc, False),
    ("FastWARC, digests", with_fastwarc, True),
]


def reading(path: Path) -> Iterator[tuple[str, float]]:
    """Yield how many records a second of CPU each reader reads, the best of some runs."""
    for name, read, check in READERS:
        best = float("inf")
        for _ in range(RUNS):
            began = time.process_time()
            count = read(path, check)
            best = min(best, time.process_time() - began)
        yield name, count / best


def taking_in(path: Path, pages: int, archive: Path) -> None:
    """Print pages a second per core of import and rebuild, of trafilatura alone, and of extraction without a road."""
    bare = pages / job(_ALONE, path, "bare")["cpu"][0]
    print(f"{'bare trafilatura':18} {bare:8.1f} pages/s per core")
    alone = pages / job(_ALONE, path, "read")["cpu"][0]
    print(f"{'extract.read alone':18} {alone:8.1f} pages/s per core  {alone / bare:5.2f} x")
    for name in ("import", "rebuild"):
        done = job(_JOB, path, archive, name)
        own, workers = done["cpu"]
        rate = pages / (own + workers)
        print(f"{name:18} {rate:8.1f} pages/s per core  {rate / bare:5.2f} x  ({own:.1f} s in the main process,"
              f" {workers:.1f} s in workers)  {'; '.join(done['told'])}")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--pages", type=int, metavar="N", help="so many, again and again from the first"
    )
    options = parser.parse_args()
    pages = corpus(options.corpus)
    pages = list(islice(cycle(pages), options.pages or len(pages)))
    with tempfile.TemporaryDirectory() as name:
        path, coded = Path(name, "plain.warc.gz"), Path(name, "coded.warc.gz")
        write(path, pages)
        write(coded, pages, coded=True)
        print(f"{len(pages)} pages, {sum(map(len, pages)) / len(pages) / 1000:.0f} kB each")
        for file in (path, coded):
            rates = dict(reading(file))
            print(f"reading {file.name} ({file.stat().st_size / 1e6:.1f} MB), records/s of CPU:")
            for reader, rate in rates.items():
                base = rates[
                    "warcio, digests" if "digests" in reader and "no" not in reader else "warcio"
                ]
                print(f"  {reader:18} {rate:8.0f}  {rate / base:5.2f} x warcio")
        taking_in(path, len(pages), Path(name, "archive"))


if __name__ == "__main__":
    main()
