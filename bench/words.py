"""How fast texts are folded, and words found in them: `python -m bench.words`.

The texts are stories of the demo newspaper, and lines of our own in other scripts, each cut to 1,300
characters; a last one is hostile. Each figure is the best of some runs, in microseconds of one core.
"""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Callable
from time import perf_counter

from archiver import words
from archiver.demo.stories import load_stories

LETTERS = 1300
RUNS = 60
_OTHERS = {
    "Arabic, all vowels": "كَتَبَ الوَلَدُ الدَّرْسَ ثُمَّ ذَهَبَ إلى المَدْرَسَةِ. ",
    "Hindi": "सरकार ने आज शिक्षा के लिए एक नई योजना की घोषणा की। ",
    "Chinese": "市政府今天宣布一项新的教育计划，从下个月开始实施。",
    "Thai": "รัฐบาลประกาศแผนการศึกษาใหม่ในวันนี้ ",
}


def texts() -> dict[str, str]:
    """Return a text of each kind."""
    told: dict[str, str] = {}
    for story in load_stories():
        told[story.language] = told.get(story.language, "") + story.text + "\n"
    return {name: (text * LETTERS)[:LETTERS] for name, text in (told | _OTHERS).items()}


def best(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the microseconds of the fastest run."""
    taken = []
    for _ in range(runs):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return min(taken) * 1e6


def main() -> None:
    """Measure and print."""
    print(f"{'':20} {'fold':>8} {'spans':>8}  us for {LETTERS} characters (NFD: decomposed)")
    for name, text in texts().items():
        for form in ("", "NFD"):
            said = unicodedata.normalize("NFD", text) if form else text
            fold = best(lambda said=said: words.fold(said))
            spans = best(lambda said=said: list(words.spans(said)))
            print(f"{name:14} {form:5} {fold:8.0f} {spans:8.0f}")
    heap = "a" + "\u0e38\u0e48\u3099\u093c" * 250_000
    print(f"a million heaped marks: {best(lambda: words.fold(heap), 1) / 1000:.0f} ms")
    code = "import time; t = time.perf_counter(); import archiver.words; print(time.perf_counter() - t)"
    took = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    )
    print(f"import archiver.words: {took * 1000:.1f} ms")


if __name__ == "__main__":
    main()
