from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from archiver.extract import blocks, profile
from archiver.extract.blocks import Block
from archiver.extract.profile import Profile, Seen, Where

TEMPLATE = (
    "<body><div class='nav'><p>Sections of the Post</p></div><article class='story item-{n}'>"
    "<h1>Headline {n}</h1><p>{text}</p><p>{more}</p><p class='promo'>Join our circle today.</p>"
    "</article></body>"
)


def stands(found: list[Block]) -> list[str]:
    return profile.places([block.element for block in found])


def lesson(n: int, *, layout: str = "article.story", at: str = "", extra: str = "") -> bytes:
    markup = TEMPLATE.format(n=n, text=f"Story {n}. " * 20, more=f"And more of {n}. " * 9) + extra
    found = blocks.split(html.document_fromstring(markup))
    sure = {2: 0.9, 3: 0.8, 4: 0.7}
    seen = Seen(found, stands(found), sure, ["the post", f"headline {n}"], headline=1)
    return profile.lesson(seen, layout, at or f"2026-03-{n:02}T00:00:00Z")


def known(pages: int) -> Profile:
    return profile.learn([lesson(n) for n in range(1, pages + 1)])


def test_too_few_pages_teach_nothing() -> None:
    assert known(profile.ENOUGH - 1) == Profile()
    assert known(profile.ENOUGH).pages == profile.ENOUGH


def test_places_lines_and_names_are_learned() -> None:
    learned = known(6)
    assert learned.places["body > article.story > p"] == Where(5, 0.95)
    assert learned.places["body > div.nav > p"].share == 0.05
    assert learned.lines == {"Join our circle today.": 6}
    assert learned.names == {"the post"}
    assert learned.title == "body > article.story > h1"


def test_a_place_leans_a_block_towards_what_stands_there() -> None:
    learned = known(6)
    assert learned.lean("body > article.story > p") > 1
    assert learned.lean("body > div.nav > p") < -3
    assert learned.lean("somewhere else") == 0


def test_copies_of_one_article_do_not_make_its_lines_repeat() -> None:
    assert profile.learn([lesson(1, at=f"2026-03-{n:02}") for n in range(1, 9)]) == Profile()


def test_a_line_that_never_looked_like_article_is_not_kept() -> None:
    assert "Sections of the Post" not in known(9).lines


def test_a_long_paragraph_that_some_stories_share_is_theirs() -> None:
    shared = f"<p>{'The fire of that summer burned for nine days in the old quarter. ' * 3}</p>"
    lessons = []
    for n in range(1, 21):
        markup = TEMPLATE.format(n=n, text=f"Story {n}. " * 20, more="x" * n) + shared * (n < 5)
        found = blocks.split(html.document_fromstring(markup))
        sure = dict.fromkeys(range(2, len(found)), 0.9)
        lessons.append(profile.lesson(Seen(found, stands(found), sure, []), "a", "2026"))
    assert list(profile.learn(lessons).lines) == ["Join our circle today."]


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_pages_does_not_matter(chance: random.Random) -> None:
    lessons = [lesson(n, layout="ab"[n % 2]) for n in range(1, 15)]
    shuffled = list(lessons)
    chance.shuffle(shuffled)
    assert profile.dumps(profile.learn(shuffled)) == profile.dumps(profile.learn(lessons))


def test_a_profile_survives_being_written() -> None:
    learned = known(7)
    assert profile.loads(profile.dumps(learned)) == learned
    assert profile.loads("") == Profile()


def test_one_page_more_seldom_changes_how_all_are_read() -> None:
    one, more = known(13), known(14)
    assert profile.dumps(one) != profile.dumps(more)
    assert profile.decisive(profile.dumps(one)) == profile.decisive(profile.dumps(more))
    assert profile.decisive("") == ""


def test_a_profile_of_another_version_is_none() -> None:
    text = profile.dumps(known(7)).replace(f'"version": {profile.VERSION}', '"version": 0')
    assert profile.loads(text) == Profile()


def test_a_new_layout_is_reported_with_its_day() -> None:
    old = [lesson(n) for n in range(1, 8)]
    new = [lesson(n, layout="main.post", at=f"2026-05-{n:02}T00:00:00Z") for n in range(20, 26)]
    before, after = profile.learn(old), profile.learn(old + new)
    assert after.layouts["main.post"].pages == 6
    assert profile.difference(before, after) == "new page layout since 2026-05-20, learned"
    assert profile.difference(Profile(), before) == "learned from 7 pages"
    assert profile.difference(after, after) == "read by other rules"
    more = profile.learn([*old, *new, lesson(30)])
    assert profile.difference(after, more) == "learned more, from 14 pages"


def test_places_are_called_without_numbers() -> None:
    markup = "<main id=main><div id=post-123 class='c post-123 big'><p>x</p></div></main>"
    block = blocks.split(html.document_fromstring(markup))[0]
    assert profile.place(block.element) == "body > main#main > div.big.c > p"
