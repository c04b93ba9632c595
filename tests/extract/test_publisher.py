from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from lxml import html

from archiver import extract, lines
from archiver.extract import blocks, publisher
from archiver.extract.blocks import Block
from archiver.extract.publisher import Labels
from archiver.types import Capture
from tests.extract.pages import capture, link

TEXT = [
    f"Paragraph {n} of the story tells what the council said of bridge {n} and of its repair."
    for n in range(6)
]
OTHER = [
    f"Walk {n} of our travel club leads its readers through cellars and gardens." for n in range(4)
]
BOX = "<div class='club'>{}</div>"


def story(*parts: str) -> list[Block]:
    return blocks.split(html.document_fromstring(f"<body><div class=text>{''.join(parts)}</div>"))


def p(line: str) -> str:
    return f"<p>{line}</p>"


def labelled(
    page: Sequence[Block], told: str | None = None, sure: float = 0.8
) -> dict[str, float] | None:
    """Return what the feed makes of the judge's word, who is as `sure` of every block."""
    known = lines.write(TEXT) if told is None else told
    found = publisher.labels(page, dict.fromkeys(range(len(page)), sure), known)
    return found and {page[n].text: share for n, share in found.sure.items()}


def test_lines_of_the_feed_are_sure_and_others_between_them_are_not() -> None:
    page = story(*map(p, TEXT[:3]), BOX.format(p(OTHER[0])), *map(p, TEXT[3:]))
    found = labelled(page, sure=0.3)
    assert found == dict.fromkeys(TEXT, 1.0) | {OTHER[0]: 0.0}


def test_a_line_that_nobody_looked_at_is_sure_too() -> None:
    page = story(*map(p, TEXT))
    assert publisher.labels(page, {}, lines.write(TEXT)) == Labels(
        dict.fromkeys(range(6), 1.0), frozenset()
    )


def test_a_feed_that_tells_of_another_page_says_nothing() -> None:
    assert labelled(story(*map(p, TEXT[:3]))) is None  # half of it
    assert labelled(story(*map(p, TEXT[:4]))) is not None
    assert labelled(story(*map(p, TEXT)), "") is None
    assert labelled(story(*map(p, reversed(TEXT)))) is None
    assert labelled(story(*map(p, TEXT)), "no keys at all but many words") is None


def test_a_last_line_of_the_feeds_own_does_no_harm() -> None:
    told = lines.write([*TEXT[:3], f"The post {OTHER[0]} appeared first on The Post."])
    assert labelled(story(*map(p, TEXT[:3])), told) == dict.fromkeys(TEXT[:3], 1.0)


def test_captions_and_short_lines_are_left_to_the_judge() -> None:
    figure = f"<figure><img src=x><figcaption>{OTHER[0]}</figcaption></figure>"
    page = story(*map(p, TEXT[:3]), figure, "<h2>Short heading</h2>", *map(p, TEXT[3:]))
    found = labelled(page)
    assert found == dict.fromkeys(TEXT, 1.0) | {OTHER[0]: 0.8, "Short heading": 0.8}


def test_a_line_among_the_feeds_lines_may_have_been_edited_since() -> None:
    found = labelled(story(*map(p, TEXT[:3]), p(OTHER[0]), *map(p, TEXT[3:])))
    assert found == dict.fromkeys(TEXT, 1.0) | {OTHER[0]: 0.8}


def test_a_standfirst_is_left_to_the_judge_and_a_wall_of_text_is_not() -> None:
    front = f"<p class=lead>{OTHER[0]}</p>"
    assert labelled(story(front, *map(p, TEXT))) == dict.fromkeys(TEXT, 1.0) | {OTHER[0]: 0.8}
    wall = [line * 3 for line in OTHER]
    found = labelled(story(BOX.format("".join(map(p, wall))), *map(p, TEXT * 3)))
    assert found is not None
    assert {found[line] for line in wall} == {0.0}


def test_behind_the_last_line_the_feed_is_believed_where_it_tells_the_most() -> None:
    page = story(*map(p, TEXT), BOX.format(p(OTHER[0])))
    found = labelled(page)
    assert found is not None
    assert found[OTHER[0]] == 0.0
    cut = labelled(page, lines.write(TEXT, goes_on=True))
    assert cut is not None
    assert cut[OTHER[0]] == 0.8


def test_a_feed_that_ends_early_says_nothing_of_the_rest() -> None:
    rest = "".join(map(p, [*TEXT[3:], *OTHER]))
    page = story(*map(p, TEXT[:3]), BOX.format(rest))
    found = labelled(page, lines.write(TEXT[:3]))
    assert found == dict.fromkeys(TEXT[:3], 1.0) | dict.fromkeys([*TEXT[3:], *OTHER], 0.8)


def test_a_list_of_links_is_no_text_though_the_feed_has_it() -> None:
    linked = [f"<a href=/x>{line}</a>" for line in OTHER]
    found = labelled(story(*map(p, TEXT), *map(p, linked)), lines.write([*TEXT, *OTHER]))
    assert found == dict.fromkeys(TEXT, 1.0) | dict.fromkeys(OTHER, 0.8)


def test_of_a_line_that_stands_twice_the_one_in_its_row_is_taken() -> None:
    page = story(BOX.format(p(TEXT[0])), *map(p, TEXT), BOX.format(p(TEXT[2])))
    found = publisher.labels(page, dict.fromkeys(range(8), 0.8), lines.write(TEXT))
    assert found is not None
    assert found.sure == {0: 0.8, **dict.fromkeys(range(1, 7), 1.0), 7: 0.8}


STORY = [
    "The {0} will close its doors for {1} weeks from Monday, the council said, so that its roof can"
    " be mended before the autumn rains.",
    "Work on the roof was first asked for in 199{1}, when water came through the ceiling of the {0}"
    " and ruined a part of what was kept there.",
    '"We have waited long enough, and so have the people who come to the {0} each day," the head of'
    " the works department told the meeting.",
    "Some {1} firms have offered to do the work; the cheapest of them asks for 4{1} million crowns,"
    " which is more than the town has put aside.",
    "Members of the opposition said that the {0} had been forgotten for years, and that nobody had"
    " counted what its closing would cost the shops nearby.",
    "The {0} is to open again on the 1{1}th of October, with a feast to which all who live in the"
    " quarter are invited.",
]
HOUSES = ["harbour", "museum", "library", "theatre", "station", "market", "school", "hospital"]


def told_of(n: int) -> list[str]:
    return [line.format(HOUSES[n], n + 2) for line in STORY]


def captured(n: int, box: str, *, told: bool) -> Capture:
    """A story whose last paragraphs but one stand in a `box` that is no usual place for them."""
    text = list(map(p, told_of(n)))
    told_in = "".join([*text[:3], box.format("".join(text[3:5])), text[5]])
    title = f"Roof of the {HOUSES[n]} to be mended"
    made = capture(
        f"<html><head><title>{title}</title></head><body><div class=page><h1>{title}</h1>"
        f"<div class=tale>{told_in}</div></div></body></html>"
    )
    return replace(made, link=link(told=lines.write(told_of(n)))) if told else made


@pytest.mark.parametrize(
    "box", ["<footer class=newsletter>{}</footer>", "<form class=poll>{}</form>"]
)
@pytest.mark.parametrize("labelled", [0, 5])
def test_labels_win_paragraphs_back_that_the_judge_doubts(box: str, labelled: int) -> None:
    pages = [captured(n, box, told=n < labelled) for n in range(8)]
    lessons = [found.data for page in pages if (found := extract.read(page).lesson)]
    known = extract.learn(lessons)
    for n, page in enumerate(pages):
        alone, better = extract.extract(page), extract.extract(page, known)
        assert alone
        assert better
        whole = "\n\n".join(told_of(n))
        assert alone.document.text != whole
        assert (better.document.text == whole) is bool(labelled)
