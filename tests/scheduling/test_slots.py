from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import Opening, zone
from flask_logivet_rdv.scheduling.slots import free, grid, nearest

SPRING, AUTUMN = date(2024, 3, 10), date(2024, 11, 3)
CHANGING = [
    "America/St_Johns",
    "America/Halifax",
    "America/Toronto",
    "America/Winnipeg",
    "America/Vancouver",
]


def minute_of(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def hours(day: date, *intervals: str) -> list[Opening]:
    """Weekly hours such as "09:00-11:30" on the weekday of ``day``."""
    edges = [interval.split("-") for interval in intervals]
    return [Opening(int(day.strftime("%w")), minute_of(a), minute_of(b)) for a, b in edges]


def one_day(
    day: date, openings: Sequence[Opening], name: str, step: int, minutes: int
) -> list[Range]:
    return grid(openings, zone=zone(name), first=day, last=day, step_min=step, minutes=minutes)


def starts(slots: Sequence[Range], name: str) -> list[str]:
    return [f"{datetime.fromtimestamp(slot.start, zone(name)):%H:%M}" for slot in slots]


# --- candidates ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "minutes", "expected"),
    [
        (30, 30, "09:00 09:30 10:00 10:30 11:00 13:00 13:30 14:00 14:30 15:00 15:30"),
        (45, 45, "09:00 09:45 10:30 13:00 13:45 14:30 15:15"),
        (30, 45, "09:00 09:30 10:00 10:30 13:00 13:30 14:00 14:30 15:00"),
        (60, 150, "09:00 13:00"),
        (30, 180, "13:00"),
        (30, 185, ""),
    ],
)
def test_slots_step_from_the_start_of_each_interval_and_end_inside_it(
    step: int, minutes: int, expected: str
) -> None:
    monday = date(2026, 3, 16)
    openings = hours(monday, "09:00-11:30", "13:00-16:00")
    slots = one_day(monday, openings, "America/Toronto", step, minutes)
    assert starts(slots, "America/Toronto") == expected.split()


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize(
    ("day", "interval", "minutes", "expected"),
    [
        (SPRING, "01:00-04:00", 30, "01:00 01:30 03:00 03:30"),
        (SPRING, "01:00-04:00", 45, "01:00 01:45 03:15"),
        (SPRING, "02:15-03:30", 15, "03:00 03:15"),
        (SPRING, "02:00-03:00", 15, ""),
        (SPRING, "01:30-02:30", 30, "01:30"),
        (AUTUMN, "00:30-03:00", 30, "00:30 01:00 01:30 01:00 01:30 02:00 02:30"),
        (AUTUMN, "01:30-02:30", 30, "01:30 01:30 02:00"),
        (AUTUMN, "00:30-01:30", 30, "00:30 01:00 01:00"),
        (AUTUMN, "00:00-01:30", 60, "00:00"),
        (AUTUMN, "01:00-02:00", 60, "01:00 01:00"),
        (AUTUMN, "01:00-02:00", 120, "01:00"),
    ],
)
def test_slots_on_the_two_nights_when_the_clock_changes(
    name: str, day: date, interval: str, minutes: int, expected: str
) -> None:
    slots = one_day(day, hours(day, interval), name, minutes, minutes)
    assert starts(slots, name) == expected.split()


@pytest.mark.parametrize(
    ("day", "interval", "expected"),
    [
        (SPRING, "01:00-04:00", "01:00 01:30 02:00 02:30 03:00 03:30"),
        (AUTUMN, "00:30-03:00", "00:30 01:00 01:30 02:00 02:30"),
    ],
)
def test_those_nights_are_ordinary_where_the_clock_never_changes(
    day: date, interval: str, expected: str
) -> None:
    slots = one_day(day, hours(day, interval), "America/Regina", 30, 30)
    assert starts(slots, "America/Regina") == expected.split()


def test_a_slot_across_the_spring_gap_keeps_its_real_length() -> None:
    slots = one_day(SPRING, hours(SPRING, "01:00-04:00"), "America/Toronto", 45, 45)
    assert {slot.end - slot.start for slot in slots} == {45 * 60}
    ends = [f"{datetime.fromtimestamp(slot.end, zone('America/Toronto')):%H:%M}" for slot in slots]
    assert ends == ["01:45", "03:30", "04:00"]


def test_sunday_is_weekday_zero_and_only_the_asked_days_are_listed() -> None:
    sunday = date(2026, 3, 15)
    openings = [Opening(0, 540, 570), Opening(6, 600, 630)]
    slots = grid(
        openings,
        zone=zone("America/Toronto"),
        first=sunday,
        last=sunday + timedelta(days=6),
        step_min=30,
        minutes=30,
    )
    walls = [datetime.fromtimestamp(slot.start, zone("America/Toronto")) for slot in slots]
    assert [f"{wall:%m-%d %H:%M}" for wall in walls] == ["03-15 09:00", "03-21 10:00"]


def test_an_interval_may_last_until_midnight() -> None:
    day = date(2026, 3, 16)
    slots = one_day(day, [Opening(1, 1380, 1440)], "America/Toronto", 30, 30)
    assert starts(slots, "America/Toronto") == ["23:00", "23:30"]


def test_a_slot_that_two_intervals_hold_is_listed_once() -> None:
    day = date(2026, 3, 16)
    slots = one_day(day, hours(day, "09:00-10:00", "09:30-10:30"), "America/Toronto", 30, 30)
    assert starts(slots, "America/Toronto") == ["09:00", "09:30", "10:00"]


def test_no_slot_runs_from_one_interval_into_the_next() -> None:
    day = date(2026, 3, 16)
    slots = one_day(day, hours(day, "09:00-10:00", "10:00-11:00"), "America/Toronto", 60, 90)
    assert not slots


# --- free ones ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        ([], [0, 10, 20, 30]),
        ([(10, 20)], [0, 20, 30]),
        ([(19, 21)], [0, 30]),
        ([(5, 6), (5, 35)], []),
        ([(0, 40), (5, 6), (39, 60)], []),
        ([(-50, 0), (40, 90)], [0, 10, 20, 30]),
        ([(0, 12), (3, 5), (30, 31)], [20]),
        ([(30, 31), (3, 5), (0, 12)], [20]),
        ([(3, 35), (4, 5), (38, 39)], []),
    ],
)
def test_a_slot_is_free_when_it_shares_no_time_with_anything_busy(
    busy: list[tuple[int, int]], expected: list[int]
) -> None:
    slots = [Range(start, start + 10) for start in (0, 10, 20, 30)]
    found = free(slots, [Range(*pair) for pair in busy])
    assert [slot.start for slot in found] == expected


@cache
def walls(name: str, first: date, last: date) -> dict[int, datetime]:
    """Every real minute around some local days, with what the clock on the wall shows."""
    start = int(datetime.combine(first, time(), UTC).timestamp()) - 86_400
    end = int(datetime.combine(last, time(), UTC).timestamp()) + 3 * 86_400
    return {t: datetime.fromtimestamp(t, zone(name)) for t in range(start, end, 60)}


def minute_by_minute(
    openings: Sequence[Opening],
    name: str,
    first: date,
    last: date,
    step: int,
    minutes: int,
    busy: Sequence[Range],
) -> list[Range]:
    """What is free, found by asking of every minute whether it is open and whether it is taken."""
    clock = walls(name, first, last)
    taken = {t for t in clock if any(b.start < t + 60 and t < b.end for b in busy)}
    found = set()
    for opening in openings:
        open_at = {
            t: wall
            for t, wall in clock.items()
            if first <= wall.date() <= last
            and int(f"{wall:%w}") == opening.weekday
            and opening.start_min <= wall.hour * 60 + wall.minute < opening.end_min
        }
        for t, wall in open_at.items():
            visit = range(t, t + minutes * 60, 60)
            if (
                (wall.hour * 60 + wall.minute - opening.start_min) % step == 0
                and all(m in open_at and m not in taken for m in visit)
                and clock[visit[-1]].date() == wall.date()
            ):
                found.add(Range(t, t + minutes * 60))
    return sorted(found)


def fives(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low // 5, high // 5).map(lambda five: five * 5)


intervals = st.tuples(st.integers(0, 6), fives(0, 1435), fives(5, 600)).map(
    lambda t: Opening(t[0], t[1], min(t[1] + t[2], 1440))
)
night_intervals = st.tuples(st.just(0), fives(0, 180), fives(5, 240)).map(
    lambda t: Opening(t[0], t[1], t[1] + t[2])
)


@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    name=st.sampled_from([*CHANGING, "America/Regina"]),
    first=st.sampled_from(
        [SPRING, SPRING - timedelta(1), AUTUMN, AUTUMN - timedelta(1), date(2024, 6, 1)]
    ),
    span=st.integers(0, 1),
    openings=st.lists(intervals | night_intervals, max_size=5),
    step=fives(5, 90),
    minutes=fives(5, 120),
)
def test_what_is_free_is_what_a_walk_through_every_minute_finds(
    data: st.DataObject,
    name: str,
    first: date,
    span: int,
    openings: list[Opening],
    step: int,
    minutes: int,
) -> None:
    last = first + timedelta(days=span)
    candidates = grid(
        openings, zone=zone(name), first=first, last=last, step_min=step, minutes=minutes
    )
    around = (candidates[0].start - 3600, candidates[-1].end + 3600) if candidates else (0, 1)
    ranges = st.tuples(st.integers(*around), st.integers(1, 3 * 3600))
    busy = sorted(Range(start, start + length) for start, length in data.draw(st.lists(ranges)))
    assert free(candidates, busy) == minute_by_minute(
        openings, name, first, last, step, minutes, busy
    )


# --- the nearest ones ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "limit", "since", "expected"),
    [
        (20, 4, 0, [0, 10, 20, 30]),
        (25, 4, 0, [10, 20, 30, 40]),
        (25, 4, 20, [20, 30, 40]),
        (25, 4, 30, [30, 40]),
        (0, 2, 0, [0, 10]),
        (41, 2, 0, [30, 40]),
        (40, 4, 0, [10, 20, 30, 40]),
        (40, 4, 30, [30, 40]),
        (20, 99, 0, [0, 10, 20, 30, 40]),
        (99, 2, 90, []),
    ],
)
def test_the_nearest_slots_are_half_before_since_a_moment_and_half_after(
    wanted: int, limit: int, since: int, expected: list[int]
) -> None:
    slots = [Range(start, start + 10) for start in range(0, 50, 10)]
    assert [slot.start for slot in nearest(slots, wanted, limit, since=since)] == expected
