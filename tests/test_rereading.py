"""What the present extractor would change is told, and nothing is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archiver import extract
from archiver.diff import HEADLINE, TEXT
from archiver.layout import Layout
from archiver.rereading import LOST, SAME, TRIVIAL, UNREAD, WORST, Compared, reread
from archiver.store.rows import hashed
from archiver.store.search import Index
from archiver.types import Rules, Source
from tests.cli.test_commands import command
from tests.samples import tables
from tests.test_proof import change
from tests.test_verify import SITE
from tests.visits import article, damage

pytestmark = pytest.mark.usefixtures("lent_worker")


def compared(layout: Layout, rules: Rules | None = None, **more: Any) -> Compared:
    sources = [Source("news", f"{SITE}/", rules=rules)] if rules else []
    with Index(layout.index) as index:
        (found,) = reread(layout, index, sources, ["news"], workers=1, **more)
    return found


def edit(layout: Layout, path: str, old: str, new: str, version: str = extract.VERSION) -> None:
    """Change title and text of an article in the index, as another extractor might have read them."""
    wanted = article(layout, f"{SITE}{path}")
    title, text = wanted.document.title.replace(old, new), wanted.document.text.replace(old, new)
    assert (title, text) != (wanted.document.title, wanted.document.text)
    values = (title, text, hashed(title, text), version)
    change(layout, wanted, "title = ?, text = ?, text_hash = ?, extractor_version = ?", *values)


def test_every_version_reads_the_same(layout: Layout) -> None:
    before = tables(layout.index)
    found = compared(layout)
    assert (found.pages, found.counts, found.worst) == (6, {SAME: 6}, [])
    assert found.versions == {extract.VERSION: 6}
    assert tables(layout.index) == before


def test_what_was_changed_by_hand_is_told_by_kind(layout: Layout) -> None:
    edit(layout, "/a/1", "Rain in", "Showers over")
    edit(layout, "/a/2", "the market opened", "no market at all was open")
    edit(layout, "/a/3", "dry, and", "dry and")
    before = tables(layout.index)
    found = compared(layout)
    assert found.counts == {SAME: 3, HEADLINE: 1, TEXT: 1, TRIVIAL: 1}
    (first, *_) = found.worst
    assert (first.url, first.verdict.kinds) == (f"{SITE}/a/2", (TEXT,))
    assert first.verdict.gone > first.verdict.new > 0
    assert {e.verdict.title for e in found.worst if e.verdict.kinds == (HEADLINE,)} == {
        "Rain in the north"
    }
    assert tables(layout.index) == before


def test_rules_that_were_added_since(layout: Layout) -> None:
    found = compared(layout, Rules(drop=("p:first-of-type",)))
    assert found.counts == {TEXT: 6}
    assert len(found.worst) == WORST
    assert {(e.verdict.new, e.verdict.gone) for e in found.worst} == {(0, 17)}


def test_a_page_that_would_be_lost(layout: Layout) -> None:
    found = compared(layout, Rules(drop=("body *",)), limit=1)
    assert (found.pages, found.counts) == (1, {LOST: 1})
    assert found.worst[0].verdict.gone > 50


def test_only_the_newest(layout: Layout) -> None:
    edit(layout, "/a/2", "market", "harbour")  # an older one
    assert compared(layout, limit=2).counts == {SAME: 2}


def test_only_what_a_version_of_the_extractor_has_read(layout: Layout) -> None:
    edit(layout, "/a/2", "market", "harbour", version="1.0")
    found = compared(layout, against=["1.0", "0.9"])
    assert (found.counts, found.versions) == ({TEXT: 1}, {"1.0": 1})


def test_a_damaged_record_is_told(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    damage(layout, wanted)
    found = compared(layout)
    assert found.counts == {SAME: 5, UNREAD: 1}
    (told,) = found.damages
    assert (told.filename, told.url) == (wanted.location.filename, f"{SITE}/a/2")


def test_on_the_command_line(layout: Layout, tmp_path: Path) -> None:
    done = command(tmp_path, "compare-extractor")
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()] == [
        ["source", "pages", "same", "trivial", "headline", "text", "lost", "unread"],
        ["news", "6", "6", "0", "0", "0", "0", "0"],
    ]
    assert "6 read the same; nothing was changed" in done.err
    (layout.root / "sources.toml").write_text(
        f'[sources.news]\nhome = "{SITE}/"\n[sources.news.rules]\ndrop = ["p:first-of-type"]\n'
    )
    (told,) = command(tmp_path, "compare-extractor", "news", "--json", "--limit", "3").rows
    assert (told["pages"], told[SAME], told[TEXT]) == (3, 0, 3)
    assert told["worst"][0]["words_gone"] == 17
    done = command(tmp_path, "compare-extractor")
    assert "news, most words changed" in done.out
    assert "Next: archiver explain ID" in done.err


def test_what_cannot_be_done_on_the_command_line(layout: Layout, tmp_path: Path) -> None:
    command(tmp_path, "compare-extractor", "none").says(4, "no source called 'none'")
    command(tmp_path, "compare-extractor", "--against", "0.1").says(3, "no page was read by that")
    damage(layout, article(layout, f"{SITE}/a/2"))
    done = command(tmp_path, "compare-extractor")
    assert done.code == 6
    assert done.err.startswith("damaged: ")
