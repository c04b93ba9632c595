"""The command line as a person meets it: in processes of its own, with what it says and returns."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.cli import COMMANDS
from archiver.demo.addresses import story_path
from archiver.demo.editions import NOAI
from archiver.demo.server import NewspaperServer
from archiver.demo.stories import load_stories
from archiver.layout import Layout
from archiver.locking import locked
from tests.crawl.site import Site, dechunked, reply, story

ROOT = Path(__file__).parents[2]
HEAVY = (
    "scrapy",
    "twisted",
    "trafilatura",
    "httpcore",
    "warcio",
    "lxml",
    "tldextract",
    "sqlite_utils",
)
# What a search has no use for, and would wait for.
NEEDLESS = (
    *HEAVY, "dateutil", "feedparser", "resiliparse", "charset_normalizer", "zlib_ng", "brotli", "tomllib", "difflib",
    "archiver.config", "archiver.warc", "archiver.extract", "archiver.store.writing", "archiver.store.textindex",
    "archiver.store.similar", "archiver.types", "archiver.dates.lines",
    "importlib.metadata", "subprocess", "shutil", "email", "hashlib", "textwrap",
)  # fmt: skip

Run = Callable[..., "Done"]


class Done:
    """What a command did: its exit code, results and messages."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.raw = done.stdout
        self.err = done.stderr.decode()

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def says(self, code: int, *words: str) -> None:
        """Assert that this ended with `code` and one clear line that holds `words`."""
        assert self.code == code, self.err
        assert "Traceback" not in self.err + self.out
        (line,) = [
            text for text in self.err.splitlines() if text.startswith(("archiver:", "Error:"))
        ]
        for word in words:
            assert word in line


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def command(folder: Path, *arguments: str | Path) -> Done:
    return Done(
        subprocess.run(
            [sys.executable, "-m", "archiver", *map(str, arguments)],
            cwd=folder,
            env=environment(),
            capture_output=True,
            timeout=90,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return lambda *arguments: command(tmp_path, *arguments)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


Log = list[tuple[str, bytes]]


class Desk:
    """A folder in which the newspaper was added and crawled, and the bytes its server sent."""

    def __init__(self, folder: Path, origin: str, said: dict[str, Done], log: Log) -> None:
        self.folder, self.origin, self.said, self.log = folder, origin, said, log

    def __call__(self, *arguments: str | Path) -> Done:
        return command(self.folder, *arguments)

    def sent(self, path: str) -> bytes:
        """Return the last whole response to `path` (what a 304 leaves out stands), byte for byte."""
        answers = (response for target, response in reversed(self.log) if target == path)
        return next(answer for answer in answers if not answer.startswith(b"HTTP/1.1 304 "))


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    with NewspaperServer() as server:
        said = {"init": command(folder, "init", "--contact", "desk@archive.example")}
        host = server.origin.removeprefix("http://")
        settings = folder / "sources.toml"
        written = settings.read_text("utf-8").replace(
            "allow_hosts = []", f'allow_hosts = ["{host}"]'
        )
        settings.write_text(written.replace("delay = 1.0", "delay = 0"), "utf-8")
        said["add"] = command(folder, "add", server.origin, "--name", "post")
        said["crawl"] = command(folder, "crawl", "post")
        log = [(x.request.split(b" ")[1].decode(), x.response) for x in server.log]
        return Desk(folder, server.origin, said, log)


# What is right.


def test_a_reader_that_has_gone_is_no_failure(desk: Desk) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "archiver", "export", "-o", "-"],
            cwd=desk.folder, env=environment(), stdout=gone, stderr=subprocess.PIPE, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_init_with_an_archive_keeps_both_together(run: Run, tmp_path: Path) -> None:
    done = run("init", "--archive", "papers")
    assert done.out == "archive: papers\nsources: papers/sources.toml\n"
    assert (tmp_path / "papers" / "sources.toml").is_file()
    run("sources", "--archive", "papers").says(4, "papers/sources.toml", "archiver add URL")


def test_init(desk: Desk, run: Run, tmp_path: Path) -> None:
    done = desk.said["init"]
    assert (done.code, done.out) == (0, "archive: archive\nsources: sources.toml\n")
    assert done.err == "Next: archiver add URL\n"
    assert run("init").code == 0
    (tmp_path / "sources.toml").write_text("# mine\n")
    again = run("init", "--contact", "x@y.example")
    assert again.code == 0
    assert "was there already" in again.out
    assert (tmp_path / "sources.toml").read_text() == "# mine\n"


def test_add_finds_endpoints_and_shows_samples(desk: Desk) -> None:
    done = desk.said["add"]
    assert done.code == 0, done.err
    for path in ("/feed.xml", "/news-sitemap.xml", "/sitemap-index.xml"):
        assert f"{desk.origin}{path}\n" in done.out
    assert "charset  utf-8\n" in done.out
    assert done.out.count(" paragraphs\n") == 3
    titles = [story.title for story in load_stories()]
    assert sum(f"\n  {title}\n" in done.out for title in titles) == 3
    assert "archiver crawl post" in done.err
    written = (desk.folder / "sources.toml").read_text("utf-8")
    assert "[sources.post]" in written
    assert "# Who runs this crawler" in written  # what stood there stays


def test_crawl_ends_with_a_table(desk: Desk) -> None:
    done = desk.said["crawl"]
    assert done.code == 0, done.err
    head, numbers, *_ = done.out.splitlines()
    assert head.split() == [
        "source", "new", "changed", "unchanged", "gone", "hub", "unread", "refused", "failed",
    ]  # fmt: skip
    assert numbers.split() == ["post", "85", "0", "3", "0", "0", "0", "0", "1"]
    assert "HTTP 404" in done.out
    assert "archiver search" in done.err
    assert "\x1b" not in done.out + done.err


def test_sources(desk: Desk) -> None:
    done = desk("sources")
    assert done.code == 0
    assert done.out.splitlines()[1].split()[:2] == ["post", "88"]
    (row,) = desk("sources", "--json").rows
    assert (row["name"], row["articles"], row["home"]) == ("post", 88, desk.origin + "/")


def test_search(desk: Desk) -> None:
    done = desk("search", "lighthouse", "--limit", "3")
    assert done.code == 0
    assert len(done.out.splitlines()) in (2, 4, 6)
    assert "archiver show" in done.err
    rows = desk("search", "--json", "--lang", "ar", "المنارة").rows
    assert rows
    assert {row["language"] for row in rows} == {"ar"}
    assert [row["published_at"] for row in rows] == sorted(
        (str(row["published_at"]) for row in rows), reverse=True
    )
    assert {"id", "title", "url", "snippet", "source"} <= rows[0].keys()


def test_show(desk: Desk) -> None:
    wanted = next(story for story in load_stories() if story.id == 2005)
    url = desk.origin + story_path(wanted)
    done = desk("show", url)
    assert done.code == 0
    assert done.out.startswith(wanted.title + "\n")
    assert all(paragraph in done.out for paragraph in wanted.paragraphs)
    (row,) = desk("show", "--json", url).rows
    assert (row["title"], row["text"], row["canonical_url"]) == (wanted.title, wanted.text, url)
    by_id = desk("show", str(row["id"]), "--json")
    assert by_id.rows == [row]


@pytest.mark.parametrize("number", [1001, 1036, 2005, 3002])
def test_show_raw_is_what_the_server_sent(desk: Desk, number: int) -> None:
    wanted = next(story for story in load_stories() if story.id == number)
    head, _, body = desk.sent(story_path(wanted)).partition(b"\r\n\r\n")
    if b"transfer-encoding" in head.lower():
        body = dechunked(body)
    raw = desk("show", "--raw", desk.origin + story_path(wanted))
    assert raw.code == 0
    assert raw.raw == body
    html = desk("show", "--html", desk.origin + story_path(wanted))
    plain = gzip.decompress(body) if b"gzip" in head.lower() else body
    encoding = "cp1256" if number == 1036 else "utf-8"
    assert html.raw == plain.decode(encoding).encode()
    assert html.err.startswith("decoded from ")


def test_export(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "all.jsonl"
    done = desk("export", "-o", target)
    assert (done.code, done.out) == (0, "")
    rows = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    kept = [story for story in load_stories() if story.id != NOAI]
    assert {row["title"] for row in rows} == {story.title for story in kept}
    assert len(rows) == 87
    assert "left out 1 that are reserved" in done.err
    everything = desk("export", "-o", "-", "--include-reserved")
    assert len(everything.rows) == 88
    assert "warning: 1 rows say noai and 1 reserve text" in everything.err
    to_stdout = desk("export", "--format", "csv", "--lang", "fa", "-o", "-")
    table = list(csv.DictReader(io.StringIO(to_stdout.out)))
    persian = {story.title for story in load_stories() if story.language == "fa"}
    assert {row["title"] for row in table} == persian
    assert desk("export", "-o", "-", "lighthouse").rows


def test_rebuild_changes_nothing(desk: Desk) -> None:
    before = desk("export", "-o", "-").raw
    done = desk("rebuild", "--json")
    assert done.code == 0
    assert done.rows[0]["articles"] == 88
    assert desk("export", "-o", "-").raw == before


def test_a_second_crawl_as_json(site: Site, run: Run) -> None:
    site.answers["/2026/03/14/a"] = reply(story("a"))
    done = run("crawl", "--json", "--allow-host", site.address, site.url("/2026/03/14/a"))
    assert done.code == 0, done.err
    (row,) = done.rows
    assert (row["new"], row["unchanged"], row["failed"]) == (1, 0, {})
    assert run("search", "harbour").code == 0


def test_demo_in_an_empty_folder(run: Run, tmp_path: Path) -> None:
    done = run("demo")
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert done.out.count("anchorage  ") >= 2
    assert "88" in done.out
    assert [path.name for path in tmp_path.iterdir()] == ["demo-archive"]
    assert "archiver rebuild" in done.err


def test_demo_leaves_others_folders_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "demo-archive").mkdir()
    (tmp_path / "demo-archive" / "thesis.txt").write_text("mine")
    run("demo").says(2, "demo-archive", "name another --archive")
    assert (tmp_path / "demo-archive" / "thesis.txt").read_text() == "mine"


# What is wrong.


def test_without_sources(run: Run) -> None:
    run("crawl").says(4, "sources.toml", "archiver init")
    run("sources").says(4, "sources.toml")
    run("add", "http://127.0.0.1:1/").says(4, "sources.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("delay = ", ("sources.toml", "not valid TOML")),
        ("[sources.a\n", ("sources.toml", "not valid TOML")),
        ("dely = 1\n", ("'dely'", "did you mean 'delay'?")),
        ("delay = 'x'\n", ("'delay'", "number of seconds")),
        ("[sources.a]\nhome = 'ftp://x/'\n", ("'sources.a.home'", "no web address")),
        ("[sources.a]\nfeeds = []\n", ("'sources.a.home'", "is missing")),
        ("[sources.a]\nhome = 'http://a.example/'\nallow = ['(']\n", ("regular expression",)),
    ],
)
def test_bad_configuration(run: Run, tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "sources.toml").write_text(text)
    run("crawl").says(4, *words)
    assert not (tmp_path / "archive").exists()


def test_unknown_source(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[sources.paper]\nhome = 'http://a.example/'\n")
    run("crawl", "papr").says(4, "no source called 'papr'", "did you mean 'paper'?")


def test_no_sources_yet(run: Run) -> None:
    run("init")
    run("crawl").says(4, "archiver add URL")
    run("sources").says(4, "archiver add URL")


def test_a_site_that_answers_nothing(run: Run, site: Site, tmp_path: Path) -> None:
    site.close()
    (tmp_path / "sources.toml").write_text("delay = 0\n")
    done = run("crawl", "--allow-host", site.address, site.origin)
    assert done.code == 1, done.err
    assert "nothing archived from" in done.err
    assert "Traceback" not in done.err
    assert "refused" in done.out


def test_add_a_site_without_articles(run: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("delay = 0\n")
    site.answers["/"] = reply("<!DOCTYPE html><html><body><p>Under construction.</p></body></html>")
    before = (tmp_path / "sources.toml").read_text()
    run("add", site.origin, "--allow-host", site.address).says(3, "no article found")
    assert (tmp_path / "sources.toml").read_text() == before


def test_a_feed_that_is_html(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers["/feed"] = reply("<!DOCTYPE html><html><body>no feed</body></html>")
    (tmp_path / "sources.toml").write_text(
        f'allow_hosts = ["{site.address}"]\ndelay = 0\n[sources.s]\nhome = "{site.url()}"\n'
        f'feeds = ["{site.url("/feed")}"]\n'
    )
    done = run("crawl")
    assert done.code == 1
    assert f"expected a feed, got an HTML page: {site.url('/feed')}" in done.out
    assert "Traceback" not in done.err


def test_a_private_host_that_was_not_named(run: Run, site: Site) -> None:
    done = run("crawl", site.url("/a"))
    assert done.code == 1
    assert "refused 1: private address" in done.out
    assert site.asked == []


@pytest.mark.parametrize("words", [(), ("",), ("  ",)])
def test_an_empty_query(run: Run, words: tuple[str, ...]) -> None:
    run("search", *words).says(2, "nothing to search for")


@pytest.mark.parametrize(
    "line",
    [("search", "x"), ("show", "1"), ("export", "-o", "-"), ("rebuild",)],
)
def test_no_archive(run: Run, tmp_path: Path, line: tuple[str, ...]) -> None:
    run(*line).says(1, "no archive here", "archiver init")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [("init",), ("search", "x"), ("show", "1"), ("export", "-o", "-"), ("rebuild",),
     ("crawl", "http://127.0.0.1:1/a")],
)  # fmt: skip
def test_an_archive_that_is_a_file(run: Run, tmp_path: Path, line: tuple[str, ...]) -> None:
    (tmp_path / "archive").write_text("not a folder")
    run(*line).says(1, "is a file, not a folder")
    assert (tmp_path / "archive").read_text() == "not a folder"


def test_nothing_found(desk: Desk) -> None:
    desk("show", "999999").says(3, "no article 999999")
    desk("show", "http://nobody.example/").says(3, "no article")
    desk("search", "xyzzyplugh").says(3, "no article matches 'xyzzyplugh'", "does not have")
    desk("export", "-o", "-", "xyzzyplugh").says(3, "no article matches")
    kept = desk.folder / "kept.jsonl"
    kept.write_text("{}\n")
    desk("export", "-o", kept, "xyzzyplugh").says(3, "no article matches")
    assert kept.read_text() == "{}\n"


def test_bad_options(run: Run) -> None:
    for line in (("crawl", "--since", "someday"), ("search", "x", "--from", "2026-02-30")):
        run(*line).says(2, "is no day: write 2026-03-14, today, yesterday or 7d")
    run("crawl", "--limit", "0").says(2)
    run("export", "-o", "x", "--format", "xlsx").says(2)
    run("show", "1", "--raw", "--html").says(2, "exclude each other")
    run("nonsense").says(2, "nonsense")
    run("crawl", "http://").says(2, "no web address")


def test_two_writers(run: Run, tmp_path: Path, site: Site) -> None:
    layout = Layout(tmp_path / "archive")
    layout.create()
    with locked(layout):
        line = ("crawl", "--allow-host", site.address, site.url("/a"))
        run(*line).says(1, "another archiver is writing", "--archive")
        run("rebuild").says(1, "another archiver is writing")
    assert site.asked == []


def test_export_to_a_folder_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    desk("export", "-o", tmp_path / "none" / "all.jsonl").says(1, "cannot be written", "all.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves(desk: Desk) -> None:
    done = subprocess.run(
        f"{sys.executable} -m archiver export -o - | head -c 100",
        shell=True, cwd=desk.folder, env=environment(), capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert len(done.stdout) == 100
    assert done.stderr == b""


# What every command owes.


def imported(*arguments: str, folder: Path, of: tuple[str, ...] = HEAVY) -> set[str]:
    """Return which of the heavy packages a command line imports."""
    script = (
        "import sys\nfrom archiver.cli import main\n"
        f"sys.argv = ['archiver', *{arguments!r}]\n"
        "code = 0\ntry: main()\nexcept SystemExit as end: code = end.code\n"
        f"print(code, *sorted({set(of)!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment(), capture_output=True,
        text=True, timeout=30, check=True,
    )  # fmt: skip
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(names)


def test_light_commands_import_nothing_heavy(desk: Desk) -> None:
    assert imported("--help", folder=desk.folder) == set()
    assert imported("search", "lighthouse", folder=desk.folder) == set()
    assert imported("sources", folder=desk.folder) <= {"lxml"}


HELPED = """
import sys
from archiver.cli import COMMANDS, main
for name in COMMANDS:
    sys.argv = ["archiver", name, "--help"]
    try: main()
    except SystemExit as end: print("\\f", end.code, *{"scrapy", "twisted", "trafilatura"} & set(sys.modules))
"""


def test_every_command_helps_and_imports_nothing_heavy_for_that(run: Run, tmp_path: Path) -> None:
    overview = run("--help")
    assert overview.code == 0
    done = subprocess.run(
        [sys.executable, "-c", HELPED], cwd=tmp_path, env=environment(), capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    helps = done.stdout.split("\f 0\n")  # nothing heavy stands behind the exit code
    assert len(helps) == len(COMMANDS) + 1
    for (name, (_, text)), told in zip(COMMANDS.items(), helps, strict=False):
        assert f"  {name} " in overview.out
        assert text.split(".")[0][:40] in overview.out
        assert told.startswith(f"Usage: archiver {name}"), told[:99]
    assert run("--version").out.startswith("archiver, version ")


@pytest.mark.parametrize(
    "line",
    [
        ("lighthouse OR المنارة", "after:2019"),
        ("المنارة", "--json"),
        ("المنارة", "--count"),
        ("المنارة", "--facet", "month"),
    ],
)
def test_a_search_imports_nothing_that_it_does_not_need(desk: Desk, line: tuple[str, ...]) -> None:
    assert (
        imported("search", "--archive", "archive", *line, folder=desk.folder, of=NEEDLESS) == set()
    )


def test_a_damaged_index_is_told_by_every_reader(run: Run, tmp_path: Path) -> None:
    run("init")
    (tmp_path / "sources.toml").write_text("[sources.paper]\nhome = 'http://a.example/'\n")
    (tmp_path / "archive" / "index.db").write_bytes(b"no database" * 1000)
    for words in (("sources",), ("search", "x"), ("show", "1"), ("export", "-o", "-")):
        run(*words).says(5, "archiver rebuild")


def test_an_export_writes_over_nothing_of_the_archive(desk: Desk) -> None:
    warc = next((desk.folder / "archive" / "warcs").iterdir())
    for target in (
        "archive/index.db",
        warc,
        "archive/warcs/new.jsonl",
        "sources.toml",
        "",
        "archive",
    ):
        desk("export", "-o", target).says(2, "is no place for an export")
    assert desk("search", "lighthouse").code == 0


def test_an_export_goes_through_a_link_and_into_a_device(desk: Desk, tmp_path: Path) -> None:
    target, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    target.touch()
    link.symlink_to(target)
    assert desk("export", "-o", link).code == 0
    assert link.is_symlink()
    assert target.stat().st_size > 0
    assert desk("export", "-o", "/dev/stdout").code == 0


@pytest.mark.parametrize("words", [("search", "lighthouse"), ("sources",), ("export", "-o", "-")])
def test_a_full_or_closed_output_is_told_in_one_line(desk: Desk, words: tuple[str, ...]) -> None:
    shell = f"{sys.executable} -m archiver {' '.join(words)}"
    for redirect, code in ((">/dev/full", 1), (">&-", 0)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{shell} {redirect}"], cwd=desk.folder, env=environment(),
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert b"Traceback" not in done.stderr


def test_a_host_without_a_port_is_told(run: Run) -> None:
    run("crawl", "--allow-host", "nonsense", "http://127.0.0.1:1/").says(2, "is no HOST:PORT")


def test_explain_tells_what_became_of_each_block(desk: Desk) -> None:
    article = next(a for a in desk("export", "-o", "-").rows if a["language"] == "ar")
    number = str(article["id"])
    blocks = desk("explain", number, "--json").rows
    kept = [block["text"] for block in blocks if block["kept"]]
    assert "\n\n".join(map(str, kept)) == article["text"]
    assert all(block["step"] and block["why"] and block["place"] for block in blocks)
    plain = desk("explain", str(article["url"]))
    assert plain.code == 0
    assert f"{len(kept)} of {len(blocks)} blocks kept" in plain.err
    page = desk("explain", number, "--html").out
    assert page.startswith("<!doctype html>")
    assert page.count('<div class="keep" dir="auto">') == len(kept)
    assert "src=" not in page
    assert "href=" not in page


def test_what_cannot_be_explained_is_told(desk: Desk, run: Run) -> None:
    desk("explain", "999999").says(3, "no page 999999")
    desk("explain", f"{desk.origin}/feed.xml").says(3)
    desk("explain", "1", "--html", "--json").says(2, "exclude each other")
    run("explain", "1").says(1, "no archive here")


def test_the_profile_of_a_source_is_shown(desk: Desk) -> None:
    name = str(desk("sources", "--json").rows[0]["name"])
    shown = desk("profile", name)
    assert shown.code == 0
    assert "where articles stand" in shown.out
    (told,) = desk("profile", name, "--json").rows
    assert told["source"] == name
    assert int(str(told["pages"])) >= 5
    assert max(share for _, share in told["places"].values()) > 0.9  # type: ignore[attr-defined]
    desk("profile", "nobody").says(3, "nobody")


MARKED = """<body><header>The Post</header><main><div class="text x-1234" data-archiver="body">
<p>One.</p><div class="promo" data-archiver="drop">Join us.</div><div class="promo">Again.</div></div>
<h1 id="head" data-archiver="title">A headline</h1><p>By <b data-archiver="byline">A. Lee</b></p></main>"""


def test_a_marked_page_becomes_rules(run: Run, tmp_path: Path) -> None:
    run("init")
    sources = tmp_path / "sources.toml"
    sources.write_text(sources.read_text() + '\n[sources.post]\nhome = "http://post.example/"\n')
    (tmp_path / "page.html").write_text(MARKED)
    done = run("profile", "post", "--label", "page.html")
    assert done.code == 0, done.err
    rules = sources.read_text().partition("[sources.post.rules]")[2]
    assert '"div.text"' in rules
    assert '"div.promo"' in rules
    assert '"h1#head"' in rules
    assert '"b"' in rules
    assert run("sources").code == 0
    run("profile", "post", "--label", "page.html").says(4, "cannot take")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p>nothing", "nothing is marked"),
        ("", "nothing is marked"),
        ('<p data-archiver="text">', "is none of"),
    ],
)
def test_a_page_that_is_marked_wrongly_is_told(
    run: Run, tmp_path: Path, page: str, words: str
) -> None:
    run("init")
    (tmp_path / "sources.toml").write_text('[sources.post]\nhome = "http://post.example/"\n')
    (tmp_path / "page.html").write_text(page)
    run("profile", "post", "--label", "page.html").says(2, words)
    run("profile", "post", "--label", "gone.html").says(2, "gone.html")
    run("profile", "other", "--label", "page.html").says(4, "no source called 'other'")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ('body = "div["', "no CSS or XPath selector"),
        ('drop = ["//p["]', "no CSS or XPath selector"),
        ("body = 3", "must be a list of texts"),
        ('boddy = "p"', "did you mean 'body'?"),
    ],
)
def test_rules_are_checked(run: Run, tmp_path: Path, rules: str, words: str) -> None:
    run("init")
    (tmp_path / "sources.toml").write_text(
        f'[sources.post]\nhome = "http://post.example/"\n[sources.post.rules]\n{rules}\n'
    )
    run("sources").says(4, "sources.post.rules", words)
