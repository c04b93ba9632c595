"""archiver changes, history, diff and show --version: as lines, as JSON, as a page, and on a terminal."""

from __future__ import annotations

import os
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from archiver import clock
from archiver.changes import Step
from archiver.cli import terminal
from archiver.cli.history import _lines
from archiver.cli.options import When
from archiver.layout import Layout
from archiver.types import Visit
from tests.cli import shelf
from tests.cli.shelf import ESCAPE, OVERRIDE
from tests.cli.test_commands import Done, command
from tests.samples import AT, reading
from tests.store.conftest import Desk
from tests.store.test_histories import at, visited

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
FSI, PDI, RLI, LRI, RLM = "\u2068", "\u2069", "\u2067", "\u2066", "\u200f"
URL = "https://news.example/a/1"
FIRST = (
    "قال حلف NATO إن 12 جنديا أصيبوا قرب الميناء.\n\nلم يعلن أحد مسؤوليته."
    "\n\nوأضاف أن UN أرسلت فريقا.\n\nهذا كل شيء."
)
SECOND = (
    FIRST.replace("NATO", "X")
    .replace("UN", "NATO")
    .replace("X", "UN")
    .replace("12", "15")
    .replace("أصيبوا", "قتلوا")
)
HOSTILE = "https://evil.example/1"
EVIL = f"<script>alert(1)</script> {ESCAPE} {OVERRIDE}\u2069 \"quoted\" '&amp;' word"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changes")
    layout = Layout(folder / "archive")
    layout.create()
    with closing(Desk(layout.index)) as desk:
        desk.add(reading("انفجار", FIRST, URL, language="ar"), URL, source="mirror", at=at(0))
        desk.add(reading("انفجار", FIRST, URL, language="ar"), URL, source="mirror", at=at(1))
        desk.add(
            reading("مقتل 15 في انفجار", SECOND, URL, language="ar"), URL, source="mirror", at=at(2)
        )
        desk.add(
            reading("Alone", "One text.", "https://a.example/1"),
            "https://a.example/1",
            source="herald",
            at=at(3),
        )
        desk.add(reading(f"A {EVIL}", f"one {EVIL}", HOSTILE), HOSTILE, source="evil", at=at(4))
        desk.add(
            reading(f"A new {EVIL}", f"two {EVIL}\n\nB", HOSTILE), HOSTILE, source="evil", at=at(5)
        )
        visited(desk, 6, 410)
        desk.add(
            reading("مقتل 15 في انفجار", f"{SECOND}!", URL, language="ar"),
            URL,
            source="mirror",
            at=at(7),
        )
    return folder


def run(folder: Path, *arguments: str | Path) -> Done:
    return command(folder, *arguments)


def look(folder: Path, *arguments: str, **more: str) -> list[str]:
    code, shown = shelf.on_terminal(folder, *arguments, columns=100, rows=100, **more)
    assert code == 0
    return shown.splitlines()


# archiver changes


def test_changes_are_listed_newest_first(folder: Path) -> None:
    done = run(folder, "changes")
    assert done.code == 0
    heads = [line for line in done.out.splitlines() if not line.startswith("        ")]
    assert [line.split("  ")[:-1] for line in (re.sub(" {3,}", "  ", h).strip() for h in heads)] == [
        ["1", "2026-03-01 19:00", "restored", "mirror"],
        ["1", "2026-03-01 18:00", "removed", "mirror", "مقتل 15 في انفجار"],
        ["5", "2026-03-01 17:00", "headline, text", "evil"],
        ["1", "2026-03-01 14:00", "headline, text", "mirror"],
    ]  # fmt: skip
    assert "انفجار → مقتل 15 في انفجار" in done.out
    assert (
        "        +4 -4  قال حلف [-NATO-] {+UN+} إن [-12-] {+15+} جنديا [-أصيبوا-] {+قتلوا+} قرب الميناء."
        in done.out
    )
    assert not {FSI, PDI, RLM, "\x1b"} & {*done.out}
    assert "4 found.\nNext: archiver history 1" in done.err


def test_changes_for_programs(folder: Path) -> None:
    rows = run(folder, "changes", "--json", "--minor").rows
    assert [row["kinds"] for row in rows] == [
        ["minor"], ["restored"], ["removed"], ["headline", "text"], ["headline", "text"],
    ]  # fmt: skip
    assert rows[2]["status"] == 410
    assert (rows[4]["version_before"], rows[4]["version"], rows[4]["words_new"]) == (1, 2, 4)
    assert rows[4]["title_before"] == "انفجار"
    assert run(folder, "changes", "--ids").out == "1\n5\n"
    assert run(folder, "changes", "--ids", "--limit", "1", "--source", "evil").out == "5\n"
    run(folder, "changes", "--source", "nobody").says(3, "nothing changed")


def test_changes_of_a_time_and_kind(folder: Path) -> None:
    def ats(*arguments: str) -> list[str]:
        return [str(row["at"])[11:16] for row in run(folder, "changes", "--json", *arguments).rows]

    assert ats("--kind", "removed", "--kind", "restored") == ["19:00", "18:00"]
    assert ats("--since", "2026-03-01T17:00", "--until", "2026-03-01T19:00") == ["18:00", "17:00"]
    assert ats("--until", "2026-03-01") == ats("--since", "2026-03") == ats()
    assert ats("--until", "2026-02") == []
    run(folder, "changes", "--since", "2026..2027").says(2, "is no time")
    run(folder, "changes", "--since", "soon").says(2, "'soon' is no time", "24h")
    done = run(folder, "changes", "--limit", "1")
    assert "1 shown. More: --limit" in done.err


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("24h", "02-28T12:00", "02-28T12:00"),
        ("90m", "03-01T10:30", "03-01T10:30"),
        ("7d", "02-22T12:00", "02-22T12:00"),
        ("today", "03-01T00:00", "03-02T00:00"),
        ("أمس", "02-28T00:00", "03-01T00:00"),
        ("2026-02", "02-01T00:00", "03-01T00:00"),
        ("1y", "03-01T00:00", "03-01T00:00"),
        ("2026-02-03t04:05", "02-03T04:05", "02-03T04:05"),
        ("2026-02-03T04:05+02:00", "02-03T02:05", "02-03T02:05"),
    ],
)
def test_points_in_time(text: str, begins: str, ends: str) -> None:
    with clock.turned(lambda: AT):
        found = [f"{When(end=end).convert(text, None, None):%m-%dT%H:%M}" for end in (False, True)]
    assert found == [begins, ends]


# archiver history


def test_a_history_in_lines(folder: Path) -> None:
    done = run(folder, "history", URL)
    assert done.out.splitlines() == [
        "     1  mirror  مقتل 15 في انفجار",
        f"        {URL}",
        "",
        "2026-03-01 12:00:00  version 1",
        "                     انفجار",
        "2026-03-01 13:00:00  seen unchanged once",
        "2026-03-01 14:00:00  version 2  headline, text  +4 -4 words",
        "                     مقتل 15 في انفجار",
        "2026-03-01 18:00:00  removed (410)",
        "2026-03-01 19:00:00  there again, version 3",
        "2026-03-01 19:00:00  version 3  minor  +0 -0 words",
    ]
    assert "3 versions. Next: archiver diff 1" in done.err
    rows = run(folder, "history", "1", "--json").rows
    assert [row["what"] for row in rows] == [
        "version", "unchanged", "version", "removed", "restored", "version",
    ]  # fmt: skip
    run(folder, "history", "99").says(3, "no article 99")


# archiver diff


def test_a_diff_without_colour(folder: Path) -> None:
    done = run(folder, "diff", "1", "1", "2")
    old, where, new, _, _, *shown = done.out.splitlines()
    assert old == "- version 1, seen 2026-03-01 12:00:00 to 2026-03-01 13:00:00"
    assert where == "  archive/warcs/a.warc.gz, offset 100"
    assert new.startswith("+ version 2, seen 2026-03-01 14:00:00 to ")
    assert shown == [
        "{+مقتل 15 في+} انفجار",
        "",
        "قال حلف [-NATO-] {+UN+} إن [-12-] {+15+} جنديا [-أصيبوا-] {+قتلوا+} قرب الميناء.",
        "",
        "… 1 paragraph unchanged",
        "",
        "وأضاف أن [-UN-] {+NATO+} أرسلت فريقا.",
        "",
        "… 1 paragraph unchanged",
    ]
    assert "headline, text: 4 words came, 4 went." in done.err
    around = run(folder, "diff", "1", "1", "2", "--context", "1").out
    assert "لم يعلن أحد مسؤوليته." in around
    assert "unchanged" not in around


def test_which_versions_are_compared(folder: Path) -> None:
    def numbers(*arguments: str) -> tuple[int, int]:
        (found,) = run(folder, "diff", *arguments, "--json").rows
        return found["old"]["version"], found["new"]["version"]  # type: ignore[index]

    assert numbers("1") == (2, 3)
    assert numbers("1", "1") == (1, 3)
    assert numbers(URL, "3", "1") == (3, 1)
    run(folder, "diff", "1", "3").says(3, "version 3 of article 1 is the last")
    run(folder, "diff", "1", "1", "9").says(3, "article 1 has no version 9", "archiver history 1")
    run(folder, "diff", "4").says(3, "article 4 has only one version")
    run(folder, "diff", "99").says(3, "no article 99")
    run(folder, "diff", "1", "--json", "--html", "x.html").says(2, "exclude each other")


def test_the_pieces_for_programs_join_again(folder: Path) -> None:
    (found,) = run(folder, "diff", "1", "1", "2", "--json").rows
    for left_out, text in (("new", FIRST), ("gone", SECOND)):
        parts = [
            "".join(piece["text"] for piece in part["pieces"] if piece["kind"] != left_out)
            for part in found["paragraphs"]  # type: ignore[attr-defined]
        ]
        assert "\n\n".join(parts) == text
    assert found["kinds"] == ["headline", "text"]
    assert found["old"]["warc_record_id"] == "<urn:uuid:1>"  # type: ignore[index]


def joined_letters(text: str) -> list[str]:
    """Return the runs of letters that a terminal would join: nothing that is seen stands between them."""
    plain = ESCAPES.sub("", text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return re.findall(r"\w+", plain)


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}])
def test_on_a_terminal_no_word_is_split_and_none_are_joined(
    folder: Path, variables: dict[str, str]
) -> None:
    shown = "\n".join(look(folder, "diff", "1", "1", "2", **variables))
    words = set(re.findall(r"\w+", f"{FIRST} {SECOND} مقتل 15 في انفجار"))
    met = {word for word in joined_letters(shown) if re.match("[\u0600-\u06ff]", word)}
    assert met <= words
    assert {"أصيبوا", "قتلوا"} <= met
    inside = re.compile(r"[\u0600-\u06ff](?:\x1b\[[0-9;]*m|[\u2066-\u2069])+[\u0600-\u06ff]")
    assert not inside.search(shown)


def test_a_paragraph_is_one_field_in_colour(folder: Path) -> None:
    lines = look(folder, "diff", "1", "1", "2")
    (line,) = (line for line in lines if "قال حلف" in line)
    assert line == (
        f"{FSI}{RLM}قال حلف \x1b[31;9mNATO\x1b[0m \x1b[1;32mUN\x1b[0m إن \x1b[31;9m12\x1b[0m \x1b[1;32m15\x1b[0m جنديا"
        f" \x1b[31;9mأصيبوا\x1b[0m \x1b[1;32mقتلوا\x1b[0m قرب الميناء.{PDI}"
    )


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}])
def test_lines_of_a_paragraph_fit_and_have_its_direction(
    folder: Path, variables: dict[str, str]
) -> None:
    code, shown = shelf.on_terminal(
        folder, "diff", "1", "1", "2", "--no-pager", columns=22, **variables
    )
    assert code == 0
    lines = [line for line in shown.splitlines() if re.search("[\u0600-\u06ff]", line)]
    assert len(lines) >= 5
    for line in lines:
        assert ESCAPES.sub("", line).startswith(FSI + RLM)
        assert terminal.width(ESCAPES.sub("", line)) <= 22
        assert line.count(FSI) == 1
    assert {"أصيبوا", "قتلوا", "الميناء"} <= set(joined_letters(shown))


def test_a_title_stays_bold_behind_what_changed(folder: Path) -> None:
    lines = look(folder, "diff", "1", "1", "2")
    assert f"\x1b[1m{FSI}{RLM}\x1b[1;32mمقتل 15 في\x1b[0;1m انفجار{PDI}\x1b[0m" in lines


def test_brackets_on_a_terminal_have_one_direction(folder: Path) -> None:
    """What is inside a mark is isolated, so from the first bracket to the last there are only neutral signs."""
    lines = look(folder, "diff", "1", "1", "2", NO_COLOR="1")
    (line,) = (line for line in lines if "قال حلف" in line)
    assert line.startswith(f"{FSI}{RLM}قال حلف [-{RLI}NATO{PDI}-] {{+{RLI}UN{PDI}+}} إن ")
    assert line.endswith(PDI)
    outside = re.sub("[\u2066\u2067][^\u2069]*\u2069", "", line)
    pairs = re.findall(r"\[-.*?\+\}", outside)
    assert len(pairs) == 3
    for pair in pairs:
        assert {unicodedata.bidirectional(c) for c in pair} <= {"ON", "ES", "WS"}
    (english,) = (
        line for line in look(folder, "diff", "5", NO_COLOR="1") if "-one" in line or "one" in line
    )
    assert f"[-{LRI}one{PDI}-]" in english


@pytest.mark.parametrize("line", [("diff", "5"), ("changes",), ("history", "5")])
@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}])
def test_hostile_texts_stay_harmless(
    folder: Path, line: tuple[str, ...], variables: dict[str, str]
) -> None:
    shown = "\n".join(look(folder, *line, **variables))
    assert "␛]0;owned␇␛[2J" in shown
    assert OVERRIDE not in shown
    assert not {*re.findall("\x1b.[^m]*.", shown)} - {*ESCAPES.findall(shown)}
    for one in shown.splitlines():
        depth = 0
        for char in one:
            depth += (char in FSI + RLI + LRI) - (char == PDI)
            assert depth >= 0
        assert depth == 0
        coloured = ESCAPES.findall(one)
        assert not coloured or coloured[-1] == "\x1b[0m"


# The page.


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_is_written_side_by_side(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "diff.html"
    path.write_text("before")
    done = run(folder, "diff", "1", "1", "2", "--html", path)
    assert (done.code, done.out) == (0, "")
    html = path.read_text("utf-8")
    page = Page(html)
    assert "<del>NATO</del> إن <del>12</del> جنديا <del>أصيبوا</del>" in html
    assert "<ins>UN</ins> إن <ins>15</ins> جنديا <ins>قتلوا</ins>" in html
    assert {attrs.get("dir") for tag, attrs in page.tags if tag in ("p", "h2")} == {"auto"}
    assert [attrs["dir"] for tag, attrs in page.tags if tag == "table"] == ["rtl"]
    for told in (
        URL,
        "2026-03-01 12:00:00 UTC",
        "a.warc.gz, offset 100",
        "<urn:uuid:1>",
        "<urn:uuid:3>",
        "sha1:",
    ):
        assert told in page.text
    assert [one.name for one in tmp_path.iterdir()] == ["diff.html"]


def test_a_page_of_a_hostile_article_runs_and_asks_nothing(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "diff.html"
    run(folder, "diff", "5", "--html", path)
    html = path.read_text("utf-8")
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "table", "tr", "td", "th", "dl", "dt", "dd", "p",
        "del", "ins", "small",
    }  # fmt: skip
    assert {name for _, attrs in page.tags for name in attrs} <= {
        "charset", "http-equiv", "content", "name", "dir", "class",
    }  # fmt: skip
    assert "<script>alert(1)</script>" in page.text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", html)
    (policy,) = (a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none';")


def test_a_page_that_cannot_be_written_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    run(folder, "diff", "1", "--html", tmp_path / "nowhere" / "diff.html").says(
        1, "cannot be written"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_stays_a_pipe(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, "utf-8")
        run(folder, "diff", "1", "--html", pipe)
        assert read.result(60).startswith("<!doctype html>")
    assert pipe.is_fifo()


# archiver show


def test_an_older_version_is_shown(folder: Path) -> None:
    now, before = run(folder, "show", "1"), run(folder, "show", "1", "--version", "1")
    assert "version  3 of 3 ('archiver history 1' lists them)" in now.out
    assert "archiver history 1" in now.err
    assert "NATO إن 12" in before.out
    assert "offset 100," in before.out
    assert run(folder, "show", "1", "--version", "2", "--json").rows[0]["version"] == 2
    run(folder, "show", "1", "--version", "4").says(3, "article 1 has no version 4")
    run(folder, "show", "9", "--version", "4").says(3, "no article 9")
    assert "version  1 of 1\n" in run(folder, "show", "4").out


@pytest.mark.parametrize(
    ("page", "status", "said"),
    [
        ("consent", 200, "a page that asks for consent, note, 2 times, last 2026-03-01 12:00:00"),
        ("missing", 200, "a page that says it is not there, note, 2 times"),
        ("shell", 200, "a page that shows nothing without JavaScript"),
        ("paywall", 200, "a teaser before a paywall"),
        ("", 503, "an answer without a version (503), note"),
    ],
)
def test_answers_without_a_version_are_told_and_change_nothing(
    page: str, status: int, said: str
) -> None:
    visit = Visit(AT, URL, status, page, None, "note", shown=False, removed=False)
    (line,) = _lines(Step("other", visit, AT, 2))
    assert said in line
    assert line.endswith(": the version stays")
