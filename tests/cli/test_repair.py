"""archiver repair, as a person meets it."""

from pathlib import Path

from archiver.layout import Layout
from archiver.locking import locked
from archiver.warc import reader
from tests.cli.test_commands import command
from tests.cli.test_verify import archive, damage

__all__ = ["archive"]


def test_all_is_right(archive: Layout, tmp_path: Path) -> None:
    done = command(tmp_path, "repair")
    assert (done.code, done.out, done.err) == (0, "archive: all is right\n", "")


def test_what_was_mended_is_said(archive: Layout, tmp_path: Path) -> None:
    (path,) = reader.files(archive.warcs)
    with path.open("ab") as stream:
        stream.write(b"\x1f\x8b torn")
    done = command(tmp_path, "repair")
    assert done.code == 0
    assert f"{path.name}: 7 torn bytes moved to" in done.err
    assert done.out == "archive: all is right\n"
    assert command(tmp_path, "verify").code == 0


def test_what_cannot_be_mended_is_told_by_name(archive: Layout, tmp_path: Path) -> None:
    damage(archive, -5)
    done = command(tmp_path, "repair", "--json")
    assert done.code == 6
    assert [row["kind"] for row in done.rows[:-1] if not row["note"]] == ["damaged"]
    assert done.rows[-1] == {"left": {"damaged": 1}}
    assert "1 damaged records" in done.err


def test_while_another_process_writes(archive: Layout, tmp_path: Path) -> None:
    with locked(archive):
        command(tmp_path, "repair").says(1, "another archiver is writing")
