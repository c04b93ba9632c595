"""An article held against its bytes: what was changed, where, and why, is told exactly."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from archiver import extract
from archiver.errors import DamagedError
from archiver.layout import Layout
from archiver.proof import Proof, prove
from archiver.store.rows import hashed
from archiver.store.search import Index
from archiver.types import Article, Rules, Source
from archiver.warc import reader
from archiver.warc.walk import Record, walk
from tests.foreign import packed
from tests.samples import capture, link
from tests.test_imports import ARABIC, url
from tests.test_verify import PAGE, SITE
from tests.visits import article, damage, fill, taken, wget

pytestmark = pytest.mark.usefixtures("lent_worker")


def proven(layout: Layout, wanted: Article, sources: Sequence[Source] = ()) -> Proof:
    with Index(layout.index) as index:
        return prove(layout, index, wanted, sources)


def differing(proof: Proof) -> list[str]:
    return [check.what for check in proof.differs]


def change(layout: Layout, wanted: Article, sql: str, *values: object) -> Article:
    """Change the row of a version by hand."""
    with closing(sqlite3.connect(layout.index)) as connection, connection:
        found = connection.execute(
            f"UPDATE versions SET {sql} WHERE article_id = ? AND number = ?",
            (*values, wanted.id, wanted.version),
        )
        assert found.rowcount == 1
    return article(layout, str(wanted.id), wanted.version)


def test_what_was_captured_is_what_the_index_says(layout: Layout) -> None:
    proof = proven(layout, article(layout, f"{SITE}/a/2"))
    assert (proof.differs, proof.because) == ([], "")
    (held,) = proof.records
    assert (held.type, held.url, held.ip) == ("response", f"{SITE}/a/2", "192.0.2.7")
    assert proof.body_sha1 == proof.article.digest
    assert proof.request_head.startswith(b"GET /a/1 HTTP/1.1\r\n")
    assert proof.response_head.startswith(b"HTTP/1.1 200 Reason\r\n")
    assert len(proof.body_sha256) == len(held.sha256) == 64


@pytest.mark.parametrize(
    "sql", ["completeness = 'half'", "published_at = 'soon'", "authors = '[', tags = '{'"]
)
def test_a_row_that_nobody_writes_is_told(layout: Layout, sql: str) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    with pytest.raises(DamagedError, match=f"row of article {wanted.id} was changed") as told:
        change(layout, wanted, sql)
    assert told.value.exit_code == 5


def test_a_revisit_is_proven_with_the_record_that_holds_its_body(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/b/4")
    proof = proven(layout, wanted)
    assert proof.differs == []
    assert [(held.type, held.url) for held in proof.records] == [
        ("revisit", f"{SITE}/b/4"), ("response", f"{SITE}/a/3")
    ]  # fmt: skip
    damage(layout, article(layout, f"{SITE}/a/3"))
    proof = proven(layout, wanted)
    assert differing(proof) == ["record of the body", "payload digest", "row"]
    assert proof.because == "its bytes are not what was archived"


def test_each_version_is_read_from_its_own_bytes(layout: Layout) -> None:
    proofs = [proven(layout, article(layout, f"{SITE}/a/1", number)) for number in (1, 2)]
    assert [proof.differs for proof in proofs] == [[], []]
    assert proofs[0].body_sha256 != proofs[1].body_sha256


@pytest.mark.parametrize("at", [0.3, 0.6, 0.99], ids=["head", "body", "checksum"])
def test_one_byte_of_the_record_was_changed(layout: Layout, at: float) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    whole = proven(layout, wanted).records[0].sha256
    damage(layout, wanted, at)
    proof = proven(layout, wanted)
    assert differing(proof) == ["record", "row"]
    assert "cannot be inflated" in proof.records[0].trouble
    assert proof.records[0].sha256 not in ("", whole)
    assert proof.because == "its bytes are not what was archived"


def test_a_record_was_put_in_the_place_of_another(layout: Layout) -> None:
    """It is whole, and all of its own digests hold."""
    wanted, other = (article(layout, f"{SITE}/a/{n}") for n in (2, 3))
    with closing(sqlite3.connect(layout.index)) as connection, connection:
        connection.execute(
            "UPDATE exchanges SET offset = -1 WHERE offset = ?", (other.location.offset,)
        )
        connection.execute(
            "UPDATE exchanges SET offset = ?, length = ?, record_id = ? WHERE offset = ?",
            (other.location.offset, other.location.length, other.location.record_id, wanted.location.offset),
        )  # fmt: skip
    proof = proven(layout, article(layout, f"{SITE}/a/2"))
    assert differing(proof)[:3] == ["payload digest", "fetched url", "time of capture"]
    assert {"title", "canonical url"} <= set(differing(proof))


def test_the_file_is_gone(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    reader.locate(layout.warcs, wanted.location.filename).unlink()
    proof = proven(layout, wanted)
    assert differing(proof) == ["record", "row"]
    assert proof.records[0].trouble == "no such WARC file"


def test_the_request_beside_it_was_damaged(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    path = reader.locate(layout.warcs, wanted.location.filename)
    with path.open("rb") as stream:
        records = [item for item in walk(stream, path.name) if isinstance(item, Record)]
    data = bytearray(path.read_bytes())
    for harmed in (
        records[0],
        records[5],
    ):  # the file's warcinfo, which is no part of it, and the request
        data[harmed.offset + harmed.length - 6] ^= 0xFF
    path.write_bytes(data)
    proof = proven(layout, wanted)
    assert differing(proof) == ["record"]
    assert proof.records[0].trouble.count("cannot be inflated") == 1
    assert proof.request_head == b""


def test_the_text_in_the_index_was_changed(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    changed = change(
        layout, wanted, "text = replace(text, 'the market opened', 'no market opened')"
    )
    proof = proven(layout, changed)
    assert differing(proof) == ["hash of the row", "text"]
    told = proof.differs[1].detail
    assert told.startswith(
        "4 words only in the index, 4 only in the bytes; first where the index has "
    )
    assert proof.because == "the row was changed after it was written: its text has not its hash"


def test_text_and_hash_in_the_index_were_changed(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    text = wanted.document.text.replace("market", "harbour")
    changed = change(
        layout, wanted, "text = ?, text_hash = ?", text, hashed(wanted.document.title, text)
    )
    proof = proven(layout, changed)
    assert differing(proof) == ["text hash", "text"]
    assert proof.because.startswith("neither another extractor nor other rules explain it")


def test_another_extractor_is_told_as_the_reason(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    text = wanted.document.text.replace("market", "harbour")
    values = (text, hashed(wanted.document.title, text), "1.0")
    changed = change(layout, wanted, "text = ?, text_hash = ?, extractor_version = ?", *values)
    proof = proven(layout, changed)
    assert differing(proof) == ["text hash", "text"]
    assert proof.because == f"it was read by trafilatura 1.0, and this is {extract.VERSION}"


def test_other_rules_are_told_as_the_reason(layout: Layout) -> None:
    wanted = article(layout, f"{SITE}/a/2")
    rules = Rules(drop=("p:first-of-type",))
    proof = proven(layout, wanted, [Source("news", f"{SITE}/", rules=rules)])
    assert differing(proof) == ["text hash", "text"]
    assert proof.because.startswith("the rules in sources.toml, or what was learned")


def test_any_other_field_was_changed(layout: Layout) -> None:
    changed = change(layout, article(layout, f"{SITE}/a/2"), "authors = ?", '["A. Forger"]')
    proof = proven(layout, changed)
    (check,) = proof.differs
    assert (check.what, check.index, check.bytes) == ("authors", "A. Forger", "")


@pytest.mark.parametrize(("before", "after"), [(True, 0), (False, 1), (None, 1), (True, None)])
def test_what_robots_said_was_changed(
    tmp_path: Path, before: bool | None, after: int | None
) -> None:
    layout, page = Layout(tmp_path / "archive"), f"{SITE}/a/1"
    fill(layout, capture(page, body=PAGE, link=link(page, robots=before)))
    assert proven(layout, article(layout, page)).differs == []
    with closing(sqlite3.connect(layout.index)) as connection, connection:
        connection.execute("UPDATE exchanges SET robots_allowed = ?", (after,))
    proof = proven(layout, article(layout, page))
    words = {True: "allowed", False: "disallowed", None: ""}
    (check,) = proof.differs
    told = words[None if after is None else bool(after)]
    assert (check.what, check.index, check.bytes) == ("robots.txt", told, words[before])
    assert proof.because == "the index says of the exchange what its record does not"


def test_a_page_that_another_crawler_kept(tmp_path: Path) -> None:
    data = packed([*wget(0), *wget(1)])
    layout = taken(Layout(tmp_path / "archive"), tmp_path / "in", "a.warc.gz", data)
    proof = proven(layout, article(layout, url(ARABIC[1])))
    assert proof.differs == []
    assert proof.request_head.startswith(b"GET / HTTP/1.1")  # which stands before its response
