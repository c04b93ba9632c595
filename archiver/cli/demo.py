"""archiver demo."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from archiver import config as configuration
from archiver.cli import terminal
from archiver.config import Config, Layout
from archiver.errors import NothingFound, UsageError
from archiver.types import Query, Source

MARKER = ".archiver-demo"
SEARCHES = ("المنارة", "مياه الشرب", "lighthouse", "فانوس دریایی")
SEEN = "تعاونية الصيادين"
SOURCE = "anchorage"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo-archive"))
def demo(folder: Path) -> None:
    """Crawl a small newspaper of archiver's own into FOLDER, and look at what was kept.

    The newspaper (Arabic, English, Persian) is served on this machine over real HTTP; no network is
    needed. FOLDER (demo-archive by default) is made anew each time.
    """
    _make_anew(folder)
    archive = folder / "archive"
    from archiver.demo.server import NewspaperServer

    with NewspaperServer() as newspaper:
        terminal.say(f"a newspaper is open at {newspaper.origin}")
        config = _config(folder, newspaper.origin)
        _visit(config, archive, "The first visit.")
        newspaper.visit = 2
        _visit(
            config,
            archive,
            "The second visit: meanwhile two stories were edited and one was deleted.",
        )
    _look(archive)
    _say_next(archive)


def _make_anew(folder: Path) -> None:
    if folder.exists():
        if not (folder / MARKER).is_file():
            raise UsageError("is there already, and not from a demo", where=str(folder),
                             remedy="name another folder")  # fmt: skip
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()


def _config(folder: Path, origin: str) -> Config:
    """Write the demo's sources.toml and read it back, as any crawl does."""
    path = folder / configuration.CONFIG_NAME
    host = origin.removeprefix("http://")
    path.write_text(
        f'contact = "demo@anchorage.example"\nallow_hosts = ["{host}"]\ndelay = 0\nconcurrency = 8\n',
        "utf-8",
    )
    configuration.add(path, Source(SOURCE, f"{origin}/"))
    return configuration.load(path)


def _visit(config: Config, archive: Path, what: str) -> None:
    from archiver.cli.crawl import print_results
    from archiver.crawl import Task, crawl

    terminal.say(f"\n{what}")
    line = terminal.Progress()
    results = crawl([Task(source) for source in config.sources], config, archive, tell=terminal.say)
    line.clear()
    print_results(results)


def _look(archive: Path) -> None:
    """Search the archive in three languages and show one article."""
    from archiver.cli.search import print_hit
    from archiver.cli.show import print_article
    from archiver.store.search import Index

    index = Index(Layout(archive).index)
    for words in SEARCHES:
        terminal.say(f"\n$ archiver search --limit 3 {words} --archive {archive}")
        hits = index.search(Query(words, limit=3))
        if not hits:
            raise NothingFound(f"the demo's archive does not find {words}")
        for hit in hits:
            print_hit(hit)
    hit = index.search(Query(f'"{SEEN}"', limit=1))[0]
    terminal.say(f"\n$ archiver show {hit.article.id} --archive {archive}")
    print_article(Layout(archive), hit.article)


def _say_next(archive: Path) -> None:
    terminal.say(
        f"\nThe archive is in {archive}. Now try:\n"
        f"  export ARCHIVER_ARCHIVE={archive}\n"
        "  archiver search المكتبة\n"
        "  archiver search --lang en --sort relevance heat wave\n"
        "  archiver show 7 --raw | head -c 300\n"
        "  archiver export --format csv -o stories.csv --lang fa\n"
        f"  archiver rebuild --config {archive.parent / configuration.CONFIG_NAME}"
    )
