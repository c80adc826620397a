"""What LogiVet's agenda and the online bookings say differently, as a person reads it."""

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.changes import Applied, apply_changes
from flask_logivet_rdv.services.disagreements import conflicts_by_account, disagreements
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, Change, upload_token
from host_example.models import db
from tests.support.clinics import DOLITTLE, at, make_clinic
from tests.support.portal import MONDAY_MORNING

START = at("2026-03-18", "10:00")
HALF_HOUR = 1800
HOUSE = "Dr Gregory House"


def upload(clinic, *changes):
    with clinic.app.app_context():
        account = db.session.get(ClinicAccount, clinic.account_id, populate_existing=True)
        token = upload_token(account.epoch, account.upload_seq)
        done = transact(
            jobs.desk(), clinic.account_id, lambda tx: apply_changes(tx, token, changes)
        )
        assert isinstance(done, Applied)


def entry(clinic, start, *, key="A-1", resource=DOLITTLE, mirrors=None, kind="appointment"):
    ref = clinic.logivet[f"resource:{resource}"] if resource else None
    return Change("busy", key, 1, BusyData(ref, kind, start, start + HALF_HOUR, mirrors))


def found(clinic, session, limit=50):
    session.rollback()
    return disagreements(session, clinic.account_id, MONDAY_MORNING, limit)


def test_an_entry_on_a_booking_is_told_with_both_times(clinic, session):
    booking_id = clinic.book(START)
    upload(clinic, entry(clinic, START + 900, kind="note"))
    [one] = found(clinic, session)
    assert (one.mirrors, one.booking_id) == (False, booking_id)
    assert (one.starts_at, one.entry_starts_at) == (START, START + 900)
    assert (one.entry_kind, one.pet_name) == ("note", "Tom")
    assert one.entry_resource == {"fr": DOLITTLE, "en": DOLITTLE}


@pytest.mark.parametrize("place", [{"start": START + 900}, {"resource": HOUSE}, {"resource": None}])
def test_a_mirror_elsewhere_is_told_as_one(clinic, session, place):
    booking_id = clinic.book(START)
    upload(clinic, entry(clinic, **{"start": START} | place, mirrors=booking_id))
    [one] = found(clinic, session)
    assert (one.mirrors, one.booking_id) == (True, booking_id)
    assert (one.entry_resource is None) == (place.get("resource", HOUSE) is None)


def test_what_agrees_is_not_told(clinic, session):
    booking_id = clinic.book(START)
    upload(
        clinic,
        entry(clinic, START, mirrors=booking_id),
        entry(clinic, START + HALF_HOUR, key="touches"),
        entry(clinic, START, key="elsewhere", resource=HOUSE),
    )
    assert found(clinic, session) == []


def test_a_cancelled_booking_disagrees_with_nothing(clinic, session):
    booking_id = clinic.book(START)
    upload(
        clinic,
        entry(clinic, START, key="on"),
        entry(clinic, START + 900, key="mirror", mirrors=booking_id),
    )
    assert [one.mirrors for one in found(clinic, session)] == [False, True]
    with clinic.app.app_context():
        transact(
            jobs.desk(),
            clinic.account_id,
            lambda tx: cancel_by_clinic(tx, booking_id, "Fermé", notify_client=False),
        )
    assert found(clinic, session) == []


def test_what_is_over_or_deleted_in_the_agenda_is_not_told(clinic, session):
    clinic.book(START)
    upload(clinic, entry(clinic, START))
    after = START + HALF_HOUR
    assert disagreements(session, clinic.account_id, clock_at(after - 1), 50)
    assert disagreements(session, clinic.account_id, clock_at(after), 50) == []
    upload(clinic, Change("busy", "A-1", 2, None))
    assert found(clinic, session) == []


def clock_at(instant):
    return MONDAY_MORNING.fromtimestamp(instant, MONDAY_MORNING.tzinfo)


def test_the_soonest_come_first_and_no_more_than_asked(clinic, session):
    for hours in (1, 0):
        clinic.book(START + hours * 3600)
    upload(clinic, *(entry(clinic, START + h * 3600, key=f"A-{h}") for h in (1, 0)))
    assert [one.starts_at for one in found(clinic, session)] == [START, START + 3600]
    assert [one.starts_at for one in found(clinic, session, limit=1)] == [START]


def test_conflicts_are_counted_by_booking_and_clinic(clinic, bare_clinic, session):
    clinic.book(START)
    upload(clinic, *(entry(clinic, START, key=key) for key in "ab"))
    session.rollback()
    both = [clinic.account_id, bare_clinic.account_id]
    assert conflicts_by_account(session, both, MONDAY_MORNING) == {clinic.account_id: 1}


def test_another_clinics_agenda_lies_on_nothing_here(clinic, bare_clinic, session):
    clinic.book(START)
    upload(bare_clinic, entry(bare_clinic, START))
    assert found(clinic, session) == []
    assert found(bare_clinic, session) == []


def test_every_database_says_the_same(any_portal, clock):
    clinic = make_clinic(any_portal, configured=True)
    booking_id = clinic.book(START)
    upload(
        clinic,
        entry(clinic, START, key="on"),
        entry(clinic, START, key="mirror", resource=None, mirrors=booking_id),
    )
    with any_portal.app_context():
        told = disagreements(db.session(), clinic.account_id, MONDAY_MORNING, 50)
        counted = conflicts_by_account(db.session(), [clinic.account_id], MONDAY_MORNING)
    assert sorted(one.mirrors for one in told) == [False, True]
    assert told[0].labels["category"] == {"fr": "Examen", "en": "Exam"}
    assert counted == {clinic.account_id: 1}
