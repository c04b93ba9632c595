"""The newspaper's answers, without a socket: a request in, a reply out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from archiver.demo.addresses import language_of
from archiver.demo.editions import Edition
from archiver.demo.hubs import render_message
from archiver.demo.replies import Page, Reply, dress
from archiver.demo.stories import Story, load_stories
from archiver.demo.wording import WORDINGS

VISITS = (1, 2)


class Newspaper:
    """A web site that changes between visits and is the same within one."""

    def __init__(self, stories_by_visit: Mapping[int, Sequence[Story]], origin: str) -> None:
        """Publish the stories at `origin`; a visit that is not named sees the one before it."""
        self._editions = {
            visit: Edition(stories, visit, origin) for visit, stories in stories_by_visit.items()
        }

    @classmethod
    def shipped(cls, origin: str) -> Newspaper:
        """Return the newspaper with the stories that come with the package."""
        return cls({visit: load_stories(visit) for visit in VISITS}, origin)

    def respond(self, method: str, target: str, headers: Mapping[str, str], visit: int) -> Reply:
        """Answer a request; `target` is the path and query as they stand in the request line."""
        edition = self._editions[max(v for v in self._editions if v <= visit)]
        return respond(edition.page, method, target, headers)


def respond(
    find: Callable[[str], Page], method: str, target: str, headers: Mapping[str, str]
) -> Reply:
    """Answer a request with the page that `find` has at its target; only reading is allowed."""
    page = find(target) if method in ("GET", "HEAD") else _refusal(target)
    reply = dress(page, target, {name.lower(): value for name, value in headers.items()})
    return replace(reply, body=b"", chunked=False) if method == "HEAD" else reply


def _refusal(target: str) -> Page:
    words = WORDINGS[language_of(target)]
    html = render_message(words, words.refused)
    headers = (("Allow", "GET, HEAD"),)
    return Page(html.encode(), status=HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)
