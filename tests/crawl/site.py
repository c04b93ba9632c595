"""A web site that misbehaves to order: a table of paths and the very bytes that answer them."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Self

PATIENCE = 20.0  # seconds that a held answer waits for its release, so that no test hangs


@dataclass(slots=True)
class Asked:
    """One request as it came, when it came, and what was sent in answer."""

    target: str
    request: bytes
    at: float
    connection: int
    sent: bytearray = field(default_factory=bytearray)

    def header(self, name: str) -> str:
        found = re.search(rf"(?im)^{re.escape(name)}:[ \t]*([^\r\n]*)", self.request.decode())
        return found[1] if found else ""


class Talk:
    """What a callable answer is given: the request, and a way to send, wait and hang up."""

    def __init__(self, site: Site, connection: socket.socket, asked: Asked) -> None:
        self._site = site
        self._connection = connection
        self.asked = asked

    def send(self, data: bytes) -> None:
        self.asked.sent += data
        self._connection.sendall(data)

    def hold(self) -> None:
        """Wait until the test lets go, or the site is closed."""
        self._site.holding.set()
        self._site.release.wait(PATIENCE)

    def hang_up(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


Answer = bytes | Callable[[Talk], None]


class Site:
    """Serve `answers` (target: bytes or callable, or a list of them in turn) on 127.0.0.1.

    What is not in the table is 404, robots.txt too. `asked` grows by one for each request.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.asked: list[Asked] = []
        self.holding = threading.Event()
        self.release = threading.Event()
        self._tls = tls
        self._listening = socket.create_server((host, 0), backlog=64)
        self.address = f"{host}:{self._listening.getsockname()[1]}"
        self.origin = f"{'https' if tls else 'http'}://{self.address}"
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up and close the port; a second time does nothing."""
        self.release.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in tuple(self._threads):
            thread.join(PATIENCE)

    def url(self, path: str = "/") -> str:
        return self.origin + path

    def stories(self, *paths: str) -> None:
        """Put a sitemap of `paths` at /sitemap.xml; those without an answer become stories."""
        entries = "".join(f"<url><loc>{self.url(path)}</loc></url>" for path in paths)
        self.answers["/sitemap.xml"] = reply(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>',
            "Content-Type: application/xml",
        )
        for path in paths:
            self.answers.setdefault(path, reply(story(path)))

    @property
    def targets(self) -> list[str]:
        """What was asked for, in the order in which it came."""
        return [asked.target for asked in self.asked]

    def times(self, *but: str) -> list[float]:
        """When each request came, those for `but` left out."""
        return [asked.at for asked in self.asked if asked.target not in but]

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            number += 1
            self._open.add(connection)
            self._start(self._converse, connection, number)

    def _converse(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError):
            if self._tls:
                self._open.discard(connection)
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.add(connection)
            with connection, connection.makefile("rb") as stream:
                while request := _read_head(stream):
                    self._answer(connection, request, number)
        self._open.discard(connection)
        connection.close()

    def _answer(self, connection: socket.socket, request: bytes, number: int) -> None:
        asked = Asked(request.split(b" ", 2)[1].decode(), request, monotonic(), number)
        with self._lock:
            self.asked.append(asked)
            answer = self.answers.get(asked.target, MISSING)
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        talk = Talk(self, connection, asked)
        if isinstance(answer, bytes):
            talk.send(answer)
        else:
            answer(talk)


def _read_head(stream: object) -> bytes:
    lines = []
    while (line := stream.readline()) not in (b"", b"\r\n"):  # type: ignore[attr-defined]
        lines.append(line)
    return b"".join([*lines, line]) if lines and line else b""


def reply(body: str | bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole HTTP reply; without a Content-Type of its own the body is HTML."""
    data = body.encode() if isinstance(body, str) else body
    lines = [*headers]
    if not any(line.lower().startswith("content-type:") for line in lines):
        lines.append("Content-Type: text/html; charset=utf-8")
    if not any(re.match("(?i)content-length|transfer-encoding", line) for line in lines):
        lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + data


MISSING = reply("<p>not here</p>", status="404 Not Found")


def robots(text: str) -> bytes:
    """Return robots.txt."""
    return reply(text, "Content-Type: text/plain")


def moved(where: str) -> bytes:
    """Return a redirect."""
    return reply("<p>moved</p>", f"Location: {where}", status="302 Found")


def paragraphs(name: str) -> list[str]:
    """Return the paragraphs of the story called `name`."""
    return [
        f"Sentence {n} of the story {name} tells what the harbour master said about tide {n}, "
        f"and why the {n} boats that lay at anchor could not leave before the morning came."
        for n in range(1, 8)
    ]


def story(name: str) -> str:
    """Return the page of a story, marked as an article in every way."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": f"Story {name}",
        "datePublished": "2026-03-14T09:30:00+00:00",
    }
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(name))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Story {name}</title>'
        f'<meta property="og:type" content="article">'
        f'<script type="application/ld+json">{json.dumps(data)}</script></head>'
        f"<body><article><h1>Story {name}</h1>{body}</article></body></html>"
    )


def dechunked(body: bytes) -> bytes:
    """Take the chunked transfer coding off (RFC 9112, section 7.1), by itself, as a check."""
    pieces = []
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            return b"".join(pieces)
        pieces.append(body[:length])
        body = body[length + 2 :]


def stored(response: bytes) -> bytes:
    """Return the block of the WARC record for a response as it was on the wire."""
    head, _, body = response.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for number, line in enumerate(lines):
        name, _, value = line.partition(b":")
        if name.lower() == b"transfer-encoding":
            body = dechunked(body)
            lines[number] = b"x-orig-transfer-encoding:" + value
            lines.append(b"Content-Length: %d" % len(body))
            break
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
