"""The lab: how good the text is that archiver reads from real pages, and how fast, beside others.

`python -m bench.extraction SET...` takes folders with gold.jsonl (one object a line: id, html, url,
lang, site, body, title, date, authors) and html/*.html.gz in UTF-8, runs archiver's road and other
extractors over the same pages, and prints for each: shingle F1, precision and recall; ROUGE-L with
its bootstrap 95 % interval; the share of pages that equal the gold word for word; pages under 0.9;
titles; dates right, wrong and missing; and the CPU of this one process, in which the extractors take
turns page by page.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from argparse import Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import process_time

from archiver.extract import STEPS
from bench import extraction_others as others
from bench import extraction_road as road
from bench import extraction_table as table
from bench.extraction_scores import judge
from bench.extraction_set import Found, Page, Trouble, load, save, watched
from bench.extraction_table import Result

TITLED = "daniel"  # the set whose gold has the title above the text


@contextmanager
def workers(jobs: int) -> Iterator[road.Each]:
    """Yield what applies a function to many things, in so many processes."""
    if jobs == 1:
        yield map
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield partial(pool.map, chunksize=4)


@dataclass(slots=True)
class Runner:
    """An extractor under way: what it found so far, and the CPU seconds it took."""

    name: str
    way: road.Road
    founds: list[Found] = field(default_factory=list)
    seconds: float = 0.0

    def run(self, page: Page, html: bytes) -> None:
        """Read one page; what the lab wants beyond a crawl is not timed."""
        read = self.way.read if self.name == road.NAME else others.OTHERS[self.name]
        start = process_time()
        found = others.guarded(partial(read, page, html))
        self.seconds += process_time() - start
        if self.name == road.NAME:
            found = others.guarded(partial(self.way.complete, page, html, found))
        self.founds.append(found)


def take_turns(pages: Sequence[Page], names: Sequence[str], way: road.Road) -> list[Runner]:
    """Let extractors read page by page in turns, another one first each time."""
    runners = [Runner(name, way) for name in names]
    for name in names:  # what is loaded once is no page's cost
        Runner(name, way).run(pages[0], pages[0].html())
    for number, page in enumerate(watched(pages, len(pages), "in turns")):
        html, first = page.html(), number % len(names)
        for runner in (*runners[first:], *runners[:first]):
            runner.run(page, html)
    return runners


def run_timed(pages: Sequence[Page], options: Namespace) -> dict[str, Result]:
    """Read a set with everyone in this process."""
    learns = road.NAME in options.extractors and not options.alone
    way = _learned(pages, options) if learns else road.Road(options.steps)
    runners = take_turns(pages, options.extractors, way)
    return {r.name: _result(pages, r.founds, options, r.seconds) for r in runners}


def _learned(pages: Sequence[Page], options: Namespace) -> road.Road:
    """Return the road with profiles, and tell what they cost."""
    road.read_first(pages[:1], options.steps, map)  # loads what is loaded once
    firsts = road.read_first(pages, options.steps, map)
    start = process_time()
    way = road.Road(options.steps, road.learn(pages, firsts))
    learning = process_time() - start
    known = sum(bool(way.profile(page)) for page in pages)
    first, more = (1000 * s / len(pages) for s in (sum(f.seconds for f in firsts), learning))
    print(
        f"  {len(way.profiles)} profiles, for {known} pages; CPU ms a page: "
        f"first reading {first:.1f}, learning {more:.1f}"
    )
    return way


def run_spread(pages: Sequence[Page], options: Namespace) -> dict[str, Result]:
    """Read a set with everyone in several processes, untimed."""
    results = {}
    with workers(options.jobs) as each:
        for name in options.extractors:
            if name == road.NAME:
                founds = road.read_set(pages, options.steps, options.alone, each)
            else:
                read = each(partial(others.read_one, name), pages)
                founds = list(watched(read, len(pages), name))
            results[name] = _result(pages, founds, options)
    return results


def _result(
    pages: Sequence[Page], founds: Sequence[Found], options: Namespace, cpu: float | None = None
) -> Result:
    if options.titled:
        founds = [found.with_title() for found in founds]
    return Result(founds, [judge(*pair) for pair in zip(pages, founds, strict=True)], cpu)


def compare(folder: Path, pages: Sequence[Page], options: Namespace) -> None:
    """Run one set through all extractors and print what comes of it."""
    results = (run_timed if options.jobs == 1 else run_spread)(pages, options)
    table.print_results(results)
    table.print_names(results)
    table.print_gap(road.NAME, results)
    if road.NAME in results:
        table.print_kinds(road.NAME, results[road.NAME])
    table.print_errors(results)
    if options.worst:
        table.print_worst(pages, results, options.worst)
    if options.predictions:
        for name, result in results.items():
            save(options.predictions / f"{folder.name}.{name}.jsonl", pages, result.founds)


def ablate(pages: Sequence[Page], options: Namespace) -> None:
    """Run one set down the road without each step in turn and print the differences."""
    with workers(options.jobs) as each:

        def read(*without: str) -> Result:
            steps = options.steps.union(without)
            return _result(pages, road.read_set(pages, steps, options.alone, each), options)

        whole = read()
        parts = {step: read(step) for step in STEPS if step not in options.steps}
    table.print_results({road.NAME: whole})
    table.print_steps(whole, parts)
    table.print_errors({road.NAME: whole, **parts})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every set; returns 2 when something that is needed is not there."""
    options = _parser().parse_args(arguments)
    try:
        _check(options)
        with _quiet():
            for folder in options.sets:
                _run(folder.resolve(), options)
    except Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 2
    return 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the extractors from telling what they lack and which pages they dislike."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def _run(folder: Path, options: Namespace) -> None:
    pages = load(folder, options.limit)
    options.titled = options.title_in_text
    if options.titled is None:
        options.titled = folder.name == TITLED
    sites = len(set(map(road.site_of, pages)) - {""})
    print(
        f"{folder.name}: {len(pages)} pages, {sites} sites"
        + (", each text with its title above it" if options.titled else "")
        + (f", without {', '.join(sorted(options.steps))}" if options.steps else "")
        + (", no profiles" if options.alone else "")
        + (f", {options.jobs} processes: no timing" if options.jobs > 1 else "")
    )
    if options.ablate:
        ablate(pages, options)
    else:
        compare(folder, pages, options)
    print(flush=True)


def _check(options: Namespace) -> None:
    """Look before hours are spent: is everything there that was asked for."""
    if not find_spec("rapidfuzz"):
        raise Trouble("RapidFuzz is not installed: 'make lab' puts it into a place of its own")
    options.steps = road.check_steps(options.without)
    options.extractors = list(dict.fromkeys(filter(None, options.extractors.split(","))))
    if not options.extractors:
        raise Trouble("--with names no extractor")
    for name in options.extractors:
        if name != road.NAME:
            others.check(name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.extraction", description=main.__doc__)
    known = ",".join([road.NAME, *others.OTHERS])
    default = f"{road.NAME},{table.BASE}"
    titled = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("sets", nargs="+", type=Path, metavar="SET", help="a folder with gold.jsonl and html/")
    add("--with", dest="extractors", default=default, metavar="NAMES", help=f"among {known}")
    add("--without", nargs="+", default=[], metavar="STEP", help="steps of the road to leave out")
    add(
        "--ablate", action="store_true", help="the road alone, without each step in turn; no timing"
    )
    add("--alone", action="store_true", help="learn no profiles of sites")
    add("--worst", type=int, default=0, metavar="N", help="list the first extractor's worst pages")
    add("--limit", type=_count, metavar="N", help="only the first N pages of a set")
    add("--jobs", type=_count, default=1, metavar="N", help="so many processes; no timing then")
    add("--predictions", type=Path, metavar="FOLDER", help="write what was read, as JSON lines")
    add("--title-in-text", action=titled, help=f"gold has titles in it (default: in {TITLED!r})")
    return parser


def _count(text: str) -> int:
    if (count := int(text)) < 1:
        raise ValueError
    return count


if __name__ == "__main__":
    sys.exit(main())
