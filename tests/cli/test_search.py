"""archiver search: what programs and people get from it."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archiver.export import NAMES
from archiver.store import schema
from archiver.store.search import WINDOW
from tests.cli import shelf
from tests.cli.test_commands import Done, command

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("shelf")
    shelf.make(folder)
    return lambda *arguments: command(folder, *arguments)


def ids(done: Done) -> list[int]:
    assert done.err == ""
    return [int(line) for line in done.out.splitlines()]


# Hits.


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (("flood",), [6, 7, 1]),
        (("floods",), [6, 7, 1]),
        (("flood", "harbour"), [1]),
        (("heavy rain",), [2, 1]),  # one argument, and no phrase: the shell took the quotes
        (('"heavy rain"',), [1]),
        (("rain", "-repairs"), [1]),
        (("rain", "-heavy"), []),
        (("--", "-repairs", "rain"), [1]),
        (("harbour", "-ha*"), []),
        (("فيضان",), [4, 3]),
        (("الفيضان",), [4, 3]),
        (("فَيَضان",), [4, 3]),
        (("فيضان", "-title:فيضان"), [4]),
        (("«المدينة القديمة»",), [3]),
        (("title:(المطر OR مباراة)",), [5, 4]),
        (('author:"ليلى حسن"', "المطر"), [4]),
        (("المطر", "before:2026-03"), [4]),
        (("--sort", "oldest", "flood"), [1, 7, 6]),
        (("--source", "mirror"), [5, 4, 3]),
        (("--lang", "ar", "--from", "2026-02-02", "--to", "2026-02-03"), [4]),
    ],
)
def test_ids_are_one_on_each_line(run: Run, line: tuple[str, ...], found: list[int]) -> None:
    done = run("search", "--ids", *line)
    if found:
        assert ids(done) == found
    assert (done.code, done.out == "") == ((0, False) if found else (3, True))


def test_a_pipe_gets_two_plain_lines_a_hit(run: Run) -> None:
    done = run("search", "فيضان", "--limit", "1")
    assert done.out == (
        "     4  2026-02-03  mirror  مطر على المدينة\n"
        "        هطل المطر على المدينة، ولم يحدث فيضان هذا العام.\n"
    )
    assert not re.search("[\u2066-\u2069\x1b\ue000\ue001]", done.out + done.err)


def test_an_article_without_a_date_keeps_its_columns(run: Run) -> None:
    assert "     7  no date     gazette  Undated note\n" in run("search", "flood").out


def test_json_has_no_marks_and_all_that_a_list_tells(run: Run) -> None:
    (row,) = run("search", "--json", "المدينة", "القديمة").rows
    assert row["id"] == 3
    assert row["title"] == "فيضان في الميناء"
    assert row["authors"] == ["ليلى حسن"]
    assert (row["published_at"], row["published_precision"]) == (
        "2026-02-01T00:00:00.000000Z",
        "day",
    )
    assert "المدينة القديمة" in str(row["snippet"])
    assert set(row) - set(NAMES) == {"snippet"}  # a fact has one name wherever it is told
    for row in run("search", "--json", "flood").rows:
        assert not re.search("[\ue000\ue001]", str(row["snippet"]))


def test_pages_follow_each_other(run: Run) -> None:
    everything = ids(run("search", "--ids", "--from", "2026-01-01"))
    line, seen = ["search", "--from", "2026-01-01", "--limit", "3"], []
    for _ in range(5):
        done = run(*line)
        seen += [
            int(found)
            for found in re.findall(r"^ +(\d+)  (?=\d{4}-|no date)", done.out, re.MULTILINE)
        ]
        more = re.search(r"^3 shown\. More: archiver (search .*)$", done.err, re.MULTILINE)
        if not more:
            break
        line = more[1].split()
    assert seen == everything
    assert "shown, the last.\n" in done.err
    run("search", "--from", "2026-01-01", "--after", str(everything[-1])).says(
        3, "no more articles behind"
    )
    run("search", "flood", "--after", "99").says(3, "no article 99")


def test_what_comes_next_can_be_typed(run: Run) -> None:
    done = run("search", "--limit", "1", "--sort", "oldest", "rain", "-snow", '"heavy')
    assert done.err.splitlines() == [
        "1 shown. More: archiver search --sort oldest --limit 1 --after 1 rain -snow '\"heavy'",
        "Next: archiver show 1 --query 'rain -snow \"heavy'",
    ]
    again = run(
        "search", "--sort", "oldest", "--limit", "1", "--after", "1", "rain", "-snow", '"heavy'
    )
    assert (again.code, again.out[:6]) == (0, "     2")
    assert again.err.startswith("1 shown, the last.\n")
    assert run("search", "--source", "herald").err.endswith("Next: archiver show 2\n")


def test_the_archive_that_was_named_is_named_again(run: Run) -> None:
    assert run("search", "--archive", "archive", "harbour", "crane").err == (
        "1 found.\nNext: archiver show 2 --archive archive --query 'harbour crane'\n"
    )


# Nothing found, and what cannot be meant.


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("flodo",), "(the archive does not have 'flodo'; did you mean 'Flood'?)"),
        (("فيضاو",), "(the archive does not have 'فيضاو'; did you mean 'فيضان'?)"),
        (("flood", "xyzzyplugh"), "'flood xyzzyplugh' (the archive does not have 'xyzzyplugh')"),
        (("floo*", "xyzzyplugh"), "(the archive does not have 'xyzzyplugh')"),
        (("xyzzy*",), "(the archive does not have 'xyzzy')"),
        (("crane", "فيضان"), "(no article fits all of it together)"),
        (('"rain heavy"',), "(no article fits all of it together)"),
        (
            ("flood", "--source", "post"),
            "(no source is called 'post', 'archiver sources' lists them)",
        ),
        (("--lang", "fa"), "no article matches these filters"),
    ],
)
def test_nothing_found_says_why(run: Run, line: tuple[str, ...], says: str) -> None:
    done = run("search", *line)
    done.says(3, "no article matches", says)
    assert done.out == ""
    run("search", "--json", *line).says(3, says)


@pytest.mark.parametrize(
    ("words", "message", "query", "caret"),
    [
        (("rain", "OR"), "nothing stands behind 'OR'", "rain OR", 5),
        (("title:(rain", "wind"), "is never closed", "title:(rain wind", 6),
        (("(مطر",), "'(' before 'مطر' is never closed", "(مطر", 0),
        (("date:32",), "'32' is no date", "date:32", 5),
        (("...",), "there is no word to look for", "...", 0),
        (("a\x1b[2Jb", "OR"), "nothing stands behind 'OR'", "a␛[2Jb OR", 7),
    ],
)
@pytest.mark.parametrize(
    "verb",
    [("search",), ("export", "-o", "-", "--format", "csv", "--query"), ("show", "1", "--query")],
)
def test_a_mistake_is_pointed_at(
    run: Run, verb: tuple[str, ...], words: tuple[str, ...], message: str, query: str, caret: int
) -> None:
    done = run(*verb, *(words if verb == ("search",) else [" ".join(words)]))
    done.says(2, message)
    assert done.out == ""
    assert done.err.splitlines()[1:] == [f"  {query}", "  " + " " * caret + "^"]
    assert not re.search("fts|sql|syntax", done.err, re.IGNORECASE)


@pytest.mark.parametrize(
    "line",
    [("--ids", "--count", "x"), ("--ids", "--json", "x"), ("--count", "--facet", "day"),
     ("--after", "1", "--count", "x"), ("--after", "1", "--facet", "day"),
     ("--facet", "url", "x"), ("--limit", "0", "x"),
     ("--limit", "-5", "x"), ("--after", "-1", "x"), ("--lmit", "5", "x"), ("--count", ""), ("--facet", "day", " ")],
)  # fmt: skip
def test_what_cannot_be_meant(run: Run, line: tuple[str, ...]) -> None:
    run("search", *line).says(2)


@pytest.mark.parametrize("words", [(), ("",), (" ",), ("\u200f",), ("", "--ids")])
def test_an_empty_query(run: Run, words: tuple[str, ...]) -> None:
    run("search", *words).says(2, "nothing to search for")


def test_dash_h_is_help_all_the_same(run: Run) -> None:
    assert run("search", "-h").out.startswith("Usage:")


# Numbers.


def test_a_count(run: Run) -> None:
    assert run("search", "--count", "flood").out == "3\n"
    assert run("search", "--count").out == "7\n"
    assert run("search", "--count", "--json", "flood").rows == [{"count": 3, "more": False}]
    none = run("search", "--count", "xyzzyplugh")
    assert (none.out, none.code) == ("0\n", 3)


def test_a_facet_of_frequencies(run: Run) -> None:
    done = run("search", "--facet", "author")
    line, empty, *table = done.out.splitlines()
    assert (line, empty) == ("2026-01 ▆▆█ 2026-03", "")
    bars = "█" * 60, "█" * 30
    assert table == [
        f"  A. Lee    2  {bars[0]}",
        f"  ليلى حسن  2  {bars[0]}",
        f"  B. Ode    1  {bars[1]}",
    ]
    assert done.err == "3 authors in 7 articles.\n"


def test_a_facet_in_order(run: Run) -> None:
    done = run("search", "--facet", "month", "فيضان OR مطر", "--limit", "1")
    assert [row.split()[:2] for row in done.out.splitlines()[2:]] == [["2026-03", "1"]]
    assert done.err == "the last 1 of 2 months in 3 articles; --limit shows more.\n"


def test_a_line_over_time(run: Run) -> None:
    assert (
        run("search", "--facet", "source", "فيضان").out.splitlines()[0]
        == "2026-02-01 █ █ 2026-02-03"
    )
    assert run("search", "--facet", "source", "crane").out.splitlines()[0] == "all of 2026-01-12"


def test_facets_as_json(run: Run) -> None:
    assert run("search", "--facet", "lang", "--json", "المطر OR flood").rows == [
        {"by": "lang", "value": "en", "count": 3, "of": 5, "more": False},
        {"by": "lang", "value": "ar", "count": 2, "of": 5, "more": False},
    ]
    assert (
        run("search", "--facet", "day", "--json", "--limit", "1", "rain").rows[0]["value"]
        == "2026-01-12"
    )


def test_a_facet_of_nothing(run: Run) -> None:
    run("search", "--facet", "source", "xyzzyplugh").says(3, "not have 'xyzzyplugh'")
    # Found, and nobody wrote it.
    done = run("search", "--facet", "author", "dated")
    assert (done.code, done.out, done.err) == (0, "", "0 authors in 1 article.\n")


def test_more_than_are_counted(tmp_path: Path) -> None:
    shelf.make_large(tmp_path, WINDOW + 5)
    assert command(tmp_path, "search", "--count", "rain").out == "10000+\n"
    assert command(tmp_path, "search", "--count", "--json", "rain").rows == [
        {"count": WINDOW, "more": True}
    ]
    done = command(tmp_path, "search", "--facet", "month", "rain")
    assert "in the newest 10,000 articles (there are more)" in done.err
    (row,) = command(tmp_path, "search", "--facet", "source", "--json", "rain").rows
    assert (row["count"], row["of"], row["more"]) == (WINDOW, WINDOW, True)


# Beside it.


def test_show_says_where_nothing_is_found(run: Run) -> None:
    assert run("show", "3", "--query", "الفيضان").err == ""
    assert (
        run("show", "3", "--query", "flood").err
        == "nothing that the query looks for is in title or text\n"
    )
    assert not re.search("[\ue000\ue001]", run("show", "3", "--query", "الفيضان").out)
    run("show", "3", "--query", "x", "--json").says(2, "--query")


def test_export_takes_the_same_language(run: Run) -> None:
    for line in (
        ("--query", "title:(المطر OR مباراة)"),
        ("title:(المطر", "OR", "مباراة)"),
        ("المطر", "--query", "-flood"),
    ):
        assert [row["id"] for row in run("export", "-o", "-", *line).rows] == [4, 5]
    assert len(run("export", "-o", "-").rows) == 7


def test_another_analyser_is_told_until_reindex(tmp_path: Path) -> None:
    shelf.make(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive" / "index.db")) as connection:
        connection.execute("UPDATE search_state SET analyser = '0 old'")
        connection.commit()
    warning = f"the text index was made by analyser 0 old, this archiver has {schema.ANALYSER}"
    for line in (
        ("search", "flood"),
        ("similar", "1"),
        ("show", "1", "--query", "flood"),
        ("export", "-o", "-", "flood"),
    ):
        done = command(tmp_path, *line)
        assert warning in done.err
        assert "archiver reindex" in done.err
    done = command(tmp_path, "reindex")
    assert re.fullmatch(
        r"text index of archive/index.db made anew: 7 articles in \d+\.\d s\n", done.out
    )
    assert done.err == "Next: archiver search WORDS\n"
    assert warning not in command(tmp_path, "search", "flood").err
    (row,) = command(tmp_path, "reindex", "--json").rows
    assert (row["articles"], row["analyser"]) == (7, schema.ANALYSER)


def test_reindex_without_an_index(tmp_path: Path) -> None:
    command(tmp_path, "reindex").says(1, "no archive here")
    command(tmp_path, "init")
    command(tmp_path, "reindex").says(1, "no index yet")


def test_similar(tmp_path: Path) -> None:
    shelf.make_similar(tmp_path)
    done = command(tmp_path, "similar", "1")
    first, *_ = done.out.splitlines()
    assert re.match(r"     2  2026-01-03  [ 1]\d\d%  mirror  Turbine trouble", first)
    assert done.err.startswith(f"{len(done.out.splitlines())} found. Next: archiver show 2")
    (row, *_) = command(tmp_path, "similar", "https://herald.example/a", "--json").rows
    assert (row["id"], row["source"]) == (2, "mirror")
    assert 0.25 <= float(str(row["score"])) <= 1
    command(tmp_path, "similar", "1", "--days", "1").says(3, "within 1 day tells", "--days")
    command(tmp_path, "similar", "99").says(3, "no article 99")
    assert len(command(tmp_path, "similar", "1", "--limit", "1").out.splitlines()) == 1


def test_a_search_needs_no_config(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("this is no TOML")
    folder = shelf.make(tmp_path)
    assert command(tmp_path, "search", "--archive", folder, "flood").code == 0


def test_argv_that_is_no_utf8(run: Run) -> None:
    done = run("search", os.fsdecode(b"rain\xff"))
    assert (done.code, done.out) == (0, run("search", "rain").out)
    run("search", os.fsdecode(b"zzyzx\xff")).says(3, "no article matches 'zzyzx\ufffd'")
    run("search", os.fsdecode(b"\xff")).says(2, "nothing to search for")
