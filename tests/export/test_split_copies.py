"""Copies that `archiver.clusters` finds in pages that were fetched do not stand in two splits."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.clusters import cluster
from archiver.documents import Query
from archiver.export.folders import write_folder
from archiver.export.splits import parse
from archiver.export.taking import Tally, Wanted
from archiver.layout import Layout
from archiver.store.search import Index
from tests.export.shelf import silent
from tests.samples import capture
from tests.test_verify import SITE
from tests.visits import fill

SPLITS = "train:2026-01..2026-05,test:2026-06..,rest:undated"
STORY = (
    "The ferry across the strait will stop running in the autumn, the harbour board said on Monday, after forty years"
    " in which it carried workers, schoolchildren and goats.",
    "Its two boats are to be sold, and the eleven people of the crew have been offered posts at the new container"
    " terminal on the far side of the bay.",
    "Shopkeepers on the island fear that visitors will stay away, for the bridge is an hour's drive to the north and"
    " has no footpath.",
    "A petition with four thousand names was handed over last week; the board answered that fewer than ninety tickets"
    " were sold on an ordinary day in winter.",
)
OTHER = (
    "Beekeepers in the upper valley counted twice as many hives after the mild spring as they had a year before.",
    "Lime trees blossomed early, and honey from the first harvest is darker than anyone there remembers it to be.",
    "Prices at the market fell by a fifth, which pleased the bakers and worried those who live by selling honey.",
)
# The same story cut by its last paragraph, with words changed, under another headline.
COPY = tuple(
    part.replace("on Monday", "this week").replace("fear", "are afraid") for part in STORY[:3]
)
AUGUST = datetime(2026, 8, 1, tzinfo=UTC)  # when all were fetched
PAGES = {
    "a/1": ("Ferry to end", STORY, "2026-03-02T08:00:00+00:00"),
    "b/2": ("Island loses its boats", COPY, "2026-07-01T08:00:00+00:00"),
    "b/3": ("More honey", OTHER, "2026-07-02T08:00:00+00:00"),
    "c/4": ("No ferry any more", COPY[:2] + STORY[2:], ""),
}


def page(title: str, paragraphs: tuple[str, ...], at: str) -> bytes:
    told = f"<meta property='article:published_time' content='{at}'>" if at else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html lang='en'><head><title>{title}</title><meta property='og:type' content='article'>{told}</head>"
        f"<body><article><h1>{title}</h1>{text}</article></body></html>"
    ).encode()


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    made = Layout(tmp_path_factory.mktemp("made") / "archive")
    fill(
        made,
        *(capture(f"{SITE}/{path}", body=page(*told), at=AUGUST) for path, told in PAGES.items()),
    )
    return made


def exported(layout: Layout, target: Path) -> tuple[Tally, dict[str, str]]:
    """Return the counts, and the split of each page."""
    with closing(Index(layout.index)) as index:
        wanted = Wanted(Query(), splits=parse(SPLITS))
        tally = write_folder(index, wanted, target, silent, print)
    found = {}
    for path in (target / "data").iterdir():
        for line in path.read_text("utf-8").splitlines():
            found[json.loads(line)["url"].removeprefix(f"{SITE}/")] = path.name[:-12]
    return tally, found


def test_copies_do_not_leak_from_train_into_test(layout: Layout, tmp_path: Path) -> None:
    # Before articles were compared nobody knows of copies, and that is told.
    tally, found = exported(layout, tmp_path / "before")
    assert found == {"a/1": "train", "b/2": "test", "b/3": "test", "c/4": "rest"}
    assert tally.uncompared == 4
    card = (tmp_path / "before" / "README.md").read_text("utf-8")
    assert "4 articles of the archive were not compared" in card

    cluster(layout)
    tally, found = exported(layout, tmp_path / "after")
    assert found == {"a/1": "train", "b/2": "train", "b/3": "test", "c/4": "train"}
    assert tally.uncompared == 0
    card = (tmp_path / "after" / "README.md").read_text("utf-8")
    assert "all articles of a cluster of copies" in card
    assert "were not compared" not in card
