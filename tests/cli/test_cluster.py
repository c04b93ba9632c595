"""archiver cluster, what show tells of copies, and export --dedupe."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from archiver.demo.stories import load_stories
from archiver.layout import Layout
from archiver.types import Moment
from tests.cli.shelf import ESCAPE, OVERRIDE
from tests.cli.test_commands import command
from tests.samples import reading
from tests.store.conftest import Desk

DAY = datetime(2026, 2, 1, tzinfo=UTC)
STORY, OTHER = load_stories()[:2]
HOSTILE = f"Late {ESCAPE}{OVERRIDE} headline"


@pytest.fixture
def folder(tmp_path):
    """An archive of two stories, one of them in three papers: ids 1 to 3, the second of which was first."""
    layout = Layout(tmp_path / "archive")
    layout.create()
    pages = [
        ("late", HOSTILE, STORY.text, 5),
        ("first", "Headline", STORY.text, 0),
        ("cut", "Another", "\n\n".join(STORY.paragraphs[:2]), 3),
        ("alone", "Alone", OTHER.text, 1),
    ]
    with closing(Desk(layout.index)) as desk:
        for source, title, text, hours in pages:
            url = f"https://{source}.example/1"
            published = Moment(DAY + timedelta(hours=hours), "minute", "+00:00", "meta")
            desk.add(
                reading(title, text, url, language="ar", published=published), url, source=source
            )
    return tmp_path


def test_copies_are_compared_listed_and_named(folder):
    done = command(folder, "cluster")
    assert done.code == 0
    assert "compared 4 articles" in done.out
    assert "4 in 2 clusters, 2 of them copies" in done.out
    assert "archiver cluster --list" in done.err
    listed = command(folder, "cluster", "--list")
    assert listed.out.split()[:4] == ["3", "2", "2026-02-01", "00:00"]
    assert "first, cut, late" in listed.out
    assert "archiver show 2" in listed.err
    shown = command(folder, "show", "3").out
    assert "also in  first  2026-02-01 00:00  2  first" in shown
    assert "also in  late  2026-02-01 05:00  1  100% alike" in shown
    assert "also in" not in command(folder, "show", "4").out


def test_json(folder):
    told = json.loads(command(folder, "cluster", "--json").out)
    assert {**told, "seconds": 0} == {"due": 4, "articles": 4, "clusters": 2, "seconds": 0}
    again = json.loads(command(folder, "cluster", "--json").out)
    assert again["due"] == 0
    assert json.loads(command(folder, "cluster", "--all", "--json").out)["due"] == 4
    one, other = map(
        json.loads, command(folder, "cluster", "--list", "--min", "1", "--json").out.splitlines()
    )
    assert (one["cluster_id"], one["size"], one["first"]["source"]) == (2, 3, "first")
    assert one["sources"] == {"cut": 1, "first": 1, "late": 1}
    assert (other["cluster_id"], other["size"]) == (4, 1)
    copies = json.loads(command(folder, "show", "2", "--json").out)["copies"]
    assert [(copy["id"], copy["source"], copy["alike"], copy["first"]) for copy in copies] == [
        (3, "cut", 1, False),
        (1, "late", 1, False),
    ]


def test_text_from_the_web_is_made_harmless(folder):
    command(folder, "cluster")
    desk = Desk(folder / "archive" / "index.db")
    with closing(desk), desk.store.transaction():
        desk.store._connection.execute("UPDATE clusters SET cluster_id = 1 WHERE cluster_id = 2")
    listed = command(folder, "cluster", "--list").out
    assert "Late" in listed
    assert not {"\x1b", OVERRIDE} & set(listed)


def test_export_takes_one_of_each(folder):
    early = command(folder, "export", "--dedupe", "near", "-o", "-")
    assert (early.code, early.out) == (2, "")
    assert "4 articles were not compared yet" in early.err
    command(folder, "cluster")
    for how, ids in (("near", [2, 4]), ("exact", [2, 3, 4])):
        lines = command(folder, "export", "--dedupe", how, "-o", "-").out.splitlines()
        assert [json.loads(line)["id"] for line in lines] == ids


def test_what_cannot_be_listed(folder):
    assert command(folder, "cluster", "--list").code == 3
    assert command(folder, "cluster", "--list", "--all").code == 2
    command(folder, "cluster")
    nothing = command(folder, "cluster", "--list", "--min", "4")
    assert (nothing.code, nothing.out) == (3, "")
