from __future__ import annotations

import pytest
from lxml import html

from archiver import selectors

TREE = html.document_fromstring(
    "<div id=a class='x y'><p>one</p></div><div class=y><p>two</p><p>three</p></div>"
)


def texts(*told: str) -> list[str]:
    return ["".join(e.itertext()) for e in selectors.find(TREE, told)]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("p", ["one", "two", "three"]),
        ("div#a p", ["one"]),
        ("div.y > p", ["one", "two", "three"]),
        ("//div[2]/p", ["two", "three"]),
        ("(//p)[last()]", ["three"]),
        ("./body/div", ["one", "twothree"]),
        ("h1", []),
        ("//p/text()", []),
        ("//p[$unknown]", []),
    ],
)
def test_css_and_xpath_find_elements(selector: str, found: list[str]) -> None:
    assert texts(selector) == found


def test_each_element_is_found_once_in_the_order_of_the_selectors() -> None:
    assert texts("//p[.='two']", "p") == ["two", "one", "three"]


@pytest.mark.parametrize("selector", ["", "div[", "//p[", "p::before-that", "a > > b"])
def test_a_broken_selector_is_said(selector: str) -> None:
    assert selectors.problem(selector)


@pytest.mark.parametrize("selector", ["p", "div.a b", "//p[1]", "(//p)[1]"])
def test_a_good_one_is_not(selector: str) -> None:
    assert selectors.problem(selector) == ""
