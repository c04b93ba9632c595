"""Old page layouts made plain: layout tables, ``font`` as a container, paragraphs made of breaks.

trafilatura prints a layout table as a table, and of text between double breaks it keeps only the
beginning.
"""

from __future__ import annotations

from lxml.html import Element, HtmlElement

MAX_CELL = 300  # characters; a cell with more is prose
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "br",
        "cite",
        "code",
        "del",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)


def make_plain(tree: HtmlElement) -> None:
    """Turn layout tables into blocks and double breaks into paragraphs, in place."""
    _unwrap_tables(tree)
    for container in dict.fromkeys(b.getparent() for b in tree.iter("br") if _is_double(b)):
        _split(container)


def _unwrap_tables(tree: HtmlElement) -> None:
    """Turn tables that only lay out the page into blocks.

    Such a table holds another table, or a cell of prose; a table of figures does neither.
    """
    for table in list(tree.iter("table")):
        nested = table.find(".//table") is not None
        if nested or any(len("".join(cell.itertext())) > MAX_CELL for cell in table.iter("td")):
            for element in table.iter("table", "tbody", "tr", "td", "th", "center"):
                element.tag = "div"


def _is_double(element: HtmlElement) -> bool:
    following = element.getnext()
    return following is not None and following.tag == "br" and not (element.tail or "").strip()


def _split(container: HtmlElement) -> None:
    """Put the text between double breaks into paragraphs of its own."""
    if container.tag in _INLINE or container.tag == "p":
        container.tag = "div"
    children = list(container)
    paragraph = Element("p")
    paragraph.text, container.text = container.text, None
    container[:] = []
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag == "br" or child.tag not in _INLINE:
            double = child.tag != "br" or _ends_with_break(paragraph)
            if child.tag == "br" and not double:
                paragraph.append(child)
                child.tail = tail
                continue
            _add(container, paragraph)
            if child.tag != "br":
                container.append(child)
            paragraph = Element("p")
            paragraph.text = tail
        else:
            paragraph.append(child)
            child.tail = tail
    _add(container, paragraph)


def _ends_with_break(paragraph: HtmlElement) -> bool:
    if len(paragraph) == 0:
        return not (paragraph.text or "").strip()
    return paragraph[-1].tag == "br" and not (paragraph[-1].tail or "").strip()


def _add(container: HtmlElement, paragraph: HtmlElement) -> None:
    """Append a paragraph that says something."""
    if len(paragraph) and paragraph[-1].tag == "br" and not (paragraph[-1].tail or "").strip():
        paragraph.remove(paragraph[-1])
    if "".join(paragraph.itertext()).strip() or paragraph.find(".//img") is not None:
        container.append(paragraph)
