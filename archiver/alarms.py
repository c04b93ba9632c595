"""Whether something is wrong with a source, judged by what is known of it. Pure.

Of several causes the most specific one is told. An alarm that is open ends only when what it is of is over, by
rules of its own, so that none comes and goes. ``docs/schedules.md`` has the rules in words.

Silence is counted in *watched* time: what lies between two runs counts as far as the later one was due and reached the
site. So neither the time in which archiver did not run nor the time in which a site was down is silence, or
teaches that a source may be silent for so long.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt

from archiver.types import Kind
from archiver.work import Alarm, AlarmKind, Endpoint, Run

WINDOW = timedelta(days=28)  # what a source is held against
DOWN_FOR, DOWN_RUNS = timedelta(hours=6), 3  # how long, and in how many runs, all must have failed
# Runs that reach the site again before an alarm ends; one is enough if it brings something.
UP_RUNS = 2
QUIET = timedelta(hours=24)  # no silence that is shorter is an alarm
# Nor, until a week was seen, one that may be a weekend.
WEEK, WEEKEND = timedelta(days=7), timedelta(hours=72)
KNOWN_FOR, KNOWN_ARTICLES = timedelta(days=3), 5  # what must be known before the silence
KNOWN_VISITS = 5  # visits in which a feed brought something, before it can be stale
GAPS = 2  # so many times the longest gap
PAGES = 10  # pages at least whose share of articles is held against the others'
# Parts of the usual share: below the first it begins, from the second on it is over.
THIN, THICK = 0.5, 0.75
SURE = 3.0  # standard deviations by which a share must be too small, for few pages tell little
RECENT = timedelta(hours=24)
LATE = timedelta(hours=1)  # a run that begins so long after it was due is not late

Verdict = tuple[AlarmKind, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a source.

    `arrived` are the times at which its articles were first seen, in the last `WINDOW`; `runs` those since `WINDOW`
    before now, or before the open alarm was raised; both in any order. `silent_after` is what the user says.
    """

    now: datetime
    arrived: Sequence[datetime]
    runs: Sequence[Run]
    endpoints: Sequence[Endpoint] = ()
    silent_after: timedelta | None = None
    open: Alarm | None = None


def decide(known: Known) -> Verdict | None:
    """Return the kind of alarm that should be open, with a sentence for the user, or None."""
    looks = _looks(known.runs)
    if not looks:
        return (known.open.kind, known.open.what) if known.open else None
    recent = [run for run in looks if run.began_at >= known.now - WINDOW]
    watched = _Watched(recent)
    silent = _silent(known, recent, watched)
    return (
        _unreachable(known, looks)
        or _stale(known, watched, silent)
        or _thin(known, looks)
        or silent
    )


def _looks(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that asked the site for something, in their order."""
    asked = (run for run in runs if run.ended_at and (run.counts.requests or run.counts.failed))
    return sorted(asked, key=lambda run: run.began_at)


class _Watched:
    """How much time up to a moment was watched."""

    def __init__(self, looks: Sequence[Run]) -> None:
        self._starts = [look.began_at for look in looks]
        self._lengths = [_length(*pair) for pair in pairwise(looks)]
        self._before = [timedelta(0)]  # by look: what was watched until it began
        for length in self._lengths:
            self._before.append(self._before[-1] + length)

    def until(self, moment: datetime) -> timedelta:
        """Return the watched time before `moment`; what is behind the last look is not yet."""
        at = bisect_right(self._starts, moment) - 1
        if at < 0:
            return timedelta(0)
        if at >= len(self._lengths):
            return self._before[at]
        return self._before[at] + min(moment - self._starts[at], self._lengths[at])

    @property
    def all(self) -> timedelta:
        """The watched time up to the last look."""
        return self._before[-1]


def _length(earlier: Run, later: Run) -> timedelta:
    """Return how much of the time between two looks was watched."""
    if not later.counts.reached:
        return timedelta(0)
    planned = max(later.due_at, earlier.began_at) + LATE
    return min(later.began_at, planned) - earlier.began_at


def _unreachable(known: Known, looks: Sequence[Run]) -> Verdict | None:
    was = known.open is not None and known.open.kind is AlarmKind.UNREACHABLE
    up = 0
    while was and up < min(UP_RUNS, len(looks)) and looks[-1 - up].counts.reached:
        up += 1
    if up >= UP_RUNS or (up and looks[-1].counts.new):
        return None
    down = list(_failed(looks[: len(looks) - up]))
    if not down:
        return None
    first, last = down[-1], down[0]
    long = last.began_at - first.began_at >= DOWN_FOR and len(down) >= DOWN_RUNS
    if not (long or was):
        return None
    return AlarmKind.UNREACHABLE, f"every request has failed since {_stamp(first.began_at)}"


def _failed(looks: Sequence[Run]) -> Iterator[Run]:
    """Yield the last looks that all failed, the newest first."""
    for look in reversed(looks):
        if look.counts.reached:
            return
        yield look


def _stale(known: Known, watched: _Watched, silent: Verdict | None) -> Verdict | None:
    """Look for a feed that stands still: while others bring something, or of a silent source its only one."""
    bringing = [each for each in known.endpoints if each.brought_at]
    for feed in bringing:
        since = max(moment for moment in (feed.brought_at, feed.changed_at) if moment)
        told = f"{feed.url} brings nothing and does not change since {_stamp(since)}"
        was = known.open is not None and known.open.what == told
        # One that fails is no stale one; but what was stale before it failed is not well because it does.
        if feed.kind is not Kind.FEED or (feed.failing_since and not was):
            continue
        others = [each.brought_at for each in bringing if each is not feed and each.brought_at]
        if silent and not others:
            still = watched.all - watched.until(since) > QUIET
        else:
            outrun = any(moment > since for moment in others)
            still = outrun and (was or _is_still(feed, since, watched))
        if still:
            return AlarmKind.STALE, told
    return None


def _is_still(feed: Endpoint, since: datetime, watched: _Watched) -> bool:
    """Tell whether a feed that used to bring something stands still for longer than it ever did."""
    before = watched.until(since)
    if feed.brought < KNOWN_VISITS or before < KNOWN_FOR:
        return False
    quiet = watched.until(feed.polled_at or since) - before
    return quiet > max(GAPS * feed.longest_gap, _floor(before))


def _thin(known: Known, looks: Sequence[Run]) -> Verdict | None:
    was = known.open if known.open and known.open.kind is AlarmKind.THIN else None
    recent, before = _parted(looks, was.raised_at if was else None)
    pages, read = _shares(recent)
    usual_pages, usual_read = _shares(before)
    if pages < PAGES or usual_pages < PAGES:
        return (was.kind, was.what) if was else None
    share, usual = read / pages, usual_read / usual_pages
    doubt = SURE * sqrt(usual * (1 - usual) / pages)
    thin = share < usual * THICK if was else share < min(usual * THIN, usual - doubt)
    if not thin:
        return None
    told = f"of the last {pages} article pages {read} could be read; before, it was {usual:.0%}"
    return AlarmKind.THIN, told


def _parted(
    looks: Sequence[Run], raised_at: datetime | None
) -> tuple[Sequence[Run], Sequence[Run]]:
    """Return the runs of the last day, or as many as hold enough pages, and those to hold them against.

    While the alarm is open it is those before it: else the trouble would become what is usual.
    """
    cut, pages = len(looks), 0
    for look in reversed(looks):
        if pages >= PAGES and look.began_at < looks[-1].began_at - RECENT:
            break
        cut, pages = cut - 1, pages + look.counts.pages
    before = looks[:cut]
    if raised_at:
        before = [run for run in before if run.began_at < raised_at - RECENT]
    return looks[cut:], before


def _shares(runs: Sequence[Run]) -> tuple[int, int]:
    return sum(run.counts.pages for run in runs), sum(run.counts.read for run in runs)


def _silent(known: Known, looks: Sequence[Run], watched: _Watched) -> Verdict | None:
    # One whose only feed stands still is silent, too.
    kinds = (AlarmKind.SILENT, AlarmKind.STALE)
    was = known.open if known.open and known.open.kind in kinds else None
    arrived = sorted(known.arrived)
    if was and not (arrived and arrived[-1] > was.raised_at):
        return was.kind, was.what
    if not looks:
        return None
    # The first import teaches nothing: what it brings is not of its day.
    begun = looks[0].ended_at or looks[0].began_at
    arrived = [moment for moment in arrived if moment > begun]
    last = arrived[-1] if arrived else begun
    quiet = watched.until(_asked(known, looks)) - watched.until(last)
    if known.silent_after:
        if quiet <= known.silent_after:
            return None
        told = f"which is longer than {_length_text(known.silent_after)}"
        return AlarmKind.SILENT, f"no new article since {_stamp(last)}, {told}"
    longest = _longest(begun, arrived, watched)
    enough = len(arrived) >= KNOWN_ARTICLES and watched.until(last) >= KNOWN_FOR
    if not enough or quiet <= max(GAPS * longest, _floor(watched.until(last))):
        return None
    told = f"before, there was one at least every {_length_text(longest)}"
    return AlarmKind.SILENT, f"no new article since {_stamp(last)}; {told}"


def _asked(known: Known, looks: Sequence[Run]) -> datetime:
    """Return when the source was last asked for anything new: other runs only fetch articles again."""
    polled = [each.polled_at for each in known.endpoints if each.polled_at and each.brought]
    return min(max(polled, default=looks[-1].began_at), looks[-1].began_at)


def _longest(begun: datetime, arrived: Sequence[datetime], watched: _Watched) -> timedelta:
    """Return the longest watched time between two articles, or before the first."""
    moments = [watched.until(moment) for moment in (begun, *arrived)]
    return max((b - a for a, b in pairwise(moments)), default=timedelta(0))


def _floor(seen: timedelta) -> timedelta:
    """Return the shortest silence that is an alarm, where a source was watched for so long before."""
    return QUIET if seen >= WEEK else WEEKEND


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _length_text(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    if hours > 72:
        return f"{round(hours / 24)} days"
    return f"{max(hours, 1)} hour{'s' * (hours > 1)}"
