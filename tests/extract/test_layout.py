from __future__ import annotations

import pytest
from lxml import html

from archiver.extract import layout

PROSE = "word " * 80


def plain(markup: str) -> str:
    tree = html.fragment_fromstring(markup, create_parent="section")
    layout.make_plain(tree)
    return (
        html.tostring(tree, encoding="unicode").removeprefix("<section>").removesuffix("</section>")
    )


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ("<div>one<br><br>two</div>", "<div><p>one</p><p>two</p></div>"),
        ("<div>one<br> <br>\n<br>two</div>", "<div><p>one</p><p>two</p></div>"),
        ("<div>one<br>1b<br><br>two</div>", "<div><p>one<br>1b</p><p>two</p></div>"),
        ("<p>one<br><br>two</p>", "<div><p>one</p><p>two</p></div>"),
        ("<font>one<br><br><b>two</b> more</font>", "<div><p>one</p><p><b>two</b> more</p></div>"),
        ("<div>one<br><br><p>two</p>three</div>", "<div><p>one</p><p>two</p><p>three</p></div>"),
        ("<div>one<br>two</div>", "<div>one<br>two</div>"),
        ("<div><br><br><img src='i'><br><br></div>", '<div><p><img src="i"></p></div>'),
    ],
)
def test_double_breaks_become_paragraphs(markup: str, wanted: str) -> None:
    assert plain(markup) == wanted


@pytest.mark.parametrize(
    ("markup", "left"),
    [
        (f"<table><tr><td>{PROSE}</td></tr></table>", 0),
        ("<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>", 0),
        ("<table><tr><td>1</td><td>2</td></tr></table>", 1),
    ],
)
def test_only_tables_of_figures_stay_tables(markup: str, left: int) -> None:
    made = plain(markup)
    assert made.count("<table") == made.count("<tr") == left
    assert html.fromstring(made).text_content() == html.fromstring(markup).text_content()
