"""What is due when: each time once, at the right hour, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import schedules
from archiver.schedules import next_after, parse_duration

NAMES = ["post", "echo", "star", "north.example", "south"]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
DURATIONS = st.timedeltas(timedelta(minutes=1), timedelta(days=90)).map(
    lambda given: timedelta(seconds=int(given.total_seconds()))
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("6h", 21600), (" 7D ", 604800), ("2w", 1209600)],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "6", "h", "1.5h", "-6h", "6 h", "٦h", "0m", "999999999w"])
def test_what_is_no_duration_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


@given(DURATIONS)
def test_a_duration_comes_back_as_it_was_written(duration: timedelta) -> None:
    assert parse_duration(schedules.duration_text(duration)) == duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(90, "90s"), (5400, "90m"), (7200, "2h"), (7 * 86400, "7d"), (14 * 86400, "2w"), (0, "0s")],
)
def test_durations_are_written_in_the_unit_that_fits(seconds: int, text: str) -> None:
    assert schedules.duration_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    "text",
    [
        "auto", " Auto", "every 30m", "every  2h", "* * * * *", "*/20 6-22 * * *", "0 6 * * mon-fri", "0 0 * JAN 7",
        "0 0 L * *", "0 0 * * 5L", "0 0 * * MON#1", "0,30 6,18 1-7/2 * *", "@daily", "@Weekly", "0 0 29 2 *",
    ],
)  # fmt: skip
def test_schedules_without_a_problem(text: str) -> None:
    assert schedules.problem(text) == ""
    assert schedules.in_words(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has five fields, this has 0"),
        ("now", "has five fields, this has 1"),
        ("0 0 6 * * *", "has five fields, this has 6"),
        ("61 * * * *", "its minute cannot be"),
        ("0 24 * * *", "its hour cannot be"),
        ("0 0 31 2 *", "its day of month cannot be"),
        ("0 0 * * 8", "its day of week cannot be"),
        ("0 0 1 1 2L,x", "its day of week cannot be"),
        ("* * */20 * 1L", "such a day never comes"),
        ("@reboot", "there are @hourly, @daily"),
        ("every 10", "'10' is no duration"),
        ("every 10s", "more often than every 1m"),
    ],
)
def test_what_is_wrong_with_a_schedule(text: str, told: str) -> None:
    assert told in schedules.problem(text)
    with pytest.raises(ValueError, match=r"\w"):
        next_after(text, "UTC", "post", datetime(2026, 1, 1, tzinfo=UTC))


@given(st.text("0123456789*/,-L#WMONEVRYhm @\t", max_size=24))
def test_a_problem_is_told_and_never_raised(text: str) -> None:
    assert isinstance(schedules.problem(text), str)


def test_auto_knows_no_times() -> None:
    with pytest.raises(ValueError, match="'auto' knows no times"):
        next_after("auto", "UTC", "post", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["Africa/Cairo", "UTC", "America/Argentina/Buenos_Aires"])
def test_zones_that_there_are(zone: str) -> None:
    assert schedules.zone_problem(zone) == ""


@pytest.mark.parametrize(
    "zone", ["", "Cairo", "Africa", "../etc/passwd", "/etc/localtime", "a\0b", "é" * 300]
)
def test_zones_that_there_are_not(zone: str) -> None:
    assert "is no time zone" in schedules.zone_problem(zone)


def fired(
    schedule: str, zone: str, start: datetime, days: int, name: str = "post"
) -> list[datetime]:
    """All the times of a span that begins at `start`, to the minute, as clocks of the zone show them."""
    found, at = [], start.astimezone(UTC)
    end = at + timedelta(days=days)
    while (at := next_after(schedule, zone, name, at)) < end:
        found.append(at.replace(second=0).astimezone(ZoneInfo(zone)))
    return found


# The changes of 2026, as the zones' laws have them: the night, the time that is skipped, that comes twice.
CHANGES = [
    ("Europe/Berlin", (2026, 3, 29), "30 2 * * *", "03:00"),
    ("Europe/Berlin", (2026, 10, 25), "30 2 * * *", "02:30"),
    ("America/New_York", (2026, 3, 8), "30 2 * * *", "03:00"),
    ("America/New_York", (2026, 11, 1), "30 1 * * *", "01:30"),
    ("Africa/Cairo", (2026, 4, 24), "30 0 * * *", "01:00"),  # midnight itself is skipped
    ("Africa/Cairo", (2026, 4, 24), "0 0 * * *", "01:00"),
    ("Africa/Cairo", (2026, 10, 29), "30 23 * * *", "23:30"),  # and comes twice
    ("Asia/Beirut", (2026, 3, 29), "15 0 * * *", "01:00"),
    ("Asia/Beirut", (2026, 10, 24), "15 23 * * *", "23:15"),
    ("Australia/Lord_Howe", (2026, 10, 4), "15 2 * * *", "02:30"),  # half an hour
    ("Australia/Lord_Howe", (2026, 4, 5), "45 1 * * *", "01:45"),
]


@pytest.mark.parametrize(("zone", "night", "cron", "shown"), CHANGES)
def test_across_a_change_each_day_has_its_time_once(
    zone: str, night: tuple[int, int, int], cron: str, shown: str
) -> None:
    start = datetime(*night, 12, tzinfo=ZoneInfo(zone)) - timedelta(days=4)
    times = fired(cron, zone, start, 7)
    usual = f"{int(cron.split()[1]):02}:{int(cron.split()[0]):02}"
    days = [(start + timedelta(days=number)).date() for number in range(1, 8)]
    if usual > "12:00":
        days = [day - timedelta(days=1) for day in days]
    assert [found.date() for found in times] == days
    changed = datetime(*night).date()
    assert [f"{found:%H:%M}" for found in times] == [
        shown if day == changed else usual for day in days
    ]


@pytest.mark.parametrize(("zone", "night", "cron", "shown"), CHANGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_time_that_comes_twice_counts_once_whenever_one_asks(
    zone: str, night: tuple[int, int, int], cron: str, shown: str, name: str
) -> None:
    start = datetime(*night, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(days=1)
    found = set()
    for minute in range(
        0, 3 * 24 * 60, 7
    ):  # as from a tick every seven minutes that remembers nothing
        asked = start + timedelta(minutes=minute)
        due = next_after(cron, zone, name, asked)
        assert due > asked
        found.add(due)
    assert len({due.astimezone(ZoneInfo(zone)).date() for due in found}) == len(found)


@pytest.mark.parametrize(("zone", "cron"), [
    ("Europe/Berlin", "15 * * * *"), ("Europe/Berlin", "*/30 * * * *"), ("Africa/Cairo", "0 * * * *"),
    ("America/New_York", "@hourly"), ("Asia/Beirut", "*/5 * * * *"),
])  # fmt: skip
def test_a_schedule_of_every_hour_follows_the_hours_that_pass(zone: str, cron: str) -> None:
    times = fired(cron, zone, datetime(2026, 1, 1, tzinfo=UTC), 365)
    steps = {b.astimezone(UTC) - a.astimezone(UTC) for a, b in pairwise(times)}
    assert len(steps) == 1
    assert min(steps) > timedelta(0)


def test_sunday_is_seven_and_nought_and_a_star_means_and() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert fired("0 6 * * 7", "UTC", start, 30) == fired("0 6 * * 0", "UTC", start, 30)
    assert [t.day for t in fired("0 6 13 * FRI", "UTC", start, 30)] == [6, 13, 20, 27]  # or
    assert [t.day for t in fired("0 6 */13 * FRI", "UTC", start, 30)] == [27]  # and
    assert [t.day for t in fired("0 6 L * *", "UTC", start, 61)] == [30, 31]


@given(MOMENTS, st.sampled_from(NAMES))
def test_a_cron_text_is_spread_within_its_minute(after: datetime, name: str) -> None:
    due = next_after("0 6 * * *", "Europe/Berlin", name, after)
    assert after < due <= after + timedelta(days=2)
    assert f"{due.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" == "06:00"
    assert next_after("0 6 * * *", "Europe/Berlin", name, due - timedelta(seconds=1)) == due


def test_sources_do_not_all_come_at_once() -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)
    for schedule in ("0 6 * * *", "every 2h"):
        times = {
            next_after(schedule, "UTC", f"{name}{n}", after) for name in NAMES for n in range(20)
        }
        assert len(times) > 40


@given(MOMENTS, DURATIONS, st.sampled_from(NAMES), st.integers(1, 500))
def test_every_is_a_grid_on_which_nothing_is_made_up_for_twice(
    after: datetime, interval: timedelta, name: str, missed: int
) -> None:
    text = f"every {schedules.duration_text(interval)}"
    due = next_after(text, "UTC", name, after)
    assert after < due <= after + interval
    assert next_after(text, "UTC", name, due) == due + interval
    late = after + interval * missed  # whoever comes later is on the same grid
    assert (next_after(text, "UTC", name, late) - due) % interval == timedelta(0)


@given(DURATIONS, st.booleans(), DURATIONS, DURATIONS)
def test_an_interval_adapts_within_its_bounds(
    interval: timedelta, brought: bool, one: timedelta, other: timedelta
) -> None:
    fastest, slowest = sorted([one, other])
    found = schedules.adapted(interval, brought, fastest, slowest)
    assert fastest <= found <= slowest
    if fastest < found < slowest:
        assert found == interval * (0.8 if brought else 1.5)


@given(st.text(min_size=1), DURATIONS)
def test_an_interval_is_spread_by_at_most_a_tenth_and_never_shorter(
    name: str, interval: timedelta
) -> None:
    assert interval <= schedules.jittered(name, interval) <= interval * 1.1
    assert schedules.jittered(name, interval) == schedules.jittered(name, interval)
