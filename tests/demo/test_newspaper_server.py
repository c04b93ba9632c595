from __future__ import annotations

import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import pytest

from archiver.demo.server import NewspaperServer


def talk(server: NewspaperServer, request: bytes) -> bytes:
    """Send bytes, and return what comes back until the server hangs up."""
    address = ("127.0.0.1", int(server.origin.rpartition(":")[2]))
    with socket.create_connection(address, timeout=10) as wire:
        wire.sendall(request)
        return b"".join(iter(lambda: wire.recv(65536), b""))


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1",
        b"HEAD /en/ HTTP/1.1",
        b"GET /feed.xml HTTP/1.1",  # gzip and chunked
        b"GET /sitemap-ar.xml.gz HTTP/1.1",
        b"GET /favicon.ico HTTP/1.1",
        b"BREW /pot HTTP/1.1",
        b"nonsense",
    ],
)
def test_the_log_is_what_the_client_saw(server: NewspaperServer, line: bytes) -> None:
    request = line + b"\r\nhOST: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    response = talk(server, request)
    (exchange,) = server.log
    assert exchange.response == response != b""
    assert request.startswith(exchange.request)
    assert exchange.request == request or b" 400 " in response


def test_kept_alive_exchanges_are_logged_apart(server: NewspaperServer) -> None:
    first = b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n"
    form = b"POST /en/ HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nName=x"
    last = b"GET /n/1001 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    received = talk(server, first + form + last)
    assert [exchange.request for exchange in server.log] == [first, form, last]
    assert b"".join(exchange.response for exchange in server.log) == received


def test_a_chunked_reply_has_several_chunks(server: NewspaperServer) -> None:
    response = talk(server, b"GET /n/1001 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    _, _, body = response.partition(b"\r\n\r\n")
    sizes = []
    while body:
        size, _, body = body.partition(b"\r\n")
        sizes.append(int(size, 16))
        body = body[sizes[-1] + 2 :]
    assert len(sizes) >= 5
    assert sizes[-1] == 0


def test_leaving_does_not_wait_for_idle_connections() -> None:
    with NewspaperServer() as server:
        host = server.origin.removeprefix("http://")
        connections = [HTTPConnection(host, timeout=10) for _ in range(8)]
        for connection in connections:
            connection.request("GET", "/en/")
            assert connection.getresponse().read()
        assert len(server.log) == 8
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    assert all(connection.sock.recv(1) == b"" for connection in connections)
    for connection in connections:
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection(host, timeout=10).connect()


def test_the_newspaper_can_be_looked_at() -> None:
    command = [sys.executable, "-m", "archiver.demo.server", "--port", "0", "--visit", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        origin = process.stdout.readline().split()[0]
        connection = HTTPConnection(origin.removeprefix("http://"), timeout=10)
        connection.request("GET", "/en/story/customs-house-sale")
        assert connection.getresponse().status == 410
        connection.close()
        process.terminate()
