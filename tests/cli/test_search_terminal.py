"""archiver search on a terminal: fields that stay in their place, colours, lines that fit, and a pager."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.cli import terminal
from tests.cli import shelf

Look = Callable[..., tuple[int, str]]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
FSI, PDI, RLM, LRM = "\u2068", "\u2069", "\u200f", "\u200e"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("terminal")
    shelf.make(folder)
    return folder


@pytest.fixture(scope="module")
def look(folder: Path) -> Look:
    return lambda *arguments, **more: shelf.on_terminal(folder, *arguments, **more)


def lines(shown: str) -> list[str]:
    return ESCAPES.sub("", shown).splitlines()


def test_ids_and_dates_come_first_and_each_field_is_isolated(look: Look) -> None:
    code, shown = look("search", "title:فيضان")
    assert code == 0
    head, first, second, *told = lines(shown)
    assert head == f"     3  2026-02-01  {FSI}mirror{PDI}  {FSI}فيضان في الميناء{PDI}"
    for line in (first, second):
        assert line.startswith(f"        {FSI}{RLM}")
        assert line.endswith(PDI)
        assert line.count(FSI) == line.count(PDI) == 1
    assert told == ["1 found.", "Next: archiver show 3 --query 'title:فيضان'"]


def test_whole_words_are_coloured(look: Look) -> None:
    _, shown = look("search", "فيضان", "--limit", "1", "--sort", "oldest")
    assert "\x1b[1;33mفيضان\x1b[0;1m في الميناء" in shown  # still bold behind it
    assert "\x1b[1;33mالفيضان\x1b[0m" in shown
    assert "\x1b" not in look("search", "فيضان", NO_COLOR="1")[1]
    assert not re.search("[\ue000\ue001]", shown)


@pytest.mark.parametrize("columns", [28, 40, 80, 200])
def test_a_snippet_has_two_lines_that_fit_and_the_found_word(look: Look, columns: int) -> None:
    _, shown = look("search", "القديمة", "المدينة", columns=columns)
    _, *snippet = shown.splitlines()[:-2]
    assert 1 <= len(snippet) <= 2
    assert "\x1b[1;33m" in "".join(snippet)
    assert max(terminal.width(ESCAPES.sub("", line)) for line in snippet) <= columns


def test_hostile_titles_stay_harmless(look: Look) -> None:
    code, shown = look("search", "flood", "--source", "gazette")
    assert code == 0
    assert not {*re.findall("\x1b.", shown)} - {"\x1b["}
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    assert "\x07" not in shown
    assert set(re.findall(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", shown)) <= {
        "\x1b[1m", "\x1b[0m", "\x1b[1;33m", "\x1b[0;1m",
    }  # fmt: skip
    for line in shown.splitlines():
        assert line.count(FSI) == line.count(PDI)
        coloured = re.findall(ESCAPES, line)
        assert not coloured or coloured[-1] == "\x1b[0m"
    assert "␛]0;owned␇␛[2J" in shown


@pytest.mark.parametrize("line", [("--facet", "author"), ("--facet", "source", "--limit", "1")])
@pytest.mark.parametrize("columns", [24, 60, 200])
def test_bars_fit(look: Look, line: tuple[str, ...], columns: int) -> None:
    _, shown = look("search", *line, columns=columns)
    *table, _ = lines(shown)
    assert max(map(terminal.width, table)) <= columns
    assert max(map(terminal.width, table[2:])) > min(columns, 60) - 2
    assert all(row.startswith(f"  {FSI}") for row in table[2:])


def test_a_mistake_is_pointed_at(look: Look) -> None:
    code, shown = look("search", "(مطر")
    assert code == 2
    assert lines(shown)[1:] == ["  (مطر", "  ^"]
    assert f"'{FSI}مطر{PDI}'" in shown


def test_show_marks_what_was_found(look: Look) -> None:
    _, shown = look("show", "3", "--query", "الفيضان")
    assert "\x1b[1;33mفيضان\x1b[0;1m في الميناء" in shown
    assert "وصل \x1b[1;33mالفيضان\x1b[0m إلى" in shown


def test_the_webs_own_marks_colour_nothing_that_follows(look: Look) -> None:
    _, shown = look("show", "6", "--query", "flood")
    coloured = [line for line in shown.splitlines() if "\x1b[1;33m" in line]
    assert len(coloured) == 2
    assert all(re.findall(ESCAPES, line)[-1] == "\x1b[0m" for line in coloured)
    assert "\x1b[1;33m" not in look("show", "6")[1]


def test_reindex_shows_on_a_terminal_that_it_works(tmp_path: Path) -> None:
    shelf.make(tmp_path)
    code, shown = shelf.on_terminal(tmp_path, "reindex")
    assert code == 0
    assert "\r\x1b[Kmaking the text index ...\r\x1b[K" in shown
    assert "7 articles in" in shown


# The pager.


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A pager that keeps what it is given, and says so."""
    program = tmp_path / "my pager"
    program.write_text(
        f'#!/bin/sh\nenv > "{tmp_path}/env"\ncat > "{tmp_path}/given"\necho "paged $1"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_a_long_list_goes_to_the_pager(look: Look, pager: Path) -> None:
    line = ("search", "--from", "2026-01-01")
    code, shown = look(*line, rows=10, PAGER=f"'{pager}' x")
    assert code == 0
    assert shown.startswith("paged x\n7 found.\n")
    given = (pager.parent / "given").read_text("utf-8")
    assert len(re.findall("^ +[1-7]  ", given, re.MULTILINE)) == 7
    environment = (pager.parent / "env").read_text()
    assert "LESSCHARSET=utf-8\n" in environment
    assert "LESS=FRX\n" in environment
    assert look(*line, rows=10, ARCHIVER_PAGER=f"'{pager}' y", PAGER="no")[1].startswith("paged y")


@pytest.mark.parametrize(
    ("rows", "line", "variables"),
    [
        (100, (), {}),
        (10, ("--no-pager",), {}),
        (10, (), {"ARCHIVER_PAGER": ""}),
        (10, (), {"ARCHIVER_PAGER": "cat"}),
        (10, (), {"TERM": "dumb"}),
        (10, (), {"ARCHIVER_PAGER": "/no/such/pager"}),
        (10, (), {"ARCHIVER_PAGER": "'"}),
    ],
)
def test_no_pager(
    look: Look, pager: Path, rows: int, line: tuple[str, ...], variables: dict[str, str]
) -> None:
    named = {"PAGER": f"'{pager}'", **variables}
    _, shown = look("search", "--from", "2026-01-01", *line, rows=rows, **named)
    assert lines(shown)[0].startswith("     6  2026-03-21")
    assert not (pager.parent / "given").exists()


def test_a_pager_that_is_left_early_is_no_failure(look: Look, tmp_path: Path) -> None:
    code, shown = look("search", "--from", "2026-01-01", rows=5, PAGER="true")
    assert (code, lines(shown)[0]) == (0, "7 found.")


def test_ctrl_c_is_the_pagers(look: Look, tmp_path: Path) -> None:
    program = tmp_path / "stubborn"
    program.write_text(
        "#!/bin/sh\ntrap 'echo caught; exit 0' INT\ncat >/dev/null\necho ready\nread x </dev/tty\n"
    )
    program.chmod(0o755)
    code, shown = look("search", "--from", "2026-01-01", rows=5, PAGER=str(program), typed=b"\x03")
    assert code == 0, shown
    assert "caught" in shown
    assert "interrupted" not in shown
    assert "7 found." in shown
