"""What other people's tools say of our WARCs: `python -m bench.validate VENV_BIN`.

Makes the demo archive in a temporary folder and runs over its WARC files: FastWARC, cdxj-indexer,
gzip, warcio, and pywb from VENV_BIN (its licence is the GPL, so it is no dependency of ours), and over a WACZ
of it wacz, from there too. One line for each; exit code 1 when one complains.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from archiver import wacz
from archiver.config import Config
from archiver.content import decode_text
from archiver.crawl import Task, crawl
from archiver.demo.addresses import story_path
from archiver.demo.newspaper import VISITS
from archiver.demo.server import Exchange, NewspaperServer
from archiver.demo.stories import Story, load_stories
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Query, Source
from archiver.warc import reader

COLLECTION = "demo"
START = 60.0  # seconds that pywb may take to answer


class Complaint(Exception):
    """What a validator found wrong."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo archive's WARC files, and the bodies that the newspaper sent, by target."""

    layout: Layout
    warcs: Sequence[Path]
    exchanges: int
    sent: Mapping[str, set[bytes]]


@dataclass(frozen=True, slots=True)
class Replay:
    """One response of pywb."""

    status: int
    body: bytes
    content_type: str
    coded: bool


def make_demo(folder: Path) -> Demo:
    """Crawl the demo newspaper on both visits."""
    with NewspaperServer() as newspaper:
        host = newspaper.origin.removeprefix("http://")
        hosts = frozenset([host])
        config = Config(folder / "sources.toml", allow_hosts=hosts, delay=0, concurrency=8)
        for newspaper.visit in VISITS:
            task = Task(Source("anchorage", f"{newspaper.origin}/"))
            result = crawl([task], config, folder / "archive")[0]
            if result.stopped or result.errors:
                raise SystemExit(f"bench: the crawl failed: {result}")
        layout = Layout(folder / "archive")
        return Demo(layout, reader.files(layout.warcs), len(newspaper.log), _bodies(newspaper.log))


def _bodies(log: Sequence[Exchange]) -> dict[str, set[bytes]]:
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for exchange in log:
        target = exchange.request.split(b" ", 2)[1].decode("latin-1")
        bodies[target].add(_body(exchange.response))
    return bodies


def _body(response: bytes) -> bytes:
    """Return the body of a response without its transfer coding, read by the standard library."""
    parsed = HTTPResponse(_Socket(response))  # type: ignore[arg-type]
    parsed.begin()
    return parsed.read()


class _Socket:
    """As much of a socket as HTTPResponse wants."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._data)


def check_fastwarc(demo: Demo) -> str:
    """Let FastWARC verify the block digests; it takes each revisit's payload digest for a wrong one."""
    program = Path(sys.executable).with_name("fastwarc")
    said = [_run(program, "check", path) for path in demo.warcs]
    verified = sum(int(text.split()[0]) for text in said)  # "304 records were verified ..."
    return f"the block digests of {verified} records verified"


def check_cdxj(demo: Demo) -> str:
    """Let cdxj-indexer index every response."""
    program = Path(sys.executable).with_name("cdxj-indexer")
    lines = sum(len(_run(program, "-s", path).splitlines()) for path in demo.warcs)
    return _counted(lines, demo.exchanges, "responses indexed")


def check_gzip(demo: Demo) -> str:
    """Let gzip test the files."""
    _run("gzip", "-t", *demo.warcs)
    return f"{len(demo.warcs)} files whole"


def check_warcio(demo: Demo) -> str:
    """Let warcio read every record to its end, block and payload digests checked."""
    responses = 0
    for path in demo.warcs:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                responses += record.rec_type in ("response", "revisit")
    return _counted(responses, demo.exchanges, "responses read")


def check_wacz(demo: Demo, programs: Path) -> str:
    """Let wacz judge an export of every visit of every article."""
    with tempfile.TemporaryDirectory() as name, Index(demo.layout.index) as index:
        path = Path(name, "demo.wacz")
        done = wacz.write(index.stream(Query()), index, demo.layout, path, visits=True)
        told = _run(programs / "wacz", "validate", "-f", path)
    if "Validation succeeded" not in told:
        raise Complaint(told)
    return f"{done.exchanges} exchanges of {done.articles} articles are a WACZ"


def _counted(found: int, wanted: int, what: str) -> str:
    if found != wanted:
        raise Complaint(f"{found} {what}, the newspaper sent {wanted}")
    return f"{found} {what}, all that the newspaper sent"


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode:
        raise Complaint(f"exit code {done.returncode}: {(done.stdout or done.stderr)[-300:]}")
    return done.stdout


def check_pywb(demo: Demo, programs: Path) -> str:
    """Let pywb index the files and replay every Arabic article, raw and rewritten."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(programs / "wb-manager", "init", COLLECTION, cwd=folder)
        _run(programs / "wb-manager", "add", COLLECTION, *demo.warcs, cwd=folder)
        index = folder / "collections" / COLLECTION / "indexes/index.cdxj"
        index.write_bytes(b"".join(sorted(_lines(demo.layout.cdxj))))
        captures = list(_captures(index))
        with _wayback(programs / "wayback", folder) as port:
            replayed = sum(_check_replay(demo, port, *capture) for capture in captures)
    if not replayed:
        raise Complaint("not one Arabic article in its index")
    return f"{replayed} captures of Arabic articles replayed, raw ones byte for byte"


def _lines(cdxj: Path) -> Iterator[bytes]:
    """Yield the archive's own lines but for 304, which pywb would answer with (see ``docs/archive-format.md``)."""
    for path in cdxj.iterdir():
        yield from (line for line in path.open("rb") if b'"status": "304"' not in line)


def _captures(index: Path) -> Iterator[tuple[str, str]]:
    """Yield time stamp and URL of what was answered with 200, or seen before."""
    for line in index.read_text("utf-8").splitlines():
        _, stamp, about = line.split(" ", 2)
        entry = json.loads(about)
        if entry.get("status") == "200" or entry["mime"] == "warc/revisit":
            yield stamp, entry["url"]


def _arabic() -> dict[str, list[Story]]:
    """Return each Arabic story by its target, as it stands at each visit."""
    stories: dict[str, list[Story]] = defaultdict(list)
    for visit in VISITS:
        for story in load_stories(visit):
            if story.language == "ar":
                stories[story_path(story)].append(story)
    return stories


def _check_replay(demo: Demo, port: int, stamp: str, url: str) -> bool:
    """Check both replays of a capture; returns whether it is an Arabic article at all."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    versions = _arabic().get(target)
    if not versions:
        return False
    raw, shown = (_fetch(port, f"/{COLLECTION}/{stamp}{kind}/{url}") for kind in ("id_", "mp_"))
    if (raw.status, shown.status) != (200, 200):
        raise Complaint(f"{url}: HTTP {raw.status} raw, {shown.status} rewritten")
    if raw.body not in demo.sent[target]:
        raise Complaint(f"{url}: raw bytes are not what the newspaper sent")
    for replay in (raw, shown):
        if not any(_holds(replay, story) for story in versions):
            raise Complaint(f"{url}: the article's text is not there")
    return True


def _fetch(port: int, target: str) -> Replay:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", target, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        coded = answer.getheader("Content-Encoding", "") == "gzip"
        return Replay(answer.status, answer.read(), answer.getheader("Content-Type", ""), coded)
    finally:
        connection.close()


def _holds(replay: Replay, story: Story) -> bool:
    """Tell whether headline and paragraphs of `story` are in a page."""
    body = gzip.decompress(replay.body) if replay.coded else replay.body
    text = unescape(decode_text(body, replay.content_type)[0])
    return all(piece in text for piece in (story.title, *story.paragraphs))


@contextmanager
def _wayback(program: Path, folder: Path) -> Iterator[int]:
    """Run pywb's server on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [program, "-b", "127.0.0.1", "-p", str(port)]
    with (
        (folder / "wayback.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server,
    ):
        try:
            _await(port, server, folder / "wayback.log")
            yield port
        finally:
            server.terminate()


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = monotonic() + START
    while monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            sleep(0.1)
    raise Complaint(f"wayback did not start: {log.read_text('utf-8', 'replace')[-300:]}")


def _version(program: Path, package: str) -> str:
    script = f"from importlib.metadata import version; print(version({package!r}))"
    return f"{package} {_run(program, '-c', script).strip()}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every validator over the demo archive."""
    parser = argparse.ArgumentParser(prog="python -m bench.validate", description=main.__doc__)
    parser.add_argument("venv_bin", type=Path, help="where pywb's programs are")
    programs = parser.parse_args(arguments).venv_bin.absolute()
    if not (programs / "wayback").is_file():
        parser.error(f"no pywb in {programs}: 'make validate' puts one into a place of its own")
    here, theirs = Path(sys.executable), programs / "python"
    validators: list[tuple[str, Callable[[Demo], str]]] = [
        (_version(here, "fastwarc"), check_fastwarc),
        (_version(here, "cdxj-indexer"), check_cdxj),
        ("gzip -t", check_gzip),
        (_version(here, "warcio"), check_warcio),
        (_version(theirs, "pywb"), lambda demo: check_pywb(demo, programs)),
        (_version(theirs, "wacz"), lambda demo: check_wacz(demo, programs)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        demo = make_demo(Path(folder))
        verdicts = [_verdict(name, check, demo) for name, check in validators]
    return int(not all(verdicts))


def _verdict(name: str, check: Callable[[Demo], str], demo: Demo) -> bool:
    """Print a validator's line; returns whether it was content."""
    try:
        print(f"ok   {name}: {check(demo)}", flush=True)
    except Exception as error:
        print(f"FAIL {name}: {' '.join(str(error).split())}", flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
