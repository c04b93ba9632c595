"""What the lab prints, in 120 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench import extraction_scores as scoring
from bench.extraction_scores import Gap, Score
from bench.extraction_set import Found, Page

BASE = "trafilatura"
GAPS = {
    "ROUGE-L": scoring.mean_rouge,
    "shingle F1": scoring.only_f1,
    "exact": scoring.mean_exact,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What one extractor made of a set; `seconds` of CPU are None where they were not measured."""

    founds: Sequence[Found]
    scores: Sequence[Score]
    seconds: float | None = None


def print_results(results: Mapping[str, Result]) -> None:
    """Print a line for each extractor."""
    timed = any(result.seconds for result in results.values())
    print(
        f"  {'':11} {'F1':>6} {'prec':>6} {'recall':>6}  {'ROUGE-L':7} {'95 %':16} {'exact':>5} {'<.9':>4}"
        f" {'title':>5} {'date + - 0':>11}" + f" {'docs/s':>7} {'CPU ms':>6} {'x traf':>6}" * timed
    )
    base = results[BASE].seconds if BASE in results else None
    for name, result in results.items():
        print(f"  {name:11} {_quality(result.scores)} {_speed(result, base)}".rstrip())


def _quality(scores: Sequence[Score]) -> str:
    s = scoring.summarise(scores)
    right, wrong, none = scoring.tally(scores, "title")
    asked = right + wrong + none
    title = f"{right / asked:.3f}" if asked else ""
    return (
        f"{s.f1:6.4f} {s.precision:6.4f} {s.recall:6.4f}  {s.rouge:.4f}  [{s.low:.4f}, {s.high:.4f}]"
        f" {s.exact:5.3f} {s.under:4} {title:>5} {_counts(scores, 'date'):>11}"
    )


def _counts(scores: Sequence[Score], field: str) -> str:
    """Return how many are right, wrong and not found, "" where the gold tells of none."""
    counted = scoring.tally(scores, field)
    return "/".join(map(str, counted)) if any(counted) else ""


def _speed(result: Result, base: float | None) -> str:
    if not result.seconds:
        return ""
    pages = len(result.founds)
    ratio = f"{result.seconds / base:6.2f}" if base else ""
    return f"{pages / result.seconds:7.1f} {1000 * result.seconds / pages:6.1f} {ratio}"


def print_names(results: Mapping[str, Result]) -> None:
    """Print who tells authors and languages, and how often rightly."""
    for field in ("authors", "language"):
        told = {name: scoring.tally(result.scores, field) for name, result in results.items()}
        parts = [
            f"{name} {right}/{wrong}/{none} = {right / (right + wrong + none):.3f}"
            for name, (right, wrong, none) in told.items()
            if right or wrong
        ]
        if parts:
            print(f"  {field} right/wrong/none: {', '.join(parts)}")


def print_gap(name: str, results: Mapping[str, Result]) -> None:
    """Print by how much an extractor beats plain trafilatura."""
    if name in results and BASE in results:
        ours, theirs = results[name].scores, results[BASE].scores
        better = sum(a.rouge > b.rouge for a, b in zip(ours, theirs, strict=True))
        worse = sum(a.rouge < b.rouge for a, b in zip(ours, theirs, strict=True))
        by = _gap(scoring.gap(ours, theirs, scoring.mean_rouge))
        print(f"  {name} - {BASE}: ROUGE-L {by}, better on {better} pages, worse on {worse}")


def _gap(gap: Gap) -> str:
    return f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"


def print_kinds(name: str, result: Result) -> None:
    """Print what pages were taken for; the text counts whatever that was."""
    taken = Counter(found.page or "nothing" for found in result.founds)
    print(f"  {name} takes them for: {', '.join(f'{n} {page}' for page, n in taken.most_common())}")


def print_errors(results: Mapping[str, Result]) -> None:
    """Print who raised something."""
    for name, result in results.items():
        if errors := [found.error for found in result.founds if found.error]:
            print(f"  {name} raised on {len(errors)} pages, first: {errors[0]:.90}")


def print_worst(pages: Sequence[Page], results: Mapping[str, Result], worst: int) -> None:
    """Print the worst pages of the first extractor, and how the others did on them."""
    first, *_ = (result.scores for result in results.values())
    order = sorted(range(len(pages)), key=lambda n: (first[n].rouge, pages[n].id))
    print("  " + " ".join(f"{name:>11}" for name in results) + "  worst pages, ROUGE-L")
    for n in order[:worst]:
        row = " ".join(f"{result.scores[n].rouge:11.3f}" for result in results.values())
        print(f"  {row}  {pages[n].id}")


def print_steps(whole: Result, parts: Mapping[str, Result]) -> None:
    """Print by how much the road is better or worse without each step."""
    head = "".join(f"{name:10} {'95 %':17}" for name in GAPS)
    print(f"  {'without':15} {head:83} title  date")
    for step, part in parts.items():
        ours, theirs = part.scores, whole.scores
        gaps = "".join(f"{_gap(scoring.gap(ours, theirs, each)):27} " for each in GAPS.values())
        more = "".join(f"{_more(ours, theirs, field):>6}" for field in ("title", "date"))
        print(f"  {step:15} {gaps.rstrip():83}{more}")


def _more(ours: Sequence[Score], theirs: Sequence[Score], field: str) -> str:
    """Return on how many pages more a field is right."""
    return f"{scoring.tally(ours, field)[0] - scoring.tally(theirs, field)[0]:+}"
