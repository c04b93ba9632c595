"""archiver demo."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from archiver import amending
from archiver import config as configuration
from archiver.cli import terminal
from archiver.config import Config
from archiver.errors import NothingFound, UsageError
from archiver.layout import Layout
from archiver.types import Query, Source

MARKER = ".archiver-demo"
SEARCHES = ("المنارة", "مياه الشرب", "lighthouse", "فانوس دریایی")
SEEN = "تعاونية الصيادين"
SOURCE = "anchorage"


@click.command()
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    default=Path("demo-archive"),
    show_default=True,
    help="The folder to make.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The sources file to write.  [default: sources.toml in the archive]",
)
def demo(archive: Path, config: Path | None) -> None:
    """Crawl a small newspaper of archiver's own, and look at what was kept.

    The newspaper (Arabic, English, Persian) is served on this machine over real HTTP; no network is
    needed. The archive is made anew each time.
    """
    _make_anew(archive)
    from archiver.demo.server import NewspaperServer

    with NewspaperServer() as newspaper:
        terminal.say(f"a newspaper is open at {newspaper.origin}")
        known = _config(config or archive / configuration.CONFIG_NAME, newspaper.origin)
        _visit(known, archive, "The first visit.")
        newspaper.visit = 2
        _visit(
            known,
            archive,
            "The second visit: since then two stories were edited and one was deleted.",
        )
    _look(archive)
    _say_next(archive, known.path)


def _make_anew(folder: Path) -> None:
    """Empty `folder` where an earlier demo made it; never touch anything else."""
    if folder.exists():
        if not (folder / MARKER).is_file():
            raise UsageError("is there already, and not from a demo", where=str(folder),
                             remedy="name another --archive")  # fmt: skip
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()


def _config(path: Path, origin: str) -> Config:
    """Write the demo's sources.toml and read it back, as any crawl does."""
    host = origin.removeprefix("http://")
    path.write_text(
        f'contact = "demo@anchorage.example"\nallow_hosts = ["{host}"]\ndelay = 0\nconcurrency = 8\n',
        "utf-8",
    )
    amending.add_source(path, Source(SOURCE, f"{origin}/"))
    return configuration.load(path)


def _visit(config: Config, archive: Path, what: str) -> None:
    from archiver.cli.crawl import check, print_results
    from archiver.crawl import Task, crawl

    terminal.say(f"\n{what}")
    line = terminal.Progress()
    results = crawl([Task(source) for source in config.sources], config, archive, tell=terminal.say)
    line.clear()
    print_results(results)
    check(results)


def _look(archive: Path) -> None:
    """Search the archive in three languages and show one article."""
    from archiver.cli.hits import lines
    from archiver.cli.show import print_article
    from archiver.store.search import Index

    with Index(Layout(archive).index) as index:
        for words in SEARCHES:
            terminal.say(f"\n$ archiver search --limit 3 {words} --archive {archive}")
            hits = index.search(Query(words, limit=3))
            if not hits:
                raise NothingFound(f"the demo's archive does not find {words}")
            for hit in hits:
                terminal.out("\n".join(lines(hit)))
        hit = index.search(Query(f'"{SEEN}"', limit=1))[0]
        terminal.say(f"\n$ archiver show {hit.article.id} --archive {archive}")
        print_article(Layout(archive), hit.article)


def _say_next(archive: Path, config: Path) -> None:
    terminal.say(
        f"\nThe archive is in {archive}. Now try:\n"
        f"  export ARCHIVER_ARCHIVE={archive}\n"
        "  archiver search المكتبة\n"
        "  archiver search --facet month المنارة\n"
        "  archiver search --lang en --sort relevance heat wave\n"
        "  archiver changes\n"
        "  archiver show 7 --html | head -n 5\n"
        "  archiver export --format csv -o stories.csv --lang fa\n"
        + (
            "  archiver rebuild"
            if config.parent == archive
            else f"  archiver rebuild --config {config}"
        )
    )
