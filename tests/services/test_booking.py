import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Booking,
    BookingCell,
    Category,
    Event,
    Outbox,
    Resource,
    ResourceSpecies,
    Species,
)
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services import accounts
from flask_logivet_rdv.services.booking import (
    AlreadyBooked,
    Booked,
    Refused,
    Unbookable,
    book,
)
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import DOLITTLE, at, make_clinic

FREE = at("2026-03-18", "10:00")


def try_form(clinic, form):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, lambda tx: book(tx, form))


def rows(session, clinic, model):
    return session.scalars(sa.select(model).where(model.account_id == clinic.account_id)).all()


def test_a_booking_writes_its_row_its_cells_an_event_and_a_mail(clinic, session):
    booking_id = clinic.book(FREE)
    booking = session.get(Booking, (clinic.account_id, booking_id))
    assert (booking.starts_at, booking.ends_at) == (FREE, FREE + 1800)
    assert (booking.local_start, booking.time_zone) == ("2026-03-18T10:00", "America/Toronto")
    assert booking.labels["species"] == {"fr": "Canin", "en": "Canine"}
    cells = [row.cell for row in rows(session, clinic, BookingCell)]
    assert sorted(cells) == list(range(FREE // 300, FREE // 300 + 6))
    assert [row.type for row in rows(session, clinic, Event)] == ["booking.created"]
    assert [row.kind for row in rows(session, clinic, Outbox)] == ["confirmation"]


def test_an_event_holds_nothing_personal(clinic, session):
    clinic.book(FREE)
    assert [row.facts for row in rows(session, clinic, Event)] == [{}]


def test_a_taken_slot_is_refused_and_nothing_is_written(clinic, session):
    clinic.book(FREE)
    assert try_form(clinic, clinic.form(FREE)) == Refused(Refusal.TAKEN)
    assert len(rows(session, clinic, Booking)) == 1
    assert len(rows(session, clinic, Event)) == 1


def test_a_refusal_does_not_move_the_revision(clinic, session):
    clinic.book(FREE)
    before = accounts.account_row(session, clinic.account_id).revision
    try_form(clinic, clinic.form(FREE))
    session.expire_all()
    assert accounts.account_row(session, clinic.account_id).revision == before


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2026-03-18", "10:15", Refusal.TAKEN),  # not a start of the grid
        ("2026-03-18", "12:00", Refusal.TAKEN),  # after the interval
        ("2026-03-18", "11:45", Refusal.TAKEN),  # would end after it
        ("2026-03-20", "10:00", Refusal.TAKEN),  # a Friday without hours
        ("2026-03-16", "13:00", Refusal.TOO_SOON),
        ("2026-05-18", "09:00", Refusal.TOO_FAR),
        ("2026-03-15", "10:00", Refusal.TOO_SOON),
    ],
)
def test_only_what_is_listed_is_accepted(clinic, day, clock, expected):
    assert try_form(clinic, clinic.form(at(day, clock))) == Refused(expected)


@pytest.mark.parametrize(
    ("now", "accepted"),
    [("2026-03-18T02:00:00", True), ("2026-03-18T02:00:01", False)],
)
def test_the_notice_is_twelve_elapsed_hours_bound_included(clinic, clock, now, accepted):
    clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    result = try_form(clinic, clinic.form(FREE))
    assert isinstance(result, Booked) is accepted


def test_the_last_slot_of_the_day_two_months_ahead_is_accepted(clinic, clock):
    clock.now = datetime(2026, 3, 18, 14, tzinfo=UTC)
    assert isinstance(try_form(clinic, clinic.form(at("2026-05-18", "15:30"))), Booked)
    assert try_form(clinic, clinic.form(at("2026-05-19", "13:00"))) == Refused(Refusal.TOO_FAR)


def test_the_same_form_sent_again_finds_the_same_booking(clinic, session):
    form = clinic.form(FREE)
    first = try_form(clinic, form)
    assert try_form(clinic, form) == AlreadyBooked(first.booking_id, same=True)
    assert len(rows(session, clinic, Outbox)) == 1


def test_the_same_key_with_other_content_says_so(clinic):
    form = clinic.form(FREE)
    booked = try_form(clinic, form)
    other = clinic.form(FREE, booking_key=form.booking_key, pet_name="Minou")
    assert try_form(clinic, other) == AlreadyBooked(booked.booking_id, same=False)


def test_a_re_sent_form_is_found_before_the_limits_are_counted(clinic):
    forms = [
        clinic.form(at("2026-03-18", f"{hour}"), email_key="k" * 64)
        for hour in ("10:00", "10:30", "11:00")
    ]
    for form in forms:
        try_form(clinic, form)
    assert isinstance(try_form(clinic, forms[0]), AlreadyBooked)


def test_an_address_has_at_most_three_upcoming_bookings_across_clinics(portal, clinic):
    other = make_clinic(portal, configured=True)
    for where, clock in ((clinic, "10:00"), (clinic, "11:00"), (other, "10:00")):
        where.book(at("2026-03-18", clock), email_key="z" * 64)
    refused = try_form(other, other.form(at("2026-03-18", "11:00"), email_key="z" * 64))
    assert refused == Refused(Unbookable.MANY_AHEAD)


def test_an_address_has_at_most_five_confirmations_a_day_cancelled_or_not(clinic, session, clock):
    days = ["2026-03-19", "2026-03-26", "2026-04-02", "2026-04-09", "2026-04-16", "2026-04-23"]
    key = uuid.uuid4().hex
    forms = [clinic.form(at(day, "10:00"), email_key=key) for day in days]
    for form in forms[:5]:
        id = try_form(clinic, form).booking_id
        transact(jobs.desk(), clinic.account_id, lambda tx, id=id: cancel_by_client(tx, id, "Non"))
    assert try_form(clinic, forms[5]) == Refused(Unbookable.MANY_TODAY)
    clock.advance(days=1)
    assert isinstance(try_form(clinic, forms[5]), Booked)


@pytest.mark.parametrize("state", ["dead", "pending", "skipped"])
def test_mails_that_never_left_count_for_a_day_only(clinic, session, clock, state):
    key = uuid.uuid4().hex
    for hour in ("10:00", "10:30"):
        clinic.book(at("2026-03-18", hour), email_key=key)
    session.execute(
        sa.update(Outbox).where(Outbox.account_id == clinic.account_id).values(state=state)
    )
    session.commit()
    clock.advance(days=3)
    results = [
        try_form(clinic, clinic.form(at("2026-03-26", hour), email_key=key))
        for hour in ("10:00", "13:00", "15:00")
    ]
    assert all(isinstance(result, Booked) for result in results)
    clock.advance(days=8)
    results = [
        try_form(clinic, clinic.form(at("2026-04-02", hour), email_key=key))
        for hour in ("10:00", "13:00", "15:00")
    ]
    assert all(isinstance(result, Booked) for result in results)


@pytest.mark.parametrize(
    ("model", "name", "values"),
    [
        (Species, "Canin", {"online": False}),
        (Category, "Examen", {"online": False}),
        (Resource, DOLITTLE, {"enabled": False}),
        (Resource, DOLITTLE, {"deleted_at": datetime(2026, 3, 1, tzinfo=UTC)}),
        (Category, "Examen", {"deleted_at": datetime(2026, 3, 1, tzinfo=UTC)}),
    ],
)
def test_what_is_switched_off_or_deleted_is_gone(clinic, session, model, name, values):
    where = (model.account_id == clinic.account_id, model.name_fr == name)
    session.execute(sa.update(model).where(*where).values(**values))
    session.commit()
    assert try_form(clinic, clinic.form(FREE)) == Refused(Unbookable.GONE)


def test_a_resource_that_no_longer_sees_the_species_is_gone(clinic, session):
    where = ResourceSpecies.account_id == clinic.account_id
    session.execute(sa.update(ResourceSpecies).where(where).values(online=False))
    session.commit()
    assert try_form(clinic, clinic.form(FREE)) == Refused(Unbookable.GONE)


def test_another_clinics_ids_are_gone(portal, clinic):
    other = make_clinic(portal, configured=True)
    form = clinic.form(FREE, resource=other.resources[DOLITTLE])
    assert try_form(clinic, form) == Refused(Unbookable.GONE)


def test_an_inactive_subscription_books_nothing(clinic):
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: accounts.set_subscription(tx, False))
    assert try_form(clinic, clinic.form(FREE)) == Refused(Unbookable.OFF)
