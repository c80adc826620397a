"""The days of the calendar as plain values."""

from datetime import UTC, datetime
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_logivet_rdv.blueprints.widget.month import by_day
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import zone

ZONES = ("America/Toronto", "America/St_Johns", "America/Havana", "Africa/Cairo", "Pacific/Apia")
"""Of some the clocks change at midnight."""


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def under_their_days(free: list[Range], zone_name: str) -> dict:
    days: dict = {}
    for slot in free:
        day = datetime.fromtimestamp(slot.start, zone(zone_name)).date()
        days.setdefault(day, []).append(slot)
    return days


@given(
    st.sampled_from(ZONES),
    st.integers(seconds("2026-01-01") // 300, seconds("2029-01-01") // 300),
    st.lists(st.integers(1, 400), max_size=60),
)
def test_a_slot_is_under_the_day_on_which_it_starts(zone_name, first, gaps):
    free = [Range(300 * at, 300 * at + 300) for at in accumulate(gaps, initial=first)]
    days = by_day(free, zone_name)
    assert days == under_their_days(free, zone_name)
    assert list(days) == sorted(days)


@pytest.mark.parametrize("first", ["2010-11-07T01:00", "2010-11-07T02:35"])
def test_a_day_may_go_on_after_its_midnight(first):
    """In Newfoundland, until 2011, the clocks went back from 0 h 01 to 23 h 01."""
    free = [Range(at, at + 900) for at in range(seconds(first), seconds(first) + 7200, 900)]
    shown = [slot for slots in by_day(free, "America/St_Johns").values() for slot in slots]
    assert sorted(shown) == free
