from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archiver import amending, config
from archiver.errors import ConfigError
from archiver.types import Source, Timing
from archiver.work import Hooks, Watch

SOURCE = '[sources.post]\nhome = "https://post.com"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


def test_a_full_file_is_read(path: Path) -> None:
    path.write_text(
        'contact = " me@a.com "\noperator = "Me"\nallow_hosts = ["LocalHost:80"]\ndelay = 2\n'
        + SOURCE
        + 'feeds = ["https://post.com/rss#x"]\nsitemaps = ["https://post.com/s.xml"]\n'
        'sections = ["https://post.com/sport"]\nallow = ["/a/"]\ndeny = ["/live/"]\n'
    )
    read = config.load(path)
    assert (read.contact, read.operator, read.delay, read.concurrency) == ("me@a.com", "Me", 2.0, 2)
    assert read.allow_hosts == {"localhost:80"}
    assert read.sources == (
        Source(
            "post",
            "https://post.com/",
            feeds=("https://post.com/rss",),
            sitemaps=("https://post.com/s.xml",),
            sections=("https://post.com/sport",),
            allow=("/a/",),
            deny=("/live/",),
        ),
    )
    assert read.user_agent.endswith("(+me@a.com)")


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("contcat = 'x'", "contcat", "did you mean 'contact'?"),
        ("zzz = 1", "zzz", "known keys"),
        ("contact = 1", "contact", "not 1"),
        ("delay = -1", "delay", "give 0 to 3600 seconds"),
        ("delay = nan", "delay", "give 0 to 3600 seconds"),
        ("delay = true", "delay", "not True"),
        ("concurrency = 0", "concurrency", "give 1 to 64"),
        ("concurrency = 1.5", "concurrency", "not 1.5"),
        ("min_free = -1", "min_free", "give 0 or more megabytes"),
        ("min_free = '1 GB'", "min_free", "not '1 GB'"),
        ("schedule = 'hourly'", "schedule", 'write "auto"'),
        ("watches = 1", "watches", "not 1"),
        ("[watches]\nfloods = 1", "watches.floods", "not 1"),
        ("[watches]\na.b = 'x'", "watches.a", "not {'b': 'x'}"),
        ("[watches]\nFloods = 'x'", "watches.Floods", "use a-z, 0-9"),
        ("[watches]\nfloods = ' '", "watches.floods", "write what to search for"),
        ("[watches]\nfloods = 'rain OR'", "watches.floods", "write word OR word"),
        ("[watches]\nfloods = 'has:picture'", "watches.floods", "it knows author"),
        ("[watches]\nfloods = 'date:32'", "watches.floods", "write 2019"),
        ("schedule = 5", "schedule", "not 5"),
        ("schedule = '0 25 * * *'", "schedule", "or five fields"),
        ("timezone = 'Cairo'", "timezone", "Africa/Cairo"),
        ("timezone = 2", "timezone", "not 2"),
        ("revisit = '1h'", "revisit", "write ["),
        ("revisit = ['1x']", "revisit", "write a number"),
        ("max_run = 60", "max_run", "not 60"),
        ("fastest = '10s'", "fastest", "give 1m or more"),
        ("fastest = '2d'", "fastest", "give both"),
        ("slowest = '5m'", "slowest", "give both"),
        ("silent_after = 'never'", "silent_after", "s, m, h, d, w"),
        ("hooks = 1", "hooks", "not 1"),
        ("[hooks]\nwebhok = 'x'", "hooks.webhok", "did you mean 'webhook'?"),
        ("[hooks]\nlines = ['x']", "hooks.lines", "not ['x']"),
        ("[hooks]\nwebhook = 'ftp://a.example/'", "hooks.webhook", "write https://HOST/PATH"),
        ("[hooks]\nwebhook = 'https://me:pw@a.example/'", "hooks.webhook", "without a password"),
        (
            "[hooks]\nwebhook = 'http://a.example:99999/'",
            "hooks.webhook",
            "write https://HOST/PATH",
        ),
        ('[hooks]\ncommand = "say \'x"', "hooks.command", "close the quotes"),
        ("[hooks]\ncommand = 5", "hooks.command", "write ["),
        ("allow_hosts = 'a:1'", "allow_hosts", "write ["),
        ("allow_hosts = ['a']", "allow_hosts", "127.0.0.1:8000"),
        ("sources = []", "sources", "not []"),
        ("[sources]\nPost = 1", "sources.Post", "use a-z"),
        ("[sources]\npost = 1", "sources.post", "write [sources.post]"),
        ("[sources.post]", "sources.post.home", "write home ="),
        ("[sources.post]\nhome = 'post.com'", "sources.post.home", "http:// or https://"),
        (SOURCE + "feed = ['https://post.com/rss']", "sources.post.feed", "did you mean 'feeds'?"),
        (SOURCE + "feeds = 'https://post.com/rss'", "sources.post.feeds", "write ["),
        (SOURCE + "feeds = [1]", "sources.post.feeds", "write ["),
        (SOURCE + "feeds = ['/rss']", "sources.post.feeds", "http:// or https://"),
        (SOURCE + "deny = ['(']", "sources.post.deny", "mend it"),
    ],
)
def test_a_complaint_names_file_key_and_remedy(
    path: Path, text: str, key: str, remedy: str
) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert caught.value.where == str(path)
    assert caught.value.what.startswith(f"'{key}'")
    assert remedy in caught.value.remedy
    assert str(caught.value).startswith(f"{path}: '{key}'")


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"contact =", "is not valid TOML"), (b"\xff\xfe", "cannot be read"), (None, "no such file")],
)
def test_a_file_that_cannot_be_read_is_said(path: Path, content: bytes | None, what: str) -> None:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=what) as caught:
        config.load(path)
    assert caught.value.where == str(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path)


def test_a_source_has_the_timing_of_the_file_but_for_what_it_says_itself(path: Path) -> None:
    path.write_text(
        'schedule = "every 2h"\ntimezone = "Africa/Cairo"\nsilent_after = "3d"\nslowest = "2d"\n'
        + SOURCE
        + 'schedule = " 0 6 * * * "\nrevisit = ["2d", "1h", "48h"]\nmax_run = "20m"\nfastest = "1d"\n'
        '[sources.echo]\nhome = "https://echo.com"\nrevisit = []\n'
    )
    hours = timedelta(hours=1)
    post, echo = (source.timing for source in config.load(path).sources)
    told = replace(Timing(), zone="Africa/Cairo", silent_after=72 * hours, slowest=48 * hours)
    assert echo == replace(told, schedule="every 2h", revisits=())
    assert post == replace(
        told,
        schedule="0 6 * * *",
        revisits=(hours, 48 * hours),
        longest=hours / 3,
        fastest=24 * hours,
    )


def test_a_complaint_names_the_key_of_the_source(path: Path) -> None:
    path.write_text(SOURCE + 'timezone = "Berlin"\n')
    with pytest.raises(ConfigError, match=r"sources\.toml: 'sources\.post\.timezone' "):
        config.load(path)
    path.write_text('slowest = "1h"\n' + SOURCE + 'fastest = "2h"\n')
    with pytest.raises(ConfigError, match=r"'sources\.post\.fastest' makes .* \(2h and 1h\)"):
        config.load(path)


def test_hooks_are_read_and_their_paths_are_seen_from_the_file(path: Path) -> None:
    path.write_text(
        '[hooks]\ncommand = "./tell.sh \\"two words\\" $HOME"\nwebhook = "https://a.example/x?Key=%20"\n'
        'lines = "out/l.jsonl"\natom = "/srv/feed"\nmetrics = "m.prom"\n'
    )
    folder = path.parent
    assert config.load(path).hooks == Hooks(
        (str(folder / "tell.sh"), "two words", "$HOME"),  # no shell
        "https://a.example/x?Key=%20",
        folder / "out" / "l.jsonl",
        Path("/srv/feed"),
        folder / "m.prom",
    )
    path.write_text('[hooks]\ncommand = ["mail", "-s", "a b"]\n')
    assert config.load(path).hooks.command == ("mail", "-s", "a b")
    path.write_text("")
    assert config.load(path).hooks == Hooks()


def test_watches_are_read_in_their_order(path: Path) -> None:
    path.write_text('[watches]\nfloods = "فيضان* -كرة"\n"a.b" = "title:مطر"\n')
    read = config.load(path)
    assert read.watches == (Watch("floods", "فيضان* -كرة"), Watch("a.b", "title:مطر"))
    assert read.watch("a.b").query == "title:مطر"
    with pytest.raises(ConfigError, match="did you mean 'floods'"):
        read.watch("flods")
    path.write_text("[watches]\nfloods = '\"rain\"*'\n")
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert str(raised.value) == (
        f"{path}: 'watches.floods' cannot be searched for: a star cannot stand behind a phrase"
        " (it ends a word: elect*)"
    )


def test_what_the_new_file_explains_can_be_taken_as_it_stands(path: Path) -> None:
    amending.create(path)
    keys = ("schedule", "timezone", "fastest", "slowest", "max_run", "revisit")
    lines = [line.removeprefix("# ") for line in path.read_text().splitlines()]
    path.write_text("\n".join(line for line in lines if line.startswith(keys)) + "\n" + SOURCE)
    assert config.load(path).sources[0].timing == Timing()  # they are the defaults


def test_only_a_named_file_must_exist(path: Path) -> None:
    assert config.load_or_empty(path, named=False).sources == ()
    with pytest.raises(ConfigError, match="archiver init"):
        config.load_or_empty(path, named=True)


def test_sources_are_chosen_by_name(path: Path) -> None:
    path.write_text(SOURCE + '[sources.echo]\nhome = "https://echo.com"\n')
    read = config.load(path)
    assert [s.name for s in read.chosen([])] == ["post", "echo"]
    assert [s.name for s in read.chosen(["echo", "echo"])] == ["echo"]
    with pytest.raises(ConfigError, match="did you mean 'post'"):
        read.chosen(["pots"])
    with pytest.raises(ConfigError, match="'archiver sources' lists them"):
        read.chosen(["zzz"])


def test_a_new_file_is_valid_and_never_overwrites(path: Path) -> None:
    assert amending.create(path, contact='a "quoted" = {braced} name')
    assert config.load(path).contact == 'a "quoted" = {braced} name'
    assert not amending.create(path, contact="other")
    assert "other" not in path.read_text()


def test_an_added_source_comes_back_and_the_rest_stays(path: Path) -> None:
    path.write_text("# my notes\n" + SOURCE)
    added = Source("b.com", "https://b.com/", feeds=("https://b.com/rss",), deny=(r"/\d+/",))
    amending.add_source(path, added)
    assert path.read_text().startswith("# my notes\n" + SOURCE.rstrip())
    assert config.load(path).sources[1] == added
    assert [file.name for file in path.parent.iterdir()] == ["sources.toml"]


@pytest.mark.parametrize("text", [SOURCE, "sources = {}\n"])
def test_a_source_that_has_no_place_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match="one of that name"):
        amending.add_source(path, Source("post", "https://post.com/"))
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("url", "taken", "name"),
    [
        ("https://www.post.co.uk/x", [], "post.co.uk"),
        ("https://post.com/", ["post.com"], "post.com-2"),
        ("https://post.com/", ["post.com", "post.com-2"], "post.com-3"),
        ("http://127.0.0.1:8000/", [], "127.0.0.1-8000"),
    ],
)
def test_a_source_is_named_after_its_site(url: str, taken: list[str], name: str) -> None:
    assert config.source_for(url, taken) == Source(name, url)
    assert config.NAME.fullmatch(name)


def test_more_hosts_may_be_allowed() -> None:
    given = config.Config(Path("x"), allow_hosts=frozenset(["a:1"]))
    assert config.allowing(given, ["B:2"]).allow_hosts == {"a:1", "b:2"}
