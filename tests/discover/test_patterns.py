from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.discover.patterns import MOST_BARREN, Budget, fair, pattern

HOME = "https://news.example"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/2026/03/14/tide", "/2025/12/01/boats", True),
        ("/calendar/2026/03/14", "/calendar/1999/01/01", True),
        ("/s/a8f3e2/story", "/s/77c01b/story", True),
        ("/list?page=1&day=2", "/list?day=7&page=900", True),
        ("/calendar/2026/03/14", "/2026/03/14/tide", False),
        ("/news/2026/tide", "/sport/2026/tide", False),
        ("/list?page=1", "/list?id=1", False),
    ],
)
def test_a_pattern_is_what_a_trap_makes_many_of(one: str, other: str, same: bool) -> None:
    assert (pattern(HOME + one) == pattern(HOME + other)) == same


def test_few_links_stay_as_they_are() -> None:
    urls = [f"{HOME}/{n}" for n in range(5)]
    assert fair(urls, 5) == urls


@pytest.mark.parametrize(
    "trap",
    [
        [f"{HOME}/calendar/{n}/01/01" for n in range(2000)],
        [f"{HOME}/s{n}/2026/03/14/a-long-story-of-it" for n in range(2000)],
        ["/".join([HOME, "abcdefghij"[n % 10] * (n % 97 + 1) + "klmno"[n % 5] * (n % 89 + 1),
                   "2026", "x"]) for n in range(2000)],
    ],
)  # fmt: skip
def test_no_pattern_crowds_out_another(trap: list[str]) -> None:
    good = [f"{HOME}/news/2026/03/14/story-{n}" for n in range(50)]
    chosen = fair(trap + good, 500)
    assert len(chosen) == 500
    assert set(good) <= set(chosen)
    assert [url for url in chosen if url in good] == good


@given(st.lists(st.text(max_size=30).map(lambda path: f"{HOME}/{path}"), max_size=40),
       st.integers(0, 20))  # fmt: skip
def test_a_fair_choice_invents_nothing(urls: list[str], most: int) -> None:
    chosen = fair(urls, most)
    assert len(chosen) == min(most, len(urls))
    assert all(chosen.count(url) <= urls.count(url) for url in chosen)


def test_a_budget_is_spent_by_pages_that_are_no_articles() -> None:
    budget = Budget()
    for n in range(MOST_BARREN):
        assert not budget.spent(f"{HOME}/calendar/{n}")
        budget.count(f"{HOME}/calendar/{n}", article=False)
    assert budget.spent(f"{HOME}/calendar/9999")
    assert not budget.spent(f"{HOME}/news/9999")


def test_a_pattern_with_articles_is_no_trap() -> None:
    budget = Budget()
    for n in range(MOST_BARREN * 2):
        budget.count(f"{HOME}/news/{n}", article=n % 8 == 0)
    assert not budget.spent(f"{HOME}/news/9999")
