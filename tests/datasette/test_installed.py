"""The plugins as they are found where archiver is installed: by entry points, in programs of their own."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.store.newsroom import fill

ROOT = Path(__file__).parents[2]
HEAVY = {
    "click",
    "httpcore",
    "lxml",
    "resiliparse",
    "scrapy",
    "sqlite_utils",
    "trafilatura",
    "twisted",
}
SEARCH = "SELECT rowid FROM article_text WHERE article_text MATCH archiver_match(:q) ORDER BY rowid"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: Any) -> dict[str, str]:
    """Make an environment in which a package has the entry points of pyproject.toml; returns its variables."""
    folder = tmp_path_factory.mktemp("site")
    metadata = folder / "archiver_of_the_tests-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: archiver-of-the-tests\nVersion: 0\n"
    )
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    lines = [
        line
        for group in ("datasette", "sqlite_utils")
        for line in (f"[{group}]", *(f"{name} = {what}" for name, what in groups[group].items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}


@pytest.fixture(scope="module")
def path(tmp_path_factory: Any) -> Path:
    return fill(tmp_path_factory.mktemp("installed") / "index.db")


def ran(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_datasette(installed, path):
    done = ran(
        installed, "-m", "datasette", path, "--get", "/index/search.json?q=الخلافة&_shape=array"
    )
    assert done.returncode == 0, done.stderr
    assert [row["source"] for row in json.loads(done.stdout)] == ["herald", "mirror"]


def test_datasette_finds_the_style(installed, path):
    page = ran(installed, "-m", "datasette", path, "--get", "/index/search?q=").stdout
    (where,) = re.findall(r'href="([^"]*cells\.css[^"]*)"', page)
    style = ran(installed, "-m", "datasette", path, "--get", where)
    assert "plaintext" in style.stdout, style.stderr


def test_sqlite_utils(installed, path):
    done = ran(installed, "-m", "sqlite_utils", "query", path, SEARCH, "-p", "q", "الخلافة")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 2


def test_sqlite_utils_tells_a_mistake(installed, path):
    done = ran(installed, "-m", "sqlite_utils", "query", path, SEARCH, "-p", "q", "flood OR")
    assert done.returncode == 1
    assert "nothing stands behind 'OR'" in done.stderr
    assert "Traceback" not in done.stderr


def test_sqlite_utils_has_the_tables(installed, path):
    done = ran(installed, "-m", "sqlite_utils", "tables", path, "--counts")
    counts = {row["table"]: row["count"] for row in json.loads(done.stdout)}
    assert (counts["articles"], counts["versions"], counts["search_doc"]) == (4, 4, 4)
    done = ran(
        installed,
        "-m",
        "sqlite_utils",
        "rows",
        path,
        "versions",
        "-c",
        "title",
        "--where",
        "number = 1",
    )
    assert "الخلافة في كتب التاريخ" in [row["title"] for row in json.loads(done.stdout)]
    # Its own search finds words as they are indexed, and shows rows of a table that holds no texts.
    done = ran(installed, "-m", "sqlite_utils", "search", path, "article_text", "الخلافه")
    assert [set(row.values()) - {None} for row in json.loads(done.stdout)] == [{1090653880321}]


def test_the_plugin_imports_nothing_heavy(installed):
    code = (
        "import archiver.datasette, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    with_datasette = (
        "import datasette, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    ours, alone = (set(ran(installed, "-c", one).stdout.split()) for one in (code, with_datasette))
    assert "archiver" in ours
    assert not (ours - alone) & HEAVY
