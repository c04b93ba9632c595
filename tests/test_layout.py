"""Where an archive keeps its files."""

from pathlib import Path

import pytest

from archiver.errors import ArchiveError
from archiver.layout import Layout


def test_an_archive_has_its_folders(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "a" / "b")
    with pytest.raises(ArchiveError, match="archiver init"):
        layout.check()
    layout.create()
    layout.check()
    assert layout.warcs.is_dir()


def test_a_file_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    for use in (Layout(path).check, Layout(path).create):
        with pytest.raises(ArchiveError, match="is a file"):
            use()
