from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_logivet_rdv.scheduling import rules, slots
from flask_logivet_rdv.scheduling.explain import Answer, Facts, Offered, Reason, why
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import Opening, zone
from flask_logivet_rdv.scheduling.rules import Rules

TORONTO = zone("America/Toronto")
NOW = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
NOTHING_MISSING = Offered(**{field.name: True for field in fields(Offered)})
WEDNESDAY = [Opening(3, 600, 720)]


def at(clock: str, day: int = 18, month: int = 3) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2026, month, day, hour, minute, tzinfo=TORONTO).timestamp())


def facts(**changed):
    given = {
        "offered": NOTHING_MISSING,
        "openings": WEDNESDAY,
        "zone": TORONTO,
        "minutes": 30,
        "step_min": 30,
        "busy": (),
        "booked": (),
        "window": rules.window(NOW, TORONTO, Rules()),
    }
    return Facts(**given | changed)


def test_nothing_stands_in_the_way_of_a_slot_that_is_offered():
    assert why(facts(), at("10:30")) is None


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("subscribed", Reason.SUBSCRIPTION),
        ("species_kept", Reason.SPECIES_GONE),
        ("species_online", Reason.SPECIES_OFF),
        ("category_kept", Reason.CATEGORY_GONE),
        ("category_online", Reason.CATEGORY_OFF),
        ("linked", Reason.NOT_LINKED),
        ("resource_kept", Reason.RESOURCE_GONE),
        ("resource_enabled", Reason.RESOURCE_OFF),
        ("species_seen", Reason.SPECIES_NOT_SEEN),
        ("category_offered", Reason.CATEGORY_NOT_OFFERED),
    ],
)
def test_each_setting_that_is_missing_is_named(setting, reason):
    missing = replace(NOTHING_MISSING, **{setting: False})
    assert why(facts(offered=missing), at("10:30")) == Answer(reason)


def test_of_several_settings_the_first_is_named():
    missing = replace(NOTHING_MISSING, category_online=False, resource_enabled=False)
    assert why(facts(offered=missing), at("10:30")) == Answer(Reason.CATEGORY_OFF)


@pytest.mark.parametrize(
    ("clock", "reason"),
    [
        ("09:30", Reason.CLOSED),
        ("09:45", Reason.CLOSED),
        ("10:10", Reason.NOT_A_START),
        ("11:30", None),
        ("11:45", Reason.CLOSED),
        ("12:00", Reason.CLOSED),
    ],
)
def test_the_hours_of_the_day_decide_and_then_the_starts_of_its_slots(clock, reason):
    found = why(facts(), at(clock))
    assert (found.reason if found else None) == reason


def test_without_any_hours_that_is_said():
    assert why(facts(openings=[]), at("10:30")) == Answer(Reason.NO_HOURS)


@pytest.mark.parametrize(
    ("begins", "ends", "taken"),
    [("10:00", "10:30", False), ("10:59", "11:30", True), ("11:00", "11:30", False),
     ("10:00", "10:31", True), ("10:40", "10:45", True)],
)  # fmt: skip
@pytest.mark.parametrize("kind", [Reason.BUSY, Reason.BOOKED])
def test_what_takes_the_time_is_told_with_its_range(kind, begins, ends, taken):
    met = Range(at(begins), at(ends))
    found = why(facts(**{kind.value: [met]}), at("10:30"))
    assert found == (Answer(kind, met) if taken else None)


@pytest.mark.parametrize(
    ("now", "reason"),
    [("22:30", None), ("22:31", Reason.TOO_SOON)],
)
def test_twelve_hours_are_the_last_but_one_rule(now, reason):
    window = rules.window(datetime.fromtimestamp(at(now, 17), UTC), TORONTO, Rules())
    found = why(facts(window=window), at("10:30"))
    assert (found.reason if found else None) == reason


def test_two_months_are_the_last_rule():
    later = [Opening(day, 600, 720) for day in range(7)]
    assert why(facts(openings=later), at("10:30", 16, 5)) is None
    assert why(facts(openings=later), at("10:30", 17, 5)) == Answer(Reason.TOO_FAR)


minutes = st.integers(0, 1440 // 5).map(lambda n: 5 * n)
ranges = st.builds(
    lambda start, length: Range(at("08:00") + 60 * start, at("08:00") + 60 * (start + length)),
    st.integers(0, 600),
    st.integers(1, 120),
)


@given(
    start=st.integers(0, 144).map(lambda n: at("07:00") + 300 * n),
    length=st.sampled_from([15, 30, 45]),
    busy=st.lists(ranges, max_size=3),
    booked=st.lists(ranges, max_size=3),
    now=st.integers(-40, 10).map(lambda h: at("10:00") + 3600 * h),
)
def test_no_reason_is_found_exactly_where_the_time_is_bookable(start, length, busy, booked, now):
    window = rules.window(datetime.fromtimestamp(now, UTC), TORONTO, Rules())
    given = facts(minutes=length, step_min=length, busy=busy, booked=booked, window=window)
    day = date(2026, 3, 18)
    grid = slots.grid(WEDNESDAY, zone=TORONTO, first=day, last=day, step_min=length, minutes=length)
    free = slots.free(grid, [*busy, *booked])
    slot = Range(start, start + 60 * length)
    refused = rules.bookable(slot, free=free, window=window)
    assert (why(given, start) is None) == (refused is None)
