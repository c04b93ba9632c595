from __future__ import annotations

import json
import os
import pty
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.cli import terminal
from archiver.types import MARK_END, MARK_START

TITLE = "عاصفة فوق الخليج"


@pytest.fixture(params=[True, False])
def watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(terminal, "on_terminal", lambda: request.param)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return bool(request.param)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\nb\tc", "a b c"),
        ("a\x08b\x00c", "a␈b␀c"),
        ("a\x7f\x9bb", "a\ufffd\ufffdb"),
        ("a\u202eb\u2066c\u2069", "a\ufffdb\ufffdc\ufffd"),
        ("می\u200cرود\u200f", "می\u200cرود\u200f"),
        (TITLE, TITLE),
    ],
)
def test_text_from_the_web_is_made_harmless(text: str, wanted: str) -> None:
    assert terminal.harmless(text) == wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"<p>a\tb\r\nc\x0c", True), (TITLE.encode(), True), ("می\u200cرود\u202e".encode(), True), (b"", True),
        (TITLE.encode("cp1256"), False), (b"\x1f\x8b\x08", False), (b"a\x1b[2Jb", False), (b"a\x00", False),
        (b"\xc2\x9b2J", False), (b"\x0e", False), (b"\x7f", False),
    ],
)  # fmt: skip
def test_what_a_terminal_can_be_given(data: bytes, wanted: bool) -> None:
    assert terminal.bears(data) == wanted


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_nothing_harmful_is_left(text: str) -> None:
    shown = terminal.harmless(text)
    assert terminal.harmless(shown) == shown
    assert len(shown) <= len(text)
    assert not [c for c in shown if unicodedata.category(c) == "Cc"]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@settings(deadline=None, max_examples=200)
@given(st.text(st.one_of(st.sampled_from("\u200c\u200d\u200e\u061cمی\x1b\ud800"), st.characters())))
def test_joiners_and_marks_stay(text: str) -> None:
    shown = terminal.harmless(text)
    for kept in "\u200c\u200d\u200e\u200f\u061c":
        assert shown.count(kept) == text.count(kept)
    assert "\n" not in shown


def test_a_field_is_isolated_on_a_terminal_only(watched: bool) -> None:
    assert terminal.field(TITLE) == (f"\u2068{TITLE}\u2069" if watched else TITLE)


def test_a_field_cannot_leave_its_isolate(watched: bool) -> None:
    assert terminal.field("a\u2069b").strip("\u2068\u2069") == "a\ufffdb"


def test_found_words_stand_out_where_there_is_colour(watched: bool) -> None:
    shown = terminal.marked(f"a {MARK_START}b{MARK_END}")
    assert shown == ("\u2068a \x1b[1;33mb\x1b[0m\u2069" if watched else "a b")


def test_no_color_is_honoured(watched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.bold("a") == terminal.dim("a") == "a"
    assert MARK_START not in terminal.marked(f"{MARK_START}b{MARK_END}")
    assert "\x1b" not in terminal.marked(f"{MARK_START}b{MARK_END}")


def test_colour_is_for_terminals(watched: bool) -> None:
    assert ("\x1b[" in terminal.bold("a")) is watched


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("", 0), ("城市", 4), ("e\u0301", 1), ("\u2068a\u2069", 1), ("می\u200cرود", 5)],
)
def test_a_width_is_counted_in_cells(text: str, cells: int) -> None:
    assert terminal.width(text) == cells


def test_a_table_lines_up() -> None:
    assert terminal.table([["name", "n"], ["城市", "12"]]) == ["name   n", "城市  12"]


def test_results_and_words_go_their_own_ways(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("done")
    terminal.out("row")
    terminal.out_json({"title": TITLE})
    out, err = capsys.readouterr()
    assert err == "done\n"
    row, line = out.splitlines()
    assert (row, json.loads(line)) == ("row", {"title": TITLE})
    assert TITLE in line


def test_json_holds_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"title": f"{TITLE}\x1b[2J\x7f\x9b\u202e\u2066\u2069\n"}
    terminal.out_json(value)
    out = capsys.readouterr().out
    assert not [c for c in out[:-1] if unicodedata.category(c) in ("Cc", "Cf")]
    assert json.loads(out) == value


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    progress = terminal.Progress()
    progress.show("1 of 2")
    progress.clear()
    assert capsys.readouterr() == ("", "")


def test_what_is_told_meanwhile_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as screen, os.fdopen(ours, "rb") as watched:
        monkeypatch.setattr("sys.stderr", screen)
        progress = terminal.Progress()
        progress.show("99 %")
        progress.tell("it is done\x1b[2J")
        screen.flush()
        seen = watched.readline()
    assert seen == b"\r\x1b[K99 %\r\x1b[Kit is done\xe2\x90\x9b[2J\r\n"
