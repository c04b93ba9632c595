"""A Scrapy project of somebody else's gets an archive by one line in its settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from archiver.export import row
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.search import Index
from archiver.types import Query
from tests.crawl import warcs
from tests.crawl.site import MISSING, Site, moved, paragraphs, reply, stored, story

ROOT = Path(__file__).parents[2]

PROJECT = {
    "scrapy.cfg": "[settings]\ndefault = paper.settings\n",
    "paper/__init__.py": "",
    "paper/spiders/__init__.py": "",
    "paper/settings.py": """
        BOT_NAME = "paper"
        SPIDER_MODULES = ["paper.spiders"]
        ADDONS = {"archiver.addon.ArchiveAddon": 100}
        ARCHIVER_ARCHIVE = "kept"
        ARCHIVER_ALLOW_HOSTS = ["ADDRESS"]
        ITEM_PIPELINES = {"paper.pipelines.Seen": 0}
        FEEDS = {"items.jsonl": {"format": "jsonlines"}}
        USER_AGENT = "paper/1 (+https://paper.example/)"
        DEFAULT_REQUEST_HEADERS = {"X-Paper": "yes"}
        """,
    "paper/pipelines.py": """
        class Seen:
            def process_item(self, item):
                with open("seen.txt", "a") as stream:
                    print(type(item).__name__, file=stream)
                return item
        """,
    "paper/spiders/x.py": """
        import scrapy

        class X(scrapy.Spider):
            name = "x"

            async def start(self):
                for path in ("/a", "/b", "/shut", "/missing"):
                    yield scrapy.Request("ORIGIN" + path)
                yield scrapy.Request("OTHER/secret")

            def parse(self, response):
                yield {"title": response.css("h1::text").get(), "url": response.url}
        """,
}


@pytest.fixture
def project(tmp_path: Path, site: Site, other: Site) -> Path:
    site.answers |= {
        "/robots.txt": reply("User-agent: *\nDisallow: /shut\n", "Content-Type: text/plain"),
        "/a": reply(story("/a")),
        "/b": moved("/c"),
        "/c": reply(story("/c")),
    }
    for name, text in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for word, value in (
            ("ADDRESS", site.address), ("ORIGIN", site.origin), ("OTHER", other.origin),
        ):  # fmt: skip
            text = text.replace(word, value)
        path.write_text(dedent(text), "utf-8")
    return tmp_path


def scrapy(project: Path, *arguments: str) -> str:
    """Run Scrapy's command line in the project; returns what it wrote to standard error."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=project, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_project_gets_an_archive(project: Path, site: Site, other: Site) -> None:
    errors = scrapy(project, "crawl", "x")
    assert "Traceback" not in errors
    assert "AsyncioSelectorReactor" in errors  # the default, and not what our own crawl runs on
    archive = project / "kept"
    expected = Counter((asked.request, stored(bytes(asked.sent))) for asked in site.asked)
    assert sorted(site.targets) == ["/a", "/b", "/c", "/missing", "/robots.txt"]
    assert warcs.exchanges(archive) == expected
    found = {a.url: a for a in Index(Layout(archive).index).stream(Query())}
    assert found.keys() == {site.url("/a"), site.url("/c")}
    assert found[site.url("/a")].document.text == "\n\n".join(paragraphs("/a"))
    assert found[site.url("/a")].source == "x"
    assert other.asked == []
    assert "/shut" not in site.targets
    assert all(asked.header("x-paper") == "yes" for asked in site.asked)
    assert all(asked.header("user-agent").startswith("paper/1") for asked in site.asked)
    (warcinfo,) = warcs.records(archive, "warcinfo")
    assert b"http-header-user-agent: paper/1 (+https://paper.example/)\r\n" in warcinfo.block


def test_a_project_sees_its_own_items_alone(project: Path, site: Site) -> None:
    scrapy(project, "crawl", "x")
    items = [json.loads(line) for line in (project / "items.jsonl").read_text().splitlines()]
    assert sorted(item["url"] for item in items) == [site.url("/a"), site.url("/c")]
    assert set((project / "seen.txt").read_text().split()) == {"dict"}


def test_what_the_project_sets_stands(project: Path, site: Site) -> None:
    settings = project / "paper/settings.py"
    settings.write_text(settings.read_text() + "ROBOTSTXT_OBEY = False\nDOWNLOAD_TIMEOUT = 7\n")
    errors = scrapy(project, "crawl", "x")
    assert "/robots.txt" not in site.targets
    assert "/shut" in site.targets
    assert "'DOWNLOAD_TIMEOUT': 7" in errors
    assert "'COOKIES_ENABLED': False" in errors
    told = warcs.rows(project / "kept", "SELECT DISTINCT robots_allowed FROM exchanges")
    assert told == [(None,)]  # nobody asked


def test_a_project_without_twisted_gets_an_archive(project: Path, site: Site) -> None:
    settings = project / "paper/settings.py"
    settings.write_text(settings.read_text() + "TWISTED_REACTOR_ENABLED = False\n")
    scrapy(project, "crawl", "x")
    asked = Counter((asked.request, stored(bytes(asked.sent))) for asked in site.asked)
    assert warcs.exchanges(project / "kept") == asked


def test_a_request_past_robots_is_the_projects_own(project: Path, site: Site) -> None:
    spider = project / "paper/spiders/x.py"
    meta = '{"dont_obey_robotstxt": True, "handle_httpstatus_all": True}'
    text = spider.read_text().replace('"ORIGIN"', f'"{site.origin}"')
    text = text.replace("path)", f"path, meta={meta})")
    text = text.replace('yield {"title"', 'yield {"status": response.status, "title"')
    text = text.replace('response.css("h1::text").get()', '""')
    spider.write_text(text)
    scrapy(project, "crawl", "x")
    items = [json.loads(line) for line in (project / "items.jsonl").read_text().splitlines()]
    assert (404, site.url("/missing")) in [(item["status"], item["url"]) for item in items]
    kinds = warcs.rows(project / "kept", "SELECT DISTINCT kind FROM exchanges")
    assert kinds == [("article",)]


PAST = """
    import scrapy

    class X(scrapy.Spider):
        name = "x"

        async def start(self):
            yield scrapy.Request("ORIGIN/a", self.past, errback=self.past)

        def past(self, _):
            for url in ("ORIGIN/shut/b", "ORIGIN/c", "ORIGIN/shut/moved", "ORIGIN/away"):
                yield scrapy.Request(url, self.seen, meta={"dont_obey_robotstxt": True})

        def seen(self, response):
            pass
    """


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            reply("User-agent: *\nDisallow: /shut\n", "Content-Type: text/plain"),
            {"/a": 1, "/shut/b": 0, "/c": 1, "/shut/moved": 0, "/d": 1, "/away": 1},
        ),
        (MISSING, dict.fromkeys(("/a", "/shut/b", "/c", "/shut/moved", "/d", "/away"), 1)),
        (
            reply("busy", status="503 Service Unavailable"),
            dict.fromkeys(("/shut/b", "/c", "/shut/moved", "/d", "/away"), 0),
        ),
    ],
    ids=["rules", "no robots.txt", "in trouble"],
)
def test_what_robots_say_is_told_where_the_project_goes_past_them(
    project: Path, site: Site, other: Site, answer: bytes, told: dict[str, int]
) -> None:
    pages = {path: reply(story(path)) for path in ("/shut/b", "/c", "/d")}
    site.answers |= {"/robots.txt": answer, "/shut/moved": moved("/d"), **pages}
    site.answers["/away"] = moved(other.url("/e"))
    other.answers["/e"] = reply(story("/e"))
    spider, settings = project / "paper/spiders/x.py", project / "paper/settings.py"
    spider.write_text(dedent(PAST.replace("ORIGIN", site.origin).replace("OTHER", other.origin)))
    settings.write_text(
        settings.read_text().replace(site.address, f'{site.address}", "{other.address}')
        + "RETRY_ENABLED = False\n"
    )
    scrapy(project, "crawl", "x")
    query = "SELECT url, robots_allowed FROM exchanges WHERE kind = 'article'"
    found = dict(warcs.rows(project / "kept", query))
    nobody_asked = other.url("/e")
    assert found == {site.url(path): said for path, said in told.items()} | {nobody_asked: None}
    assert site.targets.count("/robots.txt") == 1
    assert other.targets == ["/e"]
    rebuild(Layout(project / "kept"), ())
    assert dict(warcs.rows(project / "kept", query)) == found
    with Index(Layout(project / "kept").index) as index:
        pages_told = {a.fetched_url: row(a)["robots_allowed"] for a in index.stream(Query())}
    gone_past = {url: None if said is None else bool(said) for url, said in found.items()}
    assert pages_told.items() <= gone_past.items()
    assert pages_told[nobody_asked] is None
    assert pages_told[site.url("/c")] is bool(told["/c"])
