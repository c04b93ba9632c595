"""Alarms, on simulated newspapers: one for each trouble, none where there is none, and none that comes and goes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.alarms import WINDOW, Known, decide
from archiver.types import Kind
from archiver.work import Alarm, AlarmKind, Counts, Endpoint, Run, RunState

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FEED = "https://post.example/rss"
Spans = Sequence[tuple[float, float]]  # in days from the begin


@dataclass
class Paper:
    """A newspaper that is asked again and again; what happens is written down as archiver would."""

    published: Sequence[datetime]
    start: datetime = MONDAY
    every: timedelta = 3 * HOUR
    down: Spans = ()  # the site answers nothing
    off: Spans = ()  # archiver does not run
    broken: Spans = ()  # its feed fails, and nothing else does
    unread: Spans = ()  # its pages cannot be read: they bring no articles
    stuck: Spans = ()  # its feed does not change
    feeds: int = 0  # else hubs only; where there are two, the second is never stuck
    silent_after: timedelta | None = None
    backlog: int = 30
    runs: list[Run] = field(default_factory=list)
    arrived: list[datetime] = field(default_factory=list)
    told: list[tuple[datetime, str]] = field(default_factory=list)
    open: Alarm | None = None

    def inside(self, spans: Spans, moment: datetime) -> bool:
        day = (moment - self.start) / DAY
        return any(begin <= day < end for begin, end in spans)

    def live(self, days: float) -> Paper:
        """Let so many days go by."""
        feed = Endpoint(FEED, Kind.FEED, self.every, self.start)
        other = Endpoint(FEED + "2", Kind.FEED, self.every, self.start)
        due, seen = self.start, self.start
        while due < self.start + days * DAY:
            began = due
            while self.inside(self.off, began):
                began += 10 * MINUTE
            if began >= self.start + days * DAY:
                break
            down, stuck = self.inside(self.down, began), self.inside(self.stuck, began)
            broken = self.inside(self.broken, began)
            fresh = 0
            if not down and not broken and not (stuck and not self.feeds > 1):
                fresh = sum(seen < moment <= began for moment in self.published)
                fresh += self.backlog * (not self.runs)
                seen = began
            read = fresh if not self.inside(self.unread, began) else fresh // 10
            self.arrived += [began + MINUTE + MINUTE / 60 * n for n in range(read)]
            feed = feed.visited(
                began,
                brought=fresh > 0 and not stuck,
                changed=fresh > 0 and not stuck,
                failed=down or broken,
            )
            other = other.visited(began, brought=fresh > 0, failed=down)
            counts = Counts(
                new=read, requests=2 + fresh, failed=(2 + fresh) * down, pages=fresh, read=read
            )
            self.runs.append(
                Run(
                    len(self.runs),
                    "post",
                    due,
                    began,
                    began + 5 * MINUTE,
                    RunState.DONE,
                    counts=counts,
                )
            )
            self.judge(began + 5 * MINUTE, [feed, other][: self.feeds])
            due = began + self.every
        return self

    def judge(self, now: datetime, endpoints: Sequence[Endpoint]) -> None:
        since = (self.open.raised_at if self.open else now) - WINDOW
        known = Known(
            now,
            [moment for moment in self.arrived if moment >= now - WINDOW],
            [run for run in reversed(self.runs) if run.began_at >= since],
            endpoints,
            self.silent_after,
            self.open,
        )
        wanted = decide(known)
        if wanted and not self.open:
            self.told.append((now, wanted[0].value))
            self.open = Alarm("post", wanted[0], now, wanted[1])
        elif wanted and self.open:
            self.open = replace(self.open, kind=wanted[0], what=wanted[1])
        elif self.open:
            self.told.append((now, "cleared"))
            self.open = None

    @property
    def kinds(self) -> list[str]:
        return [kind for _, kind in self.told]


def daily(
    days: float, hours: Sequence[float] = (7, 9, 12, 15, 18), start: datetime = MONDAY
) -> list[datetime]:
    return [start + day * DAY + hour * HOUR for day in range(int(days)) for hour in hours]


def on_days(moments: Sequence[datetime], wanted: Callable[[datetime], bool]) -> list[datetime]:
    return [moment for moment in moments if wanted(moment)]


@pytest.mark.parametrize(("every", "days"), [(HOUR / 4, 8), (2 * HOUR, 40), (DAY, 60)])
@pytest.mark.parametrize("feeds", [0, 1, 2])
def test_a_paper_that_comes_out_raises_no_alarm(every: timedelta, days: int, feeds: int) -> None:
    assert Paper(daily(days), every=every, feeds=feeds).live(days).told == []


@pytest.mark.parametrize("first", range(7))
@pytest.mark.parametrize("hour", [0, 8.5, 13])
def test_nor_does_one_that_has_weekends(first: int, hour: float) -> None:
    start = MONDAY + first * DAY
    published = on_days(daily(40, start=start), lambda moment: moment.weekday() < 5)
    assert Paper(published, start=start + hour * HOUR, feeds=1).live(22).told == []


@pytest.mark.parametrize("step", [2, 3, 4, 7, 10])
@pytest.mark.parametrize("hour", [0, 8.5, 23])
@pytest.mark.parametrize("hours", [(8,), (7, 9, 12, 15, 16, 17, 18)])
@pytest.mark.parametrize("feeds", [1, 2])
def test_nor_does_one_that_comes_out_every_few_days(
    step: int, hour: float, hours: Sequence[float], feeds: int
) -> None:
    published = on_days(daily(50, hours), lambda moment: (moment - MONDAY).days % step == 0)
    start = MONDAY + hour * HOUR
    assert Paper(published, start=start, every=4 * HOUR, backlog=3, feeds=feeds).live(45).told == []


def test_one_that_stops_is_silent_once_and_stays_so_for_as_long_as_it_lasts() -> None:
    paper = Paper(daily(15)).live(75)
    assert paper.kinds == ["silent"]
    raised = paper.told[0][0]
    assert 24 * HOUR < raised - paper.arrived[-1] < 34 * HOUR  # twice the night of 13 hours, or 15
    assert paper.open is not None
    assert paper.open.what.startswith("no new article since 2026-03-16 18:")
    assert "at least every 15 hours" in paper.open.what


def test_it_ends_once_with_the_first_new_article() -> None:
    paper = Paper([*daily(15), *daily(12, start=MONDAY + 20 * DAY)]).live(32)
    assert paper.kinds == ["silent", "cleared"]
    assert paper.told[1][0] - (MONDAY + 20 * DAY + 7 * HOUR) < 3 * HOUR


def test_what_the_user_says_goes_before_what_was_learned() -> None:
    assert Paper(daily(15), silent_after=4 * DAY).live(18.5).told == []
    paper = Paper(daily(15), silent_after=4 * DAY).live(30)
    assert paper.kinds == ["silent"]
    assert paper.told[0][0] > MONDAY + 18.75 * DAY
    never = Paper([], silent_after=DAY).live(3)
    assert never.kinds == ["silent"]


def test_a_paper_that_never_brought_anything_is_not_known_to_be_silent() -> None:
    assert Paper([], backlog=0).live(40).told == []
    assert Paper([], backlog=500).live(40).told == []


def test_the_first_import_teaches_nothing() -> None:
    few = on_days(daily(60, (8,)), lambda moment: (moment - MONDAY).days % 5 == 4)
    assert Paper(few, backlog=2000).live(55).told == []


@pytest.mark.parametrize("off", [(5.3, 8.3), (10, 24), (2, 2.5), (12.5, 40)])
def test_the_time_in_which_nobody_looks_is_no_silence(off: tuple[float, float]) -> None:
    assert Paper(daily(60), off=[off]).live(60).told == []


def test_nor_does_it_teach_that_silence_is_usual() -> None:
    paper = Paper(daily(20), off=[(5, 12)]).live(26)
    assert paper.kinds == ["silent"]
    assert paper.told[0][0] - paper.arrived[-1] < 2 * DAY


@pytest.mark.parametrize("every", [HOUR, 6 * HOUR])
@pytest.mark.parametrize("begin", [0.5, 6.4, 13.9])
def test_a_server_that_is_down_for_a_day_is_one_alarm_and_one_end(
    every: timedelta, begin: float
) -> None:
    paper = Paper(daily(30), every=every, down=[(begin, begin + 1)], feeds=1).live(20)
    assert paper.kinds == ["unreachable", "cleared"]
    (raised, _), (cleared, _) = paper.told
    assert 6 * HOUR <= raised - (MONDAY + begin * DAY) <= 19 * HOUR
    assert cleared - (MONDAY + (begin + 1) * DAY) < 2 * every + HOUR


def test_one_that_is_down_for_weeks_is_one_too() -> None:
    assert Paper(daily(80), down=[(20, 60)]).live(80).kinds == ["unreachable", "cleared"]


def test_one_that_comes_and_goes_is_one_alarm() -> None:
    down = [(10 + n * 0.1, 10 + n * 0.1 + 0.08) for n in range(3)]  # two hours each
    assert Paper(daily(13), every=HOUR / 4, down=down).live(13).told == []
    hours = [(10 + n * 0.5, 10 + n * 0.5 + 0.49) for n in range(8)]  # up for a look, twice a day
    paper = Paper(on_days(daily(30), lambda m: not 10 <= (m - MONDAY) / DAY < 14), down=hours)
    assert paper.live(30).kinds == ["unreachable", "cleared"]


def test_a_silent_paper_whose_server_goes_down_is_one_alarm() -> None:
    published = [*daily(12), *daily(10, start=MONDAY + 20 * DAY)]
    paper = Paper(published, down=[(14, 16)]).live(30)
    assert paper.kinds == ["silent", "cleared"]


def test_a_feed_that_stands_still_while_another_brings_is_stale() -> None:
    paper = Paper(daily(30), stuck=[(15, 22)], feeds=2).live(30)
    assert paper.kinds == ["stale", "cleared"]
    assert paper.told[0][0] < MONDAY + 17 * DAY
    assert paper.told[1][0] - (MONDAY + 22 * DAY) < 12 * HOUR


def test_it_is_one_alarm_for_as_long_as_it_lasts() -> None:
    assert Paper(daily(80), stuck=[(15, 70)], feeds=2).live(80).kinds == ["stale", "cleared"]


def test_a_stale_feed_that_fails_is_not_well_again() -> None:
    paper = Paper(daily(30), stuck=[(15, 30)], feeds=2).live(20)
    assert paper.open is not None
    feed = Endpoint(FEED, Kind.FEED, HOUR, MONDAY).visited(MONDAY + 14.75 * DAY, brought=True)
    known = Known(MONDAY + 20 * DAY, paper.arrived, paper.runs, open=paper.open)
    assert paper.open.what.startswith(
        f"{FEED} brings nothing and does not change since 2026-03-16 18:"
    )
    other = Endpoint("x", Kind.FEED, HOUR, MONDAY).visited(MONDAY + 19 * DAY, brought=True)
    failing = feed.visited(MONDAY + 19 * DAY, failed=True)
    assert decide(replace(known, endpoints=[failing, other])) == (AlarmKind.STALE, paper.open.what)
    assert decide(replace(known, endpoints=[failing, other], open=None)) is None


def test_where_the_only_feed_stands_still_that_is_one_alarm_not_two() -> None:
    paper = Paper(daily(40), stuck=[(15, 22)], feeds=1).live(30)
    assert paper.kinds == ["stale", "cleared"]
    stale = Paper(daily(60), stuck=[(15, 60)], feeds=1).live(60)
    assert stale.kinds == ["stale"]
    assert stale.open is not None
    assert FEED in stale.open.what
    assert Paper(daily(15), feeds=1, silent_after=4 * DAY).live(18.5).told == []


def test_a_feed_that_fails_for_ever_leaves_the_source_silent() -> None:
    paper = Paper(daily(30), broken=[(12, 30)], feeds=1).live(30)
    assert paper.kinds == ["silent"]


def test_silence_is_what_was_asked_for_in_vain_not_what_was_not_asked() -> None:
    paper = Paper(daily(12), feeds=1).live(12.9)
    assert paper.told == []
    since, now = paper.arrived[-1], MONDAY + 13.5 * DAY
    feed = Endpoint(FEED, Kind.FEED, HOUR, MONDAY).visited(since, brought=True)
    hourly = [
        Run(999 + n, "post", at, at, at + MINUTE, RunState.DONE, counts=Counts(requests=1))
        for n in range(15)
        if (at := MONDAY + 12.9 * DAY + n * HOUR)
    ]
    known = Known(now, paper.arrived, [*paper.runs, *hourly])
    for asked, kind in ((12.7, None), (13.45, "stale")):
        polled = feed.visited(MONDAY + asked * DAY)
        verdict = decide(replace(known, endpoints=[polled]))
        assert (verdict[0].value if verdict else None) == kind
        other = Endpoint("x", Kind.FEED, HOUR, MONDAY).visited(MONDAY + 13.45 * DAY, brought=True)
        verdict = decide(
            replace(known, endpoints=[replace(polled, brought=9), other], arrived=[now])
        )
        assert (verdict[0].value if verdict else None) == kind


def test_a_feed_of_rare_things_is_not_stale() -> None:
    rare = on_days(daily(60, (8,)), lambda moment: (moment - MONDAY).days % 6 == 0)
    assert Paper(rare, feeds=2).live(60).told == []


def test_pages_that_can_no_longer_be_read_are_one_alarm_until_they_can() -> None:
    paper = Paper(daily(60, range(7, 19)), unread=[(15, 40)]).live(60)
    assert paper.kinds == ["thin", "cleared"]
    (raised, _), (cleared, _) = paper.told
    assert raised - (MONDAY + 15 * DAY) < 2 * DAY
    assert timedelta(0) < cleared - (MONDAY + 40 * DAY) < 3 * DAY


def test_a_page_that_cannot_be_read_now_and_then_is_no_alarm() -> None:
    chance = random.Random(6)
    for usual in (0.3, 0.5, 0.9):
        paper = Paper([])
        for hour in range(24 * 60):
            pages = 3 * (hour % 6 == 0)
            read = sum(chance.random() < usual for _ in range(pages))
            began = MONDAY + hour * HOUR
            counts = Counts(new=read, requests=5, pages=pages, read=read)
            paper.runs.append(
                Run(hour, "post", began, began, began + MINUTE, RunState.DONE, counts=counts)
            )
            paper.arrived += [began + MINUTE]
            if hour % 3 == 0:
                paper.judge(began + MINUTE, [])
        assert paper.told == []


def looked(number: int, at: datetime, **counts: int) -> Run:
    return Run(number, "post", at, at, at + MINUTE, RunState.DONE, counts=Counts(**counts))


def verdict(runs: Sequence[Run], alarm: Alarm | None = None) -> AlarmKind | None:
    now = runs[-1].began_at + 2 * MINUTE
    found = decide(Known(now, [run.began_at for run in runs if run.counts.new], runs, open=alarm))
    return found[0] if found else None


def test_one_answer_without_news_does_not_end_it() -> None:
    down = [looked(n, MONDAY + n * HOUR, requests=2, failed=2) for n in range(10)]
    assert verdict(down) is AlarmKind.UNREACHABLE
    alarm = Alarm("post", AlarmKind.UNREACHABLE, MONDAY + 9 * HOUR, "x")
    up = [looked(10 + n, MONDAY + (10 + n) * HOUR, requests=2) for n in range(2)]
    assert verdict([*down, up[0]], alarm) is AlarmKind.UNREACHABLE
    assert verdict([*down, *up], alarm) is None
    assert verdict([*down, looked(10, MONDAY + 10 * HOUR, requests=2, new=1)], alarm) is None


def test_two_runs_that_fail_are_none_yet_however_far_apart() -> None:
    down = [looked(n, MONDAY + n * DAY, requests=2, failed=2) for n in range(3)]
    assert verdict(down[:2]) is None
    assert verdict(down) is AlarmKind.UNREACHABLE
    assert verdict([replace(run, began_at=MONDAY + HOUR * run.id) for run in down]) is None


def test_what_the_first_run_brings_is_not_known_of_its_days() -> None:
    few = [MONDAY + day * DAY for day in (4, 13, 27)]
    assert Paper(few, backlog=50).live(30).told == []


def test_a_server_that_is_up_again_and_has_nothing_new_yet_is_not_silent() -> None:
    published = [*daily(12), *daily(10, start=MONDAY + 16 * DAY)]
    paper = Paper(published, down=[(12, 16)]).live(25)
    assert paper.kinds == ["unreachable", "cleared"]
    assert paper.told[1][0] < MONDAY + 16.2 * DAY


def test_a_pause_of_less_than_a_day_is_none_even_where_there_is_always_something() -> None:
    always = [*daily(10, range(24)), *daily(5, range(24), MONDAY + 10.8 * DAY)]
    assert Paper(always).live(15).told == []


def test_what_can_no_longer_be_read_does_not_become_what_is_usual() -> None:
    good = [
        looked(n, MONDAY + n * 6 * HOUR, requests=9, pages=10, read=9, new=9) for n in range(24)
    ]
    bad = [
        looked(30 + n, MONDAY + 6 * DAY + n * 6 * HOUR, requests=9, pages=10, read=3, new=3)
        for n in range(170)
    ]
    assert verdict([*good, *bad[:5]]) is AlarmKind.THIN
    alarm = Alarm("post", AlarmKind.THIN, bad[4].began_at, "x")
    assert verdict([*good, *bad], alarm) is AlarmKind.THIN


@pytest.mark.parametrize(("read", "kind"), [(5, AlarmKind.THIN), (6, AlarmKind.THIN), (8, None)])
def test_half_better_is_not_well(read: int, kind: AlarmKind | None) -> None:
    good = [
        looked(n, MONDAY + n * 6 * HOUR, requests=9, pages=10, read=10, new=9) for n in range(24)
    ]
    later = [
        looked(30 + n, MONDAY + 9 * DAY + n * 6 * HOUR, requests=9, pages=10, read=read, new=read)
        for n in range(9)
    ]
    alarm = Alarm("post", AlarmKind.THIN, MONDAY + 7 * DAY, "x")
    assert verdict([*good, *later], alarm) is kind
    assert verdict([*good, *later]) is None


def test_a_feed_that_is_hardly_known_is_not_stale() -> None:
    assert Paper(daily(10), every=HOUR, stuck=[(0.9, 9)], feeds=2).live(9).told == []
    assert Paper(daily(20), stuck=[(0.1, 4), (4.4, 20)], feeds=2).live(19).told == []


def test_without_any_run_nothing_is_judged_and_what_is_open_stays() -> None:
    assert decide(Known(MONDAY, [], [])) is None
    alarm = Alarm("post", AlarmKind.THIN, MONDAY, "x")
    assert decide(Known(MONDAY + 50 * DAY, [], [], open=alarm)) == (AlarmKind.THIN, "x")


def test_runs_that_asked_for_nothing_say_nothing() -> None:
    paper = Paper(daily(15)).live(15)
    skipped = Run(
        999, "post", MONDAY, MONDAY + 15 * DAY, MONDAY + 15 * DAY, RunState.SKIPPED_RUNNING
    )
    killed = replace(skipped, state=RunState.KILLED, began_at=MONDAY + 20 * DAY)
    paper.runs += [skipped, killed]
    paper.judge(MONDAY + 20 * DAY, [])
    assert paper.told == []


@given(
    st.lists(st.tuples(st.floats(0, 40), st.floats(0.01, 6)), max_size=4),
    st.lists(st.tuples(st.floats(0, 40), st.floats(0.01, 6)), max_size=4),
    st.sampled_from([3 * HOUR, 7 * HOUR, DAY]),
)
@settings(max_examples=25, deadline=None)
def test_a_living_paper_is_never_silent_whatever_happens_to_server_and_archiver(
    down: list[tuple[float, float]], off: list[tuple[float, float]], every: timedelta
) -> None:
    paper = Paper(
        daily(50),
        every=every,
        feeds=1,
        down=[(begin, begin + length) for begin, length in down],
        off=[(begin, begin + length) for begin, length in off],
    ).live(50)
    assert set(paper.kinds) <= {"unreachable", "cleared"}
    assert paper.kinds == ["unreachable", "cleared"] * (len(paper.kinds) // 2) + ["unreachable"] * (
        len(paper.kinds) % 2
    )
    assert paper.kinds.count("unreachable") <= len(down)


@given(st.integers(8, 30), st.lists(st.floats(0, 23.9), min_size=2, max_size=8), st.integers(0, 23))
@settings(max_examples=25, deadline=None)
def test_any_paper_of_every_day_that_stops_is_silent_exactly_once(
    days: int, hours: list[float], began: int
) -> None:
    published = [moment for moment in daily(days, hours) if moment > MONDAY + began * HOUR]
    paper = Paper(published, start=MONDAY + began * HOUR, every=5 * HOUR).live(days + 35)
    assert len(paper.told) == 1
    assert (
        paper.told[0][0] - published[-1] < timedelta(hours=75)
        or paper.told[0][0] - max(published) < 4 * DAY
    )
