"""A watch begins with the tick before which it was written: what that tick brings is new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from archiver import alarming, clock
from archiver.layout import Layout
from archiver.store.runs import Runs
from archiver.work import Watch
from tests.crawl.site import Site
from tests.crawl.test_run import Turned, configured, next_due, tick, turned

__all__ = ["turned"]


def test_what_a_run_brings_is_told_with_it(site: Site, archive: Path, turned: Turned) -> None:
    known = configured(site)
    layout = Layout(archive)

    def told() -> list[tuple[str, str]]:
        tick(known, archive)
        with Runs(layout.runs) as runs:
            alarming.conclude(runs, known, layout, ["site"], clock.now(), print)
            events = reversed(runs.events.latest())
            return [(e.data["watch"], e.data["url"].rpartition("/")[2]) for e in events]

    site.stories("/a")
    assert told() == []
    known = replace(known, watches=(Watch("own", "source:site"),))
    site.stories("/a", "/b")
    turned.set(next_due(archive))
    assert told() == [("own", "b")]  # and nothing that was there when it began
    site.stories("/a", "/b", "/c")
    known = replace(known, watches=(*known.watches, Watch("other", "url:c")))
    turned.set(next_due(archive))
    assert told() == [("own", "b"), ("own", "c"), ("other", "c")]
