"""Whatever is typed: a tree, or one QueryError that points into the query."""

from __future__ import annotations

import unicodedata
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.errors import QueryError
from archiver.query import (
    DEPTH,
    LENGTH,
    TERMS,
    All,
    Dates,
    Either,
    Node,
    Not,
    Tag,
    Words,
    parse,
    pointed,
    positive,
)  # fmt: skip
from tests.query.showing import show

TODAY = date(2026, 3, 31)
PIECES = st.sampled_from([
    *"()（）\"“”„«»‚‘’「」『』*＊-－—:：،؛،、.|& \n\t\x00", "\udcff", "\u200c", "\u200d", "\u200e", "\u200f", "\u202e",
    "\u2068", "\u2069", "\ufeff", "\u200b", "a", "b", "OR", "AND", "NOT", " OR ", " AND ", " NOT ", " or ",
    "title:", "text: ", "Source:", "url:", "http://e.example/a_(b)", "https://",
    "lang:", "has:", "author", "date:", "before:", "after:",
    "2019", "2019-03", "..", "7d",
    "٢٠١٩", "أمس", "9999", "0", "كلمة", "אב\"ג", "新聞", "é", "e\u0301", "x=", "date=", "☎",
])  # fmt: skip
OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
LEAVES = st.sampled_from([
    "a", "b*", '"a b"', "«c»", "title:d", 'author:"e f"', "url:g", "http://h", "source:i", "lang:ar", "has:date",
    "date:2019", "after:7d", "before:2019-03", "title:(a OR -b)", "lang:(ar OR fa)", "-OR", "text:NOT*", "كلمة", "新聞",
])  # fmt: skip


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(st.sampled_from(["({})", "-({})", "NOT ({})"]), parts).map(
            lambda p: p[0].format(p[1])
        ),
        st.tuples(parts, st.sampled_from([" ", " AND ", " OR "]), parts).map("".join),
    )


WELL_FORMED = st.recursive(LEAVES, combined, max_leaves=20)
QUERIES = st.lists(PIECES, max_size=40).map("".join)
ANYTHING = st.one_of(QUERIES, st.text(st.characters(exclude_categories=())))


def leaves(node: Node) -> list[Words | Tag | Dates]:
    match node:
        case All(parts) | Either(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Not(part):
            return leaves(part)
        case Words() | Tag() | Dates():
            return [node]


def checked(node: Node, depth: int = 0) -> None:
    """Hold a tree to what the docstrings of its nodes say."""
    assert depth <= 3 * DEPTH
    match node:
        case All(parts) | Either(parts):
            assert len(parts) >= 2
            for part in parts:
                assert type(part) is not type(node)
                checked(part, depth + 1)
        case Not(part):
            assert not isinstance(part, Not)
            checked(part, depth + 1)
        case Dates(since, until):
            assert since or until
        case Words():
            assert node.text == " ".join(node.text.split()) != ""
            assert not (node.exact and node.prefix)
            assert node.exact or " " not in node.text


def read(text: str) -> Node | QueryError | None:
    """Read a query that may be a mistake; any other error is the test's end."""
    try:
        return parse(text, TODAY)
    except QueryError as error:
        return error


@settings(deadline=None, max_examples=1000)
@given(ANYTHING)
@example("(" * 999)
@example("-" * 1000)
@example("NOT " * 249 + "NOT")
@example('title:"')
@example('"\u200c OR')
@example("date:\ufe70..")
@example("date:" + "\ufdfa" * 900)
@example("İ lang:İ")
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read(text)
    if isinstance(found, QueryError):
        assert 0 <= found.at < len(text)
        assert found.remedy
        assert not {unicodedata.category(c) for c in str(found)} & {"Cc", "Cs", "Zl", "Zp"}
        assert not set(str(found)) & OVERRIDES
    elif found is not None:
        checked(found)
        assert len(leaves(found)) <= TERMS
        assert all(0 <= leaf.at < len(text) for leaf in leaves(found))
        assert set(map(id, positive(found))) <= set(map(id, leaves(found)))


@settings(deadline=None, max_examples=1000)
@given(st.one_of(QUERIES, WELL_FORMED))
@example("NOT -OR")
@example("title:NOT a OR -title:(b c)")
@example('‚don’t «a» “b” "c" 「d」 『e』')
def test_what_was_read_reads_the_same_when_written_again(text: str) -> None:
    node = read(text)
    if node is not None and not isinstance(node, QueryError) and len(show(node)) <= LENGTH:
        assert read(show(node)) == node


@settings(deadline=None, max_examples=500)
@given(ANYTHING, st.integers(-5, 1200))
def test_a_place_can_be_shown_in_any_text(text: str, at: int) -> None:
    line, caret = pointed(text, at)
    assert caret == " " * (len(caret) - 1) + "^"
    assert len(caret) <= 73
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(line) & (OVERRIDES | set("\u2068\u2069\u200e\u200f\ufeff"))


@settings(deadline=None, max_examples=300)
@given(WELL_FORMED)
def test_what_is_well_formed_is_no_mistake(text: str) -> None:
    found = read(text)
    assert not isinstance(found, QueryError) or "deep" in found.what
