"""What is documented is what is there."""

import re
from pathlib import Path

from archiver.cli import COMMANDS
from archiver.errors import ArchiverError
from archiver.store.search import Index
from archiver.store.writing import Store
from tests.reference import reference

ROOT = Path(__file__).parent.parent


def test_reference_is_generated_from_the_commands():
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == reference(), "run 'make docs'"


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {name for name in COMMANDS if not re.search(rf"(archiver|make) {name}\b", readme)} <= {
        "sources"
    }


def test_every_exit_code_is_in_the_readme():
    def codes(kind):
        return {kind.exit_code}.union(*map(codes, kind.__subclasses__()))

    documented = set(
        re.findall(r"^\| (\d+) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    )
    assert {str(code) for code in codes(ArchiverError)} | {"0", "6", "130"} == documented


def test_every_table_is_described(tmp_path):
    path = tmp_path / "index.db"
    Store(path).close()
    index = Index(path)
    names = {
        row[0] for row in index._rows("SELECT name FROM sqlite_master WHERE type = 'table'", [])
    }
    index.close()
    tables = {name for name in names if not name.startswith(("article_text_", "copy_keys_"))}
    described = set(
        re.findall(
            r"^\| `(\w+)` \|",
            (ROOT / "docs" / "archive-format.md").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    assert tables <= described
