"""The edges of time as owners meet them: what W1 offers and what a POST refuses (S79, S80, S93).

The clinic takes an owner every 30 minutes, day and night or in the morning, in the zones that
change their clocks and in those that do not.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.widget.reading import written
from flask_logivet_rdv.scheduling.opening import Opening, zone
from flask_logivet_rdv.services.settings import save_openings
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from host_example.models import Clinic, db
from tests.blueprints.widget.owner import Owner, Page
from tests.support.clinics import DOLITTLE, TestClinic, at
from tests.support.links import OURS, Link, said
from tests.support.portal import Clock

MORNING = (9 * 60, 12 * 60)
CHANGING = ("America/Toronto", "America/Halifax", "America/St_Johns")
STEADY = ("America/Regina", "America/Blanc-Sablon")
SPRING, AUTUMN, SUMMER = "2026-03-08", "2026-11-01", "2026-06-17"
SECOND = timedelta(seconds=1)


@pytest.fixture
def open_in(clinic: TestClinic) -> Callable[..., None]:
    """Have the clinic work in a zone every day, day and night unless told."""

    def open_in(zone_name: str, hours: tuple[int, int] = (0, 1440)) -> None:
        with clinic.app.app_context():
            db.session.get(Clinic, clinic.clinic_id).time_zone = zone_name
            db.session.commit()
            clinic.app.extensions[EXTENSION].clinic_changed(clinic.clinic_id)

            def work(tx) -> None:
                tx.account.time_zone = zone_name
                week = [Opening(weekday, *hours) for weekday in range(7)]
                save_openings(tx, clinic.resources[DOLITTLE], week, None)

            transact(jobs.desk(), clinic.account_id, work)

    return open_in


def wall(text: str, zone_name: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone(zone_name))


def offered(owner: Owner, day: str) -> list[str]:
    """The starts that W1 offers on a day, none if it shows another."""
    page = owner.calendar(day=day)
    shown = page.all("[aria-current=date]")
    return page.values("[name=start]") if shown and shown[0]["value"] == day else []


def sent(owner: Owner, start: str, like: Page) -> Page:
    """The answer to a form that was opened before and asks for a start."""
    return owner.send(like.form() | owner.filled | {"start": start})


# --- 12 hours -------------------------------------------------------------------------------

TWELVE_HOURS_BEFORE = [
    *((name, SUMMER, "2026-06-16T22:30") for name in CHANGING + STEADY),
    *((name, SPRING, "2026-03-07T21:30") for name in CHANGING),
    *((name, AUTUMN, "2026-10-31T23:30") for name in CHANGING),
    *((name, SPRING, "2026-03-07T22:30") for name in STEADY),
    *((name, AUTUMN, "2026-10-31T22:30") for name in STEADY),
]


@pytest.mark.parametrize(("zone_name", "day", "now"), TWELVE_HOURS_BEFORE)
def test_a_start_is_offered_and_booked_12_hours_ahead_and_not_a_second_later(
    owner: Owner, clock: Clock, bookings, open_in, zone_name: str, day: str, now: str
):
    """The start is at 10:30 of the day; `now` is the wall time 12 elapsed hours before."""
    open_in(zone_name, MORNING)
    start = written(at(day, "10:30", zone_name))
    clock.now = wall(now, zone_name)
    form = owner.details(start)
    assert form.status == 200
    assert start in offered(owner, day)
    clock.advance(seconds=1)
    assert start not in offered(owner, day)
    assert owner.details(start).status == 409
    refused = sent(owner, start, form)
    assert refused.status == 409
    assert "This time is now less than 12 hours away." in refused.text
    assert not bookings.all()
    clock.now -= SECOND
    assert sent(owner, start, form).status == 303


# --- 24 hours -------------------------------------------------------------------------------

A_DAY_BEFORE = [
    *((name, SUMMER, "2026-06-16T10:30") for name in CHANGING + STEADY),
    *((name, SPRING, "2026-03-07T09:30") for name in CHANGING),
    *((name, AUTUMN, "2026-10-31T11:30") for name in CHANGING),
    *((name, SPRING, "2026-03-07T10:30") for name in STEADY),
    *((name, AUTUMN, "2026-10-31T10:30") for name in STEADY),
]
CANNOT = "it cannot be cancelled online"


@pytest.mark.parametrize(("zone_name", "day", "now"), A_DAY_BEFORE)
def test_a_visit_is_cancelled_24_hours_ahead_and_not_a_second_later(
    clinic: TestClinic, clock: Clock, open_in, zone_name: str, day: str, now: str
):
    """The start is at 10:30 of the day; `now` is the wall time 24 elapsed hours before."""
    open_in(zone_name, MORNING)
    clock.now = wall(now, zone_name)
    link = Link(clinic, at(day, "10:30", zone_name), language="en")
    form = {"reason": "Better", "signature": link.signature()}
    clock.advance(seconds=1)
    late = link.get()
    assert late.status_code == 200
    assert "This appointment can no longer be cancelled online" in said(late)
    assert link.client.post(link.path, data=form, headers=OURS).status_code == 409
    clock.now -= SECOND
    assert "Cancel the booking?" in said(link.get())
    assert link.client.post(link.path, data=form, headers=OURS).status_code == 303


@pytest.mark.parametrize(
    ("zone_name", "day", "now"), [row for row in A_DAY_BEFORE if row[0] == "America/Halifax"]
)
def test_a_visit_in_less_than_24_hours_is_said_to_be_final_when_it_is_booked(
    owner: Owner, clock: Clock, open_in, zone_name: str, day: str, now: str
):
    open_in(zone_name, MORNING)
    clock.now = wall(now, zone_name)
    address = owner.book(written(at(day, "10:30", zone_name))).answer.location
    assert CANNOT not in Page(owner.client.get(address)).text
    clock.advance(seconds=1)
    assert CANNOT in Page(owner.client.get(address)).text


# --- 2 months -------------------------------------------------------------------------------

LAST_DAYS = [
    ("America/Toronto", "2026-03-16T10:00", "2026-05-16", 48),
    ("America/Toronto", "2026-12-31T10:00", "2027-02-28", 48),
    ("America/Toronto", "2027-12-31T10:00", "2028-02-29", 48),
    ("America/Toronto", "2026-07-31T10:00", "2026-09-30", 48),
    # the last day is the one when the clock changes
    ("America/Toronto", "2026-01-08T10:00", SPRING, 46),
    ("America/Halifax", "2026-09-01T10:00", AUTUMN, 50),
    ("America/Regina", "2026-01-08T10:00", SPRING, 48),
    # the clinic's date counts, whatever it is in UTC
    ("America/St_Johns", "2026-03-16T23:59:59", "2026-05-16", 48),
    ("America/St_Johns", "2026-03-17T00:00", "2026-05-17", 48),
    ("America/Blanc-Sablon", "2026-12-31T23:59:59", "2027-02-28", 48),
    ("America/Blanc-Sablon", "2027-01-01T00:00", "2027-03-01", 48),
]


@pytest.mark.parametrize(("zone_name", "now", "last", "count"), LAST_DAYS)
def test_the_whole_day_two_months_ahead_is_offered_and_the_next_is_not(
    owner: Owner, clock: Clock, open_in, zone_name: str, now: str, last: str, count: int
):
    open_in(zone_name)
    clock.now = wall(now, zone_name)
    day = date.fromisoformat(last)
    following = str(day + timedelta(days=1))
    shown = owner.calendar(month=last[:7])
    assert f", {count} free times" in str(
        shown.one(f"button.rdv-day[value='{last}']")["aria-label"]
    )
    assert not shown.all(f"button.rdv-day[value='{following}']")
    assert len(offered(owner, last)) == count
    assert offered(owner, following) == []
    latest = written(at(last, "23:30", zone_name))
    beyond = written(at(following, "00:00", zone_name))
    form = owner.details(latest)
    assert (form.status, owner.details(beyond).status) == (200, 409)
    refused = sent(owner, beyond, form)
    assert refused.status == 409
    assert "more than 2 months in advance" in refused.text
    assert sent(owner, latest, form).status == 303


# --- the nights when the clock changes ------------------------------------------------------

NIGHTS = [
    *((name, SPRING, "00:00 00:30 01:00 01:30 03:00 03:30") for name in CHANGING),
    *((name, SPRING, "00:00 00:30 01:00 01:30 02:00 02:30") for name in STEADY),
    ("America/Toronto", AUTUMN, "00:00 00:30 01:00EDT 01:30EDT 01:00EST 01:30EST"),
    ("America/Halifax", AUTUMN, "00:00 00:30 01:00ADT 01:30ADT 01:00AST 01:30AST"),
    ("America/St_Johns", AUTUMN, "00:00 00:30 01:00NDT 01:30NDT 01:00NST 01:30NST"),
    *((name, AUTUMN, "00:00 00:30 01:00 01:30 02:00 02:30") for name in STEADY),
]


@pytest.mark.parametrize(("zone_name", "night", "times"), NIGHTS)
def test_a_night_has_the_times_that_its_clock_shows_half_an_hour_apart(
    owner: Owner, clock: Clock, open_in, zone_name: str, night: str, times: str
):
    open_in(zone_name)
    clock.now = wall(f"{date.fromisoformat(night) - timedelta(days=3)}T10:00", zone_name)
    page = owner.calendar(day=night)
    buttons = page.all(".rdv-slot .b")[:6]
    shown = [b.get_text()[:5] + (b.small.get_text() if b.small else "") for b in buttons]
    assert shown == times.split()
    instants = [datetime.fromisoformat(value) for value in page.values("[name=start]")[:6]]
    assert {b - a for a, b in pairwise(instants)} == {timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("zone_name", "first", "second"),
    [
        ("America/Toronto", "EDT", "EST"),
        ("America/Halifax", "ADT", "AST"),
        ("America/St_Johns", "NDT", "NST"),
    ],
)
def test_of_an_hour_that_comes_twice_each_is_booked_for_itself(
    owner: Owner, clock: Clock, bookings, open_in, zone_name: str, first: str, second: str
):
    open_in(zone_name)
    clock.now = wall("2026-10-29T10:00", zone_name)
    early, late = (at(AUTUMN, "00:00", zone_name) + 3600 * hour for hour in (1, 2))
    for start, side in ((early, first), (late, second)):
        assert written(start) in offered(owner, AUTUMN)
        page = Page(owner.client.get(owner.book(written(start)).answer.location))
        said_at = f"Sunday, November 1, 2026, 1:00 a.m. to 1:30 a.m. ({side})"
        assert said_at in page.text.replace("\xa0", " ")
        assert written(start) not in offered(owner, AUTUMN)
    assert [booking.starts_at for booking in bookings.all()] == [early, late]


# --- what is offered can be booked, and nothing else ----------------------------------------


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    days=st.integers(0, 366),
    minutes=st.integers(0, 1439),
    zone_name=st.sampled_from(CHANGING + STEADY),
    pick=st.integers(0, 10**6),
    off=st.sampled_from([-1800 * 48 * 70, -300, 60, 300, 900, 1800 * 48 * 70]),
)
def test_what_is_offered_can_be_booked_once_and_what_is_not_cannot(
    clinic: TestClinic,
    clock: Clock,
    open_in,
    days: int,
    minutes: int,
    zone_name: str,
    pick: int,
    off: int,
):
    open_in(zone_name, MORNING)
    clock.now = wall("2026-01-01", zone_name) + timedelta(days=days, minutes=minutes)
    someone, other = (Owner(clinic, clinic.app.test_client()) for _ in range(2))
    shown = someone.calendar().values("button.rdv-day")
    day = shown[pick % len(shown)]
    starts = offered(someone, day)
    start = starts[pick % len(starts)]
    waiting = other.details(start)
    instant = int(datetime.fromisoformat(start).timestamp())
    assert sent(someone, written(instant + off), waiting).status == 409
    assert someone.book(start).status == 303
    assert start not in offered(someone, day)
    assert sent(other, start, waiting).status == 409
