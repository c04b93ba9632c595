"""What the warcinfo record says of a crawl."""

from pathlib import Path

import pytest

from archiver.config import Config
from archiver.crawl import crawl_settings
from archiver.pipelines.archive import warc_info

pytestmark = pytest.mark.usefixtures("lent_worker")


@pytest.mark.parametrize(("contact", "mail"), [("me@a.com", "me@a.com"), ("https://a.com/bot", "")])
def test_it_tells_who_crawls(contact: str, mail: str) -> None:
    config = Config(Path("x"), contact=contact)
    info = warc_info(crawl_settings(config, Path("archive")))
    assert info["operator"] == contact
    assert info["http-header-from"] == mail
    assert info["http-header-user-agent"] == config.user_agent
    assert info["robots"] == "obey"


def test_it_says_when_robots_are_not_obeyed() -> None:
    settings = crawl_settings(Config(Path("x")), Path("archive"))
    settings.set("ROBOTSTXT_OBEY", False, "cmdline")
    assert warc_info(settings)["robots"] == "ignore"
