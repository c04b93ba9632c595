"""What counts as a copy of a text, and what does not."""

import pytest

from archiver import copies
from archiver.demo.stories import load_stories

STORIES = {story.id: story for story in load_stories()}
ARABIC, ENGLISH, PERSIAN = STORIES[1001], STORIES[2004], STORIES[3003]
OTHER = STORIES[1005]


def alike(one, other):
    return copies.alike(copies.read("", one), copies.read("", other))


def shared(one, other):
    """How many keys two texts share."""
    first, second = (copies.signature(copies.read("", text)) for text in (one, other))
    return sum(first[n : n + 4] == second[n : n + 4] for n in range(0, len(first), 4))


def test_headline_spelling_and_punctuation_make_no_other_text():
    plain = str.maketrans(
        {"أ": "ا", "إ": "ا", "ة": "ه", "ى": "ي", "ي": "ی", "ك": "ک", "،": " ", "»": '"'}
    )
    told = ARABIC.text.translate(plain).replace("المنارة", "المـنـارة").replace("بحر", "بَحْر")
    assert told != ARABIC.text
    assert copies.read("One", told) == copies.read("Another", ARABIC.text)


@pytest.mark.parametrize("story", [ARABIC, ENGLISH, PERSIAN])
def test_a_cut_copy_is_alike_the_whole_whichever_is_named_first(story):
    cut = "\n\n".join(story.paragraphs[:2])
    assert len(cut) < 0.6 * len(story.text)
    assert alike(cut, story.text) == alike(story.text, cut) == 1
    assert shared(cut, story.text) >= copies.LEAST


def test_a_word_changed_here_and_there_makes_no_other_text():
    words = ENGLISH.text.split()
    words[::14] = ["otherwise"] * len(words[::14])
    assert 0.9 < alike(" ".join(words), ENGLISH.text) <= 1


def test_as_many_new_words_in_one_piece_are_counted():
    words = ENGLISH.text.split()
    changed = len(words[::14])
    words[20 : 20 + changed] = ["otherwise"] * changed
    assert alike(" ".join(words), ENGLISH.text) < 0.94


def test_stories_that_share_a_paragraph_are_two():
    one = "\n\n".join([*ARABIC.paragraphs[:3], OTHER.paragraphs[0]])
    other = "\n\n".join([OTHER.paragraphs[0], *OTHER.paragraphs[1:]])
    assert alike(one, other) == 0


def test_a_follow_up_that_is_half_background_is_another_story():
    new = [*OTHER.paragraphs[:2]]
    background = [*ARABIC.paragraphs[-2:]]
    follow_up = "\n\n".join(new + background)
    held = sum(len(paragraph.split()) for paragraph in background) / len(follow_up.split())
    assert 0.35 < held < 0.7
    assert alike(follow_up, ARABIC.text) == 0


def test_reports_of_one_form_differ_in_their_numbers():
    form = (
        "The highest temperature at the harbour today is {} degrees and the lowest {}, say the people of the weather"
        " office on the hill above the town. Rain of {} millimetres and waves of {} centimetres are expected."
    )
    assert alike(form.format(21, 14, 3, 80), form.format(19, 11, 0, 120)) == 0
    assert alike(form.format(21, 14, 3, 80), form.format(21, 14, 3, 80) + " More soon.") > 0.9


def test_a_brief_in_a_long_round_up_is_no_copy_of_it():
    brief = ENGLISH.paragraphs[0]
    others = [
        p
        for s in STORIES.values()
        if s.language == "en" and s.id != ENGLISH.id
        for p in s.paragraphs[:1]
    ]
    round_up = "\n\n".join([brief, *others])
    assert len(copies.read("", brief).words) >= copies.SHORT
    assert alike(brief, round_up) == 0


def test_short_texts_are_copies_only_with_the_same_words_and_headline():
    short = "Watch the film of the regatta here."
    assert copies.read("Regatta", short).same == copies.read("REGATTA!", short.upper()).same
    assert copies.read("Regatta", short).same != copies.read("Concert", short).same
    assert alike(short, short + " Now.") == 0
    assert copies.signature(copies.read("Regatta", short)) == b""


def test_title_and_text_are_not_run_into_one_another():
    assert copies.read("a b", "c").same != copies.read("a", "b c").same


@pytest.mark.parametrize(
    "text", ["", " ", "\ud800", "ـَُ", "م" * 100_000, "a " * 30_000, "中文" * 50]
)
def test_any_text_can_be_compared(text):
    read = copies.read(text, text)
    assert copies.alike(read, read) == 1
    assert len(copies.signature(read)) in (0, 4 * copies.KEYS)


def test_a_signature_is_the_same_on_every_machine():
    # Another one makes a METHOD of its own necessary, or old and new signatures would be compared.
    told = copies.signature(copies.read("", ENGLISH.text))
    assert len(told) == 4 * copies.KEYS
    assert told[:8].hex() == "57704706065e3d01"
