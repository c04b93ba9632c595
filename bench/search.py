"""How fast a large archive is searched, how large its text index is, and how fast that is made.

`python -m bench.search make FILE [--articles N] [--bytes N]` writes an index of made-up articles, half of
them Arabic and half English, in words whose frequencies follow Zipf's law; `python -m bench.search ask FILE`
asks it. `ask --naive` makes beside it what one would make at first, an FTS5 table over the same texts
(unicode61, sorted by the articles' dates), and asks both. `python -m bench.search rate` prints articles a second:
put one transaction after the other, and all at once. `fuzz FILE` asks random and hostile queries.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from archiver.errors import QueryError, UsageError
from archiver.executors.local import WorkerPool, worker_count
from archiver.executors.ordered import in_order
from archiver.store.finding import Finder
from archiver.store.rows import hashed
from archiver.store.schema import connect
from archiver.store.search import Index
from archiver.store.writing import Store
from archiver.timestamps import iso
from archiver.types import Query

FIRST_DAY = datetime(2009, 1, 1, tzinfo=UTC)
DAYS = 17 * 365
WORDS = 250_000  # of each language
ASKED = 60  # queries of each kind
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
PATTERNS = (
    "{}{}{}",
    "{}ا{}{}",
    "م{}{}و{}",
    "{}{}ا{}",
    "ت{}{}ي{}",
    "{}{}ي{}",
    "ا{}ت{}ا{}",
    "م{}ا{}{}",
    "است{}{}ا{}",
)
PREFIXES = ("", "", "", "ال", "وال", "بال", "و", "لل", "ب", "ل")
SUFFIXES = ("", "", "", "ه", "ات", "ون", "ين", "ها", "هم", "ية")
ONSETS = [
    *"bcdfghjklmnprstvw",
    *("st", "tr", "pr", "ch", "sh", "br", "cl"),
]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
CODAS = ("", "", "n", "r", "s", "t", "l", "nd", "ng")


def arabic(rng: random.Random) -> Iterator[str]:
    """Yield made-up Arabic words: roots in patterns, with what is written to them."""
    while True:
        stem = rng.choice(PATTERNS).format(*rng.sample(LETTERS[1:-3], 3))
        for _ in range(4):
            yield rng.choice(PREFIXES) + stem + rng.choice(SUFFIXES)


def english(rng: random.Random) -> Iterator[str]:
    """Yield made-up English words: syllables, with endings."""
    while True:
        syllables = (
            rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)
            for _ in range(rng.choice((1, 2, 2, 3)))
        )
        stem = "".join(syllables)
        for ending in ("", "s", "ed", "ing"):
            yield stem + ending


def vocabulary(made: Iterator[str], rng: random.Random, count: int) -> list[str]:
    """Return different words, the most frequent first."""
    found: dict[str, None] = {}
    for word in made:
        found[word] = None
        if len(found) == count:
            break
    shuffled = list(found)
    rng.shuffle(shuffled)
    return shuffled


class Press:
    """Writes made-up articles."""

    def __init__(self, size: int, words: int = WORDS) -> None:
        """Write articles of about `size` bytes of UTF-8."""
        self.random = random.Random(1)
        self.words = {
            "ar": vocabulary(arabic(self.random), self.random, words),
            "en": vocabulary(english(self.random), self.random, words),
        }
        self._weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(words)))
        self._lengths = {code: size / self._mean_bytes(own) for code, own in self.words.items()}
        self._sources = [f"source-{number}" for number in range(300)]
        self._shares = list(itertools.accumulate(1 / (rank + 1) for rank in range(300)))

    def _mean_bytes(self, words: list[str]) -> float:
        """Return the bytes of a word, with the space behind it."""
        some = self.random.choices(words, cum_weights=self._weights, k=5000)
        return statistics.mean(len(word.encode()) + 1 for word in some)

    def articles(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield articles in the order of a crawl that goes on for years: by their time, more or less."""
        rng = self.random
        for number in range(1, count + 1):
            language = rng.choice(("ar", "en"))
            length = max(20, int(rng.gauss(1, 0.3) * self._lengths[language]))
            chosen = rng.choices(self.words[language], cum_weights=self._weights, k=length)
            at = FIRST_DAY + timedelta(
                seconds=DAYS * 86_400 * number / count + rng.uniform(0, 864_000)
            )
            source = rng.choices(self._sources, cum_weights=self._shares)[0]
            yield {
                "id": number, "language": language, "title": " ".join(chosen[:8]), "text": " ".join(chosen[8:]),
                "at": iso(at.replace(microsecond=0)), "source": source,
                "url": f"https://{source}.example/{at:%Y/%m/%d}/{number}-{rng.choice(self.words['en'])}",
                "authors": json.dumps([f"Author {rng.randrange(2000)}"]),
            }  # fmt: skip


def insert(connection: sqlite3.Connection, article: dict[str, Any]) -> None:
    """Insert the rows of an article as a crawl would have."""
    row = article | {"hash": hashed(article["title"], article["text"])}
    connection.execute(
        "INSERT INTO articles (id, url, source, version_id, versions, first_seen, last_seen, sort_at)"
        " VALUES (:id, :url, :source, :id, 1, :at, :at, :at)", row)  # fmt: skip
    connection.execute(
        "INSERT INTO exchanges (id, url, at, status, mime, kind, source, digest, filename, offset, length,"
        " record_id, revisit, article_id, version) VALUES (:id, :url, :at, 200, 'text/html', 'article', :source,"
        " 'sha1:' || :id, 'a.warc.gz', :id, 1, 'urn:' || :id, 0, :id, 1)", row)  # fmt: skip
    connection.execute(
        "INSERT INTO versions (id, article_id, number, exchange_id, text_hash, title, text, authors, published_at,"
        " published_precision, language, tags, rights, flags, completeness, section, extractor, extractor_version,"
        " first_seen, last_seen) VALUES (:id, :id, 1, :id, :hash, :title, :text, :authors, :at, 'second', :language,"
        " '[]', '[]', '[]', 'whole', '', '', '', :at, :at)", row)  # fmt: skip


def make(path: Path, count: int, size: int) -> None:
    """Write an index of `count` articles."""
    began, text = time.perf_counter(), 0
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        for article in Press(size).articles(count):
            insert(connection, article)
            text += len(f"{article['title']}{article['text']}".encode())
        connection.execute("COMMIT")
    print(
        f"{count} articles, {text / 1e9:.2f} GB of text, written in {time.perf_counter() - began:.0f} s"
    )
    print(text_index(path, worker_count() - 1))
    sizes(path, text)


def text_index(path: Path, workers: int) -> str:
    """Make the text index, with some workers beside this process; returns how long that took."""
    began, before = time.perf_counter(), os.times()
    with closing(Store(path, deferred=True)) as store, closing(WorkerPool(workers or 1)) as pool:
        count = store.make_text_index(partial(in_order, pool, workers + 1) if workers else map)
    took, after = time.perf_counter() - began, os.times()
    here = after.user + after.system - before.user - before.system
    theirs = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return (
        f"all at once, {workers} workers: {count / took:.0f} articles/s by the clock;"
        f" {count / here:.0f} by the CPU time of this process ({here:.1f} s, and {theirs:.1f} s of workers)"
    )


def sizes(path: Path, text: int) -> None:
    """Print what the text index takes, beside the text."""
    with closing(sqlite3.connect(path)) as connection:
        blocks = "SELECT sum(length(block)) FROM article_text_data"
        (index,) = connection.execute(blocks).fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        rest = 0
        with suppress(sqlite3.OperationalError):  # built without dbstat
            (rest,) = connection.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'article_text*' OR name GLOB '*search_*'"
            ).fetchone()
    print(f"text index: {index / text:.3f} of the text (FTS5's blocks), {rest / text:.3f} with all its tables;"
          f" the file {pages * page / 1e9:.2f} GB")  # fmt: skip


def timed(call: Callable[[], object]) -> float:
    """Return the milliseconds of a call."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[int(len(times) * 0.95)]


def kinds(press: Press) -> dict[str, Callable[[], Query]]:
    """Return the kinds of queries, each with a maker."""
    rng = press.random

    def word(low: int, high: int, language: str = "") -> str:
        return press.words[language or rng.choice(("ar", "en"))][rng.randrange(low, high)]

    def several(count: int) -> str:
        language = rng.choice(("ar", "en"))
        return " ".join(word(5, 2000, language) for _ in range(count))

    def source() -> str:
        return f"source-{rng.randrange(300)}"

    return {
        "very common word": lambda: Query(word(0, 20)),
        "common word": lambda: Query(word(20, 1000)),
        "rare word": lambda: Query(word(20_000, 200_000)),
        "no word": Query,
        "word, source": lambda: Query(word(0, 1000), source=source()),
        "word, its language": lambda: Query(word(0, 1000, "ar"), language="ar"),
        "word, other language": lambda: Query(word(0, 1000, "ar"), language="en"),
        "word, days": lambda: Query(f"{word(0, 1000)} date:2015-0{rng.randrange(1, 10)}"),
        "3 words": lambda: Query(several(3)),
        "phrase": lambda: Query(f'"{several(2)}"'),
        "5-letter prefix": lambda: Query(next(w for w in iter(lambda: word(0, 100_000), "") if len(w) > 5)[:5] + "*"),
        "or, not": lambda: Query(f"({word(0, 500)} OR {word(0, 500)}) -{word(0, 500)}"),
    }  # fmt: skip


def ask(path: Path, naive: bool) -> None:
    """Print how long each kind of query takes, the text index alone and with articles and snippets."""
    press = Press(1300)
    with closing(sqlite3.connect(path)) as connection, Index(path) as index:
        connection.row_factory = sqlite3.Row
        finder = Finder(connection)
        ways: dict[str, Callable[[Query], object]] = {
            "newest": lambda query: finder.newest(finder.match(query), 20),
            "count": lambda query: finder.count(finder.match(query)),
            "relevance": lambda query: finder.relevant(finder.match(query), 20),
            "by source": lambda query: finder.facet(finder.match(query), "source"),
            "whole search": index.search,
        }
        print(f"{'p95 of ' + str(ASKED) + ', ms':20}" + "".join(f"{name:>14}" for name in ways))
        for kind, maker in kinds(press).items():
            queries = [maker() for _ in range(ASKED)]
            line = f"{kind:20}"
            for way in ways.values():
                for query in queries:
                    way(query)
                line += f"{p95([timed(lambda q=query, w=way: w(q)) for query in queries]):14.1f}"
            print(line, flush=True)
    cold(path, press)
    if naive:
        against_naive(path, press)


def cold(path: Path, press: Press) -> None:
    """Print what one search costs as a process of its own."""
    code = (
        "import sys; from archiver.cli import main\n"
        "sys.argv[0] = 'archiver'\n"
        "try: main()\n"
        "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    times, peak = [], 0
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    for rank in (3, 50, 400, 3000, 20_000) * 4:
        words = press.words["ar"][rank]
        command = [sys.executable, "-c", code, "search", words, "--archive", str(path.parent)]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=compiled)
        times.append((time.perf_counter() - began) * 1000)
        peak = max(peak, int(done.stderr.split()[-1]))
    print(f"a process of its own: median {statistics.median(times):.0f} ms, p95 {p95(times):.0f} ms,"
          f" {peak / 1024:.0f} MB at most")  # fmt: skip


def against_naive(path: Path, press: Press) -> None:
    """Print what FTS5 takes for very common words, newest first, as one would use it at first."""
    other = path.with_name("naive.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("ATTACH ? AS a", (str(path),))
        if not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
            connection.execute("CREATE VIRTUAL TABLE naive USING fts5(title, text)")
            connection.execute(
                "INSERT INTO naive (rowid, title, text) SELECT id, title, text FROM a.versions"
            )
            connection.commit()
        sql = (
            "SELECT n.rowid FROM naive n JOIN a.articles r ON r.id = n.rowid WHERE naive MATCH ?"
            " ORDER BY r.sort_at DESC LIMIT 20"
        )
        finder = Finder(connect(path))
        slow, fast = [], []
        for rank in range(20):
            term = press.words["en"][rank]
            connection.execute(sql, (f'"{term}"',)).fetchall()
            slow.append(timed(lambda t=term: connection.execute(sql, (f'"{t}"',)).fetchall()))
            query = Query(f'"{term}"')
            finder.newest(finder.match(query), 20)
            match = finder.match(query)
            fast.append(timed(lambda m=match: finder.newest(m, 20)))
    theirs, ours = statistics.median(slow), statistics.median(fast)
    print("very common words, newest first, median of the statement alone:"
          f" naive FTS5 {theirs:.1f} ms, here {ours:.3f} ms: {theirs / ours:.0f} x")  # fmt: skip


def rate(size: int, count: int) -> None:
    """Print how many articles a second of one core are put into the text index."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index.db")
        articles = list(Press(size).articles(count))
        with closing(Store(path)) as store:
            connection, index = store._connection, store._text_index
            connection.execute("PRAGMA foreign_keys = OFF")
            used = 0.0
            for group in (articles[n : n + 1000] for n in range(0, count, 1000)):
                with store.transaction():
                    for article in group:
                        insert(connection, article)
                began = time.process_time()
                with store.transaction():  # with its commit, in which FTS5 writes
                    for article in group:
                        index.touch(article["id"])
                used += time.process_time() - began
            print(
                f"put in transactions of 1,000: {count / used:.0f} articles/s of {size / 1000} kB"
            )
        for workers in sorted({0, max(1, worker_count() - 1)}):
            print(text_index(path, workers))


SIGNS = [
    *('"', "«", "»", "(", ")", "-", "*", ":", "OR", "AND", "NOT", "NEAR(", "^", "{", "}", "\x00", "\ud800", "\u202e"),
    *("title:", "text:", "source:", "lang:ar", "author:", "url:", "has:gone", "has:", "date:2015", "before:"),
    *("date:2014..", "after:7d", "-(", "OR (", "source:source-1"),
    *("ال*", "م*", "a*", "١*", "أمس", "ﷺ", "東京", "กรุงเทพ", "\U0001f600"),
]  # fmt: skip


def fuzz(path: Path, count: int, seed: int) -> None:
    """Ask `count` random and hostile queries in every way; print what failed, and what took longest."""
    press = Press(1300)
    rng = random.Random(seed)
    slowest, refused, stopped, failed = (0.0, "", ""), 0, 0, 0

    def piece() -> str:
        if rng.random() < 0.4:
            return rng.choice(SIGNS)
        own = press.words[rng.choice(("ar", "en"))]
        word = own[min(int(rng.paretovariate(0.3)), len(own)) - 1]
        return word if rng.random() < 0.8 else word[: rng.randrange(1, 5)] + "*"

    with Index(path) as index:
        ways: dict[str, Callable[[Query], object]] = {
            "search": index.search, "count": index.count, "unknown": index.unknown,
            "over time": index.over_time, "facet": lambda query: index.facet(query, "author"),
            "relevance": lambda query: index.search(replace(query, sort="relevance")),
        }  # fmt: skip
        for _ in range(count):
            text = rng.choice((" ", " ", " ", "")).join(
                piece() for _ in range(rng.randrange(1, 12))
            )
            name, way = rng.choice(list(ways.items()))
            began = time.perf_counter()
            try:
                way(Query(text))
            except QueryError:
                refused += 1
            except UsageError:  # it took too long
                stopped += 1
            except Exception as error:
                failed += 1
                print(f"{name}: {text!r}: {error!r}", flush=True)
            slowest = max(slowest, (time.perf_counter() - began, name, text))
    print(f"{count} queries, {refused} refused, {stopped} stopped, {failed} failed;"
          f" the slowest took {slowest[0] * 1000:.0f} ms: {slowest[1]} of {slowest[2]!r}")  # fmt: skip


def main() -> None:
    """Make, ask or rate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("job", choices=("make", "ask", "rate", "fuzz"))
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=2800)
    parser.add_argument("--queries", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--naive", action="store_true")
    options = parser.parse_args()
    if options.job == "rate":
        rate(1300, min(options.articles, 200_000))
    elif options.job == "fuzz":
        fuzz(options.file, options.queries, options.seed)
    elif options.job == "make":
        make(options.file, options.articles, options.bytes)
    else:
        ask(options.file, options.naive)


if __name__ == "__main__":
    main()
