from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from archiver.extract import blocks


def split(markup: str, mark: bool = False) -> list[blocks.Block]:
    return blocks.split(html.document_fromstring(markup), mark)


def texts(markup: str) -> list[str]:
    return [block.text for block in split(markup)]


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one <b>bold</b> and <a href=x>linked</a> text</p>", ["one bold and linked text"]),
        ("<div>before<p>inside</p>after</div>", ["before", "inside", "after"]),
        ("<p>a line<br>and another</p>", ["a line", "and another"]),
        ("<p>a<br><br><br>b</p>", ["a", "b"]),
        ("<p>of <ruby><rb>東</rb><rt>とう</rt></ruby> now</p>", ["of 東とう now"]),
        ("<ul><li>one</li><li>two <ul><li>three</li></ul></li></ul>", ["one", "two", "three"]),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td></td></tr></table>",
            ["a | b", "c"],
        ),
        ("<p>seen</p><script>x()</script><style>p {}</style><p>too</p>", ["seen", "too"]),
        ("<p>one <script>x()</script>two</p>", ["one two"]),
        ("<p>   </p><p>\u00a0</p><p>\u200b</p><p>x</p>", ["x"]),
        ("<p>Sahel\u00adzone</p>", ["Sahelzone"]),
        ("<p>می\u200cرود</p><p>عـَلَم</p>", ["می\u200cرود", "عـَلَم"]),
        ("<h1>Head</h1>tail<blockquote>said</blockquote>", ["Head", "tail", "said"]),
        ("<select><option>x</option></select><p>y</p>", ["y"]),
    ],
)
def test_a_page_is_split_into_the_lines_it_shows(markup: str, lines: list[str]) -> None:
    assert texts(markup) == lines


def test_links_are_measured() -> None:
    block = split("<p>see <a href=a>here</a> and <a href=b>there</a></p>")[0]
    assert (block.links, block.linked, block.text) == (2, 9, "see here and there")


def test_a_block_knows_the_block_element_around_it() -> None:
    found = split("<div><span>one</span></div><p><b>two</b></p><table><tr><td>x</td></tr></table>")
    assert [block.element.tag for block in found] == ["div", "p", "tr"]


def test_marking_tells_the_blocks_apart_and_leaves_their_text() -> None:
    tree = html.document_fromstring("<p>  one</p><p><b>two</b> more</p>three")
    found = blocks.split(tree, mark=True)
    assert [block.text for block in found] == ["one", "two more", "three"]
    assert blocks.marked("".join(tree.itertext())) == {0, 1, 2}
    assert blocks.marked("".join(tree.xpath("//p[2]")[0].itertext())) == {1}


@given(st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1), max_size=6))
def test_paragraphs_come_back_as_they_are(lines: list[str]) -> None:
    tree = html.Element("body")
    for line in lines:
        paragraph = html.Element("p")
        paragraph.text = line
        tree.append(paragraph)
    unseen = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
    wanted = [" ".join(line.translate(unseen).split()) for line in lines]
    assert [block.text for block in blocks.split(tree)] == [line for line in wanted if line]


def test_deep_nesting_is_walked() -> None:
    assert texts("<div>" * 200 + "deep" + "</div>" * 200) == ["deep"]
