"""The download handler that keeps the bytes: what was sent and received, exactly.

Scrapy's own handlers have lost the reason phrase, the case and order of headers, and the request as
sent, by the time anybody sees a response. httpcore reads and writes through a network backend of our
own, a public seam, where every byte passes. The same place dials, so the address that the guard
checks is the address that is dialled. The only user of httpcore.
"""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from time import monotonic
from typing import Any, ClassVar
from weakref import finalize

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

from archiver import clock
from archiver.content import read_head
from archiver.urls import authority, is_global

META = "archiver_wire"
SLOT = "archiver_slot"
LARGE = 2 * 1024**2  # bytes of a body from which it needs one of the few slots for large ones
LARGE_AT_ONCE = 2  # else 32 requests of 32 MiB could be under way: a gigabyte
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


class Slot:
    """One of the slots for large bodies, which all crawlers of a process share."""

    _free: ClassVar[asyncio.Semaphore]
    _loop: ClassVar[asyncio.AbstractEventLoop | None] = None

    @classmethod
    async def take(cls, request: Request) -> None:
        """Wait for a slot, and leave it with `request`."""
        loop = asyncio.get_running_loop()
        if cls._loop is not loop:
            cls._loop, cls._free = loop, asyncio.Semaphore(LARGE_AT_ONCE)
        free = cls._free
        await free.acquire()
        request.meta[SLOT] = free

    @staticmethod
    def give_back(request: Request, response: Response | None = None) -> None:
        """Give back the slot of `request`, if it has one; at once, or when `response` is no more."""
        free = request.meta.pop(SLOT, None)
        if free is None:
            return
        # Scrapy's futures and failures hold each other, and with them the body: the collector,
        # which counts objects and not their size, would come by when hundreds of MB have gathered.
        asyncio.get_running_loop().call_later(0.2, gc.collect)
        if response is None:
            free.release()
        else:
            finalize(response, _release_soon, asyncio.get_running_loop(), free).atexit = False


def _release_soon(loop: asyncio.AbstractEventLoop, free: asyncio.Semaphore) -> None:
    """Release `free`, whichever thread it is in which the last reference was dropped."""
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(free.release)


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
        self._latest: float | None = None  # in the loop's time, once the crawl was interrupted
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
        try:
            await self._run(exchange, request)
            request.meta[META] = exchange.wire()
            return exchange.response()
        except BaseException:
            Slot.give_back(request)
            raise

    async def _run(self, exchange: _Exchange, request: Request) -> None:
        timeout = float(request.meta.get("download_timeout", self._timeout))
        try:
            async with self._within(timeout) as deadline:
                await exchange.run(self._pool, partial(self._wait, request, deadline))
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

    async def _wait(self, request: Request, deadline: asyncio.Timeout) -> None:
        """Wait for a slot for a large body. The wait does not count: it is no fault of the server's."""
        loop = asyncio.get_running_loop()
        left = (deadline.when() or loop.time()) - loop.time()
        deadline.reschedule(self._latest)
        await Slot.take(request)
        latest = loop.time() + left
        deadline.reschedule(latest if self._latest is None else min(latest, self._latest))

    @asynccontextmanager
    async def _within(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """Raise TimeoutError after `seconds`, or GRACE after the crawl was interrupted."""
        async with asyncio.timeout(seconds) as deadline:
            self._deadlines.add(deadline)
            try:
                yield deadline
            finally:
                self._deadlines.discard(deadline)

    def _hurry(self) -> None:
        soon = self._latest = asyncio.get_running_loop().time() + GRACE
        for deadline in self._deadlines:
            with suppress(RuntimeError):  # one that is running out at this moment
                deadline.reschedule(min(deadline.when() or soon, soon))


class _Exchange:
    """One request and its response while they are under way."""

    def __init__(self, request: Request, max_size: int) -> None:
        self._request = request
        self._max_size = max_size
        self._at = clock.now()
        self._start = monotonic()
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._truncated = ""
        self._ip = ""
        self._sent = b""
        self._head = b""

    async def run(
        self, pool: httpcore.AsyncConnectionPool, wait: Callable[[], Awaitable[None]]
    ) -> None:
        """Receive the response; `wait` is awaited before more than a small body is read."""
        request = self._request
        async with pool.stream(
            request.method,
            request.url.partition("#")[0],
            headers=_headers(request),
            content=request.body or None,
        ) as response:
            self._request.meta["download_latency"] = monotonic() - self._start
            self._begin(response)
            await self._read(response, wait)

    async def _read(self, response: httpcore.Response, wait: Callable[[], Awaitable[None]]) -> None:
        size, most = 0, self._max_size or sys.maxsize
        async for chunk in response.aiter_stream():
            if size <= LARGE < size + len(chunk):
                await wait()
            self._chunks.append(chunk[: most - size])
            size += len(chunk)
            if size > most:
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
        body = b"".join(self._chunks)
        self._chunks.clear()
        return body

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
