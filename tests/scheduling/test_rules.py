from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import Opening, zone
from flask_logivet_rdv.scheduling.rules import (
    Refusal,
    Rules,
    bookable,
    cancellable,
    listing,
    unchanged_until,
    window,
)
from flask_logivet_rdv.scheduling.slots import free, grid

TORONTO = zone("America/Toronto")
NOW = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """A wall time in Toronto, unless the text has its own offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=TORONTO)


def half_hour(moment: datetime) -> Range:
    start = int(moment.timestamp())
    return Range(start, start + 1800)


# --- 12 hours (S79) -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notice", "refusal"),
    [
        (timedelta(hours=11, minutes=59, seconds=59), Refusal.TOO_SOON),
        (timedelta(hours=12), None),
        (timedelta(hours=12, seconds=1), None),
        (timedelta(0), Refusal.TOO_SOON),
        (timedelta(days=-1), Refusal.TOO_SOON),
    ],
)
def test_twelve_hours_ahead_is_enough_and_a_second_less_is_not(
    notice: timedelta, refusal: Refusal | None
) -> None:
    slot = half_hour(NOW + notice)
    assert bookable(slot, free=[slot], window=window(NOW, TORONTO, Rules())) is refusal


def test_a_fraction_of_a_second_too_late_is_too_late() -> None:
    slot = half_hour(NOW + timedelta(hours=12))
    bounds = window(NOW + timedelta(microseconds=1), TORONTO, Rules())
    assert bookable(slot, free=[slot], window=bounds) is Refusal.TOO_SOON


@pytest.mark.parametrize(
    ("now", "start", "refusal"),
    [
        # 12 h 30 on the wall clock, 11 h 30 in truth
        ("2026-03-07T20:00", "2026-03-08T08:30", Refusal.TOO_SOON),
        ("2026-03-07T20:00", "2026-03-08T09:00", None),
        # 11 h on the wall clock, 12 h in truth
        ("2026-10-31T21:00", "2026-11-01T08:00", None),
        ("2026-10-31T21:00", "2026-11-01T07:30", Refusal.TOO_SOON),
    ],
)
def test_the_notice_is_elapsed_time_when_the_clock_changes(
    now: str, start: str, refusal: Refusal | None
) -> None:
    slot = half_hour(at(start))
    assert bookable(slot, free=[slot], window=window(at(now), TORONTO, Rules())) is refusal


# --- 2 months (S80) -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "last_day"),
    [
        ("2026-01-15T10:00", date(2026, 3, 15)),
        ("2026-07-31T10:00", date(2026, 9, 30)),
        ("2026-12-31T10:00", date(2027, 2, 28)),
        ("2027-12-31T10:00", date(2028, 2, 29)),
        ("2027-12-29T10:00", date(2028, 2, 29)),
        ("2028-02-29T10:00", date(2028, 4, 29)),
        ("2026-11-30T10:00", date(2027, 1, 30)),
        # the clinic's date counts, not the one in UTC
        ("2026-03-16T23:59:59", date(2026, 5, 16)),
        ("2026-03-17T00:00", date(2026, 5, 17)),
        ("2026-03-17T03:59:59+00:00", date(2026, 5, 16)),
        # the last day is the one when the clock changes
        ("2026-01-08T10:00", date(2026, 3, 8)),
        ("2026-09-01T10:00", date(2026, 11, 1)),
    ],
)
def test_two_months_ahead_is_a_whole_calendar_day(now: str, last_day: date) -> None:
    _, last = window(at(now), TORONTO, Rules())
    assert datetime.fromtimestamp(last, TORONTO).date() == last_day
    assert datetime.fromtimestamp(last + 1, TORONTO).date() == last_day + timedelta(days=1)


def test_the_last_slot_of_the_last_day_is_bookable_and_the_first_of_the_next_is_not() -> None:
    bounds = window(at("2026-03-16T10:00"), TORONTO, Rules())
    last, after = half_hour(at("2026-05-16T23:30")), half_hour(at("2026-05-17T00:00"))
    free_slots = [last, after]
    assert bookable(last, free=free_slots, window=bounds) is None
    assert bookable(after, free=free_slots, window=bounds) is Refusal.TOO_FAR


@pytest.mark.parametrize(
    ("start", "refusal"),
    [(9, Refusal.TOO_SOON), (10, None), (20, None), (21, Refusal.TOO_FAR)],
)
def test_both_bounds_of_the_window_are_bookable(start: int, refusal: Refusal | None) -> None:
    slot = Range(start, start + 5)
    assert bookable(slot, free=[slot], window=(10, 20)) is refusal
    assert listing([slot], (10, 20)) == ([] if refusal else [slot])


def test_the_delays_are_settings() -> None:
    first, last = window(NOW, TORONTO, Rules(min_notice_s=60, months_ahead=14))
    assert first == int(NOW.timestamp()) + 60
    assert datetime.fromtimestamp(last, TORONTO).date() == date(2027, 5, 16)


# --- 24 hours (S93) -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "refusal"),
    [
        (timedelta(hours=24, seconds=1), None),
        (timedelta(hours=24), None),
        (timedelta(hours=23, minutes=59, seconds=59), Refusal.TOO_LATE),
        (timedelta(0), Refusal.TOO_LATE),
        (timedelta(seconds=-1), Refusal.PAST),
    ],
)
def test_a_visit_can_be_cancelled_until_24_hours_before(
    ahead: timedelta, refusal: Refusal | None
) -> None:
    assert cancellable(int((NOW + ahead).timestamp()), NOW, Rules()) is refusal


@pytest.mark.parametrize(
    ("now", "start", "refusal"),
    [
        ("2026-03-07T10:00", "2026-03-08T10:00", Refusal.TOO_LATE),
        ("2026-03-07T09:00", "2026-03-08T10:00", None),
        ("2026-10-31T11:00", "2026-11-01T10:00", None),
        ("2026-10-31T11:00:00.000001", "2026-11-01T10:00", Refusal.TOO_LATE),
    ],
)
def test_the_24_hours_are_elapsed_time_when_the_clock_changes(
    now: str, start: str, refusal: Refusal | None
) -> None:
    assert cancellable(int(at(start).timestamp()), at(now), Rules()) is refusal


def test_a_clock_without_a_zone_is_refused() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        window(naive, TORONTO, Rules())
    with pytest.raises(ValueError, match="aware"):
        cancellable(0, naive, Rules())


# --- listed and accepted ------------------------------------------------------------------


def test_a_slot_that_is_not_free_is_taken() -> None:
    slot = half_hour(NOW + timedelta(days=1))
    other = half_hour(NOW + timedelta(days=2))
    assert bookable(slot, free=[other], window=window(NOW, TORONTO, Rules())) is Refusal.TAKEN


def test_a_slot_of_another_length_is_not_the_one_that_is_free() -> None:
    slot = half_hour(NOW + timedelta(days=1))
    longer = Range(slot.start, slot.end + 900)
    assert bookable(longer, free=[slot], window=window(NOW, TORONTO, Rules())) is Refusal.TAKEN


openings = st.lists(
    st.builds(
        lambda weekday, start, length: Opening(weekday, start * 5, min(start * 5 + length, 1440)),
        st.integers(0, 6),
        st.integers(0, 287),
        st.integers(5, 600),
    ),
    max_size=6,
)
busy_ranges = st.lists(st.tuples(st.integers(0, 70 * 86_400), st.integers(1, 86_400)), max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    now=st.sampled_from(["2026-01-10T23:30", "2026-09-15T08:00", "2026-12-31T12:00"]).map(at),
    seconds=st.integers(0, 86_400),
    openings=openings,
    minutes=st.sampled_from([15, 30, 45, 120]),
    offsets=busy_ranges,
)
def test_what_is_listed_is_exactly_what_is_accepted(
    now: datetime,
    seconds: int,
    openings: list[Opening],
    minutes: int,
    offsets: list[tuple[int, int]],
) -> None:
    now = now.astimezone(UTC) + timedelta(seconds=seconds)
    today = now.astimezone(TORONTO).date()
    candidates = grid(
        openings,
        zone=TORONTO,
        first=today - timedelta(days=1),
        last=today + timedelta(days=64),
        step_min=minutes,
        minutes=minutes,
    )
    epoch = int(now.timestamp())
    busy = sorted(Range(epoch + start, epoch + start + length) for start, length in offsets)
    bounds = window(now, TORONTO, Rules())
    free_slots = free(candidates, busy)
    listed = listing(free_slots, bounds)

    def accepted(slots: list[Range]) -> list[Range]:
        return [s for s in slots if bookable(s, free=free_slots, window=bounds) is None]

    assert accepted(candidates) == listed
    assert accepted([Range(slot.start + 60, slot.end + 60) for slot in candidates]) == []
    assert accepted(busy) == []

    until = unchanged_until(listed, now, TORONTO, Rules())

    def list_at(instant: int) -> list[Range]:
        then = datetime.fromtimestamp(instant, UTC)
        return listing(free_slots, window(then, TORONTO, Rules()))

    assert until >= int(now.timestamp())
    assert list_at(until) == listed
    over = datetime.fromtimestamp(until + 1, TORONTO)
    assert over.date() != today or list_at(until + 1) == listed[1:]

    for slot in listed:
        start = datetime.fromtimestamp(slot.start, UTC)
        assert start - now >= timedelta(hours=12)
        assert start.astimezone(TORONTO).date() <= today + timedelta(days=62)
        assert all(slot.end <= taken.start or taken.end <= slot.start for taken in busy)
        wall, last = (datetime.fromtimestamp(t, TORONTO) for t in (slot.start, slot.end - 60))
        assert any(
            o.weekday == int(f"{wall:%w}")
            and o.start_min <= wall.hour * 60 + wall.minute
            and last.hour * 60 + last.minute < o.end_min
            and last.date() == wall.date()
            for o in openings
        )
