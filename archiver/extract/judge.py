"""The judge: which blocks are the article, from what can be seen of them.

A sum of small decision trees (gradient boosting: Friedman 2001), learned by ``bench/judge.py`` from
pages whose text is known, and kept as numbers in ``judge.json``. It starts from trafilatura's vote and
gives back what that lost and takes off what it let through; on pages that it had not learned from
it was right more often than any one extractor. A decision can be explained: each step down a tree
moves the sum, and the move belongs to the feature that was asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from archiver.extract.features import NAMES

# Inner node: (feature, threshold, at most, above, mean); a leaf is a number.
Node = Any


@lru_cache(maxsize=1)
def _trees() -> tuple[float, list[Node]]:
    data = json.loads(files(__package__).joinpath("judge.json").read_text("utf-8"))
    if tuple(data["features"]) != NAMES:
        raise RuntimeError(
            "judge.json was learned from other features: run 'python -m bench.judge'"
        )
    return data["bias"], [_node(tree, 0) for tree in data["trees"]]


def _node(tree: list[list[float] | float], number: int) -> Node:
    """Nest the nodes of a tree, which the file holds as a flat list."""
    node = tree[number]
    if not isinstance(node, list):
        return node
    feature, threshold, below, above, mean = node
    return int(feature), threshold, _node(tree, int(below)), _node(tree, int(above)), mean


def score(rows: Sequence[Sequence[float]]) -> list[float]:
    """Return for each row the log-odds that the block is the article: above 0 it is."""
    weigh = _weigh()
    return [weigh(row) for row in rows]


@lru_cache(maxsize=1)
def _weigh() -> Callable[[Sequence[float]], float]:
    """Return the sum of all trees as one function of a row.

    This is the innermost loop of a crawl, and one compiled expression runs several times as fast as a
    walk from node to node. It is made of nothing but the numbers of our own file.
    """
    bias, trees = _trees()
    terms = (repr(bias), *map(_expression, trees))
    weigh: Callable[[Sequence[float]], float] = eval(f"lambda row: {' + '.join(terms)}")
    return weigh


def _expression(node: Node) -> str:
    if type(node) is not tuple:
        return repr(float(node))
    feature, threshold, below, above, _ = node
    return f"({_expression(below)} if row[{feature}] <= {threshold!r} else {_expression(above)})"


def reasons(row: Sequence[float]) -> list[tuple[str, float]]:
    """Return what each feature moved the log-odds by, the strongest first."""
    moved: Counter[str] = Counter()
    for node in _trees()[1]:
        while type(node) is tuple:
            feature, threshold, below, above, mean = node
            node = below if row[feature] <= threshold else above
            moved[NAMES[feature]] += (node[4] if type(node) is tuple else node) - mean
    return sorted(moved.items(), key=lambda item: -abs(item[1]))
