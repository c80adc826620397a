"""What is offered, day by day: midnight, nights when clocks change, and another zone."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount, Resource, WeeklyOpening
from flask_logivet_rdv.scheduling.opening import Opening, zone
from flask_logivet_rdv.scheduling.rules import Rules
from flask_logivet_rdv.services.availability import (
    alternatives,
    bookable_slots,
    free_slots,
)
from flask_logivet_rdv.services.booking import Booked, book
from flask_logivet_rdv.services.offering import bookable_offers
from flask_logivet_rdv.services.settings import save_openings
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import DOLITTLE, at

DAY_AND_NIGHT = [Opening(weekday, 0, 1440) for weekday in range(7)]
RULES = Rules()


@pytest.fixture
def always_open(clinic, session):
    """Make the clinic's example resource work day and night in a zone."""

    def always_open(zone_name):
        def work(tx):
            tx.account.time_zone = zone_name
            save_openings(tx, clinic.resources[DOLITTLE], DAY_AND_NIGHT, None)

        transact(jobs.desk(), clinic.account_id, work)
        return session.get(ClinicAccount, clinic.account_id, populate_existing=True)

    return always_open


def exam(session, clinic):
    wanted = (clinic.species["Canin"], clinic.categories["Examen"], clinic.resources[DOLITTLE])
    offers = bookable_offers(session, clinic.account_id)
    return next(offer.triple for offer in offers if offer.triple[:3] == wanted)


@pytest.mark.parametrize(
    ("zone_name", "day", "count"),
    [
        ("America/Toronto", date(2026, 3, 18), 48),
        ("America/Toronto", date(2026, 3, 8), 46),
        ("America/Toronto", date(2026, 11, 1), 50),
        ("Asia/Beirut", date(2026, 3, 29), 46),
        ("Asia/Beirut", date(2026, 10, 24), 50),
        ("Australia/Lord_Howe", date(2026, 4, 5), 49),
    ],
)
def test_a_day_has_its_own_slots_and_its_neighbours_theirs(
    always_open, clinic, session, zone_name, day, count
):
    account = always_open(zone_name)
    triple = exam(session, clinic)
    slots = free_slots(session, account, triple, day, day, RULES)
    assert len(slots) == count
    assert {datetime.fromtimestamp(slot.start, zone(zone_name)).date() for slot in slots} == {day}


@pytest.mark.parametrize("clock_time", ["00:00", "23:30"])
def test_the_slots_at_midnight_are_accepted_as_they_are_listed(
    always_open, clinic, session, clock_time
):
    account = always_open("America/Toronto")
    start = at("2026-03-18", clock_time)
    listed = bookable_slots(session, account, exam(session, clinic), jobs.state().clock(), RULES)
    assert start in {slot.start for slot in listed}
    form = clinic.form(start)
    assert isinstance(transact(jobs.desk(), clinic.account_id, lambda tx: book(tx, form)), Booked)


def test_bookings_keep_their_instant_when_the_clinic_changes_its_zone(clinic, session, always_open):
    start = at("2026-03-18", "10:00")
    clinic.book(start)
    account = always_open("America/Vancouver")
    free = free_slots(
        session, account, exam(session, clinic), date(2026, 3, 18), date(2026, 3, 18), RULES
    )
    assert start not in {slot.start for slot in free}
    assert start + 1800 in {slot.start for slot in free}


def test_without_hours_nothing_is_offered(clinic, session):
    session.execute(sa.delete(WeeklyOpening).where(WeeklyOpening.account_id == clinic.account_id))
    session.commit()
    assert bookable_offers(session, clinic.account_id) == []


def test_lists_follow_the_names_and_resources_their_place(clinic, session):
    offers = bookable_offers(session, clinic.account_id)
    names = [(o.species["fr"], o.category["fr"]) for o in offers]
    assert names == sorted(names)
    assert session.scalars(sa.select(Resource.enabled).where(Resource.id.in_(
        {o.triple.resource for o in offers}
    ))).all() == [True]  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("10:30", ["18 10:00", "18 10:30", "18 11:00", "18 11:30"]),
        ("10:00", ["18 10:00", "18 10:30", "18 11:00", "18 11:30"]),
        ("12:00", ["18 11:00", "18 11:30", "19 09:00", "19 09:30"]),
    ],
)
def test_alternatives_are_two_before_the_same_day_then_those_after(
    clinic, session, clock, expected
):
    account = session.get(ClinicAccount, clinic.account_id)
    offers = bookable_offers(session, clinic.account_id)
    lost = (exam(session, clinic), at("2026-03-18", clock))
    found = alternatives(session, account, offers, lost, jobs.state().clock(), RULES)
    clocks = [datetime.fromtimestamp(a.slot.start, zone(account.time_zone)) for a in found]
    assert [f"{c:%d %H:%M}" for c in clocks] == expected
