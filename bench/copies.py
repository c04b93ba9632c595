"""How well copies are found, and how fast: `python -m bench.copies`, `python -m bench.copies large FILE`.

The first makes a set of known copies and of others that only look like them (`bench.copies_set`), has archiver
compare it, and prints by kind how many copies are in the cluster of their original (recall), and how many pairs in one
cluster are copies (precision). The second writes an index of so many made-up articles (`bench.search`), one in
four of them a copy, and prints articles a second, memory, and the size of the tables; then what one day more costs.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from archiver.clusters import Grouped, group
from archiver.store.writing import Store
from archiver.timestamps import iso
from bench.copies_set import Item, items
from bench.search import Press, insert

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = 30 * 24 * 60  # minutes
COPIED = 0.25  # of the articles of a large index
A_DAY = 2_000


@dataclass(frozen=True, slots=True)
class Quality:
    """What was found of a set, by kind: copies in all, and those in their original's cluster.

    `joined` are articles in the cluster of another, `wrong` those of them whose first is of another story; `pairs`
    are pairs of articles in one cluster that are of one story, `false_pairs` those that are not.
    """

    copies: Counter[str]
    found: Counter[str]
    joined: int
    wrong: Counter[str]
    pairs: int
    false_pairs: int

    @property
    def recall(self) -> float:
        """Share of the copies that are in the cluster of their original."""
        return self.found.total() / self.copies.total()

    @property
    def precision(self) -> float:
        """Share of the pairs within clusters that are copies of one text."""
        return self.pairs / max(1, self.pairs + self.false_pairs)

    @property
    def right(self) -> float:
        """Share of the articles in another's cluster that are copies of it."""
        return 1 - self.wrong.total() / max(1, self.joined)


def rows(made: Iterable[Item], seed: int) -> Iterator[tuple[Item, dict[str, Any]]]:
    """Yield each item with the row of an article; copies come within two days of their original."""
    rng = random.Random(seed)
    first: dict[int, int] = {}
    for number, item in enumerate(made, 1):
        begin = first.setdefault(item.story, rng.randrange(MONTH))
        minute = begin + (rng.randrange(1, 2880) if item.kind.count("original") == 0 else 0)
        yield item, row(number, item, BEGIN + timedelta(minutes=minute))


def row(number: int, item: Item, at: datetime) -> dict[str, Any]:
    """Return the row of an article of one of nine sources."""
    source = f"source-{number % 9}"
    return {
        "id": number, "language": item.language, "title": item.title, "text": item.text, "at": iso(at),
        "source": source, "url": f"https://{source}.example/{number}", "authors": "[]",
    }  # fmt: skip


def quality(store: Store, seed: int, spun: int) -> Quality:
    """Compare a set in an empty index, and say what was found."""
    kinds: dict[int, Item] = {}
    with store.transaction():
        for item, values in rows(items(seed, spun), seed):
            kinds[values["id"]] = item
            insert(store._connection, values)
    group(store)
    sql = "SELECT article_id, cluster_id FROM clusters"
    return judged(kinds, {row[0]: row[1] for row in store._connection.execute(sql)})


def judged(kinds: dict[int, Item], cluster_of: dict[int, int]) -> Quality:
    """Hold clusters against what the items are."""
    copies: Counter[str] = Counter()
    found: Counter[str] = Counter()
    originals = {
        item.story: number for number, item in kinds.items() if item.kind.startswith("original")
    }
    for number, item in kinds.items():
        if not item.kind.startswith(("original", "not: ")):
            copies[item.kind] += 1
            found[item.kind] += cluster_of[number] == cluster_of[originals[item.story]]
    joined = {number: first for number, first in cluster_of.items() if number != first}
    wrong = [n for n, first in joined.items() if kinds[n].story != kinds[first].story]
    told = Counter(kinds[number].kind for number in wrong)
    return Quality(copies, found, len(joined), told, *_pairs(kinds, cluster_of))


def _pairs(kinds: dict[int, Item], cluster_of: dict[int, int]) -> tuple[int, int]:
    """Return how many pairs within clusters are of one story, and how many are not."""
    clusters = defaultdict(list)
    for number, cluster in cluster_of.items():
        clusters[cluster].append(kinds[number].story)
    pairs = [pair for stories in clusters.values() for pair in combinations(stories, 2)]
    same = sum(one == other for one, other in pairs)
    return same, len(pairs) - same


def show(found: Quality, kinds: Counter[str]) -> None:
    """Print recall by kind, and false pairs by kind."""
    for kind, count in found.copies.items():
        elsewhere = f"{found.wrong[kind]:8} in the cluster of another story"
        print(f"{kind:28} {count:6} {found.found[kind] / count:8.3f} {elsewhere}")
    print(f"{'all copies: recall':28} {found.copies.total():6} {found.recall:8.3f}")
    for kind, count in kinds.items():
        if kind.startswith("not: "):
            print(
                f"{kind:28} {count:6} {'':8} {found.wrong[kind]:8} in the cluster of another story"
            )
    print(f"{'articles in a cluster: right':28} {found.joined:6} {found.right:8.3f}")
    print(f"{'pairs in a cluster: right':28} {found.pairs:6} {found.precision:8.3f}")


def made_quality(seed: int, spun: int) -> None:
    """Make a set, compare it and print what was found."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Store(Path(folder) / "index.db", deferred=True)) as store,
    ):
        found = quality(store, seed, spun)
    show(found, Counter(item.kind for item in items(seed, spun)))


def large(path: Path, count: int, size: int) -> None:
    """Write a large index, compare it, and then one day more."""
    rng = random.Random(2)
    with closing(Store(path, deferred=True)) as store:
        began = time.monotonic()
        written = iter(_copied(Press(size).articles(count + A_DAY), rng))
        _write(store, written, count)
        print(f"{count} articles written in {time.monotonic() - began:.0f} s")
        _measure(store, "all of them")
        _write(store, written, A_DAY)
        _measure(store, f"{A_DAY} more")
        _sizes(store._connection)


def _write(store: Store, written: Iterator[dict[str, Any]], count: int) -> None:
    for _ in range(0, count, 10_000):
        with store.transaction():
            for _ in range(min(count, 10_000)):
                if (article := next(written, None)) is not None:
                    insert(store._connection, article)


def _copied(articles: Iterable[dict[str, Any]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Put copies of articles that came shortly before in the place of some: cut, edited, or as they were."""
    recent: list[dict[str, Any]] = []
    for article in articles:
        if recent and rng.random() < COPIED:
            words = rng.choice(recent)["text"].split()
            words = words[: int(len(words) * rng.choice((0.4, 0.7, 1, 1, 1)))]
            words = [word if rng.random() > 0.04 else rng.choice(words) for word in words]
            article["text"] = " ".join(words)
        else:
            recent = [*recent[-500:], article]
        yield article


def _measure(store: Store, what: str) -> None:
    """Compare what is due, and print seconds of one core: others may use the machine."""
    began, wall, told = time.process_time(), time.monotonic(), [0]

    def progress(done: Grouped) -> None:
        if done.compared >= told[0] + 20_000:
            told[0] = done.compared
            taken = time.process_time() - began
            print(
                f"  {done.compared} in {taken:.0f} s of CPU: {done.compared / taken:.0f} a second",
                flush=True,
            )

    done = group(store, progress=progress)
    taken, wall = time.process_time() - began, time.monotonic() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{what}: {done.due} compared in {taken:.1f} s of CPU, {wall:.0f} s by the clock", end="; "
    )
    print(f"{done.due / taken:.0f} a second; {memory} MB at most", flush=True)


def _sizes(connection: sqlite3.Connection) -> None:
    (count,) = connection.execute("SELECT count(*) FROM clusters").fetchone()
    (groups,) = connection.execute("SELECT count(DISTINCT cluster_id) FROM clusters").fetchone()
    keys = connection.execute("SELECT sum(length(block)) FROM copy_keys_data").fetchone()[0]
    signatures = connection.execute("SELECT sum(length(signature)) FROM clusters").fetchone()[0]
    print(f"{count} articles in {groups} clusters")
    print(f"bytes an article: {keys / count:.0f} of keys, {signatures / count:.0f} of signatures")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench.copies")
    parser.add_argument("what", nargs="?", choices=("quality", "large"), default="quality")
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--spun", type=int, default=400, help="stories that are made beside the demo's"
    )
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--bytes", type=int, default=2_800)
    given = parser.parse_args()
    if given.what == "quality":
        made_quality(given.seed, given.spun)
    elif given.file is None or given.file.exists():
        parser.error("large wants a FILE that is not there yet")
    else:
        large(given.file, given.articles, given.bytes)


if __name__ == "__main__":
    main()
