from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import judge
from bench.extraction_set import Page

LINES = [
    f"The ferry number {n} left the old harbour at noon, and the whole town came to see it off."
    for n in range(1, 7)
]
NOTICE = "Subscribe to our newsletter and read us with your breakfast."


class KeepsAll:
    """A judge that takes every block for the article, or none."""

    def __init__(self, odds: float) -> None:
        self.odds = odds

    def decision_function(self, rows: Sequence[Sequence[float]]) -> list[float]:
        return [self.odds] * len(rows)


def make_sample() -> judge.Sample:
    text = "".join(f"<p>{line}</p>" for line in (*LINES, NOTICE))
    html = f"<html><body><h1>The ferry is back</h1><div>{text}</div></body></html>"
    page = Page("a:1", Path("set/html/a"), None, "", "en", "\n\n".join(LINES), "", (), ())
    made = judge.sample(page, html.encode())
    assert made is not None
    return made


def test_blocks_are_told_apart_by_the_known_text() -> None:
    made = make_sample()
    assert [
        made.texts[n] for n, told in zip(made.numbers, made.wanted, strict=True) if told
    ] == LINES
    assert len(made.rows) == len(made.numbers) == len(made.weights)


@pytest.mark.parametrize(("odds", "exact"), [(3.0, True), (-3.0, False)])
def test_the_steps_behind_the_judge_are_taken_before_the_score(odds: float, exact: bool) -> None:
    made = make_sample()
    assert NOTICE in [made.texts[n] for n in made.numbers]
    assert judge.apply(KeepsAll(odds), made).exact is exact
