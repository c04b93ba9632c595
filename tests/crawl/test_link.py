"""The link of a request, with what became known of it while it waited."""

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import Request

from archiver.middlewares.capture import LINK, link_of
from archiver.types import Link
from tests.samples import link

pytestmark = pytest.mark.usefixtures("lent_worker")

URL, MOVED = "https://news.example/a/1", "https://news.example/a/2"


def of(spider: Any, url: str = URL, **meta: Any) -> Link:
    return link_of(Request(url, meta={LINK: link(URL), **meta}), spider)


def test_what_a_feed_has_told_since_counts() -> None:
    assert of(None).told == ""
    assert of(SimpleNamespace(name="news", told={URL: "0a1b"})).told == "0a1b"
    assert of(SimpleNamespace(name="news", told={MOVED: "0a1b"})).told == ""


def test_it_goes_through_redirects() -> None:
    spider = SimpleNamespace(name="news", told={URL: "0a1b"})
    found = of(spider, MOVED, redirect_urls=[URL])
    assert (found.url, found.via, found.hops, found.told) == (MOVED, URL, 1, "0a1b")
