"""archiver prove, as a person meets it."""

from __future__ import annotations

from pathlib import Path

from archiver.layout import Layout
from tests.cli.test_commands import command
from tests.test_proof import change
from tests.test_verify import SITE
from tests.visits import article, damage


def test_what_agrees(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    done = command(tmp_path, "prove", f"{SITE}/a/2", "--heads")
    assert (done.code, done.err) == (0, f"article {wanted.id}, version 1: index and bytes agree\n")
    assert f"offset {wanted.location.offset}, {wanted.location.length} bytes" in done.out
    for told in (
        "192.0.2.7",
        wanted.digest,
        "sha256:",
        "> GET /a/1 HTTP/1.1",
        "< HTTP/1.1 200 Reason",
    ):
        assert told in done.out
    assert "DIFFERS" not in done.out


def test_json(layout: Layout, tmp_path: Path) -> None:
    (told,) = command(tmp_path, "prove", f"{SITE}/b/4", "--json").rows
    assert (told["agrees"], told["because"], told["ip"]) == (True, "", "192.0.2.7")
    assert [held["type"] for held in told["records"]] == ["revisit", "response"]
    assert all(check["agrees"] for check in told["checks"])
    assert "request_head" not in told


def test_what_differs_is_shown_side_by_side(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    change(layout, wanted, "title = ?", "\x1b[31mForged")
    done = command(tmp_path, "prove", str(wanted.id))
    done.says(
        5,
        f"article {wanted.id}: index and bytes do not agree: hash of the row, title",
        "the row was changed",
    )
    lines = done.out.splitlines()
    (at,) = (n for n, line in enumerate(lines) if line.startswith("DIFFERS") and " title " in line)
    assert lines[at].endswith("index: ␛[31mForged")
    assert lines[at + 1].endswith(f"bytes: {wanted.document.title}")


def test_what_is_damaged(layout: Layout, tmp_path: Path) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    damage(layout, wanted)
    done = command(tmp_path, "prove", str(wanted.id))
    done.says(5, "index and bytes do not agree: record, row: its bytes are not what was archived")
    assert "cannot be inflated" in done.out


def test_what_is_not_there(layout: Layout, tmp_path: Path) -> None:
    command(tmp_path, "prove", "99").says(3, "no article 99")
    command(tmp_path, "prove", f"{SITE}/a/2", "--version", "7").says(3, "with a version 7")
