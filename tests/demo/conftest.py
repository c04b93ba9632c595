"""A running newspaper, and a client that takes the content coding off."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from archiver.demo.replies import Reply
from archiver.demo.server import NewspaperServer
from archiver.demo.stories import Story, load_stories


@pytest.fixture(scope="session")
def stories() -> dict[int, Story]:
    return {story.id: story for story in load_stories()}


@pytest.fixture
def server() -> Iterator[NewspaperServer]:
    with NewspaperServer() as running:
        yield running


@pytest.fixture
def get(server: NewspaperServer) -> Iterator[Callable[..., Reply]]:
    """Ask over one kept-alive connection; absolute URLs of the newspaper will do, too."""
    connection = HTTPConnection(server.origin.removeprefix("http://"), timeout=10)

    def ask(
        target: str, method: str = "GET", coding: str = "gzip", etag: str = "", since: str = ""
    ) -> Reply:
        headers = {"Accept-Encoding": coding, "If-None-Match": etag, "If-Modified-Since": since}
        connection.request(method, target.removeprefix(server.origin), headers=headers)
        response = connection.getresponse()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        if body and headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        chunked = headers.get("transfer-encoding") == "chunked"
        return Reply(response.status, response.reason, tuple(headers.items()), body, chunked)

    yield ask
    connection.close()
