"""A file that is always whole for those who read it."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from archiver.errors import ArchiveError


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and move it into its place, readable by all. Raises ArchiveError.

    The name it has until then begins with a dot and ends in .new, which no collector takes for its own.
    """
    name = ""
    try:
        fd, name = tempfile.mkstemp(".new", f".{path.name}.", path.parent)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            os.fchmod(fd, 0o644)
        os.replace(name, path)
    except OSError as error:
        if name:
            with suppress(OSError):
                Path(name).unlink()
        raise ArchiveError(f"cannot be written: {error.strerror}", where=str(path)) from error


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` (created, renamed) survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
