"""Does a WACZ of ours replay: `python -m bench.replay [--wacz PROGRAM] [--package FILE] [--picture FILE]`.

Makes the demo archive in a temporary folder and exports it as a WACZ, lets `wacz validate` judge it, and opens an
Arabic article of it in replayweb.page in a headless Chromium, from a server on loopback. Prints what was seen;
exit code 1 where it is not what the newspaper wrote, or anybody else was asked for anything.

replayweb.page is under the AGPL and no part of archiver: `npm pack` fetches it, or --package names the file.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from archiver import wacz
from archiver.demo.stories import load_stories
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Article, Query
from bench.browser import Failed, browser
from bench.validate import make_demo

PACKAGE = "replaywebpage"
WANTED = ("package/ui.js", "package/sw.js")
VISIT = 2
# What the server says where replayweb.page's worker should answer and is not there yet.
_AGAIN = "<!doctype html><script>setTimeout(() => location.reload(), 300)</script>"
_PAGE = """<!doctype html><meta charset="utf-8"><title>replay</title>
<script src="/ui.js"></script>
<body style="margin:0"><replay-web-page source="/demo.wacz" replaybase="/replay/" style="height:100vh;display:block"
 url="{url}" ts="{ts}"></replay-web-page>"""


class Served(SimpleHTTPRequestHandler):
    """Serves a folder, and parts of files to who asks for a range (RFC 9110, section 14)."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """Answer with the file, or with one part of it."""
        self.asked.append(self.path)
        span = self.headers.get("Range", "")
        path = Path(self.translate_path(self.path))
        if not span.startswith("bytes=") or not path.is_file():
            super().do_GET()
            return
        size = path.stat().st_size
        first, _, last = span.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(size - int(last), 0)
        end = min(int(last), size - 1) if first and last else size - 1
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(end - start + 1))
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        with path.open("rb") as stream:
            stream.seek(start)
            self.wfile.write(stream.read(end - start + 1))

    def end_headers(self) -> None:
        """Say that ranges may be asked for, and that nothing is to be kept."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder on loopback; what is given are host and port, and what was asked for."""
    asked: list[str] = []
    handler = type("Handler", (Served,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


def fetch(folder: Path, package: Path | None) -> None:
    """Put replayweb.page's two scripts into `folder`."""
    if package is None:
        done = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        package = folder / done.stdout.split()[-1]
    with tarfile.open(package) as archive:
        for name in WANTED:
            stream: IO[bytes] | None = archive.extractfile(name)
            assert stream is not None
            (folder / Path(name).name).write_bytes(stream.read())
    (folder / "replay").mkdir()
    (folder / "replay" / "index.html").write_text(_AGAIN)
    (folder / "replay" / "sw.js").write_text('importScripts("/sw.js");\n')


def export(folder: Path, path: Path) -> Article:
    """Make the demo archive and a WACZ of it; returns an Arabic article that has two versions."""
    make_demo(folder)
    layout = Layout(folder / "archive")
    with Index(layout.index) as index:
        done = wacz.write(
            index.stream(Query()),
            index,
            layout,
            path,
            title="The Anchorage",
            text=True,
            visits=True,
        )
        print(
            f"ok   exported: {done.exchanges} exchanges of {done.articles} articles, {path.stat().st_size} bytes"
        )
        found = [one for one in index.stream(Query(language="ar")) if one.versions > 1]
    return found[0]


def validate(program: str, path: Path) -> None:
    """Let `wacz validate` judge."""
    done = subprocess.run(
        [program, "validate", "-f", str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode or "Validation succeeded" not in done.stdout:
        raise Failed(f"wacz validate: {done.stdout} {done.stderr}")
    print("ok   wacz validate:", done.stdout.strip().splitlines()[-1])


def replay(folder: Path, article: Article, picture: Path | None) -> None:
    """Open an article in replayweb.page, and look whether its text is there."""
    ts = article.captured_at.strftime("%Y%m%d%H%M%S")
    (folder / "index.html").write_text(_PAGE.format(url=article.fetched_url, ts=ts), "utf-8")
    story = next(story for story in load_stories(VISIT) if story.title == article.document.title)
    with served(folder) as (host, asked), browser(host) as chromium:
        chromium.open(f"http://{host}/?{urlencode({'of': article.id})}")
        where = chromium.await_text(story.paragraphs[0])
        shown = chromium.texts()[where]
        missing = [line for line in (story.title, *story.paragraphs) if line not in shown]
        if picture:
            chromium.picture(picture)
        ranges = sum("demo.wacz" in path for path in asked)
    print(f"ok   replayed: {where}")
    print(f"     {story.title}\n     {story.paragraphs[0][:120]}")
    print(f"     {len(story.paragraphs)} paragraphs, {ranges} requests for parts of the WACZ")
    if missing:
        raise Failed(f"not on the page: {missing}")
    if chromium.asked:
        raise Failed(f"others were asked: {chromium.asked}")
    print("ok   nobody else was asked for anything")


def main(arguments: Sequence[str] | None = None) -> int:
    """Export, validate, replay."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=main.__doc__)
    parser.add_argument(
        "--wacz", default=".venv-validators/bin/wacz", help="the program that validates"
    )
    parser.add_argument("--package", type=Path, help="replayweb.page's npm package, if it is here")
    parser.add_argument("--picture", type=Path, help="where to write a picture of the page")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = folder / "site"
        site.mkdir()
        try:
            article = export(folder, site / "demo.wacz")
            validate(given.wacz, site / "demo.wacz")
            fetch(site, given.package)
            replay(site, article, given.picture)
        except Failed as error:
            print(f"FAIL {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
