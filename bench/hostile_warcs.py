"""What importing hostile WARC files takes: memory of the importing process, and CPU.

`python -m bench.hostile_warcs [CASE ...]` makes each file, imports it in a process of its own into an
archive of its own, and prints the peak of that process's resident memory and of its largest worker. Exit
code 1 when an import took 300 MB or more, or ended with a traceback.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

MOST = 300  # MB of the importing process
MB = 1024 * 1024
_CHILD = """
import json, resource, sys
from pathlib import Path
from archiver.imports import import_files
from archiver.layout import Layout
done = import_files([Path(sys.argv[1])], Layout(Path(sys.argv[2])), ())
own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
(file,) = done.files
print(json.dumps({"memory": own.ru_maxrss // 1024, "worker": workers.ru_maxrss // 1024,
    "seconds": round(own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime, 1),
    "state": file.state, "exchanges": file.exchanges, "damages": file.damages.count, "reason": file.reason}))
"""


def _head(kind: str, size: int, number: int = 0, more: str = "") -> bytes:
    return (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Date: 2020-01-01T00:00:00Z\r\nWARC-Target-URI: https://h.example/{number}\r\n{more}"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {size}\r\n\r\n"
    ).encode()


def _http(more: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{more}\r\n".encode()


def _repeated(start: bytes, piece: bytes, size: int) -> Iterator[bytes]:
    """Yield a record: its head, and `size` bytes that say the same again and again."""
    yield start
    block = piece * (MB // len(piece))
    for _ in range(size // len(block)):
        yield block
    yield block[: size % len(block)] + b"\r\n\r\n"


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _huge(size: int, number: int = 0) -> Iterator[bytes]:
    http = _http()
    start = _head("response", size + len(http), number) + http
    return _repeated(start, b"<p>the same words again", size)


def huge() -> Iterator[bytes]:
    """A file of 1 MB that holds a record of 1 GiB."""
    yield from _gzip(_huge(1024 * MB))


def huge_among_many() -> Iterator[bytes]:
    """One member of many records, one of them of 1 GiB."""

    def pieces() -> Iterator[bytes]:
        yield from _huge(10_000, 1)
        yield from _huge(1024 * MB, 2)
        yield from _huge(10_000, 3)

    yield from _gzip(pieces())


def large_pages() -> Iterator[bytes]:
    """A hundred pages of 30 MB."""
    for number in range(100):
        yield from _gzip(_huge(30 * MB, number))


def middling_pages() -> Iterator[bytes]:
    """Six pages of 15 MB, which are just not too large to be read."""
    for number in range(6):
        yield from _gzip(_huge(15 * MB, number))


def heads() -> Iterator[bytes]:
    """Two thousand records with heads of 64 KB, of the WARC record and of HTTP."""
    fields = "".join(f"X-{n}: {'y' * 90}\r\n" for n in range(640))
    for number in range(2000):
        http = _http(fields) + b"<p>page"
        yield gzip.compress(_head("response", len(http), number, fields) + http + b"\r\n\r\n")


def endless_heads() -> Iterator[bytes]:
    """HTTP heads of 33 MB that never end, each with a request and metadata of 33 MB."""
    for number in range(20):
        for kind in ("response", "request", "metadata"):
            start = _head(kind, 33 * MB, number)
            yield from _gzip(_repeated(start, b"HTTP-archiver-kind: value\r\n", 33 * MB))


def bombs() -> Iterator[bytes]:
    """Six pages of 100 KB that are 100 MB when their content coding is taken off."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packer.compress(b"<p>" * (33 * MB)) + packer.flush()
    for number in range(6):
        http = _http("Content-Encoding: gzip\r\n") + body
        yield gzip.compress(_head("response", len(http), number) + http + b"\r\n\r\n", 1)


def window() -> Iterator[bytes]:
    """A zstd frame with a window of 128 MB around a record of 1 GiB."""
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    for piece in _huge(1024 * MB):
        yield packer.compress(piece)
    yield packer.flush()


def lies() -> Iterator[bytes]:
    """A file that is not compressed, and a record that says it has 900 GB."""
    yield _head("response", 900 * 10**9) + _http()
    for _ in range(300):
        yield b"x" * MB


def shards() -> Iterator[bytes]:
    """Twenty thousand good members of a few bytes, and a broken one behind each."""
    good = gzip.compress(_head("response", 0) + b"\r\n\r\n")
    yield from (good + b"\x1f\x8b\x08broken" for _ in range(20_000))


CASES: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "huge": (huge, ".warc.gz"),
    "huge_among_many": (huge_among_many, ".warc.gz"),
    "large_pages": (large_pages, ".warc.gz"),
    "middling_pages": (middling_pages, ".warc.gz"),
    "heads": (heads, ".warc.gz"),
    "endless_heads": (endless_heads, ".warc.gz"),
    "bombs": (bombs, ".warc.gz"),
    "window": (window, ".warc.zst"),
    "lies": (lies, ".warc"),
    "shards": (shards, ".warc.gz"),
}


def main() -> int:
    """Import each file and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    chosen = parser.parse_args().cases or list(CASES)
    failed = False
    print(
        f"{'case':16} {'file MB':>8} {'import MB':>9} {'worker MB':>9} {'CPU s':>6} {'s':>5}  what came"
    )
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            made, ending = CASES[name]
            path = Path(folder, name + ending)
            with path.open("wb") as out:
                out.writelines(made())
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, str(path), str(Path(folder, "archive"))],
                capture_output=True,
                check=False,
            )
            took = time.monotonic() - began
            size = path.stat().st_size / MB
        if done.returncode:
            print(f"{name:16} {done.stderr.decode()[-300:]}")
            failed = True
            continue
        told = json.loads(done.stdout)
        failed |= told["memory"] >= MOST
        what = f"{told['state']}, {told['exchanges']} exchanges, {told['damages']} damages {told['reason']}"
        print(f"{name:16} {size:8.1f} {told['memory']:9} {told['worker']:9} {told['seconds']:6} {took:5.0f}  {what}",
              flush=True)  # fmt: skip
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
