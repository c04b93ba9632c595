"""The download handler that keeps the bytes: what was sent and received, exactly.

Scrapy's own handlers have lost the reason phrase, the case and order of headers, and the request as
sent, by the time anybody sees a response. httpcore reads and writes through a network backend of our
own, a public seam, where every byte passes. The same place dials, so the address that the guard
checks is the address that is dialled. The only user of httpcore.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from typing import Any

import httpcore
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from archiver.content import read_head
from archiver.urls import authority, is_global

META = "archiver_wire"
MAX_HEAD = 256 * 1024
HURRY = object()  # the signal that ends what is under way soon: the crawl was interrupted
GRACE = 3.0  # seconds it may still take then
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n")
_HEAD = re.compile(rb".*?\r?\n\r?\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wire:
    """The bytes of one exchange: `body` has its transfer coding taken off, `head` is as received."""

    at: datetime
    ip: str
    request: bytes
    head: bytes
    body: bytes
    took_ms: int
    truncated: str


class PrivateAddress(IgnoreRequest):
    """The host leads to an address that is not global and was not named by the operator."""


class WireHandler(BaseDownloadHandler):
    """Downloads over HTTP/1.1 and leaves a `Wire` in ``request.meta[META]``."""

    def __init__(self, crawler: Crawler) -> None:
        """Read limits and the hosts that may be private from the crawler's settings."""
        super().__init__(crawler)
        settings = crawler.settings
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._max_size = settings.getint("DOWNLOAD_MAXSIZE")
        self._deadlines: set[asyncio.Timeout] = set()
        crawler.signals.connect(self._hurry, signal=HURRY)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_ssl_context(settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")),
            max_connections=settings.getint("CONCURRENT_REQUESTS") * 2,
            keepalive_expiry=15,
            network_backend=_Backend(frozenset(settings.getlist("ARCHIVER_ALLOW_HOSTS"))),
        )

    async def close(self) -> None:
        """Close the kept connections."""
        await self._pool.aclose()

    async def download_request(self, request: Request) -> Response:
        """Fetch `request`. A body cut by size, time or the peer is kept as far as it came.

        Raises Scrapy's own download errors where no response head came.
        """
        exchange = _Exchange(request, self._max_size)
        timeout = float(request.meta.get("download_timeout", self._timeout))
        try:
            async with self._within(timeout):
                await exchange.run(self._pool)
        except TimeoutError as error:
            exchange.cut("time", DownloadTimeoutError(f"no answer within {timeout:g} s"), error)
        except httpcore.TimeoutException as error:
            exchange.cut("time", DownloadTimeoutError("the connection timed out"), error)
        except httpcore.ConnectError as error:
            raise _connect_error(error) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            exchange.cut("disconnect", DownloadFailedError(str(error) or "connection lost"), error)
        except httpcore.UnsupportedProtocol as error:
            raise IgnoreRequest(str(error)) from error
        request.meta[META] = exchange.wire()
        return exchange.response()

    @asynccontextmanager
    async def _within(self, seconds: float) -> AsyncIterator[None]:
        """Raise TimeoutError after `seconds`, or GRACE after the crawl was interrupted."""
        async with asyncio.timeout(seconds) as deadline:
            self._deadlines.add(deadline)
            try:
                yield
            finally:
                self._deadlines.discard(deadline)

    def _hurry(self) -> None:
        soon = asyncio.get_running_loop().time() + GRACE
        for deadline in self._deadlines:
            with suppress(RuntimeError):  # one that is running out at this moment
                deadline.reschedule(min(deadline.when() or soon, soon))


class _Exchange:
    """One request and its response while they are under way."""

    def __init__(self, request: Request, max_size: int) -> None:
        self._request = request
        self._max_size = max_size
        self._at = datetime.now(UTC)
        self._start = monotonic()
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._truncated = ""
        self._ip = ""
        self._sent = b""
        self._head = b""

    async def run(self, pool: httpcore.AsyncConnectionPool) -> None:
        request = self._request
        async with pool.stream(
            request.method,
            request.url.partition("#")[0],
            headers=_headers(request),
            content=request.body or None,
        ) as response:
            self._request.meta["download_latency"] = monotonic() - self._start
            self._begin(response)
            room = self._max_size or sys.maxsize
            async for chunk in response.aiter_stream():
                self._chunks.append(chunk[:room])
                room -= len(chunk)
                if room < 0:
                    self._truncated = "length"
                    return

    def _begin(self, response: httpcore.Response) -> None:
        stream = response.extensions["network_stream"]
        received = _HEAD.match(_without_interim(bytes(stream.received)))
        self._head = received[0] if received else b""
        if not _tells(self._head, response):
            # A server that sends more than one answer to a request would put the next answer, and
            # all that follow, under the wrong URLs. Leaving here closes the connection.
            raise httpcore.RemoteProtocolError("bytes were left over from an earlier answer")
        self._status = response.status
        self._headers = list(response.headers)
        self._sent = bytes(stream.sent)
        address = stream.get_extra_info("server_addr")
        self._ip = str(address[0]).partition("%")[0] if address else ""

    def cut(self, how: str, error: Exception, cause: Exception) -> None:
        """Keep what came before `cause`; raise `error` where not even a head did."""
        if not self._status:
            raise error from cause
        self._truncated = how

    @cached_property
    def body(self) -> bytes:
        """The body as far as it came: one object for record and response, it may be large."""
        return b"".join(self._chunks)

    def wire(self) -> Wire:
        return Wire(
            at=self._at,
            ip=self._ip,
            request=self._sent,
            head=self._head,
            body=self.body,
            took_ms=int((monotonic() - self._start) * 1000),
            truncated=self._truncated,
        )

    def response(self) -> Response:
        headers = Headers()
        for name, value in self._headers:
            headers.appendlist(name, value)
        body = self.body
        kind = responsetypes.from_args(headers=headers, url=self._request.url, body=body[:4096])
        flags = ["truncated"] if self._truncated else None
        return kind(self._request.url, status=self._status, headers=headers, body=body, flags=flags)


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    """Return the headers to send; Host and Content-Length are httpcore's to add."""
    return [
        (name, value)
        for name, values in request.headers.items()
        for value in values
        if name.lower() not in (b"host", b"content-length", b"connection")
    ]


def _tells(head: bytes, response: httpcore.Response) -> bool:
    """Tell whether the bytes of `head` say what was parsed as the head of `response`.

    Content-Length is left out: of one that stands twice the parser keeps the first.
    """
    told = read_head(head)
    names = [name.lower() for name, _ in told.fields]
    parsed = [name.decode("latin-1").lower() for name, _ in response.headers]
    return told.status == response.status and [n for n in names if n != "content-length"] == [
        n for n in parsed if n != "content-length"
    ]


def _without_interim(received: bytes) -> bytes:
    """Cut the interim heads (100 Continue, 103 Early Hints) that stand before the response's own."""
    while match := _INTERIM.match(received):
        received = received[match.end() :]
    return received


def _connect_error(error: Exception) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return CannotResolveHostError("the host's name is not known")
        if isinstance(cause, ConnectionRefusedError):
            return DownloadConnectionRefusedError("the connection was refused")
        cause = cause.__cause__ or cause.__context__
    return DownloadFailedError(str(error) or "cannot connect")


def _ssl_context(verify: bool) -> ssl.SSLContext:
    context = httpcore.default_ssl_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Backend(httpcore.AnyIOBackend):
    """Dials only addresses that may be dialled, and hands out streams that keep the bytes."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        last: Exception = httpcore.ConnectError("the host has no address")
        for address in await self._addresses(host, port):
            try:
                stream = await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            return _Stream(stream)
        raise last

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Resolve `host`, and refuse it where any of its addresses may not be dialled."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (socket.gaierror, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if authority(host, port) not in self._allowed:
            for address in addresses:
                if not is_global(address.partition("%")[0]):
                    raise PrivateAddress(f"{host} leads to the private address {address}")
        return addresses


class _Stream(httpcore.AsyncNetworkStream):
    """A stream that keeps what the present exchange sent, and what it received up to its head."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self.sent = bytearray()
        self.received = bytearray()
        self._head_done = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._stream.read(max_bytes, timeout)
        if not self._head_done and len(self.received) < MAX_HEAD:
            self.received += data
            self._head_done = bool(_HEAD.match(_without_interim(bytes(self.received))))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self.received:  # HTTP/1.1 without pipelining: a write after a read is the next request
            self.sent.clear()
            self.received.clear()
            self._head_done = False
        self.sent += buffer
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
