"""Why a time is not offered, in a clinic that is set up as the manual's."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Category,
    ClinicAccount,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
    WeeklyOpening,
)
from flask_logivet_rdv.scheduling.explain import Reason
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.scheduling.rules import Rules
from flask_logivet_rdv.services.availability import bookable_slots
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.changes import apply_changes
from flask_logivet_rdv.services.explaining import Explanation, Visit, explain
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, Change, upload_token
from tests.support.clinics import DOLITTLE, at, make_clinic

TEN = at("2026-03-18", "10:00")


@pytest.fixture
def account(clinic, session):
    return session.get(ClinicAccount, clinic.account_id)


@pytest.fixture
def ask(clinic, account, session, clock):
    def ask(start=TEN, species="Canin", category="Examen", resource=DOLITTLE):
        session.expire_all()
        visit = Visit(
            clinic.species[species], clinic.categories[category], clinic.resources[resource], start
        )
        return explain(session, account, visit, clock.now, Rules())

    return ask


def test_nothing_stands_in_the_way_of_what_is_offered(ask):
    assert ask() == Explanation(None)


@pytest.mark.parametrize(
    ("model", "values", "reason"),
    [
        (ClinicAccount, {"active": False}, Reason.SUBSCRIPTION),
        (Species, {"online": False}, Reason.SPECIES_OFF),
        (Category, {"online": False}, Reason.CATEGORY_OFF),
        (Resource, {"enabled": False}, Reason.RESOURCE_OFF),
        (ResourceSpecies, {"online": False}, Reason.SPECIES_NOT_SEEN),
    ],
)
def test_a_switch_that_is_off_is_named(ask, clinic, session, model, values, reason):
    owner = model.id if model is ClinicAccount else model.account_id
    session.execute(sa.update(model).where(owner == clinic.account_id).values(**values))
    assert ask().reason is reason


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (ResourceOffer, Reason.CATEGORY_NOT_OFFERED),
        (SpeciesCategory, Reason.NOT_LINKED),
        (WeeklyOpening, Reason.NO_HOURS),
    ],
)
def test_a_link_that_is_missing_is_named(ask, clinic, session, model, reason):
    session.execute(sa.delete(model).where(model.account_id == clinic.account_id))
    assert ask().reason is reason


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Species, Reason.SPECIES_GONE),
        (Category, Reason.CATEGORY_GONE),
        (Resource, Reason.RESOURCE_GONE),
    ],
)
def test_what_logivet_deleted_is_named(ask, clinic, session, clock, model, reason):
    of_clinic = sa.update(model).where(model.account_id == clinic.account_id)
    session.execute(of_clinic.values(deleted_at=clock.now))
    assert ask().reason is reason


def test_what_the_resource_does_not_do_is_named(ask):
    assert ask(category="Dentisterie").reason is Reason.CATEGORY_OFF
    assert ask(species="Félin", category="Consultation comportementale").reason is Reason.NOT_LINKED
    assert ask(resource="Dr Gregory House").reason is Reason.RESOURCE_OFF


def test_a_busy_range_is_named_by_its_kind(ask, clinic, account, session):
    upload = Change("busy", "A-1", 1, BusyData("r2", "unavailability", TEN + 600, TEN + 1200))
    token = upload_token(account.epoch, account.upload_seq)
    transact(jobs.desk(), clinic.account_id, lambda tx: apply_changes(tx, token, [upload]))
    assert ask() == Explanation(Reason.BUSY, Range(TEN + 600, TEN + 1200), "unavailability")


def test_a_booking_is_named_until_it_is_cancelled(ask, clinic):
    booking_id = clinic.book(TEN)
    assert ask() == Explanation(Reason.BOOKED, Range(TEN, TEN + 1800))
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, "x"))
    assert ask() == Explanation(None)


def test_every_half_hour_of_two_weeks_has_a_reason_exactly_where_it_is_not_bookable(
    ask, clinic, account, session, clock
):
    clinic.book(TEN)
    triple = Triple(
        clinic.species["Canin"], clinic.categories["Examen"], clinic.resources[DOLITTLE], 30
    )
    session.expire_all()
    slots = bookable_slots(session, account, triple, clock.now, Rules())
    offered = {slot.start for slot in slots}
    first = int((clock.now - timedelta(days=1)).timestamp()) // 1800 * 1800
    for start in range(first, first + 14 * 86_400, 1800):
        assert (ask(start).reason is None) == (start in offered), start


def test_a_row_of_another_clinic_is_none(ask, clinic, account, session, portal, clock):
    other = make_clinic(portal, configured=True)
    for foreign in (other.species["Canin"], uuid.uuid4()):
        visit = Visit(foreign, clinic.categories["Examen"], clinic.resources[DOLITTLE], TEN)
        with pytest.raises(LookupError):
            explain(session, account, visit, clock.now, Rules())
