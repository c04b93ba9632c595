"""A watch begins with the tick before which it was written: what that tick brings is new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archiver import alarming, clock, watching
from archiver.layout import Layout
from archiver.rebuild import rebuild
from archiver.store.runs import Runs
from archiver.work import Watch
from tests.crawl.site import Site
from tests.crawl.test_run import Turned, configured, next_due, tick, turned

pytestmark = pytest.mark.usefixtures("lent_worker")

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


def test_a_rebuild_makes_nothing_new(site: Site, archive: Path, turned: Turned) -> None:
    known = replace(configured(site), watches=(Watch("own", "source:site"),))
    layout = Layout(archive)
    site.stories("/a", "/b")
    tick(known, archive)
    rebuild(layout, known.sources, workers=1)
    with Runs(layout.runs) as runs:
        watching.look(runs, layout, known.watches, clock.now(), print)
        assert len(runs.events.latest()) == 2
        before = runs.watches.all()
        rebuild(layout, known.sources, workers=1)
        assert watching.look(runs, layout, known.watches, clock.now(), print) == 0
        assert runs.watches.all() == before
