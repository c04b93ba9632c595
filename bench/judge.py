"""Learn the judge: from pages whose text is known to the trees of ``archiver/extract/judge.json``.

`python -m bench.judge SET ...` reads sets such as those that `bench.extraction` scores and adds pages of
our own (`own_pages`). It takes every block that the judge would be asked about, and calls it
article where most of its words stand in the known text. First it reports what extraction is worth on
pages that the judge did not learn from (five parts, each left out once; of our own pages, whole
layouts): the whole road but for the profiles of sites, so the figures to expect of pages unseen.
Then, with `--write`, it learns from all and writes the file. Needs scikit-learn (``extractors.in``).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import md5
from pathlib import Path
from typing import Any

from lxml.html import Element

from archiver import extract
from archiver.demo.stories import load_stories
from archiver.extract import features, lexicon, road
from archiver.extract.blocks import Block
from archiver.extract.features import NAMES
from archiver.extract.road import Fate, Walk
from bench.extraction_road import capture_of
from bench.extraction_scores import Score, judge, summarise, words
from bench.extraction_set import Found, Page, Trouble, load, watched
from bench.seed import layouts

FILE = Path(extract.__file__).with_name("judge.json")
PARTS = 5
TREES, LEAVES, RATE = 120, 16, 0.1
EVERY = 8  # stories, of which one is set into all layouts
TRUST = {"aeb": 2.0, "arabic": 2.0}  # sets whose text was cut by hand count so much more
FULL = 400  # characters; a longer block counts no more
# What can only speak for a block being article, and what only against it, whatever a page or two of
# the sample say: it keeps the trees from learning accidents.
FOR = (
    "voted", "voted -1", "voted +1", "voted near", "voted text in its parent", "voted text in its grandparent",
    "voted text placed like it", "in main", "between", "in json-ld", "in the richest element", "prose around it",
    "voted text called like it",
)  # fmt: skip
AGAINST = (
    "linked", "not in json-ld", "copyright", "stands on the page twice", "author", "headline",
    *(f"called {name}" for name in (
        "comments", "related", "share", "subscribe", "ad", "nav", "hidden", "meta", "<nav>",
        "<footer>", "<aside>", "<form>", "unseen",
    )),
    *(f"reads like {kind}" for kind in features.KINDS),
    "a phrase of furniture in it", "a notice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One page: the texts of its blocks, and what the judge is asked.

    `numbers` are the blocks that it is asked about; `wanted` are those that are the article.
    """

    page: Page
    part: int
    title: str
    authors: frozenset[str]
    texts: list[str]
    numbers: list[int]
    rows: list[list[float]]
    wanted: list[bool]
    weights: list[float]


def sample(page: Page, html: bytes | None = None) -> Sample | None:
    """Measure one page, and tell its blocks apart by the known text."""
    html = page.html() if html is None else html
    found = extract.extract(capture_of(page, html), without=("judge",))
    if found is None or not found.way.rows:
        return None
    texts = [block.text for block in found.way.blocks]
    shares = _shares(texts, page.body)
    numbers = sorted(found.way.rows)
    voted = sum(len(texts[n]) for n in found.way.voted)
    return Sample(
        page,
        int(md5(page.id.partition(":")[0].encode()).hexdigest(), 16) % PARTS,
        found.alone.title,
        frozenset(map(lexicon.fold, found.alone.authors)),
        texts,
        numbers,
        [[float(value) for value in found.way.rows[n]] for n in numbers],
        [shares[n] > 0.5 for n in numbers],
        [_weight(len(texts[n]), voted, len(numbers)) for n in numbers],
    )


def _shares(texts: Sequence[str], gold: str) -> list[float]:
    """Return for each block the share of its words that stand in the gold, in its order."""
    own = [(word.lower(), n) for n, text in enumerate(texts) for word in words(text)]
    match = SequenceMatcher(None, [w for w, _ in own], [w.lower() for w in words(gold)], False)
    hits: Counter[int] = Counter()
    for start, _, length in match.get_matching_blocks():
        hits.update(n for _, n in own[start : start + length])
    size = Counter(n for _, n in own)
    return [hits[n] / size[n] if size[n] else 0.0 for n in range(len(texts))]


def _weight(length: int, voted: int, count: int) -> float:
    """Let each page count alike, and a long block more than a short one."""
    share = min(length, FULL) / min(max(voted, 200), 6000)
    return min(share, 0.2) + 1 / max(20, count)


def learn(samples: Sequence[Sample]) -> Any:
    """Return trees learned from `samples`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        learning_rate=RATE,
        l2_regularization=5,
        min_samples_leaf=30,
        random_state=0,
        monotonic_cst=[(name in FOR) - (name in AGAINST) for name in NAMES],
    )
    rows = [row for s in samples for row in s.rows]
    wanted = [told for s in samples for told in s.wanted]
    weights = [100 * _trust(s.page) * weight for s in samples for weight in s.weights]
    return model.fit(rows, wanted, sample_weight=weights)


def _trust(page: Page) -> float:
    """Return how much a page counts, by the set it is of."""
    return TRUST.get(page.path.parent.parent.name, 1.0)


def apply(model: Any, one: Sample) -> Score:
    """Score what is left of a page when `model` judges it and the steps behind the judge are taken."""
    anywhere = Element("p")
    way = Walk([Block(anywhere, text, 0, 0) for text in one.texts], [Fate() for _ in one.texts])
    road.weigh(way, one.numbers, [float(odd) for odd in model.decision_function(one.rows)])
    road.tidy(way, one.title, one.authors)
    return judge(one.page, Found("\n".join(way.lines)))


def across(samples: dict[str, list[Sample]]) -> None:
    """Print what extraction is worth on pages that the judge did not learn from."""
    every = [s for each in samples.values() for s in each]
    models = [learn([s for s in every if s.part != part]) for part in range(PARTS)]
    print(f"{'set':20} pages  shingle F1  ROUGE-L  exact   (each page judged by trees without it)")
    for name, each in samples.items():
        told = summarise([apply(models[s.part], s) for s in each])
        print(f"{name:20} {len(each):5}  {told.f1:10.4f}  {told.rouge:7.4f}  {told.exact:5.3f}")


def write(model: Any) -> None:
    """Write the trees of `model` as the archiver reads them."""
    trees = [_tree(iteration[0].nodes) for iteration in model._predictors]
    data = {"features": NAMES, "bias": round(float(model._baseline_prediction[0, 0]), 4)}
    lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    head = json.dumps(data, separators=(",", ":"))[:-1]
    FILE.write_text(f'{head},"trees":[\n{lines}\n]}}\n', "utf-8")


def _tree(nodes: Any) -> list[Any]:
    """Return a tree as a flat list: a leaf is its value; see `archiver.extract.judge.Node`."""

    def mean(n: int) -> tuple[float, int]:
        if nodes[n]["is_leaf"]:
            return float(nodes[n]["value"]), int(nodes[n]["count"])
        (one, some), (other, more) = mean(nodes[n]["left"]), mean(nodes[n]["right"])
        return (one * some + other * more) / (some + more), some + more

    return [
        round(float(node["value"]), 4)
        if node["is_leaf"]
        else [
            int(node["feature_idx"]),
            float(f"{node['num_threshold']:.6g}"),
            int(node["left"]),
            int(node["right"]),
            round(mean(n)[0], 4),
        ]
        for n, node in enumerate(nodes)
    ]


def own_pages() -> Iterator[tuple[Page, bytes]]:
    """Yield stories of the demo newspaper in all layouts; what is left out together is a layout.

    They stand for what the sets lack: pages without a name on anything, in Arabic and Persian.
    """
    stories = load_stories()
    for number, story in enumerate(s for s in stories if s.id % 1000 % EVERY == 0):
        related = [s for s in stories if s.language == story.language and s is not story]
        for rendered in layouts(story, related[number : number + 4]):
            body = "\n\n".join(story.paragraphs)
            yield (
                Page(
                    id=f"{rendered.name}:{story.id}",
                    path=Path(),
                    url=rendered.url,
                    site="",
                    language=story.language,
                    body=body,
                    title=story.title,
                    dates=(),
                    authors=(),
                ),
                rendered.body,
            )


def _samples(folders: Sequence[Path]) -> Iterator[tuple[str, list[Sample]]]:
    with ProcessPoolExecutor() as pool:
        for folder in folders:
            pages = load(folder)
            found = watched(pool.map(sample, pages, chunksize=4), len(pages), folder.name)
            yield folder.name, [s for s in found if s is not None]
        own = list(own_pages())
        found = watched(pool.map(sample, *zip(*own, strict=True)), len(own), "own")
        yield "own layouts", [s for s in found if s is not None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Report, and with --write learn and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.judge", description=main.__doc__)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    told = parser.parse_args(arguments)
    try:
        samples = dict(_samples(told.sets))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 2
    across(samples)
    if told.write:
        write(learn([s for each in samples.values() for s in each]))
        print(f"wrote {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
