"""Watches in sources.toml: one line comes or goes, and all else stays as it was, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver import amending, config
from archiver.errors import ConfigError, UsageError
from archiver.work import Watch

FLOODS = Watch("floods", '"قوات سوريا" OR \\ it\'s -"x"')
LINE = 'floods = "\\"قوات سوريا\\" OR \\\\ it\'s -\\"x\\""\n'
SOURCE = '[sources.post]\nhome = "https://post.example/"  # ours\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[watches]\n{LINE}"),
        (SOURCE, f"{SOURCE}\n[watches]\n{LINE}"),
        (SOURCE.rstrip("\n"), f"{SOURCE.rstrip()}\n\n[watches]\n{LINE}"),
        ("[watches]\n", f"[watches]\n{LINE}"),
        (
            f"# a\n[watches] # b\nrain = 'مطر'  # c\n\n# of the post\n{SOURCE}",
            f"# a\n[watches] # b\nrain = 'مطر'  # c\n{LINE}\n# of the post\n{SOURCE}",
        ),
        (  # what only looks like a table
            f"operator = '''\n[watches]\n'''\n{SOURCE}",
            f"operator = '''\n[watches]\n'''\n{SOURCE}\n[watches]\n{LINE}",
        ),
        ('\ufeff[watches]\r\nrain = "x"\r\n', '\ufeff[watches]\r\nrain = "x"\r\n' + LINE.replace("\n", "\r\n")),
        ('[watches]\nrain = "a" # \u2028b', '[watches]\nrain = "a" # \u2028b\n' + LINE),
    ],
)  # fmt: skip
def test_a_watch_is_added_and_taken_out_again(path: Path, before: str, after: str) -> None:
    path.write_bytes(before.encode())
    amending.add_watch(path, FLOODS)
    assert path.read_bytes().decode() == after
    assert config.load(path).watch("floods") == FLOODS
    amending.remove_watch(path, "floods")
    assert path.read_bytes().decode() == after.replace(LINE, "").replace(
        LINE.replace("\n", "\r\n"), ""
    )


@pytest.mark.parametrize(
    "line", ["floods = 'x'", '"floods"="x"', "'floods' = '''x'''", "  floods\t= 'x' # y"]
)
def test_however_it_is_written_its_line_is_found(path: Path, line: str) -> None:
    rest = f"[watches]\n# floods = 'x'\nflood = 'y'\n{{}}{SOURCE}"
    path.write_text(rest.format(f"{line}\n"))
    amending.remove_watch(path, "floods")
    assert path.read_text() == rest.format("")


def test_of_two_lines_that_look_alike_the_right_one_goes(path: Path) -> None:
    decoy = "operator = '''\nfloods = 'x'\n'''\n"
    path.write_text(f"{decoy}[watches]\nfloods = 'x'\n")
    amending.remove_watch(path, "floods")
    assert path.read_text() == f"{decoy}[watches]\n"
    path.write_text("watches.floods = 'x'\nwatches.rain = 'y'\n")
    amending.remove_watch(path, "floods")
    assert path.read_text() == "watches.rain = 'y'\n"


@pytest.mark.parametrize(
    "text", ["watches = {floods = 'x', rain = 'y'}\n", "[watches]\nfloods = '''\nx'''\n"]
)
def test_what_cannot_be_done_safely_is_said_and_not_done(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match="take it out by hand"):
        amending.remove_watch(path, "floods")
    assert path.read_text() == text


def test_an_inline_table_takes_no_other(path: Path) -> None:
    path.write_text("watches = {rain = 'y'}\n")
    with pytest.raises(ConfigError, match=r"write it under \[watches\]: x = \"y\""):
        amending.add_watch(path, Watch("x", "y"))
    assert path.read_text() == "watches = {rain = 'y'}\n"


@pytest.mark.parametrize(
    ("watch", "wrong"),
    [
        (Watch("Floods", "x"), "is no name"),
        (Watch("rain", "x"), "there is a watch 'rain' already"),
        (Watch("x", "\udcff"), "not UTF-8"),
        (Watch("x", "rain OR"), "cannot be searched for"),
        (Watch("x", ""), "asks for nothing"),
    ],
)
def test_what_is_no_watch_is_not_written(path: Path, watch: Watch, wrong: str) -> None:
    path.write_text("[watches]\nrain = 'y'\n")
    with pytest.raises((ConfigError, UsageError), match=wrong):
        amending.add_watch(path, watch)
    assert path.read_text() == "[watches]\nrain = 'y'\n"


def test_a_file_that_is_wrong_already_stays_so(path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        amending.add_watch(path, FLOODS)
    path.write_text("delay = -1\n")
    with pytest.raises(ConfigError, match="delay"):
        amending.add_watch(path, FLOODS)
    path.write_text("")
    with pytest.raises(ConfigError, match="no watch called 'x'"):
        amending.remove_watch(path, "x")


def test_a_link_stays_one_and_so_do_the_rights(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text("")
    real.chmod(0o640)
    path.symlink_to(real)
    amending.add_watch(path, FLOODS)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert config.load(path).watches == (FLOODS,)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["real.toml", "sources.toml"]


@pytest.mark.parametrize(
    ("query", "taken", "name"),
    [
        ("فيضان OR سيول", [], "watch-1"),
        ("فيضان سيول", [], "watch-1"),
        ("فيضان سيول", ["watch-1", "watch-2"], "watch-3"),
        ('"Heavy rain" -sport', [], "heavy-rain-sport"),
        ("rain", ["rain"], "rain-2"),
        ("a" * 50, [], "a" * 40),
        ("source:mirror قمح", [], "source-mirror"),
    ],
)
def test_a_watch_is_named_after_its_words(query: str, taken: list[str], name: str) -> None:
    assert amending.name_for(query, taken) == name
    assert config.NAME.fullmatch(name)
