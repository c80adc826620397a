"""The clinic cancels or moves an online booking: what is written, and what is not."""

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, BookingCell, Busy, Conflict, Event, Outbox, Resource
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services.booking import Refused, book
from flask_logivet_rdv.services.by_clinic import (
    Acted,
    CannotMove,
    Hindrance,
    Move,
    Placement,
    cancel_by_clinic,
    last_told_move,
    move_by_clinic,
)
from flask_logivet_rdv.services.cancelling import CannotCancel, cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import DOLITTLE, at, make_clinic

START = at("2026-03-18", "10:00")
HALF_HOUR = 1800
HOUSE = "Dr Gregory House"


def write(clinic, verb):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, verb)


def cancel(clinic, booking_id, reason="Absence", told=True):
    return write(clinic, lambda tx: cancel_by_clinic(tx, booking_id, reason, notify_client=told))


def place(clinic, start, minutes=30, resource=DOLITTLE):
    return Placement(clinic.logivet[f"resource:{resource}"], Range(start, start + minutes * 60))


def move(clinic, booking_id, to, told=True):
    return write(clinic, lambda tx: move_by_clinic(tx, booking_id, to, notify_client=told))


def busy(clinic, session, key, start, minutes=30, booking_id=None):
    session.add(
        Busy(
            account_id=clinic.account_id,
            logivet_id=key,
            version=1,
            kind="note",
            resource_id=clinic.resources[DOLITTLE],
            starts_at=start,
            ends_at=start + minutes * 60,
            booking_id=booking_id,
        )
    )
    session.commit()


def booking_of(session, clinic, booking_id):
    session.rollback()
    return session.get(Booking, (clinic.account_id, booking_id), populate_existing=True)


def cells(session, clinic):
    query = sa.select(BookingCell.resource_id, BookingCell.cell).where(
        BookingCell.account_id == clinic.account_id
    )
    return {tuple(row) for row in session.execute(query)}


def of(session, clinic, column):
    session.rollback()
    model = column.class_
    order = Event.seq if model is Event else column
    query = sa.select(column).where(model.account_id == clinic.account_id).order_by(order)
    return list(session.scalars(query))


@pytest.mark.parametrize(("told", "mails"), [(True, 1), (False, 0)])
def test_a_cancellation_frees_the_time_and_tells_the_client_if_asked(clinic, session, told, mails):
    booking_id = clinic.book(START)
    assert cancel(clinic, booking_id, told=told) == Acted(now=True)
    booking = booking_of(session, clinic, booking_id)
    assert (booking.status, booking.version) == ("cancelled", 2)
    assert (booking.cancelled_by, booking.cancel_reason) == ("clinic", "Absence")
    assert cells(session, clinic) == set()
    assert of(session, clinic, Event.type) == ["booking.created", "booking.cancelled"]
    assert of(session, clinic, Outbox.kind).count("cancelled_by_clinic") == mails
    assert clinic.book(START)


def test_the_clinic_cancels_within_twenty_four_hours(clinic, clock):
    booking_id = clinic.book(START)
    clock.advance(hours=40)
    assert cancel(clinic, booking_id) == Acted(now=True)


def test_what_the_client_cancelled_stays_the_clients(clinic, session):
    booking_id = clinic.book(START)
    write(clinic, lambda tx: cancel_by_client(tx, booking_id, "Voyage"))
    assert cancel(clinic, booking_id) == Acted(now=False)
    booking = booking_of(session, clinic, booking_id)
    assert (booking.version, booking.cancelled_by) == (2, "client")
    assert "cancelled_by_clinic" not in of(session, clinic, Outbox.kind)


@pytest.mark.parametrize("act", [cancel, lambda c, b: move(c, b, place(c, START))])
def test_a_booking_of_another_clinic_is_unknown(portal, clinic, act):
    booking_id = make_clinic(portal, configured=True).book(START)
    with pytest.raises(LookupError):
        act(clinic, booking_id)


@pytest.mark.parametrize(
    ("start", "minutes"),
    [
        (START + HALF_HOUR, 30),
        (START + 300, 30),
        (START, 45),
        (START, 5),
        (at("2026-03-22", "03:15"), 30),
        (at("2026-03-16", "10:05"), 30),
        (at("2027-03-16", "10:00"), 30),
    ],
    ids=["next", "over itself", "longer", "shorter", "closed", "at once", "next year"],
)
def test_a_move_takes_the_cells_along(clinic, session, start, minutes):
    booking_id = clinic.book(START)
    assert move(clinic, booking_id, place(clinic, start, minutes)) == Acted(now=True)
    booking = booking_of(session, clinic, booking_id)
    assert (booking.starts_at, booking.ends_at) == (start, start + minutes * 60)
    assert booking.version == 2
    held = {(booking.resource_id, start // 300 + n) for n in range(minutes // 5)}
    assert cells(session, clinic) == held


def test_a_move_keeps_the_wall_time_and_the_name_of_the_new_resource(clinic, session):
    booking_id = clinic.book(START)
    move(clinic, booking_id, place(clinic, START + HALF_HOUR, resource=HOUSE))
    booking = booking_of(session, clinic, booking_id)
    assert booking.resource_id == clinic.resources[HOUSE]
    assert booking.labels["resource"] == {"fr": HOUSE, "en": HOUSE}
    assert booking.labels["category"] == {"fr": "Examen", "en": "Exam"}
    assert booking.local_start == "2026-03-18T10:30"


def test_the_time_it_left_is_offered_and_the_time_it_takes_is_not(clinic):
    booking_id = clinic.book(START)
    move(clinic, booking_id, place(clinic, START + HALF_HOUR))
    form = clinic.form(START + HALF_HOUR)
    assert write(clinic, lambda tx: book(tx, form)) == Refused(Refusal.TAKEN)
    assert clinic.book(START)


@pytest.mark.parametrize(("told", "mails"), [(True, 1), (False, 0)])
def test_a_move_tells_both_sides(clinic, session, told, mails):
    booking_id = clinic.book(START)
    move(clinic, booking_id, place(clinic, START + HALF_HOUR), told)
    assert of(session, clinic, Event.type) == ["booking.created", "booking.moved"]
    assert of(session, clinic, Outbox.kind).count("moved_by_clinic") == mails
    expected = Move(2, Range(START, START + HALF_HOUR)) if told else None
    assert last_told_move(session, clinic.account_id, booking_id) == expected


def test_of_two_moves_the_last_one_that_is_told_counts(clinic, session):
    booking_id = clinic.book(START)
    for told, start in ((True, START + 300), (True, START + 600), (False, START + 900)):
        move(clinic, booking_id, place(clinic, start), told)
    told = last_told_move(session, clinic.account_id, booking_id)
    assert told == Move(3, Range(START + 300, START + 300 + HALF_HOUR))


def test_a_move_to_where_it_is_writes_nothing(clinic, session):
    booking_id = clinic.book(START)
    before = of(session, clinic, Event.type)
    assert move(clinic, booking_id, place(clinic, START)) == Acted(now=False)
    assert booking_of(session, clinic, booking_id).version == 1
    assert of(session, clinic, Event.type) == before


@pytest.mark.parametrize("start", [START, START + 300, START - 300, START + HALF_HOUR - 300])
def test_a_move_never_lands_on_another_online_booking(clinic, session, start):
    clinic.book(START)
    booking_id = clinic.book(START + 5400)
    refused = CannotMove(Hindrance.TAKEN)
    assert move(clinic, booking_id, place(clinic, start)) == refused
    assert booking_of(session, clinic, booking_id).starts_at == START + 5400


def test_the_same_time_of_another_resource_is_free(clinic):
    clinic.book(START)
    booking_id = clinic.book(START + 5400)
    assert move(clinic, booking_id, place(clinic, START, resource=HOUSE)) == Acted(now=True)


def test_a_cancelled_booking_is_not_moved(clinic):
    booking_id = clinic.book(START)
    cancel(clinic, booking_id)
    refused = CannotMove(Hindrance.CANCELLED)
    assert move(clinic, booking_id, place(clinic, START + HALF_HOUR)) == refused


def test_a_resource_of_another_clinic_or_of_nobody_is_unknown(clinic):
    booking_id = clinic.book(START)
    to = Placement("nobody", Range(START, START + HALF_HOUR))
    assert move(clinic, booking_id, to) == CannotMove(Hindrance.UNKNOWN_RESOURCE)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [(HOUSE, CannotMove(Hindrance.UNKNOWN_RESOURCE)), (DOLITTLE, Acted(now=True))],
)
def test_onto_a_resource_that_left_only_its_own_bookings_move(
    clinic, session, clock, resource, expected
):
    booking_id = clinic.book(START)
    session.execute(
        sa.update(Resource)
        .where(Resource.id == clinic.resources[resource])
        .values(deleted_at=clock.now)
    )
    session.commit()
    assert move(clinic, booking_id, place(clinic, START + 300, resource=resource)) == expected


def test_over_a_busy_range_a_move_is_allowed_and_is_a_conflict(clinic, session):
    booking_id = clinic.book(START)
    busy(clinic, session, "A-1", START + HALF_HOUR)
    assert move(clinic, booking_id, place(clinic, START + HALF_HOUR)) == Acted(now=True)
    assert of(session, clinic, Conflict.busy_id) == ["A-1"]
    assert of(session, clinic, Event.type)[1:] == ["booking.moved", "booking.conflict"]


def test_a_move_away_from_a_busy_range_ends_the_conflict(clinic, session):
    booking_id = clinic.book(START)
    busy(clinic, session, "A-1", START + HALF_HOUR)
    move(clinic, booking_id, place(clinic, START + HALF_HOUR))
    move(clinic, booking_id, place(clinic, START))
    assert of(session, clinic, Conflict.busy_id) == []


@pytest.mark.parametrize("start", [START + 300, START + 3600])
def test_its_own_mirror_never_conflicts_with_a_booking_that_moves(clinic, session, start):
    booking_id = clinic.book(START)
    busy(clinic, session, "A-1", START, booking_id=booking_id)
    assert move(clinic, booking_id, place(clinic, start)) == Acted(now=True)
    assert of(session, clinic, Conflict.busy_id) == []


def test_after_a_move_the_clients_delay_counts_from_the_new_time(clinic):
    booking_id = clinic.book(START)
    move(clinic, booking_id, place(clinic, at("2026-03-17", "09:55")))
    done = write(clinic, lambda tx: cancel_by_client(tx, booking_id, "Voyage"))
    assert done == CannotCancel(Refusal.TOO_LATE)
