"""What the workers need, imported before they are forked, and a server that bears who is killed."""

import errno
from multiprocessing import reduction
from typing import Any

import archiver.discover
import archiver.executors.local
import archiver.extract
from tests.crawl.site import story
from tests.samples import capture

archiver.extract.read(capture(body=story("warm").encode()))

# Their parent is this server, which does not end with a crawl; by the end of their pipe they do.
archiver.executors.local._die_with = lambda parent: None

_receive = reduction.recvfds


def _received(*arguments: Any) -> Any:
    """Take a process that was killed while it asked for a worker for one that hung up."""
    try:
        return _receive(*arguments)
    except EOFError as error:
        raise OSError(errno.ECONNABORTED, "killed") from error


reduction.recvfds = _received
