from __future__ import annotations

import pytest

from archiver import extract
from archiver.extract import explain, profile
from archiver.extract.road import STEPS
from archiver.types import Rules
from tests.extract.pages import PARAGRAPHS, capture, html

TITLE = "The harbour office is open again"
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
LINKS = "".join(
    f'<li><a href="/story/{n}">Another story of the week, number {n}</a></li>' for n in range(5)
)
COMMENTS = "".join(
    f'<div class="comment"><b>Reader {n}</b><p>I was there number {n} and it was not like that, and'
    " nobody will tell me that it was, because I saw it from the bridge.</p></div>"
    for n in range(4)
)


def read(body: str, without: tuple[str, ...] = (), rules: Rules | None = None) -> list[str]:
    page = capture(html(f"<div class='page'><h1>{TITLE}</h1>{body}</div>"))
    found = extract.extract(page, "", rules or Rules(), without)
    assert found is not None
    return found.document.text.split("\n\n")


@pytest.mark.parametrize(
    "around",
    [
        f"<div><h3>Related news</h3><ul>{LINKS}</ul></div>",
        f"<div class='more-stories'><ul>{LINKS}</ul></div>",
        f"<h3>Comments (4)</h3>{COMMENTS}",
        "<p>المزيد..</p><p>إضافة تعقيب</p><p>Share this article</p>",
        "<p><a href='/a'>Read also: a story about the bridge of the old town</a></p>",
        "<footer><p>© 2026 The Post. All rights reserved.</p></footer>",
        "<aside class='newsletter'><p>Sign up to our newsletter and get the news every day.</p></aside>",
    ],
)
def test_what_stands_around_the_article_goes(around: str) -> None:
    assert read(f"<div class='text'>{BODY}</div>{around}") == PARAGRAPHS


def test_headline_byline_and_date_line_go() -> None:
    top = f"<p>{TITLE}</p><p>بقلم: سلمى الدروبي</p><p>5 May 2026</p>"
    assert read(f"<div class='text'>{top}{BODY}</div>") == PARAGRAPHS


def test_a_subheading_a_quote_and_a_list_stay() -> None:
    inside = (
        "<h2>What the winter did to the quay</h2><blockquote><p>We waited for this day, said the"
        " keeper of the lamp.</p></blockquote><ul><li>The first bridge opens in May of next year.</li>"
        "<li>The second one opens in the summer after it.</li></ul>"
    )
    lines = read(f"<div class='text'>{BODY}{inside}{BODY.replace('visit', 'call')}</div>")
    assert lines[5:9] == [
        "What the winter did to the quay",
        "We waited for this day, said the keeper of the lamp.",
        "The first bridge opens in May of next year.",
        "The second one opens in the summer after it.",
    ]


def test_characters_are_kept_as_they_came() -> None:
    odd = "می\u200cرود و نمی\u200cآید، كَتَبَ العـــربية والخِلافة بخطٍّ جميل في دفتر المدينة القديم، وقرأها الناس."
    assert odd in read(f"<div class='text'>{BODY}<p>{odd}</p>{BODY.replace('visit', 'call')}</div>")


def test_rules_choose_the_body_and_drop_from_it() -> None:
    body = f"<div class='text'>{BODY}</div><div class='box'><p>Only this is wanted here.</p><i>x</i></div>"
    assert read(body, rules=Rules(body=("div.box",), drop=("//i",))) == [
        "Only this is wanted here."
    ]
    assert read(body, rules=Rules(body=("div.not-here",))) == read(body)


def test_notices_to_readers_go_from_the_end_only() -> None:
    notice = "Subscribe to our newsletter and read us with your breakfast."
    text = f"<div class='text'>{BODY}<p>{notice}</p><p>Reporting by Ann Lee</p></div>"
    assert read(text, ("judge",)) == PARAGRAPHS
    within = f"<div class='text'><p>{notice}</p>{BODY}</div>"
    assert read(within, ("judge",)) == [notice, *PARAGRAPHS]


@pytest.mark.parametrize("step", STEPS)
def test_each_step_can_be_left_out(step: str) -> None:
    assert set(PARAGRAPHS) <= set(read(f"<div class='text'>{BODY}</div>", (step,)))


def test_leaving_out_the_lexicon_shows() -> None:
    body = f"<div class='text'>{BODY}<p>Photo: A. Lee</p>{BODY.replace('visit', 'call')}</div>"
    assert "Photo: A. Lee" not in read(body)
    kept = [fate for fate in _fates(body, ("judge", "lexicon")) if fate.text == "Photo: A. Lee"]
    assert kept[0].kept


def _fates(body: str, without: tuple[str, ...] = ()) -> list[explain.Explained]:
    found = extract.extract(capture(html(f"<h1>{TITLE}</h1>{body}")), without=without)
    assert found is not None
    return explain.explain(found.way)


def test_every_block_is_explained() -> None:
    told = _fates(f"<p>{TITLE}</p>{BODY}<p>Share this article</p><ul>{LINKS}</ul>")
    assert [block.text for block in told if block.kept] == PARAGRAPHS
    assert all(block.step and block.why and block.place for block in told)
    by_text = {block.text: block for block in told}
    assert by_text[PARAGRAPHS[0]].why.startswith("trafilatura took it")
    assert by_text["Another story of the week, number 1"].step == "judge"


def test_a_place_that_the_site_fills_with_articles_is_kept_even_unvoted() -> None:
    short = "<div class='note'><p>Closed until Monday.</p></div>"
    body = f"<div class='text'>{BODY}</div><div class='x'><ul>{LINKS}</ul></div>{short}"
    place = "body > div.page > div.note > p"
    known = profile.Profile(9, {place: profile.Where(9, 0.99)})
    page = capture(html(f"<div class='page'><h1>{TITLE}</h1>{body}</div>"))
    assert "Closed until Monday." not in (extract.read(page).document or _NONE).text
    reading = extract.read(page, profile.dumps(known))
    assert (reading.document or _NONE).text.endswith("Closed until Monday.")


def test_a_page_without_text_takes_the_one_in_its_linked_data() -> None:
    told = "\\n\\n".join(PARAGRAPHS)
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{told}"}}</script>'
    document = extract.read(capture(html("<div id='app'></div>", head, TITLE))).document
    assert (document or _NONE).text.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "told",
    [
        "<p>One &amp; two.</p><!-- no --><p>Three.</p>",
        "<?xml version='1.0' encoding='utf-8'?><p>One &amp; two.</p><p>Three.\\u0000</p>",
        "<p>One & two.<p>Three.&#11;",
    ],
)
def test_markup_in_linked_data_is_read_and_not_kept(told: str) -> None:
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{told}"}}</script>'
    found = extract.extract(capture(html("<div id='app'></div>", head, TITLE)))
    assert found is not None
    assert found.document.text == "One & two.\n\nThree."


_NONE = extract.Document("", "", "")


@pytest.mark.parametrize(
    "rules",
    [
        Rules(body=("td.story",)),
        Rules(body=("//td[@class='story']",), drop=("//p[starts-with(., 'Join')]",)),
        Rules(drop=("//p[.='Join us today and tomorrow.']", "td.side")),
    ],
)
def test_rules_see_the_page_as_it_was_sent(rules: Rules) -> None:
    cells = f"<td class=side><p>{PARAGRAPHS[0]} Side.</p></td><td class=story>{BODY}"
    table = f"<table><tr>{cells}<p>Join us today and tomorrow.</p></td></tr></table>"
    lines = read(table, rules=rules)
    assert [line for line in lines if not line.startswith("Join")] == PARAGRAPHS


def test_a_page_is_read_alike_however_its_elements_hash() -> None:
    inner = "<b>".join(f"line {n} of the poem<br><br>" for n in range(40))
    page = capture(html(f"<div>{inner}<span>{inner}<br><br>{inner}</span></div>"))
    assert len({str(extract.read(page)) for _ in range(5)}) == 1
