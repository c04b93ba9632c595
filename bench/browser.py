"""A headless Chromium, driven over two pipes by its DevTools protocol: no driver, no port, no library.

Whatever it asks for outside of the one server that it is let to is sent to a proxy here, which refuses it, and
keeps the request but for what Chromium asks its makers by itself.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FEATURES = (
    "OptimizationHints", "MediaRouter", "Translate", "NetworkTimeServiceQuerying", "AutofillServerCommunication",
    "PreconnectToSearch", "NavigationPredictor", "SearchPrefetch", "DialMediaRouteProvider",
)  # fmt: skip
# What Chromium would ask its makers by itself.
_QUIET = (
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--metrics-recording-only",
    "--disable-extensions", "--disable-component-extensions-with-background-pages", "--no-pings",
    "--allow-browser-signin=false", f"--disable-features={','.join(_FEATURES)}",
    "--gaia-url=http://127.0.0.1:9/", "--google-base-url=http://127.0.0.1:9/",
    "--gcm-checkin-url=http://127.0.0.1:9/", "--gcm-registration-url=http://127.0.0.1:9/",
)  # fmt: skip
# Whom it asks all the same now and then, and no page does.
_MAKERS = (
    "accounts.google.com", "android.clients.google.com", "clients2.google.com", "content-autofill.googleapis.com",
    "mtalk.google.com", "optimizationguide-pa.googleapis.com", "update.googleapis.com", "www.google.com",
)  # fmt: skip
_ITS_OWN = tuple(f"CONNECT {host}:443 " for host in _MAKERS)
_PLAIN = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-default-browser-check", "--window-size=1280,1000", "--remote-debugging-pipe",
)  # fmt: skip


class Failed(Exception):
    """What the browser would not do."""


class _Refusal(socketserver.StreamRequestHandler):
    """Keeps the first line of a request, and refuses it."""

    timeout = 10

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            line = self.rfile.readline(2000).decode("latin-1").strip()
            if line and not line.startswith(_ITS_OWN) and "//127.0.0.1:9/" not in line:
                self.server.asked.append(line)  # type: ignore[attr-defined]
            self.wfile.write(
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    asked: list[str]


class Browser:
    """One page in a Chromium of its own. `asked` are the requests that went elsewhere."""

    def __init__(
        self, process: subprocess.Popen[bytes], pipes: tuple[int, int], asked: list[str]
    ) -> None:
        self._process = process
        self._to, self._from = pipes
        self._held = b""
        self._number = 0
        self._session = ""
        self._contexts: dict[int, str] = {}  # of each frame's page, and of which
        self.asked = asked
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        told = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = told["sessionId"]
        for domain in ("Page", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, url: str) -> None:
        """Go to an address."""
        told = self._call("Page.navigate", url=url)
        if told.get("errorText"):
            raise Failed(f"{url}: {told['errorText']}")

    def texts(self) -> dict[str, str]:
        """Return what each frame shows, by its address."""
        found = {}
        script = "[location.href, document.body ? document.body.innerText : '']"
        for context in list(self._contexts):
            with contextlib.suppress(Failed):  # it has gone meanwhile
                told = self._call(
                    "Runtime.evaluate", expression=script, contextId=context, returnByValue=True
                )
                url, text = told["result"]["value"]
                found[url] = text
        return found

    def await_text(self, text: str, seconds: float = 60) -> str:
        """Wait until a frame shows a text; returns its address."""
        end, found = monotonic() + seconds, dict[str, str]()
        while monotonic() < end:
            found = self.texts()
            for url, shown in found.items():
                if text in shown:
                    return url
            self._listen(0.3)
        raise Failed(f"not seen within {seconds:g} s: {text!r}; there are {found}")

    def picture(self, path: Path) -> None:
        """Write a picture of what is to be seen, as PNG."""
        told = self._call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(told["data"]))

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        end = monotonic() + 60
        while monotonic() < end:
            for told in self._listen(1.0):
                if told.get("id") == self._number:
                    if "error" in told:
                        raise Failed(f"{method}: {told['error']['message']}")
                    return dict(told["result"])
        raise Failed(f"{method}: no answer")

    def _listen(self, seconds: float) -> list[dict[str, Any]]:
        """Return what Chromium has said by then, and take note of frames that came and went."""
        if b"\0" not in self._held:
            if self._process.poll() is not None:
                raise Failed("Chromium has ended")
            if not select.select([self._from], [], [], seconds)[0]:
                return []
            self._held += os.read(self._from, 1 << 20)
        *whole, self._held = self._held.split(b"\0")
        messages = [json.loads(each) for each in whole]
        for message in messages:
            self._note(message.get("method", ""), message.get("params", {}))
        return messages

    def _note(self, event: str, params: dict[str, Any]) -> None:
        if event == "Runtime.executionContextCreated":
            context = params["context"]
            self._contexts[context["id"]] = context.get("auxData", {}).get("frameId", "")
        elif event == "Runtime.executionContextDestroyed":
            self._contexts.pop(params["executionContextId"], None)
        elif event == "Runtime.executionContextsCleared":
            self._contexts.clear()


@contextlib.contextmanager
def browser(allowed: str) -> Iterator[Browser]:
    """Start a Chromium that may ask `allowed` (host:port), and nobody else."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise Failed("no Chromium here: 'apt-get install chromium' brings one")
    with _Proxy(("127.0.0.1", 0), _Refusal) as proxy, tempfile.TemporaryDirectory() as profile:
        proxy.asked = []
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        command = [
            program, *_PLAIN, *_QUIET, f"--user-data-dir={profile}",
            f"--proxy-server=127.0.0.1:{proxy.server_address[1]}",
            # Without the first, all of loopback would go past the proxy; the last that fits decides.
            f"--proxy-bypass-list=<-loopback>;{allowed}",
        ]  # fmt: skip
        try:
            with _started(command) as (process, pipes):
                yield Browser(process, pipes, proxy.asked)
        finally:
            proxy.shutdown()


@contextlib.contextmanager
def _started(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], tuple[int, int]]]:
    """Run Chromium with a pipe at 3, from which it reads, and one at 4, to which it writes."""
    ends = [end for _ in range(2) for end in os.pipe()]
    theirs_in, ours_out, ours_in, theirs_out = (
        fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends
    )
    for end in ends:
        os.close(end)
    # bash, as sh may know no number of two digits here.
    shell = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *command]
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        shell, pass_fds=(theirs_in, theirs_out), env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield process, (ours_out, ours_in)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(ours_out)
        os.close(ours_in)
