"""The newspaper on a socket of loopback, with a log of the exact bytes of each exchange.

`python -m archiver.demo.server --port 8000` serves it until Ctrl-C, to be looked at in a browser.
"""

from __future__ import annotations

import argparse
import io
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self

from archiver.demo.newspaper import Newspaper
from archiver.demo.replies import Reply

_CHUNKS = 4  # pieces that a chunked body is sent in, and one more for what is left over


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, byte for byte as they were on the wire."""

    request: bytes
    response: bytes


class Site(Protocol):
    """Whose pages are served."""

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Reply:
        """Return the reply to a request; an `OSError` ends the connection without one."""

    def record(self, exchange: Exchange) -> None:
        """Take note of an exchange, of which the last bytes are not sent yet."""

    def time(self) -> float:
        """Return what the `Date` of a reply says, in seconds since 1970."""


class NewspaperServer:
    """Serve the newspaper on 127.0.0.1 within a `with` block.

    `visit` may be set at any time and counts from the next request on. `log` grows by one
    `Exchange` before the last bytes of a response are sent: who has read a response finds it there.
    """

    def __init__(self, port: int = 0, visit: int = 1) -> None:
        """Bind the port (0: any free one), without serving yet."""
        self.visit = visit
        self.log: list[Exchange] = []
        self._listener = Listener(port, self)
        self.origin = f"http://127.0.0.1:{self._listener.server_port}"
        self._newspaper = Newspaper.shipped(self.origin)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._listener.begin()
        return self

    def __exit__(self, *_: object) -> None:
        """End all connections and close the port."""
        self._listener.end()

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Reply:
        """Return the reply at the present visit."""
        return self._newspaper.respond(method, target, headers, self.visit)

    def record(self, exchange: Exchange) -> None:
        """Append to the log."""
        with self._lock:
            self.log.append(exchange)

    def time(self) -> float:
        """Return the real time."""
        return time.time()


class Listener(ThreadingHTTPServer):
    """The listening socket, which knows its open connections and can close them."""

    request_queue_size = 64
    poll = 0.02  # seconds between looks for the order to shut down

    def __init__(self, port: int, site: Site) -> None:
        """Listen at a port of 127.0.0.1 (0: any free one), without accepting yet."""
        self.site = site
        self._open: set[Any] = set()
        super().__init__(("127.0.0.1", port), _Conversation)

    def begin(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(self.poll,), daemon=True).start()

    def end(self) -> None:
        """End all connections and close the port."""
        self.shutdown()
        self.hang_up()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection into the books and give it a thread."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and strike it off."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End all open connections, also those whose clients would keep them alive."""
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that went away, and about nothing else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Conversation(BaseHTTPRequestHandler):
    """One connection, with as many exchanges as the client likes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        """Put the tapes between the handler and the socket."""
        super().setup()
        self.rfile = self._heard = _Heard(self.rfile)
        self.wfile = self._said = _Said(self.wfile)

    def handle_one_request(self) -> None:
        """Answer a request, log the exchange, and only then send the last of the answer."""
        super().handle_one_request()
        if self._said.tape:
            exchange = Exchange(bytes(self._heard.tape), bytes(self._said.tape))
            self.server.site.record(exchange)
            self._said.release()
        self._heard.tape.clear()
        self._said.tape.clear()

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))  # a form's fields: not wanted
        headers = dict(self.headers.items())
        reply = self.server.site.answer(self.command, self.path, headers)
        for piece in _wire(reply, self.date_time_string(self.server.site.time())):
            self.wfile.write(piece)

    do_GET = do_HEAD = do_POST = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: the log is in memory."""


class _Heard(io.BufferedIOBase):
    """What a client sends, kept on tape as it is read."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.tape = bytearray()

    def read(self, size: int | None = -1, /) -> bytes:
        self.tape += (data := self._stream.read(size))
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        self.tape += (line := self._stream.readline(size))
        return line

    def close(self) -> None:
        self._stream.close()


class _Said(io.BufferedIOBase):
    """What is sent to a client, kept on tape; the last piece is held back until released."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._held = b""
        self.tape = bytearray()

    def write(self, data: Any, /) -> int:
        self.release()
        self._held = bytes(data)
        self.tape += self._held
        return len(self._held)

    def release(self) -> None:
        self._stream.write(self._held)
        self._held = b""


def _wire(reply: Reply, date: str) -> Iterator[bytes]:
    """Yield the pieces of a reply, none of them empty, as they go on the wire."""
    fields = (("Date", date), *reply.headers)
    head = [f"HTTP/1.1 {reply.status} {reply.reason}", *(f"{n}: {v}" for n, v in fields)]
    yield ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
    if reply.chunked:
        yield from _chunks(reply.body)
    elif reply.body:
        yield reply.body


def _chunks(body: bytes) -> Iterator[bytes]:
    size = max(1, len(body) // _CHUNKS)
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%X\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the newspaper until Ctrl-C."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=8000, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--visit", type=int, default=1, help="2 shows edited and withdrawn stories")
    options = parser.parse_args(arguments)
    with NewspaperServer(options.port, options.visit) as server, suppress(KeyboardInterrupt):
        print(f"{server.origin} (Ctrl-C ends it)", flush=True)
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
